"""The partitions of a series into segments, each with a level of its own, that fit best.

Bai and Perron (2003), Journal of Applied Econometrics 18: every segment's sum of squares is
computed once, dynamic programming finds the best partition for each number of breaks. The sum of
squares is that of the local level of `effects.level`, started anew in every segment; with
a share of zero the level stands still and the method is Bai and Perron's own. Coefficients common
to all segments (their partial structural change) are found in turn with the partition.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from effects.level import Array, walk

ROUNDS = 20
"""Most turns of coefficients and partition; they settle within a few."""

Positions = tuple[int, ...]
"""Where segments after the first begin, as places among the observed periods."""


@dataclass(frozen=True)
class Sample:
    """Observed `times` and `values`, the n × k design `common` to all segments (the level in it).

    trim: observed periods that a segment holds at least.
    """

    times: Array
    values: Array
    common: Array
    trim: int

    def design(self, breaks: Positions) -> Array:
        """The common design beside one step a break."""
        return np.column_stack([self.common, step_columns(len(self.times), breaks)])

    def candidates(self, breaks: Positions) -> np.ndarray:
        """Where one more break leaves `trim` observed periods on either side."""
        places = np.arange(len(self.times))
        edges = np.array([0, *breaks, len(self.times)])
        before = places - edges[np.searchsorted(edges, places, side="right") - 1]
        after = edges[np.searchsorted(edges, places, side="right")] - places
        return np.flatnonzero((before >= self.trim) & (after >= self.trim))


@dataclass(frozen=True)
class Partition:
    """Breaks and the generalised sum of squares they leave."""

    breaks: Positions
    squares: float


def step_columns(count: int, breaks: Iterable[int]) -> Array:
    """Ones from each break on: `count` × breaks."""
    return np.asarray(np.arange(count)[:, None] >= np.array(list(breaks)), dtype="float64")


def segment_squares(times: Array, values: Array, share: float) -> Array:
    """Sum of squares of every segment, first × last place; infinite below the diagonal.

    A Kalman filter is begun at every period at once; its squared innovations over their variances
    add up to the generalised sum of squares around a diffuse first level.
    """
    count = len(times)
    squares = np.full((count, count), np.inf)
    np.fill_diagonal(squares, 0.0)
    level, spread, total = values.copy(), np.full(count, 1.0 - share), np.zeros(count)
    for last in range(1, count):
        ahead = spread[:last] + share * (times[last] - times[last - 1])
        variance = ahead + 1.0 - share
        error = values[last] - level[:last]
        total[:last] += error**2 / variance
        level[:last] += error * ahead / variance
        spread[:last] = ahead * (1.0 - share) / variance
        squares[:last, last] = total[:last]
    return squares


def partitions(squares: Array, most: int, trim: int) -> list[Partition]:
    """The best partition with 0, 1, … `most` breaks, as far as segments of `trim` allow."""
    places = np.arange(len(squares))
    long_enough = places - places[:, None] + 1 >= trim
    costs = np.where(long_enough, squares, np.inf)
    reached, begun = costs[0], []
    found = [Partition((), float(reached[-1]))]
    for _ in range(most):
        total = reached[:-1, None] + costs[1:]
        begun.append(total.argmin(axis=0) + 1)
        reached = total.min(axis=0)
        if np.isfinite(reached[-1]):
            found.append(Partition(_trace(begun), float(reached[-1])))
    return found


def _trace(begun: list[np.ndarray]) -> Positions:
    """Follow the begins of the last segments back from the series' end."""
    last, breaks = -1, []
    for starts in reversed(begun):
        first = int(starts[last])
        breaks.append(first)
        last = first - 1
    return tuple(reversed(breaks))


def best_partition(
    sample: Sample, count: int, share: float, starts: Iterable[Positions]
) -> Partition:
    """The best `count` breaks found from any of `starts` at a given `share`.

    With nothing common but the level one turn finds the global minimum; else coefficients and
    partition are found in turn from each start until neither moves (Bai and Perron 2003, 3.2).
    """
    return min((_settle(sample, count, share, start) for start in starts), key=_squares)


def _squares(partition: Partition) -> float:
    return partition.squares


def _settle(sample: Sample, count: int, share: float, breaks: Positions) -> Partition:
    white = np.linalg.inv(np.linalg.cholesky(level_covariance(sample.times, share)))
    best = Partition(breaks, np.inf)
    for _ in range(ROUNDS):
        cleaned = sample.values - sample.common @ _common_coefficients(sample, white, breaks)
        squares = segment_squares(sample.times, cleaned, share)
        breaks = partitions(squares, count, sample.trim)[count].breaks
        found = Partition(breaks, _residual_squares(sample, white, breaks))
        if found.squares >= best.squares * (1 - 1e-12):
            break
        best = found
    return best


def level_covariance(times: Array, share: float) -> Array:
    """Covariance of a local level whose variance a period adds is one."""
    return (1 - share) * np.eye(len(times)) + share * walk(times, times, times.min())


def _common_coefficients(sample: Sample, white: Array, breaks: Positions) -> Array:
    design = white @ sample.design(breaks)
    found = np.linalg.lstsq(design, white @ sample.values, rcond=None)[0]
    return np.asarray(found[: sample.common.shape[1]])


def _residual_squares(sample: Sample, white: Array, breaks: Positions) -> float:
    design, target = white @ sample.design(breaks), white @ sample.values
    left = target - design @ np.linalg.lstsq(design, target, rcond=None)[0]
    return float(left @ left)
