"""One question put to a series: which window, against which baseline."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from effects.results import EffectError
from effects.samples import as_period, check_level, log_series, period_index


@dataclass(frozen=True)
class Question:
    """Logs of the observed periods, the window from `start` to `end`, the baseline's end.

    quiet_end: the last period that a placebo window may hold, the baseline's end or an earlier one.
    """

    logs: pd.Series
    start: pd.Period
    end: pd.Period
    baseline_end: pd.Period
    quiet_end: pd.Period
    level: float
    unit: str
    name: str

    @property
    def periods(self) -> pd.PeriodIndex:
        """Every period from the first observed to the last."""
        return pd.period_range(self.logs.index[0], self.logs.index[-1])

    @property
    def length(self) -> int:
        """Periods of the window, observed or not."""
        return self.end.ordinal - self.start.ordinal + 1

    @property
    def before(self) -> pd.Series:
        """Logs of the baseline."""
        return self.logs.loc[: self.baseline_end]

    @property
    def within(self) -> pd.Series:
        """Logs of the window."""
        return self.logs.loc[self.start : self.end]


def ask(
    series: pd.Series,
    start: str | pd.Period,
    end: str | pd.Period | None,
    baseline_end: str | pd.Period | None,
    level: float,
    words: tuple[str, str],
    quiet_end: str | pd.Period | None = None,
) -> Question:
    """Check that the series can be asked; `words` are its unit and its name."""
    index = period_index(series)
    logs = log_series(series)
    first = as_period(start, index)
    last = logs.index[-1] if end is None else as_period(end, index)
    stop = first - 1 if baseline_end is None else as_period(baseline_end, index)
    check_level(level)
    if first > logs.index[-1]:
        raise EffectError(
            f"the window starts at {first}, after the last observed period {logs.index[-1]}"
        )
    if last > logs.index[-1]:
        raise EffectError(
            f"the window ends at {last}, after the last observed period {logs.index[-1]}"
        )
    if first <= logs.index[0]:
        raise EffectError(f"the window starts at {first}, the series only at {logs.index[0]}")
    if not stop < first <= last:
        raise EffectError(f"needs baseline_end < start <= end; found {stop}, {first}, {last}")
    if not len(logs.loc[first:last]):
        raise EffectError(f"no period from {first} to {last} is observed; nothing to compare")
    quiet = stop if quiet_end is None else min(stop, as_period(quiet_end, index))
    return Question(logs, first, last, stop, quiet, level, *words)
