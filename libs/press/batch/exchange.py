"""A batch whose workers share no folder with it: tables and results lie at an address.

An address is one that fsspec knows, such as `s3://bucket/folder` or `file:///mnt/folder`.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from hashlib import sha256 as new_sha256
from pathlib import Path
from typing import Any

from contracts import ParameterError

from press.batch.job import Job, Outcome, make
from press.batch.record import NAME, files_of
from press.provenance import hashes, sha256, write_text
from press.site import DATA, FAILED, site

TABLES = f"{DATA}/tables"
"""Where tables lie at the address, each named by its hash."""


class NotThere(RuntimeError):
    """A file at the address is missing, or is not what its hash says."""


class Address:
    """A folder at an address; names of files in it have slashes whatever the system.

    Each has its own connection and remembers no listing: others write there at the same time, and
    a connection does not outlast a long study.
    """

    def __init__(self, address: str) -> None:
        """Raises what fsspec does where it does not know such addresses."""
        from fsspec.core import url_to_fs

        self._files, self._root = url_to_fs(
            address, skip_instance_cache=True, use_listings_cache=False
        )

    def read(self, name: str) -> bytes:
        """A small file; empty if there is none."""
        try:
            content: bytes = self._files.cat_file(self._at(name))
        except FileNotFoundError:
            return b""
        return content

    def has(self, name: str) -> bool:
        """Whether there is such a file."""
        return bool(self._files.exists(self._at(name)))

    def remove(self, name: str) -> None:
        """Remove a file that is there."""
        self._files.rm_file(self._at(name))

    def put(self, files: Mapping[Path, str]) -> None:
        """Put local files under the names that they are to have."""
        for folder in {self._at(name).rpartition("/")[0] for name in files.values()}:
            self._files.makedirs(folder, exist_ok=True)
        self._files.put([str(path) for path in files], [self._at(name) for name in files.values()])

    def get(self, files: Mapping[Path, tuple[str, str]]) -> None:
        """Bring files, named with their SHA-256, to where they are to lie, if they are not there.

        Raises NotThere before any takes its place, if one is missing or another than it should be.
        """
        wanted = {
            path: expected
            for path, expected in files.items()
            if not (path.exists() and sha256(path) == expected[1])
        }
        contents = self._contents([name for name, _ in wanted.values()])
        for name, expected in wanted.values():
            if new_sha256(contents[self._at(name)]).hexdigest() != expected:
                raise NotThere(f"{name} is not what was put at the address")
        for path, (name, _) in wanted.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            aside = path.with_name(f".{path.name}.{os.getpid()}")
            aside.write_bytes(contents[self._at(name)])
            os.replace(aside, path)

    def _contents(self, names: Sequence[str]) -> dict[str, bytes]:
        """Several files, at the same time where fsspec can do that."""
        if not names:
            return {}
        try:
            found: dict[str, bytes] = self._files.cat([self._at(name) for name in names])
        except Exception:  # each package that fsspec calls has its own for a missing file
            if missing := [name for name in names if not self.has(name)]:
                raise NotThere(f"{missing[0]} is not at the address") from None
            raise
        return found

    def _at(self, name: str) -> str:
        return f"{self._root.rstrip('/')}/{name}"


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
        files = {site().root / name: f"{TABLES}/{content}" for name, content in exchange.tables}
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
    files = {
        site().root / name: (f"{TABLES}/{content}", content) for name, content in exchange.tables
    }
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
    names = [f"{study.study}-{stem}.{kind}" for stem in site().study for kind in ("ipynb", "log")]
    folder = study.reports / FAILED
    return {folder / name: f"{FAILED}/{name}" for name in names}


def _said(error: Exception) -> str:
    from press.execute import one_line

    return one_line(f"{type(error).__name__}: {error}")
