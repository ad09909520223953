"""Notebooks made for a test, and their execution by papermill."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
import papermill
import pytest
from kernel_runs import KERNEL, Run, Write


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a notebook of code cells; `raises` names those that may fail."""

    def write(*sources: str, name: str = "notebook", raises: tuple[int, ...] = ()) -> Path:
        notebook = nbformat.v4.new_notebook(metadata={"kernelspec": KERNEL})
        for number, source in enumerate(sources):
            cell = nbformat.v4.new_code_cell(source, id=f"cell-{number}")
            cell.metadata.tags = ["raises-exception"] if number in raises else []
            notebook.cells.append(cell)
        notebook.cells[0].metadata.tags = ["parameters"]
        nbformat.write(notebook, tmp_path / f"{name}.ipynb")
        return tmp_path / f"{name}.ipynb"

    return write


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Execute a notebook in tmp_path with one of papermill's engines."""

    def run(notebook: Path, engine: str = "warm", **options: Any) -> nbformat.NotebookNode:
        # pytest changes this variable for every test, and a new environment needs a new server
        monkeypatch.delenv("PYTEST_CURRENT_TEST", raising=False)
        # in how many pieces a stream arrives depends on the load of the machine
        options = {"cwd": tmp_path, "progress_bar": False, "coalesce_streams": True, **options}
        output = options.pop("output", tmp_path / "executed.ipynb")
        return papermill.execute_notebook(notebook, output, engine_name=engine, **options)

    return run
