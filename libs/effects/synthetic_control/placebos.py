"""The same control for every unit in turn, as if it were the treated one.

Abadie, Diamond and Hainmueller (2010), Journal of the American Statistical Association 105: the
root mean square gap in the window is set against that before it and ranked among all units. The
treated unit serves as a donor to the others, so that under no effect all units are alike.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from effects.inversion import first_rejected
from effects.level import Array
from effects.results import alpha, can_reject
from effects.synthetic_control.sample import Sample
from effects.synthetic_control.weights import simplex_weights


@dataclass(frozen=True)
class Placebos:
    """One fit a unit, the treated first: `weights` units × units (zero on the diagonal).

    gaps: periods of the window × units; misfit: root mean square gap before it, one a unit.
    """

    weights: Array
    gaps: Array
    misfit: Array

    @property
    def ratios(self) -> Array:
        """Root mean square gap of the window over that before it."""
        return _over(np.sqrt((self.gaps**2).mean(axis=0)), self.misfit)

    @property
    def p_value(self) -> float:
        """Share of units, the treated included, whose ratio is at least the treated one's."""
        return _rank(self.ratios)

    @property
    def floor(self) -> float:
        """The least that the p-value could be."""
        return 1 / len(self.misfit)

    def interval(self, level: float) -> tuple[float, float]:
        """Average gaps nearest the estimate that the test rejects; infinite if it never does.

        The window's profile is taken off the treated unit and moved up and down; as a donor it
        passes on to others what is taken off.
        """
        if not can_reject(self.floor, level):
            return -np.inf, np.inf
        profile, average = self.gaps[:, 0], float(self.gaps[:, 0].mean())

        def kept(size: float) -> bool:
            taken_off = profile + (size - average)
            moved = self.gaps + taken_off[:, None] * self.weights[0]
            moved[:, 0] = average - size
            ratios = _over(np.sqrt((moved**2).mean(axis=0)), self.misfit)
            return _rank(ratios) > alpha(level)

        step = float(self.misfit[0] * np.quantile(self.ratios[np.isfinite(self.ratios)], level))
        lower, upper = (first_rejected(kept, average, side * step / 4) for side in (-1, 1))
        return lower, upper


def _over(window: Array, misfit: Array) -> Array:
    return np.divide(window, misfit, out=np.full_like(window, np.inf), where=misfit > 0)


def _rank(ratios: Array) -> float:
    return float((ratios >= ratios[0] * (1 - 1e-12)).mean())


def placebos_in_space(sample: Sample) -> Placebos:
    """Fit every unit's control from all the others."""
    before, count = sample.before, len(sample.names)
    weights = np.zeros((count, count))
    for unit in range(count):
        others = np.arange(count) != unit
        weights[others, unit] = simplex_weights(before[:, unit], before[:, others])
    gaps = sample.rows - sample.rows @ weights
    misfit = np.sqrt((gaps[~sample.inside] ** 2).mean(axis=0))
    return Placebos(weights, gaps[sample.inside], misfit)


def without_each_donor(sample: Sample, weights: Array) -> pd.Series:
    """The treated unit's average effect with one donor of positive weight left out at a time."""
    averages: dict[Hashable, float] = {}
    every = np.arange(1, len(sample.names))
    for donor in np.flatnonzero(weights):
        others = every[every != donor]
        if len(others):
            refitted = simplex_weights(sample.before[:, 0], sample.before[:, others])
            gaps = sample.rows[:, 0] - sample.rows[:, others] @ refitted
            averages[sample.names[donor]] = sample.effect(float(gaps[sample.inside].mean()))
    return pd.Series(averages, dtype="float64").rename_axis("donor")
