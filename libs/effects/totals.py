"""Printed totals of several periods, of which some were not observed by themselves.

Two uses. `unseen_totals` sets them against what a baseline without them implies: periods may be
missing because nothing worth printing happened, or because something did. `fit_sums` makes them
observations of the likelihood: Harvey's cumulator (1989, Forecasting, 6.3; Durbin and Koopman 2012,
3.12), written as a regression with correlated errors, which gives the same likelihood. The log of
a sum is linear in the logs of its periods only near a point: it is taken at what the fit itself
expects of them, in turn until neither moves (Laplace's approximation, or an iterated extended
Kalman smoother).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import linalg, stats
from scipy.sparse import csgraph

from effects.baseline import Baseline, baseline_of, fit_baseline
from effects.level import Array, fit_level, forecast
from effects.results import EffectError
from effects.samples import (
    Points,
    When,
    as_period,
    check_level,
    observed_points,
    period_index,
    read_series,
)
from effects.season import Season, Terms

DRAWS = 4096
SEED = 20250404
NARROW = 0.05
"""The widest range, against its lower end, of a sum that counts as observed."""
SHARES = 8
"""Most turns of tangent and the walk's share, which can leap between two peaks for ever."""
CLOSE = 1e-4
"""The turns end when the share moves by less."""
ROUNDS = 50
SETTLED = 1e-8
"""The likeliest logs are found when none moves by more."""


class Total(NamedTuple):
    """A printed total: its ends, its periods not observed, and the range of their sum alone.

    seen: the sum of the periods that were observed.
    """

    start: pd.Period
    end: pd.Period
    absent: Array
    seen: float
    lower: float
    upper: float


class Sum(NamedTuple):
    """The sum of unobserved periods (ordinals), known at the end of the period `known`."""

    times: Array
    value: float
    known: int


def spanning(sample: pd.Series, totals: pd.DataFrame, stop: pd.Period) -> Iterator[Total]:
    """Those of `totals` within the sample's first period and `stop` that a missing one is part of.

    sample: observed logs; totals: columns start and end (periods), lower and upper.
    """
    index, points = pd.PeriodIndex(sample.index), observed_points(sample)
    for start, end, lower, upper in totals[["start", "end", "lower", "upper"]].to_numpy():
        first, last = as_period(start, index, "start"), as_period(end, index, "end")
        known = points.between(first.ordinal, last.ordinal)
        absent = np.setdiff1d(np.arange(first.ordinal, last.ordinal + 1.0), known.times)
        if index[0] <= first and last <= stop and len(absent):
            seen = float(np.exp(known.values).sum())
            yield Total(first, last, absent, seen, float(lower) - seen, float(upper) - seen)


def read_sums(sample: pd.Series, totals: pd.DataFrame, stop: pd.Period) -> tuple[Sum, ...]:
    """Disjoint sums of unobserved periods, as far as `totals` tell them within NARROW.

    What is observed of a total, and what a smaller sum already holds, is taken off it.
    """
    ranges: dict[frozenset[float], tuple[float, float, int]] = {}
    for one in spanning(sample, totals, stop):
        absent, end = frozenset(one.absent), one.end.ordinal
        low, high, known = ranges.get(absent, (-np.inf, np.inf, end))
        ranges[absent] = (max(low, one.lower), min(high, one.upper), min(known, end))
    held: dict[frozenset[float], tuple[float, float, int]] = {}
    for left, (lower, upper, known) in sorted(ranges.items(), key=lambda item: len(item[0])):
        for inner, (low, high, since) in held.items():
            if inner <= left:
                left, known = left - inner, max(known, since)
                lower, upper = lower - high, upper - low
        apart = left and not any(left & inner for inner in held)
        if apart and lower > 0 and abs(upper - lower) <= lower * NARROW:
            held[left] = (lower, upper, known)
    return tuple(
        Sum(np.array(sorted(times)), (lower + upper) / 2, known)
        for times, (lower, upper, known) in held.items()
    )


def fit_sums(points: Points, terms: Terms, sums: Sequence[Sum]) -> Baseline:
    """Fit the baseline to observed logs and to `sums` of periods that are none of them.

    A sum that needs a coefficient which no observed period tells is left out.
    """
    baseline = fit_baseline(points, terms)
    sums = [one for one in sums if baseline.known(one.times).all()]
    if not sums:
        return baseline
    seen = len(points.times)
    absent = np.concatenate([one.times for one in sums])
    owner = np.repeat(np.arange(len(sums)), [len(one.times) for one in sums])
    member = np.equal.outer(np.arange(len(sums)), owner)
    goals = np.log([one.value for one in sums])
    times = np.concatenate([points.times, absent])
    design = terms.rows(times)[:, baseline.seen]
    weights = np.eye(seen + len(sums), len(times))
    alone = baseline.fit
    expected = baseline.forecast(absent)[0]
    for _ in range(SHARES):
        prior = forecast(alone, absent, design[seen:])
        expected = likeliest(*prior, alone.variance, member, goals, expected)
        parts = member * np.exp(expected)
        tangent = parts / parts.sum(axis=1, keepdims=True)
        lengths = np.linalg.norm(tangent, axis=1)
        weights[seen:, seen:] = tangent / lengths[:, None]
        response = np.append(points.values, tangent @ expected / lengths)
        fit = fit_level(times, response, weights @ design, weights=weights.copy())
        if abs(fit.share - alone.share) < CLOSE:
            break
        alone = fit_level(points.times, points.values, design[:seen], fit.share)
    return Baseline(fit, terms, baseline.seen)


def likeliest(
    mean: Array, covariance: Array, variance: float, member: np.ndarray, goals: Array, start: Array
) -> Array:
    """The likeliest logs given the sums' logs `goals`: Newton's method on the Lagrangian.

    mean and covariance: of the logs before; member: sums × logs.
    """
    precision = np.linalg.inv(covariance / variance)
    logs, pull, count = start, np.zeros(len(goals)), len(start)
    system = np.zeros((count + len(goals), count + len(goals)))
    for _ in range(ROUNDS):
        parts = member * np.exp(logs)
        sums = parts.sum(axis=1)
        tangent = parts / sums[:, None]
        bend = np.diag(pull @ tangent) - (tangent.T * pull) @ tangent
        system[:count, :count] = precision - bend
        system[:count, count:], system[count:, :count] = -tangent.T, tangent
        step = np.linalg.solve(system, np.append(precision @ (mean - logs), goals - np.log(sums)))
        logs, pull = logs + step[:count], step[count:]
        if np.abs(step[:count]).max() < SETTLED:
            return np.asarray(logs)
    raise EffectError(
        f"the sums of {len(mean)} missing periods and the model do not settle in {ROUNDS} steps; "
        "leave the totals out"
    )


def unseen_totals(
    series: pd.Series,
    totals: pd.DataFrame,
    *,
    baseline_end: When,
    regressors: pd.DataFrame | None = None,
    season: Season = "auto",
    level: float = 0.95,
) -> pd.DataFrame:
    """The model's sum of each total that spans a missing period of the baseline.

    series: one value a period, NaN where missing; totals: columns start and end (periods) and
    lower and upper, between which the published sum lies. Returns a row a total in their order:
    start, end, lower, upper, expected (the median sum), expected_lower, expected_upper (its
    interval at `level`), missing (how many periods were not observed), stretch (a number that
    totals with a missing period in common share) and outside (whether no part of the published
    range lies in the interval). The missing periods are drawn jointly, given all observed ones
    (best linear unbiased prediction: Goldberger 1962, JASA 57). Raises EffectError where the
    baseline cannot be fitted, or tells no total.
    """
    check_level(level)
    index = period_index(series)
    stop = as_period(baseline_end, index, "end")
    sample = read_series(series).loc[:stop]
    every = pd.period_range(index.min(), max(stop, index.max()))
    baseline = baseline_of(sample, every, regressors, season)
    told = [one for one in spanning(sample, totals, stop) if baseline.known(one.absent).all()]
    if not told:
        raise EffectError("no published total spans missing periods that the baseline can tell")
    rows = []
    for one in told:
        sums = one.seen + _drawn(baseline, one.absent).sum(axis=1)
        low, middle, high = np.quantile(sums, [(1 - level) / 2, 0.5, (1 + level) / 2])
        printed = (one.lower + one.seen, one.upper + one.seen)
        rows.append((one.start, one.end, *printed, middle, low, high, len(one.absent)))
    names = "start end lower upper expected expected_lower expected_upper missing"
    table = pd.DataFrame(rows, columns=names.split()).assign(stretch=_stretches(told))
    apart = (table["upper"] < table["expected_lower"]) | (table["lower"] > table["expected_upper"])
    return table.assign(outside=apart)


def _stretches(totals: Sequence[Total]) -> Array:
    """Numbers from 1, common to totals that share missing periods, themselves or by others."""
    absent = [set(one.absent) for one in totals]
    shared = [[bool(one & other) for other in absent] for one in absent]
    return np.asarray(csgraph.connected_components(np.array(shared))[1] + 1)


def _drawn(baseline: Baseline, times: Array) -> Array:
    """Joint draws (draws × times) of periods that were not observed, with Student's t."""
    mean, covariance = baseline.forecast(times)
    root = linalg.cholesky(covariance, lower=True)
    normal, common = _draws(len(times), baseline.fit.free)
    return np.asarray(np.exp(mean + (normal @ root.T) * common))


@lru_cache(maxsize=16)
def _draws(count: int, free: int) -> tuple[Array, Array]:
    """Normal draws (DRAWS × count), and what each is multiplied by for Student's t (DRAWS × 1)."""
    source = np.random.default_rng(SEED)
    normal = source.standard_normal((DRAWS, count))
    return normal, np.sqrt(free / stats.chi2.ppf(source.uniform(size=(DRAWS, 1)), free))
