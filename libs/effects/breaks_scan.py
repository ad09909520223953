"""The restricted likelihood of one more step in a wandering level, or of two, at every date.

With and without steps the level takes the share of the random walk that suits it best, so that a
level which wanders is not taken for one that breaks.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import linalg

from effects.breaks_partition import Positions, Sample, level_covariance, step_columns
from effects.level import Array

_RATIOS = np.concatenate([[0.0], np.logspace(-2.5, 2, 10)])
SHARES = np.append(_RATIOS / (1 + _RATIOS), 1.0)
"""Shares of the random walk that are tried, from none to all."""
LEAST_SLACK = 1e-6
"""A step that others explain but for this share of its length cannot be told from them."""
TINY = 1e-12
"""The least share of the squares that steps may leave, so that a perfect fit has a likelihood."""


@dataclass(frozen=True)
class View:
    """What one share makes of the periods and the design.

    annihilator: whitens and takes the design out; steps: unit columns of
    the candidates, zero where the design explains one; gram: their inner products.
    """

    annihilator: Array
    steps: Array
    gram: Array
    log_determinant: float


class Scan:
    """Restricted likelihoods without, with one and with two steps, of series at the same periods.

    Methods take responses, periods × series.
    """

    def __init__(self, sample: Sample, breaks: Positions) -> None:
        self.candidates = sample.candidates(breaks)
        self.apart = self.candidates - self.candidates[:, None] >= sample.trim
        self.times = sample.times
        design = sample.design(breaks)
        steps = step_columns(len(sample.times), self.candidates)
        self.free = len(sample.times) - design.shape[1]
        self.views = [_view(sample.times, design, steps, float(share)) for share in SHARES]

    def wander(self, place: int, draws: int, tails: float, random: np.random.Generator) -> Array:
        """Wandering levels with the share SHARES[place] and noise of Student's t: periods × draws.

        tails: its degrees of freedom, above 2; the noise's variance is that of the model.
        """
        share = SHARES[place]
        shape = (len(self.times), draws)
        noise = random.standard_t(tails, shape) * np.sqrt((1 - share) * (tails - 2) / tails)
        gaps = np.diff(self.times, prepend=self.times[0])
        steps = random.standard_normal(shape) * np.sqrt(share * gaps)[:, None]
        return np.asarray(noise + np.cumsum(steps, axis=0))

    def height(self, view: View, squares: Array) -> Array:
        """Restricted log-likelihood at a share, of what squares are left."""
        return np.asarray(-0.5 * (view.log_determinant + self.free * np.log(squares)))

    def none(self, responses: Array) -> Array:
        """Likelihoods without a step: shares × series."""
        return np.array(
            [
                self.height(view, ((view.annihilator @ responses) ** 2).sum(axis=0))
                for view in self.views
            ]
        )

    def singles(self, responses: Array) -> Array:
        """Likelihoods with each single step, the share its own: candidates × series."""
        best = np.array(-np.inf)
        for view in self.views:
            left = view.annihilator @ responses
            squares = (left**2).sum(axis=0)
            gain = (view.steps.T @ left) ** 2
            best = np.maximum(best, self.height(view, np.maximum(squares - gain, TINY * squares)))
        return np.asarray(best)

    def pairs(self, responses: Array) -> tuple[Array, np.ndarray]:
        """Likelihood of each series' best two steps, and their candidates: 2 × series."""
        best = np.full(responses.shape[1], -np.inf)
        where = np.zeros((2, responses.shape[1]), dtype="int64")
        for view in self.views:
            left = view.annihilator @ responses
            squares = (left**2).sum(axis=0)
            gain, places = _best_pairs(view.steps.T @ left, view.gram, self.apart)
            height = self.height(view, np.maximum(squares - gain, TINY * squares))
            where = np.where(height > best, self.candidates[places], where)
            best = np.maximum(best, height)
        return best, where


def _view(times: Array, design: Array, steps: Array, share: float) -> View:
    root = np.asarray(np.linalg.cholesky(level_covariance(times, share)))
    white = linalg.solve_triangular(root, np.eye(len(times)), lower=True)
    basis, triangle = np.linalg.qr(white @ design)
    annihilator = white - basis @ (basis.T @ white)
    left = annihilator @ steps
    length = np.linalg.norm(left, axis=0)
    told = length > LEAST_SLACK * np.linalg.norm(white @ steps, axis=0)
    unit = np.where(told, left / np.where(told, length, 1.0), 0.0)
    determinant = np.log(np.diag(root)).sum() + np.log(np.abs(np.diag(triangle))).sum()
    return View(annihilator, unit, unit.T @ unit, 2 * float(determinant))


def _best_pairs(t: Array, gram: Array, apart: np.ndarray) -> tuple[Array, np.ndarray]:
    """The most that two steps explain, and which two: t are candidates × series."""
    gain = np.zeros(t.shape[1])
    places = np.zeros((2, t.shape[1]), dtype="int64")
    for first, t_first in enumerate(t):
        second = np.flatnonzero(apart[first] & (1 - gram[first] ** 2 > LEAST_SLACK))
        if not len(second):
            continue
        overlap = gram[first, second][:, None]
        found = t_first**2 + (t[second] - overlap * t_first) ** 2 / (1 - overlap**2)
        top = found.argmax(axis=0)
        height = found[top, np.arange(len(top))]
        better = height > gain
        places = np.where(better, np.array([np.full(len(top), first), second[top]]), places)
        gain = np.where(better, height, gain)
    return gain, places


def critical_ratio(level: float) -> float:
    """What twice the log likelihood ratio of a break's true date stays within.

    Siegmund (1988), SIAM Review 30, and Eo and Morley (2015), Quantitative Economics 6:
    P(ratio <= c) = (1 − exp(−c/2))².
    """
    return float(-2 * np.log1p(-np.sqrt(level)))


def date_set(scan: Scan, values: Array, level: float) -> np.ndarray:
    """The candidates that a likelihood ratio test does not reject as the date of a break."""
    heights = scan.singles(values[:, None])[:, 0]
    return np.asarray(scan.candidates[2 * (heights.max() - heights) <= critical_ratio(level)])
