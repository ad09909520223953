"""The stored notebooks keep to the form that every way of running them relies on."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import nbformat
import pytest
from press.site import site

from analysis.study import ROOT

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def path(request: pytest.FixtureRequest) -> Path:
    """Each stored notebook."""
    found: Path = request.param
    return found


@pytest.fixture
def notebook(path: Path) -> Any:
    """Each stored notebook, read and valid."""
    stored = nbformat.read(path, as_version=4)
    nbformat.validate(stored)
    return stored


def code(notebook: Any) -> list[Any]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def test_every_declared_notebook_is_there() -> None:
    assert [path.stem for path in NOTEBOOKS] == sorted(site().notebooks)


def test_the_parameters_cell_holds_the_defaults_of_its_model(path: Path, notebook: Any) -> None:
    (cell,) = [cell for cell in code(notebook) if "parameters" in cell.metadata.get("tags", [])]
    assigned = {
        ast.unparse(line.targets[0]): ast.literal_eval(line.value)
        for line in ast.parse(cell.source).body
        if isinstance(line, ast.Assign)
    }
    fields = site().model(path.stem).model_fields
    assert assigned == {name: field.default for name, field in fields.items()}


def test_it_is_stored_without_outputs(notebook: Any) -> None:
    for cell in code(notebook):
        assert cell.outputs == []
        assert cell.execution_count is None
        assert set(cell.metadata) <= {"tags"}
    assert set(notebook.metadata) <= {"kernelspec", "language_info"}
    assert notebook.metadata.kernelspec.name == "python3"


def test_its_cells_have_names_of_their_own(notebook: Any) -> None:
    names = [cell.id for cell in notebook.cells]
    assert len(set(names)) == len(names)
    assert not [name for name in names if len(name) == 8 and set(name) <= set("0123456789abcdef")]


def test_it_is_an_article_with_one_title(notebook: Any) -> None:
    markdown = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
    titles = [line for text in markdown for line in text.splitlines() if line.startswith("# ")]
    assert len(titles) == 1
    assert markdown[0].startswith(titles[0])
    assert "](http" not in titles[0]


def test_it_calls_the_analysis_and_defines_nothing(notebook: Any) -> None:
    allowed = {"analysis", "IPython", "__future__"}
    for cell in code(notebook):
        for node in ast.walk(ast.parse(cell.source)):
            assert not isinstance(node, ast.FunctionDef | ast.ClassDef | ast.For | ast.While)
            if isinstance(node, ast.Import):
                assert {name.name.partition(".")[0] for name in node.names} <= allowed
            if isinstance(node, ast.ImportFrom):
                assert str(node.module).partition(".")[0] in allowed
