"""Printed numbers: how far each may lie from the truth, and the distinct figures of a ledger."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache, cached_property
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from contracts import load_beside

MEASURES = ("tonnes", "pct_change_month", "pct_change_year", "share_pct")
"""The measures that are linear in monthly tonnes. Ranks are left out: see docs/method.md."""

PERCENT_CHANGES = ("pct_change_month", "pct_change_year")
IDENTITY = ["destination", "start", "end", "measure", "value", "approximate", "zeros_count"]
PRINTED = [*IDENTITY, "figure_id", "newsroom"]
FACTORS = ("0.001", "0.01", "0.1", "10", "100", "1000")
"""By what a number printed in the wrong unit is off."""


TOLERANCES: list[dict[str, str]] = load_beside(__file__)
"""Every width the reconciliation uses; the widest allowance of a row counts."""


def tolerance_table() -> pd.DataFrame:
    """TOLERANCES for reading: units of the last printed digit, and why."""
    return pd.DataFrame(
        {
            "printed": row["printed"],
            "verdict": row["verdict"],
            "towards zero (units)": float(row["below"]),
            "away from zero (units)": float(row["above"]),
            "at least (% of value)": float(100 * Decimal(row["relative"])),
            "each tonnage off by (tonnes)": float(row["base_tonnes"]),
            "reason": row["reason"],
        }
        for row in TOLERANCES
    )


@dataclass(frozen=True)
class Interval:
    """Where the truth may lie: tonnes, or a percentage whose tonnages may be off."""

    lower: float
    upper: float
    base_tonnes: float


@cache
def truth_interval(
    value: str, measure: str, approximate: bool, verdict: str, zeros_count: bool = True
) -> Interval:
    """Where the truth lies when `value` was printed and the figure's verdict is `verdict`.

    Tonnes for tonnages, percent for changes and shares. `zeros_count=False` says that the
    number was printed in a larger unit (8.36 million kg), so that its closing zeros are not digits.
    """
    kind = "about" if approximate else "tonnes" if measure == "tonnes" else "percentage"
    row = next(row for row in TOLERANCES if (row["printed"], row["verdict"]) == (kind, verdict))
    number, unit = Decimal(value), _last_digit(value, zeros_count and not approximate)
    slack = Decimal(row["relative"]) * abs(number)
    towards, away = (max(Decimal(units) * unit, slack) for units in (row["below"], row["above"]))
    if number == 0:
        towards = away
    if number < 0:
        towards, away = away, towards
    lower = max(number - towards, Decimal(-100 if measure in PERCENT_CHANGES else 0))
    base = 0.0 if measure == "tonnes" else float(row["base_tonnes"])
    return Interval(float(lower), float(number + away), base)


def _last_digit(value: str, zeros_count: bool) -> Decimal:
    number = Decimal(value)
    if not zeros_count and "." not in value and number != 0:
        number = number.normalize()
    return Decimal(1).scaleb(int(number.as_tuple().exponent))


@dataclass(frozen=True)
class Printed:
    """One distinct figure: its period (first and last month as ordinals) and who printed it."""

    series: str
    destination: str
    start: int
    end: int
    measure: str
    value: str
    approximate: bool
    zeros_count: bool
    figure_ids: tuple[str, ...] = field(compare=False)  # the same figure, whoever printed it
    newsrooms: frozenset[str] = field(compare=False)

    @property
    def name(self) -> str:
        """The first of its figure ids."""
        return self.figure_ids[0]

    @property
    def months(self) -> range:
        """The ordinals of the months it speaks about."""
        return range(self.start, self.end + 1)

    @property
    def base(self) -> range | None:
        """The months it is compared with: the period just before, or a year earlier."""
        length = len(self.months)
        back = {"pct_change_month": length, "pct_change_year": 12}.get(self.measure)
        return None if back is None else range(self.start - back, self.end + 1 - back)

    @cached_property
    def spoken_of(self) -> frozenset[int]:
        """The months of the figure and of its base."""
        return frozenset([*self.months, *(self.base or ())])

    def truth(self, verdict: str) -> Interval:
        """Where the truth lies if the figure's verdict is `verdict` (kept or mismatch)."""
        return truth_interval(
            self.value, self.measure, self.approximate, verdict, zeros_count=self.zeros_count
        )


def distinct_figures(figures: pd.DataFrame, sources: pd.DataFrame, series: str) -> list[Printed]:
    """The distinct figures of `series` in the order of their ids.

    Identical rows become one figure with many sources. `figures` and `sources` keep the contracts
    Figures and Sources. A figure's newsrooms are the independent ones, not the pages that reprint
    them.
    """
    rows = figures[(figures["series"] == series) & figures["measure"].isin(MEASURES)]
    rows = rows.sort_values("figure_id")
    rows = rows.merge(sources[["source_id", "newsroom"]], on="source_id", how="left")
    rows = rows.assign(
        start=pd.PeriodIndex(rows["period_start"], freq="M").asi8,
        end=pd.PeriodIndex(rows["period_end"], freq="M").asi8,
        zeros_count=~rows["note"].str.startswith("printed in million"),
    )
    behind: dict[tuple[Any, ...], list[tuple[str, str]]] = {}
    for *what, figure_id, room in zip(*(rows[name].tolist() for name in PRINTED), strict=True):
        behind.setdefault((series, *what), []).append((figure_id, room))
    pages = ((what, *zip(*who, strict=True)) for what, who in behind.items())
    return [Printed(*(*what, ids, frozenset(rooms))) for what, ids, rooms in pages]


def newsrooms_behind(figures: Iterable[Printed]) -> int:
    """How many independent newsrooms printed any of `figures`."""
    return len(frozenset().union(*(figure.newsrooms for figure in figures)))


def slips(value: str) -> Iterator[tuple[str, str]]:
    """The readings of `value` that one slip of the pen explains: what happened, what was meant."""
    for at, (left, right) in enumerate(pairwise(value)):
        if left.isdigit() and right.isdigit() and left != right:
            yield "two digits swapped", value[:at] + right + left + value[at + 2 :]
    for factor in map(Decimal, FACTORS):
        times = 1 / factor if factor < 1 else factor
        what = "too large" if factor < 1 else "too small"
        yield f"{times:,.0f} times {what}", f"{(Decimal(value) * factor).normalize():f}"
    if Decimal(value) != 0:
        yield "the sign", value.removeprefix("-") if value.startswith("-") else f"-{value}"


KILOGRAM = {"usd": np.nan, "usd_per_tonne": 1000.0, "usd_per_kg": 1.0}
"""Kilograms that a value printed in a unit is of; a bare one is of all that was sent."""


def printed_unit_values(figures: pd.DataFrame, tonnes: pd.Series) -> pd.Series:
    """Dollars a kilogram printed for single months of exports to whom `tonnes` went, by month.

    figures: a table Figures; tonnes: by month, by which values printed without a weight are
    divided. Months come in order, one as often as it was printed differently.
    """
    single = figures["period_start"] == figures["period_end"]
    rows = figures[single & figures["unit"].isin(KILOGRAM)]
    rows = rows[rows["destination"] == tonnes.name]
    months = pd.PeriodIndex(rows["period_end"], freq="M")
    known = pd.Series(1000 * tonnes.reindex(months).to_numpy(), index=rows.index)
    values = pd.to_numeric(rows["value"]) / rows["unit"].map(KILOGRAM).fillna(known)
    table = pd.DataFrame({"month": months, "value": values.to_numpy()}).dropna().drop_duplicates()
    return table.set_index("month")["value"].sort_index(kind="stable")


def in_millions(tonnes: pd.Series, usd_per_kg: pd.Series) -> tuple[float, float, float]:
    """Million dollars at the middle value, at least and at most, counted in the tonnes' sign.

    tonnes: estimate, lower and upper.
    """
    ends = np.sign(tonnes["estimate"]) * tonnes[["estimate", "lower", "upper"]] / 1000
    every = np.outer(ends.iloc[1:], usd_per_kg)
    return float(ends["estimate"] * usd_per_kg.median()), float(every.min()), float(every.max())
