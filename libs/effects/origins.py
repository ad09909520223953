"""The local level fitted at many origins at once, each to the points up to its own.

One pass of the Kalman filter over response and design whitens, for every share of a grid, all
samples that begin at the first point: a shorter sample is the beginning of a longer one. From one
origin to the next, least squares on the whitened rows are brought up to date by one row at a time
(Plackett 1950, Biometrika 37), at all shares together, which gives the likelihood and the forecast
there. Numbers agree with `fit_level` at each origin in turn.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from effects.ratios import Array, find_peak, share_grid


@dataclass(frozen=True)
class Origins:
    """Windows as seen from their origins: mean effects, their standard errors, degrees of freedom.

    One of each an origin; shares: the walk's share of the variance.
    """

    mean: Array
    error: Array
    free: np.ndarray
    shares: Array


@dataclass(frozen=True)
class Spans:
    """Samples and windows on a list of points.

    A sample is the first `size` of them, in increasing order; its window runs from point `begin`
    up to, not including, point `stop`.
    """

    size: np.ndarray
    begin: np.ndarray
    stop: np.ndarray

    def only(self, kept: np.ndarray) -> Spans:
        """Those marked."""
        return Spans(self.size[kept], self.begin[kept], self.stop[kept])


def fit_origins(times: Array, values: Array, design: Array, spans: Spans) -> Origins:
    """Forecast each window's mean from the local level fitted by REML to its sample.

    times: n increasing period numbers; values: n; design: n × k, of full rank in every sample
    once columns that are zero there are left out, and these must be zero in its window too.
    """
    data = np.column_stack([design, values])
    used = np.array([design[:size].any(axis=0) for size in spans.size])
    shares = share_grid(times[-1] - times[0] + 1)
    filtered = _filter(times, data, shares)
    last = spans.size - 1
    ahead = _window_means(data, spans)[:, None] - filtered.level.swapaxes(0, 1)[last]
    squares, logs, means, slack = _regress(filtered.white, ahead, spans.size, used)
    free = (spans.size - used.sum(axis=1))[:, None]
    scales = np.cumsum(np.log(filtered.variance), axis=1).T[last]
    peak = find_peak(-0.5 * (free * np.log(squares / free) + scales + logs))
    count = (spans.stop - spans.begin)[:, None]
    own = _common(times, spans)[:, None] * shares + (1 - shares) / count
    spread = squares / free * (filtered.uncertainty.T[last] + own + slack)
    return Origins(peak.at(means), np.sqrt(peak.at(spread)), free[:, 0], peak.shares(shares))


def _window_means(data: Array, spans: Spans) -> Array:
    ends = zip(spans.begin, spans.stop, strict=True)
    return np.array([data[begin:stop].mean(axis=0) for begin, stop in ends])


def _common(times: Array, spans: Spans) -> Array:
    """What the walk adds from a sample's end to its window's mean, in variances of one step."""
    found = np.empty(len(spans.size))
    for place, (size, begin, stop) in enumerate(
        zip(spans.size, spans.begin, spans.stop, strict=True)
    ):
        ahead = times[begin:stop] - times[size - 1]
        found[place] = ahead @ np.arange(2 * len(ahead) - 1, 0, -2) / len(ahead) ** 2
    return found


def _regress(white: Array, ahead: Array, sizes: np.ndarray, used: np.ndarray) -> Array:
    """Sums of squares, log determinants, mean effects and their slack: four × origins × shares.

    ahead: origins × shares × columns, a window's mean less what the level forecasts of it.
    """
    found = np.empty((4, len(sizes), len(white)))
    least, done, known = LeastSquares(*white[:, 0].shape), 0, np.zeros_like(used[0])
    for place, size in enumerate(sizes):
        for row in range(done, size):
            least.add(white[:, row])
        for column in np.flatnonzero(used[place] & ~known):
            least.free(int(column))
        done, known = size, used[place]
        found[:, place] = least.squares, least.logs, *least.forecast(ahead[place])
    return found


class LeastSquares:
    """Regressions of the last column on the others, one a share, to which rows are added.

    They begin with a row for each coefficient that says it is zero; `free` takes it back.
    state: the inverse of the sums of products, and beside it the coefficients with their sign
    turned, so that one product brings both up to date.
    """

    def __init__(self, shares: int, columns: int) -> None:
        self.state = np.tile(np.eye(columns - 1, columns), (shares, 1, 1))
        self.squares, self.logs = np.zeros(shares), np.zeros(shares)

    def forecast(self, row: Array) -> tuple[Array, Array]:
        """Response less fit, and the fit's variance, at rows (shares × columns)."""
        _, variance, left = self._project(row)
        return left, variance

    def add(self, row: Array, weight: float = 1.0) -> None:
        """Bring everything up to date with one more row (shares × columns)."""
        gain, variance, left = self._project(row)
        growth = 1 + weight * variance
        self.state -= gain[:, :-1, None] * (gain * (weight / growth)[:, None])[:, None, :]
        self.squares += weight * left**2 / growth
        self.logs += np.log(growth)

    def free(self, column: int) -> None:
        """Take back the row that says the coefficient of `column` is zero."""
        row = np.zeros((len(self.squares), self.state.shape[2]))
        row[:, column] = 1.0
        self.add(row, -1.0)

    def _project(self, row: Array) -> tuple[Array, Array, Array]:
        design = row[:, None, :-1]
        gain = (design @ self.state)[:, 0]
        gain[:, -1] += row[:, -1]
        return gain, (design @ gain[:, :-1, None])[:, 0, 0], gain[:, -1].copy()


@dataclass(frozen=True)
class Filtered:
    """Whitened data (shares × points × columns) and, after each point, the level's.

    variance: of each point's innovation; level: filtered columns; uncertainty: the level's.
    """

    white: Array
    variance: Array
    level: Array
    uncertainty: Array


def _filter(times: Array, data: Array, shares: Array) -> Filtered:
    """Kalman filter of the local level at every share, on all columns alike."""
    shape = (len(shares), *data.shape)
    white, levels = np.empty(shape), np.empty(shape)
    variances, uncertainties = np.empty(shape[:2]), np.empty(shape[:2])
    level = np.zeros((len(shares), data.shape[1]))
    uncertainty = np.zeros(len(shares))
    for place, step in enumerate(np.diff(times, prepend=times[0] - 1)):
        uncertainty = uncertainty + shares * step
        variance = uncertainty + (1 - shares)
        news = data[place] - level
        gain = uncertainty / variance
        level = level + gain[:, None] * news
        uncertainty = uncertainty * (1 - gain)
        white[:, place] = news / np.sqrt(variance)[:, None]
        levels[:, place] = level
        variances[:, place], uncertainties[:, place] = variance, uncertainty
    return Filtered(white, variances, levels, uncertainties)
