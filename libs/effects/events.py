"""A catalogue of dated events: what happened when, and the regimes that it dates.

A catalogue has a row an event: event_id, name, actor, kind, targets, summary, and the days
date_announced, date_effective and date_ends, missing where there is none. A summary that begins
with SCHEDULED is of a date on which nothing has happened yet.
"""

from __future__ import annotations

import difflib
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from words.tables import iso_days

from effects.regimes import Policy, Regime
from effects.results import EffectError
from effects.season import holiday_shares

SCHEDULED = "SCHEDULED DATE ONLY"


def event_date(events: pd.DataFrame, event_id: str, *columns: str) -> pd.Timestamp:
    """The first date that the catalogue's `columns` give of an event; EffectError without one."""
    places = np.flatnonzero(events["event_id"].to_numpy(dtype=object) == event_id)
    if not len(places):
        near = difflib.get_close_matches(event_id, events["event_id"], n=3, cutoff=0.4)
        known = ", ".join(near or sorted(events["event_id"])[:3])
        raise EffectError(f"no event {event_id!r} in the catalogue; it has {known}, ...")
    dates = [day for name in columns if pd.notna(day := events[name].iloc[places[0]])]
    if not dates:
        raise EffectError(f"event {event_id}: the catalogue gives no {' or '.join(columns)}")
    return pd.Timestamp(dates[0])


def date_regimes(rows: pd.DataFrame, events: pd.DataFrame) -> Policy:
    """The regimes of `rows` (name, start_event or else start_date), dated by the catalogue.

    They follow each other without a gap, by the day announced: a measure that was announced for
    later and never came into force can have worked only by its announcement. Raises EffectError
    for an event without that day, and for regimes out of order.
    """
    starts = [_start(row, events) for row in rows.itertuples()]
    for name, first, then in zip(rows["name"][1:], starts, starts[1:], strict=False):
        if then <= first:
            raise EffectError(
                f"regime {name!r} begins on {then:%Y-%m-%d}, not after the one before it "
                f"({first:%Y-%m-%d}); put them in order"
            )
    # The day on which the terms of the event that begins a regime end it, if they name one.
    terms = events.set_index("event_id")["date_ends"].reindex(rows["start_event"])
    due = [None if pd.isna(day) else pd.Timestamp(day) for day in terms]
    columns = (rows["name"], starts, [*starts[1:], None], rows["start_event"], due)
    return Policy(Regime(*regime) for regime in zip(*columns, strict=True))


def _start(row: Any, events: pd.DataFrame) -> pd.Timestamp:
    if not row.start_event:
        return pd.Timestamp(row.start_date)
    try:
        return event_date(events, row.start_event, "date_announced")
    except EffectError as reason:
        raise EffectError(f"regime {row.name!r} needs its event: {reason}") from None


def happened(events: pd.DataFrame) -> pd.DataFrame:
    """The events without scheduled dates."""
    return events[~events["summary"].str.startswith(SCHEDULED)]


def events_in(events: pd.DataFrame, start: str, end: str) -> pd.DataFrame:
    """What happened, announced or effective, from `start` to `end`, days or months in ISO form."""
    ends = pd.Period(start).start_time, pd.Period(end).end_time
    inside = events["date_announced"].between(*ends) | events["date_effective"].between(*ends)
    return happened(events[inside]).sort_values("date_announced", kind="stable")


def month_events(events: pd.DataFrame, start: str, end: str) -> pd.DataFrame:
    """The events of the months from `start` to `end`, by the day they were announced.

    Columns announced, effective (days, or a dash), actor, kind, targets, event (name).
    """
    found = events_in(events, start, end)
    days = iso_days(found[["date_announced", "date_effective"]])
    told = found[["actor", "kind", "targets", "name"]].rename(columns={"name": "event"})
    return days.join(told).reset_index(drop=True)


def event_marks(events: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """Marks of a chart: the regimes by name, then every other event without one.

    Columns date and label; an empty label makes a tick on the axis.
    """
    regimes = pd.DataFrame(
        [{"date": regime.start, "label": regime.name.capitalize()} for regime in policy],
        columns=["date", "label"],
    )
    came = happened(events[["summary", "date_announced", "date_effective"]])
    dates = came["date_announced"].fillna(came["date_effective"])
    others = pd.DataFrame({"date": dates[~dates.isin(regimes["date"])].drop_duplicates()})
    return pd.concat([regimes, others.assign(label="")], ignore_index=True)


def with_policy(calendar: pd.DataFrame, policy: Policy, baseline_end: str) -> pd.DataFrame:
    """Regressors with the regimes begun by `baseline_end`, the last one continued."""
    exposure = policy.continued(baseline_end).exposure(pd.PeriodIndex(calendar.index))
    columns = [*calendar.columns, *exposure.columns]
    return pd.DataFrame(np.hstack([calendar, exposure]), calendar.index, columns)


def around_holiday(
    name: str, days: list[date], window: int, years: tuple[int, int]
) -> pd.DataFrame:
    """Regressors `name`_before and `name`_after of a holiday that moves, on all months of `years`.

    As X-13ARIMA-SEATS' genhol makes them: the shares of the `window` days before each of `days`
    and of those from it on that fall in each month (Lin and Liu 2003), centred by calendar month.
    """
    span = pd.period_range(f"{years[0]}-01", f"{years[1]}-12", freq="M")
    sides = {"before": (-window, -1), "after": (0, window - 1)}
    shares = {f"{name}_{side}": holiday_shares(days, *ends, span) for side, ends in sides.items()}
    return pd.DataFrame(shares)
