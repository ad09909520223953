"""What the studies of a batch find together: one table, the curve of all and a page."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from contracts import ParameterError

from press.batch.record import Record, Stage, digest
from press.provenance import hashes, write_text
from press.site import FAILED, has_report, site
from press.studies import Loaded, check_parameters, slug

STUDIES = "studies.csv"
"""The list of a batch's studies, which its notebook reads and its page offers."""

NEEDED = ("effects.csv", "headline.json")
"""Files of a study that the results together are made from."""


def batch_values(name: str, files: Sequence[Path], folders: Mapping[str, str]) -> dict[str, str]:
    """The parameters of a batch's notebook; raises ParameterError if `name` is none.

    Without a name a batch of one file is named after the file, one of several files after the
    folder they share.
    """
    shared = {path.resolve().parent for path in files}
    if not name and len(shared) > 1:
        raise ParameterError("the study files lie in several folders; name the batch with --name")
    name = name or slug(files[0].stem if len(files) == 1 else shared.pop().name)
    values = {"batch": name, **folders}
    check_parameters(site().batch, values, "--name")
    return values


def bring_together(
    values: Mapping[str, str],
    notebook: Path,
    studies: Sequence[Loaded],
    failed: Mapping[str, str],
) -> Path | None:
    """Make what has changed of the table, curve and page of studies that have ended.

    `values` are the parameters of `notebook`, `failed` the reasons by study. The page, if anything
    was made; a batch none of whose studies has results is left as it was. Raises NotebookFailed.
    """
    if len(failed) == len(studies):
        return None
    batch: Any = site().model(site().batch).model_validate(dict(values))
    output, listed = batch.folder / "notebooks" / notebook.name, batch.folder / STUDIES
    used = _used(notebook, [one.study for one in studies if one.study.study not in failed])
    rows = _listed(studies, failed)

    def left() -> list[Path]:
        return [output, listed, *site().makes(site().batch, batch, drawn=True)]

    def gather() -> list[Path]:
        from press.execute import execute

        write_text(listed, rows)
        aside = batch.reports / FAILED / f"batch-{batch.batch}.ipynb"
        execute(notebook, values, output, aside, inputs=used, publishes=True)
        return left()

    def show() -> list[Path]:
        from press.render import batch_page

        return [batch_page(batch.folder, output, whole)]

    record, whole = Record(batch.folder), has_report(batch.reports)
    gathered = record.bring(Stage(site().batch, digest([used, rows]), gather))
    made_from = [hashes(site().rendering), list(record.hashes(left()).values()), whole]
    shown = record.bring(Stage("page", digest(made_from), show))
    return batch.folder / "index.html" if gathered or shown else None


def _used(notebook: Path, studies: Iterable[Any]) -> dict[str, str]:
    """What the notebook reads and runs, by content."""
    used = hashes([site().lock, notebook, *site().sources])
    for study in studies:
        found = Record(study.folder).hashes(study.folder / name for name in NEEDED)
        used |= {site().shown(path): content for path, content in found.items()}
    return dict(sorted(used.items()))


def _listed(studies: Iterable[Loaded], failed: Mapping[str, str]) -> str:
    """The studies in the order of their files, and why any failed, as CSV."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(["study", "file", "trouble"])
    for path, _, study in studies:
        table.writerow([study.study, site().shown(path), failed.get(study.study, "")])
    return text.getvalue()
