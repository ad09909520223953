"""One product out of folders of dumps, on disk and on a file system that is none."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from contracts import TableError
from pyarrow import fs
from tradedata.customs.dumps import extract_product, main
from tradedata.customs.reading import read_customs

Row = Callable[..., str]
HEADER = (
    "数据年月,商品编码,商品名称,贸易伙伴编码,贸易伙伴名称,"
    "第一数量,第一计量单位,第二数量,第二计量单位,美元,"
)
COLUMNS = HEADER.rstrip(",").split(",")


@pytest.fixture
def rows(row: Row) -> dict[str, list[str]]:
    """Two months in two files, with other products, one of which has our code as its name."""
    odd = row(product="01012100").replace("稀土", "85051110")
    return {
        "april": [row(kilograms="246,000"), row(product="85051120"), odd],
        "may": [row(product="90139010"), row(month="202505", kilograms="46,100")],
    }


def write_csv(folder: Path, rows: dict[str, list[str]]) -> None:
    for (name, lines), encoding in zip(rows.items(), ("gb18030", "utf-8-sig"), strict=True):
        path = folder / "deep" / f"{name}.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes("\r\n".join([HEADER, *lines, ""]).encode(encoding))


def write_parquet(folder: Path, rows: dict[str, list[str]]) -> None:
    for name, lines in rows.items():
        cells = [dict(zip(COLUMNS, line, strict=False)) for line in csv.reader(lines)]
        table = pa.Table.from_pylist(cells)
        path = folder / "deep" / f"{name}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(table, path)


WRITERS = {"csv": write_csv, "parquet": write_parquet}
every_kind = pytest.mark.parametrize("kind", WRITERS)


def tonnes(target: Path) -> list[tuple[str, float]]:
    found = read_customs(target)
    return list(zip(found["month"].dt.strftime("%Y-%m"), found["kilograms"], strict=True))


EXPECTED = [("2025-04", 246_000.0), ("2025-05", 46_100.0)]


@every_kind
def test_a_folder(kind: str, rows: dict[str, list[str]], tmp_path: Path) -> None:
    WRITERS[kind](tmp_path / "dumps", rows)
    target = tmp_path / "magnets.csv"
    assert extract_product(str(tmp_path / "dumps"), target) == 2
    assert tonnes(target) == EXPECTED


@every_kind
def test_an_address(
    kind: str, rows: dict[str, list[str]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    WRITERS[kind](tmp_path / "dumps", rows)
    target = tmp_path / "magnets.csv"
    assert main([f"file://{tmp_path}/dumps", str(target)]) == 0
    assert capsys.readouterr().out == f"2 rows of 85051110 written to {target}\n"
    assert tonnes(target) == EXPECTED


@every_kind
def test_a_file_system_that_is_no_disk(
    kind: str, rows: dict[str, list[str]], tmp_path: Path
) -> None:
    WRITERS[kind](tmp_path / "dumps", rows)
    memory = fsspec.filesystem("memory")
    memory.put(str(tmp_path / "dumps"), f"/{kind}", recursive=True)
    target = tmp_path / "magnets.csv"
    held = fs.PyFileSystem(fs.FSSpecHandler(memory))
    assert extract_product(f"/{kind}", target, filesystem=held) == 2
    assert tonnes(target) == EXPECTED


def refused(address: Path | str, target: Path, product: str = "85051110") -> str:
    with pytest.raises(TableError) as error:
        extract_product(str(address), target, product)
    assert not target.exists()
    return str(error.value)


def test_what_cannot_be_extracted_is_said_and_nothing_is_written(
    rows: dict[str, list[str]], tmp_path: Path
) -> None:
    folder, target = tmp_path / "dumps", tmp_path / "magnets.csv"
    assert "cannot be listed" in refused(folder, target)
    assert "no address that pyarrow can read" in refused("nowhere://x", target)
    folder.mkdir()
    assert "found nothing; needs a folder of .parquet or of .csv" in refused(folder, target)
    write_csv(folder, rows)
    assert "none of its 2 files holds product 11112222" in refused(folder, target, "11112222")
    write_parquet(folder, rows)
    assert "not of both" in refused(folder, target)


def test_parquet_must_hold_text_as_printed(tmp_path: Path) -> None:
    folder, target = tmp_path / "dumps", tmp_path / "magnets.csv"
    folder.mkdir()
    numbers = {name: ["1"] for name in COLUMNS} | {"第一数量": [246000]}
    pq.write_table(pa.table(numbers), folder / "a.parquet")
    assert "column 第一数量: found int64, needs text as printed" in refused(folder, target)
    pq.write_table(pa.table({"商品编码": ["85051110"]}), folder / "a.parquet")
    assert "column 数据年月 is missing" in refused(folder, target)


def test_csv_files_must_have_the_same_columns(rows: dict[str, list[str]], tmp_path: Path) -> None:
    folder, target = tmp_path / "dumps", tmp_path / "magnets.csv"
    write_csv(folder, rows)
    path = folder / "deep" / "may.csv"
    path.write_text(path.read_text("utf-8-sig").replace("美元", "人民币"), "utf-8-sig")
    assert "its columns are not those of" in refused(folder, target)


def test_a_broken_file_is_named(rows: dict[str, list[str]], tmp_path: Path) -> None:
    folder, target = tmp_path / "dumps", tmp_path / "magnets.csv"
    write_csv(folder, rows)
    path = folder / "deep" / "may.csv"
    path.write_bytes(path.read_bytes()[:-30])
    message = refused(folder, target)
    assert message.startswith(f"{path}: line 3")
    assert "the file breaks off" in message
