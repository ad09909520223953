"""How far a printed number may lie from the truth: one table, and the interval it gives."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import pandas as pd

PERCENT_CHANGES = ("pct_change_month", "pct_change_year")


@dataclass(frozen=True)
class Tolerance:
    """One row of the table of tolerances.

    `below` and `above` count units of the last printed digit, towards zero and away from it.
    `relative` widens by a share of the value; `base_tonnes` allows for a ratio computed from
    tonnages that were each off by as much. The widest allowance counts.
    """

    printed: str
    verdict: str
    below: Decimal
    above: Decimal
    relative: Decimal
    base_tonnes: Decimal
    reason: str


@dataclass(frozen=True)
class Interval:
    """Where the truth may lie: tonnes, or a percentage whose tonnages may be off."""

    lower: float
    upper: float
    base_tonnes: float


def _row(
    printed: str, verdict: str, below: str, above: str, relative: str, base: str, reason: str
) -> Tolerance:
    units = Decimal(below), Decimal(above)
    return Tolerance(printed, verdict, *units, Decimal(relative), Decimal(base), reason)


TOLERANCES = (
    _row(
        *("tonnes", "kept", "0.5", "1", "0", "0"),
        "printed digits are rounded (half a unit either way) or cut off (up to a unit more)",
    ),
    _row(
        *("percentage", "kept", "0.5", "1", "0", "0"),
        "computed from unrounded tonnes, then rounded or cut off towards zero",
    ),
    _row(
        *("about", "kept", "1", "1", "0", "0"),
        "'nearly' and 'more than' round up or down; closing zeros are not digits",
    ),
    _row(
        *("tonnes", "mismatch", "1", "2", "0.002", "0"),
        "rounded twice, or customs revised earlier months by up to 0.2 %",
    ),
    _row(
        *("percentage", "mismatch", "1", "2", "0", "0.5"),
        "rounded twice, or computed from tonnages already rounded to whole tonnes",
    ),
    _row(
        *("about", "mismatch", "2", "2", "0", "0.5"),
        "a looser 'about'",
    ),
)
"""Every width the reconciliation uses."""


def tolerance(measure: str, approximate: bool, verdict: str) -> Tolerance:
    """The row of TOLERANCES for a printed number to have `verdict` (kept or mismatch)."""
    kind = "about" if approximate else "tonnes" if measure == "tonnes" else "percentage"
    return next(row for row in TOLERANCES if (row.printed, row.verdict) == (kind, verdict))


def last_digit(value: str, zeros_count: bool) -> Decimal:
    """The unit of the last printed digit of `value`; closing zeros count as digits or not."""
    number = Decimal(value)
    if zeros_count or "." in value or number == 0:
        exponent = number.as_tuple().exponent
    else:
        exponent = number.normalize().as_tuple().exponent
    return Decimal(1).scaleb(int(exponent))


def truth_interval(
    value: str, measure: str, approximate: bool, verdict: str, zeros_count: bool = True
) -> Interval:
    """Where the truth lies when `value` was printed and the figure's verdict is `verdict`.

    Tonnes for tonnages, percent for changes and shares. `zeros_count=False` says that the
    number was printed in a larger unit (8.36 million kg), so that its closing zeros are not digits.
    """
    row = tolerance(measure, approximate, verdict)
    unit = last_digit(value, zeros_count and not approximate)
    number = Decimal(value)
    slack = row.relative * abs(number)
    towards, away = max(row.below * unit, slack), max(row.above * unit, slack)
    if number == 0:
        towards = away
    if number < 0:
        towards, away = away, towards
    floor = Decimal(-100) if measure in PERCENT_CHANGES else Decimal(0)
    lower = max(number - towards, floor)
    base = 0.0 if measure == "tonnes" else float(row.base_tonnes)
    return Interval(float(lower), float(number + away), base)


def tolerance_table() -> pd.DataFrame:
    """TOLERANCES for reading: units of the last printed digit, and why."""
    return pd.DataFrame(
        {
            "printed": row.printed,
            "verdict": row.verdict,
            "towards zero (units)": float(row.below),
            "away from zero (units)": float(row.above),
            "at least (% of value)": float(100 * row.relative),
            "each tonnage off by (tonnes)": float(row.base_tonnes),
            "reason": row.reason,
        }
        for row in TOLERANCES
    )
