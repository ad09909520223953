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
from press.studies import Loaded, Refused, check_parameters, slug

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
    named = files[0].stem if len(files) == 1 else shared.pop().name
    name = name or slug(named)
    if not name:
        raise ParameterError(
            f"found {named!r}, which gives the batch no name; give one with --name"
        )
    values = {"batch": name, **folders}
    check_parameters(site().batch, values, "--name")
    return values


def bring_together(
    values: Mapping[str, str],
    notebook: Path,
    studies: Sequence[Loaded],
    failed: Mapping[str, str],
    refused: Iterable[Refused] = (),
) -> Path | None:
    """Make what has changed of the table, curve and page of studies that have ended.

    `values` are the parameters of `notebook`, `failed` the reasons by study, `refused` the files
    that hold no study. The page, if anything
    was made; a batch none of whose studies has results is left as it was. Raises NotebookFailed.
    """
    if len(failed) == len(studies):
        return None
    batch: Any = site().model(site().batch).model_validate(dict(values))
    output, listed = batch.folder / "notebooks" / notebook.name, batch.folder / STUDIES
    used = _used(notebook, [one.study for one in studies if one.study.study not in failed])
    rows = _listed(studies, failed, refused)

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


def _listed(
    studies: Sequence[Loaded], failed: Mapping[str, str], refused: Iterable[Refused]
) -> str:
    """The studies in the order of their files, and why any failed or was refused, as CSV."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(["study", "file", "trouble"])
    for path, _, study in studies:
        table.writerow([study.study, site().shown(path), failed.get(study.study, "")])
    names = {study.study for _, _, study in studies}
    for path, name, reason in refused:
        where = site().shown(path)
        table.writerow([where if name in names else name, where, reason])
    return text.getvalue()


def held_by_others(values: Mapping[str, str], files: Iterable[Path]) -> dict[str, Path]:
    """The names of studies whose results other batches hold, and the files they come from.

    A file that is gone holds nothing. Raises ParameterError if the batch's own name is held so.
    """
    batch: Any = site().model(site().batch).model_validate(dict(values))
    own = {site().shown(path) for path in files}
    held: dict[str, Path] = {}
    for listed in sorted(batch.folder.parent.glob(f"*/{STUDIES}")):
        with listed.open(encoding="utf-8", newline="") as text:
            rows = [(row["study"], row["file"]) for row in csv.DictReader(text)]
        others = {name: site().root / file for name, file in rows if file not in own}
        there = {name: path for name, path in others.items() if path.exists()}
        if there and listed.parent == batch.folder and own.isdisjoint(file for _, file in rows):
            raise ParameterError(
                f"--name: {batch.batch!r} holds what {site().shown(next(iter(there.values())))} "
                "found; give another name with --name"
            )
        held |= there
    return held
