"""A fetch from any source: month by month, kept as it goes, then a dated snapshot."""

from __future__ import annotations

import csv
import hashlib
import io
import shutil
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
from contracts import Origin, load_origin, replacing, sha256
from tqdm import tqdm

from tradedata.fetch.web import FetchError, Patience, Web, changed
from tradedata.keeping import keep

Row = dict[str, str]
MonthRows = tuple[str, list[Row]]
FRESH_SECONDS = 24 * 60 * 60
"""Older months are fetched again: a snapshot should not mix the vintages of two days."""


class Source(ABC):
    """Where rows come from, what they hold, and what table they make."""

    name: str
    title: str
    producer: str
    page: str
    licence: str
    address: str
    columns: tuple[str, ...]
    months_a_request = 1
    patience = Patience()
    key_name = ""
    key_page = ""
    key_needed = False

    @abstractmethod
    def fetch(self, web: Web, months: Sequence[str]) -> Iterator[MonthRows]:
        """Ask for months ("2024-01"), `months_a_request` at most and without gaps.

        Yields each month with its rows (none: not published).
        """

    @abstractmethod
    def read(self, rows: pd.DataFrame, file: str, vintage: pd.Timestamp) -> pd.DataFrame:
        """The table that kept rows, all text, make; ValueError for what cannot be right."""

    @abstractmethod
    def holds(self, table: pd.DataFrame) -> str:
        """What that table holds, in a line."""

    def snapshot_rows(self, raw: Path, months: Sequence[str], rows: list[Row]) -> list[Row]:
        """What is kept of the rows of all months: as they came, if a source says nothing else."""
        return rows

    def read_file(self, path: Path) -> pd.DataFrame:
        """The table of one kept snapshot."""
        vintage = pd.Timestamp(load_origin(path).date_accessed)
        return self.read(pd.read_csv(path, dtype=str, keep_default_na=False), path.name, vintage)

    def snapshots(self, raw: Path) -> list[Path]:
        """The kept snapshots, oldest first."""
        return sorted((raw / self.name).glob(f"{self.name}_*.csv"))

    def pick(self, row: Mapping[str, Any]) -> Row:
        """The wanted fields of a row as text; raises FetchError when one is not there."""
        lost = [name for name in self.columns if name not in row]
        if lost:
            has = ", ".join(map(str, row))
            raise changed(self.name, f"a row has no field {lost[0]!r} (it has {has})")
        return {name: _text(row[name]) for name in self.columns}

    def numbers(self, rows: pd.DataFrame, column: str) -> pd.Series:
        """A column of kept rows as numbers, missing where empty; FetchError for other text."""
        found = pd.to_numeric(rows[column].replace("", None), errors="coerce")
        wrong = rows.loc[found.isna() & (rows[column] != ""), column]
        if len(wrong):
            raise changed(self.name, f"{column}: found {wrong.iloc[0]!r}, needs a number")
        return found.astype(float)


def _text(value: object) -> str:
    return "" if value is None else str(value).strip()


@dataclass(frozen=True)
class Fetched:
    """A snapshot: where it is, whether it is new, and the months the source had nothing for."""

    source: Source
    path: Path
    is_new: bool
    empty: tuple[str, ...]

    def describe(self) -> str:
        """Where the snapshot is and what it holds, in a few lines."""
        here, path = Path.cwd(), self.path
        where = path.relative_to(here) if path.is_relative_to(here) else path
        lines = [
            f"{'Kept as' if self.is_new else 'Nothing new since'} {where}",
            self.source.holds(self.source.read_file(path)),
        ]
        if self.empty:
            lines.append(f"nothing for {', '.join(self.empty)}; not published yet?")
        return "\n  ".join(lines)


def fetch(
    source: Source,
    months: Sequence[str],
    raw: Path,
    key: str = "",
    address: str = "",
    patience: Patience | None = None,
) -> Fetched:
    """Fetch `months` in order and keep them as a snapshot, or raise FetchError.

    Months fetched within a day by a fetch that was stopped are not fetched again.
    """
    if source.key_needed and not key:
        raise FetchError(
            f"{source.name}: a key is needed. It is free: ask for one at {source.key_page}, then "
            f"set the environment variable {source.key_name} to it (docs/sources.md)"
        )
    unfinished = Unfinished(raw, source)
    asked_at, span = address or source.address, f"{months[0]} to {months[-1]}"
    with Web(source.name, asked_at, key, patience or source.patience) as web:
        _fetch_missing(web, source, months, unfinished)
    kept = {month: unfinished.read(month) for month in months}
    unfinished.clear()
    if not any(kept.values()):
        raise FetchError(f"{source.name}: it has nothing for {span}; not published yet?")
    rows = source.snapshot_rows(raw, months, [row for month in months for row in kept[month]])
    path, is_new = _keep_snapshot(raw, source, rows, span, asked_at)
    return Fetched(source, path, is_new, tuple(month for month in months if not kept[month]))


def _fetch_missing(web: Web, source: Source, months: Sequence[str], unfinished: Unfinished) -> None:
    missing = [month for month in months if not unfinished.is_fresh(month)]
    done = len(months) - len(missing)
    with tqdm(total=len(months), initial=done, desc=source.name, unit="month") as bar:
        for batch in batches(missing, source.months_a_request):
            for month, rows in source.fetch(web, batch):
                unfinished.keep(month, rows)
                bar.update()


def months_between(start: str, end: str) -> list[str]:
    """Every month from `start` to `end`, both included."""
    return [str(month) for month in pd.period_range(start, end, freq="M")]


def batches(months: Sequence[str], size: int) -> Iterator[list[str]]:
    """`months`, in order, in runs without gaps of at most `size` months."""
    batch: list[str] = []
    for month in months:
        follows = not batch or pd.Period(batch[-1], "M") + 1 == pd.Period(month, "M")
        if not follows or len(batch) == size:
            yield batch
            batch = []
        batch.append(month)
    if batch:
        yield batch


class Unfinished:
    """The folder of a source's fetched months, one CSV file each: a stopped fetch goes on here."""

    def __init__(self, raw: Path, source: Source) -> None:
        """The folder need not exist yet."""
        self.folder = raw / source.name / ".unfinished"
        self.columns = source.columns

    def is_fresh(self, month: str) -> bool:
        """Whether the month was fetched within a day, in today's columns."""
        path = self._path(month)
        if not path.exists() or time.time() - path.stat().st_mtime > FRESH_SECONDS:
            return False
        with path.open(encoding="utf-8", newline="") as file:
            return next(csv.reader(file), []) == list(self.columns)

    def keep(self, month: str, rows: Sequence[Row]) -> None:
        """Write a month, whole or not at all."""
        with replacing(self._path(month)) as aside:
            aside.write_bytes(_csv(self.columns, rows))

    def read(self, month: str) -> list[Row]:
        """The rows of a month that was kept."""
        with self._path(month).open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def clear(self) -> None:
        """Forget all months."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _path(self, month: str) -> Path:
        return self.folder / f"{month}.csv"


def _csv(columns: Sequence[str], rows: Sequence[Row]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode("utf-8")


def _keep_snapshot(
    raw: Path, source: Source, rows: Sequence[Row], span: str, address: str
) -> tuple[Path, bool]:
    """Keep `rows` under a new dated name; the path, and whether it is new.

    Rows that could not be read again are not kept, nor those that the newest snapshot holds
    already, all of them and no others.
    """
    columns, day = list(rows[0]), date.today()
    try:
        source.read(pd.DataFrame(rows, columns=columns), "the answer", pd.Timestamp(day))
    except ValueError as error:
        raise changed(source.name, str(error)) from None
    content = _csv(columns, rows)
    digest = hashlib.sha256(content).hexdigest()
    earlier = source.snapshots(raw)
    if earlier and sha256(earlier[-1]) == digest:
        return earlier[-1], False
    origin = _origin(source, address, span, day, digest)
    folder = raw / source.name
    return keep(folder, source.name, ".csv", origin, lambda to: to.write_bytes(content)), True


def _origin(source: Source, address: str, span: str, day: date, digest: str) -> Origin:
    return Origin(
        title=f"{source.title}, {span}",
        description=(
            f"Rows of {address}, fetched by tradedata.fetch {source.name}; fields that "
            "were not asked for are left out, values are as they came. The source prints no date "
            "of publication: both dates are the day of the fetch."
        ),
        producer=source.producer,
        citation_full=f"{source.producer}. {source.title}, {span}. Fetched {day}.",
        url_main=source.page,
        date_published=day,
        date_accessed=day,
        license=source.licence,
        sha256=digest,
    )
