"""The graph of the report: which notebook needs which files and parameters.

01_ingest -> 02_clean -> for each study 03_model -> 04_figures -> its page
          -> the vintage, for a study with another `as_of` than all
                      -> 05_claims to 11_vintages                 -> the front page and the manifest
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from doit import get_var
from doit.exceptions import TaskFailed
from doit.tools import config_changed
from press import inputs, layout
from press.progress import Progress
from press.provenance import sha256
from press.studies import ParameterError, load_studies, shown
from press.vintages import make_vintage

from analysis.study import PARAMETERS, ROOT, Folders, Forecasting, Study

SET = {name: value for name in Folders.model_fields if (value := get_var(name, ""))}
"""Folders given on the command line; the notebooks are told of these only."""

FOLDERS = Folders(**SET)
RAW, PROCESSED, REPORTS = FOLDERS.raw, FOLDERS.processed, FOLDERS.reports
DATA = REPORTS / layout.DATA
NOTEBOOKS = ROOT / get_var("notebooks", "notebooks")
try:
    STUDIES = load_studies(sorted((ROOT / get_var("studies", "studies")).glob("*.yaml")), SET)
except ParameterError as problems:
    sys.exit(str(problems))

INGESTED = [PROCESSED / name for name in inputs.INGESTED]
EXPORTS = PROCESSED / inputs.EXPORTS
TABLES = [PROCESSED / name for name in inputs.CLEANED]
PACKAGE = [DATA / "datapackage.json"] + [
    DATA / f"{name}.{kind}"
    for name in ("exports", "rejected_figures", "figures", "sources", "events")
    for kind in ("csv", "parquet")
]
DATA_NOTEBOOKS = {stem: DATA / "notebooks" / f"{stem}.ipynb" for stem in layout.SHARED}
TEXTS = {ROOT / "docs" / f"{stem}.md": REPORTS / layout.text_page(stem) for stem in layout.TEXTS}
RAW_FILES = inputs.raw_files(RAW)
ANALYSIS = inputs.analysis_files()
RENDERING = inputs.rendering_files()

MAKES: dict[str, tuple[list[Path], list[Path]]] = {
    "01_ingest": (RAW_FILES, INGESTED),
    "02_clean": (INGESTED, [EXPORTS, *TABLES]),
    "05_claims": ([*INGESTED, EXPORTS], [REPORTS / "claims.csv"]),
    "06_mirror": ([*RAW_FILES, EXPORTS], [REPORTS / "mirror.csv"]),
    "07_numbers": ([*INGESTED, EXPORTS, *TABLES], PACKAGE),
    "08_breaks": (
        [*INGESTED, EXPORTS],
        [REPORTS / "breaks.csv", REPORTS / layout.answers("08_breaks")],
    ),
    "09_destinations": (
        [*INGESTED, EXPORTS],
        [
            *(REPORTS / name for name in ("destinations.csv", "families.csv")),
            REPORTS / layout.answers("09_destinations"),
        ],
    ),
    "10_forecast": (
        [*INGESTED, EXPORTS, *sorted(Forecasting().issued.glob("*.csv"))],
        [REPORTS / "forecasts.csv", REPORTS / layout.answers("10_forecast")],
    ),
    "11_vintages": (
        [*inputs.downloads(RAW), *INGESTED, EXPORTS],
        [
            *(REPORTS / name for name in ("revisions.csv", "real_time.csv")),
            REPORTS / layout.answers("11_vintages"),
        ],
    ),
}
"""Tables that each shared notebook needs, and files that it makes."""

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
    used = [notebook, inputs.LOCK, *ANALYSIS, *needs]
    failed = REPORTS / layout.FAILED / f"{name.replace('/', '-')}.ipynb"
    whole = PARAMETERS[output.stem].model_validate(values)
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


def executed(study: Study) -> list[Path]:
    """Where a study's executed notebooks lie."""
    return [study.folder / "notebooks" / f"{stem}.ipynb" for stem in layout.STUDY]


def task_notebook() -> Iterator[dict[str, Any]]:
    """Every notebook, with every parameter set it is run on."""
    for stem, output in DATA_NOTEBOOKS.items():
        yield notebook_task(stem, output, dict(SET), *MAKES[stem])
    for path, values, study in STUDIES:
        modelled = [study.folder / name for name in inputs.MODELLED]
        model, figures = executed(study)
        where = shown(path)
        tables = inputs.study_tables(study.processed, study.vintage)
        name = study.study
        yield notebook_task(f"{name}/03_model", model, values, tables, modelled, where)
        yield notebook_task(f"{name}/04_figures", figures, values, tables + modelled, [], where)


def task_vintage() -> Iterator[dict[str, Any]]:
    """The series as it was known on each day that a study names, made once a day."""
    days = {study.as_of: (study, shown(path)) for path, _, study in STUDIES if study.as_of}
    for as_of, asked in days.items():
        study = asked[0]
        yield {
            "name": as_of,
            "actions": [(make_tables, asked)],
            "file_dep": inputs.vintage_needs(study),
            "targets": [study.vintage / name for name in inputs.VINTAGE],
        }


def make_tables(study: Study, where: str) -> TaskFailed | None:
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
    for text, page in TEXTS.items():
        yield {
            "name": f"{layout.DOCS}/{text.stem}",
            "actions": [(render, ["text_page", text, page])],
            "file_dep": [text, *RENDERING],
            "targets": [page],
        }
    for _, _, study in STUDIES:
        yield {
            "name": study.study,
            "actions": [(render, ["study_page", study.folder, executed(study)])],
            "file_dep": [*executed(study), study.folder / "headline.json", *RENDERING],
            "targets": [study.folder / "index.html"],
        }


def data_page(stem: str) -> Path:
    """The page of a notebook that belongs to no study."""
    return REPORTS / layout.page(stem)


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
    made = [path for _, makes in MAKES.values() for path in makes]
    made += [path / name for path in studies for name in inputs.MODELLED]
    return {
        "actions": [write_front_page, write_manifest],
        "file_dep": [*pages, *made, *DATA_NOTEBOOKS.values(), *sources()],
        "targets": [REPORTS / "index.html", REPORTS / "manifest.json"],
    }


def sources() -> list[Path]:
    """Everything the site is made from."""
    given = [inputs.LOCK, *(path for path, _, _ in STUDIES)]
    notebooks = sorted(NOTEBOOKS.glob("*.ipynb"))
    return [*given, *notebooks, *TEXTS, *ANALYSIS, *RAW_FILES, *RENDERING]


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

    folders = [DATA, REPORTS / layout.DOCS, *(study.folder for _, _, study in STUDIES)]
    parameters = {study.study: study.model_dump() for _, _, study in STUDIES}
    write_manifest(REPORTS, folders, hashes(sources()), parameters)
