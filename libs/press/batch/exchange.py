"""A batch whose workers share no folder with it: tables and results lie at an address.

An address is one that fsspec knows, such as `s3://bucket/folder` or `file:///mnt/folder`.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from hashlib import sha256 as new_sha256
from pathlib import Path
from typing import Any

from contracts import ParameterError, replacing

from press.batch.job import Job, Outcome, failure, make
from press.batch.record import NAME, files_of
from press.provenance import hashes, sha256, write_text
from press.site import DATA, FAILED, site

TABLES = f"{DATA}/tables"
"""Where tables lie at the address, each named by its hash."""


class NotThere(RuntimeError):
    """A file at the address is missing, or is not what its hash says."""


def connected(address: str) -> Any:
    """The folder at an address, as a file system of fsspec.

    Each time it is a connection of its own and remembers no listing: others write there at the
    same time, and a connection does not outlast a long study. Raises what fsspec does where it
    does not know such addresses.
    """
    from fsspec.core import url_to_fs
    from fsspec.implementations.dirfs import DirFileSystem

    fresh = {"skip_instance_cache": True, "use_listings_cache": False}
    files, root = url_to_fs(address, **fresh)
    return DirFileSystem(root, files, **fresh)


def read(there: Any, name: str) -> bytes:
    """A small file at an address; empty if there is none."""
    try:
        content: bytes = there.cat_file(name)
    except FileNotFoundError:
        return b""
    return content


def put(there: Any, files: Mapping[Path, str]) -> None:
    """Put local files under the names that they are to have at an address."""
    for folder in {name.rpartition("/")[0] for name in files.values()}:
        there.makedirs(folder, exist_ok=True)
    there.put([str(path) for path in files], list(files.values()))


def get(there: Any, files: Mapping[Path, tuple[str, str]]) -> None:
    """Bring files, named with their SHA-256, to where they are to lie, if they are not there.

    Raises NotThere before any takes its place, if one is missing or another than it should be.
    """
    wanted = {
        path: name
        for path, (name, expected) in files.items()
        if not (path.exists() and sha256(path) == expected)
    }
    contents = _contents(there, list(wanted.values()))
    for path, name in wanted.items():
        if new_sha256(contents[name]).hexdigest() != files[path][1]:
            raise NotThere(f"{name} is not what was put at the address")
    for path, name in wanted.items():
        with replacing(path) as aside:
            aside.write_bytes(contents[name])


def _contents(there: Any, names: list[str]) -> dict[str, bytes]:
    """Several files, at the same time where fsspec can do that."""
    if not names:
        return {}
    try:
        found: dict[str, bytes] = there.cat(names)
    except Exception:  # each package that fsspec calls has its own for a missing file
        if missing := [name for name in names if not there.exists(name)]:
            raise NotThere(f"{missing[0]} is not at the address") from None
        raise
    return found


@dataclass(frozen=True)
class Exchange:
    """An address, and the tables there that the studies need: path and hash of each."""

    address: str
    tables: tuple[tuple[str, str], ...]

    def places(self) -> dict[Path, tuple[str, str]]:
        """Where each table lies here, where at the address, and its hash."""
        return {site().root / name: (f"{TABLES}/{sha}", sha) for name, sha in self.tables}


@contextmanager
def _told(address: str) -> Iterator[None]:
    """What goes wrong at an address as a ParameterError: each package has its own errors."""
    from press.execute import one_line

    try:
        yield
    except Exception as error:
        told = one_line(f"{type(error).__name__}: {error}")
        raise ParameterError(f"--address {address}: {told}") from error


def offer(address: str, tables: Iterable[Path]) -> Exchange:
    """Put the tables to an address; raises ParameterError where that cannot be done."""
    exchange = Exchange(address, tuple(hashes(set(tables)).items()))
    with _told(address):
        there = connected(address)
        places = exchange.places().items()
        put(there, {path: name for path, (name, _) in places if not there.exists(name)})
    return exchange


def publish(address: str, folder: Path, reports: Path) -> None:
    """Put a folder with a record to an address where `offer` put tables."""
    with _told(address):
        put_folder(connected(address), folder, reports)


def make_away(exchange: Exchange, job: Job) -> Outcome:
    """`make` on a worker: with the tables of the address, and the results put there."""
    study = job.study
    try:
        _get_tables(exchange)
        get_folder(connected(exchange.address), study.folder, study.reports)
        outcome = make(job)
        there = connected(exchange.address)
        if outcome.trouble:
            _put_failed(there, study)
        else:
            put_folder(there, study.folder, study.reports)
    except Exception as error:
        return failure(job, error)
    return outcome


@lru_cache(maxsize=1)
def _get_tables(exchange: Exchange) -> None:
    get(connected(exchange.address), exchange.places())


def bring_home(
    exchange: Exchange, outcomes: Iterable[Outcome], jobs: Sequence[Job]
) -> Iterator[Outcome]:
    """Bring what studies left at the address, as they end."""
    asked = {job.study.study: job for job in jobs}
    for outcome in outcomes:
        job = asked[outcome.study]
        try:
            _bring(connected(exchange.address), job.study, bool(outcome.trouble))
        except Exception as error:
            outcome = replace(outcome, trouble=outcome.trouble or failure(job, error).trouble)
        yield outcome


def _bring(there: Any, study: Any, has_failed: bool) -> None:
    if has_failed:
        for path, name in _failed(study).items():
            if content := read(there, name):
                write_text(path, content.decode())
    elif get_folder(there, study.folder, study.reports):
        for path in _failed(study):
            path.unlink(missing_ok=True)
    else:
        raise NotThere("the results are not at the address, or not as they were put there")


def put_folder(there: Any, folder: Path, reports: Path) -> None:
    """Put what the record of `folder` names, and then the record, unless they are there."""
    place = folder.relative_to(reports).as_posix()
    record = (folder / NAME).read_bytes()
    if read(there, f"{place}/{NAME}") != record:
        put(there, {folder / name: f"{place}/{name}" for name in files_of(record)})
        put(there, {folder / NAME: f"{place}/{NAME}"})


def get_folder(there: Any, folder: Path, reports: Path) -> bool:
    """Bring what a record at the address names; whether all was there, as it was put there."""
    place = folder.relative_to(reports).as_posix()
    record = read(there, f"{place}/{NAME}")
    files = files_of(record)
    try:
        get(there, {folder / name: (f"{place}/{name}", files[name]["sha256"]) for name in files})
    except NotThere:
        return False
    for name, entry in files.items():
        os.utime(folder / name, ns=(entry["changed_ns"], entry["changed_ns"]))
    if files:
        write_text(folder / NAME, record.decode())
    return bool(files)


def _put_failed(there: Any, study: Any) -> None:
    """Put what a failed study left to look at, and nothing that an earlier failure did."""
    for path, name in _failed(study).items():
        if path.exists():
            put(there, {path: name})
        elif there.exists(name):
            there.rm_file(name)


def _failed(study: Any) -> dict[Path, str]:
    """Where the notebooks of a study and their logs are kept if they fail, here and there."""
    names = [f"{study.study}-{stem}.{kind}" for stem in site().study for kind in ("ipynb", "log")]
    return {study.reports / FAILED / name: f"{FAILED}/{name}" for name in names}
