"""The tables of trade data: official exports and reported flows."""

from __future__ import annotations

import pandas as pd
from contracts import Table, column, gaps
from pandera.typing.pandas import Series

from tradedata.destinations import DESTINATION

KILOGRAMS_IN_A_TONNE = 1000


class OfficialExports(Table):
    """What customs themselves say: one row a cell that a kept download holds."""

    destination: Series[str] = column(
        "ISO 3166 alpha-3, WLD, EU27, or where ISO has no code GRP_GACC and customs'.",
        str_matches=DESTINATION,
    )
    month: Series[pd.Timestamp] = column("First day of the month.")
    tonnes: Series[float] = column("Customs' kilograms, divided by 1,000.", ge=0)
    partner: Series[str] = column("Customs' name of the destination.")
    file: Series[str] = column("The download in data/raw/customs it comes from.")
    vintage: Series[pd.Timestamp] = gaps(
        "Day the download was saved; empty while it has no origin record."
    )

    class Config(Table.Config):
        """One row a destination and month."""

        unique = ("destination", "month")


class ReportedFlows(Table):
    """What statistical offices report of trade in magnets with China: one row a value.

    One row a source, month, flow, reporter, partner and product code.
    """

    source: Series[str] = column("Who was asked: the folder in data/raw.")
    month: Series[pd.Timestamp] = column("First day of the month.")
    flow: Series[str] = column(
        "Seen from the reporter: `export` or `import`.", isin=("export", "import")
    )
    reporter: Series[str] = column(
        "Whose customs say so; EU27, or where ISO has no code GRP_M49 and the UN's.",
        str_matches=DESTINATION,
    )
    partner: Series[str] = column(
        "The other side, coded likewise; WLD is the world.", str_matches=DESTINATION
    )
    product: Series[str] = column(
        "The reporter's own code; six digits hold other metal magnets too.",
        str_matches=r"^\d{6,10}$",
    )
    kilograms: Series[float] = gaps("Net weight; empty where none was reported.", ge=0)
    file: Series[str] = column("The snapshot it comes from.")
    vintage: Series[pd.Timestamp] = column("Day of the fetch.")

    class Config(Table.Config):
        """One row a value."""

        unique = ("source", "month", "flow", "reporter", "partner", "product")
