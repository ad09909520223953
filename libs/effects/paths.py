"""From forecast logs to units: the path period by period, and running sums with joint spread."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import special, stats

from effects.level import Array

WIDEST = float(np.log(3))
"""A forecast whose interval is wider than from a third to three times its median is refused."""
DRAWS = 8192
"""Points of a scrambled Sobol sequence: nearer the truth than 20,000 random draws."""
SEED = 20250404


@dataclass(frozen=True)
class Forecast:
    """Joint forecast of logs on `index`: scaled `covariance`, `known` periods, `free` degrees."""

    index: pd.PeriodIndex
    mean: Array
    covariance: Array
    known: np.ndarray
    free: int

    @property
    def error(self) -> Array:
        """Standard error of each period's log."""
        return np.asarray(np.sqrt(np.diag(self.covariance)))

    def half(self, level: float) -> Array:
        """Half the width of each period's interval, in logs."""
        return np.asarray(stats.t.ppf((1 + level) / 2, self.free) * self.error)

    def told(self, level: float) -> np.ndarray:
        """Periods whose forecast says something."""
        return np.asarray(self.known & (self.half(level) <= WIDEST))

    def quantile(self, shift: Array | float, level: float) -> pd.Series:
        """exp(mean + shift) where told, else missing."""
        values = np.where(self.told(level), np.exp(self.mean + shift), np.nan)
        return pd.Series(values, index=self.index)

    def draws(self, places: np.ndarray) -> Array:
        """Joint draws of the logs at `places`: multivariate t, the same every time.

        The sequence's first coordinates, its most even, go to what moves sums most: the common
        scale and the covariance's largest principal components.
        """
        roots, vectors = np.linalg.eigh(self.covariance[np.ix_(places, places)])
        root = (vectors * np.sqrt(np.maximum(roots, 0.0)))[:, ::-1]
        random = np.random.default_rng(SEED)
        points = stats.qmc.Sobol(len(root) + 1, rng=random).random(DRAWS)
        chi_square = 2 * special.gammaincinv(self.free / 2, points[:, :1])
        normal = special.ndtri(points[:, 1:]) @ root.T
        return np.asarray(self.mean[places] + normal / np.sqrt(chi_square / self.free))


def effect_path(logs: pd.Series, forecast: Forecast, level: float) -> pd.DataFrame:
    """Observed, counterfactual and effect with intervals, on every period of the series."""
    index = pd.period_range(logs.index[0], logs.index[-1], name="period")
    half = forecast.half(level)
    path = pd.DataFrame(
        {
            "observed": np.exp(logs.reindex(index)),
            "counterfactual": forecast.quantile(0.0, level),
            "lower": forecast.quantile(-half, level),
            "upper": forecast.quantile(half, level),
        },
        index=index,
    )
    path["effect"] = path["observed"] - path["counterfactual"]
    path["effect_lower"] = path["observed"] - path["upper"]
    path["effect_upper"] = path["observed"] - path["lower"]
    path["effect_pct"] = 100 * (path["observed"] / path["counterfactual"] - 1)
    return path


def effect_draws(logs: pd.Series, forecast: Forecast, level: float) -> pd.DataFrame:
    """Joint draws of the effect: draws × the observed periods that the forecast tells."""
    here = np.asarray(forecast.told(level) & forecast.index.isin(logs.index))
    index = forecast.index[here]
    observed = np.exp(logs.loc[index].to_numpy())
    return pd.DataFrame(observed - np.exp(forecast.draws(here)), columns=index)


def cumulative_effect(draws: pd.DataFrame, start: pd.Period, level: float) -> pd.DataFrame:
    """Running sum of the effect from `start` on: median, lower, upper."""
    periods = pd.PeriodIndex(draws.columns)
    index = periods[periods >= start]
    totals = np.cumsum(draws[index].to_numpy(), axis=1)
    tail = (1 - level) / 2
    quantiles = np.quantile(totals, [0.5, tail, 1 - tail], axis=0)
    return pd.DataFrame(quantiles.T, index=index, columns=["estimate", "lower", "upper"])
