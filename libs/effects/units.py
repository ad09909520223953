"""Checks on a frame of periods × units, and on the window asked about."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import pandas as pd

from effects.results import EffectError
from effects.samples import as_period, check_level, period_index

Name = TypeVar("Name", bound=Hashable)


@dataclass(frozen=True)
class Units:
    """`values` on every period from the first to the last, and a window `start` to `end`."""

    values: pd.DataFrame
    start: pd.Period
    end: pd.Period
    level: float

    @property
    def inside(self) -> np.ndarray:
        """Which periods lie in the window."""
        return np.asarray((self.values.index >= self.start) & (self.values.index <= self.end))

    @property
    def earlier(self) -> np.ndarray:
        """Which periods lie before the window."""
        return np.asarray(self.values.index < self.start)


def ask_units(
    frame: pd.DataFrame, start: str | pd.Period, end: str | pd.Period | None, level: float
) -> Units:
    """Check that `frame` (numbers not below zero, NaN where missing) can be asked about a window.

    Units that are missing throughout are left out; missing periods become rows of NaN.
    """
    values = _numbers(frame)
    index = pd.PeriodIndex(values.index)
    first = as_period(start, index)
    last = index[-1] if end is None else as_period(end, index)
    check_level(level)
    if not index[0] < first <= last <= index[-1]:
        raise EffectError(
            f"found a window from {first} to {last}; needs one that begins after {index[0]} and "
            f"ends by {index[-1]}, the first and the last observed period"
        )
    return Units(values.reindex(pd.period_range(index[0], index[-1])), first, last, level)


def _numbers(frame: pd.DataFrame) -> pd.DataFrame:
    index = period_index(frame)
    for axis, word in ((index, "period"), (frame.columns, "unit")):
        if axis.has_duplicates:
            raise EffectError(f"{word} {axis[axis.duplicated()][0]} comes twice in the frame")
    try:
        values = frame.astype("float64").sort_index()
    except (ValueError, TypeError) as reason:
        raise EffectError(f"the frame holds something that is no number: {reason}") from None
    wrong = np.argwhere((values < 0) | np.isinf(values))
    if len(wrong):
        row, column = wrong[0]
        raise EffectError(
            f"{values.columns[column]}, {values.index[row]}: found {values.iloc[row, column]:g}; "
            "needs a finite number not below zero (NaN for a missing period)"
        )
    seen = values.dropna(axis="columns", how="all").dropna(how="all")
    if seen.empty:
        raise EffectError("the frame holds no observed number")
    return seen


def unit_names(given: str | Iterable[Name]) -> list[str | Name]:
    """One name or several as a list, each once."""
    return [given] if isinstance(given, str) else list(dict.fromkeys(given))


def check_present(names: Sequence[Hashable], values: pd.DataFrame) -> None:
    """Refuse a unit that is no column of `values`."""
    gone = [name for name in names if name not in values.columns]
    if gone:
        known = ", ".join(map(str, values.columns[:12]))
        raise EffectError(f"no observed unit {gone[0]!r} in the frame; it has {known}")
