"""Monthly series as they are known: levels with bounds, and the breaks in them."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.dates import date2num
from words import month as month_name
from words import percent

from charts.figure import Figure
from charts.marks import (
    LEADER,
    LINE,
    RECENT,
    draw_history,
    draw_phases,
    history_inches,
    label_ends,
    label_points,
    line_boxes,
    phase_inches,
)
from charts.palette import INK, MODEL, MUTED, OBSERVED
from charts.sheet import days, month_limits, month_values, sentence_case, sheet, tonnes_axis

PHASES_SHADED = "Shaded spans are phases of policy; ticks on the axis are single events."
HEADROOM = 1.12
"""The top of the chart over the highest month observed."""


def plot_series(
    exports: pd.DataFrame, destination: str, marks: pd.DataFrame, *, name: str, source: str
) -> Figure:
    """Monthly levels with bounds, the last years large; `marks` has `date` and `label`.

    A month whose bounds are too wide to count as data is a gap in the line and a pale bar over
    what it can have been. name: what the series is called in a sentence.
    """
    rows = select_months(exports, destination)
    seen = rows.dropna(subset="tonnes").sort_values("tonnes")["month"]
    title = f"lowest in {month_name(seen.iloc[0])}, highest in {month_name(seen.iloc[-1])}"
    words = f"{sentence_case(name)}: {title}", describe_series(rows), name
    return _draw_levels(rows, pd.DataFrame(), marks, "series", words, source)


def plot_breaks(
    exports: pd.DataFrame,
    destination: str,
    shifts: pd.DataFrame,
    marks: pd.DataFrame,
    *,
    name: str,
    source: str,
) -> Figure:
    """Monthly exports with a band over the months in which each break may have come.

    shifts: the breaks of `destination`, as in the contract BreakShifts; marks: date and label.
    """
    rows = select_months(exports, destination)
    months = [month_name(pd.Timestamp(start)) for start in shifts["start"]]
    title = f"No break can be told in {name}"
    if months:
        title = f"{sentence_case(name)} change level in {' and in '.join(months)}"
    words = title, describe_breaks(shifts, rows), name
    return _draw_levels(rows, shifts, marks, f"breaks-{destination}", words, source)


def _draw_levels(
    rows: pd.DataFrame,
    shifts: pd.DataFrame,
    marks: pd.DataFrame,
    stem: str,
    words: tuple[str, str, str],
    source: str,
) -> Figure:
    """The last years large under the whole series; words: title, finding, name."""
    title, finding, name = words
    recent = rows.tail(RECENT).reset_index(drop=True)
    months, top = recent["month"], top_of(rows)
    flags = phase_inches(marks, months)
    above = flags + history_inches(rows["month"])
    with sheet(title, units_of(recent, top), source=source, above=above) as on:
        if len(rows) > RECENT:
            small = draw_history(on, flags, rows["month"], rows["tonnes"], months.iloc[0])
            draw_breaks(small, shifts)
        draw_bounds(on.axes, recent, top)
        draw_observed(on.axes, recent)
        tonnes_axis(on.axes)
        month_limits(on.axes, months)
        draw_breaks(on.axes, shifts)
        if stem == "series":
            label_extremes(on.axes, recent, rows.dropna(subset="tonnes"))
        label_breaks(on.axes, shifts, months.iloc[0])
        draw_phases(on.axes, marks, months)
        values = {name: month_values(recent, "tonnes", "{tonnes:,.0f} tonnes")}
        caption = caption_levels(recent, name, stem != "series")
        return on.figure(stem, f"Line chart, {name} by month", finding, caption, rows, values)


def select_months(exports: pd.DataFrame, destination: str) -> pd.DataFrame:
    """Every month from the first observed to the last one, missing ones empty."""
    rows = exports[exports["destination"] == destination].set_index("month").sort_index()
    seen = rows.index[rows["tonnes"].notna()]
    if not len(seen):
        raise ValueError(f"exports holds no observed month of {destination}; nothing to draw")
    months = pd.date_range(seen[0], seen[-1], freq="MS", name="month")
    columns = ["tonnes", "lower", "upper", "status", "newsrooms"]
    return rows.reindex(months)[columns].reset_index()


def top_of(rows: pd.DataFrame) -> float:
    """The top of the chart: months known only loosely would flatten the line if they set it."""
    return HEADROOM * float(rows.loc[rows["tonnes"].notna(), "upper"].max())


def cut_months(rows: pd.DataFrame, top: float) -> pd.Series:
    """Marks the months known only loosely whose bounds reach beyond `top`."""
    return rows["tonnes"].isna() & (rows["upper"] > top)


def units_of(rows: pd.DataFrame, top: float) -> str:
    """The units, and how far bars reach that are cut off."""
    cut = rows["upper"][cut_months(rows, top)]
    told = f"; bars with an arrow are cut off and reach up to {cut.max():,.0f}" if len(cut) else ""
    return f"Tonnes a month{told}"


def draw_bounds(axes: Axes, rows: pd.DataFrame, top: float) -> None:
    """Bars from bound to bound: over observed months, paler over those known only loosely."""
    known = rows["tonnes"].notna()
    wide = ~known & rows["upper"].notna()
    for some, colour, alpha in ((known, OBSERVED, 0.35), (wide, MUTED, 0.3)):
        low, high = (rows[bound][some].clip(upper=top) for bound in ("lower", "upper"))
        x = days(rows["month"][some])
        axes.bar(x, high - low, bottom=low, width=24, color=colour, alpha=alpha)
    x = days(rows["month"][cut_months(rows, top)])
    axes.plot(x, np.full(len(x), top), "^", color=MUTED, markersize=3, clip_on=False)
    axes.set_ylim(0, top)


def draw_observed(axes: Axes, rows: pd.DataFrame) -> None:
    """The line of observed months, broken where a month is missing, with its last value."""
    x = days(rows["month"])
    axes.plot(x, rows["tonnes"], color=OBSERVED, **LINE)
    last = rows.iloc[-1]
    words = f"{last['tonnes']:,.0f} t\n{last['month']:%b %Y}"
    label_ends(axes, x[-1], [(last["tonnes"], words, INK)])


def draw_breaks(axes: Axes, shifts: pd.DataFrame) -> None:
    """A band from the first day a break may have come to the last."""
    for shift in shifts.to_dict("records"):
        after = pd.Timestamp(shift["date_upper"]) + pd.DateOffset(months=1)
        ends = date2num([pd.Timestamp(shift["date_lower"]), after])
        axes.axvspan(*ends, color=MODEL, alpha=0.35, linewidth=0)


def label_breaks(axes: Axes, shifts: pd.DataFrame, since: pd.Timestamp) -> None:
    """Each break's month and shift, low before the first band or after the last."""
    shown = shifts[pd.to_datetime(shifts["start"]) >= since] if len(shifts) else shifts
    x = days([pd.Timestamp(start) for start in shown.get("start", [])])
    leftward = x.mean() > sum(axes.get_xlim()) / 2 if len(x) else False
    for place, (day, shift) in enumerate(zip(x, shown.to_dict("records"), strict=True)):
        height = 0.1 + 0.13 * place
        axes.annotate(
            f"{pd.Timestamp(shift['start']):%b %Y} {percent(shift['estimate'])}",
            (day, height),
            (x.min() - 35 if leftward else x.max() + 35, height),
            xycoords=axes.get_xaxis_transform(),
            color=MODEL,
            ha="right" if leftward else "left",
            va="center",
            arrowprops=LEADER | {"color": MODEL},
        )


def label_extremes(axes: Axes, rows: pd.DataFrame, seen: pd.DataFrame) -> None:
    """The tonnes of the lowest and the highest month of all `seen`, at their points."""
    ranked = seen.sort_values("tonnes").iloc[[0, -1]]
    points = [
        (float(days([row["month"]])[0]), row["tonnes"], f"{row['tonnes']:,.0f} t", OBSERVED)
        for row in ranked[ranked["month"] >= rows["month"].iloc[0]].to_dict("records")
    ]
    label_points(axes, points, line_boxes(axes, days(rows["month"]), rows["tonnes"]))


def describe_series(rows: pd.DataFrame) -> str:
    """What the chart shows, in numbers."""
    seen = rows.dropna(subset="tonnes")
    ranked = seen.sort_values("tonnes")
    low, high = ranked.iloc[0], ranked.iloc[-1]
    last = seen.iloc[-1]
    return (
        f"From {month_name(seen['month'].iloc[0])} to {month_name(last['month'])}, the lowest "
        f"month is {low['tonnes']:,.0f} tonnes in "
        f"{month_name(low['month'])} and the highest {high['tonnes']:,.0f} tonnes in "
        f"{month_name(high['month'])}; the last is {last['tonnes']:,.0f} tonnes. "
        f"{len(rows) - len(seen)} of {len(rows)} months are missing and drawn as gaps."
    )


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


def caption_levels(rows: pd.DataFrame, name: str, breaks: bool) -> str:
    """What to read off the chart: bounds, pale bars, bands, phases."""
    missing = rows["tonnes"].isna()
    wide = int((missing & rows["upper"].notna()).sum())
    text = f"Monthly {name}, the last years large."
    text += " Bars hold the bounds of each observed month; narrow ones cannot be seen."
    if wide:
        rest = "" if wide == missing.sum() else "; no published figure bounds the others"
        text += (
            f" Pale bars span what {wide} of the {missing.sum()} months without an observation "
            f"can have been{rest}."
        )
    if breaks:
        text += (
            " Orange bands cover the months in which a break may have come, by its interval; "
            "beside them the month that fits best and the shift of the level. The search saw the "
            "series alone; policy was drawn afterwards."
        )
    return f"{text} {PHASES_SHADED}"
