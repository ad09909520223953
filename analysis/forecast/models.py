"""Models that forecast the next periods of a series of logs from what was observed so far."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

import numpy as np
import pandas as pd
from effects.baseline import fit_baseline
from effects.level import ROUNDING, Array
from effects.results import EffectError
from effects.samples import observed_points, ordinals
from effects.season import choose_terms, season_length

LEAST_CHANGES = 8
"""Changes over a year that the seasonal naive forecast needs to know how far it errs."""
FARTHEST = 5
"""Years that the seasonal naive forecast looks back for an observed period of the same name."""


class Prediction(NamedTuple):
    """Means and standard errors of the logs one, two, … periods ahead, and degrees of freedom.

    NaN where the model cannot tell.
    """

    mean: Array
    error: Array
    free: int


Model: TypeAlias = Callable[[pd.Series, int], Prediction]
"""From the observed logs in order and the number of periods ahead; EffectError if too few."""
Regressors: TypeAlias = Callable[[pd.PeriodIndex, pd.Period], pd.DataFrame]
"""Regressors on given periods, as known at an origin."""


def seasonal_naive(logs: pd.Series, ahead: int) -> Prediction:
    """The same period a year ago, or of the last year in which it was observed.

    Errors: the root mean square of all changes over a year, times the root of the years looked
    back (Hyndman and Athanasopoulos 2021, Forecasting, 5.2 and 5.5).
    """
    length = season_length(pd.PeriodIndex(logs.index))
    before = logs.reindex(logs.index - length).to_numpy()
    changes = (logs.to_numpy() - before)[~np.isnan(before)]
    if len(changes) < LEAST_CHANGES:
        raise EffectError(
            f"{len(changes)} changes over a year are observed; the seasonal naive forecast needs "
            f"{LEAST_CHANGES}"
        )
    if np.abs(changes).max() <= ROUNDING * np.abs(logs).max():
        raise EffectError(
            "no period differs from that of the year before; nothing shows how far the seasonal "
            "naive forecast errs"
        )
    back = np.arange(1, FARTHEST + 1)
    targets = [logs.index[-1] + step for step in range(1, ahead + 1)]
    earlier = np.array([logs.reindex([t - length * k for k in back]).to_numpy() for t in targets])
    seen = ~np.isnan(earlier)
    first = seen.argmax(axis=1)
    mean = np.where(seen.any(axis=1), earlier[np.arange(ahead), first], np.nan)
    return Prediction(mean, np.sqrt(np.mean(changes**2) * back[first]), len(changes))


def local_level(regressors: Regressors, drift: bool = False) -> Model:
    """The model of `counterfactual`, fitted to all that was observed; drift: a linear trend."""

    def forecast(logs: pd.Series, ahead: int) -> Prediction:
        origin = logs.index[-1]
        index = pd.period_range(logs.index[0], origin + ahead)
        frame = regressors(index, origin)
        if drift:
            frame = frame.assign(drift=np.arange(len(index)) / season_length(index))
        terms = choose_terms(pd.PeriodIndex(logs.index), index, frame)
        baseline = fit_baseline(observed_points(logs), terms)
        times = ordinals(index[-ahead:])
        mean, covariance = baseline.forecast(times)
        told = np.where(baseline.known(times), mean, np.nan)
        return Prediction(told, np.sqrt(np.diag(covariance)), baseline.fit.free)

    return forecast
