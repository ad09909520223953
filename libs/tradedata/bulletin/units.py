"""Units of quantity and of money, Chinese and English, brought to one of each kind."""

from __future__ import annotations

import re
import unicodedata

import pandas as pd
from contracts import TableError, load_beside

TABLES = load_beside(__file__)
WORDS: dict[str, str] = {"": "", **TABLES["base"]}
"""The base units as the Chinese table prints them, and in English."""
PREFIXES: dict[str, int] = {"": 1, **TABLES["prefixes"]}
NOUNS = {noun: (it["is"], it["times"]) for it in TABLES["nouns"] for noun in it["nouns"]}
"""Each noun's base unit, and how many of it one is."""


def base_unit(printed: str) -> tuple[str, float]:
    """The base unit of a printed unit, and how many of it one printed unit is.

    `万吨` and `10000T` are ("吨", 10,000). No unit (empty, `-`) is ("", 1). TableError for others.
    """
    text = re.sub(r"[\s,]", "", unicodedata.normalize("NFKC", printed)).upper()
    if text in ("", "-"):
        return "", 1.0
    for length in range(len(text)):
        if text[:length] in PREFIXES and text[length:] in NOUNS:
            base, factor = NOUNS[text[length:]]
            return base, float(PREFIXES[text[:length]] * factor)
    raise TableError(
        f"found the unit {printed!r}, which tradedata/bulletin/units.yaml does not know"
    )


def base_units(printed: pd.Series) -> tuple[pd.Series, pd.Series]:
    """The base unit of each printed unit, and how many of it one printed unit is."""
    known = {text: base_unit(text) for text in printed.unique()}
    found = pd.DataFrame(printed.map(known).to_list(), printed.index, ["base", "times"])
    return found["base"], found["times"]


def money_unit(printed: str) -> tuple[str, float] | None:
    """The column for values in a printed unit of money, and the factor to it; None if unknown."""
    text = re.sub(r"\s", "", printed).upper().replace("¥", "￥")
    known = TABLES["money"]
    found = ((it["column"], float(it["times"])) for it in known if re.search(it["form"], text))
    return next(found, None)
