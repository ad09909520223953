"""What changes as data come in."""

from __future__ import annotations

import pandas as pd
import pandera.pandas as pa
from contracts import Table
from pandera.typing.pandas import Series
from tradedata.destinations import DESTINATION


class Revisions(Table):
    """What the last vintage of the data changed: one row a destination and month that differs."""

    destination: Series[str] = pa.Field(
        str_matches=DESTINATION, description="As in the exports table."
    )
    month: Series[pd.Timestamp] = pa.Field(description="First day of the month.")
    change: Series[str] = pa.Field(
        isin=("added", "settled", "revised", "refined", "unsettled", "withdrawn"),
        description="`added`: not known before; `settled`: known too roughly before, now data; "
        "`revised`: moved to tonnes ruled out before; `refined`: other bounds that overlap; "
        "`unsettled`: data before, now too rough; `withdrawn`: no longer known.",
    )
    old_tonnes: Series[float] = pa.Field(ge=0, nullable=True, description="Best estimate before.")
    old_lower: Series[float] = pa.Field(ge=0, nullable=True, description="Least tonnes before.")
    old_upper: Series[float] = pa.Field(ge=0, nullable=True, description="Greatest tonnes before.")
    new_tonnes: Series[float] = pa.Field(ge=0, nullable=True, description="Best estimate now.")
    new_lower: Series[float] = pa.Field(ge=0, nullable=True, description="Least tonnes now.")
    new_upper: Series[float] = pa.Field(ge=0, nullable=True, description="Greatest tonnes now.")

    class Config(Table.Config):
        """One row a destination and month."""

        unique = ("destination", "month")


class RealTime(Table):
    """The headline estimates as they would have been: one row a vintage of the data and study."""

    vintage: Series[pd.Timestamp] = pa.Field(
        description="Day as of which the data are: the end of a month in which some came out."
    )
    study: Series[str] = pa.Field(description="Name of the study.")
    destination: Series[str] = pa.Field(description="Whose imports from China.")
    headline: Series[str] = pa.Field(
        isin=("counterfactual", "swing"),
        description="`counterfactual`: the average effect; `swing`: the change beyond season.",
    )
    start: Series[str] = pa.Field(description="First month it is about.")
    end: Series[str] = pa.Field(description="Last month it is about.")
    estimate: Series[float] = pa.Field(nullable=True, description="Point estimate, percent.")
    lower: Series[float] = pa.Field(
        nullable=True, description="Lower end of the interval, percent."
    )
    upper: Series[float] = pa.Field(
        nullable=True, description="Upper end of the interval, percent."
    )
    level: Series[float] = pa.Field(nullable=True, description="Coverage of the interval.")
    p_value: Series[float] = pa.Field(
        ge=0, le=1, nullable=True, description="p-value of no effect."
    )
    verdict: Series[str] = pa.Field(
        isin=("below", "above", "within noise", "not told"),
        description="On which side of zero the interval lies, if on one.",
    )
    reason: Series[str] = pa.Field(description="Why it could not be told.")

    class Config(Table.Config):
        """One row a vintage and study."""

        unique = ("vintage", "study")
