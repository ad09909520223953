"""Moving-block conformal permutation with the null imposed.

Chernozhukov, Wüthrich and Zhu (2021), Journal of the American Statistical Association 116. The
model is fitted to baseline and window together as if nothing had happened; the mean absolute
residual over the window is ranked among all cyclic shifts of the residuals.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.effects.baseline import fit_baseline
from analysis.effects.level import Array
from analysis.effects.samples import Points
from analysis.effects.season import Terms


@dataclass(frozen=True)
class Conformal:
    """A permutation p-value and `floor`, the least it could be (one over the residuals)."""

    p_value: float
    floor: float


def block_p_value(residuals: Array, block: int) -> float:
    """Share of cyclic shifts whose last `block` residuals are as large as those observed."""
    size = np.abs(residuals)
    circle = np.concatenate([size, size[: block - 1]])
    means = np.convolve(circle, np.ones(block) / block, mode="valid")
    observed = size[-block:].mean()
    return float(np.mean(means >= observed * (1 - 1e-12)))


def conformal(baseline: Points, window: Points, terms: Terms) -> Conformal:
    """Test that the observed `window` is more of the same as `baseline`.

    Residuals are innovations of the local level in order of time, each over its own standard
    deviation; those that a coefficient fits exactly carry no information and are left out.
    """
    both = Points(*(np.concatenate(pair) for pair in zip(baseline, window, strict=True)))
    residuals = fit_baseline(both, terms).fit.studentised()
    told = ~np.isnan(residuals)
    block = int(told[-len(window.times) :].sum())
    if block == 0:
        return Conformal(1.0, 1.0)
    residuals = residuals[told]
    return Conformal(block_p_value(residuals, block), 1 / len(residuals))
