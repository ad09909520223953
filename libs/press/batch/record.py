"""What was made from what, by content: how a run knows what need not be run again."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256 as new_sha256
from pathlib import Path
from typing import Any

from press.provenance import sha256, write_text

NAME = ".batch.json"


def digest(content: Any) -> str:
    """The SHA-256 of something that JSON can hold."""
    return new_sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class Stage:
    """A part of what a folder holds: its name, the digest of all it is made from, its making."""

    name: str
    key: str
    make: Callable[[], list[Path]]


class Record:
    """The stages done in a folder: the key each was done for and the files it left there.

    A file whose size and time of change are as recorded is taken to have the recorded content.
    """

    def __init__(self, folder: Path) -> None:
        """Read the record of `folder`; a folder without one, or with half a one, has done none."""
        self.folder = folder
        try:
            self._stages = _stages((folder / NAME).read_bytes())
        except FileNotFoundError:
            self._stages = {}

    def bring(self, stage: Stage) -> bool:
        """Make `stage` unless it is as it would be made; whether it was made."""
        if self.holds(stage.name, stage.key):
            return False
        self.note(stage.name, stage.key, stage.make())
        return True

    def holds(self, stage: str, key: str) -> bool:
        """Whether `stage` was done for `key` and its files are as it left them."""
        done = self._stages.get(stage)
        if not done or done["key"] != key:
            return False
        return all(
            self._content(name, entry) == entry["sha256"] for name, entry in done["files"].items()
        )

    def hashes(self, paths: Iterable[Path]) -> dict[Path, str]:
        """SHA-256 of files of the folder; empty for one that is missing."""
        known = _files(self._stages)
        names = {path: path.relative_to(self.folder).as_posix() for path in paths}
        return {path: self._content(name, known.get(name, {})) for path, name in names.items()}

    def note(self, stage: str, key: str, files: Iterable[Path]) -> None:
        """Write down that `stage` was done for `key`, and what it left."""
        entries = {path.relative_to(self.folder).as_posix(): _entry(path) for path in files}
        self._stages[stage] = {"key": key, "files": entries}
        write_text(self.folder / NAME, json.dumps(self._stages))

    def _content(self, name: str, entry: Mapping[str, Any]) -> str:
        path = self.folder / name
        try:
            found = path.stat()
        except FileNotFoundError:
            return ""
        if (found.st_size, found.st_mtime_ns) == (entry.get("size"), entry.get("changed_ns")):
            return str(entry["sha256"])
        return sha256(path)


def files_of(record: bytes) -> dict[str, dict[str, Any]]:
    """The files that a stored record names, with what it says of each."""
    return _files(_stages(record))


def _stages(record: bytes) -> dict[str, Any]:
    try:
        stages: dict[str, Any] = json.loads(record)
    except ValueError:
        return {}
    return stages


def _files(stages: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    return {name: entry for done in stages.values() for name, entry in done["files"].items()}


def _entry(path: Path) -> dict[str, Any]:
    found = path.stat()
    return {"size": found.st_size, "changed_ns": found.st_mtime_ns, "sha256": sha256(path)}
