"""An estimate as data came in: what the published figures of each time would have said."""

from __future__ import annotations

from textwrap import wrap

import numpy as np
import pandas as pd
from effects.spans import month_span
from matplotlib.axes import Axes
from tradedata.destinations import destination_name

from charts.figure import Figure
from charts.palette import INK, MODEL, MUTED, OBSERVED
from charts.sheet import SOURCE, days, label_ends, month_axis, sheet
from charts.svg import render

COLOURS = (OBSERVED, MODEL, MUTED)
STEP_DAYS = 5
"""How far the destinations of a vintage stand apart."""


def plot_real_time(real_time: pd.DataFrame, start: str) -> Figure:
    """The counterfactual estimates of the window that begins with `start`, by vintage.

    `real_time` keeps the contract RealTime; at most three destinations are drawn.
    """
    asked = real_time[(real_time["start"] == start) & (real_time["headline"] == "counterfactual")]
    rows = asked.dropna(subset="estimate").reset_index(drop=True)
    if rows.empty:
        raise ValueError(f"no vintage tells the effect of the window from {start}")
    window = month_span(start, str(rows["end"].iloc[0]))
    title = f"The effect of {window}, by when it was asked"
    finding = describe_real_time(rows, window)
    alt = (
        f"Chart of estimates with intervals, by the end of the month whose data they use. {finding}"
    )
    units = (
        "Average effect and its interval, percent, from what had come out by the end of each month"
    )
    with sheet(title, units, height=3.6, right=1.05) as (drawing, axes):
        axes.set_ylim(min(-100, 1.05 * rows["lower"].min()), max(4, 1.05 * rows["upper"].max()))
        axes.yaxis.set_major_formatter(lambda value, _: f"{value:,.0f} %".replace("-", "−"))
        axes.axhline(0, color=INK, linewidth=0.8)
        draw_estimates(axes, rows)
        month_axis(axes)
        picture = render(drawing, title, alt)
    caption = (
        f"The average effect of {window}, estimated from what had come out by the end of each "
        "month. Bars are the intervals; a vintage without a mark could not tell."
    )
    return Figure("real-time", picture, alt, finding, caption, rows, SOURCE)


def draw_estimates(axes: Axes, rows: pd.DataFrame) -> None:
    """A dot with its interval a vintage, a colour a destination, named at the last dot."""
    labels = []
    for place, (destination, own) in enumerate(rows.groupby("destination", sort=False)):
        x = _middles(own["vintage"]) + STEP_DAYS * (place - 1)
        colour = COLOURS[place]
        axes.vlines(x, own["lower"], own["upper"], color=colour, linewidth=1.6, alpha=0.45)
        axes.plot(x, own["estimate"], color=colour, marker="o", markersize=4, linewidth=0.8)
        words = "\n".join(wrap(destination_name(str(destination)), 15))
        labels.append((float(own["estimate"].iloc[-1]), words, colour))
    label_ends(axes, float(_middles(rows["vintage"]).max()) + STEP_DAYS, labels)


def _middles(days_of_vintages: pd.Series) -> np.ndarray:
    return days(days_of_vintages.dt.to_period("M").dt.to_timestamp())


def describe_real_time(rows: pd.DataFrame, window: str) -> str:
    """When each effect could first be told, and how far the estimate has moved since."""
    parts = []
    for destination, own in rows.groupby("destination", sort=False):
        first, last = own.iloc[0], own.iloc[-1]
        parts.append(
            f"for {destination_name(str(destination))} from {first['vintage']:%B %Y}: "
            f"{first['estimate']:.0f} % then, {last['estimate']:.0f} % in "
            f"{last['vintage']:%B %Y}, never outside {own['estimate'].min():.0f} to "
            f"{own['estimate'].max():.0f} %"
        )
    text = f"The effect of {window} could be told {'; '.join(parts)}."
    return text.replace("-", "−")
