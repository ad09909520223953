"""What a verdict means: the one place where the rules of the claim check are written down."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from ledger.printed import truth_interval

Verdict = Literal["supported", "refuted", "imprecise", "not testable"]

RULES = {
    "level, change": (
        "Supported: the computed number prints as the stated one (rounded, cut off, or within "
        "what words such as nearly and about allow, at most a tenth), and the bounds of the data "
        "hold nothing that even a doubly rounded number would miss. Refuted: the bounds lie "
        "outside what a doubly rounded number allows. Imprecise: anything between. Not testable: "
        "a month is not observed, or is known only through the very number claimed."
    ),
    "run": (
        "Supported: the bounds of the months decide it so. Refuted: they decide against it. "
        "Imprecise: a missing month hides where the run began. Not testable: the month is not "
        "observed."
    ),
    "extreme": (
        "Supported: the fall (or rise) is steeper than every earlier one that is known, and at "
        "least 19 are, so that chance alone would put it first at most 1 time in 20. "
        "Refuted: an earlier one is steeper. Imprecise: fewer are known, or "
        "bounds overlap. The reason says how many "
        "are not known."
    ),
    "unusual, volatility": (
        "Supported: among the changes of the calm past at most 1 in 20 lie as far from what "
        "season and calendar lead to expect. Refuted: more than 1 in 5 do. Imprecise: between. "
        "For volatility all swings count, those that policy made among them. A claim that the "
        "swing signals a motive is refuted when the swing is ordinary and so cannot carry it, "
        "whatever the motive was, and not testable when it is not: no export figure shows a motive."
    ),
    "comparison": (
        "A fall is modest when more than 1 in 5 changes of the past lie as far from the expected: "
        "then supported. Refuted: at most 1 in 20 do, or none of a shorter past. Imprecise: "
        "between."
    ),
    "sequence, event_date": (
        "Supported: the dates of the event catalogue, and the other dates that sources give, "
        "stand in the order or on the day claimed. Refuted: they do not. Imprecise: sources "
        "disagree. Not testable: no such event is in the catalogue. Order in time is no proof of "
        "cause."
    ),
    "other": "Not testable with the tables of this study; the reason says what would be needed.",
}
"""The rules by kind of claim."""

USUAL = 0.20
"""A change as far out as more than this share of past changes is ordinary."""
AT_MOST = 0.10
"""How far *nearly* or *about* may be off, as a share of the number, however round it is."""
ABOUT = re.compile(r"\b(about|around|roughly|some|nearly|almost|more than|over|less than)\b", re.I)
NUMBER = re.compile(r"-?\d{1,12}(\.\d{1,12})?")
EPSILON = 1e-9


@dataclass(frozen=True)
class Finding:
    """What the data say of one claim; `computed`, `lower`, `upper` are in `unit`."""

    verdict: Verdict
    reason: str
    computed: float = math.nan
    lower: float = math.nan
    upper: float = math.nan
    unit: str = ""


def untestable(reason: str, unit: str = "") -> Finding:
    """A claim that the data cannot decide; `reason` says what would be needed."""
    return Finding("not testable", reason, unit=unit)


@dataclass(frozen=True)
class Range:
    """A computed number between hard bounds; `best` is NaN where the bounds are too wide."""

    best: float
    lower: float
    upper: float

    def within(self, lower: float, upper: float) -> bool:
        """Whether the whole range lies between two numbers."""
        return lower - EPSILON <= self.lower and self.upper <= upper + EPSILON

    def apart(self, lower: float, upper: float) -> bool:
        """Whether no part of the range lies between two numbers."""
        return self.upper < lower - EPSILON or upper + EPSILON < self.lower


def judge_number(found: Range, stated: str, measure: str, statement: str) -> Verdict:
    """Compare a computed range with a printed number by the widths of the reconciliation."""
    about = ABOUT.search(statement) is not None
    allowed = _stated_range(stated, measure, about, "kept", AT_MOST)
    loose = _stated_range(stated, measure, about, "mismatch", 2 * AT_MOST)
    if found.within(*allowed):
        return "supported"
    prints_as_stated = allowed[0] - EPSILON <= found.best <= allowed[1] + EPSILON
    if prints_as_stated and found.within(*loose):
        return "supported"
    return "refuted" if found.apart(*loose) else "imprecise"


def _stated_range(
    stated: str, measure: str, about: bool, verdict: str, at_most: float
) -> tuple[float, float]:
    """Where the truth lies; an approximate round number allows no more than its share."""
    interval = truth_interval(stated, measure, about, verdict)
    if not about:
        return interval.lower, interval.upper
    value, reach = float(stated), at_most * abs(float(stated))
    return max(interval.lower, value - reach), min(interval.upper, value + reach)


def judge_swing(p_value: float, level: float) -> Verdict:
    """Whether a change is unusual, from the share of past changes that lie as far out."""
    if p_value <= 1 - level + EPSILON:
        return "supported"
    return "refuted" if p_value > USUAL else "imprecise"


def stated_number(stated: str) -> Decimal | None:
    """The number a claim states, if it states one."""
    return Decimal(stated) if NUMBER.fullmatch(stated) else None


def signed(number: float, digits: int = 1) -> str:
    """A number with its sign and a true minus."""
    return f"{number:+,.{digits}f}".replace("-", "−")


def told_change(change: Range) -> str:
    """A change with its sign: the best value, or its bounds where they are too wide for one."""
    if math.isnan(change.best):
        return f"{signed(change.lower)} to {signed(change.upper)}"
    return signed(change.best)
