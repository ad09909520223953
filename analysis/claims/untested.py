"""Claims that no table of this study can decide."""

from __future__ import annotations

import pandas as pd

from analysis.claims.dates import day_name
from analysis.claims.evidence import Evidence
from analysis.claims.verdict import Finding, untestable

NEEDS = {
    "licen": "the number of export licences applied for and granted, month by month",
    "price": "a dated price series of neodymium and praseodymium",
    "administration": "dated records of public funding and of who was in office",
}
"""What data would decide a claim that speaks of these words."""

LEFT_OFFICE = {"biden administration": pd.Timestamp(2025, 1, 20)}
"""The last day of administrations that claims speak of (20th Amendment)."""


def check_other(claim: pd.Series, evidence: Evidence) -> Finding:
    """Say what data the claim would need, or that its date cannot be right."""
    statement = claim["statement"].lower()
    for administration, end in LEFT_OFFICE.items():
        if administration in statement and pd.Period(claim["month"], freq="M").start_time > end:
            return untestable(
                "It is outside this study, and its date is wrong on its face: that administration "
                f"left office on {day_name(end)}."
            )
    needed = [data for word, data in NEEDS.items() if word in statement]
    wanted = " and ".join(needed) or "data on what it speaks of"
    return untestable(
        f"It is about neither monthly exports nor a dated event of the catalogue; it would need "
        f"{wanted}."
    )
