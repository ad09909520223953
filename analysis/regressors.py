"""The regressors of a counterfactual of monthly exports: New Year and the policy in force.

Where a baseline knows January or February of one year or two, the New Year of these cannot be told
from season and noise, and what was fitted to them would be carried to later years: it is left out.
"""

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


LEAST_YEARS = 3
"""Years whose January or February is known, from which on the New Year has regressors."""


def series_regressors(
    series: pd.Series, policy: tuple[Regime, ...], baseline_end: str
) -> pd.DataFrame:
    """`counterfactual_regressors` over a series' months, as far as its baseline knows them."""
    months = pd.PeriodIndex(series.index)
    found = counterfactual_regressors(months, policy, baseline_end)
    return found.drop(columns=untold_calendar(series, baseline_end))


def calm_regressors(series: pd.Series, baseline_end: pd.Period) -> pd.DataFrame:
    """The New Year over a series' months, as far as its calm months know it."""
    found = new_year_regressors(pd.PeriodIndex(series.index))
    return found.drop(columns=untold_calendar(series, baseline_end))


def untold_calendar(series: pd.Series, baseline_end: str | pd.Period) -> list[str]:
    """The New Year's columns, if the baseline knows too few of the months it moves in."""
    known = pd.PeriodIndex(series.loc[:baseline_end].dropna().index)
    years = known[known.month <= 2].year.nunique()
    return list(new_year_regressors(known).columns) if 0 < years < LEAST_YEARS else []
