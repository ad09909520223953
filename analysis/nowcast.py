"""Months of the world that no newsroom printed, estimated from customs' wider series.

Customs' monthly bulletin prints rare earths with their products, and rare earths. Their difference
holds the magnets of the series studied and a few other goods, some hundreds of tonnes a month. An
estimate is the wider series less that difference's mean over the months known of both; it is
never a bound, and a study takes it in only where its parameter says so.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from contracts import read_table
from effects import EffectError
from ledger.series import monthly_series
from scipy import stats
from tradedata.bulletin import difference_quantities

from analysis.goods import PART, WHOLE
from analysis.study import Study
from analysis.tables import Nowcast

LEAST = 12
"""Months known of both series without which nothing is estimated."""
LEVEL = 0.95
"""Coverage of the estimates' intervals."""
DESTINATION = "WLD"


def nowcast(exports: pd.DataFrame, bulletin: pd.DataFrame) -> pd.DataFrame:
    """Every month of the wider series, what it implies and what is known: the contract Nowcast.

    The interval of a known month, Student's t for one more gap of which so many are known, is made
    without that month, so how many of them lie inside their own is a fair count of the interval's
    coverage. Raises EffectError where fewer than LEAST months are known of both.
    """
    wider = difference_quantities(bulletin, WHOLE, PART).dropna()
    known = monthly_series(exports, DESTINATION).reindex(wider.index)
    gap, kept = (wider - known).fillna(0), known.notna().to_numpy()
    if kept.sum() < LEAST:
        raise EffectError(
            f"{kept.sum()} months are known of the series and of customs' wider one; at least "
            f"{LEAST} are needed"
        )
    others = kept.sum() - kept
    mean = (gap.sum() - gap) / others
    variance = ((gap**2).sum() - gap**2 - others * mean**2) / (others - 1)
    reach = stats.t.ppf((1 + LEVEL) / 2, others - 1) * np.sqrt(variance * (1 + 1 / others))
    return pd.DataFrame(
        {
            "destination": DESTINATION,
            "month": pd.PeriodIndex(wider.index).to_timestamp(),
            "wider": wider.to_numpy(),
            "tonnes": (wider - mean).to_numpy(),
            "lower": (wider - mean - reach).to_numpy(),
            "upper": (wider - mean + reach).clip(upper=wider).to_numpy(),
            "known": known.to_numpy(),
            "status": "estimated",
        }
    )


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
