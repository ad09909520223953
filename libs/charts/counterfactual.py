"""Observed exports against what they would have been without the event."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from tradedata.destinations import destination_name

from charts.figure import Figure
from charts.marks import draw_marks, marks_height
from charts.palette import MODEL, OBSERVED
from charts.sheet import (
    SOURCE,
    days,
    label_ends,
    month_axis,
    month_limits,
    month_name,
    share,
    sheet,
    tonnes_axis,
)
from charts.svg import render

ROWS = 5
LEAD = 24
"""Months shown before the event."""


def plot_counterfactual(
    table: pd.DataFrame, destination: str, start: str, level: float, marks: pd.DataFrame
) -> Figure:
    """Observed and counterfactual tonnes a month, with the interval and the effect shaded.

    table: month, observed, observed_lower, observed_upper, counterfactual, lower, upper, effect,
    effect_lower, effect_upper, in tonnes; the effect is drawn from `start` on.
    """
    first = pd.Timestamp(start)
    rows = table[table["month"] >= first - pd.DateOffset(months=LEAD)].reset_index(drop=True)
    title = f"Magnet exports to {destination_name(destination)}, observed and counterfactual"
    finding = describe_counterfactual(rows, first, level)
    alt = f"Line chart, {title}, by month. {finding}"
    with sheet(title, "Tonnes a month", above=marks_height(ROWS), height=4.2, right=1.25) as (
        drawing,
        axes,
    ):
        draw_model(axes, rows, first)
        axes.plot(days(rows["month"]), rows["observed"], color=OBSERVED, marker="o")
        tonnes_axis(axes)
        axes.set_ylim(0, top_of(rows))
        month_axis(axes)
        month_limits(axes, rows["month"])
        label_lines(axes, rows, level)
        draw_marks(axes, marks, ROWS)
        picture = render(drawing, title, alt)
    caption = caption_counterfactual(rows, destination, first, level)
    return Figure("counterfactual", picture, alt, finding, caption, rows, SOURCE)


def top_of(rows: pd.DataFrame) -> float:
    """The top of the chart: twice the highest month observed, unless all lies lower."""
    everything = rows[["observed", "upper"]].max().max()
    return float(min(1.05 * everything, 2 * rows["observed"].max()))


def draw_model(axes: Axes, rows: pd.DataFrame, first: pd.Timestamp) -> None:
    """The counterfactual, its interval, and the gap to the observed line from `first` on."""
    after = (rows["month"] >= first).to_numpy()
    x = days(rows["month"])
    axes.fill_between(
        x, rows["lower"], rows["upper"], where=after, color=MODEL, alpha=0.16, linewidth=0
    )
    axes.fill_between(
        x,
        rows["observed"],
        rows["counterfactual"],
        where=after,
        color=OBSERVED,
        alpha=0.22,
        linewidth=0,
    )
    known = after & rows["counterfactual"].notna().to_numpy()
    lone = known & ~np.roll(known, 1) & ~np.roll(known, -1)
    axes.bar(
        x[lone],
        (rows["upper"] - rows["lower"])[lone],
        bottom=rows["lower"][lone],
        width=24,
        color=MODEL,
        alpha=0.16,
    )
    axes.plot(
        x[after], rows["counterfactual"][after], color=MODEL, linestyle=(0, (4, 2)), marker="_"
    )


def label_lines(axes: Axes, rows: pd.DataFrame, level: float) -> None:
    """Name both lines at their ends."""
    x = days(rows["month"])
    seen, drawn = rows["observed"].last_valid_index(), rows["counterfactual"].last_valid_index()
    labels = [
        (rows["observed"][seen], "observed", OBSERVED),
        (rows["counterfactual"][drawn], f"without the\nevent, {share(level)}\ninterval", MODEL),
    ]
    label_ends(axes, x[-1], labels)


def describe_counterfactual(rows: pd.DataFrame, first: pd.Timestamp, level: float) -> str:
    """What the chart shows, in numbers."""
    after = rows[(rows["month"] >= first) & rows["effect"].notna()]
    widest = after.loc[after["effect"].abs().sort_values().index].iloc[-1]
    outside = int(
        ((after["observed"] < after["lower"]) | (after["observed"] > after["upper"])).sum()
    )
    return (
        f"In {outside} of the {len(after)} months observed from {month_name(first)} on, exports "
        f"lie outside the {share(level)} interval of what was to be expected without the event. "
        f"The gap is widest in {month_name(widest['month'])}: {widest['observed']:,.0f} tonnes "
        f"observed against {widest['counterfactual']:,.0f} expected ({widest['lower']:,.0f} to "
        f"{widest['upper']:,.0f})."
    )


def caption_counterfactual(
    rows: pd.DataFrame, destination: str, first: pd.Timestamp, level: float
) -> str:
    """What to read off the chart."""
    text = (
        f"Exports to {destination_name(destination)}: observed (solid) and what the model expects "
        f"without the event from {month_name(first)} on (dashed, with its {share(level)} "
        "interval). The shaded gap between the lines is the estimated effect. Lines begin policy "
        "regimes; ticks on the axis are events of the catalogue."
    )
    if rows["upper"].max() > top_of(rows):
        text += f" The interval is cut off; it reaches {rows['upper'].max():,.0f} tonnes."
    return text
