"""The graph of the report, as `report.yaml` has it: which files each notebook needs and makes.

The notebooks of `once` -> for each study its notebooks -> its page -> the front page and the
manifest; before a study with an `as_of`, the series as it was known on that day.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from contracts import ParameterError
from doit import get_var
from doit.exceptions import TaskFailed
from doit.tools import config_changed
from press.progress import Progress
from press.provenance import sha256
from press.report import (
    DATA,
    DOCS,
    FAILED,
    ROOT,
    code_files,
    executed,
    files,
    folder_names,
    page,
    rendering_files,
    report,
    resolve,
    study_tables,
    text_page,
    texts,
    vintage_needs,
)
from press.studies import check_parameters, load_studies, shown
from press.vintages import make_vintage

SET = {name: value for name in folder_names() if (value := get_var(name, ""))}
"""Folders given on the command line; the notebooks are told of these only."""

ASKED = {stem: check_parameters(stem, SET, "command line") for stem in report().once}
"""The parameters of the notebooks that run once."""

FOLDERS = next(iter(ASKED.values()))
RAW, REPORTS = FOLDERS.raw, FOLDERS.reports
NOTEBOOKS = ROOT / get_var("notebooks", "notebooks")
try:
    STUDIES = load_studies(sorted((ROOT / get_var("studies", "studies")).glob("*.yaml")), SET)
except ParameterError as problems:
    sys.exit(str(problems))

CODE = code_files()
RENDERING = rendering_files()
TEXTS = {path: REPORTS / text_page(stem) for stem, path in texts().items()}
DATA_NOTEBOOKS = {stem: REPORTS / DATA / "notebooks" / f"{stem}.ipynb" for stem in report().once}

REPORTS.mkdir(parents=True, exist_ok=True)
DOIT_CONFIG = {
    "default_tasks": ["site"],
    "dep_file": str(REPORTS / ".doit.db"),
    "backend": "sqlite3",
    "reporter": Progress,
    "verbosity": 2,
    "continue": True,
}


def run(
    notebook: Path, values: dict[str, Any], output: Path, makes: list[Path], **options: Any
) -> TaskFailed | None:
    """Run a notebook; a failure, or a table it leaves out, is a failed task with its one line."""
    from press.execute import NotebookFailed, execute

    # doit ends its workers with SIGTERM; unwinding lets them end their kernels.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        execute(notebook, values, output, **options)
    except NotebookFailed as failure:
        return TaskFailed(str(failure))
    left_out = [path.name for path in makes if not path.exists()]
    if left_out:
        return TaskFailed(f"{shown(notebook)} ended without writing {', '.join(left_out)}")
    return None


def notebook_task(
    name: str,
    output: Path,
    values: dict[str, Any],
    needs: list[Path],
    makes: list[Path],
    where: str | None = None,
) -> dict[str, Any]:
    """The task that leaves the executed notebook at `output` and the tables it makes."""
    notebook = NOTEBOOKS / output.name
    used = [notebook, *CODE, *needs]
    failed = REPORTS / FAILED / f"{name.replace('/', '-')}.ipynb"
    whole = check_parameters(output.stem, values, where or "command line")
    return {
        "name": name,
        "actions": [
            (
                run,
                [notebook, values, output, makes],
                {"failed": failed, "inputs": used, "where": where},
            )
        ],
        "file_dep": used,
        "targets": [output, *makes],
        "uptodate": [config_changed(whole.model_dump()), as_left],
    }


def as_left(task: Any, values: dict[str, Any]) -> bool:
    """Whether a task's files are as it left them; a notebook run by hand writes the same ones."""
    task.value_savers.append(lambda: {"left": contents(task.targets)})
    return bool(values.get("left") == contents(task.targets))


def contents(files: list[str]) -> list[str]:
    """The hash of each file; empty for one that is missing."""
    return [sha256(Path(file)) if Path(file).exists() else "" for file in files]


def task_notebook() -> Iterator[dict[str, Any]]:
    """Every notebook, with every parameter set it is run on."""
    for stem, output in DATA_NOTEBOOKS.items():
        listed, asked = report().once[stem], ASKED[stem]
        needs, makes = resolve(listed.reads, asked), resolve(listed.makes, asked)
        yield notebook_task(stem, output, dict(SET), needs, makes)
    for path, values, study in STUDIES:
        needs = study_tables(study)
        for output in executed(study.folder):
            makes = resolve(report().study[output.stem].makes, study)
            name = f"{study.study}/{output.stem}"
            yield notebook_task(name, output, values, list(needs), makes, shown(path))
            needs += makes


def task_vintage() -> Iterator[dict[str, Any]]:
    """The series as it was known on each day that a study names, made once a day."""
    days = {study.as_of: (study, shown(path)) for path, _, study in STUDIES if study.as_of}
    for as_of, asked in days.items():
        study = asked[0]
        yield {
            "name": as_of,
            "actions": [(make_tables, asked)],
            "file_dep": vintage_needs(study),
            "targets": resolve(report().vintage.makes, study),
        }


def make_tables(study: Any, where: str) -> TaskFailed | None:
    """Make the tables of a vintage; a failure is a failed task with its one line."""
    trouble = make_vintage(study)
    return TaskFailed(f"{where}: {trouble}") if trouble else None


def task_page() -> Iterator[dict[str, Any]]:
    """A page for each study, each notebook that belongs to none, and each text in docs/."""
    for stem, notebook in DATA_NOTEBOOKS.items():
        yield {
            "name": stem,
            "actions": [(render, ["data_page", notebook, data_page(stem)])],
            "file_dep": [notebook, *RENDERING],
            "targets": [data_page(stem)],
        }
    for text, shown_on in TEXTS.items():
        yield {
            "name": f"{DOCS}/{text.stem}",
            "actions": [(render, ["text_page", text, shown_on])],
            "file_dep": [text, *RENDERING],
            "targets": [shown_on],
        }
    for _, _, study in STUDIES:
        yield {
            "name": study.study,
            "actions": [(render, ["study_page", study.folder, executed(study.folder)])],
            "file_dep": [*executed(study.folder), *made_by(study), *RENDERING],
            "targets": [study.folder / "index.html"],
        }


def made_by(study: Any) -> list[Path]:
    """What the notebooks of a study make."""
    return [path for one in report().study.values() for path in resolve(one.makes, study)]


def data_page(stem: str) -> Path:
    """The page of a notebook that belongs to no study."""
    return REPORTS / page(stem)


def render(kind: str, *about: Path | list[Path]) -> TaskFailed | None:
    """Make a page; nbconvert is loaded only when there is something to render."""
    from press import render
    from press.references import UnknownReference

    try:
        getattr(render, kind)(*about)
    except UnknownReference as unknown:
        return TaskFailed(str(unknown))
    return None


def task_site() -> dict[str, Any]:
    """The front page, and the manifest of all that was built."""
    studies = [study.folder for _, _, study in STUDIES]
    pages = [data_page(stem) for stem in DATA_NOTEBOOKS] + [path / "index.html" for path in studies]
    pages += TEXTS.values()
    made = [path for stem in ASKED for path in resolve(report().once[stem].makes, ASKED[stem])]
    made += [path for _, _, study in STUDIES for path in made_by(study)]
    return {
        "actions": [write_front_page, write_manifest],
        "file_dep": [*pages, *made, *DATA_NOTEBOOKS.values(), *sources()],
        "targets": [REPORTS / "index.html", REPORTS / "manifest.json"],
    }


def sources() -> list[Path]:
    """Everything the site is made from."""
    studies = [path for path, _, _ in STUDIES]
    notebooks = sorted(NOTEBOOKS.glob("*.ipynb"))
    return [*studies, *notebooks, *TEXTS, *CODE, *files(RAW), *RENDERING]


def write_front_page() -> None:
    """Render the front page."""
    from press.render import front_page

    front_page(
        REPORTS,
        studies=[study.folder for _, _, study in STUDIES],
        pages={data_page(stem): path for stem, path in DATA_NOTEBOOKS.items()},
        raw=RAW,
    )


def write_manifest() -> None:
    """Record every file of the site, what it was made from and with which parameters."""
    from press.provenance import hashes, write_manifest

    folders = [REPORTS / DATA, REPORTS / DOCS, *(study.folder for _, _, study in STUDIES)]
    parameters = {study.study: study.model_dump() for _, _, study in STUDIES}
    write_manifest(REPORTS, folders, hashes(sources()), parameters)
