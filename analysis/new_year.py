"""Regressors for the Lunar New Year, which moves between January and February.

Two regressors, as X-13ARIMA-SEATS' genhol makes them: the shares of the `WINDOW` days before and
of the `WINDOW` days from New Year's Day on that fall in each month (Bell and Hillmer 1983; Lin and
Liu 2003 for the New Year). Each is centred by calendar month over `SPAN`, so that month effects
keep the usual New Year and the regressors only its moving.
"""

from __future__ import annotations

from datetime import date
from functools import cache

import pandas as pd
from effects import EffectError
from holidays import country_holidays

WINDOW = 15
"""Days from New Year's Day to the Lantern Festival, which closes the holiday; as many before."""
SPAN = (1950, 2049)
"""Years over which the regressors are centred, long enough for every date to have its turn."""


def new_year_dates(first: int, last: int) -> list[date]:
    """New Year's Day of each year from `first` to `last` in China's calendar."""
    calendar = country_holidays("CN", years=range(first, last + 1), language="en_US")
    found = {day.year: day for day in sorted(calendar, reverse=True) if _is_new_year(calendar[day])}
    return [found[year] for year in range(first, last + 1)]


def _is_new_year(name: str) -> bool:
    return any(part.startswith("Chinese New Year (") for part in name.split("; "))


def day_shares(days: list[date], first: int, last: int) -> pd.Series:
    """Share of an interval of `days` from `first` to `last` after each that falls in each month."""
    starts = pd.PeriodIndex(days, freq="D")
    shifted = [month for shift in range(first, last + 1) for month in (starts + shift).asfreq("M")]
    return pd.Series(1 / (last - first + 1), index=pd.PeriodIndex(shifted)).groupby(level=0).sum()


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
    days = new_year_dates(*SPAN)
    span = pd.period_range(f"{SPAN[0]}-01", f"{SPAN[1]}-12", freq="M")
    shares = pd.DataFrame(
        {
            "new_year_before": day_shares(days, -WINDOW, -1),
            "new_year_after": day_shares(days, 0, WINDOW - 1),
        }
    ).reindex(span, fill_value=0.0)
    shares = shares.fillna(0.0)
    return shares - shares.groupby(span.month).transform("mean")
