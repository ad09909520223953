"""The next months, and what was forecast of the last ones a month before."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes

from charts.figure import Figure
from charts.palette import MODEL, OBSERVED
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

BARS = {"95": 2.2, "80": 4.6}
"""Width in points of the bar of each interval."""
PAST, COMING = 0.3, 0.8
"""Strength of the bars over months observed since, and over those to come."""


def plot_forecast(rows: pd.DataFrame) -> Figure:
    """Observed tonnes a month, one-month-ahead forecasts from each month, and the next months.

    rows: month, observed, horizon, median, lower_80, upper_80, lower_95, upper_95, in tonnes.
    """
    title = "Magnet exports to the world: observed, and forecast from the month before"
    finding = describe_forecast(rows)
    alt = f"Line of observed exports with vertical bars of forecasts, by month. {finding}"
    with sheet(title, "Tonnes a month", right=1.25) as (drawing, axes):
        draw_forecasts(axes, rows)
        tonnes_axis(axes)
        month_axis(axes)
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
        "Exports to the world: observed (line) and forecast (dashes, with 80 and 95 % intervals). "
        "Bars over past months are what the same model would have forecast from the month before, "
        "seeing earlier months as they are known today; the last ones have not been observed yet."
    )
    return Figure("forecast", picture, alt, finding, caption, rows, SOURCE)


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
