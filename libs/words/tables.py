"""Cells and heads of a table in words."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from words import IDENTIFIER, number

DAY = r"(20\d\d-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?)"
DATES = re.compile(f"{DAY}(?: to {DAY})?")
"""A month or a day, or from one to another, that is the whole of a cell or of a heading."""


@dataclass(frozen=True)
class Wording:
    """How tables are said: their `heads`, and the codes that stand in some columns.

    `columns` says the texts of a column, by its name; `code` those that `codes` match anywhere.
    """

    heads: Mapping[str, str]
    columns: Mapping[str, Callable[[str], str]]
    codes: re.Pattern[str]
    code: Callable[[str], str]

    def of(self, table: pd.DataFrame, digits: int = 0) -> pd.DataFrame:
        """The table with cells and heads as text.

        Numbers that are not whole by type have `digits` decimals, p-values and levels their own;
        what is missing is a dash; months, days, names and yes or no are in words.
        """
        texts = {str(name): self._texts(column, digits) for name, column in table.items()}
        return pd.DataFrame(texts, index=table.index).rename(columns=self._head)

    def text(self, text: str) -> str:
        """A sentence with the codes and the words of code in it as a reader says them."""
        said = self.codes.sub(lambda found: self.code(found[0]), text)
        return re.sub(rf"\b{IDENTIFIER.pattern}\b", lambda found: found[0].replace("_", " "), said)

    def _head(self, name: str) -> str:
        """A column's name in words: `effect_pct` as `effect, %`, `lower_80` as `lower 80 %`."""
        known = self.heads.get(name) or re.sub(r"_pct$", ", %", _dated(name))
        known = re.sub(r"^p_value_", "p, ", known)
        return re.sub(r"_(80|95)$", r" \1 %", known).replace("_", " ")

    def _texts(self, column: pd.Series, digits: int) -> list[str]:
        is_probability = "p_value" in str(column.name)
        own = 3 if is_probability else 2 if column.name == "level" else digits
        if pd.api.types.is_float_dtype(column):
            return [_number(value, own, is_probability) for value in column]
        said: Callable[[str], str] = self.columns.get(str(column.name), self._words)
        return [
            said(value) if isinstance(value, str) and value else self._words(value)
            for value in column
        ]

    def _words(self, value: Any) -> str:
        """A cell that is no decimal number as a reader says it."""
        if pd.api.types.is_bool(value):
            return "yes" if value else "no"
        if value is None or value is pd.NaT or (isinstance(value, float) and pd.isna(value)):
            return "–"
        if isinstance(value, pd.Timestamp):
            value = f"{value:%Y-%m}" if value.is_month_start else f"{value:%Y-%m-%d}"
        text = str(value)
        if self.codes.fullmatch(text):
            return self.code(text)
        return text.replace("_", " ") if IDENTIFIER.fullmatch(text) else _dated(text)


def iso_days(dates: pd.DataFrame) -> pd.DataFrame:
    """Columns of days as text, a dash where there is none: `date_effective` as `effective`."""
    days: pd.DataFrame = dates.apply(lambda column: column.dt.strftime("%Y-%m-%d").fillna("–"))
    return days.rename(columns=lambda name: name.removeprefix("date_"))


def _dated(text: str) -> str:
    """Months and days in words where they are the whole of `text`; else as it is."""
    if not (found := DATES.fullmatch(text)):
        return text
    days = [(one, pd.Timestamp(one)) for one in found.groups() if one]
    said = [f"{day:%b %Y}" if len(one) == 7 else f"{day:%-d %b %Y}" for one, day in days]
    return " to ".join(day.replace(" ", "\u00a0") for day in said)


def _number(value: float, digits: int, is_probability: bool) -> str:
    if pd.isna(value):
        return "–"
    return "< 0.001" if is_probability and value < 0.001 else number(value, digits)
