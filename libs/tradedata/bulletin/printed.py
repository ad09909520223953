"""A table of major commodities as customs print it, in Chinese or English, page or workbook.

A title with the month, the unit of money, two lines of header (commodity, unit, then pairs of
quantity and value: the month, the year to date, changes on the year before), then a line a
commodity, indented below what it is part of. January's table has no year to date; where January and
February are printed together, the first pair is both months'. An English title reads `(13) Major
Export Commodities in Quantity and Value,1-7.2026`, a Chinese one `（13）2026年7月出口主要商品量值表
（人民币值）`.
"""

from __future__ import annotations

import re
import unicodedata
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from contracts import TableError
from lxml import etree, html

from tradedata.bulletin.units import base_unit, money_unit

TITLES = {
    r"Major\s+(?P<flow>Export|Import)\s+Commodities\s+in\s+Quantity\s+and\s+Value\s*[,，]?\s*"
    r"(?:(?P<first>\d{1,2})\s*(?:-|to)\s*)?(?P<month>\d{1,2})\.\s*(?P<year>\d{4})",
    r"(?P<year>\d{4})年(?:(?P<first>\d{1,2})\s*[-—至]\s*)?(?P<month>\d{1,2})月"
    r"(?P<flow>出口|进口)主要商品量值表",
}
ASKED = "Major Export Commodities in Quantity and Value (出口主要商品量值表)"
FLOWS = {"出口": "export", "进口": "import", "export": "export", "import": "import"}
COMMODITY = re.compile("commodity|商品名称", re.IGNORECASE)
NOTE = re.compile(r"(注|说明|备注|note)\s*[:：\d]", re.IGNORECASE)
CHANGE = re.compile("change|±|比去年|同比", re.IGNORECASE)
TOTAL = re.compile(r"累计|\b1\s*(?:to|-|—|至)\s*\d{1,2}", re.IGNORECASE)
MONTH = re.compile(r"(\d{1,2})月?|当月")
SIDES = {"数量": "quantity", "quantity": "quantity", "金额": "amount", "value": "amount"}
MEASURES = ("quantity", "amount")
BLANK = frozenset({"", "-", "—", "--"})
SPOILT = re.compile(r"[*#][A-Z/0]+[!?]?")
"""What spreadsheets leave in a cell that could not be computed, such as `*REF!`."""
ROWS = "./tr | ./thead/tr | ./tbody/tr"
"""A table's own rows, not those of tables within it."""
SPACE = " \t\r\n\u00a0\u3000"


@dataclass(frozen=True)
class Printed:
    """One printed table, and in what money column its values belong.

    `lines`, in printed order: printed (name), level, unit (base, or as printed), and quantity and
    amount of the `month`, of the `total` (year to date) and of the `change` (of the month, percent)
    under names such as `total_quantity`, in base units and the money column's; else NaN.
    """

    flow: str
    month: str
    money: str
    lines: pd.DataFrame


def read_workbook(path: Path) -> Printed:
    """The table on the first sheet of an .xls or .xlsx, or TableError."""
    try:
        with warnings.catch_warnings(action="ignore"):  # of what else the file may hold
            sheet = pd.read_excel(path, header=None, dtype=object, na_filter=False)
    except Exception as error:  # xlrd, openpyxl and zipfile raise their own for a broken file
        reason = " ".join(str(error).split())
        raise TableError(f"{path}: not a workbook that can be read ({reason})") from None
    return read_cells([list(map(_text, row)) for row in sheet.to_numpy()], str(path))


def read_page(text: str, where: str) -> Printed:
    """The largest table of an HTML page, or TableError."""
    try:
        page = html.fromstring(text)
    except etree.ParserError:
        raise TableError(f"{where}: the page is empty") from None
    tables = [
        [
            [cell.text_content() for cell in row.iterchildren("td", "th")]
            for row in table.xpath(ROWS)
        ]
        for table in page.iter("table")
    ]
    if not tables:
        raise TableError(f"{where}: the page holds no table")
    outside = " ".join(page.text_content().split())  # a title may stand above the table
    return read_cells(max(tables, key=len), where, outside)


def _text(cell: object) -> str:
    return f"{cell:.10g}" if isinstance(cell, float) else str(cell)


def read_cells(rows: Sequence[Sequence[str]], where: str, outside: str = "") -> Printed:
    """The table in a grid of texts, or TableError naming `where` and what was found.

    `outside` is text in which title and unit of value may stand if they do not in the grid.
    """
    top = next((n for n, row in enumerate(rows) if any(map(COMMODITY.search, row))), len(rows))
    above = [cell for row in [*rows[:top], [outside]] for cell in row if cell.strip(SPACE)]
    flow, first, month = _title(above, where)
    money = next((unit for text in above if (unit := money_unit(text))), None)
    if not money:
        raise TableError(f"{where}: the unit of value is not one of those known, such as US$1,000")
    if top >= len(rows) - 1:
        raise TableError(f"{where}: no header with a column Commodity (商品名称)")
    place = next(n for n, cell in enumerate(rows[top]) if COMMODITY.search(cell))
    pairs = _pairs(rows[top][place + 2 :], rows[top + 1], first, int(month[5:]), where)
    lines = _lines(rows[top + 2 :], place, pairs, where)
    if not lines:
        raise TableError(f"{where}: the table of {month} holds no lines")
    return Printed(flow, month, money[0], _tidy(lines, money[1], where))


def _title(above: Sequence[str], where: str) -> tuple[str, int, str]:
    """Direction of trade, first and last month that a title names."""
    for text in above:
        for pattern in TITLES:
            if found := re.search(pattern, text, re.IGNORECASE):
                last = int(found["month"])
                if not 1 <= last <= 12:
                    raise TableError(f"{where}: found the month {last} in {found[0]!r}")
                month = f"{found['year']}-{last:02}"
                return FLOWS[found["flow"].lower()], int(found["first"] or last), month
    shown = next((text.strip(SPACE)[:80] for text in above), "")
    raise TableError(f"{where}: found {shown!r}, which is another table than {ASKED}")


def _pairs(
    header: Sequence[str], below: Sequence[str], first: int, month: int, where: str
) -> list[str]:
    """What each pair of columns holds: `month`, `total`, `change`, or `` for what is not needed."""
    labels = [text for cell in header if (text := cell.strip(SPACE))]
    sides = [SIDES.get(cell.strip(SPACE).lower(), "") for cell in below if cell.strip(SPACE)]
    kinds = [_kind(label, month) for label in labels]
    if len(kinds) == len(sides) // 2 - 1 and "month" not in kinds:
        kinds.insert(0, "month")  # some years leave the label of the month empty
    wanted = "month" in kinds or ("total" in kinds and first < month)
    if sides != [*MEASURES] * len(kinds) or "?" in kinds or not wanted or "change" not in kinds:
        shown = " | ".join([*labels, *(cell.strip(SPACE) for cell in below if cell.strip(SPACE))])
        raise TableError(
            f"{where}: found the header {shown!r}, needs pairs of quantity and value for month "
            f"{month}, the year to date and the change on the year before"
        )
    return ["" if kind in kinds[:place] else kind for place, kind in enumerate(kinds)]


def _kind(label: str, month: int) -> str:
    if CHANGE.search(label):
        return "change"
    if TOTAL.search(label):
        return "total"
    found = MONTH.fullmatch(label)
    return "month" if found and (not found[1] or int(found[1]) == month) else "?"


def _lines(
    rows: Sequence[Sequence[str]], place: int, pairs: Sequence[str], where: str
) -> list[dict[str, object]]:
    lines = []
    for row in rows:
        cells = list(row[place:])
        if len(cells) < 4 or NOTE.match(cells[0].strip(SPACE)):
            continue
        name, unit, *values = cells
        if not name.strip(SPACE) or not any(value.strip(SPACE) for value in [unit, *values]):
            continue
        numbers = {
            f"{kind}_{side}": _number(text, f"{where}: {name.strip(SPACE)}")
            for kind, *pair in zip(pairs, values[::2], values[1::2], strict=False)
            if kind
            for side, text in zip(MEASURES, pair, strict=True)
        }
        lines.append({"printed": name, "unit": unit.strip(SPACE), **numbers})
    return lines


def _number(text: str, where: str) -> float:
    plain = unicodedata.normalize("NFKC", text).replace(",", "").strip(SPACE)
    if plain in BLANK or SPOILT.fullmatch(plain):
        return float("nan")
    try:
        return float(plain)
    except ValueError:
        raise TableError(f"{where}: found {text.strip(SPACE)!r}, needs a number") from None


def _tidy(lines: list[dict[str, object]], factor: float, where: str) -> pd.DataFrame:
    names = [f"{kind}_{side}" for kind in ("month", "total", "change") for side in MEASURES]
    table = pd.DataFrame(lines).reindex(columns=["printed", "unit", *names])
    indents = table["printed"].map(lambda name: len(name) - len(name.lstrip(SPACE)))
    units = {text: _unit(text) for text in table["unit"].unique()}
    per_unit = table["unit"].map({text: unit[1] for text, unit in units.items()})
    for kind in ("month", "total"):
        table[f"{kind}_quantity"] *= per_unit
        table[f"{kind}_amount"] *= factor
        if (below := table[[f"{kind}_{side}" for side in MEASURES]].lt(0).any(axis=1)).any():
            name = table.loc[below, "printed"].iloc[0].strip(SPACE)
            raise TableError(f"{where}: {name}: found a quantity or value below nought")
    table.insert(1, "level", indents.rank(method="dense").astype(int) - 1)
    table["unit"] = table["unit"].map({text: unit[0] for text, unit in units.items()})
    table["printed"] = [" ".join(name.split()) for name in table["printed"]]
    again = table.groupby("printed").cumcount()  # a name that stands there again gets its number
    numbered = table["printed"] + " #" + (again + 1).astype(str)
    return table.assign(printed=table["printed"].where(again == 0, numbered))


def _unit(text: str) -> tuple[str, float]:
    """The base unit and its factor; an unknown unit stays as it is printed."""
    try:
        return base_unit(text)
    except TableError:
        return text, 1.0


def name_key(printed: str) -> str:
    """What a spelling is known by: brackets, blanks and capitals do not matter."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", printed)).casefold()


def known_name(printed: str, names: Mapping[str, str]) -> str | None:
    """The line that a spelling names; `names` maps keys to lines. An asterisk may be lacking."""
    key = name_key(printed)
    return names.get(key) or names.get(key.rstrip("*"))
