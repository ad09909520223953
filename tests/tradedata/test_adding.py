"""Months are taken into the bulletin whole or not at all, and no value is lost."""

from __future__ import annotations

import datetime
from pathlib import Path

import pandas as pd
import pytest
from contracts import TableError, load_origin, sha256
from tradedata.bulletin import load_bulletin, year_changes
from tradedata.bulletin.adding import add_bulletin, is_bulletin
from workbooks import BULLETIN_HEADER, BULLETIN_ROWS, LINES, TITLE, UNIT, grid, write_xlsx

from analysis.customs import main

DAY = datetime.date(2026, 3, 20)


def changed(*changes: tuple[int, int, object]) -> list[list]:
    lines = [list(line) for line in LINES]
    for row, column, value in changes:
        lines[row][column] = value
    return lines


@pytest.fixture
def february(tmp_path: Path) -> Path:
    return write_xlsx(tmp_path / "出口主要商品量值表.xlsx", grid())


def month_of(folder: Path, month: str = "2026-02") -> pd.DataFrame:
    bulletin = load_bulletin(folder)
    return bulletin[bulletin["month"] == pd.Timestamp(month)].set_index("line")


def state(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_a_month_is_added_under_the_bulletin_s_names_and_levels(little, february):
    before = state(little)
    addition = add_bulletin(february, little, DAY)
    assert addition.months == ("2026-02",)
    assert not addition.lines
    told = addition.describe()
    assert "adds 1 months: 2026-02" in told
    month = month_of(little)
    assert month.loc["Rare earths and products", ["quantity", "level"]].tolist() == [140, 0]
    assert month.loc["Apples", "level"] == 1
    assert month.loc["Rare earths", "pct_change_year_amount"] == -33.3
    assert list(year_changes(load_bulletin(little)).index.astype(str))[-1] == "2026-02"
    assert addition.kept.read_bytes() == february.read_bytes()
    assert addition.kept.name == "bulletin_2026-03-20_01.xlsx"
    assert load_origin(addition.kept).sha256 == sha256(february)
    record = load_origin(little / "bulletin.csv")
    assert record.title.endswith("January 2025 to February 2026")
    assert "2026-02: from bulletin_2026-03-20_01.xlsx" in record.description
    assert record.date_accessed == DAY
    old = before["bulletin.csv"].decode()
    assert (little / "bulletin.csv").read_text(encoding="utf-8").startswith(old), "rows stay"
    assert not list(little.glob("bulletin/replaced*"))


def test_the_same_file_twice_changes_nothing(little, february):
    add_bulletin(february, little, DAY)
    before = state(little)
    assert "nothing changed" in add_bulletin(february, little, DAY).describe()
    assert state(little) == before


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        (grid(TITLE.replace("出口", "进口")), r"a table of imports \(进口\)"),
        (
            grid(TITLE.replace("人民币", "美元"), UNIT.replace("万元人民币", "千美元")),
            r"in US dollars \(美元值\)",
        ),
        (grid("（2）2026年2月进出口商品国别（地区）总值表（人民币值）"), "another table than"),
        (grid(TITLE.replace("2月", "1月")), "found the header '2月"),
        (
            grid(lines=changed((1, 0, "  香蕉"))),
            "1 lines have no row in bulletin_lines.csv.*'香蕉'",
        ),
        (grid(lines=LINES[:4] + LINES[5:]), "2026-02: lines that vanish: Rare earths"),
        (
            grid(lines=[*LINES, ["硫酸铵", "吨", 1, 1, 1, 1, 1, 1, 1, 1]]),
            "lines that appear: Ammonium sulphate",
        ),
        (
            grid(lines=changed((4, 0, "  尿素"))),
            "lines that vanish: Rare earths, lines that appear: Urea; .* the file with --revise",
        ),
        (grid(lines=changed((4, 1, "台"))), "Rare earths: found 50 pieces, usual are 50 tonnes"),
        (
            grid(
                lines=[*LINES, *([n, "吨", *[1] * 8] for n in ("稻谷及大米", "稻谷、大米及大米粉"))]
            ),
            "2026-02: two lines are both 'Rice'; see bulletin_lines.csv",
        ),
        (grid(lines=changed((4, 1, "箩"))), "found the unit '箩'"),
        (grid(lines=changed((4, 1, "万吨"))), "found 500,000 tonnes, usual are 50 tonnes"),
    ],
)
def test_what_cannot_be_right_is_told_in_a_line_and_nothing_is_taken(little, tmp_path, rows, told):
    before = state(little)
    with pytest.raises(TableError, match=told) as error:
        add_bulletin(write_xlsx(tmp_path / "t.xlsx", rows), little, DAY)
    assert str(error.value).startswith(str(tmp_path / "t.xlsx"))
    assert "\n" not in str(error.value)
    assert state(little) == before


def test_a_month_that_is_there_with_other_values_is_refused_then_revised(
    little, tmp_path, february
):
    add_bulletin(february, little, DAY)
    before = state(little)
    other = write_xlsx(tmp_path / "later.xlsx", grid(lines=changed((4, 2, 55), (4, 3, 2.5))))
    told = "2026-02 is there already and differs: Rare earths, quantity, found 55, .* says 50"
    with pytest.raises(TableError, match=told):
        add_bulletin(other, little, DAY)
    assert state(little) == before
    later = datetime.date(2026, 4, 20)
    addition = add_bulletin(other, little, later, revise=True)
    assert (addition.months, addition.revised) == ((), 2)
    month = month_of(little)
    assert month.loc["Rare earths", ["quantity", "amount_10k_cny"]].tolist() == [55, 2.5]
    assert month["quantity"].sum() == 140 + 55 + 12
    (replaced,) = little.glob("bulletin/replaced_*.csv")
    assert replaced.name == "replaced_2026-03-20_01.csv"
    assert replaced.read_bytes() == before["bulletin.csv"]
    assert load_origin(replaced).sha256 == sha256(replaced)
    assert load_bulletin(little).groupby("month").size().tolist() == [5, 5, 5]


def test_lines_may_vanish_in_january_when_customs_redo_the_list(little, tmp_path):
    january = TITLE.replace("2026年2月", "2027年1月")
    header = [
        ["商品名称", "计量单位", "1月", None, "比去年同期±%", None],
        [None, None, *["数量", "金额"] * 2],
    ]
    lines = [["农产品*", "-", "-", 55, "-", 4.5], ["  苹果", "吨", 12, 6, 20, 10]]
    path = write_xlsx(tmp_path / "t.xlsx", [[january], [UNIT], *header, *lines])
    addition = add_bulletin(path, little, DAY)
    assert addition.months == ("2027-01",)
    assert "2027-01: lines that vanish" in addition.lines[0]
    assert "Rare earths" in addition.describe()


def test_a_csv_of_the_bulletin_s_columns_is_merged_and_fills_what_is_empty(
    little, tmp_path, february
):
    """A month whose pages print dollars has no yuan; the Chinese table brings them later."""
    rows = [row.replace("2026-01", "2026-02") for row in BULLETIN_ROWS[5:]]
    values = pd.DataFrame([row.split(",") for row in rows], columns=BULLETIN_HEADER.split(","))
    values["amount_10k_cny"] = ""
    values["quantity"] = ["", "12", "140", "50", ""]
    path = tmp_path / "gacc.csv"
    values.assign(extra="x").to_csv(path, index=False)
    assert is_bulletin(path)
    assert add_bulletin(path, little, DAY).months == ("2026-02",)
    assert month_of(little)["amount_10k_cny"].isna().all()
    addition = add_bulletin(february, little, DAY)
    assert (addition.months, addition.revised, addition.filled) == ((), 0, 4)
    month = month_of(little)
    assert month.loc["Rare earths and products", ["quantity", "amount_10k_cny"]].tolist() == [
        140,
        8.5,
    ]


def test_other_units_for_the_same_quantity_are_the_same_figure(little, tmp_path, february):
    add_bulletin(february, little, DAY)
    same = write_xlsx(tmp_path / "t.xlsx", grid(lines=changed((2, 1, "万吨"), (2, 2, 0.014))))
    assert not add_bulletin(same, little, DAY).is_new


def test_a_write_that_fails_leaves_the_bulletin_as_it_was(little, february, monkeypatch):
    def full(*_, **__):
        raise OSError("no space left on device")

    before = state(little)
    monkeypatch.setattr("pandas.DataFrame.to_csv", full)
    with pytest.raises(OSError, match="no space"):
        add_bulletin(february, little, DAY)
    assert state(little) == before


def test_the_command_takes_tables_of_the_bulletin(little, february, tmp_path, capsys):
    arguments = ["--raw-dir", str(little), "--saved", "2026-03-20"]
    imports = write_xlsx(tmp_path / "i.xlsx", grid(TITLE.replace("出口", "进口")))
    assert main([str(imports), str(february), *arguments]) == 1
    said = capsys.readouterr()
    assert said.err.count("\n") == 1
    assert "adds 1 months: 2026-02" in said.out


def test_a_spelling_of_no_line_is_told(little, write, february):
    write("bulletin_spellings.csv", "printed,name\nApple,苹\n")
    with pytest.raises(TableError, match="printed 'Apple': name '苹' is in no row"):
        add_bulletin(february, little, DAY)


def test_a_table_dropped_in_the_inbox_is_taken_in(little, february, capsys):
    inbox = little / "customs"
    inbox.mkdir()
    february.rename(inbox / "table.xlsx")
    assert main(["--raw-dir", str(little)]) == 0
    assert "adds 1 months" in capsys.readouterr().out
    assert not list(inbox.iterdir())
