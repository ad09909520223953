"""A batch whose workers share no folder with it: tables and results lie at an address."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from contracts import ParameterError

from press.batch.address import Address, NotThere
from press.batch.job import Job, Outcome, make
from press.batch.record import NAME, files_of
from press.provenance import hashes, write_text
from press.report import DATA, FAILED, ROOT, report

TABLES = f"{DATA}/tables"
"""Where tables lie at the address, each named by its hash."""


@dataclass(frozen=True)
class Exchange:
    """An address, and the tables there that the studies need: path and hash of each."""

    address: str
    tables: tuple[tuple[str, str], ...]


def offer(address: str, tables: Iterable[Path]) -> Exchange:
    """Put the tables to an address; raises ParameterError where that cannot be done."""
    exchange = Exchange(address, tuple(hashes(set(tables)).items()))
    try:
        there = Address(address)
        files = {ROOT / name: f"{TABLES}/{content}" for name, content in exchange.tables}
        there.put({path: name for path, name in files.items() if not there.has(name)})
    except Exception as error:  # each package that fsspec calls has its own
        raise ParameterError(f"--address {address}: {_said(error)}") from error
    return exchange


def publish(address: str, folder: Path, reports: Path) -> None:
    """Put a folder with a record to an address where `offer` put tables."""
    try:
        put_folder(Address(address), folder, reports)
    except Exception as error:
        raise ParameterError(f"--address {address}: {_said(error)}") from error


def make_away(exchange: Exchange, job: Job) -> Outcome:
    """`make` on a worker: with the tables of the address, and the results put there."""
    study = job.study
    try:
        _get_tables(exchange)
        get_folder(Address(exchange.address), study.folder, study.reports)
        outcome = make(job)
        if outcome.trouble:
            _put_failed(Address(exchange.address), study)
        else:
            put_folder(Address(exchange.address), study.folder, study.reports)
    except Exception as error:
        return Outcome(study.study, 0, f"{job.where}: {_said(error)}")
    return outcome


@lru_cache(maxsize=1)
def _get_tables(exchange: Exchange) -> None:
    files = {ROOT / name: (f"{TABLES}/{content}", content) for name, content in exchange.tables}
    Address(exchange.address).get(files)


def bring_home(
    exchange: Exchange, outcomes: Iterable[Outcome], jobs: Sequence[Job]
) -> Iterator[Outcome]:
    """Bring what studies left at the address, as they end."""
    asked = {job.study.study: job for job in jobs}
    for outcome in outcomes:
        job = asked[outcome.study]
        try:
            _bring(Address(exchange.address), job.study, outcome)
        except Exception as error:
            yield replace(outcome, trouble=outcome.trouble or f"{job.where}: {_said(error)}")
        else:
            yield outcome


def _bring(there: Address, study: Any, outcome: Outcome) -> None:
    if outcome.trouble:
        for path, name in _failed(study).items():
            if content := there.read(name):
                write_text(path, content.decode())
    elif get_folder(there, study.folder, study.reports):
        for path in _failed(study):
            path.unlink(missing_ok=True)
    else:
        raise NotThere("the results are not at the address, or not as they were put there")


def put_folder(there: Address, folder: Path, reports: Path) -> None:
    """Put what the record of `folder` names, and then the record, unless they are there."""
    place = folder.relative_to(reports).as_posix()
    record = (folder / NAME).read_bytes()
    if there.read(f"{place}/{NAME}") != record:
        there.put({folder / name: f"{place}/{name}" for name in files_of(record)})
        there.put({folder / NAME: f"{place}/{NAME}"})


def get_folder(there: Address, folder: Path, reports: Path) -> bool:
    """Bring what a record at the address names; whether all was there, as it was put there."""
    place = folder.relative_to(reports).as_posix()
    record = there.read(f"{place}/{NAME}")
    files = files_of(record)
    try:
        there.get({folder / name: (f"{place}/{name}", files[name]["sha256"]) for name in files})
    except NotThere:
        return False
    for name, entry in files.items():
        os.utime(folder / name, ns=(entry["changed_ns"], entry["changed_ns"]))
    if files:
        write_text(folder / NAME, record.decode())
    return bool(files)


def _put_failed(there: Address, study: Any) -> None:
    """Put what a failed study left to look at, and nothing that an earlier failure did."""
    for path, name in _failed(study).items():
        if path.exists():
            there.put({path: name})
        elif there.has(name):
            there.remove(name)


def _failed(study: Any) -> dict[Path, str]:
    """Where the notebooks of a study and their logs are kept if they fail, here and there."""
    names = [f"{study.study}-{stem}.{kind}" for stem in report().study for kind in ("ipynb", "log")]
    folder = study.reports / FAILED
    return {folder / name: f"{FAILED}/{name}" for name in names}


def _said(error: Exception) -> str:
    from press.execute import one_line

    return one_line(f"{type(error).__name__}: {error}")
