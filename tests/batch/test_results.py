"""The results of a batch together: one table of all, a page, the failures; made when needed."""

from __future__ import annotations

import csv
import signal
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from contracts import ParameterError
from press.batch.together import batch_values

from .conftest import Batches


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def page(batches: Batches, name: str = "studies") -> BeautifulSoup:
    path = batches.place.reports / "batch" / name / "index.html"
    return BeautifulSoup(path.read_bytes(), "html.parser")


def test_no_shared_notebook_is_run_whose_tables_no_study_reads(made: Batches) -> None:
    ran = {path.stem for path in made.place.reports.glob("data/notebooks/*.ipynb")}
    assert ran == {"01_ingest", "02_clean"}


def test_one_table_holds_the_effects_of_all_studies(made: Batches) -> None:
    folder = made.place.reports / "batch" / "studies"
    studies = ["grid-deu", "grid-grp-wld-usa", "one", "two"]
    assert [row["study"] for row in read(folder / "studies.csv")] == studies
    rows = read(folder / "effects.csv")
    own = [row for study in studies for row in read(made.place.reports / study / "effects.csv")]
    assert [{name: row[name] for name in own[0]} for row in rows] == own
    assert len(own) == 16


def test_the_page_links_every_study_and_every_table(made: Batches) -> None:
    soup = page(made)
    folder = made.place.reports / "batch" / "studies"
    links = [str(link["href"]) for link in soup.select("main a") if link["href"][0] != "#"]
    assert all((folder / link).exists() for link in links)
    assert {"studies.csv", "effects.csv", "effects.parquet"} < set(links)
    rows = {link["href"]: link for link in soup.select("#studies ~ .table td a")}
    assert list(rows) == [
        f"../../{study}/index.html" for study in ("grid-deu", "grid-grp-wld-usa", "one", "two")
    ]
    first = rows["../../one/index.html"].find_parent("tr")
    assert first is not None
    assert first.get_text(" ", strip=True) == "What of WLD? one -67 −74 to −58 < 0.001"
    assert soup.select_one("h1").get_text() == "All <b>fell</b>"  # type: ignore[union-attr]
    assert not soup.select("#failed")


def test_without_a_report_no_page_leads_to_one_that_is_not_there(made: Batches) -> None:
    assert not (made.place.reports / "index.html").exists()
    pages = sorted(made.place.reports.rglob("*.html"))
    assert len(pages) == 7  # two of tables, four of studies, one of all
    for path in pages:
        soup = BeautifulSoup(path.read_bytes(), "html.parser")
        links = [str(one["href"]).partition("#")[0] for one in soup.select("[href]")]
        local = [one for one in links if ":" not in one]
        assert [one for one in local if not (path.parent / one).exists()] == []
    study = BeautifulSoup((made.place.reports / "one/index.html").read_bytes(), "html.parser")
    menu = [one.get_text() for one in study.select("header nav a")]
    assert menu == ["Contents"]


def test_it_is_made_again_only_if_a_study_changed(made: Batches) -> None:
    folder = made.place.reports / "batch" / "studies"
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}
    assert made.run().stdout == "4 studies; nothing had changed\n"
    assert {path: path.stat().st_mtime_ns for path in before} == before
    (made.place.reports / "one" / "index.html").unlink()
    assert "All together" not in made.run().stdout
    (folder / "index.html").unlink()
    assert f"All together are in {folder}/index.html\n" in made.run().stdout


def test_failures_are_listed_with_their_reason(fresh: Batches) -> None:
    assert fresh.run().returncode == 0
    fresh.model("assert destination != 'USA', 'no figures for <b>USA</b>'")
    failed = fresh.run()
    assert failed.returncode == 1
    (line,) = (line for line in failed.stderr.splitlines() if line.startswith("failed: "))
    soup = page(fresh)
    (row,) = soup.select("#failed ~ .table tbody tr")
    assert row.get_text(" ", strip=True) == f"two {line.removeprefix('failed: ')}"
    assert [link["href"] for link in soup.select("#studies ~ .table td a")] == [
        "../../one/index.html"
    ]
    rows = read(fresh.place.reports / "batch" / "studies" / "effects.csv")
    assert {row["study"] for row in rows} == {"one"}


def test_a_batch_that_fails_wholly_leaves_no_page(fresh: Batches) -> None:
    fresh.model("1 / 0")
    assert fresh.run().returncode == 1
    assert not (fresh.place.reports / "batch").exists()


def test_a_gathering_that_fails_is_told_and_tried_again(fresh: Batches) -> None:
    before = (fresh.place.notebooks / "14_batch.ipynb").read_text()
    fresh.place.write("14_batch", "1 / 0")
    failed = fresh.run()
    assert failed.returncode == 1
    assert failed.stderr.startswith("failed: ")
    assert "14_batch.ipynb, cell 4 (code-1): ZeroDivisionError" in failed.stderr
    assert not (fresh.place.reports / "batch" / "studies" / "index.html").exists()
    (fresh.place.notebooks / "14_batch.ipynb").write_text(before)
    done = fresh.run()
    assert (done.returncode, fresh.ran()) == (0, ["one", "two"])
    assert "All together" in done.stdout


def test_a_killed_batch_leaves_the_same_bytes_when_it_is_done(fresh: Batches) -> None:
    running, _ = fresh.start_resting()
    running.send_signal(signal.SIGKILL)
    running.communicate()
    assert not (fresh.place.reports / "batch").exists()
    assert fresh.run().returncode == 0
    resumed = fresh.contents()
    assert "batch/studies/index.html" in resumed
    for record in fresh.place.reports.rglob(".batch.json"):
        record.unlink()
    assert fresh.run().returncode == 0
    assert fresh.contents() == resumed


@pytest.mark.parametrize(
    ("files", "name"),
    [
        (["a/one.yaml"], "one"),
        (["a/One_more 2.yaml"], "one-more-2"),
        (["My studies/one.yaml", "My studies/two.yaml"], "my-studies"),
    ],
)
def test_a_batch_is_named_after_its_file_or_their_folder(files: list[str], name: str) -> None:
    values = batch_values("", [Path(file) for file in files], {"reports_dir": "elsewhere"})
    assert values == {"batch": name, "reports_dir": "elsewhere"}
    assert batch_values("other", [Path("a/one.yaml")], {}) == {"batch": "other"}


def test_a_batch_that_cannot_be_named() -> None:
    with pytest.raises(ParameterError, match="several folders; name the batch with --name"):
        batch_values("", [Path("a/one.yaml"), Path("b/two.yaml")], {})
    with pytest.raises(ParameterError, match="--name: batch: found 'A b'; needs small letters"):
        batch_values("A b", [Path("a/one.yaml")], {})
