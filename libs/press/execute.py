"""One notebook and one parameter set: one executed notebook, whole or not at all."""

from __future__ import annotations

import json
import logging
import os
import sys
import tempfile
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from press import LOADING
from press.provenance import provenance, write_text
from press.site import site
from press.studies import check_parameters

CELL_SECONDS = 900
"""How long one cell may run."""

INJECTED = "injected-parameters"


class NotebookFailed(RuntimeError):
    """A notebook that did not run to its end; one line that names where and why."""


def execute(
    notebook: Path,
    parameters: Mapping[str, Any],
    output: Path,
    failed: Path,
    *,
    inputs: Iterable[Path] | Mapping[str, str] = (),
    commit: str = "",
    where: str | None = None,
    publishes: bool = False,
    cell_seconds: int = CELL_SECONDS,
) -> Path:
    """Run `notebook` and leave it at `output` with a provenance stamp; return `output`.

    `inputs` are files, or hashes by name; `commit` is that of the sources, which is looked up if
    it is not given; `where` names the file that `parameters` come from. A notebook that
    `publishes` must leave what report.yaml says it makes; of the files named there by a pattern,
    those it did not write anew are removed. One that fails is kept at `failed` and `output` stays
    as it was. Raises ParameterError before a kernel starts, NotebookFailed after.
    """
    if not notebook.exists():
        raise NotebookFailed(f"{site().shown(notebook)}: no such notebook")
    if "papermill" not in sys.modules:
        with suppress(Exception):  # what fails here fails again, and is told, where it is used
            load_ahead(notebook, publishes)
    _require_notebook(notebook)
    whole = check_parameters(notebook.stem, parameters, where or site().shown(notebook))
    stamp = provenance(whole.model_dump(), inputs, commit)
    output.parent.mkdir(parents=True, exist_ok=True)
    makes = site().makes(notebook.stem, whole) if publishes else []
    there = site().makes(notebook.stem, whole, drawn=True) if publishes else []
    drawn = {path: _written(path) for path in there if path not in makes}
    with tempfile.TemporaryDirectory(prefix="run-") as folder:
        aside = Path(folder) / output.name
        try:
            executed = _run(notebook, parameters, aside, cell_seconds)
        except Exception as error:
            line = _failure(notebook, whole.model_dump().get("study"), aside, error, cell_seconds)
            kept = _keep(aside, failed)
            raise NotebookFailed(f"{line}{kept}") from error
    write_text(output, _finished(executed, stamp))
    for leftover in (failed, _log(failed)):
        leftover.unlink(missing_ok=True)
    if left_out := [path.name for path in makes if not path.exists()]:
        line = f"{site().shown(notebook)} ended without writing {', '.join(left_out)}"
        raise NotebookFailed(line)
    for path, written in drawn.items():
        if written == _written(path):
            path.unlink(missing_ok=True)
    return output


def _require_notebook(path: Path) -> None:
    """Raise NotebookFailed unless a file keeps the format, each cell with an id of its own.

    Jupyter would name cells anew at random, and pass over those of a kind it does not know.
    """
    with LOADING:
        import nbformat

    try:
        held = json.loads(path.read_bytes())
        named = (held["nbformat"], held["nbformat_minor"]) >= (4, 5)
        ids = [cell.get("id") for cell in held["cells"]] if named else []
        if None in ids or len(set(ids)) < len(ids):
            raise ValueError("a cell has no id, or that of another")
        nbformat.validate(held)
    except Exception as error:
        why = one_line(f"{type(error).__name__}: {error}", 150)
        raise NotebookFailed(
            f"{site().shown(path)}: found no notebook that keeps its format ({why}); open it in "
            "JupyterLab and save it, or take it from git again"
        ) from None


def _written(path: Path) -> tuple[int, int] | None:
    """Which writing of a file there is, if any: files are replaced, never changed in place."""
    with suppress(OSError):
        about = path.stat()
        return about.st_ino, about.st_mtime_ns
    return None


def _run(notebook: Path, parameters: Mapping[str, Any], aside: Path, cell_seconds: int) -> Any:
    with LOADING:
        import papermill
        from warmkernels.isolation import isolated_kernel

    with _quiet_papermill(), isolated_kernel(_log(aside)) as settings:
        executed = papermill.execute_notebook(
            _literal(notebook),
            _literal(aside),
            parameters=dict(parameters),
            progress_bar=False,
            execution_timeout=cell_seconds,
            iopub_timeout=cell_seconds,
            engine_name="warm",
            **settings | beside(notebook),
        )
    _require_all_cells(executed)
    return executed


@contextmanager
def _quiet_papermill() -> Iterator[None]:
    """Silence what papermill logs of a failure in this thread: our own line says it."""
    log, own = logging.getLogger("papermill"), threading.get_ident()

    def of_others(record: logging.LogRecord) -> bool:
        return record.thread != own

    log.addFilter(of_others)
    try:
        yield
    finally:
        log.removeFilter(of_others)


def load_ahead(notebook: Path, publishes: bool) -> threading.Thread:
    """Have what kernels share loaded while this process loads what runs notebooks and shows them.

    The thread that waits for it.
    """
    with LOADING:
        from warmkernels.client import order_for, server_ahead
        from warmkernels.imports import libraries_of_file
        from warmkernels.isolation import isolated_kernel

        with isolated_kernel(Path(os.devnull)) as settings:
            order = order_for(settings | beside(notebook), libraries_of_file(notebook))
        waiting = server_ahead(*order)
        import papermill  # noqa: F401

        if publishes:
            from press.article import environment

            environment()
    return waiting


def beside(notebook: Path) -> dict[str, Any]:
    """What one process loads for all notebooks: what those beside this one import, and more.

    What is made ready is of use to the repository's own notebooks; others load what they import.
    """
    stored = sorted(notebook.parent.glob("*.ipynb"))
    companions = [path for path in stored if path.stem in site().notebooks]
    own = notebook.resolve().parent == site().root / "notebooks"
    return {"companions": companions, "ready": site().about.ready if own else []}


def _log(notebook: Path) -> Path:
    """Where the last words of a notebook's kernel are kept."""
    return notebook.with_suffix(".log")


def _literal(path: Path) -> str:
    """`path` for papermill, which takes braces in a path for a template."""
    return str(path).replace("{", "{{").replace("}", "}}")


def _require_all_cells(executed: Any) -> None:
    """Refuse a notebook that ended itself early, which papermill takes for success."""
    for cell in executed.cells:
        if cell.cell_type == "code" and cell.source.strip() and cell.execution_count is None:
            raise RuntimeError(f"the notebook ended before cell {cell.id}")


def _read(path: Path) -> Any:
    import nbformat

    return nbformat.read(path, as_version=4)


def _finished(executed: Any, stamp: Mapping[str, Any]) -> str:
    """The notebook without what differs from run to run or machine to machine, with the stamp."""
    import nbformat

    parameters = executed.metadata.papermill.get("parameters", {})
    executed.metadata.papermill = {"parameters": parameters}
    executed.metadata.provenance = stamp
    for cell in executed.cells:
        cell.metadata.pop("papermill", None)
        cell.metadata.pop("execution", None)
        if INJECTED in cell.metadata.get("tags", []):
            cell.id = INJECTED
    return f"{nbformat.writes(executed)}\n"


def _keep(aside: Path, failed: Path) -> str:
    """Keep the failed notebook, and what its kernel said, where they can be read; say so."""
    try:
        for path, place in ((_log(aside), _log(failed)), (aside, failed)):
            if path.exists() and path.stat().st_size:
                write_text(place, path.read_text(encoding="utf-8", errors="replace"))
    except OSError as error:
        return f" (not kept: {error.strerror})"
    return f" (kept as {site().shown(failed)})" if aside.exists() else ""


def _failure(
    notebook: Path, study: object, executed: Path, error: Exception, cell_seconds: int
) -> str:
    asked = [f"study {study}"] if study else []
    place = ", ".join([site().shown(notebook), _last_cell(notebook, executed), *asked])
    return f"{place}: {_reason(error, cell_seconds)}"


def _reason(error: Exception, cell_seconds: int) -> str:
    from nbclient.exceptions import CellTimeoutError, DeadKernelError
    from papermill.exceptions import PapermillExecutionError

    if isinstance(error, PapermillExecutionError):
        return one_line(f"{error.ename}: {error.evalue}")
    if isinstance(error, CellTimeoutError):
        return f"ran longer than {cell_seconds} s"
    if isinstance(error, DeadKernelError):
        return one_line(str(error))
    return one_line(f"{type(error).__name__}: {error}")


def one_line(text: str, width: int = 300) -> str:
    """`text` as one line, cut off if it is long."""
    line = " ".join(text.split())
    return line if len(line) <= width else f"{line[: width - 1]}…"


def _last_cell(notebook: Path, executed: Path) -> str:
    """Where the run stopped: the last cell that was started, by position and id."""
    if not executed.exists():
        return "before its first cell"
    try:
        cells = _read(executed).cells
    except ValueError:  # there was no room to write it
        return "in a cell that is not known"
    started = [cell.id for cell in cells if cell.metadata.get("papermill", {}).get("start_time")]
    if not started:
        return "before its first cell"
    identities = [cell.id for cell in _read(notebook).cells]
    if started[-1] not in identities:
        return "in its injected parameters"
    return f"cell {identities.index(started[-1]) + 1} ({started[-1]})"
