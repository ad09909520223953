"""The event catalogue: the policy regimes that it dates, and what happened in given months."""

from __future__ import annotations

from typing import Any

import pandas as pd
from contracts import TableError, read_table
from effects import EffectError
from effects.regimes import Policy, Regime

from analysis.sources import load_regimes
from analysis.study import Folders
from analysis.tables import Events

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


def policy_regimes(events: pd.DataFrame, table: pd.DataFrame | None = None) -> Policy:
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
    return Policy(Regime(*regime) for regime in zip(*columns, strict=True))


def load_catalogue(folders: Folders) -> tuple[pd.DataFrame, Policy]:
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


def events_in(events: pd.DataFrame, start: str, end: str) -> pd.DataFrame:
    """Events announced or effective from `start` to `end`, days or months in ISO form, in order.

    Scheduled dates, on which nothing has happened yet, are left out.
    """
    happened = events[~events["summary"].str.startswith(SCHEDULED)]
    ends = pd.Period(start).start_time, pd.Period(end).end_time
    inside = happened["date_announced"].between(*ends) | happened["date_effective"].between(*ends)
    return happened[inside].sort_values("date_announced", kind="stable")


def month_events(events: pd.DataFrame, start: str, end: str) -> pd.DataFrame:
    """The events of the months from `start` to `end`: date, actor, kind, targets, event (name)."""
    found = events_in(events, start, end)
    date = found["date_announced"].fillna(found["date_effective"]).dt.strftime("%Y-%m-%d")
    columns = ["date", "actor", "kind", "targets", "event"]
    named = found.assign(date=date, event=found["name"])[columns]
    return named.sort_values("date", ignore_index=True)
