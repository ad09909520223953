"""A file to read, on disk or on a file system that pyarrow knows, such as object storage."""

from __future__ import annotations

from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import TypeAlias, cast

from pyarrow import fs


@dataclass(frozen=True)
class Stored:
    """A file of a file system, opened as a Path is."""

    filesystem: fs.FileSystem
    path: str

    def open(self, mode: str = "rb", buffering: int = -1) -> BufferedReader:
        """The bytes of the file; the file system buffers as it sees fit."""
        return cast(BufferedReader, self.filesystem.open_input_file(self.path))

    def __str__(self) -> str:
        return self.path


Readable: TypeAlias = Path | Stored
