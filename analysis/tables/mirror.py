"""Exports beside what importers report."""

from __future__ import annotations

import pandas as pd
import pandera.pandas as pa
from contracts import Table
from pandera.typing.pandas import Series
from tradedata.destinations import DESTINATION


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
