"""Numbers, months and lists as they stand in a sentence."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

MINUS = "−"
TIMES = ("month", "period", "vintage")
"""First columns of the tables whose newest row readers see first."""
IDENTIFIER = re.compile(r"[a-z0-9]+(_[a-z0-9]+)+")
"""A word of code, which readers see with spaces."""


def number(value: float, digits: int = 0) -> str:
    """A number with thousands separators and a real minus sign: −6,938."""
    text = f"{value:,.{digits}f}".replace("-", MINUS)
    return text.removeprefix(MINUS) if not text.strip(f"{MINUS}0.,") else text


def signed(value: float, digits: int = 0) -> str:
    """A number with its sign: +4.1, −6.1, and 0 without one."""
    text = number(value, digits)
    return f"+{text}" if value > 0 and text.strip("0.,") else text


def percent(value: float, digits: int = 0) -> str:
    """A signed change with its unit: −6.1 %."""
    return f"{signed(value, digits)} %"


def interval(lower: float, upper: float, digits: int = 0, unit: str = "") -> str:
    """An interval as a reader takes it in: −74 to −57 %."""
    return f"{number(lower, digits)} to {number(upper, digits)}{unit and ' ' + unit}"


def sentence_case(text: str) -> str:
    """`text` as the beginning of a sentence."""
    return text[:1].upper() + text[1:]


def count(many: int, one: str, several: str = "") -> str:
    """A number of things: `1 month`, `12 months`, `no month`."""
    if many in (0, 1):
        return f"{many or 'no'} {one}"
    return f"{many:,} {several or one + 's'}"


def listed(names: Iterable[str], last: str = "and") -> str:
    """Names in a row: `a`, `a and b`, `a, b and c`."""
    *head, tail = names
    return f"{', '.join(head)} {last} {tail}" if head else tail


def month(when: datetime | pd.Period) -> str:
    """A month by name, April 2025; another period as pandas prints it."""
    return str(when) if getattr(when, "freqstr", "M") != "M" else when.strftime("%B %Y")


def months(first: datetime | pd.Period, last: datetime | pd.Period) -> str:
    """A span of months: `May 2025`, `April to May 2025`, `December 2024 to May 2025`."""
    start, end = month(first), month(last)
    if start == end:
        return end
    same_year = first.year == last.year and getattr(first, "freqstr", "M") == "M"
    return f"{start.split()[0] if same_year else start} to {end}"


def month_span(first: str, last: str) -> str:
    """`months` of months written as 2025-04."""
    return months(*(datetime.strptime(text, "%Y-%m") for text in (first, last)))


def in_months(first: str, last: str) -> str:
    """A window as one says it: `in April and May 2025`, `from April to July 2025`."""
    start, end = (datetime.strptime(text, "%Y-%m") for text in (first, last))
    several = (end.year - start.year) * 12 + end.month - start.month
    span = months(start, end)
    if several == 1:
        return f"in {span.replace(' to ', ' and ')}"
    return f"{'from' if several else 'in'} {span}"


def during(first: datetime | pd.Period, last: datetime | pd.Period) -> str:
    """How a sentence about a window begins: `In April 2025`, `From April to May 2025`."""
    return f"{'In' if first == last else 'From'} {months(first, last)}"


PARTS = {10: "a tenth", 20: "a fifth", 25: "a quarter", 33: "a third", 40: "two fifths"}
PARTS |= {50: "half", 60: "three fifths", 67: "two thirds", 75: "three quarters"}
PARTS |= {80: "four fifths", 90: "nine tenths"}


def roughly(value: float) -> str:
    """The size of a change as one says it: `about two thirds` for 64, `12 %` for 12."""
    size = abs(value)
    part = min(PARTS, key=lambda known: abs(known - size))
    return f"about {PARTS[part]}" if abs(part - size) <= 0.06 * part else f"{size:,.0f} %"
