"""The regressors of a counterfactual of monthly exports: New Year and the policy in force.

Where a baseline knows January or February of one year or two, the New Year of these cannot be told
from season and noise, and what was fitted to them would be carried to later years: it is left out.
"""

from __future__ import annotations

import pandas as pd

from analysis.events import Regime, continued, regime_exposure
from analysis.new_year import new_year_regressors

LEAST_YEARS = 3
"""Years whose January or February is known, from which on the New Year has regressors."""


def counterfactual_regressors(
    months: pd.PeriodIndex, regimes: tuple[Regime, ...], baseline_end: str
) -> pd.DataFrame:
    """Lunar New Year, and the regimes begun by `baseline_end` with the last one continued."""
    return new_year_regressors(months).join(_regimes(months, regimes, baseline_end))


def series_regressors(
    series: pd.Series, regimes: tuple[Regime, ...], baseline_end: str
) -> pd.DataFrame:
    """The same over the months of a series, the New Year as far as its baseline knows it."""
    months = pd.PeriodIndex(series.index)
    return calm_regressors(series, baseline_end).join(_regimes(months, regimes, baseline_end))


def calm_regressors(series: pd.Series, baseline_end: str | pd.Period) -> pd.DataFrame:
    """The New Year over a series' months; no column if its baseline knows too few of it."""
    found = new_year_regressors(pd.PeriodIndex(series.index))
    known = pd.PeriodIndex(series.loc[:baseline_end].dropna().index)
    years = known[known.month <= 2].year.nunique()
    return found.iloc[:, :0] if 0 < years < LEAST_YEARS else found


def _regimes(
    months: pd.PeriodIndex, regimes: tuple[Regime, ...], baseline_end: str
) -> pd.DataFrame:
    return regime_exposure(months, continued(regimes, pd.Period(baseline_end, freq="M")))
