"""A batch from its study files to its last line."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from contracts import ParameterError

from press import report as site
from press.batch.exchange import bring_home, make_away, offer, publish
from press.batch.job import Job, Outcome, is_current, read_sources
from press.batch.pools import run_here, run_on_cluster
from press.batch.record import Record, digest
from press.batch.telling import sum_up, tell
from press.batch.together import BATCH, Together, batch_values, bring_together
from press.provenance import commit, hashes
from press.report import ROOT
from press.studies import Loaded, load_studies, shown
from press.vintages import make_vintages


@dataclass(frozen=True)
class Batch:
    """What a batch is asked to do; `folders` are those given on the command line."""

    files: Sequence[Path]
    processes: int
    scheduler: str | None = None
    notebooks: str = "notebooks"
    folders: dict[str, str] = field(default_factory=dict)
    name: str = ""
    address: str = ""


def run_batch(batch: Batch) -> int:
    """Bring all studies up to date; the exit status is 1 if any failed."""
    if batch.address and not batch.scheduler:
        raise ParameterError("--address: found no --scheduler; the studies run here without it")
    values = batch_values(batch.name, batch.files, batch.folders)
    loaded = load_studies(batch.files, batch.folders)
    if not clean_once(batch):
        print("the studies were not run, as they need the notebooks above", file=sys.stderr)
        return 1
    lost = make_vintages((study for _, _, study in loaded), batch.processes)
    refused = [
        Outcome(study.study, 0, f"{shown(path)}: {lost[study.as_of]}")
        for path, _, study in loaded
        if study.as_of in lost
    ]
    changed = _changed([one for one in loaded if one[-1].as_of not in lost], batch)
    failed = [*refused, *_run(changed, batch)]
    print(sum_up(len(loaded), len(refused) + len(changed), failed))
    for outcome in sorted(failed, key=lambda one: one.study):
        print(f"failed: {outcome.trouble}", file=sys.stderr)
    notebook = ROOT / batch.notebooks / f"{BATCH}.ipynb"
    troubles = {outcome.study: outcome.trouble for outcome in failed}
    together = _bring_together(Together(values, notebook, loaded, troubles), batch.address)
    return 0 if together and not failed else 1


def _bring_together(together: Together, address: str) -> bool:
    """Bring the results together up to date and say where they are; whether that went well."""
    from press.execute import NotebookFailed

    try:
        page = bring_together(together)
    except NotebookFailed as failure:
        print(f"failed: {failure}", file=sys.stderr)
        return False
    if page and address:
        publish(address, page.parent, together.batch.reports)
    if page:
        print(f"All together are in {shown(page)}")
    return True


def _changed(loaded: Sequence[Loaded], batch: Batch) -> list[Job]:
    """The studies of which something needs to be made."""
    days = {study.vintage: study for _, _, study in loaded}
    notebooks = ROOT / batch.notebooks
    sources = {vintage: read_sources(notebooks, study) for vintage, study in days.items()}
    jobs = [
        Job(values, shown(path), batch.notebooks, sources[study.vintage].digest)
        for path, values, study in loaded
    ]
    return [job for job in jobs if not is_current(job, sources[job.study.vintage])]


def _run(changed: Sequence[Job], batch: Batch) -> list[Outcome]:
    if not changed:
        return []
    stamped = [replace(job, commit=at) for at in [commit()] for job in changed]
    return tell(_outcomes(stamped, batch), len(changed))


def _outcomes(jobs: Sequence[Job], batch: Batch) -> Iterable[Outcome]:
    """Run studies here, on a cluster that sees this folder, or on one that sees an address."""
    if not batch.scheduler:
        return run_here(jobs, batch.processes)
    if not batch.address:
        return run_on_cluster(jobs, batch.scheduler)
    tables = [path for job in jobs for path in site.study_tables(job.study)]
    exchange = offer(batch.address, tables)
    away = run_on_cluster(jobs, batch.scheduler, partial(make_away, exchange))
    return bring_home(exchange, away, jobs)


def clean_once(batch: Batch) -> bool:
    """Run the notebooks that come before all studies, if anything of theirs changed."""
    once = site.report().once
    notebooks = [ROOT / batch.notebooks / f"{stem}.ipynb" for stem in once]
    asked = {stem: one.model.model_validate(batch.folders) for stem, one in once.items()}
    folders = next(iter(asked.values()))
    needed = [*notebooks, *site.code_files(), *site.files(folders.raw)]
    key = digest([hashes(needed), batch.folders])
    record = Record(folders.processed)
    if record.holds("shared", key):
        return True
    from press.progress import run_graph

    if run_graph(
        [f"page:{stem}" for stem in once],
        studies=".none",
        notebooks=batch.notebooks,
        folders=batch.folders,
    ):
        return False
    made = [path for stem, one in once.items() for path in site.resolve(one.makes, asked[stem])]
    record.note("shared", key, [path for path in made if path.is_relative_to(folders.processed)])
    return True
