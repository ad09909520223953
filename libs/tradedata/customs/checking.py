"""What every cell, partner and pair of rows of a download must keep to."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pandas as pd

from tradedata.customs.header import AGAIN, MONTH, PARTNER, PARTNER_CODE, PRODUCT, QUANTITY, UNIT
from tradedata.customs.partners import is_group

MOST_KILOGRAMS = 20_000_000
"""Three times what the whole world took in the largest month published."""
WIDE = f"full-width digits: type them as 0-9, or {AGAIN}"

CHINA = "中国"
IMPORTS = (
    "these are imports: goods that come back to China count as imports from China, and no export "
    "goes there; ask the page for exports (出口)"
)

LineOf = Callable[[int], int]


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


def row_problems(rows: pd.DataFrame, line_of: LineOf) -> Iterator[Problem]:
    """Quantities, partners and repetitions that cannot be right, in rows already read."""
    yield from _absurd(rows)
    yield from _partners(rows, line_of)
    yield from _repeats(rows, line_of)


def _absurd(rows: pd.DataFrame) -> Iterator[Problem]:
    for row, kilograms in enumerate(rows["kilograms"]):
        if kilograms > MOST_KILOGRAMS:
            advice = "more kilograms than the world takes in a month: another unit, or a slip"
            yield Problem(row, QUANTITY, f"{kilograms:,.0f}", f"{advice}: {AGAIN}")


def _partners(rows: pd.DataFrame, line_of: LineOf) -> Iterator[Problem]:
    first: dict[str, tuple[int, str]] = {}
    for row, (code, name) in enumerate(zip(rows["partner_code"], rows["partner"], strict=True)):
        if name == CHINA:
            yield Problem(row, PARTNER, f"{name}, {code}", IMPORTS)
        if is_group(name):
            advice = "a sum of partners: ask the page for single partners, or delete such rows"
            yield Problem(row, PARTNER, name, advice)
        earlier, known = first.setdefault(code, (row, name))
        if name != known:
            advice = f"line {line_of(earlier)} calls code {code} {known!r}: {AGAIN}"
            yield Problem(row, PARTNER, name, advice)


def _repeats(rows: pd.DataFrame, line_of: LineOf) -> Iterator[Problem]:
    first: dict[tuple[object, ...], int] = {}
    key = [name for name in rows.columns if name not in ("partner", "kilograms")]
    for row, values in enumerate(rows[key].itertuples(index=False, name=None)):
        earlier = first.setdefault(values, row)
        if earlier != row:
            yield _repeat(rows, earlier, row, line_of)


def _repeat(rows: pd.DataFrame, earlier: int, later: int, line_of: LineOf) -> Problem:
    kilograms = rows["kilograms"]
    found = f"{rows['month'].iloc[later]:%Y%m} {rows['partner'].iloc[later]}"
    if kilograms.iloc[earlier] == kilograms.iloc[later]:
        advice = f"the same row as line {line_of(earlier)}: delete one of them, or {AGAIN}"
    else:
        value = f"{kilograms.iloc[earlier]:,.0f} kg"
        advice = f"line {line_of(earlier)} says {value} for the same month and partner: {AGAIN}"
    return Problem(later, QUANTITY, f"{found} {kilograms.iloc[later]:,.0f} kg", advice)
