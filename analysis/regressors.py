"""The regressors of monthly exports: the Lunar New Year, which moves from January to February."""

from __future__ import annotations

from datetime import date
from functools import cache

import pandas as pd
from effects import EffectError
from effects.events import around_holiday, with_policy
from effects.regimes import Policy
from holidays import country_holidays

WINDOW = 15
"""Days from New Year's Day to the Lantern Festival, which closes the holiday; as many before."""
SPAN = (1950, 2049)
"""Years over which the regressors are centred, long enough for every date to have its turn."""
LEAST_YEARS = 3
"""Years whose January or February is known, from which on the New Year has regressors.

With fewer it cannot be told from season and noise, and what was fitted to it would be carried on.
"""


def new_year_dates(first: int, last: int) -> list[date]:
    """New Year's Day of each year from `first` to `last` in China's calendar."""
    calendar = country_holidays("CN", years=range(first, last + 1), language="en_US")
    days = sorted(calendar.get_named("Chinese New Year (", lookup="startswith"), reverse=True)
    return sorted({day.year: day for day in days}.values())


def new_year_regressors(months: pd.PeriodIndex) -> pd.DataFrame:
    """Columns `new_year_before` and `new_year_after` on monthly periods from SPAN."""
    if months.freqstr != "M":
        raise EffectError(f"New Year regressors need months; found periods of {months.freqstr}")
    if len(months) and not SPAN[0] <= months.year.min() <= months.year.max() <= SPAN[1]:
        raise EffectError(f"New Year dates are known from {SPAN[0]} to {SPAN[1]} only")
    return _centred_regressors().reindex(months)


@cache
def _centred_regressors() -> pd.DataFrame:
    """The regressors for all of SPAN: the same whatever is asked."""
    return around_holiday("new_year", new_year_dates(*SPAN), WINDOW, SPAN)


def calm_regressors(series: pd.Series, baseline_end: str | pd.Period) -> pd.DataFrame:
    """The New Year over a series' months, as far as its baseline knows it.

    No column where it knows January or February of one year or more but of too few. Where it knows
    none they say which months cannot be told, and nothing of March, to which they would be fitted.
    """
    months = pd.PeriodIndex(series.index)
    found, last = new_year_regressors(months), pd.Period(baseline_end, freq="M")
    winter = months.month <= 2
    years = len(set(months.year[series.notna().to_numpy() & winter & (months <= last)]))
    if not years:
        return found.mul(winter.astype("float64"), axis="index")
    return found if years >= LEAST_YEARS else found.iloc[:, :0]


def series_regressors(series: pd.Series, policy: Policy, baseline_end: str) -> pd.DataFrame:
    """`calm_regressors`, and the policy as it stood at the baseline's end."""
    return with_policy(calm_regressors(series, baseline_end), policy, baseline_end)
