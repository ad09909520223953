"""Files at an address that fsspec knows, such as `s3://bucket/folder` or `file:///mnt/folder`."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from pipeline.provenance import sha256


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
        wanted = [
            (path, name, content)
            for path, (name, content) in files.items()
            if not (path.exists() and sha256(path) == content)
        ]
        if not wanted:
            return
        for path, _, _ in wanted:
            path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=wanted[0][0].parent, prefix=".partial-") as aside:
            brought = [Path(aside) / str(number) for number in range(len(wanted))]
            self._bring([name for _, name, _ in wanted], brought)
            for here, (_, name, content) in zip(brought, wanted, strict=True):
                if sha256(here) != content:
                    raise NotThere(f"{name} is not what was put at the address")
            for here, (path, _, _) in zip(brought, wanted, strict=True):
                os.replace(here, path)

    def _bring(self, names: list[str], paths: list[Path]) -> None:
        try:
            self._files.get([self._at(name) for name in names], [str(path) for path in paths])
        except Exception:  # each package that fsspec calls has its own for a missing file
            if missing := [name for name in names if not self.has(name)]:
                raise NotThere(f"{missing[0]} is not at the address") from None
            raise

    def _at(self, name: str) -> str:
        return f"{self._root.rstrip('/')}/{name}"
