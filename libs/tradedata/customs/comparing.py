"""What a download changes, and how the published figures fare against customs."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from ledger.constraints import (
    Cells,
    Row,
    cells_of,
    figure_rows,
    multiplier,
    official_cells,
    ratio,
)
from ledger.printed import Printed, distinct_figures

SERIES = "magnets_85051110"
"""The published series that customs' product is."""
KEY = ["destination", "month"]
ROUNDING_TONNES = 1e-6
"""Sums of kilograms divided by 1,000 differ by less."""
VERDICTS = {"kept": "agrees", "mismatch": "close"}


def changes(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """The cells that differ between two tables OfficialExports, month by month, largest first.

    Columns: destination, month, old, new (tonnes; NaN where there is none).
    """
    old = before[[*KEY, "tonnes"]].rename(columns={"tonnes": "old"})
    new = after[[*KEY, "tonnes"]].rename(columns={"tonnes": "new"})
    both = old.merge(new, on=KEY, how="outer")
    same = np.isclose(both["old"], both["new"], rtol=0, atol=ROUNDING_TONNES)
    differing = both.loc[~same].assign(size=both[["old", "new"]].max(axis=1))
    order = differing.sort_values(["month", "size"], ascending=[True, False], ignore_index=True)
    return order[[*KEY, "old", "new"]]


def compare_figures(
    figures: pd.DataFrame, sources: pd.DataFrame, official: pd.DataFrame, series: str = SERIES
) -> pd.DataFrame:
    """The distinct printed figures of which customs tell the truth, one row each.

    Columns: figure_ids, destination, period (2025-04 or 2025-01..2025-09), measure, printed,
    customs (in the figure's unit), verdict: `agrees` within the rounding of its digits, `close`
    within the looser tolerance of a mismatch, else `contradicted`.
    """
    tonnes = official_cells(official)
    rows = [
        _compared(figure, truth)
        for figure in distinct_figures(figures, sources, series)
        if (truth := _unknowns(figure, tonnes)) is not None
    ]
    columns = ["figure_ids", "destination", "period", "measure", "printed", "customs", "verdict"]
    return pd.DataFrame(rows, columns=columns)


def score_sources(
    figures: pd.DataFrame,
    sources: pd.DataFrame,
    official: pd.DataFrame,
    series: str = SERIES,
    by: str = "newsroom",
) -> pd.DataFrame:
    """How often each newsroom (or `by="source_id"`: each page) printed what customs say.

    Columns: `by`, compared, agrees, close, contradicted (counts of distinct figures) and
    share_agrees; the most compared first.
    """
    compared = compare_figures(figures, sources, official, series)
    behind = figures[["figure_id", "source_id"]].merge(sources, on="source_id")
    told = compared.assign(
        distinct=range(len(compared)), figure_id=compared["figure_ids"].str.split(";")
    )
    told = told.explode("figure_id").merge(behind[["figure_id", by]], on="figure_id")
    told = told.drop_duplicates(["distinct", by])
    verdicts = [*VERDICTS.values(), "contradicted"]
    counts = pd.crosstab(told[by], told["verdict"]).reindex(columns=verdicts, fill_value=0)
    counts.insert(0, "compared", counts.sum(axis=1))
    counts["share_agrees"] = counts["agrees"] / counts["compared"]
    counts = counts.rename_axis(columns=None).reset_index()
    return counts.sort_values(["compared", by], ascending=[False, True], ignore_index=True)


def _unknowns(
    figure: Printed, tonnes: dict[tuple[str, int], float]
) -> tuple[Cells, np.ndarray] | None:
    cells = cells_of([figure])
    values = [tonnes.get(cell) for cell in cells.names]
    known = [value for value in values if value is not None]
    return (cells, np.array([1.0, *known])) if len(known) == len(values) else None


def _compared(figure: Printed, truth: tuple[Cells, np.ndarray]) -> dict[str, object]:
    cells, unknowns = truth
    amount, base = (_value(row, unknowns) for row in ratio(figure, cells))
    per_unit = multiplier(figure, 1.0) - multiplier(figure, 0.0)
    first, last = (pd.Period(ordinal=at, freq="M") for at in (figure.start, figure.end))
    return {
        "figure_ids": ";".join(figure.figure_ids),
        "destination": figure.destination,
        "period": str(first) if first == last else f"{first}..{last}",
        "measure": figure.measure,
        "printed": figure.value,
        "customs": (amount / base - multiplier(figure, 0.0)) / per_unit if base else np.nan,
        "verdict": next(_verdicts(figure, cells, unknowns), "contradicted"),
    }


def _verdicts(figure: Printed, cells: Cells, unknowns: np.ndarray) -> Iterator[str]:
    for level, verdict in VERDICTS.items():
        rows = figure_rows(figure, cells, level)
        if all(_value(row, unknowns) <= ROUNDING_TONNES for row in rows):
            yield verdict


def _value(row: Row, unknowns: np.ndarray) -> float:
    return float(sum(value * unknowns[column] for column, value in row.items()))
