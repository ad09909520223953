"""The exports table as monthly series and panels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import pandas as pd
from contracts import TableError

Value = Literal["tonnes", "lower", "upper"]


def monthly_series(exports: pd.DataFrame, destination: str, value: Value = "tonnes") -> pd.Series:
    """Tonnes a month to one destination on every month from its first to its last.

    The index is a monthly PeriodIndex; a month without an observation (or, for a bound, without
    a row) is NaN.
    """
    asked = (exports["destination"] == destination) & exports["tonnes"].notna()
    if not asked.any():
        known = ", ".join(sorted(exports.loc[exports["tonnes"].notna(), "destination"].unique()))
        raise TableError(f"exports: no observed month of {destination!r}; it has {known}")
    months = pd.PeriodIndex(exports["month"][asked], freq="M")
    every = pd.period_range(months.min(), months.max(), freq="M", name="month")
    values = exports[value][asked].to_numpy()
    return pd.Series(values, index=months, name=destination).reindex(every)


def monthly_panel(
    exports: pd.DataFrame, destinations: Sequence[str], value: Value = "tonnes"
) -> pd.DataFrame:
    """Tonnes a month, months × destinations, NaN where a month is not observed."""
    asked = exports["tonnes"].notna() & exports["destination"].isin(destinations)
    seen = exports[["destination", "month", value]][asked]
    for code in set(destinations).difference(seen["destination"]):
        monthly_series(exports, code, value)  # which says what there is
    months = pd.PeriodIndex(seen["month"], freq="M", name="month")
    every = pd.period_range(months.min(), months.max(), name="month") if len(months) else months
    panel = np.full((len(every), len(destinations)), np.nan)
    columns = pd.Index(destinations).get_indexer(pd.Index(seen["destination"]))
    panel[every.get_indexer(months), columns] = seen[value]
    return pd.DataFrame(panel, every, [*destinations])


def months_known(exports: pd.DataFrame, start: str, end: str, baseline_end: str) -> pd.DataFrame:
    """How many months of each destination are observed before, in and after a window.

    start, end and baseline_end: months as 2025-04. Columns destination, before, in the window,
    after; those known best before come first.
    """
    seen = exports[exports["tonnes"].notna()]
    month = seen["month"].dt.strftime("%Y-%m").to_numpy()
    parts = pd.DataFrame(
        {
            "before": month <= baseline_end,
            "in the window": (month >= start) & (month <= end),
            "after": month > end,
        },
        index=seen["destination"],
    )
    table = parts.groupby(level=0).sum().astype("int64")
    return table.sort_values("before", ascending=False, kind="stable").reset_index()


def observed_countries(exports: pd.DataFrame) -> list[str]:
    """Single countries with an observed month: parts of the world that do not overlap."""
    seen = exports["destination"][exports["tonnes"].notna()].unique()
    return sorted(code for code in seen if len(code) == 3 and code != "WLD")


def reckoned_back(
    exports: pd.DataFrame, figures: pd.DataFrame, destination: str, last: str, after: str
) -> list[pd.Period]:
    """Months up to `last` that follow from nothing but figures about months from `after` on."""
    first = figures[["figure_id", "period_start"]].set_index("figure_id")["period_start"]
    asked = (exports["destination"] == destination) & (exports["figure_ids"] != "")
    asked &= exports["month"] <= pd.Period(last, freq="M").end_time
    rows = exports[["month", "figure_ids"]][asked]
    behind = rows.set_index("month")["figure_ids"].str.split(";").explode().map(first)
    later = behind.groupby(level=0).min() >= pd.Timestamp(f"{after}-01")
    return list(pd.PeriodIndex(later.index[later], freq="M"))
