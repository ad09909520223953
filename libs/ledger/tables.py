"""The tables of a ledger: what was printed, where, and what it bounds."""

from __future__ import annotations

from typing import cast

import pandas as pd
import pandera.pandas as pa
from contracts import Table
from pandera.typing.pandas import Series
from tradedata.destinations import DESTINATION

MEASURES = (
    "tonnes",
    "pct_change_month",
    "pct_change_year",
    "share_pct",
    "rank",
    "usd",
    "usd_per_kg",
    "usd_per_tonne",
)
SERIES = (
    "magnets_85051110",
    "magnets_ndfeb_broad",
    "rare_earths_and_products",
    "rare_earths_kotra",
    "rare_earths_raw",
)


class Figures(Table):
    """Published figures: one row a printed number, `value` as printed."""

    figure_id: Series[str] = pa.Field(
        unique=True, str_matches=r"^f\d+$", description="Stable name of the row."
    )
    series: Series[str] = pa.Field(
        isin=SERIES, description="Which export series the figure is about."
    )
    destination: Series[str] = pa.Field(
        str_matches=DESTINATION,
        description="ISO 3166 alpha-3, WLD, EU27, REG_ (continent), GRP_A+B (sum) or GRP_WLD-USA.",
    )
    period_start: Series[pd.Timestamp] = pa.Field(
        description="First month of the period, inclusive."
    )
    period_end: Series[pd.Timestamp] = pa.Field(description="Last month of the period, inclusive.")
    measure: Series[str] = pa.Field(
        isin=MEASURES,
        description="What the number is; pct_change_ compares whole periods.",
    )
    value: Series[str] = pa.Field(
        str_matches=r"^-?\d+(\.\d+)?$",
        description="The number as printed: its digits tell its precision.",
    )
    unit: Series[str] = pa.Field(description="Unit of `value`.")
    approximate: Series[bool] = pa.Field(
        description="The source wrote *about*, *nearly* or *more than*."
    )
    source_id: Series[str] = pa.Field(description="The page it was read on.")
    note: Series[str] = pa.Field(description="What a reader should know about this row.")

    @pa.dataframe_check(error="period_end comes before period_start")
    def _period_in_order(cls, frame: pd.DataFrame) -> pd.Series:
        return cast(pd.Series, frame["period_start"] <= frame["period_end"])


class Sources(Table):
    """Where figures were read: publisher, the newsroom behind it, address, date."""

    source_id: Series[str] = pa.Field(unique=True, description="Stable name of the page.")
    publisher: Series[str] = pa.Field(
        str_length={"min_value": 1}, description="Who published the page."
    )
    newsroom: Series[str] = pa.Field(
        str_length={"min_value": 1},
        description="The independent newsroom that the page's text goes back to.",
    )
    url: Series[str] = pa.Field(
        str_matches=r"^(https?://\S+)?$",
        description="Address of the page; empty where none was kept.",
    )
    published: Series[str] = pa.Field(
        description="Day or month of publication, where one was shown."
    )

    @pa.check(
        "published", error="a day or month that exists, like 2025-04-04 or 2025-04, or nothing"
    )
    def _published_exists(cls, published: pd.Series) -> pd.Series:
        """2025-02-30 has the form of a day and is none."""
        formed = published.where(published.str.fullmatch("[0-9]{4}-[0-9]{2}(-[0-9]{2})?"))
        days = pd.to_datetime(formed, errors="coerce", format="ISO8601")
        return cast(pd.Series, days.notna() | (published == ""))


class RejectedFigures(Table):
    """Published figures that the others contradict."""

    figure_id: Series[str] = pa.Field(unique=True, description="The doubted figure.")
    verdict: Series[str] = pa.Field(
        isin=("mismatch", "rejected"),
        description="`mismatch`: off by rounding or a near convention; `rejected`: cannot be true.",
    )
    stated: Series[str] = pa.Field(description="What was printed.")
    implied_lower: Series[float] = pa.Field(
        nullable=True,
        description="Least value that the kept figures imply, in the unit of the figure.",
    )
    implied_upper: Series[float] = pa.Field(
        nullable=True,
        description="Greatest value that the kept figures imply, in the unit of the figure.",
    )
    conflicts_with: Series[str] = pa.Field(
        str_length={"min_value": 1},
        description="A smallest set of kept figures that contradict it, joined by semicolons; "
        "`customs` where only customs' own values do.",
    )


class Exports(Table):
    """Tonnes by destination and month: one row a cell that the published figures bound."""

    destination: Series[str] = pa.Field(
        str_matches=DESTINATION,
        description="ISO 3166 alpha-3, WLD, or a group such as GRP_WLD-USA (all but the US).",
    )
    month: Series[pd.Timestamp] = pa.Field(description="First day of the month.")
    tonnes: Series[float] = pa.Field(
        ge=0,
        nullable=True,
        description="Midpoint of the bounds; empty when they are too wide to count as observed.",
    )
    lower: Series[float] = pa.Field(ge=0, description="Least tonnes that the kept figures allow.")
    upper: Series[float] = pa.Field(
        ge=0, description="Greatest tonnes that the kept figures allow."
    )
    status: Series[str] = pa.Field(
        isin=("official", "stated", "derived"),
        description="`official` (customs), `stated` (printed) or `derived` from other figures.",
    )
    newsrooms: Series[int] = pa.Field(ge=0, description="Independent newsrooms behind the cell.")
    figure_ids: Series[str] = pa.Field(
        description="Published figures behind the cell, joined by semicolons."
    )

    class Config(Table.Config):
        """One row a destination and month."""

        unique = ("destination", "month")

    @pa.dataframe_check(error="tonnes lies outside its bounds")
    def _within_bounds(cls, frame: pd.DataFrame) -> pd.Series:
        inside = (frame["lower"] <= frame["tonnes"]) & (frame["tonnes"] <= frame["upper"])
        return cast(pd.Series, inside | frame["tonnes"].isna())
