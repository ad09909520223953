"""Claims about the order and the dates of events."""

from __future__ import annotations

import re

import pandas as pd

from analysis.claims.evidence import Evidence
from analysis.claims.verdict import Finding, Verdict, untestable

DAY = re.compile(r"\b\d{1,2} (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4}\b")
REACH = pd.DateOffset(months=3)
"""How far from the month an event may lie to be the one a claim speaks of."""
NEEDED = "It would need a dated Chinese control on rare earths or magnets in the event catalogue"


def check_sequence(claim: pd.Series, evidence: Evidence) -> Finding:
    """Whether the month lies before, or after, the controls a claim speaks of."""
    month = pd.Period(claim["month"], freq="M")
    checks = {"event_after_month": _event_after, "event_before_month": _event_before}
    if claim["measure"] not in checks:
        return untestable(f"No rule tests a sequence measured as {claim['measure']!r}.")
    return checks[claim["measure"]](month, evidence)


def _event_after(month: pd.Period, evidence: Evidence) -> Finding:
    """The first control announced from the month on comes after the month's last day."""
    start, end = month.start_time.normalize(), month.end_time.normalize()
    found = evidence.controls_between(start, end + REACH)
    if found.empty:
        return untestable(f"{NEEDED} within three months after {month:%B %Y}.", "days")
    event = found.iloc[0]
    first, last = evidence.announced(event)
    gaps = (first - end).days, (last - end).days
    return _order(event, gaps, f"the last day of {month:%B %Y}", "after")


def _event_before(month: pd.Period, evidence: Evidence) -> Finding:
    """The last control announced before the month's first day."""
    start = month.start_time.normalize()
    found = evidence.controls_between(start - REACH, start - pd.DateOffset(days=1))
    if found.empty:
        return untestable(f"{NEEDED} within three months before {month:%B %Y}.", "days")
    event = found.iloc[-1]
    first, last = evidence.announced(event)
    gaps = (start - last).days, (start - first).days
    return _order(event, gaps, f"the first day of {month:%B %Y}", "before")


def _order(event: pd.Series, gaps: tuple[int, int], day: str, word: str) -> Finding:
    certain: Verdict = "supported" if gaps[0] > 0 else "refuted"
    verdict: Verdict = certain if (gaps[0] > 0) == (gaps[1] > 0) else "imprecise"
    reason = (
        f"{event['legal_reference']} ({event['event_id']}) was announced on "
        f"{day_name(event['date_announced'])}, {_days(gaps[0])} {word} {day}"
        + (f" ({gaps[1]} by other sources)" if gaps[1] != gaps[0] else "")
        + ". Order in time is no proof of cause."
    )
    return Finding(verdict, reason, float(gaps[0]), float(gaps[0]), float(gaps[1]), "days")


def _days(count: int) -> str:
    return f"{count} day{'s' if count != 1 else ''}"


def check_event_date(claim: pd.Series, evidence: Evidence) -> Finding:
    """Whether the truce that ran up to the stated day names that day as its end."""
    day = pd.to_datetime(claim["stated"], errors="coerce", format="%Y-%m-%d")
    if pd.isna(day):
        return untestable(f"The claim states no day: {claim['stated']!r}.", "days")
    if "truce" not in claim["statement"].lower():
        return untestable("It would need the text of the measure it speaks of.", "days")
    truces = evidence.events[evidence.events["kind"] == "truce"]
    ends = [
        (event, end)
        for _, event in truces[truces["date_announced"] < day].iterrows()
        if (end := named_end(event)) is not None
    ]
    if not ends:
        needed = f"a truce in the event catalogue, announced before {day_name(day)}, that names"
        return untestable(f"It would need {needed} its end.", "days")
    event, end = max(ends, key=lambda pair: pair[0]["date_announced"])
    gap = float((end - day).days)
    reason = (
        f"{event['legal_reference']} ({event['event_id']}), announced on "
        f"{day_name(event['date_announced'])}, names {day_name(end)} as its end."
    )
    return Finding("refuted" if gap else "supported", reason, gap, gap, gap, "days")


def named_end(event: pd.Series) -> pd.Timestamp | None:
    """The last day written out in an event's summary that lies after its announcement."""
    written = DAY.findall(event["summary"])
    days = pd.to_datetime(pd.Series(written, dtype=str), format="%d %b %Y", errors="coerce")
    later = days[days > event["date_announced"]]
    return None if later.empty else pd.Timestamp(later.max())


def day_name(day: pd.Timestamp) -> str:
    """A day as `4 April 2025`."""
    return f"{day.day} {day:%B %Y}"
