"""Batches of little studies, in a folder of their own."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from press.site import DATA

from analysis.study import ROOT

sys.path.insert(0, str(ROOT / "tests" / "press"))

from little_notebooks import CHAIN
from places import Place, begin, little_place

NOTED = "with open(reports.parent / 'ran', 'a') as ran:\n    print(study, file=ran)"
"""A cell that writes down that a study's model was run."""

GENEROUS_SECONDS = 120


def wait_until(
    condition: Callable[[], object], running: subprocess.Popen[bytes] | None = None
) -> None:
    """Wait for a condition; fails with what `running` said, should it end before."""
    deadline = time.monotonic() + GENEROUS_SECONDS
    while not condition():
        assert time.monotonic() < deadline
        if running and running.poll() is not None:
            pytest.fail(f"status {running.returncode}: {running.communicate()}")
        time.sleep(0.1)


@dataclass
class Batches:
    """A place whose studies are run as a batch."""

    place: Place

    @property
    def folder(self) -> Path:
        return self.place.folder

    def model(self, *code: str) -> None:
        """Give the model notebook further cells, and one that notes each run."""
        self.place.write("03_model", *CHAIN["03_model"], *code, NOTED)

    def grid(self, name: str, *destinations: str) -> None:
        self.place.study(name, f"[{', '.join(destinations)}]")

    def command(self, *options: str) -> list[str]:
        folders = {"reports-dir": "reports", "processed-dir": "processed"}
        given = [f"--{option}={self.folder / name}" for option, name in folders.items()]
        given += [f"--notebooks={self.place.notebooks}", *options]
        return [sys.executable, "-m", "pipeline", "batch", f"{self.folder}/studies/*.yaml", *given]

    def run(self, *options: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(self.command(*options), capture_output=True, text=True)

    def start_resting(self) -> tuple[subprocess.Popen[bytes], str]:
        """A batch in which `one` is done and `two` rests, the first time; the resting process."""
        self.model(
            "import os, time\nresting = reports.parent / 'resting'\n"
            "if study == 'two' and not resting.exists():\n"
            "    resting.write_text(str(os.getpid()))\n    time.sleep(600)"
        )
        running = subprocess.Popen(self.command(), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        resting, record = self.folder / "resting", self.place.reports / "one" / ".batch.json"
        wait_until(lambda: resting.exists() and resting.read_text() and record.exists(), running)
        wait_until(lambda: '"page"' in record.read_text(), running)
        return running, resting.read_text()

    def ran(self) -> list[str]:
        """The studies whose model was run since the last time this was asked."""
        noted = self.folder / "ran"
        names = sorted(noted.read_text().split()) if noted.exists() else []
        noted.unlink(missing_ok=True)
        return names

    def begin_again(self) -> None:
        """Forget the studies, their results and what runs noted, but not the tables."""
        for path in [*self.folder.glob("studies/*"), *self.folder.iterdir()]:
            if path.is_file():
                path.unlink()
        for folder in self.place.reports.glob("*/"):
            if folder.name != DATA:
                shutil.rmtree(folder)
        begin(self.place)
        self.model()

    def contents(self) -> dict[str, bytes]:
        """The files of the studies."""
        return {
            name: content
            for name, content in self.place.contents().items()
            if not name.startswith(("data/", "failed/"))
        }


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Batches:
    """A batch of four studies, two of them from a grid, that has been run."""
    batches = Batches(little_place(tmp_path_factory.mktemp("batch")))
    batches.model()
    batches.grid("grid", "DEU", "GRP_WLD-USA")
    done = batches.run()
    assert (done.returncode, done.stderr) == (0, "")
    assert "4 studies: 0 unchanged, 4 made" in done.stdout
    assert batches.ran() == ["grid-deu", "grid-grp-wld-usa", "one", "two"]
    return batches


@pytest.fixture
def untouched(tmp_path: Path) -> Batches:
    """Two studies, of which nothing has been made, not even the tables they need."""
    return Batches(little_place(tmp_path))


@pytest.fixture(scope="session")
def cleaned(tmp_path_factory: pytest.TempPathFactory) -> Batches:
    """A batch whose tables have been made."""
    batches = Batches(little_place(tmp_path_factory.mktemp("cleaned")))
    assert batches.run().returncode == 0
    return batches


@pytest.fixture
def fresh(cleaned: Batches) -> Batches:
    """Two studies of which none has been run; the tables they need are there."""
    cleaned.begin_again()
    return cleaned
