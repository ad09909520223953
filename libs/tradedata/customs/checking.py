"""What the columns, cells, partners and pairs of rows of a download must keep to."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
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
Lines = Sequence[int]
"""The line number of each row."""


def refusal(
    path: Path, found: str, advice: str, line: int | None = None, column: str | None = None
) -> TableError:
    """The one message a file gets: its name, the place, what was found and what to do."""
    shown = found if len(found) <= SHOWN else f"{found[:SHOWN]}…"
    places = ([f"line {line}"] if line else []) + ([f"column {column}"] if column else [])
    place = f" {', '.join(places)}:" if places else ""
    return TableError(f"{path}:{place} found {shown!r}; {advice}")


@dataclass(frozen=True)
class Problem:
    """A row that cannot be right: its position, the column, what was found, what to do."""

    row: int
    column: str
    found: str
    advice: str


@dataclass(frozen=True)
class Rule:
    """What a cell must look like (or must not), and what to do when it does not."""

    column: str
    pattern: str
    matches: bool
    advice: str

    def breaks(self, text: str) -> bool:
        """Whether `text` breaks the rule."""
        return bool(re.fullmatch(self.pattern, text)) is not self.matches


RULES = (
    Rule(PRODUCT, r"[^０-９]*", True, WIDE),
    Rule(MONTH, r"[^０-９]*", True, WIDE),
    Rule(MONTH, r"[0-9]{4}", False, "a whole year: ask the page for months (分月展示)"),
    Rule(MONTH, r"(19|20)[0-9]{2}(0[1-9]|1[0-2])", True, "needs a month as YYYYMM"),
    Rule(PARTNER_CODE, r"[0-9A-Za-z]{1,8}", True, f"needs customs' partner code: {AGAIN}"),
    Rule(PARTNER, r"\s*", False, f"the partner has no name: {AGAIN}"),
    Rule(
        UNIT, r"千克|公斤", True, "needs kilograms (千克); another unit cannot be turned into them"
    ),
    Rule(QUANTITY, r"[^０-９，．－]*", True, WIDE),
    Rule(QUANTITY, r"[-−].*[0-9].*", False, f"a quantity cannot be negative: {AGAIN}"),
    Rule(
        QUANTITY,
        r"[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?|[0-9]+(\.[0-9]+)?",
        True,
        f"needs a number of kilograms: {AGAIN}",
    ),
)


def cell_problems(texts: pd.DataFrame) -> Iterator[Problem]:
    """The cells that break a rule; `texts` are the rows as printed, under the file's columns."""
    for rule in RULES:
        cells = texts[rule.column].tolist()
        broken = {text for text in set(cells) if rule.breaks(text)}
        for row, text in enumerate(cells):
            if text in broken:
                yield Problem(row, rule.column, text, rule.advice)


def row_problems(rows: pd.DataFrame, lines: Lines) -> Iterator[Problem]:
    """Quantities, partners and repetitions that cannot be right, in rows already read."""
    for row, kilograms in enumerate(rows["kilograms"]):
        if kilograms > MOST_KILOGRAMS:
            advice = "more kilograms than the world takes in a month: another unit, or a slip"
            yield Problem(row, QUANTITY, f"{kilograms:,.0f}", f"{advice}: {AGAIN}")
    yield from _partners(rows, lines)
    yield from _repeats(rows, lines)


def _partners(rows: pd.DataFrame, lines: Lines) -> Iterator[Problem]:
    first: dict[str, tuple[int, str]] = {}
    for row, (code, name) in enumerate(zip(rows["partner_code"], rows["partner"], strict=True)):
        if name == CHINA:
            yield Problem(row, PARTNER, f"{name}, {code}", IMPORTS)
        if is_group(name):
            advice = "a sum of partners: ask the page for single partners, or delete such rows"
            yield Problem(row, PARTNER, name, advice)
        earlier, known = first.setdefault(code, (row, name))
        if name != known:
            advice = f"line {lines[earlier]} calls code {code} {known!r}: {AGAIN}"
            yield Problem(row, PARTNER, name, advice)


def _repeats(rows: pd.DataFrame, lines: Lines) -> Iterator[Problem]:
    first: dict[tuple[object, ...], int] = {}
    key = [name for name in rows.columns if name not in ("partner", "kilograms")]
    for row, values in enumerate(rows[key].itertuples(index=False, name=None)):
        earlier = first.setdefault(values, row)
        if earlier == row:
            continue
        before, now = rows["kilograms"].iloc[[earlier, row]]
        advice = f"the same row as line {lines[earlier]}: delete one of them, or {AGAIN}"
        if before != now:
            value = f"{before:,.0f} kg"
            advice = f"line {lines[earlier]} says {value} for the same month and partner: {AGAIN}"
        found = f"{rows['month'].iloc[row]:%Y%m} {rows['partner'].iloc[row]} {now:,.0f} kg"
        yield Problem(row, QUANTITY, found, advice)
