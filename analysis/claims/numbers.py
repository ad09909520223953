"""Claims that state a tonnage or a percent change."""

from __future__ import annotations

from decimal import Decimal

import pandas as pd
from tradedata.destinations import destination_name

from analysis.claims.evidence import Evidence
from analysis.claims.verdict import Finding, Range, judge_number, signed, stated_number, untestable

BACK = {"pct_change_month": 1, "pct_change_year": 12}


def check_level(claim: pd.Series, evidence: Evidence) -> Finding:
    """A stated tonnage against the bounds of its month."""
    if stated_number(claim["stated"]) is None:
        return untestable(f"The claim states no number of tonnes: {claim['stated']!r}.", "tonnes")
    if claim["measure"] != "tonnes":
        return untestable(
            f"Measured as {claim['measure']!r} it is not the tonnes of one month, which alone are "
            "compared.",
            "tonnes",
        )
    month = pd.Period(claim["month"], freq="M")
    found = evidence.tonnes(claim["destination"], month)
    place = f"{destination_name(claim['destination'])} in {month:%B %Y}"
    if found is None:
        return untestable(f"It would need the tonnes exported to {place}.", "tonnes")
    verdict = judge_number(found, claim["stated"], "tonnes", claim["statement"])
    reason = (
        f"The published figures that hold together put exports to {place} between "
        f"{found.lower:,.1f} and {found.upper:,.1f} tonnes ({_behind(claim, evidence, month)}); "
        f"stated were {claim['stated']}."
    )
    return Finding(verdict, reason, found.best, found.lower, found.upper, "tonnes")


def check_change(claim: pd.Series, evidence: Evidence) -> Finding:
    """A stated percent change against the change between the bounds of two months."""
    if stated_number(claim["stated"]) is None or claim["measure"] not in BACK:
        return untestable(f"The claim states no percent change: {claim['stated']!r}.", "percent")
    month = pd.Period(claim["month"], freq="M")
    base = month - BACK[claim["measure"]]
    destination, stated = claim["destination"], claim["stated"]
    found = evidence.change(destination, month, BACK[claim["measure"]])
    name = destination_name(destination)
    if found is None:
        return untestable(
            f"It would need the tonnes exported to {name} in {base:%B %Y} and {month:%B %Y}.",
            "percent",
        )
    numbers = (found.best, found.lower, found.upper, "percent")
    if rests_on_itself(claim, evidence, base):
        reason = (
            f"{base:%B %Y} is known only through this change of {stated} percent as newsrooms "
            f"printed it; it would need the tonnes exported to {name} in that month."
        )
        return Finding("not testable", reason, *numbers)
    verdict = judge_number(found, stated, claim["measure"], claim["statement"])
    return Finding(verdict, _explain(claim, evidence, month, base, found), *numbers)


def _explain(
    claim: pd.Series, evidence: Evidence, month: pd.Period, base: pd.Period, found: Range
) -> str:
    now, then = (evidence.tonnes(claim["destination"], period) for period in (month, base))
    assert now is not None
    assert then is not None
    return (
        f"{month:%B %Y} ({_bounds(now)} tonnes) against {base:%B %Y} ({_bounds(then)} tonnes) is "
        f"a change of {signed(found.lower, 2)} to {signed(found.upper, 2)} percent; stated were "
        f"{signed(float(claim['stated']), len(claim['stated'].partition('.')[2]))}."
    )


def _behind(claim: pd.Series, evidence: Evidence, month: pd.Period) -> str:
    """What a cell rests on: a single newsroom that printed the claim would prove itself."""
    cell = evidence.cell(claim["destination"], month)
    assert cell is not None
    if cell["status"] == "official":
        return "customs' own figure"
    count = cell["newsrooms"]
    return f"{count} independent newsroom{'s' if count != 1 else ''}"


def _bounds(found: Range) -> str:
    return f"{found.lower:,.1f} to {found.upper:,.1f}"


def rests_on_itself(claim: pd.Series, evidence: Evidence, base: pd.Period) -> bool:
    """Whether the base month is derived from nothing but printings of the claimed change."""
    cell = evidence.cell(claim["destination"], base)
    if cell is None or cell["status"] != "derived":
        return False
    month = pd.Period(claim["month"], freq="M")
    behind = set(cell["figure_ids"].split(";"))
    same = evidence.printed_changes(claim["destination"], month, claim["measure"])
    values = same.loc[same["figure_id"].isin(behind), "value"]
    return len(values) > 0 and {Decimal(value) for value in values} == {Decimal(claim["stated"])}
