"""The bridge: one month's change of the world total, destination by destination."""

from __future__ import annotations

import numpy as np
import pandas as pd
from effects import Bridge
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator
from tradedata.destinations import destination_name

from charts.figure import Figure
from charts.palette import INK, MODEL, MUTED, OBSERVED
from charts.sheet import SOURCE, month_name, plain, sheet
from charts.svg import render

NAMED = {"others": "all others"}
SURE = 1.0
"""Tonnes that bounds must lie apart to be drawn."""
RIGHT = 0.8
"""The right margin in inches, where the changes stand in a column."""


def plot_bridge(bridge: Bridge, before: float) -> Figure:
    """A waterfall from the total `before`, in tonnes, over each part's change to the new total."""
    rows = bridge_steps(bridge, before)
    then, now = (month_name(period.to_timestamp()) for period in (bridge.base, bridge.period))
    title = f"World exports from {then} to {now}, by destination"
    units = f"Change in tonnes, from {before:,.0f} to {rows['total'].iloc[-1]:,.0f} tonnes a month"
    finding = describe_bridge(bridge, rows)
    alt = f"Waterfall chart. {finding}"
    height = 1.25 + 0.27 * len(rows)
    with sheet(title, units, height=height, left=1.35, right=RIGHT) as (drawing, axes):
        draw_steps(axes, rows)
        label_steps(axes, rows)
        label_changes(axes, rows)
        picture = render(drawing, title, alt)
    return Figure("bridge", picture, alt, finding, caption_bridge(bridge), rows, SOURCE)


def bridge_steps(bridge: Bridge, before: float) -> pd.DataFrame:
    """One row a bar from top to bottom: step, start, change, lower, upper, total in tonnes.

    `start` counts from the total before; `total` is the world total a step leads to.
    """
    change = bridge.parts[["estimate", "lower", "upper"]]
    whole = bridge.change[["estimate", "lower", "upper"]].to_frame().T
    steps = pd.concat([change, whole], ignore_index=True).rename(columns={"estimate": "change"})
    ends = change["estimate"].cumsum().to_numpy()
    names = [NAMED.get(part, destination_name(part)) for part in bridge.parts.index]
    steps.insert(0, "step", [*names, "the world"])
    steps.insert(1, "start", [0.0, *ends[:-1], 0.0])
    return steps.assign(total=before + steps["start"] + steps["change"])


def draw_steps(axes: Axes, rows: pd.DataFrame) -> None:
    """Bars, thin joints between them, and the bounds of a change where they can be seen."""
    lines, end = np.arange(len(rows)), rows["start"] + rows["change"]
    world = lines == lines[-1]
    for some, colour in (
        (world, MUTED),
        (~world & (rows["change"] >= 0), OBSERVED),
        (~world & (rows["change"] < 0), MODEL),
    ):
        axes.barh(
            lines[some], rows["change"][some], left=rows["start"][some], height=0.66, color=colour
        )
    axes.vlines(end.iloc[:-1], lines[:-1] - 0.33, lines[:-1] + 1.33, MUTED, linewidth=0.6)
    wide = (rows["upper"] - rows["lower"] > SURE).to_numpy()
    low, high = rows["start"] + rows["lower"], rows["start"] + rows["upper"]
    axes.hlines(lines[wide], low[wide], high[wide], color=INK, linewidth=1.2)
    axes.axvline(0, color=MUTED, linewidth=0.8)


def label_steps(axes: Axes, rows: pd.DataFrame) -> None:
    """Name each bar on the left, and tonnes on the axis below, few enough to stand apart."""
    axes.set_yticks(range(len(rows)), [plain(step, 26) for step in rows["step"]], color=INK)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.grid(axis="y", visible=False)
    axes.grid(axis="x", visible=True)
    axes.spines["left"].set_visible(False)
    axes.xaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
    axes.xaxis.set_major_formatter(lambda value, _: signed_tonnes(value))


def label_changes(axes: Axes, rows: pd.DataFrame) -> None:
    """Write the tonnes of each bar in a column right of the axes, where no line runs."""
    for line, change in enumerate(rows["change"]):
        axes.annotate(
            signed_tonnes(change),
            (1, line),
            (72 * RIGHT - 6, 0),
            xycoords=axes.get_yaxis_transform(),
            textcoords="offset points",
            ha="right",
            va="center",
            color=INK,
            fontsize=8.5,
            annotation_clip=False,
        )


def signed_tonnes(change: float) -> str:
    """Tonnes with their sign and a true minus."""
    return f"{change:+,.0f}".replace("-", "−") if round(change) else "0"


def describe_bridge(bridge: Bridge, rows: pd.DataFrame) -> str:
    """What the chart shows, in numbers."""
    parts = rows.iloc[:-1]
    listed = "; ".join(
        f"{step} {signed_tonnes(change)}"
        for step, change in zip(parts["step"], parts["change"], strict=True)
    )
    then, now = (month_name(period.to_timestamp()) for period in (bridge.base, bridge.period))
    world = rows.iloc[-1]
    return (
        f"World exports went from {world['total'] - world['change']:,.0f} tonnes in {then} to "
        f"{rows['total'].iloc[-1]:,.0f} in {now}, a change of "
        f"{signed_tonnes(bridge.change['estimate'])} tonnes: {listed}."
    )


def caption_bridge(bridge: Bridge) -> str:
    """What to read off the chart."""
    known = len(bridge.parts) - 1
    each = f"each of the {known} destinations" if known > 1 else "the one destination"
    parts = f"and what {each} known in both months added or took away" if known else "as a whole"
    return (
        f"World exports in {month_name(bridge.base.to_timestamp())} and "
        f"{month_name(bridge.period.to_timestamp())}, {parts}. All others are the remainder. Thin "
        "bars show bounds where they are wider than a tonne."
    )
