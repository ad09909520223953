"""What the studies of a batch find together: one table, the curve of all and a page."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from contracts import ParameterError

from press.batch.record import Record, Stage, digest
from press.provenance import commit, hashes, versions, write_text
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


@dataclass(frozen=True)
class Together:
    """A batch whose studies have ended.

    `values` are the parameters of its notebook, `failed` the reasons by study.
    """

    values: Mapping[str, str]
    notebook: Path
    studies: Sequence[Loaded]
    failed: Mapping[str, str]

    @property
    def batch(self) -> Any:
        """The whole parameter set."""
        return site().model(site().batch).model_validate(dict(self.values))


def bring_together(together: Together) -> Path | None:
    """Make what has changed of a batch's table, curve and page; the page if there was any.

    A batch none of whose studies has results is left as it was.
    """
    if len(together.failed) == len(together.studies):
        return None
    record = Record(together.batch.folder)
    made = [record.bring(stage) for stage in _stages(together, record)]
    return record.folder / "index.html" if any(made) else None


def _stages(together: Together, record: Record) -> Iterator[Stage]:
    """The table with its curve, then the page, which is keyed by what the former left."""
    used = _used(together)
    listed = _listed(together)
    yield Stage(site().batch, digest([used, listed]), lambda: _gather(together, used, listed))

    notebook = record.folder / "notebooks" / together.notebook.name
    left = list(record.hashes(_left(together.batch, notebook)).values())
    whole = has_report(together.batch.reports)
    key = digest([hashes(site().rendering), left, whole])
    yield Stage("page", key, lambda: _page(record.folder, notebook, whole))


def _used(together: Together) -> dict[str, str]:
    """What the notebook reads and runs, by content."""
    used = hashes([site().lock, together.notebook, *site().sources])
    for _, _, study in together.studies:
        if study.study not in together.failed:
            found = Record(study.folder).hashes(study.folder / name for name in NEEDED)
            used |= {site().shown(path): content for path, content in found.items()}
    return dict(sorted(used.items()))


def _listed(together: Together) -> str:
    """The studies in the order of their files, and why any failed, as CSV."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(["study", "file", "trouble"])
    for path, _, study in together.studies:
        table.writerow([study.study, site().shown(path), together.failed.get(study.study, "")])
    return text.getvalue()


def _gather(together: Together, used: Mapping[str, str], listed: str) -> list[Path]:
    from press.execute import execute

    batch = together.batch
    write_text(batch.folder / STUDIES, listed)
    output = batch.folder / "notebooks" / together.notebook.name
    failed = batch.reports / FAILED / f"batch-{batch.batch}.ipynb"
    stamp = {"inputs": used, "commit": commit(), "packages": versions()}
    execute(together.notebook, together.values, output, failed, stamp=stamp, publishes=True)
    return _left(batch, output)


def _left(batch: Any, notebook: Path) -> list[Path]:
    """What the notebook leaves, with itself."""
    return [notebook, batch.folder / STUDIES, *site().makes(site().batch, batch, drawn=True)]


def _page(folder: Path, notebook: Path, whole: bool) -> list[Path]:
    from press.render import batch_page

    return [batch_page(folder, notebook, whole)]
