"""`python -m pipeline add` and dropped files, through the command line."""

import shutil
import subprocess
import sys

import pytest
from press.__main__ import main
from press.site import unfiled

from analysis.study import ROOT

HEADER = (
    "数据年月,商品编码,商品名称,贸易伙伴编码,贸易伙伴名称,"
    "第一数量,第一计量单位,第二数量,第二计量单位,美元,"
)
ROW = '202504,85051110,永磁体,502,美国,"246,000",{unit},0,,"9",'


@pytest.fixture
def raw(tmp_path):
    folder = tmp_path / "raw"
    shutil.copytree(ROOT / "data" / "raw", folder, ignore=shutil.ignore_patterns("customs"))
    return folder


def write(path, unit="千克"):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{HEADER}\r\n{ROW.format(unit=unit)}\r\n", encoding="gb18030", newline="")
    return path


def test_add_from_any_folder(tmp_path, raw):
    write(tmp_path / "downloadData.csv")
    command = [sys.executable, "-m", "pipeline", "add", "downloadData.csv", "--raw-dir", str(raw)]
    path = {"PYTHONPATH": str(ROOT)}
    ended = subprocess.run(
        command, cwd=tmp_path, env=path, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
    assert "2025-04 USA 246.000" in ended.stdout
    assert len(list((raw / "customs").glob("customs_*_01.csv"))) == 1


def test_a_bad_file_ends_with_status_1(tmp_path, raw, capfd):
    bad = write(tmp_path / "downloadData.csv", unit="个")
    assert main(["add", str(bad), "--raw-dir", str(raw)]) == 1
    assert "line 2, column 第一计量单位: found '个'" in capfd.readouterr().err
    assert not (raw / "customs").exists()


def test_a_bad_dropped_file_stops_the_report(tmp_path, raw, capfd):
    write(raw / "customs" / "downloadData.csv", unit="个")
    reports = tmp_path / "reports"
    given = ["--raw-dir", str(raw), "--reports-dir", str(reports)]
    assert main(["report", *given]) == 1
    assert "found '个'" in capfd.readouterr().err
    assert not reports.exists()


def test_dropped_files_are_those_without_a_record(raw):
    assert not unfiled(raw / "customs")
    path = write(raw / "customs" / "downloadData.csv")
    assert unfiled(raw / "customs")
    path.with_name(path.name + ".origin.yaml").touch()
    (raw / "customs" / ".gitkeep").touch()
    assert not unfiled(raw / "customs")
