"""The catalogue of events as a timeline: a row an event, its dates, and where sources differ."""

from __future__ import annotations

from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.dates import date2num
from matplotlib.figure import Figure as Drawing

from charts.figure import Figure
from charts.palette import EVENT, GRID, INK, MUTED, OBSERVED
from charts.sheet import month_axis, sheet
from charts.svg import render

KEY = "○ announced   ● in effect   □ was or is to be   ✕ suspended   ◇ sources differ"
ROW_INCHES = 0.158
GAP_INCHES = 0.5
TONES = {"tightens": EVENT, "eases": OBSERVED}
"""The colour of an event's name by its tone; that of any other is muted."""


def plot_timeline(
    rows: pd.DataFrame, close_up: pd.Timestamp, *, title: str, tones: str, source: str
) -> Figure:
    """Announced, effective and suspended dates of every event, earlier years above on a scale of
    their own.

    rows: name, actor, kind, tone, first, date_announced, date_effective, date_suspended,
    is_planned, is_disputed, others (dates other sources give), dates (in words), by first date.
    From `close_up` on months are drawn wide; tones: what the colours of names mean.
    """
    early, late = (rows[(rows["first"] >= close_up) == is_late] for is_late in (False, True))
    finding = describe_timeline(rows, close_up)
    alt = f"Timeline, {title}. {finding}"
    title = f"{len(rows)} {title}, {len(late)} of them since {close_up:%B %Y}"
    height = 1.4 + GAP_INCHES + ROW_INCHES * (len(rows) + 2)
    room = {"height": height, "left": 1.82, "right": 1.75}
    with sheet(title, KEY, source=source, dense=True, **room) as (drawing, axes):
        for panel, part in zip(_panels(drawing, axes, early, late), (early, late), strict=True):
            draw_rows(panel, part)
        picture = render(drawing, title, alt)
    caption = (
        "One row an event, in order of its first date; the dates stand at the right, the first "
        f"that of the announcement. {tones} A diamond on the line is a date that another "
        "source gives; beside the dates it says that sources differ. The lower part has a wider "
        "scale."
    )
    others = [";".join(f"{day:%Y-%m-%d}" for day in days) for days in rows["others"]]
    data = rows.assign(others=others).drop(columns=["first", "dates", "tone"])
    return Figure("timeline", picture, alt, finding, caption, data, source)


def _panels(drawing: Drawing, axes: Axes, *parts: pd.DataFrame) -> list[Axes]:
    """Panels under each other in the place of `axes`, as high as their rows need."""
    box, height = axes.get_position(), drawing.get_size_inches()[1]
    axes.remove()
    panels, top = [], box.y1
    for part in parts:
        tall = ROW_INCHES * (len(part) + 1) / height
        panels.append(drawing.add_axes((box.x0, top - tall, box.width, tall)))
        top -= tall + GAP_INCHES / height
    return panels


def draw_rows(axes: Axes, rows: pd.DataFrame) -> None:
    """A line a row: name, marks, dates."""
    dates = rows[["date_announced", "date_effective", "date_suspended"]].stack().dropna()
    x = date2num(dates)
    room = 0.04 * (x.max() - x.min())
    axes.set_xlim(x.min() - room, x.max() + room)
    axes.set_ylim(len(rows) - 0.25, -0.75)
    for line, row in enumerate(rows.itertuples()):
        draw_marks(axes, line, row)
    axes.set_yticks(range(len(rows)), rows["name"])
    for label, tone in zip(axes.get_yticklabels(), rows["tone"], strict=True):
        label.set(color=TONES.get(tone, MUTED))
    axes.tick_params(axis="y", length=0)
    axes.grid(False)
    axes.grid(True, axis="y", color=GRID, linewidth=0.4)
    axes.spines["left"].set_visible(False)
    month_axis(axes, 7)


def draw_marks(axes: Axes, line: int, row: Any) -> None:
    """The dates of one event as marks on its line, and in words right of it."""
    colour = TONES.get(row.tone, MUTED)
    ends = [date2num(day) for day in (row.date_announced, row.date_effective) if pd.notna(day)]
    if len(set(ends)) > 1:
        axes.plot(ends, [line, line], color=colour, linewidth=1)
    hollow: dict[str, Any] = {"color": colour, "markerfacecolor": "none", "linestyle": ""}
    for day in row.others:
        axes.plot(date2num(day), line, marker="D", markersize=3.4, **hollow)
    if row.date_announced != row.date_effective and pd.notna(row.date_announced):
        axes.plot(date2num(row.date_announced), line, marker="o", markersize=4, **hollow)
    if pd.notna(row.date_effective):
        style = hollow | {"marker": "s"} if row.is_planned else {"marker": "o", "color": colour}
        axes.plot(date2num(row.date_effective), line, markersize=4, **style)
    if pd.notna(row.date_suspended):
        axes.plot(date2num(row.date_suspended), line, marker="x", markersize=4.5, color=INK)
    words = f"{row.dates} ◇" if row.is_disputed else row.dates
    place = axes.get_yaxis_transform()
    axes.text(1.02, line, words, transform=place, va="center", color=MUTED)


def describe_timeline(rows: pd.DataFrame, close_up: pd.Timestamp) -> str:
    """What the timeline shows, in numbers."""
    late = int((rows["first"] >= close_up).sum())
    busiest = rows["first"].dt.to_period("M").value_counts().sort_index(kind="stable")
    before = (rows["date_suspended"] <= rows["date_effective"]).sum()
    return (
        f"{len(rows)} events from {rows['first'].min():%B %Y} on, {late} of them since "
        f"{close_up:%B %Y}; the busiest month is {busiest.idxmax():%B %Y} with {busiest.max()}. "
        f"{rows['date_suspended'].notna().sum()} were suspended by a later event, {before} of "
        f"them before they took effect. Sources differ on {rows['is_disputed'].sum()} events."
    )
