"""Printed tables of customs, pages and workbooks, in every shape they were seen in."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from contracts import TableError
from tradedata.bulletin.printed import known_name, name_key, read_page, read_workbook
from workbooks import LINES, TITLE, UNIT, grid, write_xlsx

HERE = Path(__file__).parent
RAW = HERE.parents[1] / "data" / "raw"
EXPORTS = "（13）Major Export Commodities in Quantity and Value,1-12.2024"
HEADER = ["Commodity", "Quantity Unit", "12", "1to12", "Percentage Change"]
AIR = ["Air conditioners", "10000N", "481", "669,343", "6,159", "8,987,530", "32.5", "35.0"]
"""As customs printed it on 23 January 2025."""


def page(rows, title=EXPORTS, unit="Unit:US$1,000", header=HEADER, pairs=3, lead=0):
    below = ["Quantity", "Value"] * pairs
    blank = [""] * lead
    cells = [[title], [unit], [*blank, *header], below, *([*blank, *row] for row in rows)]
    lines = ["<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in cells]
    return (
        f"<html><body><table><tr><td>menu</td></tr></table><table>{''.join(lines)}</table></body>"
    )


def test_a_line_as_printed_agrees_with_the_shipped_bulletin():
    table = read_page(page([AIR]), "p")
    assert (table.flow, table.month, table.money) == ("export", "2024-12", "amount_1k_usd")
    line = table.lines.iloc[0]
    assert (line["printed"], line["unit"]) == ("Air conditioners", "个")
    assert line["month_quantity"] == 4_810_000
    assert line["total_quantity"] == 61_590_000
    assert line["month_amount"] == 669_343
    bulletin = pd.read_csv(RAW / "bulletin.csv").set_index(["month", "name"])
    shipped = bulletin.loc[("2024-12", "空调")]
    assert shipped["quantity"] * 10_000 == line["month_quantity"]
    assert shipped["pct_change_year_quantity"] == line["change_quantity"]


def test_january_has_no_sum_and_may_have_an_empty_column_in_front():
    header = ["Commodity", "Quantity Unit", "1", "Percentage Change"]
    row = ["Meat(including&nbsp; meat offal)", "10000T", "3", "156,964", "-1.5", "2"]
    for lead in (0, 1):
        table = read_page(
            page([row], EXPORTS.replace("1-12", "1"), header=header, pairs=2, lead=lead), "p"
        )
        line = table.lines.iloc[0]
        assert table.month == "2024-01"
        assert (line["month_quantity"], line["month_amount"]) == (30_000, 156_964)
        assert pd.isna(line["total_quantity"])
        assert line["change_quantity"] == -1.5


def test_two_months_printed_together_are_a_sum():
    header = ["Commodity", "Quantity Unit", "1 to 2", "Percentage Change"]
    row = ["Apples", "T", "10", "20", "1", "2"]
    line = read_page(page([row], EXPORTS.replace("1-12", "1-2"), header=header, pairs=2), "p")
    assert line.month == "2024-02"
    assert pd.isna(line.lines["month_quantity"]).all()
    assert line.lines["total_quantity"].tolist() == [10]


def test_an_empty_label_of_the_month_is_the_month():
    header = ["Commodity", "Quantity Unit", "", "1to12", "Percentage Change"]
    assert read_page(page([AIR], header=header), "p").lines["month_quantity"].tolist() == [
        4_810_000
    ]


def test_levels_spoilt_cells_headings_and_notes():
    rows = [
        ["Agriculture products*", "-", "-", "5", "-", "9", "-", "1.0"],
        ["&nbsp;&nbsp;Of which:", "", "", "", "", "", "", ""],
        ["&nbsp;&nbsp;Apples", "10000T", "2", "1", "3", "2", "1.0", "1.0"],
        ["&nbsp;&nbsp;&nbsp;&nbsp;Green", "T", "5", "1", "5", "2", "-", "-"],
        ["&nbsp;&nbsp;Apples", "N", "7", "1", "7", "2", "-", "-"],
        ["New trio *", "-", "-", "*REF!", "-", "*REF!", "-", "*REF!"],
        ["Note: * overlaps", "", "", "", "", "", "", "1"],
    ]
    lines = read_page(page(rows), "p").lines
    assert lines["printed"].tolist() == [
        *("Agriculture products*", "Apples", "Green", "Apples #2", "New trio *"),
    ]
    assert lines["level"].tolist() == [0, 1, 2, 1, 0]
    assert lines["month_quantity"].fillna(-1).tolist() == [-1, 20_000, 5, 7, -1]
    assert lines["month_amount"].fillna(-1).tolist() == [5, 1, 1, 1, -1]


def test_an_unknown_unit_stays_as_printed():
    line = read_page(page([[AIR[0], "10000X", *AIR[2:]]]), "p").lines.iloc[0]
    assert (line["unit"], line["month_quantity"]) == ("10000X", 481)


def test_a_table_within_a_table_under_its_title():
    text = page([AIR], title="").replace("<html><body>", "").replace("</body>", "")
    nested = f"<html><h2>{EXPORTS}</h2><table><tr><td>{text}</td></tr></table></html>"
    assert read_page(nested, "p").lines["month_quantity"].tolist() == [4_810_000]


def test_a_page_in_yuan_says_so():
    assert read_page(page([AIR], unit="Unit:RMB￥10,000"), "p").money == "amount_10k_cny"


def test_imports_are_told_from_the_title():
    assert read_page(page([AIR], EXPORTS.replace("Export", "Import")), "p").flow == "import"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            page([AIR], "（2）Imports and Exports by Country,12.2024"),
            "another table than Major Exp",
        ),
        (page([AIR], unit="Unit:Galactic Credits"), "unit of value is not one of those known"),
        (page([AIR], header=["Item", *HEADER[1:]]), "no header with a column Commodity"),
        (page([AIR], header=[*HEADER[:2], "11", *HEADER[3:]]), "found the header '11 | 1to12 |"),
        (page([AIR], header=[*HEADER[:2], "Price", *HEADER[3:]]), "found the header 'Price"),
        (page([AIR], header=HEADER[:4], pairs=2), "needs pairs of quantity and value for month 12"),
        (page([]), "the table of 2024-12 holds no lines"),
        (page([[*AIR[:2], "n/a", *AIR[3:]]]), "Air conditioners: found 'n/a', needs a number"),
        (page([[*AIR[:2], "-481", *AIR[3:]]]), "Air conditioners: found a quantity or value below"),
        ("<html><body>Bad gateway</body></html>", "the page holds no table"),
        ("", "the page is empty"),
    ],
)
def test_what_is_no_such_table_is_told_in_a_line(text, told):
    with pytest.raises(TableError) as error:
        read_page(text, "the page of 2024-12")
    assert str(error.value).startswith("the page of 2024-12")
    assert told in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("kind", ["xls", "xlsx"])
def test_workbooks_of_both_kinds_say_the_same(tmp_path, kind):
    path = HERE / "february.xls" if kind == "xls" else write_xlsx(tmp_path / "t.xlsx", grid())
    table = read_workbook(path)
    assert (table.flow, table.month, table.money) == ("export", "2026-02", "amount_10k_cny")
    lines = table.lines.set_index("printed")
    assert list(lines.index) == ["农产品*", "苹果", "稀土及其制品", "稀土", "新三样产品*"]
    assert lines.loc["稀土", ["month_quantity", "month_amount"]].tolist() == [50, 2]
    assert lines.loc["稀土", ["change_quantity", "change_amount"]].tolist() == [25, -33.3]
    assert lines["level"].tolist() == [0, 1, 0, 1, 0]
    assert lines.loc["新三样产品*", ["month_amount", "total_amount"]].isna().all(), "spoilt cells"


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        (grid("2026年2月全国出口重点商品量值表（人民币值）"), "another table than"),
        (grid(unit="单位：亿"), "unit of value"),
        (grid(lines=[]), "holds no lines"),
        ([["a", "b"], [1, 2]], "another table than"),
    ],
)
def test_other_workbooks_are_refused(tmp_path, rows, told):
    with pytest.raises(TableError, match=told):
        read_workbook(write_xlsx(tmp_path / "t.xlsx", rows))


@pytest.mark.parametrize("content", [b"PK\x03\x04 cut off", b"\xd0\xcf\x11\xe0 cut off"])
def test_a_broken_workbook_is_told(tmp_path, content):
    path = tmp_path / "broken.xlsx"
    path.write_bytes(content)
    with pytest.raises(TableError, match="not a workbook that can be read"):
        read_workbook(path)


def test_dollars_are_told_from_the_unit(tmp_path):
    rows = grid(TITLE.replace("人民币", "美元"), UNIT.replace("万元人民币", "千美元"), LINES)
    assert read_workbook(write_xlsx(tmp_path / "t.xlsx", rows)).money == "amount_1k_usd"


def test_spellings_differ_in_brackets_blanks_and_capitals():
    names = {name_key("Meat (including meat offal)"): "肉", name_key("Hi-tech products*"): "高"}
    names[name_key("Hi-tech products")] = "高"
    for printed in ("Meat(including  meat offal)", "MEAT（including meat offal）"):
        assert known_name(printed, names) == "肉"
    assert known_name("Hi-tech products *", names) == "高"
    assert known_name("Hi-tech products", names) == "高"
    assert known_name("Fur garments", names) is None
