"""Printed figures beside customs' own values: who printed what is true, what a download settles."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
from tradedata.customs.adding import Addition, shortened

from ledger.constraints import (
    Cells,
    Row,
    cells_of,
    figure_rows,
    official_cells,
    printed_value,
    ratio,
)
from ledger.printed import Printed, distinct_figures

BESIDE_CUSTOMS = {"kept": "agrees", "mismatch": "close"}
"""What a figure is called that holds at a level beside customs' own values."""
SUM_TONNES = 1e-6
"""Sums of kilograms divided by 1,000 differ by less."""
ENOUGH_FIGURES = 5
"""With so many printed figures compared and most of them contradicted, the file is suspect."""
FEW_FIGURES = 3
"""So is it with so many, if all of them are contradicted."""


def compare_figures(
    figures: pd.DataFrame, sources: pd.DataFrame, official: pd.DataFrame, series: str
) -> pd.DataFrame:
    """The distinct figures of a series of which customs (`official`) tell the truth, a row each.

    Columns: figure_ids, destination, period (2025-04 or 2025-01..2025-09), measure, printed,
    customs (in the figure's unit), verdict: `agrees` within the rounding of its digits, `close`
    within the looser tolerance of a mismatch, else `contradicted`.
    """
    known, rows = official_cells(official), []
    for figure in distinct_figures(figures, sources, series):
        cells = cells_of([figure])
        places = [(name, month) for _, name, month in cells.names]
        if all(place in known for place in places):
            rows.append(_compared(figure, cells, [1.0, *(known[place] for place in places)]))
    columns = ["figure_ids", "destination", "period", "measure", "printed", "customs", "verdict"]
    return pd.DataFrame(rows, columns=columns)


def _compared(figure: Printed, cells: Cells, unknowns: Sequence[float]) -> dict[str, object]:
    """A figure beside customs; `unknowns` are one and the tonnes of its cells."""

    def value(row: Row) -> float:
        return sum(factor * unknowns[column] for column, factor in row.items())

    amount, base = (value(row) for row in ratio(figure, cells))
    first, last = (pd.Period(ordinal=at, freq="M") for at in (figure.start, figure.end))
    held = (
        verdict
        for level, verdict in BESIDE_CUSTOMS.items()
        if all(value(row) <= SUM_TONNES for row in figure_rows(figure, cells, level))
    )
    return {
        "figure_ids": ";".join(figure.figure_ids),
        "destination": figure.destination,
        "period": str(first) if first == last else f"{first}..{last}",
        "measure": figure.measure,
        "printed": figure.value,
        "customs": printed_value(figure, amount / base) if base else np.nan,
        "verdict": next(held, "contradicted"),
    }


def score_sources(
    figures: pd.DataFrame, sources: pd.DataFrame, official: pd.DataFrame, series: str
) -> pd.DataFrame:
    """How often each newsroom printed what customs say.

    Columns: newsroom, compared, agrees, close, contradicted (counts of distinct figures) and
    share_agrees; the most compared first.
    """
    compared = compare_figures(figures, sources, official, series)
    behind = figures[["figure_id", "source_id"]].merge(sources, on="source_id")
    told = compared.assign(distinct=compared.index, figure_id=compared["figure_ids"].str.split(";"))
    told = told.explode("figure_id").merge(behind[["figure_id", "newsroom"]], on="figure_id")
    told = told.drop_duplicates(["distinct", "newsroom"])
    verdicts = [*BESIDE_CUSTOMS.values(), "contradicted"]
    counts = pd.crosstab(told["newsroom"], told["verdict"]).reindex(columns=verdicts, fill_value=0)
    counts.insert(0, "compared", counts.sum(axis=1))
    counts["share_agrees"] = counts["agrees"] / counts["compared"]
    counts = counts.rename_axis(columns=None).reset_index()
    order = ["compared", "newsroom"]
    return counts.sort_values(order, ascending=[False, True], ignore_index=True)


def describe_settled(
    addition: Addition, figures: pd.DataFrame, sources: pd.DataFrame, series: str
) -> Iterator[str]:
    """The figures of `series` that a download is the first to settle, or settles anew, in lines.

    `figures` and `sources` keep the contracts Figures and Sources.
    """
    then, now = (
        compare_figures(figures, sources, official, series).set_index(["figure_ids", "customs"])
        for official in (addition.before, addition.after)
    )
    compared = now[~now.index.isin(then.index)].reset_index()
    wrong = compared[compared["verdict"] == "contradicted"]
    if len(compared):
        yield (
            f"settles {len(compared)} published figures and contradicts {len(wrong)}"
            + (" (period destination measure: printed, customs):" if len(wrong) else "")
        )
    yield from shortened(
        f"  {row.period} {row.destination} {row.measure}: {row.printed}, {row.customs:,.4g} "
        f"({row.figure_ids})"
        for row in wrong.itertuples()
    )
    most_wrong = len(compared) >= ENOUGH_FIGURES and 2 * len(wrong) > len(compared)
    if most_wrong or len(compared) == len(wrong) >= FEW_FIGURES:
        yield (
            "CAUTION: most published figures disagree with this file; are these imports, or was "
            "the query limited to a trade mode or province? If so, delete the kept file and record"
        )
