"""Rolling-origin placebos: the same estimator at every admissible date before the event.

One pass of the Kalman filter over response and design whitens, for every share of a grid, all
samples that begin at the first point: a shorter sample is the beginning of a longer one. From one
origin to the next, least squares on the whitened rows are brought up to date by one row at a time
(Plackett 1950, Biometrika 37), at all shares together, which gives the likelihood and the forecast
there. Numbers agree with `fit_level` at each origin in turn.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import pandas as pd
from words import count

from effects.baseline import Baseline, WindowEffect, window_effect
from effects.level import Array, find_peak, fits_exactly, share_grid
from effects.samples import Points, ordinals, periods_at
from effects.season import Terms, free_after


class Spans(NamedTuple):
    """Samples and windows on a list of points.

    A sample is the first `size` of them, in increasing order; its window runs from point `begin`
    up to, not including, point `stop`.
    """

    size: np.ndarray
    begin: np.ndarray
    stop: np.ndarray


def fit_origins(points: Points, design: Array, spans: Spans) -> tuple[Array, Array]:
    """Mean effect over each window and its error, by the local level fitted by REML to its sample.

    design: points × k, of full rank in every sample once columns that are zero there are left out,
    and these must be zero in its window too.
    """
    times, data = points.times, np.column_stack([design, points.values])
    used = np.array([design[:size].any(axis=0) for size in spans.size])
    shares = share_grid(times[-1] - times[0] + 1)
    filtered = _filter(times, data, shares)
    last = spans.size - 1
    windows = zip(spans.begin, spans.stop, strict=True)
    observed = np.array([data[begin:stop].mean(axis=0) for begin, stop in windows])
    ahead = observed[:, None] - filtered.level.swapaxes(0, 1)[last]
    squares, logs, means, slack = _regress(filtered.white, ahead, spans.size, used)
    free = (spans.size - used.sum(axis=1))[:, None]
    scales = np.cumsum(np.log(filtered.variance), axis=1).T[last]
    peak = find_peak(-0.5 * (free * np.log(squares / free) + scales + logs))
    count = (spans.stop - spans.begin)[:, None]
    own = _common(times, spans)[:, None] * shares + (1 - shares) / count
    spread = squares / free * (filtered.uncertainty.T[last] + own + slack)
    return peak.at(means), np.sqrt(peak.at(spread))


def _common(times: Array, spans: Spans) -> Array:
    """What the walk adds from a sample's end to its window's mean, in variances of one step."""
    found = np.empty(len(spans.size))
    for place, (size, begin, stop) in enumerate(zip(*spans, strict=True)):
        ahead = times[begin:stop] - times[size - 1]
        found[place] = ahead @ np.arange(2 * len(ahead) - 1, 0, -2) / len(ahead) ** 2
    return found


def _regress(white: Array, ahead: Array, sizes: np.ndarray, used: np.ndarray) -> Array:
    """Sums of squares, log determinants, mean effects and their slack: four × origins × shares.

    ahead: origins × shares × columns, a window's mean less what the level forecasts of it.
    """
    found = np.empty((4, len(sizes), len(white)))
    least, done, known = LeastSquares(white[:, : sizes[0]]), sizes[0], np.zeros_like(used[0])
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

    They begin with `rows` (shares × rows × columns), and one for each coefficient that says it is
    zero; `free` takes it back. state: the inverse of the sums of products, and beside it the
    coefficients with their sign turned, so that one product brings both up to date.
    """

    def __init__(self, rows: Array) -> None:
        design, across = rows[:, :, :-1], rows[:, :, :-1].swapaxes(1, 2)
        products = across @ design + np.eye(design.shape[2])
        inverse, self.logs = np.linalg.inv(products), np.linalg.slogdet(products)[1]
        self.state = np.concatenate([inverse, -inverse @ (across @ rows[:, :, -1:])], axis=2)
        left = rows[:, :, -1] + (design @ self.state[:, :, -1:])[:, :, 0]
        self.squares = (left * rows[:, :, -1]).sum(axis=1)

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


LEAST_FREE = 8
"""Residual degrees of freedom below which a placebo baseline is not fitted."""


FLOOR = 0.85
"""The least that placebos may multiply a standard error by."""
ENOUGH = 6
"""Placebo dates from which on they may make a standard error smaller."""


DOMINATED = 0.65
"""Share of the scale below which what other dates ask for is far less than one date does."""


def error_scale(t: Array, length: int) -> float:
    """What the n t's of placebo windows of `length` periods ask a standard error to be times.

    Their root mean square, times sqrt(1 + length / n) because a mean over n / length windows that
    do not overlap is itself uncertain; FLOOR at least, or 1 where dates are few.
    docs/calibration.md has what sizes this gives.
    """
    if not len(t):
        return 1.0
    found = float(np.sqrt(np.mean(t**2) * (1 + length / len(t))))
    return max(FLOOR if len(t) >= ENOUGH else 1.0, found)


@dataclass(frozen=True)
class Placebos:
    """Placebo effects by the first period of their window: `mean`, `error`, `t`.

    length: periods of a window.
    """

    frame: pd.DataFrame
    length: int = 1

    @cached_property
    def dominant(self) -> pd.Period | None:
        """The date that makes the scale: without it and what overlaps it far less would do.

        The start of the window with the largest |t|, where the scale without is below DOMINATED of
        what it is.
        """
        if len(self.frame) < ENOUGH or self.scale <= 1:
            return None
        index = pd.PeriodIndex(self.frame.index)
        start = index[int(self.frame["t"].abs().to_numpy().argmax())]
        apart = np.abs(ordinals(index) - start.ordinal)
        rest = Placebos(self.frame[apart >= self.length], self.length)
        return start if rest.scale < DOMINATED * self.scale else None

    @property
    def few(self) -> str:
        """How many dates there are, said of few: `only 3 earlier quiet dates`."""
        dates = count(len(self.frame), "earlier quiet date")
        return f"only {dates}" if len(self.frame) else dates

    @property
    def cautions(self) -> tuple[str, ...]:
        """That few dates have tried the errors, or that one makes them wide and what to do."""
        if len(self.frame) < ENOUGH:
            return (f"The interval could be tried at {self.few}: take it with caution.",)
        if self.dominant is None:
            return ()
        return (
            f"Intervals are wide because of one earlier date, {self.dominant}, when the series "
            "moved beyond the usual: if an event did that, give it as one of `regressors`.",
        )

    @cached_property
    def scale(self) -> float:
        """What the standard error is multiplied by."""
        return error_scale(self.frame["t"].to_numpy(dtype="float64"), self.length)

    @property
    def floor(self) -> float:
        """The least p-value that these placebos can give."""
        return 1 / (1 + len(self.frame))

    def p_value(self, effect: WindowEffect) -> float:
        """Share of dates, the event's own included, with a |t| at least as large."""
        larger = int((self.frame["t"].abs() >= abs(effect.t)).sum())
        return (1 + larger) / (1 + len(self.frame))


def placebos(
    points: Points,
    terms: Terms,
    gap: int,
    length: int,
    frequency: str,
    quiet_end: float = np.inf,
    fit: Callable[[Points], Baseline] | None = None,
) -> Placebos:
    """The estimator moved to every earlier date, on the baseline's own observed points.

    gap: periods from the baseline's end to the window's start; length: periods of the window;
    quiet_end: number of the last period that a window may hold; fit: how a sample's baseline is
    fitted, where that is more than `terms`; each date is then fitted by itself. Two dates
    that leave the same sample and the same observed window count once; one whose sample is fitted
    exactly does not.
    """
    design = terms.rows(points.times)
    starts, spans = placebo_spans(points.times, design, gap, length, quiet_end)
    varied = spans.size > longest_exact(points.values, design, spans.size)
    starts, spans = starts[varied], Spans(*(part[varied] for part in spans))
    mean = error = np.zeros(0)
    if len(starts):
        mean, error = (
            fit_origins(points, design, spans) if fit is None else _refitted(points, spans, fit)
        )
    columns = {"mean": mean, "error": error, "t": mean / error}
    return Placebos(pd.DataFrame(columns, periods_at(starts, frequency)), length)


def _refitted(points: Points, spans: Spans, fit: Callable[[Points], Baseline]) -> Array:
    """Means and errors of every window's effect: two × dates; missing where one cannot be told."""
    found = np.full((2, len(spans.size)), np.nan)
    for place, (size, begin, stop) in enumerate(zip(*spans, strict=True)):
        baseline = fit(Points(points.times[:size], points.values[:size]))
        window = Points(points.times[begin:stop], points.values[begin:stop])
        if effect := window_effect(baseline, window):
            found[:, place] = effect.mean, effect.error
    return found


def longest_exact(values: Array, design: Array, sizes: np.ndarray) -> int:
    """The longest sample of `sizes` that the design fits exactly, as then it fits all shorter ones.

    Nothing shows how far a forecast from there errs; 0 where there is none.
    """
    exact = 0
    for size in np.unique(sizes):
        if not fits_exactly(values[:size], design[:size]):
            break
        exact = int(size)
    return exact


def placebo_spans(
    times: Array, design: Array, gap: int, length: int, quiet_end: float = np.inf
) -> tuple[np.ndarray, Spans]:
    """First periods of the windows, and samples and windows, of every date that can be told.

    A date needs LEAST_FREE degrees of freedom, coefficients that can be told apart, and a window
    that is observed and leans on none of those its sample has never seen.
    """
    origins = np.arange(times[0], min(times[-1], quiet_end) - gap - length + 2)
    size = np.searchsorted(times, origins, side="right")
    begin = np.searchsorted(times, origins + gap, side="left")
    stop = np.searchsorted(times, origins + gap + length - 1, side="right")
    _, first = np.unique(np.column_stack([size, begin, stop]), axis=0, return_index=True)
    kept = np.sort(first)
    told = kept[(stop[kept] > begin[kept]) & (free_after(design)[size[kept] - 1] >= LEAST_FREE)]
    counts = np.cumsum(np.vstack([np.zeros(design.shape[1]), design != 0]), axis=0)
    strange = (counts[stop[told]] > counts[begin[told]]) & (counts[size[told]] == 0)
    told = told[~strange.any(axis=1)]
    starts = (origins[told] + gap).astype(int)
    return starts, Spans(size[told], begin[told], stop[told])
