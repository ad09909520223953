"""From a press claim to a computed number to a verdict."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
from contracts import TableError, validate

from analysis.claims.dates import check_event_date, check_sequence
from analysis.claims.evidence import Evidence, load_evidence
from analysis.claims.numbers import check_change, check_level
from analysis.claims.runs import check_extreme, check_run
from analysis.claims.swings import check_comparison, check_unusual, check_volatility
from analysis.claims.telling import join_statements, sum_up, tabulate_rules
from analysis.claims.untested import check_other
from analysis.claims.verdict import RULES, Finding, untestable
from analysis.tables import ClaimVerdicts

__all__ = [
    "CHECKS",
    "RULES",
    "Evidence",
    "check_claim",
    "check_claims",
    "join_statements",
    "load_evidence",
    "sum_up",
    "tabulate_rules",
]

DIGITS = 6
"""Decimals kept: more would print the arithmetic's noise."""
CHECKS: dict[str, Callable[[pd.Series, Evidence], Finding]] = {
    "level": check_level,
    "change": check_change,
    "run": check_run,
    "extreme": check_extreme,
    "unusual": check_unusual,
    "volatility": check_volatility,
    "comparison": check_comparison,
    "sequence": check_sequence,
    "event_date": check_event_date,
    "other": check_other,
}
"""How each kind of claim is checked."""
UNDATED = ("event_date", "other")
"""The kinds that need no month."""


def check_claim(claim: pd.Series, evidence: Evidence) -> Finding:
    """Check one row of the claims table by its kind."""
    if claim["kind"] not in CHECKS:
        raise TableError(
            f"claims.csv: claim {claim['claim_id']}, column kind: found {claim['kind']!r}, needs "
            f"one of {', '.join(CHECKS)}"
        )
    if claim["kind"] not in UNDATED and pd.isna(pd.to_datetime(claim["month"], errors="coerce")):
        return untestable(f"The month it speaks of is not known: {claim['month']!r}.")
    return CHECKS[claim["kind"]](claim, evidence)


def check_claims(claims: pd.DataFrame, evidence: Evidence) -> pd.DataFrame:
    """Every claim with its computed value, bounds and verdict: a table ClaimVerdicts."""
    rows = []
    for _, claim in claims.iterrows():
        found = check_claim(claim, evidence)
        rows.append(
            {
                "claim_id": claim["claim_id"],
                "seed": claim["seed"],
                "stated": claim["stated"],
                "computed": round(found.computed, DIGITS),
                "lower": round(found.lower, DIGITS),
                "upper": round(found.upper, DIGITS),
                "unit": found.unit,
                "verdict": found.verdict,
                "reason": found.reason,
            }
        )
    columns = list(ClaimVerdicts.to_schema().columns)
    return validate(pd.DataFrame(rows, columns=columns), ClaimVerdicts, "claim verdicts")
