"""The series with its bounds and the events around it."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes

from analysis.destinations import destination_name
from analysis.figures.figure import Figure
from analysis.figures.marks import draw_marks, marks_height
from analysis.figures.palette import INK, MUTED, OBSERVED
from analysis.figures.sheet import (
    SOURCE,
    days,
    label_ends,
    month_axis,
    month_limits,
    month_name,
    sheet,
    tonnes_axis,
)
from analysis.figures.svg import render

ROWS = 6


def plot_series(exports: pd.DataFrame, destination: str, marks: pd.DataFrame) -> Figure:
    """Monthly exports to `destination` with bounds; `marks` has `date` and `label`.

    A month whose bounds are too wide to count as data is a gap in the line and a pale bar over
    what it can have been.
    """
    rows = select_months(exports, destination)
    title = f"China's magnet exports to {destination_name(destination)}"
    finding = describe_series(rows)
    alt = f"Line chart, {title}, by month. {finding}"
    with sheet(title, "Tonnes a month", above=marks_height(ROWS), height=4.2) as (drawing, axes):
        draw_bounds(axes, rows)
        draw_observed(axes, rows)
        tonnes_axis(axes)
        month_axis(axes)
        month_limits(axes, rows["month"])
        draw_marks(axes, marks, ROWS)
        picture = render(drawing, title, alt)
    return Figure("series", picture, alt, finding, caption_series(rows, destination), rows, SOURCE)


def select_months(exports: pd.DataFrame, destination: str) -> pd.DataFrame:
    """Every month from the first observed to the last one, missing ones empty."""
    rows = exports[exports["destination"] == destination].set_index("month").sort_index()
    seen = rows.index[rows["tonnes"].notna()]
    if not len(seen):
        raise ValueError(f"exports holds no observed month of {destination}; nothing to draw")
    months = pd.date_range(seen[0], seen[-1], freq="MS", name="month")
    columns = ["tonnes", "lower", "upper", "status", "newsrooms"]
    return rows.reindex(months)[columns].reset_index()


def draw_bounds(axes: Axes, rows: pd.DataFrame) -> None:
    """Bars from bound to bound: over observed months, paler over those known only loosely."""
    known = rows["tonnes"].notna()
    x, highest = days(rows["month"]), rows.loc[known, "upper"].max()
    span = (rows["upper"] - rows["lower"])[known]
    axes.bar(x[known], span, bottom=rows["lower"][known], width=24, color=OBSERVED, alpha=0.35)
    wide = ~known & rows["upper"].notna()
    top = rows["upper"].clip(upper=1.12 * highest)
    axes.bar(
        x[wide],
        (top - rows["lower"]).clip(lower=0)[wide],
        bottom=rows["lower"][wide],
        width=24,
        color=MUTED,
        alpha=0.18,
    )
    axes.set_ylim(0, 1.12 * highest)


def draw_observed(axes: Axes, rows: pd.DataFrame) -> None:
    """The line of observed months, broken where a month is missing, with its last value."""
    x = days(rows["month"])
    axes.plot(x, rows["tonnes"], color=OBSERVED, marker="o", markersize=2.6)
    last = rows.iloc[-1]
    words = f"{last['tonnes']:,.0f} t\n{last['month']:%b %Y}"
    label_ends(axes, x[-1], [(last["tonnes"], words, INK)])


def describe_series(rows: pd.DataFrame) -> str:
    """What the chart shows, in numbers."""
    seen = rows.dropna(subset="tonnes")
    ranked = seen.sort_values("tonnes")
    low, high = ranked.iloc[0], ranked.iloc[-1]
    last = seen.iloc[-1]
    return (
        f"From {month_name(seen['month'].iloc[0])} to {month_name(last['month'])}, the lowest "
        f"month is {low['tonnes']:,.0f} tonnes in "
        f"{month_name(low['month'])} and the highest {high['tonnes']:,.0f} tonnes in "
        f"{month_name(high['month'])}; the last is {last['tonnes']:,.0f} tonnes. "
        f"{len(rows) - len(seen)} of {len(rows)} months are missing and drawn as gaps."
    )


def caption_series(rows: pd.DataFrame, destination: str) -> str:
    """What to read off the chart."""
    missing = int(rows["tonnes"].isna().sum())
    return (
        f"Monthly exports to {destination_name(destination)}. Bars hold the bounds of each "
        f"observed month, most too narrow to see; pale bars span what some of the {missing} "
        "months without an observation can have been where a published figure bounds them. "
        "Lines begin policy regimes; ticks on the axis are events of the catalogue."
    )
