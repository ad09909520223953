"""Workbooks as customs print the table: a blank row, title, unit of value, two rows of header.

`python tests/tradedata/workbooks.py` writes february.xls anew, with xlwt, which no test needs. The
layout is that of the .xls on customs' Chinese site; the numbers are invented.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from openpyxl import Workbook

Cell = str | float | None
BULLETIN_HEADER = (
    "month,name,level,unit,quantity,amount_10k_cny,pct_change_year_quantity,pct_change_year_amount"
)
BULLETIN_ROWS = [
    "2025-01,农产品*,0,,,50,,10",
    "2025-01,苹果,1,吨,10,5,25,",
    "2025-01,稀土及其制品,0,吨,100,9,25,8",
    "2025-01,稀土,1,吨,40,3,0,-10",
    "2025-01,新三样产品*,0,,,7,,1",
    "2026-01,农产品*,0,,,,,",
    "2026-01,苹果,1,吨,0,,-100,",
    "2026-01,稀土及其制品,0,吨,150,9,51,8",
    "2026-01,稀土,1,吨,60,3,49,-10",
    "2026-01,新三样产品*,0,,,7,,1",
]
"""Two Januaries: 100 t of rare earths and products, 40 of them raw; then 150 and 60."""
TITLE = "（13）2026年2月出口主要商品量值表（人民币值）"
UNIT = "单位：万元人民币"
HEADER: list[list[Cell]] = [
    [
        *["商品名称", "计量单位", "2月", None, "1至2月累计", None],
        *["2月比去年同期±%", None, "累计比去年同期±%", None],
    ],
    [None, None, *["数量", "金额"] * 4],
]
LINES: list[list[Cell]] = [
    ["农产品*", "-", "-", 55, "-", 105, "-", 4.5, "-", 3],
    ["  苹果", "吨", 12, 6, 12, 6, 20, 10, 20, 10],
    ["稀土及其制品", "吨", 140, 8.5, 290, 17.5, -5, 1, 20, 4],
    ["  其中：", None, None, None, None, None, None, None, None, None],
    ["  稀土", "吨", 50, 2, 110, 5, 25, -33.3, 40, -16.7],
    ["新三样产品*", "-", "-", "*REF!", "-", "#REF!", "-", "*REF!", "-", "*REF!"],
    ["注：带“*”的商品与本表其他商品有交叉。"],
]


def grid(
    title: str = TITLE, unit: str = UNIT, lines: Sequence[list[Cell]] = LINES
) -> list[list[Cell]]:
    return [[], [title], [unit], *HEADER, *lines]


def write_xlsx(path: Path, rows: Sequence[Sequence[Cell]]) -> Path:
    book = Workbook()
    for row in rows:
        book.active.append(list(row))
    book.save(path)
    return path


def write_xls(path: Path, rows: Sequence[Sequence[Cell]]) -> Path:
    import xlwt

    book = xlwt.Workbook()
    sheet = book.add_sheet("Sheet1")
    for down, row in enumerate(rows):
        for across, cell in enumerate(row):
            if cell == "#REF!":
                sheet.row(down).set_cell_error(across, cell)
            elif cell is not None:
                sheet.write(down, across, cell)
    book.save(str(path))
    return path


if __name__ == "__main__":
    write_xls(Path(__file__).with_name("february.xls"), grid())
