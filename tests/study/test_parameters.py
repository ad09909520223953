"""What a person sees of a notebook's parameters: in its cell, in papermill's help, in an editor."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from contracts.parameters import kind
from press.site import site

import analysis
from analysis.study import ROOT, Study

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_each_parameter_tells_its_type_and_meaning(path: Path) -> None:
    cells = nbformat.read(path, as_version=4).cells
    (cell,) = [cell for cell in cells if "parameters" in cell.metadata.get("tags", [])]
    fields = site().model(path.stem).model_fields
    for line in cell.source.splitlines():
        field = fields[line.partition(" = ")[0]]
        assert field.description
        assert line.endswith(f"  # type: {kind(field).__name__} {field.description}")


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_asks_by_the_class_it_is_registered_with(path: Path) -> None:
    asked = re.search(r"asked = (\w+)\.of\(locals\(\)\)", path.read_text(encoding="utf-8"))
    assert asked
    assert asked[1] == site().model(path.stem).__name__


def test_papermill_shows_them() -> None:
    command = [sys.executable, "-m", "papermill", "--help-notebook", "notebooks/03_model.ipynb"]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert "Unknown type" not in told
    for name, field in Study.model_fields.items():
        if name in told:
            assert f"{name}: {kind(field).__name__} (default" in told
            assert " ".join(str(field.description).split()) in " ".join(told.split())


def test_an_editor_shows_them() -> None:
    assert str(inspect.signature(Study)).startswith("(*, raw_dir: str = 'data/raw', ")
    assert "destination : str\n    WLD, USA or" in str(Study.__doc__)
    assert str(analysis.Folders.__doc__).count(" : str\n") == 3


@pytest.mark.parametrize("name", dir(analysis))
def test_what_a_notebook_imports_says_what_it_is(name: str) -> None:
    told = str(inspect.getdoc(getattr(analysis, name)))
    assert len(told.split()) > 2
    assert not told.startswith("partial(")


def test_the_verbs_are_listed() -> None:
    assert {"load_raw_tables", "monthly_series", "plot_counterfactual", "read_table"} <= set(
        dir(analysis)
    )


@pytest.mark.parametrize(
    ("does", "libraries"),
    [
        # commands read the parameters of every study, also where nothing has to be done
        ("import analysis.study, press.report", {"pandas", "scipy"}),
        # pandera's checks would load the one, which is there for tests
        ("from ledger.tables import Exports; Exports.empty()", {"hypothesis"}),
        ("from analysis import list_snapshots", {"httpx"}),
    ],
)
def test_what_is_not_needed_is_not_loaded(does: str, libraries: set[str]) -> None:
    asked = f"import sys; {does}; print({libraries} & sys.modules.keys()); import hypothesis"
    done = subprocess.run([sys.executable, "-c", asked], cwd=ROOT, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("set()\n", "")
