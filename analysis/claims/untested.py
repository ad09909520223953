"""Claims that no table of this study can decide."""

from __future__ import annotations

import pandas as pd

from analysis.claims.evidence import Evidence
from analysis.claims.verdict import Finding, untestable

NEEDS = {
    "licen": "the number of export licences applied for and granted, month by month",
    "price": "a dated price series of neodymium and praseodymium",
    "administration": "dated records of public funding and of who was in office",
}
"""What data would decide a claim that speaks of these words."""


def check_other(claim: pd.Series, evidence: Evidence) -> Finding:
    """Say what data the claim would need."""
    statement = claim["statement"].lower()
    needed = [data for word, data in NEEDS.items() if word in statement]
    wanted = " and ".join(needed) or "data on what it speaks of"
    return untestable(
        f"It is about neither monthly exports nor a dated event of the catalogue; it would need "
        f"{wanted}."
    )
