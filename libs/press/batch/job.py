"""One study of a batch: model, figures and page, each only if what it is made from changed."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from press.batch.record import Record, Stage, digest
from press.provenance import hashes, sha256
from press.site import FAILED, site


@dataclass(frozen=True)
class Sources:
    """What the studies of a vintage are made from: the hash of each file, as stamps name it.

    `common` has those of each notebook.
    """

    notebooks: Mapping[str, str]
    common: Mapping[str, Mapping[str, str]]
    rendering: str

    @cached_property
    def digest(self) -> str:
        """One hash of all."""
        return digest([self.notebooks, self.common, self.rendering])


@dataclass(frozen=True)
class Job:
    """A study to bring up to date.

    `values` are the parameters that its file sets, `sources` the digest of what whoever asks for
    the study has, and `commit` the git commit that the stamps name. `whole`: a report is there,
    whose pages a study's may lead to.
    """

    values: Mapping[str, Any]
    where: str
    notebooks: str
    sources: str
    whole: bool
    commit: str

    @property
    def study(self) -> Any:
        """The whole parameter set."""
        return site().study_model.model_validate(dict(self.values))


@dataclass(frozen=True)
class Outcome:
    """How a study ended: empty `trouble` means well."""

    study: str
    seconds: float
    trouble: str = ""


def failure(job: Job, error: Exception | str) -> Outcome:
    """How a study ended that nothing was made of: the file it stands in, and one line why."""
    from press.execute import one_line

    told = error if isinstance(error, str) else one_line(f"{type(error).__name__}: {error}")
    return Outcome(job.study.study, 0, f"{job.where}: {told}")


def read_sources(notebooks: Path, study: Any) -> Sources:
    """Hash what the studies of the same vintage as `study` are made from, as it is now."""
    code = hashes([site().lock, *site().sources])
    needs = {stem: shared_needs(stem, study) for stem in site().study}
    tables = hashes({path for own in needs.values() for path in own})
    return Sources(
        {stem: sha256(notebooks / f"{stem}.ipynb") for stem in needs},
        {
            stem: code | {name: tables[name] for name in sorted(map(site().shown, own))}
            for stem, own in needs.items()
        },
        digest(hashes(site().rendering)),
    )


def shared_needs(stem: str, study: Any) -> list[Path]:
    """What a notebook of a study reads that no notebook of the study has made."""
    return [path for path in site().needs(stem, study) if not path.is_relative_to(study.folder)]


def make(job: Job) -> Outcome:
    """Bring a study up to date in this process; never raises what a study can cause."""
    from press.execute import NotebookFailed

    started, study = time.monotonic(), job.study
    try:
        record = Record(study.folder)
        for stage in stages(job, _same_sources(job, study.vintage), record):
            record.bring(stage)
    except NotebookFailed as failed:
        return Outcome(study.study, time.monotonic() - started, str(failed))
    except Exception as error:
        return failure(job, error)
    return Outcome(study.study, time.monotonic() - started)


_read: dict[tuple[str, str, Path], Sources] = {}
"""The sources that a worker has found to be those it was told of."""


def _same_sources(job: Job, vintage: Path) -> Sources:
    known = (job.sources, job.notebooks, vintage)
    if known not in _read:
        found = read_sources(site().root / job.notebooks, job.study)
        if found.digest != job.sources:
            raise RuntimeError("the sources or tables here are not those the batch started with")
        _read[known] = found
    return _read[known]


def is_current(job: Job, sources: Sources) -> bool:
    """Whether nothing of the study needs to be made."""
    record = Record(job.study.folder)
    return all(record.holds(stage.name, stage.key) for stage in stages(job, sources, record))


def stages(job: Job, sources: Sources, record: Record) -> Iterator[Stage]:
    """The parts of a study in order; a later one is keyed by what an earlier one left."""
    study, folder = job.study, record.folder
    notebooks = [folder / "notebooks" / f"{stem}.ipynb" for stem in site().study]
    left: dict[Path, None] = {}
    for output in notebooks:
        yield _notebook(job, study, sources, record, output)
        left |= dict.fromkeys([output, *site().makes(output.stem, study, drawn=True)])

    def show() -> list[Path]:
        from press.render import study_page

        return [study_page(notebooks, folder / "index.html", job.whole)]

    key = digest([sources.rendering, list(record.hashes(left).values()), job.whole])
    yield Stage("page", key, show)


def _notebook(job: Job, study: Any, sources: Sources, record: Record, output: Path) -> Stage:
    stem = output.stem
    notebook = site().root / job.notebooks / output.name
    needs = [path for path in site().needs(stem, study) if path.is_relative_to(record.folder)]
    own = {site().shown(path): content for path, content in record.hashes(needs).items()}
    used = {**sources.common[stem], **own, site().shown(notebook): sources.notebooks[stem]}

    def run() -> list[Path]:
        from press.execute import execute

        failed = study.reports / FAILED / f"{study.study}-{output.name}"
        execute(
            notebook,
            job.values,
            output,
            failed,
            inputs=used,
            commit=job.commit,
            where=job.where,
            publishes=True,
        )
        return [output, *site().makes(stem, study, drawn=True)]

    return Stage(stem, digest([used, study.model_dump()]), run)
