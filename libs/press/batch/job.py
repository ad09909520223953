"""One study of a batch: model, figures and page, each only if what it is made from changed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from analysis.study import PARAMETERS, ROOT, Study
from press import inputs, layout
from press.batch.record import Record, Stage, digest
from press.provenance import hashes, sha256, versions
from press.studies import shown


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
    def study(self) -> Study:
        """The whole parameter set."""
        return Study.model_validate(dict(self.values))


@dataclass(frozen=True)
class Outcome:
    """How a study ended: empty `trouble` means well."""

    study: str
    seconds: float
    trouble: str = ""


def read_sources(notebooks: Path, processed: Path, vintage: Path) -> Sources:
    """Hash the files that the studies of a vintage are made from, as they are now."""
    tables = inputs.study_tables(processed, vintage)
    return Sources(
        {stem: sha256(notebooks / f"{stem}.ipynb") for stem in layout.STUDY},
        hashes([inputs.LOCK, *inputs.analysis_files(), *tables]),
        digest(hashes(inputs.rendering_files())),
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
    sources = _same_sources(job.sources, job.notebooks, study.processed, study.vintage)
    record = Record(study.folder)
    for stage in stages(job, sources, record):
        record.bring(stage)


@lru_cache(maxsize=64)
def _same_sources(wanted: str, notebooks: str, processed: Path, vintage: Path) -> Sources:
    found = read_sources(ROOT / notebooks, processed, vintage)
    if found.digest != wanted:
        raise RuntimeError("the sources or tables here are not those the batch was started with")
    return found


def is_current(job: Job, sources: Sources) -> bool:
    """Whether nothing of the study needs to be made."""
    record = Record(job.study.folder)
    return all(record.holds(stage.name, stage.key) for stage in stages(job, sources, record))


def stages(job: Job, sources: Sources, record: Record) -> Iterator[Stage]:
    """The parts of a study in order; a later one is keyed by what an earlier one left."""
    folder = record.folder
    modelled = [folder / name for name in inputs.MODELLED]
    model, figures = (folder / "notebooks" / f"{stem}.ipynb" for stem in layout.STUDY)

    yield _notebook(job, sources, record, model, [], lambda: [model, *modelled])
    yield _notebook(job, sources, record, figures, modelled, lambda: [figures, *_figures(folder)])

    needed = [model, figures, *modelled, *_figures(folder)]
    key = digest([sources.rendering, list(record.hashes(needed).values())])
    yield Stage("page", key, lambda: _page(folder, [model, figures]))


def _figures(folder: Path) -> list[Path]:
    return sorted((folder / "figures").glob("[!.]*"))


def _notebook(
    job: Job,
    sources: Sources,
    record: Record,
    output: Path,
    needs: list[Path],
    makes: Callable[[], list[Path]],
) -> Stage:
    notebook = ROOT / job.notebooks / output.name
    own = {shown(path): content for path, content in record.hashes(needs).items()}
    used = {**sources.common, **own, shown(notebook): sources.notebooks[output.stem]}
    whole = PARAMETERS[output.stem].model_validate(dict(job.values)).model_dump()

    def run() -> list[Path]:
        from press.execute import execute

        failed = job.study.reports / layout.FAILED / f"{job.study.study}-{output.name}"
        stamp = {"inputs": dict(sorted(used.items())), "commit": job.commit}
        execute(
            notebook,
            job.values,
            output,
            failed,
            stamp=stamp | {"packages": _versions()},
            where=job.where,
        )
        return _all_made(notebook, makes())

    return Stage(output.stem, digest([used, whole]), run)


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
