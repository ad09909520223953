"""What comes in: a series or a frame of units on periods, and the window asked about.

Everything that users hand to an estimator is read here, once: it is taken for what it says, or
refused in one EffectError that names the value found and what is needed.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Hashable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from numbers import Real
from typing import Any, Literal, NamedTuple, TypeVar, cast

import numpy as np
import pandas as pd

from effects.level import Array
from effects.results import EffectError

Values = TypeVar("Values", pd.Series, pd.DataFrame)
When = str | pd.Period | date
"""How a period is named: 2025, 2025Q2, 2025-04, a day in it, or a Period."""
Side = Literal["start", "end", "only"]
"""Whether a period begins a window, ends one, or stands for itself."""

LEAST_POINTS = 8


class Points(NamedTuple):
    """Observed periods (ordinals, increasing) and the values observed there."""

    times: Array
    values: Array

    def between(self, first: float, last: float) -> Points:
        """The points from `first` to `last`, both included."""
        begin = int(np.searchsorted(self.times, first, side="left"))
        stop = int(np.searchsorted(self.times, last, side="right"))
        return Points(self.times[begin:stop], self.values[begin:stop])


@dataclass(frozen=True)
class Scale:
    """What a series is estimated on: logs, whose effects are percent, or its own `unit`."""

    unit: str
    logs: bool = True

    @property
    def effect_unit(self) -> str:
        """The unit of an average effect."""
        return "%" if self.logs else self.unit

    def effect(self, size: Any) -> Any:
        """A difference on this scale as an effect."""
        return 100 * np.expm1(size) if self.logs else np.asarray(size)

    def back(self, values: Any) -> Any:
        """Values on this scale in the unit of the series."""
        return np.exp(values) if self.logs else np.asarray(values)


# Values


def read_series(series: pd.Series, logs: bool = True) -> pd.Series:
    """The observed periods of `series` in order, as logs or as they are; gaps are left out."""
    if isinstance(series, pd.DataFrame) and series.shape[1] == 1:
        series = series.iloc[:, 0]
    if not isinstance(series, pd.Series):
        raise EffectError(f"found {_kind(series)}, needs one pandas Series")
    index = _once(series)
    values = _floats(series, index)
    order = np.argsort(index.asi8)
    order = order[~np.isnan(values[order])]
    observed = pd.Series(values[order], index[order], name=series.name)
    wrong = observed[values[order] <= 0] if logs else observed[:0]
    if len(wrong):
        raise EffectError(
            f"period {wrong.index[0]}: found {wrong.iloc[0]:g}; the estimators work on logs "
            "and need numbers above zero (NaN for a missing period); `counterfactual`, `swing`, "
            "`volatility` and `breaks` take others with logs=False"
        )
    if len(observed) < LEAST_POINTS:
        raise EffectError(
            f"the series has {len(observed)} observed periods; at least {LEAST_POINTS} are needed"
        )
    if np.ptp(values[order]) == 0:
        raise EffectError(
            f"all {len(observed)} observed periods equal {observed.iloc[0]:g}; a constant series "
            "tells nothing of how much change is usual"
        )
    return cast(pd.Series, np.log(observed)) if logs else observed


def read_frame(frame: pd.DataFrame, least: float = -np.inf) -> pd.DataFrame:
    """`frame` (periods × columns) as numbers from `least` on, in order; NaN where missing."""
    if not isinstance(frame, pd.DataFrame):
        raise EffectError(f"found {_kind(frame)}, needs a pandas DataFrame of periods × columns")
    if frame.columns.has_duplicates:
        twice = frame.columns[frame.columns.duplicated()][0]
        raise EffectError(f"unit {twice} comes twice in the frame")
    index = _once(frame)
    table = np.empty(frame.shape)
    for place, (_, column) in enumerate(frame.items()):
        table[:, place] = _floats(column, index)
    order = np.argsort(index.asi8)
    values = pd.DataFrame(table[order], index[order], frame.columns)
    wrong = np.argwhere(table[order] < least)
    if len(wrong):
        row, column = wrong[0]
        raise EffectError(
            f"{values.columns[column]}, {values.index[row]}: found {values.iloc[row, column]:g}; "
            f"needs a finite number not below {least:g} (NaN for a missing period)"
        )
    return values


def _once(frame: pd.Series | pd.DataFrame) -> pd.PeriodIndex:
    """The periods of `frame`, each of which may come once."""
    index = period_index(frame)
    if index.has_duplicates:
        raise EffectError(
            f"period {index[index.duplicated()][0]} comes twice in the series; each may come once"
        )
    return index


def _floats(column: pd.Series, index: pd.PeriodIndex) -> Array:
    """Numbers, or texts that are plain numbers; None, NaN and NA are missing."""
    where = "" if column.name is None else f"{column.name}, "
    found = np.full(len(column), np.nan)
    if pd.api.types.is_float_dtype(column.dtype) and isinstance(column.dtype, np.dtype):
        found = column.to_numpy(dtype="float64")
    else:
        for place, value in enumerate(column.astype(object)):
            found[place] = _number(value, f"{where}{index[place]}")
    wild = np.flatnonzero(np.isinf(found))
    if len(wild):
        raise EffectError(
            f"{where}{index[wild[0]]}: found {found[wild[0]]:g}, an infinite value; use NaN for a "
            "missing period"
        )
    return found


def _number(value: object, where: str) -> float:
    if value is None or value is pd.NA:
        return np.nan
    if not isinstance(value, bool | np.bool_ | np.complexfloating | np.datetime64 | np.timedelta64):
        with suppress(TypeError, ValueError):
            return float(cast(float, value))
    raise EffectError(f"{where}: found {value!r}, which is no number; use NaN for a missing period")


def check_level(level: float) -> None:
    """Refuse a level that is no share."""
    if not isinstance(level, Real) or not 0 < level < 1:
        said = f"{level:g}" if isinstance(level, Real) else repr(level)
        raise EffectError(f"level is {said}; needs a number between 0 and 1, such as 0.95")


def check_count(name: str, value: int, least: int, why: str = "") -> None:
    """Refuse an option that is no whole number from `least` on."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
        raise EffectError(f"{name} is {value}; needs a whole number, {least} or more{why}")


def _kind(value: object) -> str:
    shape = f" of {value.shape[1]} columns" if isinstance(value, pd.DataFrame) else ""
    return f"a {type(value).__name__}{shape}"


# Periods


def period_index(frame: pd.Series | pd.DataFrame) -> pd.PeriodIndex:
    """The index of `frame` as single periods; business days are days of which two are missing."""
    index = frame.index
    if isinstance(index, pd.DatetimeIndex) and index.tz is None:
        index = _periods_of(index)
    if index.dtype == object and len(index) and all(isinstance(p, pd.Period) for p in index):
        index = pd.PeriodIndex(index) if len({p.freqstr for p in index}) == 1 else index
    if not isinstance(index, pd.PeriodIndex):
        zone = " with a time zone" if getattr(index, "tz", None) else ""
        raise EffectError(
            f"the index is a {type(index).__name__}{zone}, and begins with {list(index[:1])}; a "
            "PeriodIndex is needed (a DatetimeIndex has .to_period('M'), or 'Q', 'Y', 'W', 'D')"
        )
    if index.hasnans:
        raise EffectError(f"the index has no period at place {int(index.isna().argmax())} (NaT)")
    if index.freqstr[0].isdigit():
        raise EffectError(
            f"the index has frequency {index.freqstr}; periods of a single month, quarter "
            "or the like are needed (M, Q, Y)"
        )
    with warnings.catch_warnings():
        # pandas means to drop periods of business days, and warns of each.
        warnings.simplefilter("ignore", FutureWarning)
        return pd.PeriodIndex(index.to_timestamp(), freq="D") if index.freqstr == "B" else index


def _periods_of(index: pd.DatetimeIndex) -> pd.Index:
    """Regular timestamps as the periods they stand for; others as they are."""
    try:
        frequency = index.freqstr or pd.infer_freq(index)
        daily = frequency in ("B", "C")
        return index.to_period("D" if daily else None) if frequency else index
    except (ValueError, TypeError):
        return index


def ordinals(index: pd.PeriodIndex) -> Array:
    """Periods as consecutive numbers."""
    return index.asi8.astype("float64")


def periods_at(times: Iterable[int], frequency: str) -> pd.PeriodIndex:
    """The periods of consecutive numbers."""
    numbers = np.array([*times], dtype="int64")
    return pd.PeriodIndex(pd.arrays.PeriodArray(numbers, dtype=pd.PeriodDtype(frequency)))


def observed_points(values: pd.Series) -> Points:
    """The observed periods of `values` as arrays."""
    return Points(ordinals(pd.PeriodIndex(values.index)), values.to_numpy())


def row_at(frame: pd.DataFrame, label: Hashable) -> pd.Series:
    """The one row of `frame` at `label`."""
    return cast(pd.Series, frame.xs(label))


def time_word(frequency: str) -> str:
    """What one period is called: month, quarter, week or, of other lengths, period."""
    words = {"M": "month", "Q": "quarter", "Y": "year", "W": "week", "D": "day"}
    return words.get(frequency.split("-")[0], "period")


_WRITTEN = {
    r"\d{4}": "Y",
    r"\d{4}-?Q[1-4]": "Q",
    r"\d{4}-\d{2}": "M",
    r"\d{4}-\d{2}-\d{2}": "D",
    r"\d{4}-\d{2}-\d{2}/\d{4}-\d{2}-\d{2}": "W",
    r"\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}(:\d{2})?": "s",
}
"""Texts that can be read in one way only, and what they name; 03/04/2025 is none of them."""


def as_period(value: When, index: pd.PeriodIndex, side: Side = "only") -> pd.Period:
    """`value` as a period of the index's frequency.

    What is longer gives its first or last period where they fit it exactly; what is shorter must
    be a period's first day (at an end also its last), or any day of a week.
    """
    named = _named(value, index)
    if named.freqstr == index.freqstr:
        return named
    first, last = named.start_time, named.end_time
    begin, stop = (pd.Period(time, freq=index.freqstr) for time in (first, last))
    if begin == stop:
        exact = first == begin.start_time or (side == "end" and last == begin.end_time)
        if exact or index.freqstr.startswith("W"):
            return begin
    elif side != "only" and (first, last) == (begin.start_time, stop.end_time):
        return begin if side == "start" else stop
    raise EffectError(
        f"found {str(value)!r}, which is not one {time_word(index.freqstr)}; needs a period such "
        f"as {index[0]}"
    )


def _named(value: When, index: pd.PeriodIndex) -> pd.Period:
    """The period that `value` names, of the index's frequency where it can be read as one."""
    period: object = None
    if isinstance(value, pd.Period):
        period = value
    elif isinstance(value, date | np.datetime64) and not getattr(value, "tzinfo", None):
        moment = pd.Timestamp(value)
        midnight = pd.notna(moment) and moment == moment.normalize()
        period = pd.Period(moment, freq="D" if midnight else "s")
    elif isinstance(value, str):
        freqs = [freq for text, freq in _WRITTEN.items() if re.fullmatch(text, value.strip())]
        own = index.freqstr if index.freqstr[0] in freqs else "".join(freqs)
        with suppress(ValueError):
            period = pd.Period(value.strip(), freq=own) if own else None
        if "W" in freqs and str(period) != value.strip():
            period = None
    if not isinstance(period, pd.Period):
        raise EffectError(f"found {value!r}, needs a period such as {index[0]}")
    return period


def regressors_on(
    regressors: pd.DataFrame | pd.Series | None, index: pd.PeriodIndex
) -> pd.DataFrame:
    """`regressors` on the periods of `index`; a period they do not cover is refused.

    Between business days the last one's values hold.
    """
    if regressors is None:
        return pd.DataFrame(index=index)
    frame = regressors.to_frame() if isinstance(regressors, pd.Series) else regressors
    if not isinstance(frame, pd.DataFrame):
        raise EffectError(f"regressors: found {_kind(frame)}, needs a DataFrame or None")
    flags = [name for name, kind in frame.dtypes.items() if pd.api.types.is_bool_dtype(kind)]
    try:
        frame = read_frame(frame.astype(dict.fromkeys(flags, "float64")) if flags else frame)
    except EffectError as reason:
        raise EffectError(f"regressors: {reason}") from None
    own = pd.PeriodIndex(frame.index)
    if own.freqstr != index.freqstr:
        raise EffectError(
            f"regressors have periods of frequency {own.freqstr}, the series of {index.freqstr}; "
            "both must be the same"
        )
    business = getattr(regressors.index, "freqstr", "") == "B"
    if not own.equals(index):
        frame = frame.reindex(index, method="ffill" if business else None)
    gaps = frame.index[np.isnan(frame.to_numpy()).any(axis=1)]
    if len(gaps):
        column = frame.columns[frame.loc[gaps[0]].isna()][0]
        raise EffectError(
            f"regressor {column!r} has no value at {gaps[0]}; regressors must cover every period "
            f"from {index[0]} to {index[-1]}"
        )
    return frame


# Windows


@dataclass(frozen=True)
class Question:
    """Values of the observed periods, the window from `start` to `end`, the baseline's end.

    quiet_end: the last period that a placebo window may hold, the baseline's end or an earlier one.
    """

    values: pd.Series
    start: pd.Period
    end: pd.Period
    baseline_end: pd.Period
    quiet_end: pd.Period
    level: float
    scale: Scale
    name: str

    @cached_property
    def periods(self) -> pd.PeriodIndex:
        """Every period from the first observed to the last."""
        return pd.period_range(self.values.index[0], self.values.index[-1])

    @property
    def length(self) -> int:
        """Periods of the window, observed or not."""
        return self.end.ordinal - self.start.ordinal + 1

    @cached_property
    def before(self) -> pd.Series:
        """Values of the baseline."""
        return self.values.loc[: self.baseline_end]

    @cached_property
    def within(self) -> pd.Series:
        """Values of the window."""
        return self.values.loc[self.start : self.end]


def ask(
    series: pd.Series,
    start: When,
    end: When | None,
    baseline_end: When | None,
    level: float,
    words: tuple[str, str] = ("%", "the series"),
    quiet_end: When | None = None,
    logs: bool = True,
) -> Question:
    """Check that the series can be asked; `words` are its unit and its name."""
    values = read_series(series, logs)
    index = pd.PeriodIndex(values.index)
    check_level(level)
    first = as_period(start, index, "start")
    last = index[-1] if end is None else as_period(end, index, "end")
    stop = first - 1 if baseline_end is None else as_period(baseline_end, index, "end")
    for verb, period in (("starts", first), ("ends", last)):
        if period > index[-1]:
            raise EffectError(
                f"the window {verb} at {period}, after the last observed period {index[-1]}"
            )
    if first <= index[0]:
        raise EffectError(f"the window starts at {first}, the series only at {index[0]}")
    if not stop < first <= last:
        raise EffectError(f"needs baseline_end < start <= end; found {stop}, {first}, {last}")
    if not len(values.loc[first:last]):
        raise EffectError(f"no period from {first} to {last} is observed; nothing to compare")
    quiet = stop if quiet_end is None else min(stop, as_period(quiet_end, index, "end"))
    unit, name = words
    return Question(values, first, last, stop, quiet, level, Scale(unit, logs), name)


@dataclass(frozen=True)
class Units:
    """`values` on every period from the first to the last, and a window `start` to `end`."""

    values: pd.DataFrame
    start: pd.Period
    end: pd.Period
    level: float


def ask_units(frame: pd.DataFrame, start: When, end: When | None, level: float) -> Units:
    """Check that `frame` (numbers not below zero, NaN where missing) can be asked about a window.

    Units that are missing throughout are left out; missing periods become rows of NaN.
    """
    values = read_frame(frame, 0.0).dropna(axis="columns", how="all").dropna(how="all")
    if values.empty:
        raise EffectError("the frame holds no observed number")
    index = pd.PeriodIndex(values.index)
    first = as_period(start, index, "start")
    last = index[-1] if end is None else as_period(end, index, "end")
    check_level(level)
    if not index[0] < first <= last <= index[-1]:
        raise EffectError(
            f"found a window from {first} to {last}; needs one that begins after {index[0]} and "
            f"ends by {index[-1]}, the first and the last observed period"
        )
    return Units(values.reindex(pd.period_range(index[0], index[-1])), first, last, level)


def unit_names(given: object, values: pd.DataFrame) -> list[Hashable]:
    """One column or several as a list, each once; one that `values` does not have is refused."""
    several = isinstance(given, Iterable) and not isinstance(given, str)
    if isinstance(given, Hashable) and given in values.columns:
        several = False
    names = list(cast(Iterable[Hashable], given)) if several else [given]
    odd = [name for name in names if not isinstance(name, Hashable)]
    if odd:
        raise EffectError(f"found {odd[0]!r}, needs the name of a column")
    gone = [name for name in names if name not in values.columns]
    if gone:
        known = ", ".join(map(str, values.columns[:12]))
        raise EffectError(f"no observed unit {gone[0]!r} in the frame; it has {known}")
    return list(dict.fromkeys(names))
