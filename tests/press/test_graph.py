"""The graph, run for real on little notebooks: what runs, what does not, what is left behind."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import pytest
from little_notebooks import CHAIN
from places import Place, little_place


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A built site of two studies, for these tests to change."""
    place = little_place(tmp_path_factory.mktemp("graph"))
    done = place.build()
    assert (done.returncode, done.stderr) == (0, "")
    assert ran(done.stdout) == sorted([*CHAIN_ONCE, *chain_of("one"), *chain_of("two")])
    assert f"The report is in {place.reports / 'index.html'}" in done.stdout
    return place


CHAIN_ONCE = [
    "01_ingest",
    "02_clean",
    "05_claims",
    "06_mirror",
    "07_numbers",
    "08_breaks",
    "09_destinations",
    "10_forecast",
    "11_vintages",
]


def chain_of(study: str) -> list[str]:
    return [f"{study}/03_model", f"{study}/04_figures"]


def ran(printed: str) -> list[str]:
    """The notebooks that a run says it ran, each with its seconds."""
    return sorted(re.findall(r"^(\S+) +\d+\.\d s$", printed, re.M))


def test_nothing_changed_means_nothing_done(built: Place) -> None:
    before = built.contents()
    done = built.build()
    place = built.reports / "index.html"
    assert done.returncode == 0
    assert done.stdout == f"The report is in {place}; nothing had changed\n"
    assert built.contents() == before


def test_pages_are_the_same_bytes_when_made_again(built: Place) -> None:
    before = built.contents()
    for page in built.reports.rglob("*.html"):
        page.unlink()
    assert built.build().returncode == 0
    assert built.contents() == before


def test_the_whole_site_is_the_same_bytes_when_built_again(built: Place) -> None:
    before = built.contents()
    (built.reports / ".doit.db").unlink()
    done = built.build()
    assert "01_ingest" in ran(done.stdout)
    assert built.contents() == before


def test_a_changed_study_runs_alone(built: Place) -> None:
    built.study("two", "DEU")
    assert ran(built.build().stdout) == chain_of("two")
    assert "What of DEU?" in (built.reports / "index.html").read_text()
    assert "Exports to DEU" in (built.reports / "two" / "index.html").read_text()


def test_a_changed_notebook_runs_with_what_follows_from_its_tables(built: Place) -> None:
    built.write("02_clean", *CHAIN["02_clean"], "'the same tables'")
    assert ran(built.build().stdout) == ["02_clean"]


def test_a_table_that_was_written_by_hand_is_made_again(built: Place) -> None:
    """As a notebook does that is run in JupyterLab with another destination."""
    before = built.contents()
    for table in (built.reports / "one" / "effects.csv", built.reports / "claims.csv"):
        table.write_text(table.read_text() + "\n")
    assert ran(built.build().stdout) == ["05_claims", "one/03_model"]
    assert built.contents() == before


def test_the_manifest_names_every_file_of_the_site(built: Place) -> None:
    manifest = json.loads((built.reports / "manifest.json").read_text())
    files = built.contents()
    del files["manifest.json"]
    assert manifest["outputs"] == {
        name: hashlib.sha256(content).hexdigest() for name, content in sorted(files.items())
    }
    assert {"commit", "packages", "parameters", "inputs"} < set(manifest)
    assert manifest["parameters"]["one"]["level"] == 0.95
    lock = hashlib.sha256(Path("requirements.lock").read_bytes()).hexdigest()
    assert manifest["inputs"]["requirements.lock"] == lock


def test_a_failing_study_stops_nobody_else_and_ends_with_status_1(built: Place) -> None:
    front = (built.reports / "index.html").read_bytes()
    stop = "assert destination != 'FRA', 'no figures for FRA'"
    built.write("03_model", *CHAIN["03_model"], stop)
    built.study("one", "FRA")
    failed = built.build()
    assert failed.returncode == 1
    assert ran(failed.stdout) == ["two/03_model"]
    line = r"03_model.ipynb, cell 6 \(code-3\), study one: AssertionError: no figures for FRA"
    assert re.search(line, failed.stdout)
    assert (built.reports / "failed" / "one-03_model.ipynb").exists()
    assert (built.reports / "index.html").read_bytes() == front
    assert "The report is in" not in failed.stdout

    built.study("one", "WLD")
    assert built.build().returncode == 0
    assert not (built.reports / "failed" / "one-03_model.ipynb").exists()


def test_a_notebook_that_leaves_out_a_table_has_failed(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.write("01_ingest", "'nothing is written'")
    place.study("one", "WLD")
    failed = place.build()
    assert failed.returncode == 1
    assert "01_ingest.ipynb ended without writing figures.parquet" in failed.stdout


def test_wrong_studies_are_all_named_before_anything_runs(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.study("one", "Mars")
    place.study("two", "Venus")
    refused = place.build()
    assert (refused.returncode, refused.stdout) == (1, "")
    assert [line.partition(".yaml: ")[2] for line in refused.stderr.splitlines()] == [
        f"destination: found {name!r}; needs a destination of the exports table: WLD, three "
        "letters of a country, EU27, REG_… or GRP_…, such as 'WLD'"
        for name in ("Mars", "Venus")
    ]
    assert not (tmp_path / "reports").exists()
