"""Months fetched so far: a stopped fetch goes on from here."""

from __future__ import annotations

import csv
import shutil
import time
from collections.abc import Sequence
from pathlib import Path

from contracts import replacing

from tradedata.fetch.source import Row, Source

FRESH_SECONDS = 24 * 60 * 60
"""Older months are fetched again: a snapshot should not mix the vintages of two days."""


class Unfinished:
    """The folder of a source's fetched months, one CSV file each."""

    def __init__(self, raw: Path, source: Source) -> None:
        """The folder need not exist yet."""
        self.folder = raw / source.name / ".unfinished"
        self.columns = source.columns

    def missing(self, months: Sequence[str]) -> list[str]:
        """Those of `months` that are still to be fetched."""
        return [month for month in months if not self._is_fresh(month)]

    def keep(self, month: str, rows: Sequence[Row]) -> None:
        """Write a month, whole or not at all."""
        with (
            replacing(self._path(month)) as aside,
            aside.open("w", encoding="utf-8", newline="") as file,
        ):
            writer = csv.DictWriter(file, self.columns, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)

    def read(self, month: str) -> list[Row]:
        """The rows of a month that was kept."""
        with self._path(month).open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def clear(self) -> None:
        """Forget all months."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _path(self, month: str) -> Path:
        return self.folder / f"{month}.csv"

    def _is_fresh(self, month: str) -> bool:
        path = self._path(month)
        if not path.exists() or time.time() - path.stat().st_mtime > FRESH_SECONDS:
            return False
        with path.open(encoding="utf-8", newline="") as file:
            return next(csv.reader(file), []) == list(self.columns)
