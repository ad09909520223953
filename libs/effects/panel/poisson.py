"""Poisson pseudo-likelihood with unit and period effects, by iterated weighted least squares.

Consistent for the mean whatever the distribution, so zeros stay as they are (Gourieroux, Monfort
and Trognon 1984; Santos Silva and Tenreyro 2006). Both sets of effects are taken out exactly in
every step: the periods' by arithmetic, the units' by one linear system.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import linalg

from effects.level import Array
from effects.results import EffectError

STEPS = 100
CLOSE = 1e-10
"""The fit is done when no coefficient and no fitted log moves by more."""

UNSETTLED = (
    f"the fit did not settle in {STEPS} steps: an effect has no finite size, as where treated "
    "units are zero throughout a regime, or cells differ too much in size to be fitted together"
)


@dataclass(frozen=True)
class PoissonFit:
    """Fitted means; all arrays are periods × units, zero where not observed.

    slopes: regressors less unit and period effects, weighted by the means; information: of the
    coefficients, the effects taken out.
    """

    coefficients: Array
    means: Array
    residuals: Array
    slopes: Array
    information: Array


def fit_poisson(values: Array, regressors: Array) -> PoissonFit:
    """Fit log mean = unit + period + regressors.

    values: periods × units, NaN where missing, every unit and period with a positive number;
    regressors: k × periods × units. EffectError where the coefficients cannot be told.
    """
    seen = ~np.isnan(values)
    counts = np.where(seen, values, 0.0)
    means = np.where(seen, (counts + counts[seen].mean()) / 2, 0.0)
    logs = np.log(np.where(seen, means, 1.0))
    coefficients = np.zeros(len(regressors))
    for _ in range(STEPS):
        if not np.isfinite(means).all():
            break
        ahead = logs + np.divide(counts - means, means, out=np.zeros_like(means), where=seen)
        left = take_out_effects(np.concatenate([ahead[None], regressors]), means)
        found, information = _least_squares(left, means)
        moved = ahead - left[0] + np.tensordot(found, left[1:], 1)
        change = np.abs(np.where(seen & (counts > 0), moved - logs, 0.0)).max()
        change = max(float(change), float(np.abs(found - coefficients).max(initial=0.0)))
        logs, coefficients = moved, found
        means = np.where(seen, np.exp(np.clip(logs, -200, 200)), 0.0)
        if change < CLOSE:
            return PoissonFit(coefficients, means, counts - means, left[1:], information)
    raise EffectError(UNSETTLED)


def take_out_effects(columns: Array, weights: Array) -> Array:
    """What weighted least squares on unit and period effects leaves of each of `columns`.

    columns: k × periods × units; weights: periods × units, zero where not observed.
    """
    by_unit, by_period = weights.sum(axis=0), weights.sum(axis=1)
    shares = weights / by_period[:, None]
    system = np.diag(by_unit) - weights.T @ shares
    period_means = (columns * shares).sum(axis=2)
    right = (columns * weights).sum(axis=1) - period_means @ weights
    units = np.zeros((len(columns), weights.shape[1]))
    others = np.arange(weights.shape[1]) != by_unit.argmax()
    units[:, others] = linalg.solve(
        system[np.ix_(others, others)], right[:, others].T, assume_a="pos"
    ).T
    periods = period_means - units @ shares.T
    left = columns - units[:, None, :] - periods[:, :, None]
    return np.asarray(np.where(weights > 0, left, 0.0))


def _least_squares(left: Array, weights: Array) -> tuple[Array, Array]:
    """Coefficients of the first of `left` on the others, and their information."""
    response, slopes = left[0], left[1:]
    weighted = slopes * weights
    information: Array = np.tensordot(weighted, slopes, ([1, 2], [1, 2]))
    scores = np.tensordot(weighted, response, ([1, 2], [0, 1]))
    return np.asarray(np.linalg.solve(information, scores)), information
