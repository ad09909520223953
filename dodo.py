"""The graph of the report, made from report.yaml: which task needs and leaves which files.

shared notebooks, in the order of their files -> a page each
for each study: the tables of its day -> its notebooks, one after the other -> its page

What can be started is, in the order of the lists here: pages, which are soon made, come first.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

from doit import get_var
from doit.exceptions import TaskFailed
from doit.tools import config_changed
from press import LOADING
from press.graph import RECORD, Progress
from press.modules import make_vintage
from press.provenance import commit, sha256
from press.report import Report, executed
from press.site import DOCS, FAILED, has_report, page, site
from pydantic import BaseModel

FOLDERS = {name: value for name in site().folders.model_fields if (value := get_var(name, ""))}
"""Folders given on the command line; the notebooks are told of these only."""

REPORT = Report(get_var("studies", "studies"), get_var("notebooks", "notebooks"), FOLDERS)

REPORT.reports.mkdir(parents=True, exist_ok=True)
WHOLE = bool(REPORT.loaded or REPORT.refused) or has_report(REPORT.reports)
"""Whether all pages of the site are there or being made, which a batch alone does not do."""
DOIT_CONFIG = {
    "default_tasks": ["notebook", "page"],
    "dep_file": str(REPORT.reports / RECORD),
    "backend": "sqlite3",
    "reporter": Progress,
    "verbosity": 0,
    "continue": True,
}


IN_THREADS = {"capture": False}
"""Tasks run beside each other in one process: none may take the others' output for its own."""
RENDERING = Lock()


def run(notebook: Path, values: dict[str, Any], output: Path, **options: Any) -> TaskFailed | None:
    """Run a notebook; a failure, or a table it leaves out, is a failed task with its one line."""
    from press.execute import NotebookFailed, execute

    try:
        execute(notebook, values, output, commit=sources(), publishes=True, **options)
    except NotebookFailed as failure:
        return TaskFailed(str(failure))
    return None


@cache
def sources() -> str:
    """The commit that all notebooks of a build are stamped with."""
    return commit()


def notebook_task(
    name: str, output: Path, values: dict[str, Any], asked: BaseModel, where: str | None = None
) -> dict[str, Any]:
    """The task that leaves the executed notebook at `output` and the files it makes."""
    stem = output.stem
    notebook, makes = REPORT.notebook(stem), site().makes(stem, asked)
    used = [notebook, site().lock, *site().sources, *site().needs(stem, asked)]
    failed = REPORT.reports / FAILED / f"{name.replace('/', '-')}.ipynb"
    options = {"failed": failed, "inputs": used, "where": where}
    return {
        "name": name,
        "actions": [(run, [notebook, values, output], options)],
        "file_dep": used,
        "targets": [output, *makes],
        "uptodate": [config_changed(asked.model_dump()), as_left],
        "io": IN_THREADS,
    }


def as_left(task: Any, values: dict[str, Any]) -> bool:
    """Whether a task's files are as it left them; a notebook run by hand writes the same ones."""
    task.value_savers.append(lambda: {"left": contents(task.targets)})
    return bool(values.get("left") == contents(task.targets))


def contents(files: list[str]) -> list[str]:
    """The hash of each file; empty for one that is missing."""
    return [sha256(Path(file)) if Path(file).exists() else "" for file in files]


def task_page() -> Iterator[dict[str, Any]]:
    """A page for each study, each notebook that belongs to none, and each text in docs/."""
    for stem, notebook in REPORT.shared.items():
        yield page_task(stem, "data_page", [notebook], REPORT.reports / page(stem))
    for text, output in REPORT.texts.items():
        yield page_task(f"{DOCS}/{text.stem}", "text_page", [text], output)
    for _, _, study in REPORT.loaded:
        made = [path for stem in site().study for path in site().makes(stem, study)]
        output = study.folder / "index.html"
        yield page_task(study.study, "study_page", executed(study), output, made)


def task_notebook() -> Iterator[dict[str, Any]]:
    """Every notebook, with every parameter set it is run on."""
    for stem, output in REPORT.shared.items():
        yield notebook_task(stem, output, dict(FOLDERS), REPORT.asked(stem))
    for path, values, study in REPORT.loaded:
        for output in executed(study):
            name = f"{study.study}/{output.stem}"
            yield notebook_task(name, output, values, study, site().shown(path))


def task_vintage() -> Iterator[dict[str, Any]]:
    """The tables of each series as known on a day that a study names, made once."""
    known = {site().known(study): (study, site().shown(path)) for path, _, study in REPORT.loaded}
    for name, asked in known.items():
        if name:
            yield {
                "name": name,
                "actions": [(make_tables, asked)],
                "file_dep": site().vintage_needs(asked[0]),
                "targets": site().vintage_makes(asked[0]),
                "io": IN_THREADS,
            }


def make_tables(study: Any, where: str) -> TaskFailed | None:
    """Make the tables of a day; a failure is a failed task with its one line."""
    trouble = make_vintage(study)
    return TaskFailed(f"{where}: {trouble}") if trouble else None


def page_task(
    name: str, kind: str, shown: list[Path], output: Path, read: list[Path] | None = None
) -> dict[str, Any]:
    """The task that leaves a page at `output`, which shows notebooks or a text."""
    return {
        "name": name,
        "actions": [(render, [kind, shown, output])],
        "file_dep": [*shown, *(read or []), *site().rendering],
        "targets": [output],
        "uptodate": [config_changed({"whole": WHOLE}), as_left],
        "io": IN_THREADS,
    }


def render(kind: str, shown: list[Path], output: Path) -> TaskFailed | None:
    """Make a page; nbconvert is loaded only when there is something to render."""
    with LOADING:
        from press import render
        from press.citations import UnknownReference

    try:
        with RENDERING:
            getattr(render, kind)(shown, output, WHOLE)
    except UnknownReference as unknown:
        return TaskFailed(str(unknown))
    return None
