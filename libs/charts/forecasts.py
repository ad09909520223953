"""Forecasts with their past, and estimates as data came in."""

from __future__ import annotations

from collections.abc import Callable
from textwrap import wrap

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from words import month as month_name
from words import month_span, percent, signed

from charts.figure import Figure
from charts.marks import LINE, draw_intervals, label_ends
from charts.palette import INK, MODEL, MUTED, OBSERVED
from charts.sheet import days, month_limits, month_values, sentence_case, sheet, tonnes_axis
from charts.svg import Values

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
    caption = (
        f"{sentence_case(name)}: observed (line) and forecast (dashes, with 80 and 95 % "
        "intervals). Bars over past months are what the same model would have forecast from the "
        "month before, seeing earlier months as they are known today; the last ones have not been "
        "observed yet."
    )
    with sheet(title, "Tonnes a month", source=source, tall=2.8) as on:
        draw_forecasts(on.axes, rows)
        forecast = "{median:,.0f} forecast ({lower_95:,.0f} to {upper_95:,.0f})"
        values = {
            "observed": month_values(rows, "observed", "{observed:,.0f} observed"),
            "forecast": month_values(rows, "median", forecast),
        }
        kind = "Line of observed exports with vertical bars of forecasts, by month"
        return on.figure("forecast", kind, finding, caption, rows, values)


def draw_forecasts(axes: Axes, rows: pd.DataFrame) -> None:
    """Bars of the intervals, a dash at each median, and the observed line over them, all named."""
    x = days(rows["month"])
    coming = rows["observed"].isna().to_numpy()
    for strength, which in ((PAST, ~coming), (COMING, coming)):
        for level, width in BARS.items():
            ends = (rows.loc[which, f"{side}_{level}"] for side in ("lower", "upper"))
            draw_intervals(axes, x[which], *ends, colour=MODEL, width=width, alpha=strength)
    axes.plot(x, rows["median"], "_", color=MODEL, markersize=9)
    axes.plot(x, rows["observed"], color=OBSERVED, **LINE)
    tonnes_axis(axes)
    month_limits(axes, rows["month"])
    labels = [
        (rows["observed"].dropna().iloc[-1], "observed", OBSERVED),
        (rows["median"].iloc[-1], "forecast,\n80 and 95 %\nintervals", MODEL),
    ]
    label_ends(axes, x[-1], labels)


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
    first, last = map(percent, own.iloc[[0, -1]])
    title = f"The effect of {window} was put at {first} when first told, at {last} now"
    finding = describe_real_time(rows, window, names)
    units = "Average effect, %, from what had come out by the end of each month"
    caption = (
        f"The average effect of {window}, estimated from what had come out by the end of each "
        "month. Bars are the intervals; a vintage without a mark could not tell."
    )
    with sheet(title, units, source=source, tall=2.7, right=1.4) as on:
        on.axes.set_ylim(min(-100, 1.05 * rows["lower"].min()), max(4, 1.05 * rows["upper"].max()))
        on.axes.yaxis.set_major_formatter(lambda value, _: signed(value))
        on.axes.axhline(0, color=INK, linewidth=0.8)
        month_limits(on.axes, rows["vintage"].dt.to_period("M").dt.to_timestamp().sort_values())
        values = draw_estimates(on.axes, rows, names)
        kind = "Chart of estimates with intervals, by the end of the month whose data they use"
        return on.figure("real-time", kind, finding, caption, rows, values)


def draw_estimates(axes: Axes, rows: pd.DataFrame, names: Callable[[str], str]) -> Values:
    """A dot with its interval a vintage, a colour a destination, named at the last dot."""
    labels, values = [], {}
    for place, (destination, own) in enumerate(rows.groupby("destination", sort=False)):
        x = _middles(own["vintage"]) + STEP_DAYS * (place - 1)
        name, colour = names(str(destination)), COLOURS[place]
        draw_intervals(axes, x, own["lower"], own["upper"], colour=colour, width=1.6, alpha=0.45)
        axes.plot(x, own["estimate"], color=colour, marker="o", markersize=4, linewidth=0.8)
        labels.append((float(own["estimate"].iloc[-1]), "\n".join(wrap(name, 14)), colour))
        values[name] = [
            (
                at,
                row["estimate"],
                f"{row['vintage']:%B %Y}: {percent(row['estimate'])} for {name} "
                f"({signed(row['lower'])} to {signed(row['upper'])})",
            )
            for at, row in zip(x, own.to_dict("records"), strict=True)
        ]
    label_ends(axes, float(_middles(rows["vintage"]).max()) + STEP_DAYS, labels)
    return values


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
