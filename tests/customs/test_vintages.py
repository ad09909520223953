"""Downloads are kept, the newest value of a cell counts, and none is lost or overwritten."""

import datetime
import subprocess
import sys

import pandas as pd
import pytest
import yaml
from contracts import TableError, load_origin
from tradedata.customs.adding import add_download
from tradedata.customs.vintages import CODES_IN_A_QUERY, WORLD_PARTNERS, dropped, load_customs

from analysis.customs import main
from analysis.study import ROOT

DAY = datetime.date(2026, 11, 20)
FIELDS = "数据年月,商品编码,商品名称,贸易伙伴编码,贸易伙伴名称"
DETAILED = f"{FIELDS},贸易方式编码,贸易方式名称,第一数量,第一计量单位,人民币,"


@pytest.fixture
def raw(tmp_path):
    return tmp_path / "raw"


def take_in(raw):
    return [add_download(path, raw) for path in dropped(raw)]


def tonnes(raw, destination, month="2025-04"):
    table = load_customs(raw).set_index(["destination", "month"])["tonnes"]
    return table.get((destination, pd.Timestamp(month)))


def many_partners(row, month="202504", count=WORLD_PARTNERS, kilograms="1,000"):
    """As many partners as make a world: two real ones, the others without an ISO code."""
    others = [row(month, f"9{n:02}", f"某地{n}", kilograms) for n in range(count - 2)]
    return [row(month, "502", "美国", "246,000"), row(month, "304", "德国", "100,000"), *others]


def test_no_downloads_is_an_empty_table(raw):
    table = load_customs(raw)
    assert len(table) == 0
    assert list(table.columns) == ["destination", "month", "tonnes", "partner", "file", "vintage"]


def test_kilograms_become_tonnes_and_the_file_is_kept_unchanged(raw, download, row):
    path = download([row(), row(code="701", partner="国(地)别不详的", kilograms="12,345")])
    addition = add_download(path, raw, DAY)
    assert addition.kept.name == "customs_2026-11-20_01.csv"
    assert addition.kept.read_bytes() == path.read_bytes()
    origin = load_origin(addition.kept)
    assert origin.date_accessed == DAY
    assert "downloadData.csv" in origin.description
    table = load_customs(raw)
    assert table["destination"].tolist() == ["GRP_GACC701", "USA"]
    assert table["tonnes"].tolist() == [12.345, 246.0]
    assert table["partner"].tolist() == ["国(地)别不详的", "美国"]
    assert set(table["file"]) == {"customs_2026-11-20_01.csv"}
    assert set(table["vintage"]) == {pd.Timestamp(DAY)}


def test_the_day_of_the_file_is_the_day_it_was_saved(raw, download, row):
    path = download([row()])
    day = datetime.date.fromtimestamp(path.stat().st_mtime)
    assert load_origin(add_download(path, raw).kept).date_accessed == day


def test_trade_modes_and_customs_partners_of_one_destination_are_summed(raw, download):
    start = "202504,85051110,永磁体"
    rows = [
        f"{start},502,美国,10,一般贸易,1000,千克,1,",
        f"{start},502,美国,14,来料加工贸易,500,千克,1,",
        f"{start},612,社会群岛,10,一般贸易,30,千克,1,",
        f"{start},623,法属波利尼西亚,10,一般贸易,4,千克,1,",
    ]
    add_download(download(rows, DETAILED), raw, DAY)
    assert tonnes(raw, "USA") == 1.5
    assert tonnes(raw, "PYF") == 0.034


def test_a_revision_wins_and_the_older_vintage_stays(raw, download, row):
    first = add_download(download([row(), row(month="202505")]), raw, DAY)
    older = first.kept.read_bytes()
    second = add_download(download([row(kilograms="250,000")]), raw, DAY)
    assert second.kept.name == "customs_2026-11-20_02.csv"
    assert first.kept.read_bytes() == older
    assert tonnes(raw, "USA") == 250.0
    assert tonnes(raw, "USA", "2025-05") == 246.0


def test_an_older_download_added_later_does_not_win(raw, download, row):
    add_download(download([row(kilograms="250,000")]), raw, DAY)
    addition = add_download(download([row(), row(month="202503")]), raw, datetime.date(2026, 1, 1))
    assert tonnes(raw, "USA") == 250.0
    assert tonnes(raw, "USA", "2025-03") == 246.0
    pd.testing.assert_frame_equal(
        addition.after.drop(columns="file"), load_customs(raw).drop(columns="file")
    )


def test_the_same_content_twice_changes_nothing(raw, download, row):
    first = add_download(download([row()]), raw, DAY)
    second = add_download(download([row()], name="again.csv"), raw, datetime.date(2026, 11, 21))
    assert second.kept == first.kept
    assert not second.is_new
    assert len(list((raw / "customs").iterdir())) == 2


def test_a_dropped_file_counts_at_once_and_is_taken_in_later(raw, download, row):
    add_download(download([row()]), raw, datetime.date(2030, 1, 1))
    dropped = download([row(kilograms="250,000")], name="raw/customs/July.CSV")
    assert tonnes(raw, "USA") == 250.0
    assert load_customs(raw)["vintage"].isna().all()
    assert [addition.vintage.file for addition in take_in(raw)] == ["July.CSV"]
    assert not dropped.exists()
    assert len(list((raw / "customs").iterdir())) == 4
    assert take_in(raw) == []


def test_a_dropped_copy_of_a_kept_file_goes_away(raw, download, row):
    kept = add_download(download([row()]), raw, DAY).kept
    copy = download([row()], name="raw/customs/copy.csv")
    assert [addition.is_new for addition in take_in(raw)] == [False]
    assert kept.exists()
    assert not copy.exists()


def test_a_kept_file_that_was_changed_is_refused(raw, download, row):
    kept = add_download(download([row()]), raw, DAY).kept
    kept.write_bytes(kept.read_bytes().replace(b"246", b"247"))
    with pytest.raises(TableError, match="sha256"):
        load_customs(raw)


def test_a_bad_file_leaves_no_trace(raw, download, row):
    add_download(download([row()]), raw, DAY)
    before = sorted((raw / "customs").iterdir())
    with pytest.raises(TableError, match="negative"):
        add_download(download([row(), row(month="202505", kilograms="-1")]), raw, DAY)
    assert sorted((raw / "customs").iterdir()) == before


def test_a_failure_while_writing_leaves_no_trace(raw, download, row, monkeypatch):
    def full(*_):
        raise OSError("no space left on device")

    monkeypatch.setattr("tradedata.customs.adding.shutil.copyfile", full)
    with pytest.raises(OSError, match="no space"):
        add_download(download([row()]), raw, DAY)
    assert list((raw / "customs").iterdir()) == []


def test_few_partners_make_no_world(raw, download, row):
    add_download(download(many_partners(row, count=WORLD_PARTNERS - 1)), raw, DAY)
    assert tonnes(raw, "WLD") is None
    assert tonnes(raw, "EU27") is None


def test_many_partners_make_the_world_and_the_union(raw, download, row):
    add_download(download(many_partners(row)), raw, DAY)
    assert tonnes(raw, "WLD") == 246 + 100 + (WORLD_PARTNERS - 2)
    assert tonnes(raw, "EU27") == 100.0


@pytest.mark.parametrize("modes", [CODES_IN_A_QUERY, CODES_IN_A_QUERY + 1])
def test_few_trade_modes_make_no_world(raw, download, modes):
    rows = [
        f"202504,85051110,永磁体,{100 + n},某地{n},{n % modes},方式{n % modes},1000,千克,1,"
        for n in range(WORLD_PARTNERS)
    ]
    add_download(download(rows, DETAILED), raw, DAY)
    assert (tonnes(raw, "WLD") is not None) == (modes > CODES_IN_A_QUERY)


def test_the_world_follows_a_later_revision_of_one_partner(raw, download, row):
    add_download(download(many_partners(row)), raw, DAY)
    add_download(download([row(kilograms="250,000")]), raw, DAY)
    assert tonnes(raw, "WLD") == 250 + 100 + (WORLD_PARTNERS - 2)


def test_a_whole_month_replaces_all_older_values_of_it(raw, download, row):
    add_download(download([row(code="133", partner="韩国")]), raw, DAY)
    later = DAY + datetime.timedelta(days=1)
    add_download(download(many_partners(row)), raw, later)
    assert tonnes(raw, "KOR") is None
    assert tonnes(raw, "WLD") == 246 + 100 + (WORLD_PARTNERS - 2)


def copy_of_raw(tmp_path):
    raw = tmp_path / "raw"
    raw.mkdir()
    for path in (ROOT / "data" / "raw").iterdir():
        if path.is_file():
            (raw / path.name).write_bytes(path.read_bytes())
    return raw


def test_the_command_says_what_a_file_brings(tmp_path, download, row, capsys):
    raw = copy_of_raw(tmp_path)
    arguments = ["--raw-dir", str(raw), "--saved", "2026-11-20"]
    first = download([row(), row(code="304", partner="德国", month="202505", kilograms="99,000")])
    assert main([str(first), *arguments]) == 0
    said = capsys.readouterr().out
    assert "2025-04 to 2025-05 (months: 2, partners: 2, rows: 2)" in said
    assert "adds 2 values" in said
    assert "2025-04 USA 246.000" in said
    assert "no total for the world" in said
    # the ledger prints 246 t to the US in April and 209 t to Germany in May 2025
    assert "contradicts 1" in said
    assert "2025-05 DEU tonnes: 209, 99 " in said
    assert main([str(first), *arguments]) == 0
    assert "already kept as" in capsys.readouterr().out
    assert main([str(download([row(kilograms="245,900")])), *arguments]) == 0
    assert "2025-04 USA 246.000 245.900" in capsys.readouterr().out


def test_the_command_ends_with_status_1_on_a_bad_file(tmp_path, download, row):
    raw = copy_of_raw(tmp_path)
    bad = download([row(unit="个")])
    command = [sys.executable, "-m", "analysis.customs", str(bad), "--raw-dir", str(raw)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert ended.stderr.count("\n") == 1
    assert "line 2, column 第一计量单位: found '个'" in ended.stderr
    assert not (raw / "customs").exists()


def test_the_command_takes_in_what_was_dropped(tmp_path, download, row, capsys):
    raw = copy_of_raw(tmp_path)
    download([row()], name="raw/customs/downloadData.csv")
    assert main(["--raw-dir", str(raw)]) == 0
    assert "downloadData.csv: kilograms by partner, 2025-04 to 2025-04" in capsys.readouterr().out
    (record,) = (raw / "customs").glob("*.origin.yaml")
    assert yaml.safe_load(record.read_text(encoding="utf-8"))["producer"].startswith("General")
    assert main(["--raw-dir", str(raw)]) == 0
    assert capsys.readouterr().out == ""


def test_a_missing_file(raw, tmp_path):
    with pytest.raises(TableError, match="no such file"):
        add_download(tmp_path / "none.csv", raw)
