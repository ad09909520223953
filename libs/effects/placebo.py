"""Rolling-origin placebos: the same estimator at every admissible date before the event."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from effects.level import Array, fits_exactly
from effects.origins import Spans, fit_origins
from effects.samples import Points, periods_at
from effects.season import Terms, free_after
from effects.window import WindowEffect

LEAST_FREE = 8
"""Residual degrees of freedom below which a placebo baseline is not fitted."""


FLOOR = 0.85
"""The least that placebos may multiply a standard error by."""
ENOUGH = 6
"""Placebo dates from which on they may make a standard error smaller."""


@dataclass(frozen=True)
class Placebos:
    """Placebo effects by the first period of their window: `mean`, `error`, `t`.

    length: periods of a window.
    """

    frame: pd.DataFrame
    length: int = 1

    @property
    def scale(self) -> float:
        """What the standard error is multiplied by.

        The root mean square of the n placebo t's, times sqrt(1 + length / n) because a mean over
        n / length windows that do not overlap is itself uncertain; FLOOR at least, or 1 where
        dates are few. docs/calibration.md has what sizes this gives.
        """
        t: Array = self.frame["t"].to_numpy(dtype="float64")
        if not len(t):
            return 1.0
        found = float(np.sqrt(np.mean(t**2) * (1 + self.length / len(t))))
        return max(FLOOR if len(t) >= ENOUGH else 1.0, found)

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
) -> Placebos:
    """The estimator moved to every earlier date, on the baseline's own observed points.

    gap: periods from the baseline's end to the window's start; length: periods of the window;
    quiet_end: number of the last period that a window may hold. Two dates that leave the same
    sample and the same observed window count once; one whose sample is fitted exactly does not.
    """
    design = terms.rows(points.times)
    starts, spans = placebo_spans(points.times, design, gap, length, quiet_end)
    varied = spans.size > longest_exact(points.values, design, spans.size)
    starts, spans = starts[varied], spans.only(varied)
    columns = ["mean", "error", "t"]
    if not len(starts):
        empty = periods_at([], frequency)
        return Placebos(pd.DataFrame(index=empty, columns=columns, dtype="float64"), length)
    found = fit_origins(points.times, points.values, design, spans)
    table = np.column_stack([found.mean, found.error, found.mean / found.error])
    return Placebos(pd.DataFrame(table, periods_at(starts, frequency), columns), length)


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
