"""The local level fitted at many origins at once, each to the points up to its own.

One pass of the Kalman filter over response and design whitens, for every share of a grid, all
samples that begin at the first point: a shorter sample is the beginning of a longer one. Sums of
products of the whitened rows then hold what every origin's likelihood and forecast need, and one
Cholesky factor of the sums, bordered by the window's mean, holds the results (de Jong 1991, Annals
of Statistics 19, is the same augmentation). Numbers agree with `fit_level` at each origin in turn.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.effects.level import Array
from analysis.effects.ratios import find_peak, share_grid

CHUNK = 4_000_000
"""Numbers held at a time in sums of products: shares are taken in groups that fit."""
BORDER = 1e12
"""Any number so large that the bordered matrix stays positive definite."""


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


def fit_origins(times: Array, values: Array, design: Array, spans: Spans) -> Origins:
    """Forecast each window's mean from the local level fitted by REML to its sample.

    times: n increasing period numbers; values: n; design: n × k, of full rank in every sample
    once columns that are zero there are left out, and these must be zero in its window too.
    """
    data = np.column_stack([design, values])
    grid = share_grid(times[-1] - times[0] + 1)
    used = np.array([design[:size].any(axis=0) for size in spans.size])
    group = max(1, CHUNK // (len(spans.size) * (data.shape[1] + 1) ** 2))
    parts = [
        _measure(times, data, spans, used, grid[start : start + group])
        for start in range(0, len(grid), group)
    ]
    heights, means, spread = (np.concatenate(part, axis=1) for part in zip(*parts, strict=True))
    peak = find_peak(heights)
    free = spans.size - used.sum(axis=1)
    return Origins(peak.at(means), np.sqrt(peak.at(spread)), free, peak.shares(grid))


def _measure(
    times: Array, data: Array, spans: Spans, used: np.ndarray, shares: Array
) -> tuple[Array, Array, Array]:
    """Restricted log-likelihood, mean effect and its variance: origins × shares."""
    filtered = _filter(times, data, shares)
    root = np.linalg.cholesky(_bordered(data, spans, used, filtered))
    border, last = data.shape[1], root[:, :, -2, -2]
    free = (spans.size - used.sum(axis=1))[:, None]
    variance = last**2 / free
    scales = np.cumsum(np.log(filtered.variance), axis=1).T[spans.size - 1]
    logs = np.log(np.diagonal(root, axis1=2, axis2=3)[:, :, : border - 1]).sum(axis=2)
    heights = -0.5 * (free * np.log(variance) + scales) - logs
    slack = (root[:, :, border, : border - 1] ** 2).sum(axis=2)
    own = _common(times, spans)[:, None] * shares + (1 - shares) / _counts(spans)[:, None]
    spread = filtered.uncertainty.T[spans.size - 1] + own + slack
    return heights, root[:, :, border, border - 1] * last, variance * spread


def _bordered(data: Array, spans: Spans, used: np.ndarray, filtered: Filtered) -> Array:
    """Sums of products of each sample's whitened rows, bordered by its window's mean.

    The last row of the Cholesky factor then solves for the window: its square but for the last
    two is the coefficients' part of the variance, its last but one times that above it the effect.
    """
    columns, white = data.shape[1], filtered.white
    matrix = np.zeros((len(spans.size), len(white), columns + 1, columns + 1))
    total, done = np.zeros((len(white), columns, columns)), 0
    for place, size in enumerate(spans.size):
        rows = white[:, done:size]
        total, done = total + rows.swapaxes(1, 2) @ rows, size
        matrix[place, :, :-1, :-1] = total
    diagonal = np.arange(columns - 1)
    matrix[:, :, diagonal, diagonal] += ~used[:, None, :]
    means = np.array([data[b:e].mean(axis=0) for b, e in zip(spans.begin, spans.stop, strict=True)])
    matrix[:, :, -1, :-1] = means[:, None] - filtered.level.swapaxes(0, 1)[spans.size - 1]
    matrix[:, :, -1, -1] = BORDER
    return matrix


def _counts(spans: Spans) -> np.ndarray:
    return np.asarray(spans.stop - spans.begin)


def _common(times: Array, spans: Spans) -> Array:
    """What the walk adds from a sample's end to its window's mean, in variances of one step."""
    found = np.empty(len(spans.size))
    for place, (size, begin, stop) in enumerate(
        zip(spans.size, spans.begin, spans.stop, strict=True)
    ):
        ahead = times[begin:stop] - times[size - 1]
        found[place] = ahead @ np.arange(2 * len(ahead) - 1, 0, -2) / len(ahead) ** 2
    return found


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
