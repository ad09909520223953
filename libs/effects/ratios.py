"""Maximising over the level's share: a grid of variance ratios and the peak between its points.

A restricted likelihood is analytic in the logarithm of the ratio of the two variances, with no
singularity nearer than π to the real axis, so a polynomial through NODES neighbouring points of
the grid is as good as the likelihood itself: its error is below 1e-6. What else is known at the
points, such as forecasts, is carried to the peak by the same polynomial.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

PER_DECADE = 6
"""Points of the grid in each power of ten of the ratio."""
HIGHEST = 3.0
"""The ratio's greatest power of ten; beyond it lies infinity only."""
NODES = 12
STEPS = 6
"""Newton steps to the peak of a polynomial."""

_PLACES = np.arange(NODES) - (NODES - 1) / 2
_TO_POWERS: Array = np.linalg.inv(np.vander(_PLACES, increasing=True))


def share_grid(span: float) -> Array:
    """Shares of the walk from 0 to 1, ends included, fine enough for samples of `span` periods.

    A walk over n periods adds up to some n² times what one period adds, which sets the least
    ratio that can be told from zero.
    """
    lowest = -3 - 2 * np.log10(span)
    count = int(np.ceil(PER_DECADE * (HIGHEST - lowest))) + 1
    ratios = 10 ** np.linspace(HIGHEST - (count - 1) / PER_DECADE, HIGHEST, count)
    return np.concatenate([[0.0], ratios / (1 + ratios), [1.0]])


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
    first = np.clip(place - NODES // 2, 1, points - 1 - NODES)
    top = (place - first) - (NODES - 1) / 2
    return Peak(place, first, _climb(_nodes(heights, first) @ _TO_POWERS.T, top), points)


def _climb(powers: Array, top: Array) -> Array:
    """Newton's method on polynomials (curves × powers), within a point of their highest nodes."""
    slopes = powers[:, 1:] * np.arange(1, NODES)
    bends = slopes[:, 1:] * np.arange(1, NODES - 1)
    offset = top
    for _ in range(STEPS):
        basis = np.vander(offset, NODES - 1, increasing=True)
        slope, bend = (slopes * basis).sum(axis=1), (bends * basis[:, :-1]).sum(axis=1)
        concave = bend < 0
        step = np.where(concave, -slope / np.where(concave, bend, 1.0), np.sign(slope) / 2)
        offset = np.clip(offset + step, top - 1, top + 1)
    return offset


def _nodes(curves: Array, first: np.ndarray) -> Array:
    return np.take_along_axis(curves, first[:, None] + np.arange(NODES), axis=1)
