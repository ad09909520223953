"""What newsrooms printed, where, and which policy events and claims it is held against."""

from __future__ import annotations

from typing import cast

import pandas as pd
import pandera.pandas as pa
from pandera.typing.pandas import Series

from analysis.tables.contract import DESTINATION, Table

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


class Events(Table):
    """Dated policy events; an empty `date_effective` means none was stated."""

    event_id: Series[str] = pa.Field(unique=True, description="Stable name of the event.")
    name: Series[str] = pa.Field(
        unique=True,
        str_length={"min_value": 1, "max_value": 34},
        description="What it is called in figures.",
    )
    date_announced: Series[pd.Timestamp] = pa.Field(
        nullable=True, description="Day it was announced."
    )
    date_effective: Series[pd.Timestamp] = pa.Field(
        nullable=True, description="Day it took or was to take effect; empty where none was stated."
    )
    date_suspended: Series[pd.Timestamp] = pa.Field(
        nullable=True, description="Day another event of the catalogue suspended it, if one did."
    )
    actor: Series[str] = pa.Field(description="Who acted.")
    kind: Series[str] = pa.Field(description="What sort of measure it is.")
    targets: Series[str] = pa.Field(
        description="Whom it is aimed at, ISO 3166 alpha-3 or WLD, joined by semicolons."
    )
    products: Series[str] = pa.Field(description="What it covers.")
    legal_reference: Series[str] = pa.Field(description="The legal act.")
    summary: Series[str] = pa.Field(description="What happened, and where sources disagree.")
    source_url: Series[str] = pa.Field(description="Where it was read.")
    source_publisher: Series[str] = pa.Field(description="Who published that page.")
    source_date: Series[str] = pa.Field(description="When that page was published.")
    confidence: Series[str] = pa.Field(
        isin=("low", "medium", "high"), description="How sure the date and the event are."
    )


class EventDisagreements(Table):
    """Where sources give another date or value for an event."""

    event_id: Series[str] = pa.Field(description="The event.")
    field: Series[str] = pa.Field(description="What the sources disagree on.")
    value_in_events_csv: Series[str] = pa.Field(description="What events.csv says.")
    alternative: Series[str] = pa.Field(description="What another source says.")
    alternative_source_url: Series[str] = pa.Field(description="Where it says so.")
    note: Series[str] = pa.Field(description="Why they may differ.")


class Claims(Table):
    """Statements of press reports, to be checked."""

    claim_id: Series[str] = pa.Field(unique=True, description="Stable name of the claim.")
    seed: Series[str] = pa.Field(description="The press report it comes from, by its file name.")
    statement: Series[str] = pa.Field(description="The claim, in our words.")
    kind: Series[str] = pa.Field(description="How it can be checked.")
    destination: Series[str] = pa.Field(
        description="Whom it is about; empty where it is about no destination."
    )
    month: Series[str] = pa.Field(
        str_matches=r"^\d{4}-(0[1-9]|1[0-2])$", description="The month it is about."
    )
    measure: Series[str] = pa.Field(description="What it states.")
    stated: Series[str] = pa.Field(description="The value it states, where it states one.")
