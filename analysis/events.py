"""The event catalogue as policy regimes, and how much of a month each covers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from contracts import TableError, load_raw, read_table
from effects import EffectError

from analysis.study import Folders
from analysis.tables import Events, Regimes


@dataclass(frozen=True)
class Regime:
    """A stretch of policy from the day `start` up to, not including, the day `end`.

    event_id: the event that begins it, if one does. scheduled_end: the day on which its own terms
    end it, if they name one; it ends when the next begins.
    """

    name: str
    start: pd.Timestamp
    end: pd.Timestamp | None
    event_id: str = ""
    scheduled_end: pd.Timestamp | None = None

    def is_overdue(self, last: pd.Period) -> bool:
        """Whether it was to end by the period `last`, and nothing is known to have followed."""
        if self.end is not None or self.scheduled_end is None:
            return False
        return bool(self.scheduled_end <= last.end_time)


SCHEDULED = "SCHEDULED DATE ONLY"
"""How the catalogue's summary marks a date on which nothing has happened yet."""


def event_date(events: pd.DataFrame, event_id: str, *columns: str) -> pd.Timestamp:
    """The first date that the catalogue's `columns` give of an event; EffectError without one."""
    rows = events.loc[events["event_id"] == event_id, list(columns)]
    if rows.empty:
        known = ", ".join(sorted(events["event_id"])[:3])
        raise EffectError(f"no event {event_id!r} in the catalogue; it has {known}, ...")
    dates = rows.iloc[0].dropna()
    if dates.empty:
        raise EffectError(f"event {event_id}: the catalogue gives no {' or '.join(columns)}")
    return pd.Timestamp(dates.iloc[0])


def load_regimes(folder: Path) -> pd.DataFrame:
    """The policy regimes of raw data, in order; TableError for one without its one start."""
    table = load_raw(folder, "regimes.csv", Regimes)
    for row in table[(table["start_event"] == "") == (table["start_date"] == "")].itertuples():
        raise TableError(
            f"regimes.csv: regime {row.name!r} needs either a start_event or a start_date"
        )
    return table


def policy_regimes(events: pd.DataFrame, table: pd.DataFrame | None = None) -> tuple[Regime, ...]:
    """The regimes of `table` (default: those of the shipped raw data), dated by the catalogue.

    They follow each other without a gap, by the day announced: a measure that was announced for
    later and never came into force can have worked only by its announcement. Raises TableError
    for an event without that day, and for regimes out of order.
    """
    rows = load_regimes(Folders().raw) if table is None else table
    starts = [_start(row, events) for row in rows.itertuples()]
    for name, first, then in zip(rows["name"][1:], starts, starts[1:], strict=False):
        if then <= first:
            raise TableError(
                f"regimes.csv: regime {name!r} begins on {then:%Y-%m-%d}, not after the one "
                f"before it ({first:%Y-%m-%d}); put them in order"
            )
    ends = [*starts[1:], None]
    # The day on which the terms of the event that begins a regime end it, if they name one.
    terms = events.set_index("event_id")["date_ends"].reindex(rows["start_event"])
    due = [None if pd.isna(day) else pd.Timestamp(day) for day in terms]
    columns = (rows["name"], starts, ends, rows["start_event"], due)
    return tuple(Regime(*regime) for regime in zip(*columns, strict=True))


def load_catalogue(folders: Folders) -> tuple[pd.DataFrame, tuple[Regime, ...]]:
    """The catalogue of events, and the policy regimes that it dates."""
    events = read_table(folders.processed / "events.parquet", Events)
    return events, policy_regimes(events, load_regimes(folders.raw))


def _start(row: Any, events: pd.DataFrame) -> pd.Timestamp:
    if not row.start_event:
        return pd.Timestamp(row.start_date)
    try:
        return event_date(events, row.start_event, "date_announced")
    except EffectError as reason:
        raise TableError(f"regimes.csv: regime {row.name!r} needs its event: {reason}") from None


def quiet_end(regimes: Sequence[Regime], before: str | None = None) -> pd.Period:
    """The last month before the first policy regime, and before the month `before` if named."""
    first = pd.Period(regimes[0].start, freq="M")
    return (first if before is None else min(first, pd.Period(before, freq="M"))) - 1


def regime_exposure(periods: pd.PeriodIndex, regimes: tuple[Regime, ...]) -> pd.DataFrame:
    """Share of each period's days that each regime covers: periods × regimes.

    A control that starts on the 4th covers 27 of April's 30 days.
    """
    first = periods.to_timestamp(how="start")
    after = (periods + 1).to_timestamp(how="start")
    length = (after - first).days.to_numpy()
    shares = {}
    for regime in regimes:
        last = after if regime.end is None else after.where(after < regime.end, regime.end)
        begin = first.where(first > regime.start, regime.start)
        shares[regime.name] = np.clip((last - begin).days.to_numpy(), 0, None) / length
    return pd.DataFrame(shares, index=periods)


def continued(regimes: tuple[Regime, ...], baseline_end: pd.Period) -> tuple[Regime, ...]:
    """Regimes begun by the baseline's end, the last of them going on for ever.

    Their exposure is that of a world in which policy stayed as it was at `baseline_end`.
    """
    begun = [regime for regime in regimes if regime.start <= baseline_end.end_time]
    if not begun:
        return ()
    return (*begun[:-1], Regime(begun[-1].name, begun[-1].start, None))


def events_in(events: pd.DataFrame, start: str, end: str) -> pd.DataFrame:
    """Events announced or effective from `start` to `end`, days or months in ISO form, in order.

    Scheduled dates, on which nothing has happened yet, are left out.
    """
    happened = events[~events["summary"].str.startswith(SCHEDULED)]
    ends = pd.Period(start).start_time, pd.Period(end).end_time
    inside = happened["date_announced"].between(*ends) | happened["date_effective"].between(*ends)
    return happened[inside].sort_values("date_announced", kind="stable")


def timeline(events: pd.DataFrame, disagreements: pd.DataFrame) -> pd.DataFrame:
    """The events in order of their first date, as a timeline needs them.

    Columns event_id, name, actor, kind, first, date_announced, date_effective, date_suspended,
    is_planned (the effective date had not come when the catalogue was made, or was suspended
    before), is_disputed (sources differ), others (dates that other sources give) and dates (in
    words).
    """
    first = events[["date_announced", "date_effective"]].min(axis="columns")
    planned = events["summary"].str.startswith(SCHEDULED)
    planned |= events["date_suspended"] <= events["date_effective"]
    rows = events.assign(first=first, is_planned=planned)
    rows["is_disputed"] = rows["event_id"].isin(disagreements["event_id"])
    rows["others"] = [_other_dates(disagreements, event) for event in rows["event_id"]]
    rows["dates"] = [_dates_in_words(row) for row in rows.itertuples()]
    days = ["date_announced", "date_effective", "date_suspended"]
    columns = ["event_id", "name", "actor", "kind", "first", *days, "is_planned", "is_disputed"]
    rows = rows.sort_values("first", kind="stable", ignore_index=True)
    return rows[[*columns, "others", "dates"]]


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


def month_events(events: pd.DataFrame, start: str, end: str) -> pd.DataFrame:
    """The events of the months from `start` to `end`: date, actor, kind, targets, event (name)."""
    found = events_in(events, start, end)
    date = found["date_announced"].fillna(found["date_effective"]).dt.strftime("%Y-%m-%d")
    columns = ["date", "actor", "kind", "targets", "event"]
    named = found.assign(date=date, event=found["name"])[columns]
    return named.sort_values("date", ignore_index=True)
