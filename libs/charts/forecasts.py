"""Forecasts with their past, and estimates as data came in."""

from __future__ import annotations

from collections.abc import Callable
from textwrap import wrap

import numpy as np
import pandas as pd
from effects.spans import month_span
from matplotlib.axes import Axes

from charts.figure import Figure
from charts.palette import INK, MODEL, MUTED, OBSERVED
from charts.sheet import (
    days,
    label_ends,
    month_limits,
    month_name,
    sentence_case,
    sheet,
    tonnes_axis,
)
from charts.svg import render

BARS = {"95": 2.2, "80": 4.6}
"""Width in points of the bar of each interval."""
PAST, COMING = 0.3, 0.8
"""Strength of the bars over months observed since, and over those to come."""


def plot_forecast(rows: pd.DataFrame, *, name: str, source: str) -> Figure:
    """Observed tonnes a month, one-month-ahead forecasts from each month, and the next months.

    rows: month, observed, horizon, median, lower_80, upper_80, lower_95, upper_95, in tonnes.
    """
    known = rows.dropna(subset=["observed", "median"])
    inside = int(known["observed"].between(known["lower_95"], known["upper_95"]).sum())
    title = f"{inside} of {len(known)} months of {name} came as forecast the month before"
    finding = describe_forecast(rows)
    alt = f"Line of observed exports with vertical bars of forecasts, by month. {finding}"
    with sheet(title, "Tonnes a month", source=source, height=4.4) as (drawing, axes):
        draw_forecasts(axes, rows)
        tonnes_axis(axes)
        month_limits(axes, rows["month"])
        last = rows.iloc[-1]
        seen = rows["observed"].last_valid_index()
        labels = [
            (rows["observed"][seen], "observed", OBSERVED),
            (last["median"], "forecast,\n80 and 95 %\nintervals", MODEL),
        ]
        label_ends(axes, days(rows["month"])[-1], labels)
        picture = render(drawing, title, alt)
    caption = (
        f"{sentence_case(name)}: observed (line) and forecast (dashes, with 80 and 95 % "
        "intervals). Bars over past months are what the same model would have forecast from the "
        "month before, seeing earlier months as they are known today; the last ones have not been "
        "observed yet."
    )
    return Figure("forecast", picture, alt, finding, caption, rows, source)


def draw_forecasts(axes: Axes, rows: pd.DataFrame) -> None:
    """Bars of the intervals, a dash at each median, and the observed line over them."""
    x = days(rows["month"])
    coming = rows["observed"].isna().to_numpy()
    for strength, which in ((PAST, ~coming), (COMING, coming)):
        for level, width in BARS.items():
            low, high = rows.loc[which, f"lower_{level}"], rows.loc[which, f"upper_{level}"]
            axes.vlines(x[which], low, high, color=MODEL, linewidth=width, alpha=strength)
    axes.plot(x, rows["median"], color=MODEL, linestyle="none", marker="_", markersize=9)
    axes.plot(x, rows["observed"], color=OBSERVED, marker="o", markersize=4)


def describe_forecast(rows: pd.DataFrame) -> str:
    """What the chart shows, in numbers."""
    known = rows.dropna(subset=["observed", "median"])
    inside = known["observed"].between(known["lower_95"], known["upper_95"])
    coming = rows[rows["observed"].isna() & rows["median"].notna()].iloc[0]
    missed = ", ".join(month_name(month) for month in known.loc[~inside, "month"])
    return (
        f"Of the {len(known)} months shown that were observed and could be forecast a month "
        f"before, {inside.sum()} lie within the 95 % interval{f'; not {missed}' if missed else ''}."
        f" The next month, {month_name(coming['month'])}, is forecast at {coming['median']:,.0f} "
        f"tonnes ({coming['lower_95']:,.0f} to {coming['upper_95']:,.0f})."
    )


COLOURS = (OBSERVED, MODEL, MUTED)
STEP_DAYS = 5
"""How far the destinations of a vintage stand apart."""


def plot_real_time(
    real_time: pd.DataFrame, start: str, *, names: Callable[[str], str], source: str
) -> Figure:
    """The counterfactual estimates of the window that begins with `start`, by vintage.

    `real_time` keeps the contract RealTime; at most three destinations are drawn,
    called by `names`.
    """
    asked = real_time[(real_time["start"] == start) & (real_time["headline"] == "counterfactual")]
    rows = asked.dropna(subset="estimate").reset_index(drop=True)
    if rows.empty:
        raise ValueError(f"no vintage tells the effect of the window from {start}")
    window = month_span(start, str(rows["end"].iloc[0]))
    own = rows[rows["destination"] == rows["destination"].iloc[0]]["estimate"]
    first, last = (f"{value:.0f} %".replace("-", "−") for value in own.iloc[[0, -1]])
    title = f"The effect of {window} was put at {first} when first told, at {last} now"
    finding = describe_real_time(rows, window, names)
    alt = (
        f"Chart of estimates with intervals, by the end of the month whose data they use. {finding}"
    )
    units = (
        "Average effect and its interval, percent, from what had come out by the end of each month"
    )
    with sheet(title, units, source=source, height=4.6, right=1.4) as (drawing, axes):
        axes.set_ylim(min(-100, 1.05 * rows["lower"].min()), max(4, 1.05 * rows["upper"].max()))
        axes.yaxis.set_major_formatter(lambda value, _: f"{value:,.0f} %".replace("-", "−"))
        axes.axhline(0, color=INK, linewidth=0.8)
        month_limits(axes, rows["vintage"].dt.to_period("M").dt.to_timestamp().sort_values())
        draw_estimates(axes, rows, names)
        picture = render(drawing, title, alt)
    caption = (
        f"The average effect of {window}, estimated from what had come out by the end of each "
        "month. Bars are the intervals; a vintage without a mark could not tell."
    )
    return Figure("real-time", picture, alt, finding, caption, rows, source)


def draw_estimates(axes: Axes, rows: pd.DataFrame, names: Callable[[str], str]) -> None:
    """A dot with its interval a vintage, a colour a destination, named at the last dot."""
    labels = []
    for place, (destination, own) in enumerate(rows.groupby("destination", sort=False)):
        x = _middles(own["vintage"]) + STEP_DAYS * (place - 1)
        colour = COLOURS[place]
        axes.vlines(x, own["lower"], own["upper"], color=colour, linewidth=1.6, alpha=0.45)
        axes.plot(x, own["estimate"], color=colour, marker="o", markersize=4, linewidth=0.8)
        words = "\n".join(wrap(names(str(destination)), 14))
        labels.append((float(own["estimate"].iloc[-1]), words, colour))
    label_ends(axes, float(_middles(rows["vintage"]).max()) + STEP_DAYS, labels)


def _middles(days_of_vintages: pd.Series) -> np.ndarray:
    return days(days_of_vintages.dt.to_period("M").dt.to_timestamp())


def describe_real_time(rows: pd.DataFrame, window: str, names: Callable[[str], str]) -> str:
    """When each effect could first be told, and how far the estimate has moved since."""
    parts = []
    for destination, own in rows.groupby("destination", sort=False):
        first, last = own.iloc[0], own.iloc[-1]
        parts.append(
            f"for {names(str(destination))} from {first['vintage']:%B %Y}: "
            f"{first['estimate']:.0f} % then, {last['estimate']:.0f} % in "
            f"{last['vintage']:%B %Y}, never outside {own['estimate'].min():.0f} to "
            f"{own['estimate'].max():.0f} %"
        )
    text = f"The effect of {window} could be told {'; '.join(parts)}."
    return text.replace("-", "−")
