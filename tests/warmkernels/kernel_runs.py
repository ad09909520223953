"""What tests of warm kernels ask of runs and processes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import nbformat
from warmkernels import client

Write = Callable[..., Path]
Run = Callable[..., nbformat.NotebookNode]


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
