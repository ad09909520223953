"""A batch from its study files to its last line."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from contracts import ParameterError
from tqdm import tqdm
from words import count

from press.batch.exchange import bring_home, make_away, offer, publish
from press.batch.job import Job, Outcome, is_current, read_sources, shared_needs
from press.batch.pools import run_here, run_on_cluster
from press.batch.record import Record, digest
from press.batch.together import batch_values, bring_together, held_by_others
from press.modules import make_vintage
from press.provenance import commit, hashes
from press.site import has_report, site
from press.studies import Loaded, Refused, load_studies, names_of_others


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


def run_batch(batch: Batch) -> tuple[int, str]:
    """Bring all studies up to date; the exit status, 1 if any failed, and what was said at last."""
    if batch.address and not batch.scheduler:
        raise ParameterError("--address: found no --scheduler; the studies run here without it")
    values = batch_values(batch.name, batch.files, batch.folders)
    site().require_notebooks(site().root / batch.notebooks)
    others = names_of_others(batch.files, batch.folders)
    others |= held_by_others(values, batch.files)
    loaded, refused = load_studies(batch.files, batch.folders, others)
    for one in refused:
        print(one.reason, file=sys.stderr)
    if not loaded:
        return 1, ""
    if not clean_once(batch):
        print("the studies were not run, as they need the notebooks above", file=sys.stderr)
        return 1, ""
    lost = make_vintages([one.study for one in loaded], batch.processes)
    without = [one for one in loaded if site().known(one.study) in lost]
    failed = [
        Outcome(study.study, 0, f"{site().shown(path)}: {lost[site().known(study)]}")
        for path, _, study in without
    ]
    changed = _changed([one for one in loaded if site().known(one.study) not in lost], batch)
    failed += tell(_outcomes(changed, batch), len(changed))
    said = sum_up(len(loaded), len(without) + len(changed), len(failed))
    print(said + (f"; {count(len(refused), 'file')} refused, as said above" if refused else ""))
    for outcome in sorted(failed, key=lambda one: one.study):
        print(f"failed: {outcome.trouble}", file=sys.stderr)
    whole = _bring_together(batch, values, loaded, failed, refused)
    return (0 if whole and not failed and not refused else 1), said


def _bring_together(
    batch: Batch,
    values: dict[str, str],
    studies: Sequence[Loaded],
    failed: Sequence[Outcome],
    refused: Sequence[Refused],
) -> bool:
    """Bring the results together up to date and say where they are; whether that went well."""
    from press.execute import NotebookFailed

    notebook = site().root / batch.notebooks / f"{site().batch}.ipynb"
    try:
        troubles = {one.study: one.trouble for one in failed}
        page = bring_together(values, notebook, studies, troubles, refused)
    except NotebookFailed as failure:
        print(f"failed: {failure}", file=sys.stderr)
        return False
    if page and batch.address:
        publish(batch.address, page.parent, site().folder("reports", batch.folders))
    if page:
        print(f"All together are in {site().shown(page)}")
    return True


def _changed(loaded: Sequence[Loaded], batch: Batch) -> list[Job]:
    """The studies of which something needs to be made."""
    one_of = {study.vintage: study for _, _, study in loaded}
    notebooks = site().root / batch.notebooks
    sources = {vintage: read_sources(notebooks, study) for vintage, study in one_of.items()}
    whole, at = has_report(site().folder("reports", batch.folders)), commit()
    jobs = [
        Job(values, site().shown(path), batch.notebooks, sources[study.vintage].digest, whole, at)
        for path, values, study in loaded
    ]
    return [job for job in jobs if not is_current(job, sources[job.study.vintage])]


def _outcomes(jobs: Sequence[Job], batch: Batch) -> Iterable[Outcome]:
    """Run studies here, on a cluster that sees this folder, or on one that sees an address."""
    if not jobs:
        return []
    if not batch.scheduler:
        return run_here(jobs, batch.processes)
    if not batch.address:
        return run_on_cluster(jobs, batch.scheduler)
    needs = [shared_needs(stem, job.study) for job in jobs for stem in site().study]
    exchange = offer(batch.address, [path for paths in needs for path in paths])
    away = run_on_cluster(jobs, batch.scheduler, partial(make_away, exchange))
    return bring_home(exchange, away, jobs)


def clean_once(batch: Batch) -> bool:
    """Run the shared notebooks whose tables studies read, if anything of theirs changed."""
    from press.graph import run_graph

    study = site().study_model.model_validate(batch.folders)
    read = {path for stem in site().study for path in site().needs(stem, study)}
    read |= set(site().vintage_needs(study))
    pages = []
    for stem in site().shared:
        asked = site().model(stem).model_validate(batch.folders)
        if not read.isdisjoint(site().makes(stem, asked)):
            pages.append(f"page:{stem}")  # whose notebook brings those before it along
    notebooks, folders = batch.notebooks, batch.folders
    return not run_graph(
        pages, studies=".none", notebooks=notebooks, folders=folders, processes=batch.processes
    )


def make_vintages(studies: Iterable[Any], processes: int) -> dict[str, str]:
    """Bring the days that `studies` ask for up to date; by day what went wrong, if anything."""
    days = {site().known(study): study for study in studies if site().known(study)}
    with ThreadPoolExecutor(processes) as pool:
        told = pool.map(_make_if_changed, days.values())
    return {day: trouble for day, trouble in zip(days, told, strict=True) if trouble}


def _make_if_changed(study: Any) -> str:
    record = Record(study.vintage)
    key = digest(hashes(site().vintage_needs(study)))
    if record.holds("vintage", key):
        return ""
    trouble = make_vintage(study)
    if not trouble:
        record.note("vintage", key, site().vintage_makes(study))
    return trouble


def tell(outcomes: Iterable[Outcome], total: int) -> list[Outcome]:
    """Follow a run to its end; return the studies that failed."""
    terminal = sys.stderr.isatty()
    failed: list[Outcome] = []
    with tqdm(
        total=total,
        disable=not terminal,
        leave=False,
        bar_format=f"{{bar:30}} {{n_fmt}} of {count(total, 'study', 'studies')}, {{postfix}}, "
        "{remaining} left",
        postfix="0 failed",
    ) as bar:
        for number, outcome in enumerate(outcomes, 1):
            failed += [outcome] if outcome.trouble else []
            bar.set_postfix_str(f"{len(failed)} failed", refresh=False)
            bar.update()
            if not terminal:
                print(_line(outcome, number, total), flush=True)
    return failed


def _line(outcome: Outcome, number: int, total: int) -> str:
    ended = "failed" if outcome.trouble else f"{outcome.seconds:.1f} s"
    return f"{number:>{len(str(total))}} of {total}  {outcome.study:<60} {ended:>9}"


def sum_up(total: int, ran: int, failed: int) -> str:
    """The last line: how many studies there are, ran and failed."""
    studies = count(total, "study", "studies")
    if not ran:
        return f"{studies}; nothing had changed"
    trouble = f", {failed:,} failed" if failed else ""
    return f"{studies}: {total - ran:,} unchanged, {ran - failed:,} made{trouble}"
