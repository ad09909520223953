"""When each page came out, and which figures were known by a day."""

from __future__ import annotations

import pandas as pd
from contracts import TableError
from ledger.printed import MEASURES

RELEASE_DAY = 20
"""About this day customs publish a month's exports by country, the month after."""


def days_out(figures: pd.DataFrame, sources: pd.DataFrame) -> pd.DataFrame:
    """When each page came out: columns source_id, day, and shown, whether the page says so.

    A page that shows a month only counts from the month's last day. One that shows no date counts
    from the day on which customs published the last month it speaks of, the earliest it can have
    come out; a page without figures then has no day. `figures` and `sources` keep the contracts
    of that name.
    """
    pages = sources.set_index("source_id")
    shown = pages["published"] != ""
    days = pd.to_datetime(pages["published"].replace("", None), format="ISO8601")
    days = days.where(pages["published"].str.len() != len("2025-04"), days + pd.offsets.MonthEnd(0))
    last = figures.groupby("source_id")["period_end"].max().reindex(pages.index)
    days = days.fillna(last + pd.DateOffset(months=1, days=RELEASE_DAY - 1))
    return pd.DataFrame({"day": days, "shown": shown}).reset_index()


def known_figures(figures: pd.DataFrame, sources: pd.DataFrame, as_of: str) -> pd.DataFrame:
    """The figures whose pages had come out by the day `as_of`; all of them if it is empty."""
    if not as_of:
        return figures
    out = days_out(figures, sources).set_index("source_id")["day"]
    days = figures["source_id"].map(out)
    return figures[days <= pd.Timestamp(as_of)].reset_index(drop=True)


def require_known(figures: pd.DataFrame, sources: pd.DataFrame, series: str, as_of: str) -> None:
    """Raise TableError if nothing printed of `series` had come out by the day `as_of`."""
    of_series = figures[(figures["series"] == series) & figures["measure"].isin(MEASURES)]
    out = days_out(figures, sources).set_index("source_id")["day"]
    first = of_series["source_id"].map(out).min()
    if first > pd.Timestamp(as_of):
        raise TableError(
            f"as_of: found {as_of!r}, but the first figure of {series} came out on "
            f"{first:%Y-%m-%d}; give a later day, or nothing for everything"
        )
