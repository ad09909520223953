"""Files at an address that fsspec knows, such as `s3://bucket/folder` or `file:///mnt/folder`."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from hashlib import sha256 as new_sha256
from pathlib import Path

from press.provenance import sha256


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
