"""One study of a batch: model, figures and page, each only if what it is made from changed."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from press.batch.record import Record, Stage, digest
from press.provenance import hashes, sha256, versions
from press.site import FAILED, site


@dataclass(frozen=True)
class Sources:
    """What the studies of a vintage are made from: the hash of each file, as stamps name it.

    `common` has those of each notebook.
    """

    notebooks: Mapping[str, str]
    common: Mapping[str, Mapping[str, str]]
    rendering: str

    @property
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
    commit: str = ""

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


def read_sources(notebooks: Path, study: Any) -> Sources:
    """Hash what the studies of the same vintage as `study` are made from, as it is now."""
    code = hashes([site().lock, *site().sources])
    needs = {
        stem: [one for one in site().needs(stem, study) if not one.is_relative_to(study.folder)]
        for stem in site().study
    }
    tables = hashes({path for own in needs.values() for path in own})
    return Sources(
        {stem: sha256(notebooks / f"{stem}.ipynb") for stem in needs},
        {
            stem: code | {name: tables[name] for name in sorted(map(site().shown, own))}
            for stem, own in needs.items()
        },
        digest(hashes(site().rendering)),
    )


def make(job: Job) -> Outcome:
    """Bring a study up to date in this process; never raises what a study can cause."""
    from press.execute import NotebookFailed, one_line

    started = time.monotonic()
    trouble = ""
    try:
        _make(job)
    except NotebookFailed as failure:
        trouble = str(failure)
    except Exception as error:
        trouble = f"{job.where}: {one_line(f'{type(error).__name__}: {error}')}"
    return Outcome(job.study.study, time.monotonic() - started, trouble)


def _make(job: Job) -> None:
    study = job.study
    sources = _same_sources(job, study.vintage)
    record = Record(study.folder)
    for stage in stages(job, sources, record):
        record.bring(stage)


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
    study = job.study
    left: list[Path] = []
    for stem in site().study:
        output = record.folder / "notebooks" / f"{stem}.ipynb"
        yield _notebook(job, study, sources, record, output)
        left += [output, *site().makes(stem, study, drawn=True)]
    notebooks = [path for path in left if path.suffix == ".ipynb"]
    hashed = list(record.hashes(dict.fromkeys(left)).values())
    key = digest([sources.rendering, hashed, job.whole])
    yield Stage("page", key, lambda: _page(record.folder, notebooks, job.whole))


def _notebook(job: Job, study: Any, sources: Sources, record: Record, output: Path) -> Stage:
    stem = output.stem
    notebook = site().root / job.notebooks / output.name
    needs = [path for path in site().needs(stem, study) if path.is_relative_to(record.folder)]
    own = {site().shown(path): content for path, content in record.hashes(needs).items()}
    used = {**sources.common[stem], **own, site().shown(notebook): sources.notebooks[stem]}

    def run() -> list[Path]:
        from press.execute import execute

        stamp = {"inputs": dict(sorted(used.items())), "commit": job.commit}
        execute(
            notebook,
            job.values,
            output,
            study.reports / FAILED / f"{study.study}-{output.name}",
            stamp=stamp | {"packages": _versions()},
            where=job.where,
            publishes=True,
        )
        return [output, *site().makes(stem, study, drawn=True)]

    return Stage(stem, digest([used, study.model_dump()]), run)


@cache
def _versions() -> dict[str, str]:
    return versions()


def _page(folder: Path, notebooks: list[Path], whole: bool) -> list[Path]:
    from press.render import study_page

    return [study_page(notebooks, folder / "index.html", whole)]
