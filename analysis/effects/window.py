"""The average effect over a window: forecast errors set against their joint spread."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from analysis.effects.baseline import Baseline


@dataclass(frozen=True)
class WindowEffect:
    """Mean log effect over the observed periods of a window, its standard error and t."""

    mean: float
    error: float
    free: int
    periods: int

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


def window_effect(baseline: Baseline, observed: pd.Series) -> WindowEffect | None:
    """Effect over the periods of `observed` (logs); None if the baseline cannot tell them."""
    mean, covariance, known = baseline.forecast(pd.PeriodIndex(observed.index))
    if not known.all() or not len(observed):
        return None
    error = observed.to_numpy() - mean
    spread = float(np.sqrt(covariance.mean()))
    return WindowEffect(float(error.mean()), spread, baseline.fit.free, len(observed))
