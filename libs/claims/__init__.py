"""From a press claim to a computed number to a verdict."""

from claims.checks import (
    Finding,
    Verdict,
    check_claim,
    check_claims,
    join_statements,
    require_rules,
    sum_up,
    tabulate_rules,
)
from claims.evidence import Evidence
from claims.tables import Claims, ClaimVerdicts

__all__ = ["ClaimVerdicts", "Claims", "Evidence", "Finding", "Verdict", "check_claim"]
__all__ += ["check_claims", "join_statements", "require_rules", "sum_up", "tabulate_rules"]
