"""The headline beside what other estimators make of the same window and baseline."""

from __future__ import annotations

import pandas as pd
from effects import Counterfactual, Textbook
from effects.textbook import MARK

DEFAULT = "default"
NO_MODEL = "rank among dates or shifts"
TEXTBOOK = "textbook"
OVER_REJECTS = {
    f"{MARK}{name}": "textbook; over-rejects"
    for name in ("OLS with HAC errors", "Prais–Winsten AR(1)", "Huber regression")
}
"""Those that docs/calibration.md shows to find effects where there are none."""


def robustness_table(effect: Counterfactual, others: Textbook) -> pd.DataFrame:
    """One row an estimator of the average effect: kind, estimate, interval, p-value, percent."""
    rows = pd.concat([effect.table, others.table], ignore_index=True)
    rows = rows[rows["estimand"] == "average effect"]
    kinds = {name: TEXTBOOK if name.startswith(MARK) else NO_MODEL for name in rows["estimator"]}
    kinds |= OVER_REJECTS | {"counterfactual": DEFAULT}
    columns = ["estimator", "kind", "estimate", "lower", "upper", "p_value"]
    table = rows.assign(kind=rows["estimator"].map(kinds))[columns].reset_index(drop=True)
    return table.assign(estimator=table["estimator"].str.removeprefix(MARK))


def agreement(effect: Counterfactual, others: Textbook) -> str:
    """How far the alternatives stand from the default, and which could not be fitted."""
    average = effect.table.iloc[0]
    fitted = others.table.dropna(subset="estimate")
    inside = fitted["estimate"].between(average["lower"], average["upper"])
    text = (
        f"{others.sentence} {inside.sum()} of the {len(fitted)} estimates lie within the default's "
        "interval."
    )
    refused = [f"{label}: {reason}." for label, reason in others.refused.items()]
    return " ".join([text, *(f"Not fitted, {words}" for words in refused)])
