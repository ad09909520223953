"""The graph, run for real on little notebooks: what runs, what does not, what is left behind."""

from __future__ import annotations

import hashlib
import itertools
import json
import re
import subprocess
import sys
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path

import pytest
from little_notebooks import CHAIN, save_notebook

STUDY = "study: {name}\nquestion: What of {destination}?\ndestination: {destination}\n"


@dataclass
class Place:
    """A folder with notebooks and studies of its own, and a site built from them."""

    folder: Path

    @property
    def reports(self) -> Path:
        return self.folder / "reports"

    def write(self, notebook: str, *code: str) -> None:
        save_notebook(self.folder / "notebooks" / f"{notebook}.ipynb", *code)

    def study(self, name: str, destination: str) -> None:
        path = self.folder / "studies" / f"{name}.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(STUDY.format(name=name, destination=destination))

    def build(self) -> subprocess.CompletedProcess[str]:
        folders = {"reports-dir": "reports", "processed-dir": "processed", "studies": "studies"}
        folders["notebooks"] = "notebooks"
        given = [f"--{option}={self.folder / name}" for option, name in folders.items()]
        return subprocess.run(
            [sys.executable, "-m", "pipeline", "report", *given], capture_output=True, text=True
        )

    def bytes(self) -> dict[str, bytes]:
        files = [path for path in self.reports.rglob("*") if path.is_file()]
        return {
            path.relative_to(self.reports).as_posix(): path.read_bytes()
            for path in files
            if not path.name.startswith(".")
        }


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A built site of two studies."""
    place = Place(tmp_path_factory.mktemp("graph"))
    for notebook, code in CHAIN.items():
        place.write(notebook, *code)
    place.study("one", "WLD")
    place.study("two", "USA")
    done = place.build()
    assert (done.returncode, done.stderr) == (0, "")
    assert ran(done.stdout) == sorted([*CHAIN_ONCE, *chain_of("one"), *chain_of("two")])
    assert f"The report is in {place.reports / 'index.html'}" in done.stdout
    return place


CHAIN_ONCE = ["01_ingest", "02_clean", "05_claims"]


def chain_of(study: str) -> list[str]:
    return [f"{study}/03_model", f"{study}/04_figures"]


def ran(printed: str) -> list[str]:
    """The notebooks that a run says it ran, each with its seconds."""
    return sorted(re.findall(r"^(\S+) +\d+\.\d s$", printed, re.M))


def test_nothing_changed_means_nothing_done(built: Place) -> None:
    before = built.bytes()
    done = built.build()
    assert (done.returncode, ran(done.stdout)) == (0, [])
    assert built.bytes() == before


def test_pages_are_the_same_bytes_when_made_again(built: Place) -> None:
    before = built.bytes()
    for page in built.reports.rglob("*.html"):
        page.unlink()
    assert built.build().returncode == 0
    assert built.bytes() == before


def test_the_whole_site_is_the_same_bytes_when_built_again(built: Place) -> None:
    before = built.bytes()
    (built.reports / ".doit.db").unlink()
    done = built.build()
    assert "01_ingest" in ran(done.stdout)
    assert built.bytes() == before


def test_a_changed_study_runs_alone(built: Place) -> None:
    built.study("two", "DEU")
    assert ran(built.build().stdout) == chain_of("two")
    assert "Exports to DEU" in (built.reports / "index.html").read_text()


def test_a_changed_notebook_runs_with_what_follows_from_its_tables(built: Place) -> None:
    built.write("02_clean", *CHAIN["02_clean"], "'the same tables'")
    assert ran(built.build().stdout) == ["02_clean"]


def test_the_manifest_names_every_file_of_the_site(built: Place) -> None:
    manifest = json.loads((built.reports / "manifest.json").read_text())
    files = built.bytes()
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
        f"destination: found {name!r}; string should match pattern '{PATTERN}', such as 'WLD'"
        for name in ("Mars", "Venus")
    ]
    assert not (tmp_path / "reports").exists()


PATTERN = "^([A-Z]{3}|EU27|REG_[A-Z]+|GRP_[A-Z0-9]+([+-][A-Z0-9]+)*)$"


class Page(HTMLParser):
    """What the tests ask of a page."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.starts: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.starts.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.starts if name == tag]

    def values(self, attribute: str) -> list[str]:
        return [about[attribute] or "" for _, about in self.starts if attribute in about]


def pages(built: Place) -> dict[str, Page]:
    return {
        path.relative_to(built.reports).as_posix(): Page(path)
        for path in built.reports.rglob("*.html")
    }


def test_there_is_a_page_for_every_study_and_data_notebook(built: Place) -> None:
    assert sorted(pages(built)) == [
        "data/claims.html",
        "data/clean.html",
        "data/ingest.html",
        "index.html",
        "one/index.html",
        "two/index.html",
    ]


def test_pages_ask_nothing_of_anywhere(built: Place) -> None:
    for name, page in pages(built).items():
        tags = {tag for tag, _ in page.starts}
        assert not tags & {"script", "link", "iframe", "object", "embed", "base", "form"}, name
        assert page.values("src") == []
        assert "@import" not in page.text
        assert "url(" not in page.text


def test_every_link_leads_somewhere(built: Place) -> None:
    for name, page in pages(built).items():
        for href in page.values("href"):
            file, _, anchor = href.partition("#")
            target = (built.reports / name).parent / file if file else built.reports / name
            assert target.exists(), f"{name}: {href}"
            if anchor:
                assert anchor in Page(target).values("id"), f"{name}: {href}"


def test_pages_are_made_for_readers_of_all_kinds(built: Place) -> None:
    for name, page in pages(built).items():
        assert page.all("html") == [{"lang": "en-GB"}]
        assert len(page.all("title")) == len(page.all("h1")) == len(page.all("main")) == 1, name
        levels = [int(tag[1]) for tag, _ in page.starts if re.fullmatch("h[1-6]", tag)]
        assert levels[0] == 1
        steps = [b - a for a, b in itertools.pairwise(levels)]
        assert max(steps, default=0) <= 1, f"{name}: {levels}"
        assert page.all("a")[0]["href"] == "#main"
        assert len(page.values("id")) == len(set(page.values("id")))
        assert page.all("nav")


def test_figures_stand_in_the_page_with_their_description_and_files(built: Place) -> None:
    page = pages(built)["one/index.html"]
    (svg,) = page.all("svg")
    assert (svg["role"], svg["aria-label"]) == ("img", 'A bar, "long" & low')
    assert "Exports by month." in page.text
    assert {"figures/series.svg", "figures/series.csv"} < set(page.values("href"))


def test_a_study_page_tells_what_it_was_made_from(built: Place) -> None:
    text = pages(built)["one/index.html"].text
    assert "Exports to WLD fell <b>sharply</b> & far." in text
    assert hashlib.sha256(Path("data/raw/claims.csv").read_bytes()).hexdigest() not in text
    assert hashlib.sha256(Path("requirements.lock").read_bytes()).hexdigest() in text
    assert "papermill" in text
    assert "baseline_end" in text


def test_text_from_data_stays_text(built: Place) -> None:
    assert "<script>alert(1)</script>" in pages(built)["one/index.html"].text
