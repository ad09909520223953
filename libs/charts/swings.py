"""Swings: how far each month's change lies from the one expected, beside the usual range."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from effects.swing import too_few
from matplotlib.axes import Axes
from words import month as month_name
from words import percent

from charts.marks import (
    RECENT,
    draw_history,
    draw_intervals,
    draw_spans,
    history_inches,
    label_ends,
    label_points,
    line_boxes,
)
from charts.palette import INK, MODEL, MUTED, OBSERVED
from charts.sheet import (
    Figure,
    change_ticks,
    days,
    month_limits,
    month_values,
    name_ticks,
    share,
    sheet,
)

MOST_LABELS = 6


def plot_swings(
    table: pd.DataFrame, focus: str, baseline_end: str, level: float, *, name: str, source: str
) -> Figure:
    """Each month's change beyond the expected; unusual ones and the month `focus` are named.

    table: month, change_pct, expected_pct, residual, usual_lower, usual_upper, p_value, unusual;
    its p-values are ranks at `level` among the changes up to `baseline_end`. name: what the series
    is called in a sentence.
    """
    rows = table.dropna(subset="change_pct").reset_index(drop=True)
    month = pd.Timestamp(focus)
    many = int(rows["unusual"].sum())
    told = f"{many} of {len(rows)}" if many else f"None of {len(rows)}"
    title = f"{told} monthly changes in {name} {'are' if many > 1 else 'is'} unusual"
    calm = int((rows["month"] <= pd.Timestamp(baseline_end)).sum())
    why = too_few(calm, level)
    none = f" None could be called unusual: {why}." if why else ""
    finding = describe_swings(rows, month) + none
    marked = (
        " The grey band is the usual range. Diamonds lie outside it: each over its own standard "
        f"deviation, they are farther from zero than {share(level)} of the {calm} changes of the "
        f"calm past; {100 * (1 - level):.2g} in a hundred are by chance alone."
    )
    caption = (
        "How far the change of each month on the month before lies from what season and calendar "
        f"make usual, the zero line.{none or marked} On the log scale a halving is as long as "
        "a doubling."
    )
    every = rows.assign(height=np.log1p(rows["residual"] / 100)).set_index("month")
    every = every.asfreq("MS").reset_index()
    recent = every.tail(RECENT).reset_index(drop=True)
    units = "Change on the month before less the one expected, percent (log scale)"
    above = history_inches(every["month"])
    with sheet(title, units, source=source, left=0.9, right=0.75, tall=2.9, above=above) as on:
        draw_swings(on.axes, recent, month)
        if above:
            since = recent["month"].iloc[0]
            small = draw_history(on, 0, every["month"], every["height"], since)
            draw_dots(small, every[every["month"] < since], 2.5)
        known = recent[recent["residual"].notna()]
        known = known.assign(words=list(map(swing_words, known.to_dict("records"))))
        values = {name: month_values(known, "height", "{words}")}
        return on.figure("swings", "Dot chart on a log scale", finding, caption, rows, values)


def draw_swings(axes: Axes, rows: pd.DataFrame, focus: pd.Timestamp) -> None:
    """The usual range as a band, each month as a dot on a stem from the change expected."""
    x, height = days(rows["month"]), rows["height"].to_numpy()
    low, high = (
        np.log1p(rows[side].to_numpy(dtype=float) / 100) for side in ("usual_lower", "usual_upper")
    )
    draw_spans(axes, rows["month"], low, high, MUTED, 0.2)
    axes.axhline(0, color=MUTED, linewidth=0.8)
    for unusual, colour in ((False, OBSERVED), (True, MODEL)):
        some = (rows["unusual"].eq(True) == unusual).to_numpy()
        draw_intervals(axes, x[some], 0 * x[some], height[some], colour=colour, width=1.0)
    draw_dots(axes, rows, 4.5)
    asked = (rows["month"] == focus).to_numpy()
    axes.scatter(x[asked], height[asked], s=81, facecolors="none", edgecolors=INK, linewidths=1)
    axes.margins(y=0.14)
    bottom, top = axes.get_ylim()
    places, percents = change_ticks(bottom, top, 0.075 * (top - bottom))
    name_ticks(axes.yaxis, places, ["expected", *percents[1:]])
    month_limits(axes, rows["month"])
    known = np.flatnonzero(np.isfinite(high))
    if len(known):
        label_ends(axes, x[-1], [(high[known[-1]] / 2, "usual", MUTED)])
    stems = np.column_stack([0 * x, height, np.full(len(x), np.nan)]).ravel()
    label_points(axes, swing_labels(rows, focus), line_boxes(axes, np.repeat(x, 3), stems))


def draw_dots(axes: Axes, rows: pd.DataFrame, size: float) -> None:
    """A dot a month, a diamond where its change is unusual."""
    x, height = days(rows["month"]), rows["height"].to_numpy()
    unusual = rows["unusual"].eq(True).to_numpy()
    axes.plot(x[~unusual], height[~unusual], "o", color=OBSERVED, markersize=0.75 * size)
    axes.plot(x[unusual], height[unusual], "D", color=MODEL, markersize=size)


def swing_labels(rows: pd.DataFrame, focus: pd.Timestamp) -> list[tuple[float, float, str, str]]:
    """Labels of the month asked about and of the unusual ones, the least likely first."""
    known = rows[rows["residual"].notna()].to_dict("records")
    wanted = [row for row in known if row["month"] == focus or row["unusual"] is True]
    wanted.sort(key=lambda row: (row["month"] != focus, row["p_value"], row["month"]))
    return [
        (
            float(days([row["month"]])[0]),
            row["height"],
            f"{row['month']:%b %Y}\n{swing_percent(row['residual'])}",
            MODEL if row["unusual"] else INK,
        )
        for row in wanted[:MOST_LABELS]
    ]


def swing_percent(change: float) -> str:
    """A percent change, to a tenth where it has fewer than three digits."""
    return percent(change, 0 if abs(change) >= 100 else 1)


def swing_words(row: Mapping[Hashable, Any]) -> str:
    """What a month says when it is pointed at."""
    columns = ("change_pct", "expected_pct", "residual", "usual_lower", "usual_upper")
    change, expected, further, low, high = (swing_percent(row[column]) for column in columns)
    usual = "" if pd.isna(row["usual_lower"]) else f", usual from {low} to {high}"
    return f"{change}, where {expected} was expected; {further} beyond it{usual}"


def describe_swings(rows: pd.DataFrame, focus: pd.Timestamp) -> str:
    """What the chart shows, in numbers."""
    told = [
        f"{month_name(row['month'])} ({swing_percent(row['change_pct'])}, "
        f"{swing_percent(row['expected_pct'])} expected)"
        for row in rows[rows["unusual"]].to_dict("records")
    ]
    many = "one is" if len(told) == 1 else f"{len(told)} are"
    text = (
        f"Of {len(rows)} known changes from {month_name(rows['month'].iloc[0])} to "
        f"{month_name(rows['month'].iloc[-1])}, "
        + (f"{many} unusual: {', '.join(told)}." if told else "none is unusual.")
    )
    asked = rows[rows["month"] == focus]
    if asked.empty:
        return f"{text} {month_name(focus)}, the month asked about, has no observed change."
    change, expected, p_value = asked[["change_pct", "expected_pct", "p_value"]].iloc[0]
    return (
        f"{text} {month_name(focus)}, the month asked about, changed by {swing_percent(change)}; "
        f"{swing_percent(expected)} was expected (p = {p_value:.3f})."
    )
