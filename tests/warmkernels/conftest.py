"""Notebooks made for a test, and their execution by papermill."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import nbformat
import papermill
import pytest

from warmkernels import client

Write = Callable[..., Path]
Run = Callable[..., nbformat.NotebookNode]


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


GENEROUS_SECONDS = 60
KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}


def text(notebook: nbformat.NotebookNode) -> str:
    """Join what a notebook's cells printed and showed as plain text."""
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    return "\n".join(output.get("text") or output["data"]["text/plain"] for output in outputs)


def current_server() -> client.Server:
    """Return the server that served the last run."""
    return list(client._servers.values())[-1]


def exists(pid: int) -> bool:
    """Whether a process runs; one that has ended and is not yet collected does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def wait_until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + GENEROUS_SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def closing_the_loop(act: Callable[..., Any]) -> Callable[..., Any]:
    """Let a thread run notebooks and close the event loop that nbclient leaves open there."""

    @wraps(act)
    def closing(*arguments: Any) -> Any:
        try:
            return act(*arguments)
        finally:
            asyncio.get_event_loop_policy().get_event_loop().close()

    return closing
