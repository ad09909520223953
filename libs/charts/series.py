"""The series with its bounds and the events around it."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from tradedata.destinations import destination_name

from charts.figure import Figure
from charts.marks import draw_marks, marks_height
from charts.palette import INK, MUTED, OBSERVED
from charts.sheet import (
    SOURCE,
    days,
    label_ends,
    month_axis,
    month_limits,
    month_name,
    sheet,
    tonnes_axis,
)
from charts.svg import render

ROWS = 6
HEADROOM = 1.12
"""The top of the chart over the highest month observed."""


def plot_series(exports: pd.DataFrame, destination: str, marks: pd.DataFrame) -> Figure:
    """Monthly exports to `destination` with bounds; `marks` has `date` and `label`.

    A month whose bounds are too wide to count as data is a gap in the line and a pale bar over
    what it can have been.
    """
    rows = select_months(exports, destination)
    title = f"China's magnet exports to {destination_name(destination)}"
    finding = describe_series(rows)
    alt = f"Line chart, {title}, by month. {finding}"
    top = top_of(rows)
    with sheet(title, units_of(rows, top), above=marks_height(ROWS), height=4.2) as (drawing, axes):
        draw_bounds(axes, rows, top)
        draw_observed(axes, rows)
        tonnes_axis(axes)
        month_axis(axes)
        month_limits(axes, rows["month"])
        draw_marks(axes, marks, ROWS)
        picture = render(drawing, title, alt)
    caption = caption_series(rows, destination, top)
    return Figure("series", picture, alt, finding, caption, rows, SOURCE)


def select_months(exports: pd.DataFrame, destination: str) -> pd.DataFrame:
    """Every month from the first observed to the last one, missing ones empty."""
    rows = exports[exports["destination"] == destination].set_index("month").sort_index()
    seen = rows.index[rows["tonnes"].notna()]
    if not len(seen):
        raise ValueError(f"exports holds no observed month of {destination}; nothing to draw")
    months = pd.date_range(seen[0], seen[-1], freq="MS", name="month")
    columns = ["tonnes", "lower", "upper", "status", "newsrooms"]
    return rows.reindex(months)[columns].reset_index()


def top_of(rows: pd.DataFrame) -> float:
    """The top of the chart: months known only loosely would flatten the line if they set it."""
    return HEADROOM * float(rows.loc[rows["tonnes"].notna(), "upper"].max())


def cut_months(rows: pd.DataFrame, top: float) -> pd.Series:
    """Marks the months known only loosely whose bounds reach beyond `top`."""
    return rows["tonnes"].isna() & (rows["upper"] > top)


def units_of(rows: pd.DataFrame, top: float) -> str:
    """The units, and how far bars reach that are cut off."""
    cut = rows["upper"][cut_months(rows, top)]
    told = f"; bars with an arrow are cut off and reach up to {cut.max():,.0f}" if len(cut) else ""
    return f"Tonnes a month{told}"


def draw_bounds(axes: Axes, rows: pd.DataFrame, top: float) -> None:
    """Bars from bound to bound: over observed months, paler over those known only loosely."""
    known = rows["tonnes"].notna()
    wide = ~known & rows["upper"].notna()
    for some, colour, alpha in ((known, OBSERVED, 0.35), (wide, MUTED, 0.3)):
        low, high = (rows[bound][some].clip(upper=top) for bound in ("lower", "upper"))
        x = days(rows["month"][some])
        axes.bar(x, high - low, bottom=low, width=24, color=colour, alpha=alpha)
    x = days(rows["month"][cut_months(rows, top)])
    axes.plot(x, np.full(len(x), top), "^", color=MUTED, markersize=3, clip_on=False)
    axes.set_ylim(0, top)


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


def caption_series(rows: pd.DataFrame, destination: str, top: float) -> str:
    """What to read off the chart."""
    return (
        f"Monthly exports to {destination_name(destination)}. Bars hold the bounds of each "
        f"observed month, most too narrow to see.{caption_wide(rows, top)} Lines begin policy "
        "regimes; ticks on the axis are events of the catalogue."
    )


def caption_wide(rows: pd.DataFrame, top: float) -> str:
    """What pale bars span and how far those reach that are cut; nothing where there are none."""
    missing = rows["tonnes"].isna()
    wide = int((missing & rows["upper"].notna()).sum())
    if not wide:
        return ""
    text = (
        f" Pale bars span what {wide} of the {missing.sum()} months without an observation can "
        "have been; no published figure bounds the others."
    )
    cut = rows["upper"][cut_months(rows, top)]
    if len(cut):
        text += f" Bars with an arrow are cut off: they reach up to {cut.max():,.0f} tonnes."
    return text
