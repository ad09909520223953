"""One unit's change among those of others: a rank test in place of a model."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from effects.results import EffectError
from effects.samples import read_frame

LEAST_DATES = 4
"""Other dates that a unit's own error rests on, at least."""
BASE = 3
"""Months before a window that it is set against."""


class Window(NamedTuple):
    """Months asked about, and the last of the months that they are set against."""

    start: pd.Period
    end: pd.Period
    base_end: pd.Period

    @property
    def base(self) -> pd.PeriodIndex:
        """The months before."""
        return pd.period_range(end=self.base_end, periods=BASE, freq="M")

    @property
    def months(self) -> pd.PeriodIndex:
        """The months asked about."""
        return pd.period_range(self.start, self.end, freq="M")


@dataclass(frozen=True)
class Ranked:
    """One unit among others.

    table: a row a unit, largest fall first: `change` (log points: the window's mean less that of
    the base), `error` (root mean square of the same at other dates), `score` (one over the other).
    treated: the unit asked about. dates: how many other dates the errors rest on.
    """

    table: pd.DataFrame
    treated: str
    dates: int

    def percent(self, unit: str) -> float:
        """The change of a unit, in percent."""
        return float(100 * np.expm1(self.table["change"].loc[unit]))

    def largest(self, most: int = 10) -> pd.DataFrame:
        """The units that changed most, either way, in percent, the treated one among them."""
        order = self.table["change"].abs().sort_values(ascending=False).index
        rows = self.table.loc[list(dict.fromkeys([*order[:most], self.treated]))]
        changes = {"change, %": 100 * np.expm1(rows["change"]), "over own error": rows["score"]}
        return pd.DataFrame({"good": rows.index, **changes})

    @property
    def middle(self) -> float:
        """The median change of the other units, in percent."""
        return 100 * float(np.expm1(self.table["change"].drop(self.treated).median()))

    def rank(self, column: str) -> int:
        """The place of the treated unit by the size of `column`, 1 for the largest."""
        sizes = self.table[column].abs()
        return int((sizes >= sizes[self.treated]).sum())

    def p_value(self, column: str) -> float:
        """The share of all units, itself among them, with a `column` at least as large.

        The permutation p-value over units of Abadie, Diamond and Hainmueller (2010), two-sided;
        never below one over the number of units.
        """
        return self.rank(column) / len(self.table)


def rank_among(
    changes: pd.DataFrame, treated: str, base: pd.PeriodIndex, window: pd.PeriodIndex
) -> Ranked:
    """Rank the change of `treated` from `base` to `window` among those of all other units.

    changes: periods × units, free of season (log changes on the year before, say); units with a
    missing period are left out. The same difference at every other date whose base and window
    keep clear of the window asked about gives each unit's own error. Raises EffectError where the
    treated unit or a period is missing, or fewer than 4 other dates are left.
    """
    whole = read_frame(changes).dropna(axis="columns")
    if treated not in whole:
        raise EffectError(f"{treated} is not known in every month")
    lost = [period for period in (*base, *window) if period not in whole.index]
    if len(lost):
        raise EffectError(
            f"{lost[0]} is not among the months, {whole.index[0]} to {whole.index[-1]}"
        )
    here = whole.index.get_indexer(base), whole.index.get_indexer(window)
    values, (before, within) = whole.to_numpy(), here
    every = [
        values[within + shift].mean(axis=0) - values[before + shift].mean(axis=0)
        for shift in (0, *_shifts(here, len(whole)))
    ]
    change, others = every[0], every[1:]
    if len(others) < LEAST_DATES:
        raise EffectError(
            f"only {len(others)} other dates are left; at least {LEAST_DATES} are needed"
        )
    table = pd.DataFrame(
        {"change": change, "error": np.sqrt(np.square(others).mean(axis=0))}, index=whole.columns
    )
    table["score"] = table["change"] / table["error"]
    return Ranked(table.sort_values("change"), treated, len(others))


def rank_windows(
    changes: Callable[[int], pd.DataFrame], treated: str, windows: Iterable[Window]
) -> pd.DataFrame:
    """The rank of one unit in each window that can be told, a row each.

    changes: those on so many years before, more than one for a window that ends a year or more
    after the first begins, since changes on the year before would see that one once more. Columns
    start, end, base_end, change_pct, others_pct, rank, units, p_value, p_value_scaled, other_dates.
    """
    rows, windows = [], list(windows)
    starts = [window.start for window in windows]
    for window in windows:
        frame = changes(1 + max((window.end - min(starts)).n // 12, 0))
        with suppress(EffectError):
            found = rank_among(frame, treated, window.base, window.months)
            sizes = found.percent(treated), found.middle, found.rank("change"), len(found.table)
            tests = found.p_value("change"), found.p_value("score"), found.dates
            rows.append((*map(str, window), *sizes, *tests))
    columns = ["start", "end", "base_end", "change_pct", "others_pct", "rank", "units"]
    return pd.DataFrame(rows, columns=[*columns, "p_value", "p_value_scaled", "other_dates"])


def _shifts(here: tuple[np.ndarray, np.ndarray], periods: int) -> list[int]:
    """The moves, zero left out, that keep base and window clear of the window asked about."""
    asked = set(here[1])
    moves = range(-min(map(min, here)), periods - max(map(max, here)))
    return [m for m in moves if m and not asked & {*(here[0] + m), *(here[1] + m)}]
