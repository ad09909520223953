"""From a press claim to a computed number to a verdict."""

from claims.checks import (
    Finding,
    Verdict,
    check_claim,
    check_claims,
    join_statements,
    load_claims,
    require_rules,
    sum_up,
    tabulate_reports,
    tabulate_rules,
)
from claims.evidence import Evidence
from claims.tables import ClaimReports, Claims, ClaimVerdicts

__all__ = ["ClaimReports", "ClaimVerdicts", "Claims", "Evidence", "Finding", "Verdict"]
__all__ += ["check_claim", "check_claims", "join_statements", "require_rules", "sum_up"]
__all__ += ["load_claims", "tabulate_reports", "tabulate_rules"]
