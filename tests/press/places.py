"""Folders with notebooks and studies of their own, and the sites built from them."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from little_notebooks import CHAIN, save_notebook

from analysis.study import ROOT

STUDY = "study: {name}\nquestion: What of {destination}?\ndestination: {destination}\n"


@dataclass
class Place:
    """A folder with notebooks and studies of its own, and a site built from them."""

    folder: Path
    borrowed: Path | None = None

    @property
    def notebooks(self) -> Path:
        return self.borrowed or self.folder / "notebooks"

    @property
    def reports(self) -> Path:
        return self.folder / "reports"

    def write(self, notebook: str, *code: str) -> None:
        save_notebook(self.notebooks / f"{notebook}.ipynb", *code)

    def study(self, name: str, destination: str) -> None:
        path = self.folder / "studies" / f"{name}.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(STUDY.format(name=name, destination=destination))

    def build(self) -> subprocess.CompletedProcess[str]:
        folders = {"reports-dir": "reports", "processed-dir": "processed", "studies": "studies"}
        given = [f"--{option}={self.folder / name}" for option, name in folders.items()]
        given.append(f"--notebooks={self.notebooks}")
        return subprocess.run(
            [sys.executable, "-m", "pipeline", "report", *given], capture_output=True, text=True
        )

    def contents(self) -> dict[str, bytes]:
        files = [path for path in self.reports.rglob("*") if path.is_file()]
        return {
            path.relative_to(self.reports).as_posix(): path.read_bytes()
            for path in files
            if not path.name.startswith(".")
        }


def little_place(folder: Path) -> Place:
    """A place of two studies and notebooks that do next to nothing."""
    place = Place(folder)
    begin(place)
    return place


def begin(place: Place) -> None:
    """Write two studies and notebooks that do next to nothing."""
    for notebook, code in CHAIN.items():
        place.write(notebook, *code)
    place.study("one", "WLD")
    place.study("two", "USA")


def real_place(folder: Path) -> Place:
    """A place of the shipped studies and notebooks, the real raw data among their inputs."""
    place = Place(folder, ROOT / "notebooks")
    shutil.copytree(ROOT / "studies", folder / "studies")
    return place
