"""Rolling-origin placebos: the same estimator at every admissible date before the event."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.effects.baseline import fit_baseline
from analysis.effects.level import Array
from analysis.effects.samples import Points, periods_at
from analysis.effects.season import Terms, free_degrees
from analysis.effects.window import WindowEffect, window_effect

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


def placebos(points: Points, terms: Terms, gap: int, length: int, frequency: str) -> Placebos:
    """The estimator moved to every earlier date, on the baseline's own observed points.

    gap: periods from the baseline's end to the window's start; length: periods of the window.
    Two dates that leave the same sample and the same observed window count once.
    """
    found: dict[tuple[int, tuple[float, ...]], tuple[int, WindowEffect]] = {}
    first, last = int(points.times[0]), int(points.times[-1])
    for origin in range(first, last - gap - length + 2):
        sample = points.between(first, origin)
        window = points.between(origin + gap, origin + gap + length - 1)
        key = (len(sample.times), tuple(window.times))
        effect = None if key in found else _placebo(sample, window, terms)
        if effect is not None:
            found[key] = (origin + gap, effect)
    rows = [(effect.mean, effect.error, effect.t) for _, effect in found.values()]
    starts = periods_at([start for start, _ in found.values()], frequency)
    columns = ["mean", "error", "t"]
    frame = pd.DataFrame(rows, index=starts, columns=columns, dtype="float64")
    return Placebos(frame, length)


def _placebo(sample: Points, window: Points, terms: Terms) -> WindowEffect | None:
    if not len(window.times) or free_degrees(terms.rows(sample.times)) < LEAST_FREE:
        return None
    return window_effect(fit_baseline(sample, terms), window)
