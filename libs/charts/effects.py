"""Effects drawn: observed against expected, in levels and against all others."""

from __future__ import annotations

from typing import Any

import pandas as pd
from effects import Counterfactual
from matplotlib.axes import Axes
from words import month as month_name
from words import signed

from charts.figure import Figure
from charts.marks import (
    LINE,
    draw_band,
    draw_intervals,
    draw_phases,
    label_ends,
    label_points,
    line_boxes,
    phase_inches,
)
from charts.palette import MODEL, OBSERVED
from charts.series import PHASES_SHADED
from charts.sheet import days, month_limits, month_values, sentence_case, share, sheet, tonnes_axis
from charts.svg import Values

LEAD = 24
"""Months shown before the event."""


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
    """The ratio's path: observed, and what the baseline led one to expect from `start` on.

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
    lead = "fell furthest behind" if gap.min() < 0 else "were never behind, and least ahead of,"
    title = f"{sentence_case(name)} {lead} the rest in {month_name(deepest['month'])}"
    finding = (
        f"{title}: {deepest['observed']:.1f} tonnes for every 100 to all "
        f"others, where {deepest['counterfactual']:.1f} were to be expected "
        f"({signed(gap.min())} %). {int((told['observed'] < told['lower']).sum())} of {len(told)} "
        f"months lie below the {share(level)} interval."
    )
    caption = (
        "Tonnes for every 100 to the rest, in months in which both are known "
        f"(solid), and what the months of the baseline led one to expect (dashed, with its "
        f"{share(level)} interval). What hits all destinations alike does not show here. "
        f"{PHASES_SHADED}"
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
    band, top = rows.where(pd.Series(after)), model_top(rows)
    draw_band(axes, rows["month"], band["lower"], band["upper"], MODEL, 0.16)
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
        "expected": month_values(band.assign(month=rows["month"]), "counterfactual", due),
    }


def label_widest(axes: Axes, rows: pd.DataFrame, widest: pd.Series) -> None:
    """Write what was observed and expected in the month of the widest gap at its points."""
    day = float(days([widest["month"]])[0])
    seen, due = (float(widest[column]) for column in ("observed", "counterfactual"))
    points = [
        (day, seen, f"{seen:,.0f} in\n{widest['month']:%b %Y}", OBSERVED),
        (day, due, f"{due:,.0f}\nexpected", MODEL),
    ]
    label_points(axes, points, line_boxes(axes, days(rows["month"]), rows["observed"]))
