"""Observed months beside expected ones: effects in levels and against others, forecasts."""

from __future__ import annotations

from collections.abc import Callable
from textwrap import wrap
from typing import Any

import numpy as np
import pandas as pd
from effects import Counterfactual
from effects.forecasts import QUANTILES, Outlook
from matplotlib.axes import Axes
from words import interval, month_span, number, percent, sentence_case, signed
from words import month as month_name

from charts.marks import (
    LINE,
    draw_intervals,
    draw_phases,
    draw_spans,
    label_ends,
    label_points,
    phase_inches,
    phased_boxes,
)
from charts.palette import INK, MODEL, MUTED, OBSERVED
from charts.series import PHASES_SHADED
from charts.sheet import Figure, days, month_limits, month_values, share, sheet, tonnes_axis
from charts.svg import Values

LEAD = 24
"""Months shown before an event, or a forecast."""


def plot_counterfactual(
    table: pd.DataFrame, start: str, level: float, marks: pd.DataFrame, *, name: str, source: str
) -> Figure:
    """Observed and expected tonnes a month, with the interval and the effect shaded.

    table: month, observed, observed_lower, observed_upper, counterfactual, lower, upper, effect,
    effect_lower, effect_upper, in tonnes; the effect is drawn from `start` on. name: what the
    series is called in a sentence.
    """
    first = pd.Timestamp(start)
    rows = table[table["month"] >= first - pd.DateOffset(months=LEAD)].reset_index(drop=True)
    after = rows[(rows["month"] >= first) & rows["effect"].notna()]
    outside = int((~after["observed"].between(after["lower"], after["upper"])).sum())
    widest = after.loc[after["effect"].abs().sort_values().index[-1]]
    since, month = month_name(first), month_name(widest["month"])
    title = f"{sentence_case(name)} stayed in the expected range from {since} on"
    if outside:
        way = "below" if widest["effect"] < 0 else "above"
        title = f"{sentence_case(name)} were furthest {way} normal in {month}"
    finding = (
        f"{outside or 'None'} of the {len(after)} months observed from {since} on "
        f"{'lies' if outside == 1 else 'lie'} outside the {share(level)} interval of what was "
        f"expected. The gap is widest in {month}: {widest['observed']:,.0f} tonnes observed "
        f"against {widest['counterfactual']:,.0f} expected "
        f"({widest['lower']:,.0f} to {widest['upper']:,.0f})."
    )
    caption = (
        f"{sentence_case(name)}: observed (solid) and what the model expects without the event "
        f"from {since} on (dashed, with its {share(level)} interval). The shaded gap between the "
        f"lines is the estimated effect. {PHASES_SHADED}"
    )
    if rows["upper"].max() > model_top(rows):
        caption += f" The interval is cut off; it reaches {rows['upper'].max():,.0f} tonnes."
    above = phase_inches(marks, rows["month"])
    with sheet(title, "Tonnes a month", source=source, above=above, tall=2.4) as on:
        values = draw_model(on.axes, rows, first, level, marks)
        if outside:
            label_widest(on.axes, rows, widest)
        kind = f"Line chart, {name} by month, observed and expected"
        return on.figure("counterfactual", kind, finding, caption, rows, values)


RELATIVE_LEAD = 12
"""Months shown before the window."""


def plot_relative(
    effect: Counterfactual,
    start: str,
    level: float,
    marks: pd.DataFrame,
    *,
    name: str,
    source: str,
) -> Figure:
    """The ratio's path: observed, and what the baseline's model expects from `start` on.

    effect: of the series of tonnes for every 100 to the rest; name: what the series is called.
    """
    first = pd.Timestamp(start)
    path = effect.path[["observed", "counterfactual", "lower", "upper"]]
    months = pd.PeriodIndex(path.index).to_timestamp()
    rows = path.set_axis(months, axis="index").rename_axis("month").reset_index()
    rows = rows[rows["month"] >= first - pd.DateOffset(months=RELATIVE_LEAD)].reset_index(drop=True)
    told = rows[(rows["month"] >= first) & rows[["observed", "counterfactual"]].notna().all(axis=1)]
    gap = 100 * (told["observed"] / told["counterfactual"] - 1)
    deepest = told.loc[gap.sort_values().index].iloc[0]
    lead = "fell furthest behind" if gap.min() < 0 else "were least ahead of"
    title = f"{sentence_case(name)} {lead} the rest in {month_name(deepest['month'])}"
    finding = (
        f"{title}: {deepest['observed']:.1f} tonnes for every 100 to all "
        f"others, where {deepest['counterfactual']:.1f} were expected "
        f"({signed(gap.min())} %). {int((told['observed'] < told['lower']).sum())} of {len(told)} "
        f"months lie below the {share(level)} interval."
    )
    caption = (
        "Tonnes for every 100 to the rest, in months in which both are known (solid), and what the "
        f"model of the baseline expects (dashed, with its {share(level)} interval). What hits all "
        f"destinations alike does not show here. {PHASES_SHADED}"
    )
    above = phase_inches(marks, rows["month"])
    units = "Tonnes for every 100 to the rest"
    with sheet(title, units, source=source, above=above, tall=2.3) as on:
        values = draw_model(on.axes, rows, first, level, marks)
        kind = f"Line chart, {name} against all others, by month"
        return on.figure("relative", kind, finding, caption, rows, values)


def model_top(rows: pd.DataFrame) -> float:
    """The top of the chart: twice the highest month observed, unless all lies lower."""
    everything = rows[["observed", "upper"]].max().max()
    return float(min(1.05 * everything, 2 * rows["observed"].max()))


def draw_model(
    axes: Axes, rows: pd.DataFrame, first: pd.Timestamp, level: float, marks: pd.DataFrame
) -> Values:
    """Observed months, the counterfactual and its interval from `first` to where the model ends.

    The gap between the two is shaded. Gives the points to read.
    """
    x, after = days(rows["month"]), (rows["month"] >= first).to_numpy()
    names = ("counterfactual", "lower", "upper")
    band = rows.assign(**{name: rows[name].where(after) for name in names})
    top = model_top(rows)
    draw_spans(axes, rows["month"], band["lower"], band["upper"], MODEL, 0.16)
    gap: dict[str, Any] = {"where": after, "color": OBSERVED, "alpha": 0.22, "linewidth": 0}
    axes.fill_between(x, rows["observed"], rows["counterfactual"], **gap)
    axes.plot(x, band["counterfactual"], color=MODEL, linestyle=(0, (4, 2)), marker="_")
    axes.plot(x, rows["observed"], color=OBSERVED, **LINE)
    tonnes_axis(axes)
    axes.set_ylim(0, top)
    month_limits(axes, rows["month"])
    labels = [(rows["observed"].dropna().iloc[-1], "observed", OBSERVED)]
    known = band["counterfactual"].dropna()
    if len(known):
        labels.append((known.iloc[-1], f"expected,\n{share(level)}\ninterval", MODEL))
        last = band.loc[known.index[-1:]]
        draw_intervals(axes, x[last.index] + 15, last["lower"], last["upper"], colour=MODEL)
    label_ends(axes, x[-1], labels)
    draw_phases(axes, marks, rows["month"])
    form = ",.0f" if top > 100 else ".1f"
    due = f"{{counterfactual:{form}}} expected ({{lower:{form}}} to {{upper:{form}}})"
    return {
        "observed": month_values(rows, "observed", f"{{observed:{form}}} observed"),
        "expected": month_values(band, "counterfactual", due),
    }


def label_widest(axes: Axes, rows: pd.DataFrame, widest: pd.Series) -> None:
    """Write what was observed and expected in the month of the widest gap at its points."""
    day = float(days([widest["month"]])[0])
    seen, due = (float(widest[column]) for column in ("observed", "counterfactual"))
    points = [
        (day, seen, f"{seen:,.0f} in\n{widest['month']:%b %Y}", OBSERVED),
        (day, due, f"{due:,.0f}\nexpected", MODEL),
    ]
    label_points(axes, points, phased_boxes(axes, days(rows["month"]), rows["observed"]))


BARS = {"95": 2.2, "80": 4.6}
"""Width in points of the bar of each interval."""
PAST, COMING = 0.3, 0.8
"""Strength of the bars over months observed since, and over those to come."""


def plot_forecast(found: Outlook, series: pd.Series, *, name: str, source: str) -> Figure:
    """Observed tonnes a month, one-month-ahead forecasts from each month, and the next months.

    series: tonnes on every month, that `found` is of.
    """
    rows = forecast_rows(found, series)
    known = rows.dropna(subset=["observed", "median"])
    inside = known["observed"].between(known["lower_95"], known["upper_95"])
    missed = ", ".join(month_name(month) for month in known.loc[~inside, "month"])
    coming = rows[rows["observed"].isna() & rows["median"].notna()].iloc[0]
    title = f"{inside.sum()} of {len(known)} months of {name} came as forecast the month before"
    finding = (
        f"Of the {len(known)} months shown that were observed and could be forecast a month "
        f"before, {inside.sum()} lie within the 95 % interval{f'; not {missed}' if missed else ''}."
        f" The next month, {month_name(coming['month'])}, is forecast at {coming['median']:,.0f} "
        f"tonnes ({coming['lower_95']:,.0f} to {coming['upper_95']:,.0f})."
    )
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


def forecast_rows(found: Outlook, series: pd.Series) -> pd.DataFrame:
    """One row a month: observed, horizon and the quantiles of the latest forecast of it."""
    columns = ["period", "horizon", *QUANTILES]
    both = pd.concat([found.one_ahead[columns], found.table[columns]]).set_index("period")
    months = pd.period_range(found.origin - LEAD + 1, both.index[-1], name="month")
    rows = both.reindex(months)
    rows.insert(0, "observed", series.reindex(months))
    return rows.set_axis(months.to_timestamp(), axis="index").rename_axis("month").reset_index()


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
    told = []
    for destination, own in rows.groupby("destination", sort=False):
        first, last, estimates = own.iloc[0], own.iloc[-1], own["estimate"]
        told.append(
            f"for {names(str(destination))} from {first['vintage']:%B %Y}: "
            f"{number(first['estimate'])} % then, {number(last['estimate'])} % in "
            f"{last['vintage']:%B %Y}, never outside {interval(estimates.min(), estimates.max())} %"
        )
    own = rows[rows["destination"] == rows["destination"].iloc[0]]
    then, now = map(percent, own["estimate"].iloc[[0, -1]])
    title = f"The effect of {window} was put at {then} when first told, at {now} now"
    finding = f"The effect of {window} could be told {'; '.join(told)}."
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
        rows.insert(3, "destination_name", rows["destination"].map(names))
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
