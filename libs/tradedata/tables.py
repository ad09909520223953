"""The tables of trade data: official exports and reported flows."""

from __future__ import annotations

import pandas as pd
import pandera.pandas as pa
from contracts import Table
from pandera.typing.pandas import Series

from tradedata.destinations import DESTINATION


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
