"""What the columns, cells, partners and pairs of rows of a download must keep to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
from contracts import TableError, load_beside

from tradedata.customs.partners import is_group

MONTH = "数据年月"
PRODUCT = "商品编码"
PARTNER_CODE = "贸易伙伴编码"
PARTNER = "贸易伙伴名称"
QUANTITY = "第一数量"
UNIT = "第一计量单位"
MODE = ("贸易方式编码", "贸易方式名称")
PROVINCE = ("注册地编码", "注册地名称")
TABLES = load_beside(__file__)
"""What the columns and cells of a download must be."""
MISSING: dict[str, str] = TABLES["needed"]
"""The columns a download needs, and what to do about each that is not there."""
NEEDED = tuple(MISSING)
KNOWN = frozenset((*NEEDED, *TABLES["other"]))
AGAIN: str = TABLES["again"]
MOST_KILOGRAMS = 20_000_000
"""Three times what the whole world took in the largest month published."""
CHINA = "中国"
IMPORTS = (
    "these are imports: goods that come back to China count as imports from China, and no export "
    "goes there; ask the page for exports (出口)"
)

SHOWN = 60
"""At most this many characters of a wrong value are printed."""


def refusal(
    path: Path, found: str, advice: str, line: int | None = None, column: str | None = None
) -> TableError:
    """The one message a file gets: its name, the place, what was found and what to do."""
    shown = found if len(found) <= SHOWN else f"{found[:SHOWN]}…"
    places = ([f"line {line}"] if line else []) + ([f"column {column}"] if column else [])
    place = f" {', '.join(places)}:" if places else ""
    return TableError(f"{path}:{place} found {shown!r}; {advice}")


Problem = tuple[int, str, str, str]
"""A cell that cannot be right: its row (the line of the file), column, what was found, advice."""


def cell_problems(texts: pd.DataFrame) -> Iterator[Problem]:
    """The cells that break a rule; `texts` are the rows as printed, by line of the file."""
    for rule in TABLES["rules"]:
        cells, form = texts[rule["column"]], rule.get("needs") or rule["refuses"]
        fits = {text: bool(re.fullmatch(form, text)) for text in cells.unique()}
        for line, text in cells[cells.map(fits) != ("needs" in rule)].items():
            yield int(str(line)), rule["column"], text, rule["else"].format(again=AGAIN)


def row_problems(rows: pd.DataFrame) -> Iterator[Problem]:
    """Quantities, partners and repetitions that cannot be right, in rows by line of the file."""
    for line, kilograms in rows.loc[rows["kilograms"] > MOST_KILOGRAMS, "kilograms"].items():
        advice = f"more kilograms than the world takes in a month: another unit, or a slip: {AGAIN}"
        yield int(str(line)), QUANTITY, f"{kilograms:,.0f}", advice
    to_come = rows["month"] > pd.Timestamp.today() + pd.DateOffset(years=1)
    for line, month in rows.loc[to_come, "month"].items():
        yield int(str(line)), MONTH, f"{month:%Y%m}", f"a month still to come: {AGAIN}"
    first: dict[str, tuple[int, str]] = {}
    for line, code, name in rows[["partner_code", "partner"]].itertuples(name=None):
        if name == CHINA:
            yield line, PARTNER, f"{name}, {code}", IMPORTS
        if is_group(name):
            advice = "a sum of partners: ask the page for single partners, or delete such rows"
            yield line, PARTNER, name, advice
        earlier, known = first.setdefault(code, (line, name))
        if name != known:
            yield line, PARTNER, name, f"line {earlier} calls code {code} {known!r}: {AGAIN}"
    yield from _repeats(rows)


def _repeats(rows: pd.DataFrame) -> Iterator[Problem]:
    key = rows.columns.difference(["partner", "kilograms"]).tolist()
    firsts = rows[~rows.duplicated(key)].reset_index(names="line").set_index(key)
    for row in rows[rows.duplicated(key)].itertuples():
        first = firsts.loc[tuple(getattr(row, name) for name in key)]
        advice = f"the same row as line {first['line']}: delete one of them, or {AGAIN}"
        if first["kilograms"] != row.kilograms:
            value = f"{first['kilograms']:,.0f} kg"
            said = f"line {first['line']} says {value} for the same month and partner"
            advice = f"{said}: {AGAIN}"
        found = f"{row.month:%Y%m} {row.partner} {row.kilograms:,.0f} kg"
        yield int(str(row.Index)), QUANTITY, found, advice
