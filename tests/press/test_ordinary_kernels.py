"""What the site's notebooks show and write they show and write in Jupyter's ordinary kernel too.

The site's kernels are forked from a process that has everything loaded. nbval starts one anew for
each notebook and compares what its cells put out.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import nbformat
import papermill
import pytest
from places import Place
from press import PUBLISHING
from press.site import DATA

from analysis.study import ROOT, Study

SHOWN = (DATA, Study().study)
"""The folders of the site whose notebooks are run again: each of them is in one of these."""
WRITTEN, OF_THE_SITE = (".csv", ".json", ".parquet", ".svg"), ("manifest.json", ".batch.json")
COMPARING = """
def pytest_collection_modifyitems(items):
    for item in items:
        item.parent.skip_compare = ["execution_count"]
"""
"""By itself nbval passes over what a figure says of itself."""


def nbval(*notebooks: Path) -> None:
    """Run notebooks as they were run, one after the other; fails where a cell puts out another."""
    (notebooks[0].parent / "conftest.py").write_text(COMPARING)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--nbval", "-p", "no:cacheprovider", *map(str, notebooks)],
        env={name: value for name, value in os.environ.items() if name != PUBLISHING},
        cwd=notebooks[0].parent,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, f"{done.stdout[-5000:]}{done.stderr}"
    cells = [cell for path in notebooks for cell in nbformat.read(path, 4).cells]
    code = sum(cell.cell_type == "code" for cell in cells)
    assert f"= {code} passed in" in done.stdout


@pytest.fixture(scope="module")
def ordinary(real: Place, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """The site's notebooks, one of each, run in ordinary kernels in a folder of their own."""
    place = Place(tmp_path_factory.mktemp("ordinary"))
    place.notebooks.mkdir()
    for name in SHOWN:
        for path in (real.reports / name / "notebooks").iterdir():
            text = path.read_text().replace(str(real.folder), str(place.folder))
            (place.notebooks / path.name).write_text(text)
    nbval(*sorted(place.notebooks.iterdir()))
    return place


def test_the_same_is_shown(ordinary: Place) -> None:
    stored = {path.stem for path in ROOT.glob("notebooks/*.ipynb")}
    assert stored - {path.stem for path in ordinary.notebooks.iterdir()} == {"14_batch"}


def test_the_same_is_written(ordinary: Place, real: Place) -> None:
    made, expected = written(ordinary), written(real)
    assert made.keys() == expected.keys()
    for name, content in made.items():
        told = content.replace(str(ordinary.folder).encode(), str(real.folder).encode())
        assert told == expected[name], name


def written(place: Place) -> dict[str, bytes]:
    """What the notebooks of the data and of one study write."""
    folders = ("processed", "processed/vintages/**", "reports", *(f"reports/{n}/**" for n in SHOWN))
    files = [path for folder in folders for path in place.folder.glob(f"{folder}/*.*")]
    return {
        path.relative_to(place.folder).as_posix(): path.read_bytes()
        for path in files
        if path.suffix in WRITTEN and path.name not in OF_THE_SITE
    }


def test_so_it_is_of_a_batch(ordinary: Place) -> None:
    notebook = ordinary.folder / "14_batch.ipynb"
    papermill.execute_notebook(
        ROOT / "notebooks" / notebook.name,
        notebook,
        parameters={"reports_dir": str(ordinary.reports)},
        engine_name="warm",
        progress_bar=False,
    )
    nbval(notebook)
