"""Told no dates, where does the level of a series break?

Log series, local level with season and regressors: a break is a step in the level beyond what the
level's own wandering and the noise imply. Breaks are added, one or two at a time, while a test of
more rejects, its null simulated (Bai and Perron 1998, Econometrica 66), all dates being chosen
anew at every number by dynamic programming (Bai and Perron 2003, Journal of Applied Econometrics
18). A random walk has no breaks to find: the null is a level that wanders and not one that stands
still. Two steps are tried beside one, because a level that leaves and comes back looks to a single
step like no change at all (Bai and Perron 2006).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import linalg
from words import month as month_name
from words import months, signed

from effects.baseline import Drift, drift_cautions, find_drift
from effects.level import Array, covariance, fit_level, refuse_exact
from effects.results import (
    EffectError,
    EffectResult,
    alpha,
    can_reject,
    effect_row,
    effect_table,
    percent_of,
    probability,
    t_reach,
)
from effects.samples import Points, Scale, check_count, check_level, observed_points, read_series
from effects.season import Season, Terms, choose_terms, season_caution

ROUNDS = 20
"""Most turns of coefficients and partition; they settle within a few."""

Positions = tuple[int, ...]
"""Where segments after the first begin, as places among the observed periods."""


@dataclass(frozen=True)
class Sample:
    """Observed `times` and `values`, the n × k design `common` to all segments (the level in it).

    trim: observed periods that a segment holds at least.
    """

    times: Array
    values: Array
    common: Array
    trim: int

    def design(self, breaks: Positions) -> Array:
        """The common design beside one step a break."""
        return np.column_stack([self.common, step_columns(len(self.times), breaks)])

    def candidates(self, breaks: Positions) -> np.ndarray:
        """Where one more break leaves `trim` observed periods on either side."""
        places = np.arange(len(self.times))
        edges = np.array([0, *breaks, len(self.times)])
        before = places - edges[np.searchsorted(edges, places, side="right") - 1]
        after = edges[np.searchsorted(edges, places, side="right")] - places
        return np.flatnonzero((before >= self.trim) & (after >= self.trim))


class Partition(NamedTuple):
    """Breaks and the generalised sum of squares they leave."""

    breaks: Positions
    squares: float


def step_columns(count: int, breaks: Iterable[int]) -> Array:
    """Ones from each break on: `count` × breaks."""
    return np.asarray(np.arange(count)[:, None] >= np.array(list(breaks)), dtype="float64")


def segment_squares(times: Array, values: Array, share: float) -> Array:
    """Sum of squares of every segment, first × last place; infinite below the diagonal.

    A Kalman filter is begun at every period at once; its squared innovations over their variances
    add up to the generalised sum of squares around a diffuse first level.
    """
    count = len(times)
    squares = np.full((count, count), np.inf)
    np.fill_diagonal(squares, 0.0)
    level, spread, total = values.copy(), np.full(count, 1.0 - share), np.zeros(count)
    for last in range(1, count):
        ahead = spread[:last] + share * (times[last] - times[last - 1])
        variance = ahead + 1.0 - share
        error = values[last] - level[:last]
        total[:last] += error**2 / variance
        level[:last] += error * ahead / variance
        spread[:last] = ahead * (1.0 - share) / variance
        squares[:last, last] = total[:last]
    return squares


def partitions(squares: Array, most: int, trim: int) -> list[Partition]:
    """The best partition with 0, 1, … `most` breaks, as far as segments of `trim` allow."""
    places = np.arange(len(squares))
    long_enough = places - places[:, None] + 1 >= trim
    costs = np.where(long_enough, squares, np.inf)
    reached, begun = costs[0], []
    found = [Partition((), float(reached[-1]))]
    for _ in range(most):
        total = reached[:-1, None] + costs[1:]
        begun.append(total.argmin(axis=0) + 1)
        reached = total.min(axis=0)
        if np.isfinite(reached[-1]):
            found.append(Partition(_trace(begun), float(reached[-1])))
    return found


def _trace(begun: list[np.ndarray]) -> Positions:
    """Follow the begins of the last segments back from the series' end."""
    last, breaks = -1, []
    for starts in reversed(begun):
        first = int(starts[last])
        breaks.append(first)
        last = first - 1
    return tuple(reversed(breaks))


def best_partition(
    sample: Sample, count: int, share: float, starts: Iterable[Positions]
) -> Partition:
    """The best `count` breaks found from any of `starts` at a given `share`.

    With nothing common but the level one turn finds the global minimum; else coefficients and
    partition are found in turn from each start until neither moves (Bai and Perron 2003, 3.2).
    """
    settled = (_settle(sample, count, share, start) for start in starts)
    return min(settled, key=lambda partition: partition.squares)


def _settle(sample: Sample, count: int, share: float, breaks: Positions) -> Partition:
    white = np.linalg.inv(np.linalg.cholesky(covariance(sample.times, share)))
    target, common = white @ sample.values, sample.common.shape[1]
    best, design = Partition(breaks, np.inf), white @ sample.design(breaks)
    coefficients = np.linalg.lstsq(design, target, rcond=None)[0]
    for _ in range(ROUNDS):
        cleaned = sample.values - sample.common @ coefficients[:common]
        squares = segment_squares(sample.times, cleaned, share)
        breaks = partitions(squares, count, sample.trim)[count].breaks
        design = white @ sample.design(breaks)
        coefficients = np.linalg.lstsq(design, target, rcond=None)[0]
        found = Partition(breaks, float(((target - design @ coefficients) ** 2).sum()))
        if found.squares >= best.squares * (1 - 1e-12):
            break
        best = found
    return best


_RATIOS = np.concatenate([[0.0], np.logspace(-2.5, 2, 10)])
SHARES = np.append(_RATIOS / (1 + _RATIOS), 1.0)
"""Shares of the random walk that are tried, from none to all."""
LEAST_SLACK = 1e-6
"""A step that others explain but for this share of its length cannot be told from them."""
TINY = 1e-12
"""The least share of the squares that steps may leave, so that a perfect fit has a likelihood."""


class View(NamedTuple):
    """What one share makes of the periods and the design.

    annihilator: whitens and takes the design out; steps: unit columns of
    the candidates, zero where the design explains one; gram: their inner products.
    """

    annihilator: Array
    steps: Array
    gram: Array
    log_determinant: float


class Scan:
    """Restricted likelihoods without, with one and with two steps, of series at the same periods.

    Methods take responses, periods × series.
    """

    def __init__(self, sample: Sample, breaks: Positions) -> None:
        self.candidates = sample.candidates(breaks)
        self.apart = self.candidates - self.candidates[:, None] >= sample.trim
        self.times = sample.times
        design = sample.design(breaks)
        steps = step_columns(len(sample.times), self.candidates)
        self.free = len(sample.times) - design.shape[1]
        self.views = [_view(sample.times, design, steps, float(share)) for share in SHARES]

    def wander(self, place: int, draws: int, random: np.random.Generator) -> Array:
        """Wandering levels with the share SHARES[place] and noise of Student's t: periods × draws.

        The noise's variance is that of the model, its degrees of freedom are TAILS.
        """
        share = SHARES[place]
        shape = (len(self.times), draws)
        noise = random.standard_t(TAILS, shape) * np.sqrt((1 - share) * (TAILS - 2) / TAILS)
        gaps = np.diff(self.times, prepend=self.times[0])
        steps = random.standard_normal(shape) * np.sqrt(share * gaps)[:, None]
        return np.asarray(noise + np.cumsum(steps, axis=0))

    def height(self, view: View, left: Array, gain: Array | float = 0.0) -> Array:
        """Restricted log-likelihood at a share: of what is `left`, less the squares steps gain."""
        squares = (left**2).sum(axis=0)
        squares = np.maximum(squares - gain, TINY * squares)
        return np.asarray(-0.5 * (view.log_determinant + self.free * np.log(squares)))

    def none(self, responses: Array) -> Array:
        """Likelihoods without a step: shares × series."""
        return np.array([self.height(view, view.annihilator @ responses) for view in self.views])

    def singles(self, responses: Array) -> Array:
        """Likelihoods with each single step, the share its own: candidates × series."""
        best = np.array(-np.inf)
        for view in self.views:
            left = view.annihilator @ responses
            best = np.maximum(best, self.height(view, left, (view.steps.T @ left) ** 2))
        return np.asarray(best)

    def pairs(self, responses: Array) -> tuple[Array, np.ndarray]:
        """Likelihood of each series' best two steps, and their candidates: 2 × series."""
        best = np.full(responses.shape[1], -np.inf)
        where = np.zeros((2, responses.shape[1]), dtype="int64")
        for view in self.views:
            left = view.annihilator @ responses
            gain, places = _best_pairs(view.steps.T @ left, view.gram, self.apart)
            height = self.height(view, left, gain)
            where = np.where(height > best, self.candidates[places], where)
            best = np.maximum(best, height)
        return best, where


def _view(times: Array, design: Array, steps: Array, share: float) -> View:
    root = np.asarray(np.linalg.cholesky(covariance(times, share)))
    white = linalg.solve_triangular(root, np.eye(len(times)), lower=True)
    basis, triangle = np.linalg.qr(white @ design)
    annihilator = white - basis @ (basis.T @ white)
    left = annihilator @ steps
    length = np.linalg.norm(left, axis=0)
    told = length > LEAST_SLACK * np.linalg.norm(white @ steps, axis=0)
    unit = np.where(told, left / np.where(told, length, 1.0), 0.0)
    determinant = np.log(np.diag(root)).sum() + np.log(np.abs(np.diag(triangle))).sum()
    return View(annihilator, unit, unit.T @ unit, 2 * float(determinant))


def _best_pairs(t: Array, gram: Array, apart: np.ndarray) -> tuple[Array, np.ndarray]:
    """The most that two steps explain, and which two: t are candidates × series."""
    gain = np.zeros(t.shape[1])
    places = np.zeros((2, t.shape[1]), dtype="int64")
    for first, t_first in enumerate(t):
        second = np.flatnonzero(apart[first] & (1 - gram[first] ** 2 > LEAST_SLACK))
        if not len(second):
            continue
        overlap = gram[first, second][:, None]
        found = t_first**2 + (t[second] - overlap * t_first) ** 2 / (1 - overlap**2)
        top = found.argmax(axis=0)
        height = found[top, np.arange(len(top))]
        better = height > gain
        places = np.where(better, np.array([np.full(len(top), first), second[top]]), places)
        gain = np.where(better, height, gain)
    return gain, places


def critical_ratio(level: float) -> float:
    """What twice the log likelihood ratio of a break's true date stays within.

    Siegmund (1988), SIAM Review 30, and Eo and Morley (2015), Quantitative Economics 6:
    P(ratio <= c) = (1 − exp(−c/2))².
    """
    return float(-2 * np.log1p(-np.sqrt(level)))


def date_set(scan: Scan, values: Array, level: float) -> np.ndarray:
    """The candidates that a likelihood ratio test does not reject as the date of a break."""
    heights = scan.singles(values[:, None])[:, 0]
    return np.asarray(scan.candidates[2 * (heights.max() - heights) <= critical_ratio(level)])


DRAWS = 999
SEED = 19980101
SINGLE, PAIR = 0.8, 0.2
"""How the error that a test may make is divided between one step and two.

Chosen on simulations with other seeds than those of docs/calibration-breaks.md: a pair fits so
freely that with half the error it was found too often where there was none.
"""
TAILS = 4
"""Degrees of freedom of the noise that is drawn, so that a few odd periods make no break.

With five, 11 % of complete series of 128 months with t3 noise in docs/calibration-breaks.md had a
break; four were taken then.
"""
LEAST_P = 1 / (1 + DRAWS) / SINGLE
"""The least p-value that a test of more breaks can give."""


@dataclass(frozen=True)
class StepTest:
    """Likelihood ratios of the best one and two further steps, with simulated p-values.

    share: of the random walk, without the steps. p_value: the lesser of the two p-values, each
    over its part of the error (a weighted Bonferroni). best, best_pair: where the steps lie.
    """

    share: float
    single: float
    pair: float
    single_p: float
    pair_p: float
    p_value: float
    best: Positions
    best_pair: Positions


def step_test(sample: Sample, breaks: Positions) -> StepTest:
    """Test that the level has no breaks but `breaks`."""
    scan = Scan(sample, breaks)
    values = sample.values[:, None]
    place, drawn = _draw_null(scan, values)
    single, single_p = _judge(single_ratio(scan, values), single_ratio(scan, drawn))
    pair, pair_p = _judge(pair_ratio(scan, values), pair_ratio(scan, drawn))
    p_value = min(1.0, single_p / SINGLE, pair_p / PAIR)
    best = int(scan.candidates[scan.singles(values)[:, 0].argmax()])
    first, second = map(int, scan.pairs(values)[1][:, 0])
    share = float(SHARES[place])
    return StepTest(share, single, pair, single_p, pair_p, p_value, (best,), (first, second))


def single_test(sample: Sample, breaks: Positions) -> float:
    """p-value of the best one further step beside `breaks`."""
    scan, values = Scan(sample, breaks), sample.values[:, None]
    drawn = _draw_null(scan, values)[1]
    return _judge(single_ratio(scan, values), single_ratio(scan, drawn))[1]


def _draw_null(scan: Scan, values: Array) -> tuple[int, Array]:
    """Which share fits best without steps, and series drawn from it: periods × DRAWS.

    Season, regressors and known breaks are left out: the likelihoods do not depend on them.
    """
    place = int(scan.none(values).argmax())
    return place, scan.wander(place, DRAWS, np.random.default_rng(SEED))


def single_ratio(scan: Scan, responses: Array) -> Array:
    """Twice the log likelihood ratio of each series' best step."""
    return np.asarray(2 * (scan.singles(responses).max(axis=0) - scan.none(responses).max(axis=0)))


def pair_ratio(scan: Scan, responses: Array) -> Array:
    """Twice the log likelihood ratio of each series' best two steps."""
    return np.asarray(2 * (scan.pairs(responses)[0] - scan.none(responses).max(axis=0)))


def _judge(observed: Array, chance: Array) -> tuple[float, float]:
    """The one ratio observed, and its rank among those drawn."""
    return float(observed[0]), (1 + int((chance >= observed).sum())) / (1 + len(chance))


@dataclass(frozen=True)
class Found:
    """The breaks found: `breaks` are places in `index`, the observed periods."""

    sample: Sample
    index: pd.PeriodIndex
    breaks: Positions
    level: float
    scale: Scale

    def others(self, place: int) -> Positions:
        """All breaks but one."""
        return self.breaks[:place] + self.breaks[place + 1 :]


def shift_table(found: Found) -> pd.DataFrame:
    """One row a break in the columns of effects.csv: the step in percent, given the dates."""
    sample, index, count = found.sample, found.index, len(found.breaks)
    fit = fit_level(sample.times, sample.values, sample.design(found.breaks))
    errors = np.sqrt(np.diag(fit.coefficient_covariance))
    rows, edges = [], [0, *found.breaks, len(index)]
    for place, (before, here, after) in enumerate(zip(edges, edges[1:], edges[2:], strict=False)):
        shift, error = fit.coefficients[place - count], errors[place - count]
        half = t_reach(found.level, fit.free) * error
        row = effect_row(
            "breaks",
            "shift of the level",
            (index[here], index[after - 1]),
            found.scale.effect([shift, shift - half, shift + half]),
            (here - before, after - here),
            found.scale.effect_unit,
            level=found.level,
            p_value=single_test(sample, found.others(place)),
        )
        rows.append(row)
    return effect_table(rows)


def date_table(found: Found) -> pd.DataFrame:
    """The interval of each break's date: start, lower, upper, level, starts (how many it holds).

    A new level first seen at one observed period may have begun in the gap before it.
    """
    rows = []
    for place, here in enumerate(found.breaks):
        kept = date_set(Scan(found.sample, found.others(place)), found.sample.values, found.level)
        first, last = found.index[kept - 1] + 1, found.index[kept]
        starts = int((last.asi8 - first.asi8 + 1).sum())
        rows.append((str(found.index[here]), str(first[0]), str(last[-1]), found.level, starts))
    return pd.DataFrame(rows, columns=["start", "lower", "upper", "level", "starts"])


def criteria(sample: Sample, most: int) -> pd.DataFrame:
    """Squares, BIC and LWZ of 0 to `most` breaks in a level that otherwise stands still.

    Columns breaks, squares, bic, lwz. Likelihood and count of parameters as in R's strucchange:
    every shift and every date is one. LWZ: Liu, Wu and Zidek (1997), Statistica Sinica 7.
    """
    count, columns = sample.common.shape
    found: list[Partition] = []
    for number in range(min(most, count // sample.trim - 1) + 1):
        starts = [(), *(partition.breaks for partition in found[-1:])]
        found.append(best_partition(sample, number, 0.0, starts))
    numbers = np.arange(len(found))
    squares = np.array([partition.squares for partition in found])
    parameters = columns + 1 + 2 * numbers
    deviance = count * (np.log(2 * np.pi * squares / count) + 1)
    return pd.DataFrame(
        {
            "breaks": numbers,
            "squares": squares,
            "bic": deviance + parameters * np.log(count),
            "lwz": deviance + parameters * 0.299 * np.log(count) ** 2.1,
        }
    )


def sentence(
    found: Found, shifts: pd.DataFrame, dates: pd.DataFrame, tests: Sequence[float], name: str
) -> str:
    """Where the level breaks, by how much and how sure, and whether there may be more.

    tests: p-values of the tests of more breaks, in order.
    """
    last = tests[-1]
    if not can_reject(LEAST_P, found.level):
        return (
            f"At the {percent_of(found.level)} % level no break in the level of {name} could be "
            f"told: {DRAWS} drawn series give no p-value below {LEAST_P:g}."
        )
    if shifts.empty:
        return (
            f"No break in the level of {name} can be told from its wandering ({probability(last)})."
        )
    told = [
        _told(found, shift, date)
        for (_, shift), (_, date) in zip(shifts.iterrows(), dates.iterrows(), strict=True)
    ]
    passed = [p_value for p_value in tests if p_value <= alpha(found.level)]
    more = f"Further ones cannot be told from its wandering ({probability(last)})."
    times = {1: "once", 2: "twice"}.get(len(told), f"{len(told)} times")
    return (
        f"The level of {name} breaks {times}, all dates searched "
        f"({', then '.join(map(probability, passed))}): {', and '.join(told)}. "
        f"{more if len(passed) < len(tests) else 'Further ones were not looked for.'}"
    )


def _told(found: Found, shift: pd.Series, date: pd.Series) -> str:
    others = {1: "", 2: "given the other "}.get(len(found.breaks), "given the others ")
    sure = f"{others}{probability(shift['p_value'])}; " if others else ""
    start, *ends = (
        pd.Period(date[key], found.index.freqstr) for key in ("start", "lower", "upper")
    )
    step, low, high = (
        f"{signed(shift[part], 0 if found.scale.logs else 1)} {shift['unit']}"
        for part in ("estimate", "lower", "upper")
    )
    return (
        f"in {month_name(start)} ({step}, {low} to {high}; {sure}{percent_of(found.level)} % "
        f"interval of the date: {months(*ends)})"
    )


LEAST_TRIM = 2
SHORTEST, ONE_IN = 3, 20
"""Observed periods that a segment holds where none are asked: the greater of so many and one in so
many, Bai and Perron's (2003) least share."""


@dataclass(frozen=True)
class Breaks(EffectResult):
    """Breaks of a series; the rows of `table` are the shifts in percent, in order of time.

    dates: each break's `start` (first period of the new level), the earliest and latest start not
    rejected, and how many are not. sequence: the tests of more breaks than were known, in order.
    criteria: what levels that stand still leave for 0, 1, … breaks: squares, BIC and LWZ.
    trim: observed periods that a segment held at least.
    """

    dates: pd.DataFrame
    sequence: pd.DataFrame
    criteria: pd.DataFrame
    trim: int


def breaks(
    series: pd.Series,
    *,
    regressors: pd.DataFrame | None = None,
    season: Season = "auto",
    drift: bool = False,
    logs: bool = True,
    trim: int | None = None,
    most: int = 5,
    level: float = 0.95,
    unit: str = "tonnes",
    name: str = "the series",
) -> Breaks:
    """Find breaks that leave `trim` observed periods between them, until there are `most` or none.

    trim: by default a twentieth of those observed, three at least. Two found at once may be one
    more than `most`. Takes what `counterfactual` takes. Raises
    EffectError where the data cannot answer.
    """
    values = read_series(series, logs)
    check_level(level)
    trim = max(SHORTEST, len(values) // ONE_IN) if trim is None else trim
    check_count("trim", trim, LEAST_TRIM, ", to be told from a single odd period")
    check_count("most", most, 1)
    if len(values) < 2 * trim:
        raise EffectError(
            f"trim is {trim}, which leaves no room for a break: {2 * trim} observed periods are "
            f"needed, the series has {len(values)}"
        )
    observed, scale = pd.PeriodIndex(values.index), Scale(unit, logs)
    every = pd.period_range(observed[0], observed[-1])
    terms = choose_terms(observed, every, regressors, season, drift)
    points = observed_points(values)
    rows = terms.rows(points.times)
    sample = Sample(*points, rows[:, rows.any(axis=0)], trim)
    refuse_exact(sample.values, sample.common)
    places, tests = _search(sample, most, level)
    found = Found(sample, observed, places, level, scale)
    shifts, dates = shift_table(found), date_table(found)
    columns = ["share", "single", "pair", "single_p", "pair_p", "p_value"]
    sequence = pd.DataFrame(list(tests.values()), index=list(tests))[columns]
    growth = drift_cautions(_drift(found, terms))
    cautions = (*season_caution(terms, observed, season), *growth)
    told = sentence(found, shifts, dates, list(sequence["p_value"]), name)
    return Breaks(
        shifts,
        " ".join([told, *cautions]),
        dates,
        sequence.rename_axis("breaks").reset_index(),
        criteria(sample, most),
        trim,
        cautions=cautions,
    )


def _drift(found: Found, terms: Terms) -> Drift | None:
    """The drift beside the breaks found, which are regressors here."""
    sample = found.sample
    steps = np.zeros((len(terms.matrix), len(found.breaks)))
    for place, first in enumerate(found.breaks):
        steps[int(sample.times[first]) - terms.first :, place] = 1.0
    beside = replace(terms, matrix=np.column_stack([steps, terms.matrix]))
    return find_drift(Points(sample.times, sample.values), beside, found.scale)


def _search(sample: Sample, most: int, level: float) -> tuple[Positions, dict[int, StepTest]]:
    """Breaks added while the test of more rejects, and all tests by how many were known."""
    found: Positions = ()
    tests: dict[int, StepTest] = {}
    while len(found) < most and len(sample.candidates(found)):
        test = tests[len(found)] = step_test(sample, found)
        if test.p_value > alpha(level):
            break
        found = _best_breaks(sample, tuple(sorted([*found, *_added(sample, found, test, level)])))
    return found, tests


def _added(sample: Sample, found: Positions, test: StepTest, level: float) -> Positions:
    """The two steps where the test rests on them or neither makes the other needless; else one."""
    if test.pair_p / PAIR > alpha(level):
        return test.best
    if test.pair_p / PAIR < test.single_p / SINGLE:
        return test.best_pair
    each = (single_test(sample, tuple(sorted([*found, one]))) for one in test.best_pair)
    return test.best_pair if all(p_value <= alpha(level) for p_value in each) else test.best


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
