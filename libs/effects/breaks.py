"""Told no dates, where does the level of a series break?

Log series, local level with season and regressors: a break is a step in the level beyond what the
level's own wandering and the noise imply. Breaks are added, one or two at a time, while a test of
more rejects (Bai and Perron 1998, Econometrica 66; `breaks_null`), all dates being chosen anew at
every number (`breaks_partition`). A random walk has no breaks to find; that is why the null is a
level that wanders and not one that stands still.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from effects.breaks_account import (
    Found,
    criteria,
    date_table,
    sentence,
    sequence_table,
    shift_table,
)
from effects.breaks_null import PAIR, SINGLE, StepTest, single_test, step_test
from effects.breaks_partition import Partition, Positions, Sample, best_partition
from effects.breaks_scan import SHARES
from effects.level import fit_level, refuse_exact
from effects.results import EffectError, EffectResult, alpha
from effects.samples import check_level, log_series, ordinals, period_index
from effects.season import Season, choose_terms

LEAST_TRIM = 2

Tests = list[tuple[int, StepTest]]
"""How many breaks were known, and the test of more."""


@dataclass(frozen=True)
class Breaks(EffectResult):
    """Breaks of a series; the rows of `table` are the shifts in percent, in order of time.

    dates: each break's `start` (first period of the new level), the earliest and latest start not
    rejected, and how many are not. sequence: the tests of more breaks than were known.
    criteria: what levels that stand still leave for 0, 1, … breaks: squares, BIC and LWZ.
    """

    dates: pd.DataFrame
    sequence: pd.DataFrame
    criteria: pd.DataFrame


def breaks(
    series: pd.Series,
    *,
    regressors: pd.DataFrame | None = None,
    season: Season = "auto",
    trim: int = 3,
    most: int = 5,
    level: float = 0.95,
    name: str = "the series",
) -> Breaks:
    """Find breaks that leave `trim` observed periods between them, until there are `most` or none.

    Two found at once may be one more than `most`. series: positive numbers on a PeriodIndex, NaN
    where missing; nothing is interpolated. regressors: periods × columns, covering every period of
    the series. Raises EffectError where the data cannot answer.
    """
    logs = _checked(series, trim, most, level)
    sample = _sample(logs, regressors, season, trim)
    places, tests = _search(sample, most, level)
    found = Found(sample, pd.PeriodIndex(logs.index), places, level)
    shifts, dates = shift_table(found), date_table(found)
    told = sentence(found, shifts, dates, [test.p_value for _, test in tests], name)
    return Breaks(shifts, told, dates, sequence_table(tests), criteria(sample, most))


def _checked(series: pd.Series, trim: int, most: int, level: float) -> pd.Series:
    period_index(series)
    logs = log_series(series)
    check_level(level)
    if trim < LEAST_TRIM:
        raise EffectError(
            f"trim is {trim}; a level needs at least {LEAST_TRIM} observed periods to be told from "
            "a single odd one"
        )
    if most < 1:
        raise EffectError(f"most is {most}; needs the number of breaks to look for, 1 or more")
    if len(logs) < 2 * trim:
        raise EffectError(
            f"trim is {trim}, which leaves no room for a break: {2 * trim} observed periods are "
            f"needed, the series has {len(logs)}"
        )
    return logs


def _sample(logs: pd.Series, regressors: pd.DataFrame | None, season: Season, trim: int) -> Sample:
    observed = pd.PeriodIndex(logs.index)
    every = pd.period_range(observed[0], observed[-1])
    terms = choose_terms(observed, every, regressors, season)
    times = ordinals(observed)
    rows = terms.rows(times)
    values, common = logs.to_numpy(), rows[:, rows.any(axis=0)]
    refuse_exact(values, common)
    return Sample(times, values, common, trim)


def _search(sample: Sample, most: int, level: float) -> tuple[Positions, Tests]:
    """Breaks added while the test of more rejects, and all tests made."""
    found: Positions = ()
    tests: Tests = []
    while len(found) < most and len(sample.candidates(found)):
        test = step_test(sample, found)
        tests.append((len(found), test))
        if test.p_value > alpha(level):
            break
        added = _added(sample, found, test, 1 - level)
        found = _best_breaks(sample, tuple(sorted([*found, *added])))
    return found, tests


def _added(sample: Sample, found: Positions, test: StepTest, error: float) -> Positions:
    """The two steps where the test rests on them or neither makes the other needless; else one."""
    if test.pair_p / PAIR > error + 1e-12:
        return test.best
    if test.pair_p / PAIR < test.single_p / SINGLE:
        return test.best_pair
    each = (single_test(sample, tuple(sorted([*found, one]))) for one in test.best_pair)
    return test.best_pair if all(p_value <= error + 1e-12 for p_value in each) else test.best


def _best_breaks(sample: Sample, hint: Positions) -> Positions:
    """As many breaks as `hint`, with the share under which they are likeliest."""
    best: tuple[float, Positions] = (-np.inf, hint)
    for share in SHARES:
        found = best_partition(sample, len(hint), float(share), [hint, ()])
        best = max(best, (_height(sample, found, float(share)), found.breaks))
    return best[1]


def _height(sample: Sample, found: Partition, share: float) -> float:
    """Restricted likelihood of the common coefficients with the steps' best values."""
    count, columns = sample.common.shape
    fit = fit_level(sample.times, sample.values, sample.common, share)
    determinant = (
        2 * np.log(np.diag(fit.root)).sum() - np.linalg.slogdet(fit.inverse_information)[1]
    )
    return float(-0.5 * (determinant + (count - columns) * np.log(found.squares)))
