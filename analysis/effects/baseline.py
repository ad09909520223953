"""A local level with season and regressors on the periods before an event, and its forecasts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.effects.level import Array, LevelFit, fit_level, forecast
from analysis.effects.season import Season, design, seen_terms


def ordinals(index: pd.PeriodIndex) -> Array:
    """Periods as consecutive numbers."""
    return np.asarray([period.ordinal for period in index], dtype="float64")


@dataclass(frozen=True)
class Baseline:
    """A fitted baseline; `columns` are the coefficients its sample can tell."""

    fit: LevelFit
    columns: tuple[str, ...]
    season: Season
    regressors: pd.DataFrame | None

    def forecast(self, index: pd.PeriodIndex) -> tuple[Array, Array, np.ndarray]:
        """Mean, joint covariance of the logs on `index`, and which periods can be told at all.

        A period that leans on a coefficient never observed in the baseline cannot be told.
        """
        terms = design(index, self.regressors, self.season)
        unknown = terms.drop(columns=list(self.columns))
        known = ~(unknown.abs() > 0).any(axis=1).to_numpy()
        mean, covariance = forecast(self.fit, ordinals(index), terms[list(self.columns)].to_numpy())
        return mean, covariance, known


def fit_baseline(logs: pd.Series, regressors: pd.DataFrame | None, season: Season) -> Baseline:
    """Fit the baseline to the observed periods of `logs`."""
    index = pd.PeriodIndex(logs.index)
    seen = seen_terms(index, regressors, season)
    fit = fit_level(ordinals(index), logs.to_numpy(), seen.to_numpy())
    return Baseline(fit, tuple(seen.columns), season, regressors)
