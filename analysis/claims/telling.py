"""The verdicts told: in a sentence and as a table."""

from __future__ import annotations

import pandas as pd

from analysis.claims.verdict import RULES

VERDICTS = ("supported", "imprecise", "refuted", "not testable")


def sum_up(claims: pd.DataFrame, verdicts: pd.DataFrame) -> str:
    """How many claims came to which verdict, and which ones were refuted, in Markdown."""
    counts = verdicts["verdict"].value_counts()
    told = ", ".join(f"{counts.get(verdict, 0)} {verdict}" for verdict in VERDICTS)
    refuted = verdicts.loc[verdicts["verdict"] == "refuted", "claim_id"]
    listed = ", ".join(refuted) or "none"
    return (
        f"Of {len(claims)} claims from {claims['seed'].nunique()} reports: {told}. "
        f"Refuted: {listed}."
    )


def tabulate_rules() -> pd.DataFrame:
    """Which verdict follows from what, by kind of claim."""
    return pd.DataFrame({"kind of claim": RULES.keys(), "verdict": RULES.values()})


def join_statements(claims: pd.DataFrame, verdicts: pd.DataFrame) -> pd.DataFrame:
    """Each statement beside its computed value with bounds and its verdict, as text."""
    computed = [
        _number_text(*row)
        for row in verdicts[["computed", "lower", "upper", "unit"]].itertuples(index=False)
    ]
    told = verdicts[["claim_id", "verdict"]].assign(computed=computed)
    joined = claims[["claim_id", "statement"]].merge(told, on="claim_id", validate="1:1")
    return joined[["claim_id", "statement", "computed", "verdict"]]


def _number_text(best: float, lower: float, upper: float, unit: str) -> str:
    if pd.isna(best):
        return ""
    digits = 2 if unit == "percent" else 1 if unit == "tonnes" else 0
    text = f"{best:,.{digits}f} {unit}"
    if pd.isna(lower) or pd.isna(upper) or lower == upper:
        return text.replace("-", "−")
    return f"{text} ({lower:,.{digits}f} to {upper:,.{digits}f})".replace("-", "−")
