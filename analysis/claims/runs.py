"""Claims about the order of months: runs, turning points, the steepest of all."""

from __future__ import annotations

import pandas as pd
from tradedata.destinations import destination_name

from analysis.claims.evidence import Evidence
from analysis.claims.verdict import Finding, Range, Verdict, stated_number, told_change, untestable

WORDS = {1: "rose", -1: "fell", 0: "is not known to have risen or fallen"}
ENOUGH = 19
"""Earlier changes among which to be the steepest has a chance of at most 1 in 20."""
EXTREMES = {"pct_change_month": 1, "pct_rise_month": -1}
"""The measures of an extreme, a fall and a rise, and the sign that makes its change a fall."""
LONGEST = 120
"""Months that a run is followed back at most."""


def check_run(claim: pd.Series, evidence: Evidence) -> Finding:
    """A run of gains before a month, a run of falls up to it, or the start of a rebound."""
    checks = {
        "months_of_gain_before": _gains_before,
        "months_of_fall": _falls_up_to,
        "turning_point": _turning_point,
    }
    if claim["measure"] not in checks:
        return untestable(f"No rule tests a run measured as {claim['measure']!r}.")
    if claim["measure"] != "turning_point" and stated_number(claim["stated"]) is None:
        return untestable(f"The claim states no number of months: {claim['stated']!r}.", "months")
    month = pd.Period(claim["month"], freq="M")
    return checks[claim["measure"]](claim, evidence, month)


def follow_run(evidence: Evidence, destination: str, last: pd.Period, sign: int) -> tuple[int, int]:
    """Months in a row up to `last` that certainly moved by `sign`, and how the next one moved."""
    count = 0
    while count < LONGEST and evidence.direction(destination, last - count) == sign:
        count += 1
    return count, evidence.direction(destination, last - count)


def judge_run(count: int, before: int, stated: float) -> Verdict:
    """A run whose beginning is not seen (`before` is 0) may be longer than counted."""
    if before == 0 and count <= stated:
        return "imprecise" if count else "not testable"
    return "supported" if count == stated else "refuted"


def _gains_before(claim: pd.Series, evidence: Evidence, month: pd.Period) -> Finding:
    count, before = follow_run(evidence, claim["destination"], month - 1, 1)
    ended = evidence.direction(claim["destination"], month)
    verdict = judge_run(count, before, float(claim["stated"]))
    if ended >= 0:
        verdict = "refuted" if ended else "not testable"
    reason = (
        f"{_subject(claim)} rose {count} months in a row up to {month - 1:%B %Y}; "
        f"{month - 1 - count:%B %Y} {WORDS[before]}, and {month:%B %Y} {WORDS[ended]}."
    )
    return _run_finding(verdict, reason, count, before)


def _falls_up_to(claim: pd.Series, evidence: Evidence, month: pd.Period) -> Finding:
    count, before = follow_run(evidence, claim["destination"], month, -1)
    reason = (
        f"{_subject(claim)} fell {count} months in a row up to {month:%B %Y}; "
        f"{month - count:%B %Y} {WORDS[before]}."
    )
    return _run_finding(judge_run(count, before, float(claim["stated"])), reason, count, before)


def _run_finding(verdict: Verdict, reason: str, count: int, before: int) -> Finding:
    if before == 0:
        reason += " It would need the missing months to say how long the run was."
    longest = float(count) if before else float("nan")
    return Finding(verdict, reason, float(count), float(count), longest, "months")


def _turning_point(claim: pd.Series, evidence: Evidence, month: pd.Period) -> Finding:
    here = evidence.direction(claim["destination"], month)
    before = evidence.direction(claim["destination"], month - 1)
    change = evidence.change(claim["destination"], month)
    reason = (
        f"{_subject(claim)} {WORDS[before]} in {month - 1:%B %Y} and {WORDS[here]} in {month:%B %Y}"
    )
    if change is None or 0 in (here, before):
        return untestable(f"{reason}; it would need both months and the one before.", "percent")
    verdict: Verdict = "supported" if (before, here) == (-1, 1) else "refuted"
    reason += f", by {told_change(change)} percent."
    return Finding(verdict, reason, change.best, change.lower, change.upper, "percent")


def check_extreme(claim: pd.Series, evidence: Evidence) -> Finding:
    """Whether a month's fall, or its rise, is the steepest of all up to then."""
    if claim["measure"] not in EXTREMES:
        return untestable(f"No rule tests an extreme measured as {claim['measure']!r}.")
    sign = EXTREMES[claim["measure"]]
    month, destination = pd.Period(claim["month"], freq="M"), claim["destination"]
    change = evidence.change(destination, month)
    name = destination_name(destination)
    if change is None:
        return untestable(
            f"It would need the tonnes exported to {name} in {month - 1:%B %Y} and {month:%B %Y}.",
            "percent",
        )
    earlier = known_changes(evidence, destination, month)
    if not earlier:
        return untestable(f"It would need earlier monthly changes of exports to {name}.", "percent")
    steepest = min(earlier, key=lambda period: turned(earlier[period], sign).lower)
    possible = len(pd.period_range(min(earlier), month - 1, freq="M"))
    verdict = judge_extreme(
        turned(change, sign), [turned(other, sign) for other in earlier.values()]
    )
    reason = (
        f"{_subject(claim)} changed by {told_change(change)} percent in {month:%B %Y}; the "
        f"steepest of the {len(earlier)} earlier changes that are known, of {possible} since "
        f"{min(earlier):%B %Y}, was {told_change(earlier[steepest])} percent in {steepest:%B %Y}."
    )
    return Finding(verdict, reason, change.best, change.lower, change.upper, "percent")


def turned(change: Range, sign: int) -> Range:
    """A rise as the fall of the same size, so that one rule judges both."""
    return change if sign > 0 else Range(-change.best, -change.upper, -change.lower)


def known_changes(
    evidence: Evidence, destination: str, before: pd.Period
) -> dict[pd.Period, Range]:
    """The changes before a month whose two months are both observed."""
    rows = evidence.exports[evidence.exports["destination"] == destination]
    months = pd.PeriodIndex(rows.loc[rows["tonnes"].notna(), "month"], freq="M")
    changes = {
        month: evidence.change(destination, month)
        for month in months
        if month < before and month - 1 in months
    }
    return {month: change for month, change in changes.items() if change is not None}


def judge_extreme(change: Range, earlier: list[Range]) -> Verdict:
    """Steeper than all earlier changes that are known, if enough are."""
    if change.lower > min(other.upper for other in earlier) or change.lower >= 0:
        return "refuted"
    steeper = change.upper < min(other.lower for other in earlier)
    return "supported" if steeper and len(earlier) >= ENOUGH else "imprecise"


def _subject(claim: pd.Series) -> str:
    return f"Exports to {destination_name(claim['destination'])}"
