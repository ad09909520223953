"""What a source is: where it is, what it gives, and how its rows become tonnes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from tradedata.fetch.errors import changed
from tradedata.fetch.web import Web

Row = dict[str, str]
MonthRows = tuple[str, list[Row]]


@dataclass(frozen=True)
class Source:
    """One source.

    `fetch` asks for months ("2024-01"), `months_a_request` at most and without gaps, and yields
    each month with its rows (none: not published); `tidy` turns the kept rows, all text, into the
    columns of ReportedFlows that a row can tell.
    """

    name: str
    title: str
    producer: str
    page: str
    licence: str
    address: str
    columns: tuple[str, ...]
    months_a_request: int
    fetch: Callable[[Web, Sequence[str]], Iterator[MonthRows]]
    tidy: Callable[[pd.DataFrame], pd.DataFrame]
    key_name: str = ""
    key_page: str = ""
    key_needed: bool = False


def pick(source: str, row: Mapping[str, Any], columns: Sequence[str]) -> Row:
    """The wanted fields of a row as text; raises FetchError when one is not there."""
    lost = [name for name in columns if name not in row]
    if lost:
        raise changed(source, f"a row has no field {lost[0]!r} (it has {', '.join(map(str, row))})")
    return {name: _text(row[name]) for name in columns}


def numbers(source: str, rows: pd.DataFrame, column: str) -> pd.Series:
    """A column of kept rows as numbers, missing where empty; raises FetchError for other text."""
    found = pd.to_numeric(rows[column].replace("", None), errors="coerce")
    wrong = rows.loc[found.isna() & (rows[column] != ""), column]
    if len(wrong):
        raise changed(source, f"{column}: found {wrong.iloc[0]!r}, needs a number")
    return found.astype(float)


def _text(value: object) -> str:
    return "" if value is None else str(value).strip()
