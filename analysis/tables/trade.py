"""Tonnes by destination and month: reconciled, from customs, and from the other side."""

from __future__ import annotations

from typing import cast

import pandas as pd
import pandera.pandas as pa
from pandera.typing.pandas import Series

from analysis.tables.contract import DESTINATION, Table


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


class OfficialExports(Table):
    """What customs themselves say: one row a cell that a kept download holds."""

    destination: Series[str] = pa.Field(
        str_matches=DESTINATION,
        description="ISO 3166 alpha-3, WLD, EU27, or where ISO has no code GRP_GACC and customs'.",
    )
    month: Series[pd.Timestamp] = pa.Field(description="First day of the month.")
    tonnes: Series[float] = pa.Field(ge=0, description="Customs' kilograms, divided by 1,000.")
    partner: Series[str] = pa.Field(description="Customs' name of the destination.")
    file: Series[str] = pa.Field(description="The download in data/raw/customs it comes from.")
    vintage: Series[pd.Timestamp] = pa.Field(
        nullable=True,
        description="Day the download was saved; empty while it has no origin record.",
    )

    class Config(Table.Config):
        """One row a destination and month."""

        unique = ("destination", "month")


class ReportedFlows(Table):
    """What statistical offices report of trade in magnets with China: one row a value.

    One row a source, month, flow, reporter, partner and product code.
    """

    source: Series[str] = pa.Field(description="Who was asked: the folder in data/raw.")
    month: Series[pd.Timestamp] = pa.Field(description="First day of the month.")
    flow: Series[str] = pa.Field(
        isin=("export", "import"), description="Seen from the reporter: `export` or `import`."
    )
    reporter: Series[str] = pa.Field(
        str_matches=DESTINATION,
        description="Whose customs say so; EU27, or where ISO has no code GRP_M49 and the UN's.",
    )
    partner: Series[str] = pa.Field(
        str_matches=DESTINATION, description="The other side, coded likewise; WLD is the world."
    )
    product: Series[str] = pa.Field(
        str_matches=r"^\d{6,10}$",
        description="The reporter's own code; six digits hold other metal magnets too.",
    )
    kilograms: Series[float] = pa.Field(
        ge=0, nullable=True, description="Net weight; empty where none was reported."
    )
    file: Series[str] = pa.Field(description="The snapshot it comes from.")
    vintage: Series[pd.Timestamp] = pa.Field(description="Day of the fetch.")

    class Config(Table.Config):
        """One row a value."""

        unique = ("source", "month", "flow", "reporter", "partner", "product")


class Mirror(Table):
    """Both sides of the border: what China reports sent, and the importer received from China."""

    goods: Series[str] = pa.Field(
        isin=("rare-earth magnets", "all metal magnets"),
        description="What is compared: like codes on both sides; metal magnets are HS 850511.",
    )
    destination: Series[str] = pa.Field(
        str_matches=DESTINATION, description="The importer: ISO 3166 alpha-3 or EU27."
    )
    month: Series[pd.Timestamp] = pa.Field(description="First day of the month.")
    exporter_tonnes: Series[float] = pa.Field(
        ge=0, nullable=True, description="China's exports; empty where bounds are too wide."
    )
    exporter_lower: Series[float] = pa.Field(
        ge=0, nullable=True, description="Least exports that the kept figures allow."
    )
    exporter_upper: Series[float] = pa.Field(
        ge=0, nullable=True, description="Greatest exports that the kept figures allow."
    )
    importer_tonnes: Series[float] = pa.Field(
        ge=0, nullable=True, description="The importer's imports from China in the same month."
    )
    ratio: Series[float] = pa.Field(
        ge=0, nullable=True, description="Importer's tonnes over exporter's, same month."
    )
    lag_months: Series[float] = pa.Field(
        nullable=True,
        description="Months from export to import at which the ratio is steadiest, of 0 to 3; "
        "empty with fewer than 12 months to tell by.",
    )
    source: Series[str] = pa.Field(description="Who was asked for the importer's side.")

    class Config(Table.Config):
        """One row goods, a destination and a month."""

        unique = ("goods", "destination", "month")
