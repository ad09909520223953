"""Months of the world that no newsroom printed, estimated from customs' wider series.

Customs' monthly bulletin prints rare earths with their products, and rare earths. Their difference
holds the magnets of the series studied and a few other goods, some hundreds of tonnes a month. An
estimate is the wider series less that difference's mean over the months known of both; it is
never a bound, and a study takes it in only where its parameter says so.
"""

from __future__ import annotations

import pandas as pd
from contracts import read_table
from effects.forecasts import by_mean_gap
from ledger.series import monthly_series
from tradedata.bulletin import difference_quantities

from analysis.goods import PART, WHOLE
from analysis.study import LEVEL, Study
from analysis.tables import Nowcast

DESTINATION = "WLD"


def nowcast(exports: pd.DataFrame, bulletin: pd.DataFrame) -> pd.DataFrame:
    """Every month of the wider series, what it implies and what is known: the contract Nowcast.

    Raises EffectError where too few months are known of both.
    """
    wider = difference_quantities(bulletin, WHOLE, PART).dropna()
    known = monthly_series(exports, DESTINATION).reindex(wider.index)
    told = by_mean_gap(wider, known, LEVEL).rename(columns={"estimate": "tonnes"})
    table = told.assign(
        destination=DESTINATION,
        month=pd.PeriodIndex(wider.index).to_timestamp(),
        wider=wider,
        upper=told["upper"].clip(upper=wider),
        known=known,
        status="estimated",
    )
    return table[list(Nowcast.columns)].reset_index(drop=True)


def filled(series: pd.Series, study: Study) -> pd.Series:
    """The series with its missing months estimated where the bulletin allows."""
    if study.known or study.destination != DESTINATION or study.value != "tonnes":
        return series
    table = read_table(study.processed / "nowcast.csv", Nowcast)
    months = pd.PeriodIndex(table["month"], freq="M")
    told = pd.Series(table["tonnes"].to_numpy(), index=months)
    every = pd.period_range(series.index[0], max(series.index[-1], months.max()), freq="M")
    longer = series.reindex(every)
    return longer.fillna(told[told.index > series.index[0]].reindex(every))


def study_series(study: Study, exports: pd.DataFrame) -> pd.Series:
    """The monthly series a study asks about, with estimated months if its parameter says so."""
    series = monthly_series(exports, study.destination, study.value)
    return filled(series, study) if study.nowcast else series
