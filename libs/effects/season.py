"""Level, season and drift: the terms that a baseline can bear beside its regressors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal, get_args

import numpy as np
import pandas as pd

from effects.level import Array
from effects.results import EffectError
from effects.samples import Question, ordinals, regressors_on, time_word

Season = Literal["auto", "calendar", "harmonics", "none"]
DRIFT = "drift"
"""The linear trend among the terms."""

LEAST_FREE = 12
"""Residual degrees of freedom a baseline must leave."""
LEAST_SEEN = 1
"""Times each calendar period must be observed for calendar effects: once tells its effect."""

NOTHING = 1e-10
"""Least eigenvalue of the columns' correlations that is told from zero."""

LEAST_YEARS = 2
"""Years that the waves of weeks and days take to be told from a wandering level."""
YEAR_DAYS = 365.2425
_LENGTHS = {"M": 12, "Q": 4}
_WAVES_BY_DATE = ("W", "D")
_A_YEAR = {"M": 12.0, "Q": 4.0, "Y": 1.0, "W": YEAR_DAYS / 7, "D": YEAR_DAYS}


def season_length(index: pd.PeriodIndex) -> int:
    """Calendar periods in a year: 12 for months, 4 for quarters, else 1."""
    return _LENGTHS.get(_kind(index), 1)


def _kind(index: pd.PeriodIndex) -> str:
    return index.freqstr.split("-")[0]


def years(index: pd.PeriodIndex) -> Array:
    """Years since the first period of `index`; of hours and the like by their time."""
    ahead = ordinals(index) - index[0].ordinal
    if _kind(index) in _A_YEAR:
        return ahead / _A_YEAR[_kind(index)]
    return np.asarray((index.start_time - index[0].start_time) / pd.Timedelta(days=YEAR_DAYS))


def _calendar(index: pd.PeriodIndex) -> np.ndarray:
    """The number of each month or quarter within its year, from 0."""
    return np.asarray(index.quarter - 1 if season_length(index) == 4 else index.month - 1)


def holiday_shares(days: list[date], first: int, last: int, index: pd.PeriodIndex) -> pd.Series:
    """Share of the interval from `first` to `last` days after each of `days` in each of `index`.

    Centred by calendar period, so that the season keeps what is usual and the regressor only the
    moving of a holiday, as X-13ARIMA-SEATS' genhol makes it (Bell and Hillmer 1983).
    """
    starts = pd.PeriodIndex(days, freq="D")
    shifted = [one for by in range(first, last + 1) for one in (starts + by).asfreq(index.freqstr)]
    shares = pd.Series(1 / (last - first + 1), index=pd.PeriodIndex(shifted)).groupby(level=0).sum()
    known = shares.reindex(index, fill_value=0.0)
    return known - known.groupby(_calendar(index)).transform("mean")


def season_terms(index: pd.PeriodIndex, season: Season) -> pd.DataFrame:
    """Level and season columns on `index`; those of calendar and weekdays contain the level."""
    length = season_length(index)
    name, count, place = "level", 1, np.zeros(len(index))
    if season == "calendar":
        name, count, place = "season", length, _calendar(index)
    elif season == "harmonics" and _kind(index) == "D":
        name, count, place = "weekday", 7, np.asarray(index.day_of_week)
    names = [f"{name} {i + 1}" for i in range(count)] if count > 1 else [name]
    columns = [place == i for i in range(count)]
    if season == "harmonics":
        turns = _calendar(index) / length if length > 1 else _turns(index)
        for pair in range(1, 2 if length == 4 else 3):
            names += [f"cosine {pair}", f"sine {pair}"]
            columns += [np.cos(2 * np.pi * pair * turns), np.sin(2 * np.pi * pair * turns)]
    return pd.DataFrame(np.array(columns, dtype="float64").T, index, names)


def _turns(index: pd.PeriodIndex) -> Array:
    """Years from 1970 to the middle of each period."""
    middle = index.start_time + (index.end_time - index.start_time) / 2
    return np.asarray((middle - pd.Timestamp("1970-01-01")) / pd.Timedelta(days=YEAR_DAYS))


@dataclass(frozen=True)
class Terms:
    """Level, season, regressors and drift on every period from `first` (its ordinal) on.

    years: of each period since the first, which is what a drift is.
    """

    season: Season
    names: tuple[str, ...]
    first: int
    matrix: Array
    years: Array
    drift: bool = False

    def rows(self, times: Array) -> Array:
        """The rows of the periods `times` (ordinals): periods × coefficients."""
        return np.asarray(self.matrix[times.astype(int) - self.first])

    def with_drift(self) -> Terms:
        """The same terms and a drift, last."""
        return replace(self.beside(DRIFT, self.years), drift=True)

    def beside(self, name: str, column: Array) -> Terms:
        """The same terms and one more, last."""
        matrix = np.column_stack([self.matrix, column])
        return replace(self, names=(*self.names, name), matrix=matrix)


def make_terms(
    index: pd.PeriodIndex, beside: pd.DataFrame | None, season: Season, drift: bool = False
) -> Terms:
    """Lay out the design on the adjacent periods of `index`, those of the regressors `beside`."""
    first = season_terms(index, season)
    others = pd.DataFrame(index=index) if beside is None else beside
    names = tuple(map(str, [*first.columns, *others.columns]))
    matrix = np.vstack([first.to_numpy().T, others.to_numpy(dtype="float64").T]).T
    terms = Terms(season, names, index[0].ordinal, matrix, years(index))
    return terms.with_drift() if drift else terms


def choose_terms(
    observed: pd.PeriodIndex,
    index: pd.PeriodIndex,
    regressors: pd.DataFrame | None,
    asked: Season = "auto",
    drift: bool = False,
) -> Terms:
    """The terms on `index` that a baseline seen at `observed` can bear beside `regressors`.

    Months and quarters: calendar effects when every calendar period is observed at least
    `LEAST_SEEN` times, the coefficients can be told apart and `LEAST_FREE` degrees of freedom are
    left; else harmonic pairs. Weeks and days: two harmonic pairs of the year by date, days with
    effects of the weekday beside them, when `LEAST_YEARS` are observed; else none. Else
    EffectError. The rule looks at which periods are observed, never at their values. A season
    asked for by name is only checked. drift: a linear trend, in years.
    """
    if asked not in get_args(Season):
        raise EffectError(f"season is {asked!r}; needs one of {', '.join(get_args(Season))}")
    *first, last = _seasons(observed, index, asked)
    beside = regressors_on(regressors, index)
    for season in first:
        counts = np.bincount(_calendar(observed), minlength=season_length(index))
        if season == "calendar" and counts.min() < LEAST_SEEN:
            continue
        terms = make_terms(index, beside, season, drift)
        if free_degrees(terms.rows(ordinals(observed))) >= LEAST_FREE:
            return terms
    return _checked(make_terms(index, beside, last, drift), observed)


def question_terms(
    question: Question,
    regressors: pd.DataFrame | None,
    season: Season = "auto",
    drift: bool = False,
) -> Terms:
    """`choose_terms` of a question's baseline on all its periods."""
    observed = pd.PeriodIndex(question.before.index)
    return choose_terms(observed, question.periods, regressors, season, drift)


def _seasons(observed: pd.PeriodIndex, index: pd.PeriodIndex, asked: Season) -> Sequence[Season]:
    """The seasons to try in turn; EffectError where the one asked for cannot be had."""
    if season_length(index) > 1:
        return ("calendar", "harmonics") if asked == "auto" else (asked,)
    why = _no_waves(observed)
    if asked == "auto":
        return ("none",) if why else ("harmonics", "none")
    if asked == "calendar":
        why = why or f"{time_word(index.freqstr)}s take season 'harmonics', by date"
    if asked != "none" and why:
        raise EffectError(f"season {asked!r} cannot be had: {why}")
    return (asked,)


def _no_waves(observed: pd.PeriodIndex) -> str:
    """Why waves of the year cannot be told by date; empty where they can."""
    if _kind(observed) == "Y":
        return "a year has no season; ask for season='none'"
    if _kind(observed) not in _WAVES_BY_DATE:
        return f"it is made for months, quarters, weeks and days, not for {observed.freqstr}"
    spanned = years(observed)[-1]
    if spanned < LEAST_YEARS:
        return f"the baseline spans {spanned:.1f} years of at least {LEAST_YEARS} that are needed"
    return ""


def season_caution(terms: Terms, observed: pd.PeriodIndex, asked: Season) -> tuple[str, ...]:
    """What a result says where `auto` took no season out, though a year has some."""
    if asked != "auto" or terms.season != "none" or _kind(observed) == "Y":
        return ()
    why = _no_waves(observed) or "the baseline has too few observed periods"
    return (f"No season was taken out: {why}.",)


def free_degrees(design: Array) -> int:
    """Residual degrees of freedom of the columns not all zero; -1 where they are collinear."""
    seen = int(design.any(axis=0).sum())
    rank = int(np.linalg.matrix_rank(design))
    return len(design) - rank if rank == seen else -1


def free_after(design: Array) -> np.ndarray:
    """`free_degrees` of the first row, the first two, and so on."""
    products = np.cumsum(design[:, :, None] * design[:, None, :], axis=0)
    sizes = np.sqrt(np.diagonal(products, axis1=1, axis2=2))
    seen = sizes > 0
    scales = np.where(seen, sizes, 1.0)
    roots = np.linalg.eigvalsh(products / scales[:, :, None] / scales[:, None, :])
    rank = (roots > NOTHING).sum(axis=1)
    return np.where(rank == seen.sum(axis=1), np.arange(1, len(design) + 1) - rank, -1)


def _checked(terms: Terms, observed: pd.PeriodIndex) -> Terms:
    rows = terms.rows(ordinals(observed))
    seen = rows.any(axis=0)
    count = int(seen.sum())
    if len(observed) - count < LEAST_FREE:
        raise EffectError(
            f"the baseline has {len(observed)} observed periods; at least {count + LEAST_FREE} "
            f"are needed for {count} coefficients and {LEAST_FREE} degrees of freedom"
        )
    if free_degrees(rows) < 0:
        told = ", ".join(np.array(terms.names)[seen])
        raise EffectError(
            f"season and regressors ({told}) cannot be told apart over the observed baseline; "
            "leave one out or begin the baseline earlier"
        )
    return terms
