"""What the columns, cells, partners and pairs of rows of a download must keep to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
from contracts import TableError

from tradedata.customs.partners import is_group

MONTH = "数据年月"
PRODUCT = "商品编码"
PARTNER_CODE = "贸易伙伴编码"
PARTNER = "贸易伙伴名称"
QUANTITY = "第一数量"
UNIT = "第一计量单位"
MODE = ("贸易方式编码", "贸易方式名称")
PROVINCE = ("注册地编码", "注册地名称")
MISSING = {
    MONTH: "the file is not month by month: ask the page for months (分月展示)",
    PRODUCT: "the column is missing: ask the page for product (商品) as an output field",
    PARTNER_CODE: "the column is missing: ask the page for partner (贸易伙伴) as an output field",
    PARTNER: "the column is missing: ask the page for partner (贸易伙伴) as an output field",
    QUANTITY: "the file holds no quantity, only values: download it again with the first quantity",
    UNIT: "the quantity has no unit, so it may be pieces: download it again with the first unit",
}
"""The columns a download needs, and what to do about each that is not there."""
NEEDED = tuple(MISSING)
KNOWN = frozenset(
    (*NEEDED, *MODE, *PROVINCE, "商品名称", "第二数量", "第二计量单位", "人民币", "美元")
)
AGAIN = "download the file again from the customs query page and do not open it in between"
MOST_KILOGRAMS = 20_000_000
"""Three times what the whole world took in the largest month published."""
WIDE = f"full-width digits: type them as 0-9, or {AGAIN}"

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


RULES = (
    (PRODUCT, r"[^０-９]*", True, WIDE),
    (MONTH, r"[^０-９]*", True, WIDE),
    (MONTH, r"[0-9]{4}", False, "a whole year: ask the page for months (分月展示)"),
    (MONTH, r"(19|20)[0-9]{2}(0[1-9]|1[0-2])", True, "needs a month as YYYYMM"),
    (PARTNER_CODE, r"[0-9A-Za-z]{1,8}", True, f"needs customs' partner code: {AGAIN}"),
    (PARTNER, r"\s*", False, f"the partner has no name: {AGAIN}"),
    (UNIT, r"千克|公斤", True, "needs kilograms (千克); another unit cannot be turned into them"),
    (QUANTITY, r"[^０-９，．－]*", True, WIDE),
    (QUANTITY, r"[-−].*[0-9].*", False, f"a quantity cannot be negative: {AGAIN}"),
    (
        *(QUANTITY, r"[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?|[0-9]+(\.[0-9]+)?", True),
        f"needs a number of kilograms: {AGAIN}",
    ),
)
"""Of each column a pattern, whether its cells must or must not be so, and what to do if not."""

Problem = tuple[int, str, str, str]
"""A cell that cannot be right: its row (the line of the file), column, what was found, advice."""


def cell_problems(texts: pd.DataFrame) -> Iterator[Problem]:
    """The cells that break a rule; `texts` are the rows as printed, by line of the file."""
    for column, pattern, matches, advice in RULES:
        fits = {text: bool(re.fullmatch(pattern, text)) for text in texts[column].unique()}
        for line, text in texts.loc[texts[column].map(fits) != matches, column].items():
            yield int(str(line)), column, text, advice


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
