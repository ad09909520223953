"""What a later vintage of the exports changes in an earlier one."""

from __future__ import annotations

import numpy as np
import pandas as pd
from tradedata.destinations import destination_name

from analysis.tables import Revisions

KEY = ["destination", "month"]
SAME_TONNES = 0.01
"""Bounds that differ by less have not changed: no newsroom prints such digits."""
NUMBERS = ("tonnes", "lower", "upper")
WORDS = {
    "added": "not known before",
    "settled": "known too roughly before, now data",
    "revised": "moved to tonnes that were ruled out before",
    "refined": "bounds changed",
    "unsettled": "data before, now too rough",
    "withdrawn": "no longer known",
}
"""What may happen to a month of a destination."""


def compare_vintages(earlier: pd.DataFrame, later: pd.DataFrame) -> pd.DataFrame:
    """The months and destinations that differ between two tables Exports.

    Keeps the contract Revisions.
    """
    columns = [*KEY, *NUMBERS]
    old = earlier[columns].rename(columns={name: f"old_{name}" for name in NUMBERS})
    new = later[columns].rename(columns={name: f"new_{name}" for name in NUMBERS})
    both = old.merge(new, on=KEY, how="outer", sort=True)
    both.insert(2, "change", _changes(both))
    changed = both[both["change"] != ""].reset_index(drop=True)
    return changed[list(Revisions.to_schema().columns)]


def _changes(both: pd.DataFrame) -> np.ndarray:
    """What happened to each row; nothing where its bounds stayed."""
    apart = both["new_lower"] > both["old_upper"] + SAME_TONNES
    apart |= both["new_upper"] < both["old_lower"] - SAME_TONNES
    moved = (both["new_lower"] - both["old_lower"]).abs() > SAME_TONNES
    moved |= (both["new_upper"] - both["old_upper"]).abs() > SAME_TONNES
    was, is_now = both["old_tonnes"].notna(), both["new_tonnes"].notna()
    cases = {
        "added": both["old_upper"].isna(),
        "withdrawn": both["new_upper"].isna(),
        "revised": apart,
        "settled": ~was & is_now,
        "unsettled": was & ~is_now,
        "refined": moved,
    }
    return np.select(list(cases.values()), list(cases), "")


def describe_changes(revisions: pd.DataFrame, days: tuple[str, str]) -> str:
    """How many months of which destinations changed how, between two vintages."""
    since = f"{pd.Timestamp(days[0]):%B %Y}"
    if revisions.empty:
        return f"Nothing that came out after {since} changed any month of any destination."
    counts = revisions["change"].value_counts()
    parts = [f"{counts[kind]} {kind} ({words})" for kind, words in WORDS.items() if kind in counts]
    named = [destination_name(code) for code in revisions["destination"].unique()]
    return (
        f"What came out after {since} changed {len(revisions)} months of destinations: "
        f"{', '.join(parts)}. They are of {', '.join(named)}."
    )
