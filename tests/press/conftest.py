"""Little notebooks to run, the sites that all tests of pages share, and what opens them."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from little_notebooks import WriteNotebook, save_notebook
from places import Place, little_place, real_place
from playwright.sync_api import Browser, sync_playwright

from analysis.study import ROOT

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
JAVA = shutil.which("java")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say it plainly when pages were not checked for want of a program."""
    for program, found in (("chromium", CHROMIUM), ("default-jre-headless", JAVA)):
        if not found:
            terminalreporter.write_line(
                f"NOT CHECKED: tests of the pages that need {program} did not run; "
                f"on Debian: apt-get install {program}",
                yellow=True,
            )


def needed(program: str | None, name: str) -> str:
    """The program's path; without it a test is skipped here and fails in continuous integration."""
    if program:
        return program
    if os.environ.get("CI"):
        pytest.fail(f"{name} is missing; .ci/run installs it")
    pytest.skip(f"{name} is not installed")


@pytest.fixture
def write_notebook(tmp_path: Path) -> WriteNotebook:
    """Writes a notebook of a title, the parameters of `stem` and the given code cells."""

    def write(stem: str, *code: str, folder: Path = tmp_path) -> Path:
        return save_notebook(folder / f"{stem}.ipynb", *code)

    return write


def built_once(factory: pytest.TempPathFactory, make: Callable[[Path], Place]) -> Place:
    """The site of a place, which the first of the workers that need it builds for all of them."""
    base = factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / make.__name__
    folder.mkdir(exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        place = Place(folder / "of", ROOT / "notebooks" if make is real_place else None)
        if not (folder / ".built").exists():
            shutil.rmtree(place.folder, ignore_errors=True)
            place.folder.mkdir()
            done = make(place.folder).build()
            assert (done.returncode, done.stderr) == (0, ""), done.stdout
            (folder / ".built").touch()
    return place


@pytest.fixture(scope="session")
def little(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """The site of two studies and notebooks that do next to nothing."""
    return built_once(tmp_path_factory, little_place)


@pytest.fixture(scope="session")
def real(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """The site that the real notebooks make of the raw data and the shipped studies."""
    return built_once(tmp_path_factory, real_place)


@pytest.fixture(params=["little", "real"], scope="session")
def site(request: pytest.FixtureRequest) -> Place:
    """Each of the two."""
    place: Place = request.getfixturevalue(request.param)
    return place


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A headless Chromium; while it runs, this thread has an event loop that others trip over."""
    path = needed(CHROMIUM, "chromium")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def java() -> str:
    """The Java that runs the HTML validator."""
    return needed(JAVA, "java")
