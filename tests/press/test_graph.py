"""The graph, run for real on little notebooks: what runs, what does not, what is left behind."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from little_notebooks import CHAIN
from places import Place, little_place
from press.graph import Ready
from press.site import site


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A built site of two studies, for these tests to change."""
    place = little_place(tmp_path_factory.mktemp("graph"))
    done = place.build()
    assert (done.returncode, done.stderr) == (0, "")
    assert ran(done.stdout) == sorted([*CHAIN_ONCE, *chain_of("one"), *chain_of("two")])
    assert f"The report is in {place.reports / 'index.html'}" in done.stdout
    return place


CHAIN_ONCE = site().shared


def chain_of(study: str) -> list[str]:
    return [f"{study}/{stem}" for stem in site().study]


def ran(printed: str) -> list[str]:
    """The notebooks that a run says it ran, each with its seconds."""
    return sorted(re.findall(r"^(\S+) +\d+\.\d s$", printed, re.M))


def test_what_can_be_started_is_in_the_order_of_the_list() -> None:
    ready = Ready(["page:a", "notebook:a", "notebook:b"])
    for name in ("notebook:b", "page:a", "notebook:a"):
        ready.append(SimpleNamespace(task=SimpleNamespace(name=name)))
    taken = [ready.popleft().task.name for _ in range(len(ready))]
    assert (taken, list(ready)) == (["page:a", "notebook:a", "notebook:b"], [])


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
    said = built.build().stdout
    assert ran(said) == ["06_claims", "one/03_model"]
    assert "nothing had changed" not in said
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


def page(place: Place, name: str) -> str:
    return (place.reports / name).read_text()


def test_a_failing_study_stops_nobody_else_and_ends_with_status_1(built: Place) -> None:
    stop = "assert destination != 'FRA', 'no figures for FRA'"
    built.write("03_model", *CHAIN["03_model"], stop)
    built.study("one", "FRA")
    failed = built.build()
    assert failed.returncode == 1
    assert ran(failed.stdout) == ["two/03_model"]
    line = r"03_model.ipynb, cell 6 \(code-3\), study one: AssertionError: no figures for FRA"
    assert re.search(line, failed.stdout)
    assert (built.reports / "failed" / "one-03_model.ipynb").exists()
    for name in ("index.html", "one/index.html"):
        assert "AssertionError: no figures for FRA" in page(built, name)
    assert "What of FRA?" not in page(built, "index.html")
    assert "two/index.html" in page(built, "index.html")
    assert "its front page says what is missing" in failed.stdout
    again = built.build()
    assert (again.returncode, ran(again.stdout)) == (1, [])

    built.study("one", "WLD")
    mended = built.build()
    assert (mended.returncode, ran(mended.stdout)) == (0, ["one/03_model"])
    assert not (built.reports / "failed" / "one-03_model.ipynb").exists()
    assert "Exports to WLD" in page(built, "one/index.html")
    assert 'id="failed"' not in page(built, "index.html")


def test_after_a_repair_only_what_failed_is_run(built: Place) -> None:
    before = built.contents()
    built.write("02_clean", "1 / 0")
    failed = built.build()
    assert (failed.returncode, ran(failed.stdout)) == (1, [])
    assert "needs 02_clean, which failed" in page(built, "index.html")
    assert "Exports to WLD" in page(built, "one/index.html")
    built.write("02_clean", *CHAIN["02_clean"], "'the same tables'")
    assert ran(built.build().stdout) == ["02_clean"]
    assert {*built.contents()} == {*before}


def test_a_file_that_is_no_study_stops_only_itself(built: Place) -> None:
    bad = built.folder / "studies" / "three.yaml"
    bad.write_text("destination: Mars\n")
    done = built.build()
    assert done.returncode == 1
    assert "three.yaml: destination: found 'Mars'" in done.stderr
    for name in ("index.html", "three/index.html"):
        assert "destination: found &#39;Mars&#39;" in page(built, name)
    named = [built.folder / "studies" / name for name in ("data.yaml", "___.yaml")]
    for path in named:
        path.write_text("destination: Mars\n")
    assert built.build().returncode == 1
    for path in (bad, *named):
        path.unlink()
    assert built.build().returncode == 0
    assert not (built.reports / "three").exists()
    assert (built.reports / "data" / "clean.html").exists()


def test_the_folder_of_a_study_that_is_gone_is_removed(built: Place) -> None:
    (built.reports / "mine").mkdir()
    note = built.reports / "one" / "figures" / "note.txt"
    note.write_text("by hand")
    (built.folder / "studies" / "two.yaml").rename(built.folder / "studies" / "two.off")
    assert built.build().returncode == 0
    assert not (built.reports / "two").exists()
    assert (built.reports / "one").exists()
    assert (built.reports / "mine").exists()
    (built.reports / "mine").rmdir()
    assert note.exists()
    note.unlink()
    assert "two/index.html" not in page(built, "index.html")
    (built.folder / "studies" / "two.off").rename(built.folder / "studies" / "two.yaml")
    assert ran(built.build().stdout) == chain_of("two")


def test_only_what_the_build_before_made_is_removed(built: Place) -> None:
    """The page of a renamed notebook goes; what no manifest names, or lies outside, stays."""
    gone, own = built.reports / "data" / "renamed.html", built.reports / "data" / "own.html"
    outside = built.folder / "outside.txt"
    for path in (gone, own, outside):
        path.write_text("text")
    manifest = json.loads((built.reports / "manifest.json").read_text())
    manifest["outputs"] |= dict.fromkeys(["data/renamed.html", "../outside.txt", "gone.csv"], "")
    (built.reports / "manifest.json").write_text(json.dumps(manifest))
    assert built.build().returncode == 0
    assert not gone.exists()
    assert own.exists()
    assert outside.exists()
    own.unlink()


def test_a_damaged_record_is_told_in_a_line(built: Place) -> None:
    (built.reports / ".doit.db").write_text("no database, " * 100)
    done = built.build()
    assert (done.returncode, done.stderr.count("\n")) == (0, 1)
    assert ".doit.db was damaged; everything is run again" in done.stderr


def test_a_notebook_that_leaves_out_a_table_has_failed(tmp_path: Path) -> None:
    place = little_place(tmp_path)
    place.write("01_ingest", "'nothing is written'")
    failed = place.build()
    assert failed.returncode == 1
    assert "01_ingest.ipynb ended without writing figures.parquet" in failed.stdout
    assert "ended without writing figures.parquet" in page(place, "index.html")
    assert "Traceback" not in failed.stdout + failed.stderr


def test_a_notebook_of_the_list_that_is_missing_is_named_before_anything_runs(
    tmp_path: Path,
) -> None:
    place = little_place(tmp_path)
    (place.notebooks / "07_mirror.ipynb").unlink()
    refused = place.build()
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr == f"report.yaml: 07_mirror: no such notebook in {place.notebooks}\n"
    assert not (tmp_path / "reports").exists()
