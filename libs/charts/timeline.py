"""The catalogue of events as a timeline by actor: their dates, and where sources differ."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.dates import date2num
from words import count, sentence_case

from charts.marks import write_beside
from charts.palette import EVENT, GRID, INK, MUTED, OBSERVED
from charts.sheet import Figure, month_axis, plain, sheet
from charts.svg import Value

KEY = (
    "○\u00a0announced ●\u00a0in\u00a0effect □\u00a0was\u00a0or\u00a0is\u00a0to\u00a0be "
    "✕\u00a0suspended ◇\u00a0sources\u00a0differ ◂\u00a0earlier"
)
"""What the marks mean; a mark stays beside its meaning."""
LEFT, RIGHT = 2.75, 1.25
"""Inches in which the names of events stand, and their first dates."""
ROW_INCHES = 0.21
TONES = {"tightens": EVENT, "eases": OBSERVED}
"""The colour of an event's name by its tone; that of any other is muted."""


def plot_timeline(
    events: pd.DataFrame,
    disagreements: pd.DataFrame,
    close_up: pd.Timestamp,
    *,
    title: str,
    tones: str,
    actors: Callable[[str], str],
    source: str,
) -> Figure:
    """Announced, effective and suspended dates of every event, those of an actor together.

    events: event_id, name, actor, kind, tone, date_announced, date_effective, date_suspended and
    is_planned (it was not yet in effect; one suspended before its effective date was not either).
    disagreements: event_id, field and alternative, the dates that other sources give.
    Dates are drawn from `close_up` on, earlier ones told in words; tones: what the colours of
    names mean; actors: what an actor is called.
    """
    rows = timeline_rows(events, disagreements)
    late = int((rows["first"] >= close_up).sum())
    busiest = rows["first"].dt.to_period("M").value_counts().sort_index(kind="stable")
    ended = rows["date_suspended"].notna().sum()
    disputed = count(int(rows["is_disputed"].sum()), "event")
    before = (rows["date_suspended"] <= rows["date_effective"]).sum()
    finding = (
        f"{count(len(rows), 'event')} from {rows['first'].min():%B %Y} on, {late} of them since "
        f"{close_up:%B %Y}; the busiest month is {busiest.idxmax():%B %Y} with {busiest.max()}. "
        f"{ended} {'was' if ended == 1 else 'were'} suspended by a later event, {before} of them "
        f"before they took effect. Sources differ on {disputed}."
    )
    kind = f"Timeline by actor, {title}"
    title = f"{len(rows)} {title}, {late} of them since {close_up:%B %Y}"
    lines = place_rows(rows)
    room = {"tall": ROW_INCHES * (lines.max() + 2), "left": LEFT, "right": RIGHT, "above": 0.4}
    with sheet(title, KEY, source=source, **room) as on:
        draw_scale(on.axes, rows, close_up, lines)
        values: dict[str, list[Value]] = {}
        for actor, own in rows.groupby("actor", sort=False):
            called = sentence_case(actors(str(actor)))
            heading: dict[str, Any] = {"side": 0, "color": INK, "fontweight": "bold"}
            above = float(lines[own.index].min()) - 1.1
            write_beside(on.axes, above, called, 4 - 72 * LEFT, **heading)
            values[called] = [
                draw_event(on.axes, line, row, close_up)
                for line, row in zip(lines[own.index], own.itertuples(), strict=True)
            ]
        caption = (
            "One row an event, by actor and in order of first dates, which stand at the right. "
            f"{tones} A diamond on the line is a date that another source gives; beside the date "
            "it says that sources differ. Dates before "
            f"{close_up:%B %Y} are an arrow at the edge."
        )
        others = [";".join(f"{day:%Y-%m-%d}" for day in days) for days in rows["others"]]
        data = rows.assign(others=others).drop(columns=["first", "dates", "tone"])
        return on.figure("timeline", kind, finding, caption, data, values)


def timeline_rows(events: pd.DataFrame, disagreements: pd.DataFrame) -> pd.DataFrame:
    """The events in order of their first date, with what other sources say and dates in words."""
    first = events[["date_announced", "date_effective"]].min(axis="columns")
    rows = events.assign(first=first)
    rows["is_planned"] |= events["date_suspended"] <= events["date_effective"]
    rows["is_disputed"] = rows["event_id"].isin(disagreements["event_id"])
    rows["others"] = [_other_dates(disagreements, event) for event in rows["event_id"]]
    rows["dates"] = [_dates_in_words(row) for row in rows.itertuples()]
    days = ["date_announced", "date_effective", "date_suspended"]
    columns = ["event_id", "name", "actor", "kind", "first", *days, "is_planned", "is_disputed"]
    rows = rows.sort_values("first", kind="stable", ignore_index=True)
    return rows[[*columns, "others", "dates", "tone"]]


def _other_dates(disagreements: pd.DataFrame, event_id: str) -> tuple[pd.Timestamp, ...]:
    own = disagreements[disagreements["event_id"] == event_id]
    dates = own.loc[own["field"].isin(["date_announced", "date_effective"]), "alternative"]
    return tuple(pd.to_datetime(dates, errors="coerce", format="ISO8601").dropna())


def _dates_in_words(row: Any) -> str:
    """`9 Oct 2025 → 8 Nov ✕ 7 Nov`: announced, effective, suspended; a year where it changes."""
    words, year = "", 0
    days = row.date_announced, row.date_effective, row.date_suspended
    for mark, day in zip(("", " → ", " ✕ "), days, strict=True):
        if pd.isna(day) or (mark == " → " and day == row.date_announced):
            continue
        words += f"{mark}{day.day} {day:%b}" + (f" {day.year}" if day.year != year else "")
        year = day.year
    return words.strip()


def place_rows(rows: pd.DataFrame) -> pd.Series:
    """The line of each event, downwards: actors by how many they have, a heading before each."""
    sizes = rows.groupby("actor")["actor"].transform("size")
    order = rows.assign(size=-sizes).sort_values(["size", "actor", "first"], kind="stable").index
    actors = rows.loc[order, "actor"]
    headings = 1.6 * (actors != actors.shift()).cumsum()
    return pd.Series(range(len(order)), index=order).add(headings).reindex(rows.index)


def draw_scale(axes: Axes, rows: pd.DataFrame, close_up: pd.Timestamp, lines: pd.Series) -> None:
    """Months below the axes and above them, from `close_up` to the last date, and thin lines."""
    dates = rows[["date_announced", "date_effective", "date_suspended"]].stack().dropna()
    low, high = date2num(close_up), max(date2num(dates).max(), date2num(close_up) + 60)
    room = 0.04 * (high - low)
    axes.set_xlim(low - room, high + room)
    axes.set_ylim(lines.max() + 1, 0)
    axes.hlines(lines, *axes.get_xlim(), color=GRID, linewidth=0.4, zorder=0)
    axes.set_yticks([])
    axes.grid(True, axis="x")
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="x", labeltop=True)
    month_axis(axes, 4)


def draw_event(axes: Axes, line: float, row: Any, close_up: pd.Timestamp) -> Value:
    """The name of an event, its dates as marks on its line and in words; its point to read."""
    colour = TONES.get(row.tone, MUTED)
    announced, effective, suspended = shown = [
        None if pd.isna(day) or day < close_up else date2num(day)
        for day in (row.date_announced, row.date_effective, row.date_suspended)
    ]
    if row.first < close_up:
        axes.plot(date2num(close_up), line, "<", color=colour, markersize=3.4)
    hollow: dict[str, Any] = {"color": colour, "markerfacecolor": "none", "linestyle": ""}
    for day in row.others:
        if day >= close_up:
            axes.plot(date2num(day), line, marker="D", markersize=3.4, **hollow)
    if announced and effective:
        axes.plot([announced, effective], [line, line], color=colour, linewidth=1)
    if announced and announced != effective:
        axes.plot(announced, line, marker="o", markersize=4, **hollow)
    if effective:
        style = hollow | {"marker": "s"} if row.is_planned else {"marker": "o", "color": colour}
        axes.plot(effective, line, markersize=4, **style)
    if suspended:
        axes.plot(suspended, line, marker="x", markersize=4.5, color=INK)
    place: dict[str, Any] = {"transform": axes.get_yaxis_transform(), "va": "center"}
    axes.text(-0.03, line, plain(row.name, 30), ha="right", color=colour, **place)
    words = f"{row.first.day} {row.first:%b %Y}{' ◇' if row.is_disputed else ''}"
    axes.text(1.03, line, words, color=MUTED, **place)
    at = next((day for day in shown if day), date2num(close_up))
    return float(at), line, f"{row.name}: {row.dates}"
