"""A made-up truth and the figures that newsrooms would print of it."""

from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

import numpy as np
import pandas as pd
from contracts import validate
from ledger.tables import Figures, Sources

SERIES = "magnets_85051110"
PLACES = ("DEU", "JPN", "USA")
FIRST = pd.Period("2023-01", "M")
MONTHS = 30


def truth(seed: int = 20250404) -> pd.DataFrame:
    """Tonnes by month and destination; the world takes more than the three that are named."""
    random = np.random.default_rng(seed)
    index = pd.period_range(FIRST, periods=MONTHS, freq="M")
    named = random.uniform(150, 1500, size=(MONTHS, len(PLACES)))
    frame = pd.DataFrame(named, index=index, columns=list(PLACES))
    return frame.assign(WLD=frame.sum(axis=1) + random.uniform(900, 3000, MONTHS))


def shown(number: float, decimals: int, cut: bool = False) -> str:
    """A number as a newsroom prints it: rounded, or cut off towards zero."""
    unit = Decimal(1).scaleb(-decimals)
    printed = Decimal(repr(float(number))).quantize(unit, ROUND_DOWN if cut else ROUND_HALF_UP)
    return f"{printed:f}"


def about(number: float) -> str:
    """A number rounded to two digits."""
    return f"{Decimal(f'{number:.2g}'):f}"


def row(place, start, end, measure, value, room="Agency", approximate=False, series=SERIES):
    """One printed figure, as the table Figures has it, but without its id."""
    return {
        "series": series,
        "destination": place,
        "period_start": pd.Period(start, "M").to_timestamp(),
        "period_end": pd.Period(end, "M").to_timestamp(),
        "measure": measure,
        "value": value,
        "unit": "tonnes" if measure == "tonnes" else "percent",
        "approximate": approximate,
        "source_id": room,
        "note": "",
    }


def tables(rows):
    """The rows as the tables Figures and Sources; ids count from f0."""
    figures = pd.DataFrame(rows)
    figures.insert(0, "figure_id", [f"f{number}" for number in range(len(figures))])
    rooms = sorted(set(figures["source_id"]))
    sources = pd.DataFrame(
        [(room, room, room, "", "", "press") for room in rooms],
        columns=list(Sources.columns),
    )
    return validate(figures, Figures, "figures"), validate(sources, Sources, "sources")


def monthly(true: pd.DataFrame) -> list[dict]:
    """Every month of every destination: tonnes, and the change on the month before."""
    return [
        figure
        for place in true
        for month in true.index[1:]
        for figure in (
            row(place, month, month, "tonnes", shown(true.loc[month, place], 0)),
            row(
                *(place, month, month, "pct_change_month"),
                shown(100 * (true.loc[month, place] / true.loc[month - 1, place] - 1), 1),
                "Paper",
            ),
        )
    ]


def totals(true: pd.DataFrame) -> list[dict]:
    """January to each month of 2024, and the change on the year before."""
    figures = []
    for place in true:
        for end in pd.period_range("2024-02", "2024-12", freq="M"):
            now = true.loc["2024-01":end, place].sum()
            before = true.loc["2023-01" : end - 12, place].sum()
            figures.append(row(place, "2024-01", end, "tonnes", shown(now, 0), "Bureau"))
            change = shown(100 * (now / before - 1), 1)
            figures.append(row(place, "2024-01", end, "pct_change_year", change, "Bureau"))
    return figures


def ledger(true: pd.DataFrame) -> list[dict]:
    """A consistent ledger."""
    return monthly(true) + totals(true)
