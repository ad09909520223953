"""How a table stands in an article, and what an article answers on the front page."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pandas as pd
from contracts import write_json
from IPython.display import HTML
from tradedata.destinations import actor_name, destination_name
from words import TIMES, listed, number

HEADS = {
    "destination_name": "destination",
    "p_value": "p",
    "adjusted_p_value": "p, adjusted",
    "p_value_scaled": "p, scaled",
    "p_value_by_rank": "p, by rank",
    "p_value_by_permutation": "p, by permutation",
    "p_value_single": "p, single",
    "p_value_pair": "p, pair",
    "n_pre": "months before",
    "n_post": "months after",
    "date_lower": "earliest",
    "date_upper": "latest",
}
"""What columns are called that are not called what they are."""
CODES = re.compile(r"(?:GRP|REG)_[A-Z0-9+-]+|EU27|WLD")
DAY = r"(20\d\d-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?)"
DATES = re.compile(f"{DAY}(?: to {DAY})?")
"""A month or a day, or from one to another, that is the whole of a cell or of a heading."""
IDENTIFIER = re.compile(r"[a-z0-9]+(_[a-z0-9]+)+")


def _targets(codes: str) -> str:
    return listed(destination_name(code) for code in codes.split(";"))


NAMED: dict[str, Callable[[str], str]] = {
    "destination": destination_name,
    "country": destination_name,
    "actor": actor_name,
    "targets": _targets,
}
"""How the codes of some columns are said."""


def show_table(table: pd.DataFrame, digits: int = 0) -> HTML:
    """A table without its index, every cell in full and every tag in it as text.

    Numbers that are not whole by type have `digits` decimals (p-values and levels their own) and
    thousands separators; what is missing is a dash. Columns, months, destinations and yes or no
    are in words; the code of an event or a destination is left out beside its name. Of months in
    order, the newest comes first.
    """
    for code, name in (("event_id", "name"), ("destination", "destination_name")):
        if {code, name} <= set(table.columns):
            table = table.drop(columns=code)
    if len(table) and table.columns[0] in TIMES and table.iloc[:, 0].is_monotonic_increasing:
        table = table.iloc[::-1]
    worded = in_words(table, digits)
    with pd.option_context("display.max_colwidth", None, "display.max_rows", None):
        html = worded.to_html(index=False, escape=True, border=0, na_rep="–")
    return HTML(html)  # type: ignore[no-untyped-call]


def in_words(table: pd.DataFrame, digits: int = 0) -> pd.DataFrame:
    """Cells and heads of a table as `show_table` has them, all of them text."""
    texts = {str(name): _texts(column, digits) for name, column in table.items()}
    return pd.DataFrame(texts, index=table.index).rename(columns=_head)


def _head(name: str) -> str:
    """A column's name in words: `effect_pct` as `effect, %`, `lower_80` as `lower 80 %`."""
    known = HEADS.get(name) or re.sub(r"_pct$", ", %", _dated(name))
    return re.sub(r"_(80|95)$", r" \1 %", known).replace("_", " ")


def _dated(text: str) -> str:
    """Months and days in words where they are the whole of `text`; else as it is."""
    if not (found := DATES.fullmatch(text)):
        return text
    days = [(one, pd.Timestamp(one)) for one in found.groups() if one]
    said = [f"{day:%b %Y}" if len(one) == 7 else f"{day:%-d %b %Y}" for one, day in days]
    return " to ".join(said).replace(" 20", "\u00a020")


def _texts(column: pd.Series, digits: int) -> list[str]:
    """The cells of a column as text."""
    is_probability = "p_value" in str(column.name)
    own = 3 if is_probability else 2 if column.name == "level" else digits
    if pd.api.types.is_float_dtype(column):
        return [_number(value, own, is_probability) for value in column]
    said: Callable[[str], str] = NAMED.get(str(column.name), _words)
    return [said(value) if isinstance(value, str) and value else _words(value) for value in column]


def _words(value: Any) -> str:
    """A cell that is no decimal number as a reader says it."""
    if pd.api.types.is_bool(value):
        return "yes" if value else "no"
    if value is None or value is pd.NaT or (isinstance(value, float) and pd.isna(value)):
        return "–"
    if isinstance(value, pd.Timestamp):
        value = f"{value:%Y-%m}" if value.is_month_start else f"{value:%Y-%m-%d}"
    text = str(value)
    if CODES.fullmatch(text):
        return destination_name(text)
    return text.replace("_", " ") if IDENTIFIER.fullmatch(text) else _dated(text)


def _number(value: float, digits: int, is_probability: bool) -> str:
    if pd.isna(value):
        return "–"
    if is_probability and value < 0.001:
        return "< 0.001"
    return number(value, digits)


def write_answers(
    answers: Mapping[str, str],
    path: Path,
    tables: Mapping[str, pd.DataFrame] = MappingProxyType({}),
    news: Iterable[tuple[date, str, str]] = (),
) -> Path:
    """Write answers by question as a list of {"question", "answer"}, whole or not at all.

    `tables` are small tables that belong to an answer, by question: "rows" of it, as text. `news`
    are answers with the day from which each held, {"question", "answer", "day"}: they stand in
    the site's feed.
    """
    listed: list[dict[str, Any]] = [
        {"question": question, "answer": answer} for question, answer in answers.items()
    ]
    for one in listed:
        if len(table := tables.get(one["question"], pd.DataFrame())):
            one["rows"] = in_words(table).to_dict("records")
    dated = [{"question": one, "answer": it, "day": f"{day:%Y-%m-%d}"} for day, one, it in news]
    return write_json([*listed, *dated], path)
