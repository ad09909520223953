"""The tables of a ledger: what was printed, where, and what it bounds."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
from contracts import TableError, load_contracts
from contracts.contract import Rule
from tradedata.destinations import DESTINATION, destination_name
from tradedata.tables import PLACE

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
LEAST = {"pct_change_month": -100.0, "pct_change_year": -100.0, "rank": 1.0}
"""The least value of a measure; of all others 0."""


def is_destination(code: str) -> bool:
    """Whether a code names destinations that exist, none of them twice, or one group."""
    names = re.split("[+-]", code.removeprefix("GRP_"))
    one_group = code.startswith("GRP_") and len(names) == 1
    known = one_group or all(destination_name(name) != name for name in names)
    return bool(re.fullmatch(DESTINATION, code)) and known and len(set(names)) == len(names)


RULES: dict[str, dict[str, Rule]] = {
    "Products": {
        "part_of names a series of the table, another one": lambda rows: (
            rows["part_of"].isin(["", *rows["series"]]) & (rows["part_of"] != rows["series"])
        ),
    },
    "Figures.destination": {
        "a destination that exists, none named twice": lambda codes: codes.map(
            {code: is_destination(code) for code in codes.unique()}
        ).astype(bool),
    },
    "Figures.measure": {
        f"one of {', '.join(UNITS)}": lambda measures: measures.isin(UNITS),
    },
    "Figures": {
        "period_end comes before period_start": lambda rows: (
            rows["period_start"] <= rows["period_end"]
        ),
        "the unit does not fit the measure": lambda rows: (
            rows["unit"] == rows["measure"].map(UNITS)
        ),
        "the value is below what the measure can be": lambda rows: (
            pd.to_numeric(rows["value"], errors="coerce") >= rows["measure"].map(LEAST).fillna(0.0)
        ),
    },
    "Exports": {
        "tonnes lies outside its bounds": lambda rows: (
            rows["tonnes"].between(rows["lower"], rows["upper"]) | rows["tonnes"].isna()
        ),
    },
}
"""What cells must be beside each other, by what a row that is not so is told."""
TABLES = load_contracts(Path(__file__).with_suffix(".yaml"), PLACE, RULES)
Products = TABLES["Products"]
Figures = TABLES["Figures"]
Sources = TABLES["Sources"]
RejectedFigures = TABLES["RejectedFigures"]
Exports = TABLES["Exports"]


def find_product(products: pd.DataFrame, series: str) -> pd.Series:
    """The row of `series` in the table Products, or TableError naming the series that it has."""
    rows = products[products["series"] == series]
    if rows.empty:
        known = ", ".join(products["series"])
        raise TableError(
            f"series: found {series!r}, but there is no such product; known are {known}"
        )
    return rows.iloc[0]
