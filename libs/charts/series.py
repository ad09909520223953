"""Tonnes by month: one series with its bounds and breaks, and several lines side by side."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.dates import date2num
from words import count, percent, sentence_case
from words import month as month_name
from words import months as span

from charts.marks import (
    LEADER,
    LINE,
    RECENT,
    draw_history,
    draw_phases,
    draw_spans,
    draw_window,
    history_inches,
    label_ends,
    label_points,
    phase_inches,
    phased_boxes,
)
from charts.palette import INK, MODEL, MUTED, OBSERVED
from charts.sheet import Figure, days, month_limits, month_values, sheet, tonnes_axis
from charts.svg import Values

PHASES_SHADED = "Shaded spans are phases of policy; ticks on the axis are single events."
BANDS = (
    " Orange bands cover the months in which a break may have come, by its interval; beside them "
    "the month that fits best and the shift of the level. The search saw the series alone; policy "
    "was drawn afterwards."
)
HEADROOM = 1.12
"""The top of the chart over the highest month observed."""
Records = Sequence[Mapping[Hashable, Any]]
"""Rows of a table."""


def plot_series(
    exports: pd.DataFrame, destination: str, marks: pd.DataFrame, *, name: str, source: str
) -> Figure:
    """Monthly levels with bounds, the last years large; `marks` has `date` and `label`.

    A month whose bounds are too wide to count as data is a gap in the line and a pale bar over
    what it can have been. name: what the series is called in a sentence.
    """
    rows = select_months(exports, destination)
    seen = rows.dropna(subset="tonnes")
    low, high = (row for _, row in seen.sort_values("tonnes").iloc[[0, -1]].iterrows())
    first, last, lowest, highest = (
        month_name(row["month"]) for row in (seen.iloc[0], seen.iloc[-1], low, high)
    )
    title = f"{sentence_case(name)}: lowest in {lowest}, highest in {highest}"
    finding = (
        f"From {first} to {last}, the lowest month is {low['tonnes']:,.0f} tonnes in {lowest} and "
        f"the highest {high['tonnes']:,.0f} tonnes in {highest}; the last is "
        f"{seen['tonnes'].iloc[-1]:,.0f} tonnes. {len(rows) - len(seen)} of {len(rows)} months are "
        "missing and drawn as gaps."
    )
    labels = [
        (float(days([row["month"]])[0]), row["tonnes"], f"{row['tonnes']:,.0f} t", OBSERVED)
        for row in (low, high)
        if row["month"] >= rows["month"].tail(RECENT).iloc[0]
    ]
    return _draw_levels(rows, marks, "series", (title, finding, "", name, source), labels, [])


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
    pairs = zip(months, shifts["estimate"], strict=True)
    title = f"No break stands out in {name}"
    finding = "no break stands out from the wandering of the level."
    if months:
        title = f"{sentence_case(name)} change level in {' and in '.join(months)}"
        told = " and in ".join(f"{month} ({percent(shift)})" for month, shift in pairs)
        finding = f"the level breaks in {told}."
    first, last = (month_name(rows["month"].iloc[end]) for end in (0, -1))
    words = title, f"From {first} to {last} {finding}", BANDS, name, source
    return _draw_levels(rows, marks, f"breaks-{destination}", words, [], shifts.to_dict("records"))


def _draw_levels(
    rows: pd.DataFrame,
    marks: pd.DataFrame,
    stem: str,
    words: tuple[str, str, str, str, str],
    labels: Sequence[tuple[float, float, str, str]],
    shifts: Records,
) -> Figure:
    """The last years large under the whole series, with labels of points or with breaks.

    words: title, finding, what the caption adds, name and source; labels: as of label_points.
    """
    title, finding, note, name, source = words
    recent = rows.tail(RECENT).reset_index(drop=True)
    months, observed = recent["month"], recent["tonnes"]
    # Months known only loosely would flatten the line if they set the top.
    top = HEADROOM * float(rows.loc[rows["tonnes"].notna(), "upper"].max())
    units, cut = "Tonnes a month", recent["upper"][cut_months(recent, top)]
    if len(cut):
        units += f"; bars with an arrow are cut off and reach up to {cut.max():,.0f}"
    flags = phase_inches(marks, months)
    above = flags + history_inches(rows["month"])
    with sheet(title, units, source=source, above=above) as on:
        if len(rows) > RECENT:
            small = draw_history(on, flags, rows["month"], rows["tonnes"], months.iloc[0])
            draw_breaks(small, shifts)
        draw_bounds(on.axes, recent, top)
        x = days(months)
        on.axes.plot(x, observed, color=OBSERVED, **LINE)
        last = f"{observed.iloc[-1]:,.0f} t\n{months.iloc[-1]:%b %Y}"
        label_ends(on.axes, x[-1], [(observed.iloc[-1], last, INK)])
        tonnes_axis(on.axes)
        month_limits(on.axes, months)
        draw_breaks(on.axes, shifts)
        label_points(on.axes, labels, phased_boxes(on.axes, x, observed))
        label_breaks(on.axes, shifts, months.iloc[0])
        draw_phases(on.axes, marks, months)
        values = {name: month_values(recent, "tonnes", "{tonnes:,.0f} tonnes")}
        caption = caption_levels(recent, name, note)
        return on.figure(stem, f"Line chart, {name} by month", finding, caption, rows, values)


def select_months(exports: pd.DataFrame, destination: str) -> pd.DataFrame:
    """Every month from the first observed to the last one, missing ones empty."""
    columns = ["tonnes", "lower", "upper", "status", "newsrooms"]
    rows = exports[["month", *columns]][exports["destination"] == destination]
    rows = rows.set_index("month").sort_index()
    seen = rows.index[rows["tonnes"].notna()]
    if not len(seen):
        raise ValueError(f"exports holds no observed month of {destination}; nothing to draw")
    months = pd.date_range(seen[0], seen[-1], freq="MS", name="month")
    return rows.reindex(months).reset_index()


def cut_months(rows: pd.DataFrame, top: float) -> pd.Series:
    """Marks the months known only loosely whose bounds reach beyond `top`."""
    return rows["tonnes"].isna() & (rows["upper"] > top)


def draw_bounds(axes: Axes, rows: pd.DataFrame, top: float) -> None:
    """Bars from bound to bound: over observed months, paler over those known only loosely."""
    known = rows["tonnes"].notna()
    wide = ~known & rows["upper"].notna()
    for some, colour, alpha in ((known, OBSERVED, 0.35), (wide, MUTED, 0.3)):
        low, high = (rows[bound].where(some).clip(upper=top) for bound in ("lower", "upper"))
        draw_spans(axes, rows["month"], low, high, colour, alpha, 24)
    x = days(rows["month"][cut_months(rows, top)])
    axes.plot(x, np.full(len(x), top), "^", color=MUTED, markersize=3, clip_on=False)
    axes.set_ylim(0, top)


def draw_breaks(axes: Axes, shifts: Records) -> None:
    """A band from the first day a break may have come to the last."""
    for shift in shifts:
        after = pd.Timestamp(shift["date_upper"]) + pd.DateOffset(months=1)
        ends = date2num([pd.Timestamp(shift["date_lower"]), after])
        axes.axvspan(*ends, color=MODEL, alpha=0.35, linewidth=0)


def label_breaks(axes: Axes, shifts: Records, since: pd.Timestamp) -> None:
    """Each break's month and shift, low before the first band or after the last."""
    shown = [shift for shift in shifts if pd.Timestamp(shift["start"]) >= since]
    x = days([pd.Timestamp(shift["start"]) for shift in shown])
    leftward = bool(shown) and x.mean() > sum(axes.get_xlim()) / 2
    for place, (day, shift) in enumerate(zip(x, shown, strict=True)):
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


def caption_levels(rows: pd.DataFrame, name: str, note: str) -> str:
    """What to read off the chart: bounds, pale bars, a `note` of its own, phases."""
    missing = int(rows["tonnes"].isna().sum())
    wide = int((rows["tonnes"].isna() & rows["upper"].notna()).sum())
    text = (
        f"Monthly {name}, the last years large. Bars hold the bounds of each observed month; "
        "narrow ones cannot be seen."
    )
    if wide:
        rest = "" if wide == missing else "; no published figure bounds the others"
        text += (
            f" Pale bars span what {wide} of the {missing} months without an observation there can "
            f"have been{rest}."
        )
    return f"{text}{note} {PHASES_SHADED}"


COLOURS = (OBSERVED, MODEL, INK, MUTED)
SIDES = {"exporter_tonnes": "sent", "importer_tonnes": "received"}


def draw_lines(axes: Axes, months: pd.Series, lines: Mapping[str, pd.Series]) -> Values:
    """A line of tonnes a name, four at most, broken where a month is missing, named at its end.

    A comma breaks a name in two lines. Gives the points to read.
    """
    x = days(months)
    labels = []
    for (name, tonnes), colour in zip(lines.items(), COLOURS, strict=False):
        axes.plot(x, tonnes, color=colour, **LINE)
        words = name.replace(", ", "\n")
        last = tonnes.dropna().iloc[-1]
        labels.append((float(last), f"{words}\n{last:,.0f} t", colour))
    tonnes_axis(axes)
    month_limits(axes, months)
    label_ends(axes, x[-1], labels)
    return {
        name: month_values(
            pd.DataFrame({"month": months, "tonnes": tonnes}),
            "tonnes",
            "{tonnes:,.0f} tonnes " + name,
        )
        for name, tonnes in lines.items()
    }


def plot_mirror(rows: pd.DataFrame, *, stem: str, name: str, caution: str, source: str) -> Figure:
    """What an exporter reports sent, with bounds, and the importer received, by month.

    rows: month, exporter_tonnes, exporter_lower, exporter_upper, importer_tonnes, ratio; months
    between that are not there are gaps. name: what is traded with whom; caution: what not to read
    off the chart.
    """
    columns = ["exporter_tonnes", "exporter_lower", "exporter_upper", "importer_tonnes", "ratio"]
    rows = rows.set_index("month")[columns].sort_index().asfreq("MS").reset_index()
    known = rows.dropna(subset=["ratio"]).sort_values("ratio", kind="stable")
    middle, low, high = known["ratio"].median(), known.iloc[0], known.iloc[-1]
    title = f"{sentence_case(name)}: the importer reports {middle:.2f} of what the exporter does"
    finding = (
        f"{count(len(known), 'month is', 'months are')} known from both sides; in the median month "
        f"the importer reports {middle:.2f} of what the exporter reports. The ratio is least in "
        f"{month_name(low['month'])} ({low['ratio']:.2f}) and greatest in "
        f"{month_name(high['month'])} ({high['ratio']:.2f})."
    )
    top = HEADROOM * float(rows[["exporter_upper", "importer_tonnes"]].max().max())
    caption = f"{sentence_case(name)}, as both sides report them; bars hold bounds. {caution}"
    with sheet(title, "Tonnes a month", source=source, tall=2.7) as on:
        draw_bounds(on.axes, rows.rename(columns=lambda one: one.removeprefix("exporter_")), top)
        lines = {word: rows[column] for column, word in SIDES.items()}
        values = draw_lines(on.axes, rows["month"], lines)
        kind = f"Line chart, {name} as both sides report them, by month"
        return on.figure(stem, kind, finding, caption, rows, values)


def plot_arrivals(
    lines: Mapping[str, pd.Series],
    window: tuple[pd.Period, pd.Period],
    *,
    name: str,
    stem: str,
    source: str,
) -> Figure:
    """Tonnes by month, a line a name, four at most; each series is indexed by first days.

    name: what the lines are together, in a sentence.
    """
    rows = pd.DataFrame(lines).sort_index()
    rows = rows.reindex(pd.date_range(rows.index[0], rows.index[-1], freq="MS", name="month"))
    when = span(*window)
    inside = rows.loc[window[0].start_time : window[1].end_time]
    below = int((inside.mean() < rows.drop(index=inside.index).median()).sum())
    told = []
    for one, known in ((one, rows[one].dropna()) for one in rows):
        least, most = (
            month_name(pd.Timestamp(str(day))) for day in (known.idxmin(), known.idxmax())
        )
        told.append(
            f"{one}: {count(len(known), 'month')}, least {known.min():,.0f} t ({least}), "
            f"greatest {known.max():,.0f} t ({most})"
        )
    title = f"{below} of {len(lines)} series lay below their usual month in {when}"
    with sheet(title, "Tonnes a month", source=source, right=1.75) as on:
        draw_window(on.axes, *window)
        drawn = rows.reset_index()
        values = draw_lines(on.axes, drawn["month"], {one: drawn[one] for one in lines})
        caption = (
            f"{sentence_case(name)}. Shaded: {when}; the usual month is the median of the others."
        )
        kind = f"Line chart, {name}, by month"
        return on.figure(stem, kind, f"{'; '.join(told)}.", caption, drawn, values)
