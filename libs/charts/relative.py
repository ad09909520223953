"""One destination's exports for every 100 tonnes to the rest, observed and expected."""

from __future__ import annotations

import pandas as pd
from effects import Counterfactual
from effects.results import signed
from tradedata.destinations import destination_name

from charts.counterfactual import ROWS, draw_model, label_lines
from charts.figure import Figure
from charts.marks import draw_marks, marks_height
from charts.palette import OBSERVED
from charts.sheet import (
    SOURCE,
    days,
    month_axis,
    month_limits,
    month_name,
    share,
    sheet,
    tonnes_axis,
)
from charts.svg import render

LEAD = 12
"""Months shown before the window."""


def plot_relative(
    effect: Counterfactual, destination: str, start: str, level: float, marks: pd.DataFrame
) -> Figure:
    """The ratio's path: observed, and what the baseline led one to expect from `start` on.

    effect: of the series of tonnes to the destination for every 100 to the rest.
    """
    first = pd.Timestamp(start)
    path = effect.path[["observed", "counterfactual", "lower", "upper"]]
    months = pd.PeriodIndex(path.index).to_timestamp()
    rows = path.set_axis(months, axis="index").rename_axis("month").reset_index()
    rows = rows[rows["month"] >= first - pd.DateOffset(months=LEAD)].reset_index(drop=True)
    title = f"Magnet exports to {destination_name(destination)}, against all others"
    finding = describe_relative(rows, destination, first, level)
    alt = f"Line chart, {title}, by month. {finding}"
    units = "Tonnes for every 100 to the rest of the world"
    with sheet(title, units, above=marks_height(ROWS), height=4.0, right=1.1) as (drawing, axes):
        draw_model(axes, rows, first)
        axes.plot(days(rows["month"]), rows["observed"], color=OBSERVED, marker="o")
        tonnes_axis(axes)
        month_axis(axes)
        month_limits(axes, rows["month"])
        label_lines(axes, rows, level)
        draw_marks(axes, marks, ROWS)
        picture = render(drawing, title, alt)
    return Figure("relative", picture, alt, finding, caption_relative(level), rows, SOURCE)


def describe_relative(
    rows: pd.DataFrame, destination: str, first: pd.Timestamp, level: float
) -> str:
    """What the chart shows, in numbers."""
    told = rows[(rows["month"] >= first) & rows[["observed", "counterfactual"]].notna().all(axis=1)]
    gap = 100 * (told["observed"] / told["counterfactual"] - 1)
    deepest = told.loc[gap.sort_values().index].iloc[0]
    return (
        f"Exports to {destination_name(destination)} fell furthest behind the rest in "
        f"{month_name(deepest['month'])}: {deepest['observed']:.1f} tonnes for every 100 to all "
        f"others, where {deepest['counterfactual']:.1f} were to be expected "
        f"({signed(gap.min())} %). {int((told['observed'] < told['lower']).sum())} of {len(told)} "
        f"months lie below the {share(level)} interval."
    )


def caption_relative(level: float) -> str:
    """What to read off the chart."""
    return (
        "Tonnes for every 100 to the rest of the world, in months in which both are known "
        f"(solid), and what the months of the baseline led one to expect (dashed, with its "
        f"{share(level)} interval). What hits all destinations alike does not show here. Lines "
        "begin policy regimes; ticks on the axis are events of the catalogue."
    )
