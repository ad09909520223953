"""Checks on what comes in: a regular series of positive numbers, a window inside it."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import NamedTuple, cast

import numpy as np
import pandas as pd

from effects.level import Array
from effects.results import EffectError

LEAST_POINTS = 8


class Points(NamedTuple):
    """Observed periods (ordinals, increasing) and the logs observed there."""

    times: Array
    values: Array

    def between(self, first: float, last: float) -> Points:
        """The points from `first` to `last`, both included."""
        begin = int(np.searchsorted(self.times, first, side="left"))
        stop = int(np.searchsorted(self.times, last, side="right"))
        return Points(self.times[begin:stop], self.values[begin:stop])


def log_series(series: pd.Series) -> pd.Series:
    """Logs of the observed periods of `series`, in order; missing periods are left out."""
    index = period_index(series)
    if index.has_duplicates:
        twice = index[index.duplicated()][0]
        raise EffectError(f"period {twice} comes twice in the series; each may come once")
    observed = series.astype("float64").sort_index().dropna()
    if not np.isfinite(observed.to_numpy()).all():
        raise EffectError("the series holds an infinite value; use NaN for a missing period")
    wrong = observed[observed <= 0]
    if len(wrong):
        raise EffectError(
            f"period {wrong.index[0]}: found {wrong.iloc[0]:g}; the estimators work on logs "
            "and need numbers above zero (NaN for a missing period)"
        )
    _check_enough(observed)
    return cast(pd.Series, np.log(observed))


def _check_enough(observed: pd.Series) -> None:
    if len(observed) < LEAST_POINTS:
        raise EffectError(
            f"the series has {len(observed)} observed periods; at least {LEAST_POINTS} are needed"
        )
    if observed.nunique() == 1:
        raise EffectError(
            f"all {len(observed)} observed periods equal {observed.iloc[0]:g}; a constant series "
            "tells nothing of how much change is usual"
        )


def check_level(level: float) -> None:
    """Refuse a level that is no share."""
    if not 0 < level < 1:
        raise EffectError(f"level is {level:g}; needs a number between 0 and 1, such as 0.95")


def period_index(frame: pd.Series | pd.DataFrame) -> pd.PeriodIndex:
    """The index of `frame`, which must be made of periods such as single months."""
    if not isinstance(frame.index, pd.PeriodIndex):
        raise EffectError(
            f"the index is a {type(frame.index).__name__}; a PeriodIndex is needed "
            "(for example pandas.period_range('2020-01', '2025-12', freq='M'))"
        )
    if frame.index.freqstr[0].isdigit():
        raise EffectError(
            f"the index has frequency {frame.index.freqstr}; periods of a single month, quarter "
            "or the like are needed (M, Q, Y)"
        )
    return frame.index


def ordinals(index: pd.PeriodIndex) -> Array:
    """Periods as consecutive numbers."""
    return np.asarray([period.ordinal for period in index], dtype="float64")


def periods_at(times: Iterable[int], frequency: str) -> pd.PeriodIndex:
    """The periods of consecutive numbers."""
    return pd.PeriodIndex([pd.Period(ordinal=t, freq=frequency) for t in times], freq=frequency)


def observed_points(logs: pd.Series) -> Points:
    """The observed periods of `logs` as arrays."""
    return Points(ordinals(pd.PeriodIndex(logs.index)), logs.to_numpy())


def row_at(frame: pd.DataFrame, label: Hashable) -> pd.Series:
    """The one row of `frame` at `label`."""
    return cast(pd.Series, frame.xs(label))


def time_word(frequency: str) -> str:
    """What one period is called: month, quarter, year or, of other lengths, period."""
    return {"M": "month", "Q": "quarter", "Y": "year"}.get(frequency[0], "period")


def as_period(value: str | pd.Period, index: pd.PeriodIndex) -> pd.Period:
    """`value` as a period of the index's frequency."""
    try:
        period = pd.Period(value, freq=index.freqstr)
    except ValueError:
        raise EffectError(f"found {value!r}, needs a period such as {index[0]}") from None
    if not isinstance(period, pd.Period):
        raise EffectError(f"found {value!r}, needs a period such as {index[0]}")
    return period


def regressors_on(regressors: pd.DataFrame | None, index: pd.PeriodIndex) -> pd.DataFrame:
    """`regressors` on the periods of `index`; a period they do not cover is refused."""
    if regressors is None:
        return pd.DataFrame(index=index)
    period_index(regressors)
    frame = regressors.reindex(index).astype("float64")
    gaps = frame.index[frame.isna().any(axis=1)]
    if len(gaps):
        column = frame.columns[frame.loc[gaps[0]].isna()][0]
        raise EffectError(
            f"regressor {column!r} has no value at {gaps[0]}; regressors must cover every period "
            f"from {index[0]} to {index[-1]}"
        )
    return frame
