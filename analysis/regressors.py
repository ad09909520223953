"""The regressors of a counterfactual of monthly exports: New Year and the policy in force."""

from __future__ import annotations

import pandas as pd

from analysis.events import Regime, continued, regime_exposure
from analysis.new_year import new_year_regressors


def counterfactual_regressors(
    months: pd.PeriodIndex, regimes: tuple[Regime, ...], baseline_end: str
) -> pd.DataFrame:
    """Lunar New Year, and the regimes begun by `baseline_end` with the last one continued."""
    kept = continued(regimes, pd.Period(baseline_end, freq="M"))
    return new_year_regressors(months).join(regime_exposure(months, kept))
