"""A local level with season and regressors on the periods before an event, and its forecasts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from effects.level import Array, LevelFit, fit_level, forecast, refuse_exact
from effects.samples import Points
from effects.season import Terms


@dataclass(frozen=True)
class Baseline:
    """A fitted baseline; `seen` marks the coefficients of `terms` that its sample can tell."""

    fit: LevelFit
    terms: Terms
    seen: np.ndarray

    @property
    def names(self) -> list[str]:
        """Names of the fitted coefficients, in order."""
        return [name for name, seen in zip(self.terms.names, self.seen, strict=True) if seen]

    def known(self, times: Array) -> np.ndarray:
        """Periods that lean on no coefficient the baseline has never seen."""
        return np.asarray(~self.terms.rows(times)[:, ~self.seen].any(axis=1))

    def forecast(self, times: Array) -> tuple[Array, Array]:
        """Mean and joint covariance of the logs at `times`, later than the baseline."""
        return forecast(self.fit, times, self.terms.rows(times)[:, self.seen])


def fit_baseline(points: Points, terms: Terms) -> Baseline:
    """Fit the baseline to observed points; EffectError where it fits them exactly."""
    rows = terms.rows(points.times)
    seen = np.asarray(rows.any(axis=0))
    refuse_exact(points.values, rows[:, seen])
    return Baseline(fit_level(points.times, points.values, rows[:, seen]), terms, seen)
