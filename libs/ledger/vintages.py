"""A series as it was known on past days, each made once and kept."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Protocol

import pandas as pd
from contracts import read_table, write_json, write_table

from ledger.reconciliation import Reconciliation, days_out, known_figures
from ledger.tables import Exports


class Question(Protocol):
    """What knows the last month it asks about, as 2025-05, and whether a table Exports tells."""

    @property
    def end(self) -> str: ...

    def told(self, data: pd.DataFrame, /) -> bool: ...


class KnownPast:
    """What was known of a series on past days: the table Exports of each, in files of `folder`.

    A file is named by its day and a digest of what made it, so that a changed figure, download or
    method makes a new one. `figures` and `sources` keep the contracts of that name; `downloads`
    are the day and the sha256 of each customs download; `make` reconciles what was known on a day,
    given what it last found; `method` is all else that decides the result, as text.
    """

    def __init__(
        self,
        series: str,
        figures: pd.DataFrame,
        sources: pd.DataFrame,
        downloads: Sequence[tuple[str, str]],
        folder: Path,
        make: Callable[[str, Reconciliation | None], Reconciliation],
        method: Iterable[str],
    ) -> None:
        self.series, self.downloads = series, downloads
        self.figures, self.sources = figures, sources
        self.folder, self.make, self.method = folder, make, digest(method)
        self.used: set[Path] = set()
        self.last: Reconciliation | None = None

    @cached_property
    def days(self) -> list[str]:
        """The last days of all months in which a page on the series or a download came out."""
        own = self.figures[self.figures["series"] == self.series]
        pages = days_out(own, self.sources)["day"].dropna()
        out = [*pages, *(pd.Timestamp(day) for day, _ in self.downloads)]
        ends = sorted({pd.Period(day, freq="M") for day in out})
        return [f"{month.end_time:%Y-%m-%d}" for month in ends]

    def exports(self, day: str) -> pd.DataFrame:
        """The table Exports as it was known on `day`; TableError if nothing was."""
        return read_table(self._made(day), Exports)

    def vintages(
        self, newest: pd.DataFrame, most: int, questions: Iterable[Question]
    ) -> dict[pd.Timestamp, pd.DataFrame]:
        """The table Exports by day, of the last `most` vintages; the last of them is `newest`.

        Older ones are here where they are the first to answer one of the `questions`. Files that
        have not been asked for are removed.
        """
        *earlier, last = self.days
        split = max(len(earlier) + 1 - most, 0)
        known, waiting = {}, list(questions)
        for day in earlier[:split]:
            if asked := [one for one in waiting if one.end < day]:
                table = self.exports(day)
                if told := [one for one in asked if one.told(table)]:
                    known[day] = table
                    waiting = [one for one in waiting if one not in told]
        known |= {day: self.exports(day) for day in earlier[split:]} | {last: newest}
        for path in set(self.folder.glob("*.*")) - self.used:
            path.unlink(missing_ok=True)
        return {pd.Timestamp(day): table for day, table in known.items()}

    def doubted(self, day: pd.Timestamp) -> set[str]:
        """The figures that the others contradicted on `day`, by id."""
        beside = self._made(f"{day:%Y-%m-%d}").with_suffix(".json")
        return set(json.loads(beside.read_text(encoding="utf-8")))

    def _made(self, day: str) -> Path:
        """The file of the series of `day`, and beside it the list of its doubted figures."""
        path = self.folder / f"{day}-{self._digest(day)}.parquet"
        beside = path.with_suffix(".json")
        self.used |= {path, beside}
        if not (path.exists() and beside.exists()):
            found = self.last = self.make(day, self.last)
            write_json(sorted(found.doubted_ids), beside)
            write_table(found.exports, path, Exports)
        return path

    def _digest(self, day: str) -> str:
        known = known_figures(self.figures, self.sources, day)
        pages = self.sources[self.sources["source_id"].isin(known["source_id"])]
        customs = [sha256 for saved, sha256 in self.downloads if saved <= day]
        return digest([self.method, known.to_csv(), pages.to_csv(index=False), *customs])


def code_of(root: Path, names: Iterable[str]) -> list[str]:
    """The text of files under `root`, and of the code and the data of folders there, in order."""
    paths = [root / name for name in names]
    files = [file for path in paths for file in ([path] if path.is_file() else path.rglob("*.*"))]
    files = [file for file in files if file.suffix in (".py", ".yaml")]
    return [file.read_text(encoding="utf-8") for file in sorted(files)]


def digest(parts: Iterable[str]) -> str:
    """A short name for texts that differs when one of them does."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12]
