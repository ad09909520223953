"""One study of a batch: model, figures and page, each only if what it is made from changed."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from press import report as site
from press.batch.record import Record, Stage, digest
from press.provenance import hashes, sha256, versions
from press.report import ROOT
from press.studies import check_parameters, shown


@dataclass(frozen=True)
class Sources:
    """What the studies of a vintage are made from: the hash of each file, as stamps name it."""

    notebooks: Mapping[str, str]
    common: Mapping[str, str]
    rendering: str

    @property
    def digest(self) -> str:
        """One hash of all."""
        return digest([self.notebooks, self.common, self.rendering])


@dataclass(frozen=True)
class Job:
    """A study to bring up to date.

    `values` are the parameters that its file sets, `sources` the digest of what whoever asks for
    the study has, and `commit` the git commit that the stamps name.
    """

    values: Mapping[str, Any]
    where: str
    notebooks: str
    sources: str
    commit: str = ""

    @property
    def study(self) -> Any:
        """The whole parameter set."""
        return check_parameters(next(iter(site.report().study)), self.values, self.where)


@dataclass(frozen=True)
class Outcome:
    """How a study ended: empty `trouble` means well."""

    study: str
    seconds: float
    trouble: str = ""


def read_sources(notebooks: Path, study: Any) -> Sources:
    """Hash the files that the studies of a vintage are made from, as they are now."""
    return Sources(
        {stem: sha256(notebooks / f"{stem}.ipynb") for stem in site.report().study},
        hashes([*site.code_files(), *site.study_tables(study)]),
        digest(hashes(site.rendering_files())),
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
    sources = _same_sources(job)
    record = Record(job.study.folder)
    for stage in stages(job, sources, record):
        record.bring(stage)


_known: dict[tuple[str, str, Path], Sources] = {}
"""What this process has read, by what it was asked for."""


def _same_sources(job: Job) -> Sources:
    study = job.study
    key = (job.sources, job.notebooks, study.vintage)
    found = _known.get(key) or _known.setdefault(key, read_sources(ROOT / job.notebooks, study))
    if found.digest != job.sources:
        raise RuntimeError("the sources or tables here are not those the batch was started with")
    return found


def is_current(job: Job, sources: Sources) -> bool:
    """Whether nothing of the study needs to be made."""
    record = Record(job.study.folder)
    return all(record.holds(stage.name, stage.key) for stage in stages(job, sources, record))


def stages(job: Job, sources: Sources, record: Record) -> Iterator[Stage]:
    """The parts of a study in order; a later one is keyed by what the earlier ones left."""
    study, folder = job.study, record.folder
    left: list[Path] = []
    for output in site.executed(folder):
        made = site.resolve(site.report().study[output.stem].makes, study)
        needs = [path for path in left if path.suffix != ".ipynb"]
        left += [output, *made]
        yield _notebook(job, sources, record, output, needs, [output, *made])
    needed = [*left, *_figures(folder)]
    key = digest([sources.rendering, list(record.hashes(needed).values())])
    yield Stage("page", key, lambda: _page(folder, site.executed(folder)))


def _figures(folder: Path) -> list[Path]:
    return sorted((folder / "figures").glob("[!.]*"))


def _notebook(
    job: Job,
    sources: Sources,
    record: Record,
    output: Path,
    needs: list[Path],
    makes: list[Path],
) -> Stage:
    notebook = ROOT / job.notebooks / output.name
    own = {shown(path): content for path, content in record.hashes(needs).items()}
    used = {**sources.common, **own, shown(notebook): sources.notebooks[output.stem]}
    whole = check_parameters(output.stem, job.values, job.where).model_dump()

    def run() -> list[Path]:
        from press.execute import execute

        failed = job.study.reports / site.FAILED / f"{job.study.study}-{output.name}"
        stamp = {"inputs": dict(sorted(used.items())), "commit": job.commit}
        execute(
            notebook,
            job.values,
            output,
            failed,
            stamp=stamp | {"packages": _versions()},
            where=job.where,
        )
        drawn = _figures(record.folder) if _draws(output) else []
        return _all_made(notebook, [*makes, *drawn])

    return Stage(output.stem, digest([used, whole]), run)


def _draws(output: Path) -> bool:
    """Whether a notebook is the last of its study: the figures in its folder are then all there."""
    return output.stem == list(site.report().study)[-1]


@cache
def _versions() -> dict[str, str]:
    return versions()


def _all_made(notebook: Path, files: list[Path]) -> list[Path]:
    from press.execute import NotebookFailed

    if left_out := [path.name for path in files if not path.exists()]:
        raise NotebookFailed(f"{shown(notebook)} ended without writing {', '.join(left_out)}")
    return files


def _page(folder: Path, notebooks: list[Path]) -> list[Path]:
    from press.render import study_page

    return [study_page(folder, notebooks)]
