"""Files as people bring them: split, imports, saved on a Mac, not by month, never printed."""

import datetime
from pathlib import Path

import pytest
from contracts import TableError
from tradedata.customs.adding import add_download
from tradedata.customs.reading import read_customs
from tradedata.customs.vintages import load_customs

from analysis.customs import main

ROOT = Path(__file__).resolve().parents[2]
DAY = datetime.date(2026, 11, 20)


def part(row, first, count, kilograms):
    return [
        row(code=str(n), partner=f"某地{n}", kilograms=kilograms)
        for n in range(first, first + count)
    ]


def world(raw):
    official = load_customs(raw)
    return float(official.loc[official["destination"] == "WLD", "tonnes"].iloc[0])


@pytest.mark.parametrize("days", [(0, 0), (0, 1), (1, 0)])
def test_one_month_in_two_files_is_united(tmp_path, download, row, days):
    parts = (part(row, 101, 45, "60000"), part(row, 201, 45, "40000"))
    for day, rows in zip(days, parts, strict=True):
        add_download(download(rows), tmp_path / "raw", DAY + datetime.timedelta(days=day))
    assert world(tmp_path / "raw") == pytest.approx(4500)
    assert load_customs(tmp_path / "raw")["destination"].nunique() == 91


def test_where_parts_of_a_day_overlap_the_newer_counts(tmp_path, download, row):
    for kilograms, first in (("60000", 101), ("40000", 141)):
        add_download(download(part(row, first, 45, kilograms)), tmp_path / "raw", DAY)
    assert world(tmp_path / "raw") == pytest.approx(40 * 60 + 45 * 40)


def test_a_later_whole_file_revises_the_part_it_shares(tmp_path, download, row):
    for first, kilograms, day in ((101, "60000", 0), (201, "40000", 0), (101, "50000", 1)):
        rows = part(row, first, 45, kilograms)
        add_download(download(rows), tmp_path / "raw", DAY + datetime.timedelta(days=day))
    assert world(tmp_path / "raw") == pytest.approx(45 * 50 + 45 * 40)


def test_imports_are_refused(download, row):
    with pytest.raises(TableError, match=r"line 3.*142.*imports"):
        read_customs(download([row(), row(code="142", partner="中国")]))


def test_lines_that_end_with_a_carriage_return_alone_are_read(download, row):
    rows = read_customs(download(part(row, 101, 45, "60000"), end="\r"))
    assert len(rows) == 45
    assert rows["kilograms"].sum() == 45 * 60000


def test_a_bad_row_of_such_a_file_is_named_by_its_line(download, row):
    with pytest.raises(TableError, match="line 3"):
        read_customs(download([row(), row(month="202505", kilograms="-1")], end="\r"))


@pytest.mark.parametrize(
    ("column", "advice"),
    [
        ("数据年月", "分月展示"),
        ("第一数量", "quantity"),
        ("第一计量单位", "unit"),
        ("商品编码", "product"),
    ],
)
def test_a_missing_column_is_told_with_what_to_ask(download, row, column, advice):
    header = "数据年月,商品编码,贸易伙伴编码,贸易伙伴名称,第一数量,第一计量单位,"
    with pytest.raises(TableError, match=f"{column}.*{advice}"):
        read_customs(download(["1,1,1,1,1,"], header=header.replace(column + ",", "")))


@pytest.mark.parametrize(("old", "new"), [("美国", '"美国'), ("美国", "美\0国")])
def test_an_open_quotation_mark_and_a_nul_are_refused(download, row, old, new):
    with pytest.raises(TableError, match="line 2"):
        read_customs(download([row().replace(old, new)]))


def test_a_month_never_printed_and_a_bad_file_do_not_stop_the_next(tmp_path, download, row, capsys):
    raw = tmp_path / "raw"
    raw.mkdir()
    for path in (ROOT / "data" / "raw").iterdir():
        if path.is_file():
            (raw / path.name).write_bytes(path.read_bytes())
    files = [
        download([row(month="201801")], name="never.csv"),
        download([row(unit="个")], name="pieces.csv"),
        download([row(kilograms="246,000")], name="good.csv"),
    ]
    assert main([*map(str, files), "--raw-dir", str(raw), "--saved", "2026-11-20"]) == 1
    said = capsys.readouterr()
    assert "never.csv: kilograms by partner, 2018-01" in said.out
    assert "good.csv" in said.out
    assert said.err.count("\n") == 1
    assert len(list((raw / "customs").glob("*.csv"))) == 2
