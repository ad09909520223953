"""Printed totals of several months: a check of the model by numbers that it never used."""

from __future__ import annotations

import pandas as pd
from contracts import read_table
from effects.regimes import Policy
from effects.totals import unseen_totals
from ledger.tables import RejectedFigures

from analysis.regressors import series_regressors
from analysis.sources import load_ledger
from analysis.study import Study


def totals_never_used(asked: Study, series: pd.Series, policy: Policy) -> pd.DataFrame:
    """The kept totals of the baseline that span missing months, beside what the model implies.

    A row a total, see `effects.totals.unseen_totals`. Raises EffectError where there is none.
    """
    return unseen_totals(
        series,
        printed_totals(asked),
        baseline_end=asked.baseline_end,
        regressors=series_regressors(series, policy, asked.baseline_end),
        level=asked.level,
    )


def printed_totals(asked: Study) -> pd.DataFrame:
    """Tonnes of several months that were printed and are not doubted: start, end, lower, upper.

    Where figures of the same months differ, their ranges' common part counts.
    """
    doubted = set(read_table(asked.vintage / "rejected_figures.csv", RejectedFigures)["figure_id"])
    rows = [
        {
            "start": pd.Period(ordinal=figure.start, freq="M"),
            "end": pd.Period(ordinal=figure.end, freq="M"),
            "lower": (truth := figure.truth("kept")).lower,
            "upper": truth.upper,
        }
        for figure in load_ledger(asked).system.printed
        if figure.destination == asked.destination
        and figure.measure == "tonnes"
        and figure.start < figure.end
        and not doubted & set(figure.figure_ids)
    ]
    table = pd.DataFrame(rows, columns=["start", "end", "lower", "upper"])
    return table.groupby(["start", "end"], as_index=False).agg({"lower": "max", "upper": "min"})
