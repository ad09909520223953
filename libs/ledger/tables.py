"""The tables of a ledger: what was printed, where, and what it bounds."""

from __future__ import annotations

import re
from typing import cast

import pandas as pd
import pandera.pandas as pa
from contracts import Table, column, gaps
from contracts.contract import DAY_OR_MONTH, MONTHLY
from pandera.typing.pandas import Series
from tradedata.destinations import DESTINATION, destination_name

UNITS = {
    "tonnes": "tonnes",
    "pct_change_month": "percent",
    "pct_change_year": "percent",
    "share_pct": "percent",
    "rank": "rank",
    "usd": "usd",
    "usd_per_kg": "usd_per_kg",
    "usd_per_tonne": "usd_per_tonne",
}
"""What is printed, and the unit it is printed in."""
MEASURES = tuple(UNITS)
LEAST = {"pct_change_month": -100.0, "pct_change_year": -100.0, "rank": 1.0}
"""The least value of a measure; of all others 0."""
GRADES = ("customs", "agency", "press", "trade press", "reprint", "unverified site")
"""Who answers for a page, best first."""
URL = r"https?://\S+\Z"


def is_destination(code: str) -> bool:
    """Whether a code names destinations that exist, none of them twice, or one group."""
    names = re.split("[+-]", code.removeprefix("GRP_"))
    one_group = code.startswith("GRP_") and len(names) == 1
    known = one_group or all(destination_name(name) != name for name in names)
    return bool(re.fullmatch(DESTINATION, code)) and known and len(set(names)) == len(names)


class Products(Table):
    """The export series that figures are about, one row a series."""

    series: Series[str] = column(
        "Stable name.", unique=True, str_matches=r"[a-z0-9]+(_[a-z0-9]+)*\Z"
    )
    code: Series[str] = column(
        "Customs' code of it; empty where it is no single line of the tariff.",
        str_matches=r"([0-9]{8})?\Z",
    )
    name: Series[str] = column("What it is called in a sentence.", str_length={"min_value": 1})
    unit: Series[str] = column("Unit of its quantities.", str_matches=r"tonnes\Z")
    part_of: Series[str] = column(
        "The series that holds all of it, to every destination; empty for none."
    )
    parts: Series[str] = column(
        "Whether the series that are part of this one make up `all` or `some` of it.",
        isin=("all", "some", ""),
    )

    @pa.dataframe_check(error="part_of names a series of the table, another one")
    def _part_of_exists(cls, frame: pd.DataFrame) -> pd.Series:
        known = frame["part_of"].isin(["", *frame["series"]])
        return cast(pd.Series, known & (frame["part_of"] != frame["series"]))


class Figures(Table):
    """Published figures: one row a printed number, `value` as printed."""

    figure_id: Series[str] = column(
        "Stable name of the row.", unique=True, str_matches=r"f[0-9]+\Z"
    )
    series: Series[str] = column("Which export series the figure is about.")
    destination: Series[str] = column(
        "ISO 3166 alpha-3, WLD, EU27, REG_ (continent), GRP_A+B (sum) or GRP_WLD-USA."
    )
    period_start: Series[pd.Timestamp] = column(
        "First month of the period, inclusive.", metadata=MONTHLY
    )
    period_end: Series[pd.Timestamp] = column(
        "Last month of the period, inclusive.", metadata=MONTHLY
    )
    measure: Series[str] = column(
        "What the number is; pct_change_ compares whole periods.", isin=MEASURES
    )
    value: Series[str] = column(
        "The number as printed: its digits tell its precision.",
        str_matches=r"-?[0-9]{1,15}(\.[0-9]{1,15})?\Z",
    )
    unit: Series[str] = column("Unit of `value`.")
    approximate: Series[bool] = column("The source wrote *about*, *nearly* or *more than*.")
    source_id: Series[str] = column("The page it was read on.")
    note: Series[str] = column("What a reader should know about this row.")

    @pa.check("destination", error="a destination that exists, none named twice")
    def _destination_exists(cls, destination: pd.Series) -> pd.Series:
        known = {code: is_destination(code) for code in destination.unique()}
        return destination.map(known).astype(bool)

    @pa.dataframe_check(error="period_end comes before period_start")
    def _period_in_order(cls, frame: pd.DataFrame) -> pd.Series:
        return cast(pd.Series, frame["period_start"] <= frame["period_end"])

    @pa.dataframe_check(error="the unit does not fit the measure")
    def _unit_fits(cls, frame: pd.DataFrame) -> pd.Series:
        return cast(pd.Series, frame["unit"] == frame["measure"].map(UNITS))

    @pa.dataframe_check(error="the value is below what the measure can be")
    def _value_possible(cls, frame: pd.DataFrame) -> pd.Series:
        least = frame["measure"].map(LEAST).fillna(0.0)
        return cast(pd.Series, pd.to_numeric(frame["value"], errors="coerce") >= least)


class Sources(Table):
    """Where figures were read: publisher, the newsroom behind it, address, date."""

    source_id: Series[str] = column("Stable name of the page.", unique=True)
    publisher: Series[str] = column("Who published the page.", str_length={"min_value": 1})
    newsroom: Series[str] = column(
        "The independent newsroom that the page's text goes back to.", str_length={"min_value": 1}
    )
    url: Series[str] = column(
        "Address of the page; empty where none was kept.", str_matches=f"({URL})?\\Z"
    )
    published: Series[str] = column(
        "Day or month of publication, where one was shown.", real_day=DAY_OR_MONTH
    )
    grade: Series[str] = column(
        "Who answers for the page: `customs` themselves; a news `agency`; the `press`, for what "
        "its own desk wrote; the `trade press`, price reporters and institutes; a known "
        "publisher's `reprint` of another newsroom; an `unverified site`, where nobody could be "
        "told or no address was kept.",
        isin=GRADES,
    )


class RejectedFigures(Table):
    """Published figures that the others contradict."""

    figure_id: Series[str] = column("The doubted figure.", unique=True)
    verdict: Series[str] = column(
        "`mismatch`: off by rounding or a near convention; `rejected`: cannot be true.",
        isin=("mismatch", "rejected"),
    )
    stated: Series[str] = column("What was printed.")
    implied_lower: Series[float] = gaps(
        "Least value that the kept figures imply, in the unit of the figure."
    )
    implied_upper: Series[float] = gaps(
        "Greatest value that the kept figures imply, in the unit of the figure."
    )
    conflicts_with: Series[str] = column(
        "A smallest set of kept figures that contradict it, joined by semicolons; "
        "`customs` where only customs' own values do.",
        str_length={"min_value": 1},
    )


class Exports(Table):
    """Tonnes by destination and month: one row a cell that the published figures bound."""

    destination: Series[str] = column(
        "ISO 3166 alpha-3, WLD, or a group such as GRP_WLD-USA (all but the US).",
        str_matches=DESTINATION,
    )
    month: Series[pd.Timestamp] = column("First day of the month.")
    tonnes: Series[float] = gaps(
        "Midpoint of the bounds; empty when they are too wide to count as observed.", ge=0
    )
    lower: Series[float] = column("Least tonnes that the kept figures allow.", ge=0)
    upper: Series[float] = column("Greatest tonnes that the kept figures allow.", ge=0)
    status: Series[str] = column(
        "`official` (customs), `stated` (printed) or `derived` from other figures.",
        isin=("official", "stated", "derived"),
    )
    newsrooms: Series[int] = column("Independent newsrooms behind the cell.", ge=0)
    figure_ids: Series[str] = column("Published figures behind the cell, joined by semicolons.")

    class Config(Table.Config):
        """One row a destination and month."""

        unique = ("destination", "month")

    @pa.dataframe_check(error="tonnes lies outside its bounds")
    def _within_bounds(cls, frame: pd.DataFrame) -> pd.Series:
        inside = (frame["lower"] <= frame["tonnes"]) & (frame["tonnes"] <= frame["upper"])
        return cast(pd.Series, inside | frame["tonnes"].isna())
