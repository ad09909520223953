"""The vintages of the data: what was known at the end of each month in which something came out."""

from __future__ import annotations

import pandas as pd
from tradedata.customs import days_saved

from analysis.study import Cleaning
from analysis.vintages.known import days_out
from analysis.vintages.making import settle_known


def vintage_days(
    figures: pd.DataFrame, sources: pd.DataFrame, cleaning: Cleaning, most: int
) -> list[str]:
    """The last days of the last `most` months in which a page or a customs download came out."""
    pages = days_out(figures[figures["series"] == cleaning.series], sources)["day"].dropna()
    days = [*pages, *map(pd.Timestamp, days_saved(cleaning.raw))]
    months = sorted({pd.Period(day, freq="M") for day in days})
    return [f"{month.end_time:%Y-%m-%d}" for month in months[-most:]]


def exports_by_vintage(
    figures: pd.DataFrame,
    sources: pd.DataFrame,
    exports: pd.DataFrame,
    cleaning: Cleaning,
    most: int,
) -> dict[str, pd.DataFrame]:
    """The table Exports as it was known on each of `vintage_days`; the last is `exports` itself."""
    *earlier, last = vintage_days(figures, sources, cleaning, most)
    known = {
        day: settle_known(figures, sources, cleaning.model_copy(update={"as_of": day})).exports
        for day in earlier
    }
    return {**known, last: exports}


def describe_dates(figures: pd.DataFrame, sources: pd.DataFrame) -> str:
    """How many figures' dates are known, and how long after its month a dated page came out."""
    out = days_out(figures, sources).set_index("source_id")
    ends = figures.groupby("source_id")["period_end"].max() + pd.offsets.MonthEnd(0)
    lag = (out["day"] - ends).dt.days[out["shown"]]
    shown = figures["source_id"].map(out["shown"])
    first, last = lag.quantile([0.25, 0.75])
    return (
        f"{out['shown'].sum()} of {len(out)} pages, with {shown.mean():.0%} of the figures, show "
        f"when they came out. Half of these did so {first:.0f} to {last:.0f} days after the last "
        f"month they speak of, and {(lag > 31).mean():.0%} more than a month after."
    )
