"""Months of the world that no newsroom printed, estimated from customs' wider series.

Customs' monthly bulletin prints rare earths with their products, and rare earths. Their difference
holds the magnets of the series studied and a few other goods, some hundreds of tonnes a month. An
estimate is the wider series less that difference's mean over the months known of both; it is
never a bound, and a study takes it in only where its parameter says so.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from contracts import TableError, read_table, write_table
from effects import EffectError
from ledger.series import monthly_series
from scipy import stats
from tradedata.bulletin import difference_quantities, load_bulletin
from words import count, month, number

from analysis.goods import PART, WHOLE
from analysis.study import Cleaning, Study
from analysis.tables import Nowcast

LEAST = 12
"""Months known of both series without which nothing is estimated."""
DESTINATION = "WLD"


@dataclass(frozen=True)
class Estimated:
    """A table Nowcast, and the difference in tonnes that its estimates take away."""

    table: pd.DataFrame
    mean: float
    deviation: float
    known: int
    inside: int


def nowcast(exports: pd.DataFrame, bulletin: pd.DataFrame, level: float = 0.95) -> Estimated:
    """Every month of the wider series, with what it implies and, where known, what was exported.

    The interval of a known month is made without that month, so how many of them lie inside their
    own is a fair count of the interval's coverage. Raises EffectError where fewer than LEAST
    months are known of both.
    """
    wider = difference_quantities(bulletin, WHOLE, PART).dropna()
    known = monthly_series(exports, DESTINATION).reindex(wider.index)
    gap = wider - known
    seen = gap.dropna()
    if len(seen) < LEAST:
        raise EffectError(
            f"{len(seen)} months are known of the series and of customs' wider one; at least "
            f"{LEAST} are needed"
        )
    middle, reach = _without_own(gap, level)
    table = pd.DataFrame(
        {
            "destination": DESTINATION,
            "month": pd.PeriodIndex(wider.index).to_timestamp(),
            "wider": wider.to_numpy(),
            "tonnes": (wider - middle).to_numpy(),
            "lower": (wider - middle - reach).to_numpy(),
            "upper": (wider - middle + reach).clip(upper=wider).to_numpy(),
            "known": known.to_numpy(),
            "status": "estimated",
        }
    )
    inside = known.between(wider - middle - reach, wider - middle + reach).sum()
    return Estimated(table, float(seen.mean()), float(seen.std()), len(seen), int(inside))


def _without_own(gap: pd.Series, level: float) -> tuple[pd.Series, pd.Series]:
    """Mean of the other months' gaps, and half a prediction interval (Student's t), by month."""
    kept = gap.notna().to_numpy()
    others = kept.sum() - kept
    total, squares = gap.sum() - gap.fillna(0), (gap**2).sum() - gap.fillna(0) ** 2
    mean = total / others
    variance = (squares - others * mean**2) / (others - 1)
    reach = stats.t.ppf((1 + level) / 2, others - 1) * np.sqrt(variance * (1 + 1 / others))
    return mean, reach


def says(found: Estimated, level: float = 0.95) -> str:
    """How the estimate is made and how it did, in words."""
    absent = found.table[found.table["known"].isna()]
    told = [
        f"{month(when)} {number(tonnes)}"
        for when, tonnes in zip(absent["month"], absent["tonnes"], strict=True)
    ]
    return (
        f"In {count(found.known, 'month')} known of both, the wider series is "
        f"{number(found.mean)} tonnes larger on average (standard deviation "
        f"{number(found.deviation)}). {found.inside} of them lie within the "
        f"{number(100 * level)} % interval made without them. "
        + (
            f"Estimated so, in tonnes: {', '.join(told)}."
            if told
            else "No month is left to estimate."
        )
    )


def attempt(exports: pd.DataFrame, asked: Cleaning) -> tuple[Estimated | None, str]:
    """The estimates, or none and why: only the series studied, as known today, has them."""
    if asked.known:
        return None, "Only the series of the report, as known today, is estimated so."
    try:
        return nowcast(exports, load_bulletin(asked.raw)), ""
    except (EffectError, TableError) as reason:
        return None, f"No month can be estimated so: {reason}."


def save(found: Estimated | None, asked: Cleaning) -> None:
    """Write the table Nowcast beside the exports of the usual series; without estimates, empty."""
    if not asked.known:
        table = Nowcast.empty() if found is None else found.table
        write_table(table, asked.processed / "nowcast.csv", Nowcast)


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
