"""Local level (random walk plus noise) with diffuse regressors, fitted by REML.

At observed times t the response is X b + level + noise, where level is a random walk. Its start
is diffuse, so it is part of X. The covariance is s² [(1 − w) I + w W], W_ij = min(t_i, t_j): `w`
is the random walk's share of the variance that one period adds. Restricted likelihood: Harville
(1977); its equality with the diffuse likelihood of the state-space form: Francke, Koopman and de
Vos (2010), Journal of Time Series Analysis 31. Missing periods are simply times not in the list.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, optimize

from analysis.effects.results import EffectError

Array = NDArray[np.float64]

_RATIOS = np.concatenate([[0.0], np.logspace(-4, 3, 36), [np.inf]])


def _share(ratio: Array | float) -> Array:
    with np.errstate(invalid="ignore"):
        return np.where(np.isinf(ratio), 1.0, np.asarray(ratio) / (1 + np.asarray(ratio)))


def walk(rows: Array, columns: Array, origin: float) -> Array:
    """Covariance of a random walk that starts one period before `origin`."""
    return np.minimum.outer(rows, columns) - origin + 1.0


@dataclass(frozen=True)
class LevelFit:
    """A fitted local level: `share` is w, `variance` is s² of the module's text."""

    times: Array
    share: float
    variance: float
    coefficients: Array
    inverse_information: Array
    free: int
    root: Array
    whitened_design: Array
    residuals: Array

    @property
    def coefficient_covariance(self) -> Array:
        """Covariance of the coefficients given the share."""
        return self.variance * self.inverse_information

    def studentised(self) -> Array:
        """Whitened residuals over their standard deviations; NaN where leverage is one."""
        leverage = np.einsum(
            "ij,jk,ik->i", self.whitened_design, self.inverse_information, self.whitened_design
        )
        slack = 1 - leverage
        with np.errstate(invalid="ignore", divide="ignore"):
            scaled = self.residuals / np.sqrt(self.variance * slack)
        return np.where(slack > 1e-8, scaled, np.nan)


class Contrasts:
    """Error contrasts of one sample: everything the restricted likelihood needs."""

    def __init__(self, times: Array, response: Array, design: Array) -> None:
        basis, _ = np.linalg.qr(design, mode="complete")
        columns = design.shape[1]
        self.free = len(times) - columns
        null = basis[:, columns:]
        self.roots, vectors = np.linalg.eigh(null.T @ walk(times, times, times.min()) @ null)
        self.squares = (vectors.T @ (null.T @ response)) ** 2

    def scaled(self, share: Array | float) -> Array:
        """Variances of the contrasts at each share, in units of s²."""
        share = np.atleast_1d(share)[:, None]
        return np.asarray((1 - share) + share * self.roots)

    def profile(self, share: Array | float) -> Array:
        """Restricted log-likelihood at each share with s² profiled out, up to a constant."""
        scaled = self.scaled(share)
        variance = (self.squares / scaled).sum(axis=1) / self.free
        return np.asarray(-0.5 * (self.free * np.log(variance) + np.log(scaled).sum(axis=1)))

    def best_share(self) -> float:
        """The share that maximises the restricted likelihood, ends included."""
        shares = _share(_RATIOS)
        heights = self.profile(shares)
        top = int(heights.argmax())
        low, high = shares[max(top - 1, 0)], shares[min(top + 1, len(shares) - 1)]
        found = optimize.minimize_scalar(
            lambda share: -float(self.profile(share)[0]),
            bounds=(low, high),
            method="bounded",
            options={"xatol": 1e-12},
        )
        return float(found.x) if -found.fun > heights[top] else float(shares[top])


def fit_level(times: Array, response: Array, design: Array, share: float | None = None) -> LevelFit:
    """Fit the local level by REML, or at a given `share`.

    times: n increasing period numbers; response: n; design: n × k, of full rank.
    """
    if np.linalg.matrix_rank(design) < design.shape[1]:
        raise EffectError("the regressors are collinear over the baseline; leave one of them out")
    if share is None:
        share = Contrasts(times, response, design).best_share()
    covariance = (1 - share) * np.eye(len(times)) + share * walk(times, times, times.min())
    root: Array = np.linalg.cholesky(covariance).astype("float64")
    white = linalg.solve_triangular(root, np.column_stack([design, response]), lower=True)
    whitened, target = white[:, :-1], white[:, -1]
    inverse: Array = np.linalg.inv(whitened.T @ whitened).astype("float64")
    coefficients = inverse @ whitened.T @ target
    residuals = target - whitened @ coefficients
    free = len(times) - design.shape[1]
    variance = float(residuals @ residuals) / free
    return LevelFit(times, share, variance, coefficients, inverse, free, root, whitened, residuals)


def forecast(fit: LevelFit, times: Array, design: Array) -> tuple[Array, Array]:
    """Mean and joint covariance of new observations at `times`, all after the sample's first.

    The covariance counts the coefficients' uncertainty, not that of the share.
    """
    origin = fit.times.min()
    cross = fit.share * walk(times, fit.times, origin)
    weights = linalg.solve_triangular(fit.root, cross.T, lower=True)
    slack = design - weights.T @ fit.whitened_design
    mean = design @ fit.coefficients + weights.T @ fit.residuals
    own = (1 - fit.share) * np.eye(len(times)) + fit.share * walk(times, times, origin)
    spread = own - weights.T @ weights + slack @ fit.inverse_information @ slack.T
    return mean, fit.variance * spread
