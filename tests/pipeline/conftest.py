"""Little notebooks to run, made for each test."""

from __future__ import annotations

from pathlib import Path

import pytest
from little_notebooks import WriteNotebook, save_notebook


@pytest.fixture
def write_notebook(tmp_path: Path) -> WriteNotebook:
    """Writes a notebook of a title, the parameters of `stem` and the given code cells."""

    def write(stem: str, *code: str, folder: Path = tmp_path) -> Path:
        return save_notebook(folder / f"{stem}.ipynb", *code)

    return write
