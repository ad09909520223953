"""From a press claim to a computed number to a verdict; the rules stand in claims.csv and here."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
from contracts import TableError, load_beside, load_raw, validate
from effects import EffectError, Swing
from effects.results import alpha, percent_of, probability
from effects.samples import row_at
from effects.season import Season
from effects.swing import how_often
from ledger.printed import truth_interval
from ledger.tables import is_destination
from scipy import stats
from tradedata.destinations import actor_name, destination_name
from words import count, listed, number, signed

from claims.evidence import EPSILON, SEASONS, Evidence, Range
from claims.tables import Claims, ClaimVerdicts

Verdict = Literal["supported", "refuted", "not supported", "imprecise", "not testable"]

RULES: dict[str, str] = load_beside(__file__)
"""The rules by kind of claim. What a claim also needs makes it imprecise at best."""

USUAL = 0.20
"""A change as far out as more than this share of past changes is ordinary."""
AT_MOST = 0.10
"""How far *nearly* or *about* may be off, as a share of the number, however round it is."""
ENOUGH = 19
"""Earlier changes among which to be the steepest has a chance of at most 1 in 20."""
LONGEST = 120
"""Months that a run is followed back at most."""
NUMBER = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,12})?")
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
COUNTED = ("days", "falls_from", "months_of_gain_before", "months_of_fall")
"""Measures that state a number, beside all levels and changes."""
DIGITS = 6
"""Decimals kept: more would print the arithmetic's noise."""
MOVED = {1: "rose", -1: "fell", 0: "is not known to have risen or fallen"}
OPPOSITE: dict[Verdict, Verdict] = {"supported": "refuted", "refuted": "supported"}


@dataclass(frozen=True)
class Finding:
    """What the data say of one claim; `computed`, `lower`, `upper` are in `unit`."""

    verdict: Verdict
    reason: str
    computed: float = math.nan
    lower: float = math.nan
    upper: float = math.nan
    unit: str = ""

    @classmethod
    def of(cls, verdict: Verdict, reason: str, found: Range, unit: str = "%") -> Finding:
        """A finding of a number between bounds."""
        return cls(verdict, reason, found.best, found.lower, found.upper, unit)


Check = Callable[["Claim", Evidence], Finding]
CHECKS: dict[tuple[str, str], Check] = {}
"""How each kind of claim is checked, by what it states."""


def rule(kind: str, *measures: str) -> Callable[[Check], Check]:
    """Files a function as the check of a kind of claim that states one of `measures`."""

    def filed(check: Check) -> Check:
        CHECKS.update({(kind, measure): check for measure in measures})
        return check

    return filed


def between(supported: bool, refuted: bool) -> Verdict:
    """The verdict of a rule with two thresholds: what passes neither is imprecise."""
    return "supported" if supported else "refuted" if refuted else "imprecise"


class Untestable(Exception):
    """A claim that the data cannot decide; the message says what would be needed."""


@dataclass(frozen=True)
class Claim:
    """One row of the table Claims, its month as a period and its events as ids."""

    statement: str
    destination: str
    month: pd.Period
    measure: str
    stated: str
    direction: str
    approximate: bool
    event_ids: tuple[str, ...]

    @property
    def name(self) -> str:
        """The destination in words."""
        return destination_name(self.destination)


def check_claims(claims: pd.DataFrame, evidence: Evidence) -> pd.DataFrame:
    """Every claim with its computed value, bounds and verdict: a table ClaimVerdicts."""
    found = [
        {name: round(it, DIGITS) if isinstance(it, float) else it for name, it in told.items()}
        for told in (asdict(check_claim(row, evidence)) for row in claims.itertuples())
    ]
    columns = list(ClaimVerdicts.columns)
    own = claims[["claim_id", "seed", "stated"]].to_dict("records")
    rows = [claim | finding for claim, finding in zip(own, found, strict=True)]
    return validate(pd.DataFrame(rows, columns=columns), ClaimVerdicts, "claim verdicts")


def check_claim(row: Any, evidence: Evidence) -> Finding:
    """Check one row of the table Claims by its kind and measure."""
    claim = Claim(
        row.statement,
        row.destination,
        pd.Period(row.month, freq="M"),
        row.measure,
        row.stated,
        row.direction,
        row.approximate,
        tuple(filter(None, row.event_ids.split(";"))),
    )
    wanted = f" It would need {row.needs}." if row.needs else ""
    try:
        found = CHECKS[row.kind, row.measure](claim, evidence)
    except Untestable as reason:
        return Finding("not testable", f"{reason}{wanted}".strip())
    except (EffectError, TableError) as error:
        return Finding("not testable", f"The swing test cannot be made: {error}.{wanted}")
    if not row.needs:
        return found
    verdict = "imprecise" if found.verdict == "supported" else found.verdict
    return replace(found, verdict=verdict, reason=f"{found.reason} It would also need {row.needs}.")


def require_rules(claims: pd.DataFrame) -> pd.DataFrame:
    """The table Claims, or TableError naming the claim that no rule fits and what is wrong."""
    for row in claims.itertuples():
        if wrong := _wrong(row):
            column, wanted = wrong
            raise TableError(
                f"claims.csv: claim {row.claim_id}, column {column}: found "
                f"{getattr(row, column)!r}, needs {wanted}"
            )
    return claims


def _wrong(row: Any) -> tuple[str, str] | None:
    """The column that keeps a claim from being checked, and what it needs."""
    if (row.kind, row.measure) not in CHECKS:
        known = [repr(measure) for kind, measure in CHECKS if kind == row.kind]
        if known:
            return "measure", listed(known, "or")
        return "kind", listed(dict.fromkeys(kind for kind, _ in CHECKS), "or")
    dated = row.kind in ("sequence", "event")
    named = is_destination(row.destination) if row.destination else dated or row.kind == "other"
    counted = row.kind in ("level", "change") or row.measure in COUNTED
    needed = (
        ("stated", "a number", not counted or NUMBER.fullmatch(row.stated)),
        ("stated", "a day such as 2025-11-10", row.measure != "ends" or DAY.fullmatch(row.stated)),
        ("event_ids", "the events it speaks of", not dated or row.event_ids),
        ("destination", "whom it is about, such as WLD", named),
        ("needs", "what data would decide it", row.kind != "other" or row.needs),
    )
    return next(((column, wanted) for column, wanted, holds in needed if not holds), None)


def load_claims(folder: Path) -> pd.DataFrame:
    """The press claims to check; TableError for one that no rule fits."""
    return require_rules(load_raw(folder, "claims.csv", Claims))


def sum_up(claims: pd.DataFrame, verdicts: pd.DataFrame) -> str:
    """How many claims came to which verdict, in a sentence."""
    counts = verdicts["verdict"].value_counts()
    order = ("supported", "imprecise", "not supported", "refuted", "not testable")
    told = ", ".join(f"{counts.get(verdict, 0)} {verdict}" for verdict in order)
    reports = claims["seed"].str.split(";").explode().nunique()
    return f"Of {count(len(claims), 'claim')} from {count(reports, 'report')}: {told}."


def tabulate_rules() -> pd.DataFrame:
    """Which verdict follows from what, by kind of claim."""
    return pd.DataFrame({"kind of claim": RULES.keys(), "verdict": RULES.values()})


def tabulate_reports(claims: pd.DataFrame, reports: pd.DataFrame) -> pd.DataFrame:
    """What is known of each report (a table ClaimReports), numbered, and how many claims it makes.

    A report without a day has the days between which it was written.
    """
    made = claims["seed"].str.split(";").explode().value_counts()
    days = [_written(*row) for row in reports[["published", "not_before", "not_after"]].to_numpy()]
    known = reports[["title", "outlet"]].replace("", "not known")
    known = known.assign(published=days, told_by=reports["told_by"], file=reports["seed"])
    known.insert(0, "report", range(1, len(known) + 1))
    return known.assign(claims=reports["seed"].map(made).fillna(0).astype(int))


def _written(published: str, first: str, last: str) -> str:
    if published:
        return day_name(pd.Timestamp(published))
    ends = [("from", first), ("to", last)]
    told = [f"{word} {day_name(pd.Timestamp(day))}" for word, day in ends if day]
    return f"not known{', ' * bool(told)}{' '.join(told)}"


def join_statements(
    claims: pd.DataFrame, verdicts: pd.DataFrame, reports: pd.DataFrame
) -> pd.DataFrame:
    """Each statement with the numbers of its reports, computed value, bounds and verdict, as text.

    Reports are numbered in the order of the table `reports`, as `tabulate_reports` does.
    """
    numbers = {seed: str(place) for place, seed in enumerate(reports["seed"], 1)}
    made_by = [listed(numbers[seed] for seed in seeds.split(";")) for seeds in claims["seed"]]
    claims = claims.assign(report=made_by)
    columns = ["computed", "lower", "upper", "unit"]
    computed = [_number_text(*row) for row in verdicts[columns].itertuples(index=False)]
    told = verdicts[["claim_id", "verdict"]].assign(computed=computed)
    columns = ["claim_id", "report", "statement"]
    joined = claims[columns].merge(told, on="claim_id", validate="1:1")
    return joined[[*columns, "computed", "verdict"]]


def _number_text(best: float, lower: float, upper: float, unit: str) -> str:
    if pd.isna(best):
        return ""
    digits = {"%": 2, "tonnes": 1}.get(unit, 0)
    text = f"{number(best, digits)} {unit if best != 1 else unit.removesuffix('s')}"
    if pd.isna(lower) or pd.isna(upper) or lower == upper:
        return text
    return f"{text} ({number(lower, digits)} to {number(upper, digits)})"


# Numbers: a tonnage, a change.


@rule("level", "tonnes")
def check_level(claim: Claim, evidence: Evidence) -> Finding:
    """A stated tonnage against the bounds of its month."""
    cell = evidence.cell(claim.destination, claim.month)
    place = f"{claim.name} in {claim.month:%B %Y}"
    if cell is None:
        raise Untestable(f"It would need the tonnes exported to {place}.")
    found = Range(cell["tonnes"], cell["lower"], cell["upper"])
    behind = "customs' own figure"
    if cell["status"] != "official":
        behind = count(cell["newsrooms"], "independent newsroom")
    reason = (
        f"The published figures that hold together put exports to {place} between "
        f"{found.lower:,.1f} and {found.upper:,.1f} tonnes ({behind}); the report said "
        f"{claim.stated}."
    )
    return Finding.of(judge_number(found, claim), reason, found, "tonnes")


@rule("change", "pct_change_month", "pct_change_year")
def check_change(claim: Claim, evidence: Evidence) -> Finding:
    """A stated percent change against the change between the bounds of two months."""
    back = {"pct_change_month": 1, "pct_change_year": 12}[claim.measure]
    base = claim.month - back
    found = _change(claim, evidence, back)
    if evidence.rests_on_change(claim.destination, base, claim.month, claim.measure):
        reason = (
            f"Nothing bounds {base:%B %Y} but printings of this change; it would need the tonnes "
            f"exported to {claim.name} in that month."
        )
        return Finding.of("not testable", reason, found)
    now, then = (evidence.tonnes(claim.destination, month) for month in (claim.month, base))
    assert now is not None
    assert then is not None
    digits = len(claim.stated.partition(".")[2])
    reason = (
        f"{claim.month:%B %Y} ({number(now.lower, 1)} to {number(now.upper, 1)} tonnes) against "
        f"{base:%B %Y} ({number(then.lower, 1)} to {number(then.upper, 1)} tonnes) is a change of "
        f"{signed(found.lower, 2)} to {signed(found.upper, 2)} %; the report said "
        f"{signed(float(claim.stated), digits)} %."
    )
    return Finding.of(judge_number(found, claim), reason, found)


def _change(claim: Claim, evidence: Evidence, back: int = 1) -> Range:
    found = evidence.change(claim.destination, claim.month, back)
    if found is None:
        raise Untestable(
            f"It would need the tonnes exported to {claim.name} in {claim.month - back:%B %Y} and "
            f"{claim.month:%B %Y}."
        )
    return found


def judge_number(found: Range, claim: Claim) -> Verdict:
    """Compare a computed range with a printed number by the widths of the reconciliation."""
    allowed = _stated_range(claim, "kept", AT_MOST)
    loose = _stated_range(claim, "mismatch", 2 * AT_MOST)
    prints_as_stated = allowed[0] - EPSILON <= found.best <= allowed[1] + EPSILON
    holds = found.within(*allowed) or (prints_as_stated and found.within(*loose))
    return between(holds, found.apart(*loose))


def _stated_range(claim: Claim, verdict: str, at_most: float) -> tuple[float, float]:
    """Where the truth lies; an approximate round number allows no more than its share."""
    interval = truth_interval(claim.stated, claim.measure, claim.approximate, verdict)
    if not claim.approximate:
        return interval.lower, interval.upper
    value, reach = float(claim.stated), at_most * abs(float(claim.stated))
    return max(interval.lower, value - reach), min(interval.upper, value + reach)


def told_change(change: Range) -> str:
    """A change with its sign: the best value, or its bounds where they are too wide for one."""
    if math.isnan(change.best):
        return f"{signed(change.lower, 1)} to {signed(change.upper, 1)}"
    return signed(change.best, 1)


# Months in a row.


def follow_run(evidence: Evidence, destination: str, last: pd.Period, sign: int) -> tuple[int, int]:
    """Months in a row up to `last` that certainly moved by `sign`, and how the next one moved."""
    run = 0
    while run < LONGEST and evidence.direction(destination, last - run) == sign:
        run += 1
    return run, evidence.direction(destination, last - run)


@rule("run", "months_of_gain_before", "months_of_fall")
def check_run(claim: Claim, evidence: Evidence) -> Finding:
    """Falls in a row up to the month, or gains in a row that ended with it."""
    gains = claim.measure == "months_of_gain_before"
    last, sign = (claim.month - 1, 1) if gains else (claim.month, -1)
    run, before = follow_run(evidence, claim.destination, last, sign)
    verdict: Verdict = "supported" if run == float(claim.stated) else "refuted"
    if before == 0 and run <= float(claim.stated):
        verdict = "imprecise" if run else "not testable"
    reason = (
        f"Exports to {claim.name} {MOVED[sign]} {count(run, 'month')} in a row up to "
        f"{last:%B %Y}; {last - run:%B %Y} {MOVED[before]}"
    )
    if gains:
        ended = evidence.direction(claim.destination, claim.month)
        verdict = verdict if ended < 0 else "refuted" if ended else "not testable"
        reason += f", and {claim.month:%B %Y} {MOVED[ended]}"
    if before == 0:
        reason += ". It would need the missing months to say how long the run was"
    longest = float(run) if before else math.nan
    return Finding(verdict, f"{reason}.", float(run), float(run), longest, "months")


@rule("run", "falls_from")
def check_falls_from(claim: Claim, evidence: Evidence) -> Finding:
    """Whether exports fell in each of the stated number of months from the month on."""
    months = pd.period_range(claim.month, periods=int(claim.stated), freq="M")
    moved = [evidence.direction(claim.destination, month) for month in months]
    if not any(moved):
        raise Untestable(f"It would need exports to {claim.name} from {claim.month:%B %Y} on.")
    falls = moved.count(-1)
    verdict = between(falls == len(months), falls == 0 and 0 not in moved)
    told = listed(f"{month:%B %Y} {MOVED[way]}" for month, way in zip(months, moved, strict=True))
    reason = f"On the month before, exports to {claim.name}: {told}."
    return Finding(verdict, reason, float(falls), float(falls), falls + moved.count(0), "months")


@rule("run", "turning_point")
def check_turning_point(claim: Claim, evidence: Evidence) -> Finding:
    """Whether the month rose after one that fell."""
    months = (claim.month - 1, claim.month)
    before, here = (evidence.direction(claim.destination, month) for month in months)
    reason = (
        f"Exports to {claim.name} {MOVED[before]} in {months[0]:%B %Y} and {MOVED[here]} in "
        f"{claim.month:%B %Y}"
    )
    if 0 in (here, before):
        raise Untestable(f"{reason}; it would need both months and the one before.")
    change = _change(claim, evidence)
    verdict: Verdict = "supported" if (before, here) == (-1, 1) else "refuted"
    reason += f", by {told_change(change)} %."
    return Finding.of(verdict, reason, change)


@rule("extreme", "steepest_fall", "steepest_rise")
def check_extreme(claim: Claim, evidence: Evidence) -> Finding:
    """Whether a month's fall, or its rise, is the steepest of all up to then."""
    change = _change(claim, evidence)
    earlier = evidence.changes_before(claim.destination, claim.month)
    if not earlier:
        raise Untestable(f"It would need earlier monthly changes of exports to {claim.name}.")
    falls = {month: _as_fall(other, claim) for month, other in earlier.items()}
    steepest = min(falls, key=lambda month: falls[month].lower)
    possible = len(pd.period_range(min(earlier), claim.month - 1, freq="M"))
    verdict = judge_extreme(_as_fall(change, claim), list(falls.values()), possible)
    reason = (
        f"Exports to {claim.name} changed by {told_change(change)} % in "
        f"{claim.month:%B %Y}; the steepest of the {len(earlier)} earlier changes that are known, "
        f"of {possible} since {min(earlier):%B %Y}, was {told_change(earlier[steepest])} % "
        f"in {steepest:%B %Y}."
    )
    return Finding.of(verdict, reason, change)


def _as_fall(change: Range, claim: Claim) -> Range:
    """A rise as the fall of the same size, so that one rule judges both."""
    return change if claim.measure == "steepest_fall" else change.turned()


def judge_extreme(change: Range, earlier: Sequence[Range], possible: int) -> Verdict:
    """Steeper than all earlier changes that are known, if enough of the possible ones are."""
    refuted = change.lower > min(other.upper for other in earlier) or change.lower >= 0
    steeper = change.upper < min(other.lower for other in earlier)
    known = len(earlier) >= ENOUGH and 2 * len(earlier) >= possible
    return between(steeper and known and not refuted, refuted)


# How unusual a swing is.


@rule("unusual", "pct_change_month")
def check_unusual(claim: Claim, evidence: Evidence) -> Finding:
    """Whether a month's swing stands out of the calm past."""
    tests = evidence.swing_tests(claim.destination, claim.month)
    change = _change(claim, evidence)
    verdict, reason = judge_swings(tests, evidence.level), _swing_told(claim, tests)
    if _went_the_other_way(claim, change):
        verdict, reason = "refuted", f"{reason} It did not {claim.direction}."
    return Finding.of(verdict, reason, change)


@rule("intent", "pct_change_month")
def check_intent(claim: Claim, evidence: Evidence) -> Finding:
    """An ordinary swing is no evidence of an intent; one that stands out does not show it."""
    found = check_unusual(claim, evidence)
    change = Range(found.computed, found.lower, found.upper)
    if _went_the_other_way(claim, change):
        return found
    if found.verdict == "refuted":
        said = "A swing this ordinary is no evidence of an intent; that there was none "
        return replace(
            found, verdict="not supported", reason=f"{found.reason} {said}does not follow."
        )
    said = "An intent would need statements or licence decisions, not export figures."
    return replace(found, verdict="not testable", reason=f"{found.reason} {said}")


@rule("comparison", "pct_change_month")
def check_comparison(claim: Claim, evidence: Evidence) -> Finding:
    """Whether the fall of a group was modest, beside that of the country it leaves out."""
    tests = evidence.swing_tests(claim.destination, claim.month)
    change = _change(claim, evidence)
    judged = judge_swings(tests, evidence.level, floor=True)
    verdict = OPPOSITE.get(judged, judged)
    said = {
        "supported": "A change that the calm past often saw is modest.",
        "refuted": "A change that the calm past hardly ever or never saw is not modest.",
    }.get(verdict, "The calm past saw such a change neither often nor hardly ever.")
    if _went_the_other_way(claim, change):
        verdict, said = "refuted", "It did not fall."
    left_out = claim.destination.rpartition("-")[2]
    other = evidence.change(left_out, claim.month) if left_out != claim.destination else None
    if other is not None:
        name = destination_name(left_out)
        said += f" Exports to {name} changed by {told_change(other)} %."
    reason = f"{_swing_told(claim, tests)} {said}"
    return Finding.of(verdict, reason, change)


def judge_swings(tests: dict[Season, Swing], level: float, floor: bool = False) -> Verdict:
    """Whether a change is unusual whichever way season is taken out.

    `floor`: a change further out than all of a short past counts as unusual too.
    """
    rows = [test.table.iloc[0] for test in tests.values()]
    least = [floor and row["p_value"] * (1 + row["n_pre"]) <= 1 + EPSILON for row in rows]
    unusual = all(row["p_value"] <= alpha(level) or at for row, at in zip(rows, least, strict=True))
    return between(unusual, all(row["p_value"] > USUAL for row in rows))


def _swing_told(claim: Claim, tests: dict[Season, Swing]) -> str:
    """The change, what was expected, and how often the calm past moved as much."""
    parts = []
    for season, test in tests.items():
        row, expected = test.table.iloc[0], _of_month(test, "expected_pct")
        parts.append(
            f"with {SEASONS[season]} {signed(expected, 1)} % is normal, and a change this far out "
            f"comes in {how_often(row, 'month')} ({probability(row['p_value'])}, "
            f"{row['n_pre']} calm changes)"
        )
    test = max(tests.values(), key=lambda test: np.nan_to_num(test.minimum_detectable, nan=-100))
    change = _of_month(test, "change_pct")
    told = (
        f"In {claim.month:%B %Y} exports to {claim.name} changed by {signed(change, 1)} % on the "
        f"month before: {'; '.join(parts)}."
    )
    least = test.minimum_detectable
    if test.table["p_value"].iloc[0] <= USUAL or math.isnan(least):
        return told
    return f"{told} An unexpected fall of less than {-least:.0f} % is missed more than 1 time in 5."


def _of_month(test: Swing, column: str) -> float:
    return float(row_at(test.swings, test.period)[column])


def _went_the_other_way(claim: Claim, change: Range) -> bool:
    return (claim.direction == "fall" and change.lower >= 0) or (
        claim.direction == "rise" and change.upper <= 0
    )


@rule("volatility", "swing_size")
def check_volatility(claim: Claim, evidence: Evidence) -> Finding:
    """Whether the swings of the year up to the month are larger than those of the calm past.

    The swings' p-values are ranked (Mann and Whitney 1947): they order the swings by size over
    standard deviation, which is fair to the past, whose residuals the fit made smaller. What is
    printed are percent of the expected change: a halving is 50, a doubling 100.
    """
    table = evidence.swings(claim.destination)
    month, calm_end = claim.month, pd.Period(evidence.baseline_end, freq="M")
    size = table["residual_pct"].abs()
    months = pd.PeriodIndex(size.index)
    year, past = size[(months.year == month.year) & (months <= month)], size[months <= calm_end]
    if year.empty:
        raise Untestable(f"It would need monthly changes of {month.year}.")
    now, then = (table["p_value"].loc[part.index].to_numpy() for part in (year, past))
    p_value = float(stats.mannwhitneyu(now, then, alternative="less").pvalue)
    typical, usual = (float(part.median()) for part in (year, past))
    reach: Any = stats.quantile_test(year, p=0.5)
    lower, upper = reach.confidence_interval(evidence.level)
    interval = f" ({percent_of(evidence.level)} % interval {lower:.0f} to {upper:.0f})"
    reason = (
        f"At the median the {len(year)} known swings of {month.year} up to {month:%B} lie "
        f"{typical:.0f} % from what season and calendar lead to expect"
        f"{'' if np.isnan([lower, upper]).any() else interval}, the {len(past)} up to "
        f"{calm_end:%B %Y} {usual:.0f} % (rank test of the swings, each over its own "
        f"standard deviation, {probability(p_value)}). All swings count here, those that policy "
        "made among them."
    )
    verdict = between(p_value <= alpha(evidence.level), p_value > USUAL)
    return Finding(verdict, reason, typical, lower, upper, "%")


# Dated events.


def _events(claim: Claim, evidence: Evidence) -> list[pd.Series]:
    events = [(name, evidence.event(name)) for name in claim.event_ids]
    if missing := [name for name, event in events if event is None]:
        raise Untestable(f"The event catalogue has no {listed(missing, 'or')}.")
    return [event for _, event in events if event is not None]


def day_name(day: pd.Timestamp) -> str:
    """A day as `4 April 2025`."""
    return f"{day.day} {day:%B %Y}"


def _act(event: pd.Series) -> str:
    """The event's name and the legal act, without what the catalogue adds in brackets."""
    name, act = event["name"], event["legal_reference"].partition(" (")[0]
    return name if act.startswith("none") or act in name else f"{name} ({act})"


def _all_or_none(answers: Sequence[bool]) -> Verdict:
    return between(all(answers), not any(answers))


@rule("sequence", "event_after_month", "event_before_month")
def check_sequence(claim: Claim, evidence: Evidence) -> Finding:
    """Whether the first of the events comes after the month, or the last of them before it."""
    after = claim.measure == "event_after_month"
    start, end = claim.month.start_time, claim.month.end_time.normalize()
    spans = [(*evidence.announced(event), event) for event in _events(claim, evidence)]
    first, last, event = (min if after else max)(spans, key=lambda span: span[0])
    gaps = [(day - end).days if after else (start - day).days for day in (first, last)]
    gaps = gaps if after else gaps[::-1]
    other = f" ({gaps[1]} by other sources)" if gaps[0] != gaps[1] else ""
    side = "after the last" if after else "before the first"
    reason = (
        f"{_act(event)} was announced on {day_name(event['date_announced'])}, "
        f"{number(gaps[0])} day{'s' * (gaps[0] != 1)}{other} {side} day of {claim.month:%B %Y}. "
        "Order in time is no proof of cause."
    )
    verdict = _all_or_none([gap > 0 for gap in gaps])
    return Finding(verdict, reason, float(gaps[0]), float(gaps[0]), float(gaps[1]), "days")


@rule("event", "announced")
def check_announced(claim: Claim, evidence: Evidence) -> Finding:
    """Whether every event was announced in the month."""
    events = _events(claim, evidence)
    told = [
        f"{_act(event)} was announced on {day_name(event['date_announced'])}" for event in events
    ]
    days = [day for event in events for day in evidence.announced(event)]
    inside = [pd.Period(day, freq="M") == claim.month for day in days]
    return Finding(_all_or_none(inside), f"{listed(told)}.")


@rule("event", "in_force")
def check_in_force(claim: Claim, evidence: Evidence) -> Finding:
    """Whether every event was in force on the month's last day; `stated` no: whether none was."""
    answers, told = [], []
    for event in _events(claim, evidence):
        begun = event["date_effective"]
        begun = event["date_announced"] if pd.isna(begun) else begun
        ended, last = event["date_suspended"], claim.month.end_time
        answers.append(bool(begun <= last and not ended <= last))
        never = " and so never was in force" if ended <= begun else ""
        fate = (
            "no later event ends it" if pd.isna(ended) else f"it ended on {day_name(ended)}{never}"
        )
        told.append(f"{_act(event)} is dated from {day_name(begun)}, and {fate}")
    verdict = _all_or_none(answers)
    if claim.stated == "no":
        verdict = OPPOSITE.get(verdict, verdict)
    return Finding(verdict, f"{'; '.join(told)}.")


@rule("event", "ends", "days")
def check_ends(claim: Claim, evidence: Evidence) -> Finding:
    """Whether the event ends, by its own terms, on the stated day or after the stated days."""
    (event, *_) = _events(claim, evidence)
    end = event["date_ends"]
    if pd.isna(end):
        raise Untestable(f"{_act(event)} names no day on which it ends.")
    if claim.measure == "ends":
        gap = float((end - pd.Timestamp(claim.stated)).days)
        reason = f"{_act(event)} names {day_name(end)} as its end."
        return Finding("refuted" if gap else "supported", reason, gap, gap, gap, "days")
    days = float((end - event["date_effective"]).days)
    reason = (
        f"{_act(event)} took effect on {day_name(event['date_effective'])} and names "
        f"{day_name(end)} as its end: {days:.0f} days."
    )
    verdict: Verdict = "supported" if days == float(claim.stated) else "refuted"
    return Finding(verdict, reason, days, days, days, "days")


@rule("event", "actor", "targets")
def check_named(claim: Claim, evidence: Evidence) -> Finding:
    """Whether the event's actors, or its targets, are the stated ones."""
    (event, *_) = _events(claim, evidence)
    column, sign = {"actor": ("actor", "/"), "targets": ("targets", ";")}[claim.measure]
    found = event[column].split(sign)
    verdict: Verdict = "supported" if set(found) == set(claim.stated.split(";")) else "refuted"
    if claim.measure == "actor":
        return Finding(verdict, f"{_act(event)} is an act of {actor_name(event['actor'])}.")
    return Finding(verdict, f"{_act(event)} is aimed at {listed(map(destination_name, found))}.")


@rule("event", "first_of_kind")
def check_first_of_kind(claim: Claim, evidence: Evidence) -> Finding:
    """Whether no event of the same actor and kind came in the twelve months before."""
    (event, *_) = _events(claim, evidence)
    rows, day = evidence.events, event["date_announced"]
    same = (rows["actor"] == event["actor"]) & (rows["kind"] == event["kind"])
    near = rows["date_announced"].between(day - pd.DateOffset(years=1), day - pd.DateOffset(days=1))
    earlier = rows[same & near].sort_values("date_announced")
    if earlier.empty:
        return Finding("supported", f"{_act(event)} is the first of its kind in twelve months.")
    told = listed(
        f"{_act(row)} on {day_name(row['date_announced'])}" for _, row in earlier.iterrows()
    )
    reason = f"Before {_act(event)}, within twelve months, came {told}."
    return Finding("refuted", reason)


@rule("other", "")
def check_other(claim: Claim, evidence: Evidence) -> Finding:
    """No table decides it."""
    raise Untestable("It is about neither monthly exports nor a dated event of the catalogue.")
