"""Are there more breaks than those known? Likelihood ratios over all dates, their null simulated.

Bai and Perron's (1998) test of l against l + 1 breaks, with two changes. The null is a level that
wanders, its share of the random walk as fitted, instead of one that stands still between breaks.
And two further breaks are tried beside one, because a level that leaves and comes back looks to a
single step like no change at all (Bai and Perron 2006).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from effects.breaks_partition import Positions, Sample
from effects.breaks_scan import SHARES, Scan
from effects.level import Array

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

Ratio = Callable[[Scan, Array], Array]


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
    place, drawn = draw_null(scan, values)
    single, single_p = _judge(single_ratio, scan, values, drawn)
    pair, pair_p = _judge(pair_ratio, scan, values, drawn)
    p_value = min(1.0, single_p / SINGLE, pair_p / PAIR)
    best = int(scan.candidates[scan.singles(values)[:, 0].argmax()])
    first, second = (int(place) for place in scan.pairs(values)[1][:, 0])
    share = float(SHARES[place])
    return StepTest(share, single, pair, single_p, pair_p, p_value, (best,), (first, second))


def single_test(sample: Sample, breaks: Positions) -> float:
    """p-value of the best one further step beside `breaks`."""
    scan = Scan(sample, breaks)
    values = sample.values[:, None]
    return _judge(single_ratio, scan, values, draw_null(scan, values)[1])[1]


def draw_null(scan: Scan, values: Array, draws: int = DRAWS) -> tuple[int, Array]:
    """Which share fits best without steps, and series drawn from it: periods × draws.

    Season, regressors and known breaks are left out: the likelihoods do not depend on them.
    """
    place = int(scan.none(values).argmax())
    return place, scan.wander(place, draws, TAILS, np.random.default_rng(SEED))


def single_ratio(scan: Scan, responses: Array) -> Array:
    """Twice the log likelihood ratio of each series' best step."""
    return np.asarray(2 * (scan.singles(responses).max(axis=0) - scan.none(responses).max(axis=0)))


def pair_ratio(scan: Scan, responses: Array) -> Array:
    """Twice the log likelihood ratio of each series' best two steps."""
    return np.asarray(2 * (scan.pairs(responses)[0] - scan.none(responses).max(axis=0)))


def _judge(ratio: Ratio, scan: Scan, values: Array, drawn: Array) -> tuple[float, float]:
    """The ratio observed, and its rank among those drawn."""
    observed, chance = float(ratio(scan, values)[0]), ratio(scan, drawn)
    return observed, (1 + int((chance >= observed).sum())) / (1 + len(chance))
