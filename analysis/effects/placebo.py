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


@dataclass(frozen=True)
class Placebos:
    """Placebo effects by the first period of their window: `mean`, `error`, `t`."""

    frame: pd.DataFrame

    @property
    def scale(self) -> float:
        """max(1, root mean square of the placebo t's): what the standard error is multiplied by."""
        t: Array = self.frame["t"].to_numpy(dtype="float64")
        return max(1.0, float(np.sqrt(np.mean(t**2)))) if len(t) else 1.0

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
    return Placebos(pd.DataFrame(rows, index=starts, columns=columns, dtype="float64"))


def _placebo(sample: Points, window: Points, terms: Terms) -> WindowEffect | None:
    if not len(window.times) or free_degrees(terms.rows(sample.times)) < LEAST_FREE:
        return None
    return window_effect(fit_baseline(sample, terms), window)
