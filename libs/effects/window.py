"""The average effect over a window: forecast errors set against their joint spread."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from scipy import stats

from effects.baseline import Baseline
from effects.level import Array
from effects.samples import Points


@dataclass(frozen=True)
class WindowEffect:
    """Mean log effect over the observed periods of a window, its standard error and t.

    profile: the log effect of each observed period.
    """

    mean: float
    error: float
    free: int
    periods: int
    profile: Array = field(default_factory=lambda: np.zeros(0), repr=False, compare=False)

    @property
    def t(self) -> float:
        """The effect over its standard error."""
        return self.mean / self.error

    def p_value(self, scale: float = 1.0) -> float:
        """Two-sided p-value with the error multiplied by `scale`."""
        return float(2 * stats.t.sf(abs(self.t) / scale, self.free))

    def interval(self, level: float, scale: float = 1.0) -> tuple[float, float]:
        """Interval of the mean log effect with the error multiplied by `scale`."""
        half = float(stats.t.ppf((1 + level) / 2, self.free)) * self.error * scale
        return self.mean - half, self.mean + half


def window_effect(baseline: Baseline, window: Points) -> WindowEffect | None:
    """Effect over the observed points of the window; None if the baseline cannot tell them."""
    if not len(window.times) or not baseline.known(window.times).all():
        return None
    mean, covariance = baseline.forecast(window.times)
    profile = window.values - mean
    error = float(np.sqrt(covariance.mean()))
    return WindowEffect(float(profile.mean()), error, baseline.fit.free, len(window.times), profile)
