"""Where a series breaks, found without being told of policy, beside the policy regimes."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.dates import date2num
from tradedata.destinations import destination_name

from charts.figure import Figure
from charts.marks import draw_marks, marks_height
from charts.palette import MODEL
from charts.series import caption_wide, draw_bounds, draw_observed, select_months, top_of
from charts.sheet import (
    SOURCE,
    days,
    month_axis,
    month_limits,
    month_name,
    sheet,
    tonnes_axis,
)
from charts.svg import render

ROWS = 6
UNITS = "Tonnes a month; the search was told nothing of policy"
FIRST_LABEL, STEP = 0.12, 0.08
"""Heights of the labels, from the bottom, as shares of the axes."""
ROOM = 0.045
"""How far labels stand from the nearest band, as a share of the axes."""


def plot_breaks(
    exports: pd.DataFrame, destination: str, shifts: pd.DataFrame, marks: pd.DataFrame
) -> Figure:
    """Monthly exports with a band over the months in which each break may have come.

    shifts: the breaks of `destination`, as in the contract BreakShifts; marks: date and label.
    """
    rows = select_months(exports, destination)
    title = f"Where exports to {destination_name(destination)} break"
    finding = describe_breaks(shifts, rows)
    alt = f"Line chart, {title}, by month. {finding}"
    top = top_of(rows)
    with sheet(title, UNITS, above=marks_height(ROWS), height=4.2) as (drawing, axes):
        draw_bounds(axes, rows, top)
        tonnes_axis(axes)
        month_axis(axes)
        month_limits(axes, rows["month"])
        draw_bands(axes, shifts)
        draw_observed(axes, rows)
        label_bands(axes, shifts)
        draw_marks(axes, marks, ROWS)
        picture = render(drawing, title, alt)
    caption = caption_breaks(destination) + caption_wide(rows, top)
    return Figure(f"breaks-{destination}", picture, alt, finding, caption, rows, SOURCE)


def draw_bands(axes: Axes, shifts: pd.DataFrame) -> None:
    """A band from the first day a break may have come to the last."""
    for first, last in zip(shifts["date_lower"], shifts["date_upper"], strict=True):
        after = pd.Timestamp(last) + pd.DateOffset(months=1)
        ends = date2num([pd.Timestamp(first), after])
        axes.axvspan(*ends, color=MODEL, alpha=0.35, linewidth=0)


def label_bands(axes: Axes, shifts: pd.DataFrame) -> None:
    """Each break's month and shift, low on the side of all bands that has more room."""
    if shifts.empty:
        return
    low, high = axes.get_xlim()
    x = days([pd.Timestamp(start) for start in shifts["start"]])
    leftward = x.mean() > (low + high) / 2
    edge = x.min() if leftward else x.max()
    for place, (day, start, shift) in enumerate(
        zip(x, shifts["start"], shifts["estimate"], strict=True)
    ):
        axes.annotate(
            f"{pd.Timestamp(start):%b %Y} {percent(shift)}",
            (day, FIRST_LABEL + STEP * place),
            (edge + (-1 if leftward else 1) * ROOM * (high - low), FIRST_LABEL + STEP * place),
            xycoords=axes.get_xaxis_transform(),
            color=MODEL,
            fontsize=8.5,
            ha="right" if leftward else "left",
            va="center",
            arrowprops={"arrowstyle": "-", "color": MODEL, "linewidth": 0.9, "shrinkB": 0},
        )


def percent(shift: float) -> str:
    """A percent change with its sign and a true minus."""
    return f"{shift:+.0f} %".replace("-", "−")


def describe_breaks(shifts: pd.DataFrame, rows: pd.DataFrame) -> str:
    """What the chart shows, in numbers."""
    span = f"From {month_name(rows['month'].iloc[0])} to {month_name(rows['month'].iloc[-1])}"
    if shifts.empty:
        return f"{span} no break can be told from the wandering of the level."
    parts = [
        f"{month_name(pd.Timestamp(start))} ({percent(shift)})"
        for start, shift in zip(shifts["start"], shifts["estimate"], strict=True)
    ]
    return f"{span} the level breaks in {' and in '.join(parts)}."


def caption_breaks(destination: str) -> str:
    """What to read off the chart."""
    return (
        f"Monthly exports to {destination_name(destination)}. Bands cover the months in which a "
        "break may have come, by its interval; beside them the month that fits best and the shift "
        "of the level. The search saw the series alone: the lines that begin policy regimes and "
        "the ticks of catalogued events were drawn afterwards."
    )
