"""The models that forecast magnet exports; the first is the rival to beat."""

from __future__ import annotations

import pandas as pd

from analysis.events import Regime
from analysis.forecast.models import Model, local_level, seasonal_naive
from analysis.new_year import new_year_regressors
from analysis.regressors import counterfactual_regressors


def candidates(policy: tuple[Regime, ...]) -> dict[str, Model]:
    """Same month a year before; level, season and New Year; with policy regimes; with a drift.

    At every origin only the regimes begun by then are known, and the last of them goes on.
    """

    def with_policy(months: pd.PeriodIndex, origin: pd.Period) -> pd.DataFrame:
        return counterfactual_regressors(months, policy, str(origin))

    def without(months: pd.PeriodIndex, origin: pd.Period) -> pd.DataFrame:
        return new_year_regressors(months)

    return {
        "same month a year before": seasonal_naive,
        "level and season": local_level(without),
        "level, season and regimes": local_level(with_policy),
        "level, season, regimes and drift": local_level(with_policy, drift=True),
    }
