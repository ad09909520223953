"""Moving-block conformal permutation with the null imposed.

Chernozhukov, Wüthrich and Zhu (2021), Journal of the American Statistical Association 116. The
model is fitted to baseline and window together as if nothing had happened; the mean absolute
residual over the window is ranked among all cyclic shifts of the residuals. The interval holds the
average effects that, taken off the window, leave nothing for the test to reject: the window's
profile is held as estimated and moved up and down, for no constant fits months that differ.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from effects.inversion import first_rejected
from effects.level import Array, Contrasts, fit_level
from effects.results import alpha, can_reject
from effects.samples import Points
from effects.season import Terms
from effects.window import WindowEffect


@dataclass(frozen=True)
class Conformal:
    """A permutation p-value and `floor`, the least it could be (one over the residuals).

    `lower` and `upper` are the average log effects nearest the estimate that the test rejects;
    infinite where it cannot reject at all or not within twelve standard errors.
    """

    p_value: float
    floor: float
    lower: float = -np.inf
    upper: float = np.inf


def block_p_value(residuals: Array, block: int) -> float:
    """Share of cyclic shifts whose last `block` residuals are as large as those observed."""
    size = np.abs(residuals)
    circle = np.concatenate([size, size[: block - 1]])
    means = np.convolve(circle, np.ones(block) / block, mode="valid")
    observed = size[-block:].mean()
    return float(np.mean(means >= observed * (1 - 1e-12)))


class Permutation:
    """The test on the periods of one baseline and window; what does not depend on values is kept.

    Residuals are innovations of the local level in order of time, each over its own standard
    deviation; those that a coefficient fits exactly carry no information and are left out.
    """

    def __init__(self, baseline: Points, window: Points, terms: Terms) -> None:
        self.before, self.length = baseline.values, len(window.times)
        self.times = np.concatenate([baseline.times, window.times])
        rows = terms.rows(self.times)
        self.design = rows[:, rows.any(axis=0)]
        self.contrasts = Contrasts(self.times, self.design)

    def test(self, window: Array) -> Conformal:
        """Test that the values `window` are more of the same as the baseline."""
        values = np.concatenate([self.before, window])
        share = self.contrasts.best_share(values)
        residuals = fit_level(self.times, values, self.design, share).studentised()
        told = ~np.isnan(residuals)
        block = int(told[-self.length :].sum())
        if block == 0:
            return Conformal(1.0, 1.0)
        residuals = residuals[told]
        return Conformal(block_p_value(residuals, block), 1 / len(residuals))


def conformal(baseline: Points, window: Points, terms: Terms) -> Conformal:
    """Test that the observed `window` is more of the same as `baseline`."""
    return Permutation(baseline, window, terms).test(window.values)


def conformal_interval(
    baseline: Points, window: Points, terms: Terms, effect: WindowEffect, level: float
) -> Conformal:
    """The test of no effect, with the interval of all effects it does not reject (inversion)."""
    permutation = Permutation(baseline, window, terms)
    zero = permutation.test(window.values)
    if not can_reject(zero.floor, level):
        return zero

    def kept(size: float) -> bool:
        moved = permutation.test(window.values - effect.profile - (size - effect.mean))
        return moved.p_value > alpha(level)

    lower, upper = (first_rejected(kept, effect.mean, side * effect.error) for side in (-1, 1))
    return replace(zero, lower=lower, upper=upper)
