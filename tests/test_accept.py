"""`make accept`: rows added to the raw files by hand, as CONTRIBUTING.md says to add them."""

from __future__ import annotations

import csv
import shutil
import subprocess
from datetime import date
from pathlib import Path

import pytest
from contracts import TableError
from contracts.raw import load_origin

from analysis.accept import accept, check_raw, main
from analysis.sources import load_raw_tables
from analysis.study import ROOT

DAY = date(2030, 1, 2)


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    """The shipped raw files in a repository of their own."""
    folder = tmp_path / "raw"
    shutil.copytree(ROOT / "data" / "raw", folder)
    git = ["git", "-c", "user.name=x", "-c", "user.email=x@example.org"]
    for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "raw files"]):
        subprocess.run([*git, *command], cwd=folder, check=True)
    return folder


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def append(path: Path, **cells: str) -> None:
    """Add a row as a person does in a text editor, what is not named staying empty."""
    columns = list(rows_of(path)[0])
    with path.open("a", encoding="utf-8", newline="") as file:
        csv.DictWriter(file, columns, restval="", lineterminator="\n").writerow(cells)


PAGE = "https://example.org/exports-of-2030"
FIGURE = {
    "series": "magnets_85051110",
    "destination": "WLD",
    "period_start": "2030-01",
    "period_end": "2030-01",
    "measure": "tonnes",
    "value": "6000",
    "unit": "tonnes",
    "approximate": "false",
    "source_id": PAGE,
}
EVENT = {
    "name": "Licences for toasters",
    "date_announced": "2030-01-15",
    "actor": "CN",
    "kind": "control_tightening",
    "targets": "WLD",
    "products": "toasters",
    "legal_reference": "none",
    "summary": "Made up.",
    "source_url": PAGE,
    "source_publisher": "Example",
    "confidence": "low",
}
CLAIM = {
    "seed": "000_eaea72c5f1ac95b7.txt",
    "statement": "World shipments were 6000 tonnes",
    "kind": "level",
    "destination": "WLD",
    "month": "2030-01",
    "measure": "tonnes",
    "stated": "6000",
    "approximate": "false",
}


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def test_nothing_changed(raw: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = contents(raw)
    assert main(["--raw-dir", str(raw)]) == 0
    assert "no raw file has changed" in capsys.readouterr().out
    assert contents(raw) == before


def test_a_month_with_its_page(raw: Path) -> None:
    """The figure names the page by its address; both get ids, hash and date."""
    last = max(int(row["figure_id"][1:]) for row in rows_of(raw / "figures.csv"))
    append(raw / "sources.csv", publisher="Example", newsroom="Example", url=PAGE, grade="press")
    append(raw / "figures.csv", **FIGURE)
    told = accept(raw, DAY)
    added = rows_of(raw / "figures.csv")[-1]
    page = rows_of(raw / "sources.csv")[-1]
    assert added["figure_id"] == f"f{last + 1:04d}"
    assert added["source_id"] == page["source_id"]
    assert page["source_id"].startswith("s")
    assert load_origin(raw / "figures.csv").date_accessed == DAY
    assert f"  added f{last + 1:04d}: magnets_85051110, WLD, 2030-01, 2030-01, tonnes, 6000" in told
    assert len(load_raw_tables(raw)["figures"]) == last_count(raw)


def last_count(raw: Path) -> int:
    return len(rows_of(raw / "figures.csv"))


def test_an_event_and_a_claim(raw: Path) -> None:
    append(raw / "events.csv", **EVENT)
    append(raw / "claims.csv", **CLAIM)
    accept(raw, DAY)
    assert rows_of(raw / "events.csv")[-1]["event_id"] == "cn-licences-for-toasters"
    assert rows_of(raw / "claims.csv")[-1]["claim_id"] == "c51"
    check_raw(raw)


def test_a_changed_and_a_removed_row_are_shown(raw: Path) -> None:
    text = (raw / "claims.csv").read_text(encoding="utf-8")
    *kept, gone = text.replace(",5774,", ",5775,").splitlines(keepends=True)
    (raw / "claims.csv").write_text("".join(kept), encoding="utf-8")
    told = accept(raw, DAY)
    assert told[0] == "claims.csv: 2 rows differ from the last commit"
    assert told[1].startswith(f"  removed {gone.split(',')[0]}: ")
    assert told[2] == "  changed c06: stated '5774' → '5775'"


@pytest.mark.parametrize(
    ("name", "row", "said"),
    [
        ("figures.csv", FIGURE, f"source_id '{PAGE}' is in no row of the table it refers to"),
        (
            "figures.csv",
            FIGURE | {"period_start": "2030-13"},
            "column period_start: found '2030-13', needs a month like 2025-04",
        ),
        ("claims.csv", CLAIM | {"seed": "a.txt"}, "seed 'a.txt' is in no row of the table"),
        (
            "sources.csv",
            {"publisher": "E", "newsroom": "E", "grade": "good"},
            "column grade: found 'good'",
        ),
        ("claims.csv", CLAIM | {"stated": "many"}, "found 'many', needs a number"),
        ("events.csv", EVENT | {"confidence": "sure"}, "found 'sure'"),
    ],
)
def test_a_row_that_cannot_be_taken_changes_nothing(
    raw: Path, capsys: pytest.CaptureFixture[str], name: str, row: dict[str, str], said: str
) -> None:
    append(raw / name, **row)
    before = contents(raw)
    assert main(["--raw-dir", str(raw)]) == 1
    error = capsys.readouterr().err
    assert said in error
    assert error.endswith("nothing was written\n")
    assert str(raw.parent) in error or name in error
    assert contents(raw) == before


@pytest.mark.parametrize(
    ("name", "column"),
    [("figures.csv", "figure_id"), ("sources.csv", "url"), ("events.csv", "name")],
)
def test_a_column_under_another_name_is_named(raw: Path, name: str, column: str) -> None:
    text = (raw / name).read_text(encoding="utf-8")
    (raw / name).write_text(text.replace(column, "nonsense", 1), encoding="utf-8")
    before = contents(raw)
    with pytest.raises(TableError, match=rf"{name}.*{column}"):
        accept(raw)
    assert contents(raw) == before


def test_a_table_without_an_origin_record(raw: Path) -> None:
    (raw / "claims.csv.origin.yaml").unlink()
    with pytest.raises(TableError, match=r"no origin record; write claims\.csv\.origin\.yaml"):
        accept(raw)


def test_outside_git_it_says_so(tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    shutil.copytree(ROOT / "data" / "raw", raw)
    append(raw / "claims.csv", **CLAIM)
    assert accept(raw, DAY) == [
        "claims.csv: taken in; the last commit has no such file to compare it with"
    ]
