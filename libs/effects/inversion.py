"""Intervals by inverting a test, and the permutation test that counterfactuals invert.

Chernozhukov, Wüthrich and Zhu (2021), Journal of the American Statistical Association 116. The
model is fitted to baseline and window together as if nothing had happened; the mean absolute
residual over the window is ranked among all cyclic shifts of the residuals. The interval holds the
average effects that, taken off the window, leave nothing for the test to reject: the window's
profile is held as estimated and moved up and down, for no constant fits months that differ.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import pandas as pd
from words import signed

from effects.baseline import WindowEffect, pick_donors
from effects.level import Array, Contrasts, fit_level
from effects.results import alpha, can_reject, percent_of
from effects.samples import Points
from effects.season import Terms

REACH = 12
"""Steps on either side of the estimate within which an interval's ends are sought."""
HALVINGS = 7
"""How often an end is narrowed down: to a hundredth of a step."""


def first_rejected(kept: Callable[[float], bool], estimate: float, step: float) -> float:
    """The size nearest `estimate`, in the direction of `step`, that is not kept.

    Rounded outwards by a hundredth of a step at most; infinite where none lies within reach.
    """
    sizes = [estimate + count * step for count in range(REACH + 1)]
    for inside, outside in pairwise(sizes):
        if not kept(outside):
            for _ in range(HALVINGS):
                middle = (inside + outside) / 2
                inside, outside = (middle, outside) if kept(middle) else (inside, middle)
            return outside
    return float(np.sign(step)) * np.inf


def invert(
    p_value: Callable[[float], float], floor: float, estimate: float, step: float, level: float
) -> tuple[float, float]:
    """The sizes nearest the estimate that a test rejects; infinite where it can reject none.

    p_value: of a size; floor: the least it can be; step: in which ends are sought.
    """
    if not can_reject(floor, level):
        return -np.inf, np.inf

    def kept(size: float) -> bool:
        return p_value(size) > alpha(level)

    lower, upper = (first_rejected(kept, estimate, side * step) for side in (-1, 1))
    return lower, upper


def interval_words(row: pd.Series, floor: float, digits: int = 0, unit: str = "") -> str:
    """The interval of a row of effects.csv whose p-value cannot be less than `floor`.

    An end that was not found within reach is missing there, and said to be.
    """
    told = f"{percent_of(row['level'])} % interval"
    lower, upper = (f"{signed(row[side], digits)}{unit}" for side in ("lower", "upper"))
    if not can_reject(floor, row["level"]):
        return f"no {told} with so few units"
    if row[["lower", "upper"]].isna().all():
        return f"no end of the {told} found"
    if pd.isna(row["lower"]):
        return f"{told} up to {upper}, no lower end found"
    if pd.isna(row["upper"]):
        return f"{told} from {lower} on, no upper end found"
    return f"{told} {lower} to {upper}"


ROUNDING = 1 - 1e-12
"""A statistic that is that of the event but for rounding counts as large."""


def share_as_large(sizes: Array) -> Array:
    """The p-value of the first of `sizes` (rearrangements, or rearrangements × tests) among all."""
    return np.asarray((sizes >= sizes[0] * ROUNDING).mean(axis=0))


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
    return float(np.mean(means >= observed * ROUNDING))


class Permutation:
    """The test on the periods of one baseline and window; what does not depend on values is kept.

    Residuals are innovations of the local level in order of time, each over its own standard
    deviation; those that a coefficient fits exactly carry no information and are left out. Donors
    are picked among `candidates` anew for all values tested, as if nothing had happened.
    """

    def __init__(
        self, baseline: Points, window: Points, terms: Terms, candidates: pd.DataFrame | None = None
    ) -> None:
        self.before, self.length = baseline.values, len(window.times)
        self.times = np.concatenate([baseline.times, window.times])
        self.terms = terms
        self.candidates = pd.DataFrame() if candidates is None else candidates
        self.contrasts: dict[tuple[str, ...], tuple[Array, Contrasts]] = {}

    def test(self, window: Array) -> Conformal:
        """Test that the values `window` are more of the same as the baseline."""
        values = np.concatenate([self.before, window])
        design, contrasts = self._design(values)
        share = contrasts.best_share(values)
        residuals = fit_level(self.times, values, design, share).studentised()
        told = ~np.isnan(residuals)
        block = int(told[-self.length :].sum())
        if block == 0:
            return Conformal(1.0, 1.0)
        residuals = residuals[told]
        return Conformal(block_p_value(residuals, block), 1 / len(residuals))

    def _design(self, values: Array) -> tuple[Array, Contrasts]:
        terms = pick_donors(Points(self.times, values), self.terms, self.candidates)
        if terms.names not in self.contrasts:
            rows = terms.rows(self.times)
            design = rows[:, rows.any(axis=0)]
            self.contrasts[terms.names] = design, Contrasts(self.times, design)
        return self.contrasts[terms.names]


def conformal(
    baseline: Points,
    window: Points,
    terms: Terms,
    effect: WindowEffect | None = None,
    level: float = 0.95,
    candidates: pd.DataFrame | None = None,
) -> Conformal:
    """Test that the observed `window` is more of the same as `baseline`.

    With an `effect`, its interval at `level` holds all effects that the test does not reject.
    """
    permutation = Permutation(baseline, window, terms, candidates)
    zero = permutation.test(window.values)
    if effect is None:
        return zero

    def p_value(size: float) -> float:
        return permutation.test(window.values - effect.profile - (size - effect.mean)).p_value

    lower, upper = invert(p_value, zero.floor, effect.mean, effect.error, level)
    return replace(zero, lower=lower, upper=upper)
