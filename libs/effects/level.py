"""Local level (random walk plus noise) with diffuse regressors, fitted by REML.

At observed times t the response is X b + level + noise, where level is a random walk. Its start
is diffuse, so it is part of X. The covariance is s² [(1 − w) I + w W], W_ij = min(t_i, t_j): `w`
is the random walk's share of the variance that one period adds. Restricted likelihood: Harville
(1977); its equality with the diffuse likelihood of the state-space form: Francke, Koopman and de
Vos (2010), Journal of Time Series Analysis 31. Missing periods are simply times not in the list.

The peak: a restricted likelihood is analytic in the logarithm of the ratio of the two variances,
with no singularity nearer than π to the real axis, so a polynomial through NODES neighbouring
points of the grid is as good as the likelihood itself: its error is below 1e-6. What else is known
at the points, such as forecasts, is carried to the peak by the same polynomial.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import lapack

from effects.results import EffectError

Array = NDArray[np.float64]

PER_DECADE = 6
"""Points of the grid in each power of ten of the ratio."""
HIGHEST = 3.0
"""The ratio's greatest power of ten; beyond it lies infinity only."""
NODES = 12
STEPS, SETTLED = 6, 1e-12
"""Most Newton steps to the peak of a polynomial, and the one so short that it is the last."""

_PLACES = np.arange(NODES) - (NODES - 1) / 2
_TO_POWERS: Array = np.linalg.inv(np.vander(_PLACES, increasing=True))


@cache
def share_grid(span: float) -> Array:
    """Shares of the walk from 0 to 1, ends included, fine enough for samples of `span` periods.

    A walk over n periods adds up to some n² times what one period adds, which sets the least
    ratio that can be told from zero.
    """
    lowest = -3 - 2 * np.log10(span)
    count = int(np.ceil(PER_DECADE * (HIGHEST - lowest))) + 1
    ratios = 10 ** np.linspace(HIGHEST - (count - 1) / PER_DECADE, HIGHEST, count)
    shares = np.concatenate([[0.0], ratios / (1 + ratios), [1.0]])
    shares.flags.writeable = False
    return shares


@dataclass(frozen=True)
class Peak:
    """Where curves over a share grid are highest.

    place: the highest point of each curve; first: where its nodes begin; offset: the peak's
    distance from their middle, in points. A peak at an end of the grid is the end itself.
    """

    place: np.ndarray
    first: np.ndarray
    offset: Array
    points: int

    @property
    def _at_end(self) -> np.ndarray:
        return np.asarray((self.place == 0) | (self.place == self.points - 1))

    def at(self, curves: Array) -> Array:
        """Values at the peaks of other `curves` (curves × points) over the same grid."""
        powers = _nodes(curves, self.first) @ _TO_POWERS.T
        inner = (powers * np.vander(self.offset, NODES, increasing=True)).sum(axis=1)
        ends = curves[np.arange(len(curves)), self.place]
        return np.asarray(np.where(self._at_end, ends, inner))

    def shares(self, grid: Array) -> Array:
        """The share of each peak, to the precision of the peak's place."""
        middle = (self.first + (NODES - 1) / 2 + self.offset - 1) / PER_DECADE
        lowest = HIGHEST - (self.points - 3) / PER_DECADE
        ratio = 10 ** (lowest + middle)
        return np.asarray(np.where(self._at_end, grid[self.place], ratio / (1 + ratio)))


def find_peak(heights: Array) -> Peak:
    """The peak of each curve of `heights` (curves × points of a `share_grid`)."""
    points = heights.shape[1]
    place = heights.argmax(axis=1)
    first = np.minimum(np.maximum(place - NODES // 2, 1), points - 1 - NODES)
    top = (place - first) - (NODES - 1) / 2
    return Peak(place, first, _climb(_nodes(heights, first) @ _TO_POWERS.T, top), points)


def _climb(powers: Array, top: Array) -> Array:
    """Newton's method on polynomials (curves × powers), within a point of their highest nodes."""
    slopes = powers[:, 1:] * np.arange(1, NODES)
    bends = slopes[:, 1:] * np.arange(1, NODES - 1)
    offset, lowest, highest = top, top - 1, top + 1
    for _ in range(STEPS):
        basis = np.vander(offset, NODES - 1, increasing=True)
        slope, bend = np.vecdot(slopes, basis), np.vecdot(bends, basis[:, :-1])
        step = np.divide(-slope, bend, out=np.sign(slope) / 2, where=bend < 0)
        offset = np.minimum(np.maximum(offset + step, lowest), highest)
        if np.abs(step).max() < SETTLED:
            break
    return offset


def _nodes(curves: Array, first: np.ndarray) -> Array:
    nodes: Array = curves[np.arange(len(curves))[:, None], first[:, None] + np.arange(NODES)]
    return nodes


COLLINEAR = 1e-10
"""How small what a column adds to those before it must be, to add nothing."""

ROUNDING = 1e-10
"""What is left of a response, against its size, that floats may leave of nothing."""


def walk(rows: Array, columns: Array, origin: float) -> Array:
    """Covariance of a random walk that starts one period before `origin`."""
    return np.minimum.outer(rows, columns) - origin + 1.0


def walk_of(times: Array, weights: Array | None = None) -> Array:
    """Covariance of a random walk at `times`, or of its weighted sums."""
    own = walk(times, times, times.min())
    return own if weights is None else np.asarray(weights @ own @ weights.T)


def covariance(times: Array, share: float, weights: Array | None = None) -> Array:
    """Covariance of a local level whose variance a period adds is one."""
    own = walk_of(times, weights)
    return np.asarray((1 - share) * np.eye(len(own)) + share * own)


def solve_root(root: Array, right: Array, *, transposed: bool = False) -> Array:
    """What a lower triangular `root`, or its transpose, takes to `right`.

    LAPACK itself, since what scipy wraps around it takes longer than a system of months.
    """
    solved: Array = lapack.dtrtrs(root.T, right, lower=0, trans=0 if transposed else 1)[0]
    return solved


@dataclass(frozen=True)
class LevelFit:
    """A fitted local level: `share` is w, `variance` is s² of the module's text.

    weights: responses × times, orthonormal rows; None where each time is a response of its own.
    """

    times: Array
    share: float
    variance: float
    coefficients: Array
    inverse_information: Array
    free: int
    root: Array
    whitened_design: Array
    residuals: Array
    weights: Array | None = None

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
    """Error contrasts of one design: what the restricted likelihood of any response needs."""

    def __init__(self, times: Array, design: Array, weights: Array | None = None) -> None:
        basis, triangle = np.linalg.qr(design, mode="complete")
        sizes = np.abs(triangle.diagonal())
        if (sizes < COLLINEAR * sizes.max()).any():
            raise EffectError(
                "the regressors are collinear over the baseline; leave one of them out"
            )
        null = basis[:, design.shape[1] :]
        roots, vectors = np.linalg.eigh(null.T @ walk_of(times, weights) @ null)
        self.rows = vectors.T @ null.T
        self.grid = share_grid(times.max() - times.min() + 1)
        self.scaled = (1 - self.grid[:, None]) + self.grid[:, None] * roots
        self.logs = np.log(self.scaled).sum(axis=1)

    def profile(self, response: Array) -> Array:
        """Restricted log-likelihood over `grid` with s² profiled out, up to a constant."""
        free = len(self.rows)
        variance = ((self.rows @ response) ** 2 / self.scaled).sum(axis=1) / free
        return np.asarray(-0.5 * (free * np.log(variance) + self.logs))

    def best_share(self, response: Array) -> float:
        """The share that maximises the restricted likelihood, ends included."""
        return float(find_peak(self.profile(response)[None]).shares(self.grid)[0])


def fits_exactly(response: Array, design: Array) -> bool:
    """Whether the design leaves nothing of the response but rounding, whatever the share."""
    left = response - design @ np.linalg.lstsq(design, response, rcond=None)[0]
    return bool(np.abs(left).max() <= ROUNDING * np.abs(response).max())


def refuse_exact(response: Array, design: Array) -> None:
    """Refuse a sample that the design fits exactly: its standard errors would be zero."""
    if fits_exactly(response, design):
        raise EffectError(
            f"level, season and regressors fit all {len(response)} observed periods exactly; only "
            "periods that stray from them show how much change is usual"
        )


def fit_level(
    times: Array,
    response: Array,
    design: Array,
    share: float | None = None,
    weights: Array | None = None,
) -> LevelFit:
    """Fit the local level by REML, or at a given `share`.

    times: n increasing period numbers; response: n; design: n × k, of full rank (checked where
    the share is fitted). weights: m × n with orthonormal rows where the m responses, and the rows
    of the design, are sums over times, which keeps their noise independent; any order of times.
    """
    if share is None:
        share = Contrasts(times, design, weights).best_share(response)
    root: Array = np.linalg.cholesky(covariance(times, share, weights)).astype("float64")
    white = solve_root(root, np.column_stack([design, response]))
    whitened, target = white[:, :-1], white[:, -1]
    inverse: Array = np.linalg.inv(whitened.T @ whitened).astype("float64")
    coefficients = inverse @ whitened.T @ target
    residuals = target - whitened @ coefficients
    free = len(response) - design.shape[1]
    variance = float(residuals @ residuals) / free
    return LevelFit(
        times, share, variance, coefficients, inverse, free, root, whitened, residuals, weights
    )


def forecast(fit: LevelFit, times: Array, design: Array) -> tuple[Array, Array]:
    """Mean and joint covariance of unobserved `times`, all after the sample's first.

    The covariance counts the coefficients' uncertainty, not that of the share.
    """
    loads, slack = _loads(fit, times, design)
    mean = design @ fit.coefficients + loads @ fit.residuals
    own = (1 - fit.share) * np.eye(len(times)) + fit.share * walk(times, times, fit.times.min())
    spread = own - loads @ loads.T + slack @ fit.inverse_information @ slack.T
    return mean, fit.variance * spread


def forecast_weights(fit: LevelFit, times: Array, design: Array) -> Array:
    """What each response counts for in the forecasts, at the fitted share: times × responses."""
    loads, slack = _loads(fit, times, design)
    white = loads + slack @ fit.inverse_information @ fit.whitened_design.T
    return solve_root(fit.root, white.T, transposed=True).T


def _loads(fit: LevelFit, times: Array, design: Array) -> tuple[Array, Array]:
    """Weights of the whitened residuals at `times`, and what these leave of the design there."""
    cross = fit.share * walk(times, fit.times, fit.times.min())
    if fit.weights is not None:
        cross = (cross + (1 - fit.share) * np.equal.outer(times, fit.times)) @ fit.weights.T
    loads = solve_root(fit.root, cross.T).T
    return loads, design - loads @ fit.whitened_design
