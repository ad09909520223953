"""A fetch from any source: month by month, kept as it goes, then a dated snapshot."""

from __future__ import annotations

import hashlib
import shutil
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
from contracts import Origin, load_beside, load_origin, replacing, sha256
from tqdm import tqdm

from tradedata.fetch.web import FetchError, Web, changed
from tradedata.keeping import keep

Row = dict[str, str]
MonthRows = tuple[str, list[Row]]
FACTS: dict[str, dict[str, Any]] = load_beside(__file__)
FRESH_SECONDS = 24 * 60 * 60
"""Older months are fetched again: a snapshot should not mix the vintages of two days."""


class Source(ABC):
    """Where rows come from, what they hold, and what table they make; its facts in source.yaml."""

    name: str
    title: str
    producer: str
    page: str
    licence: str
    address: str
    columns: Sequence[str]
    months_a_request = 1
    pause = 0.0
    """Seconds between two requests."""
    key_name = ""
    key_page = ""
    key_needed = False

    def __init__(self) -> None:
        """Take the facts of its name."""
        self.__dict__ |= FACTS[self.name]

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

    def snapshot(self, raw: Path, rows: pd.DataFrame, months: Sequence[str]) -> pd.DataFrame:
        """What is kept of the rows of `months`: as they came, if a source says nothing else."""
        return rows

    def read_file(self, path: Path) -> pd.DataFrame:
        """The table of one kept snapshot."""
        return self.read(_read(path), path.name, pd.Timestamp(load_origin(path).date_accessed))

    def snapshots(self, raw: Path) -> list[Path]:
        """The kept snapshots, oldest first."""
        return sorted((raw / self.name).glob(f"{self.name}_*.csv"))

    def pick(self, row: Mapping[str, Any]) -> Row:
        """The wanted fields of a row as text; raises FetchError when one is not there."""
        if lost := [name for name in self.columns if name not in row]:
            has = ", ".join(map(str, row))
            raise changed(self.name, f"a row has no field {lost[0]!r} (it has {has})")
        given = {name: row[name] for name in self.columns}
        return {name: "" if it is None else str(it).strip() for name, it in given.items()}

    def numbers(self, rows: pd.DataFrame, column: str) -> pd.Series:
        """A column of kept rows as numbers, missing where empty; FetchError for other text."""
        found = pd.to_numeric(rows[column].replace("", None), errors="coerce")
        wrong = rows.loc[found.isna() & (rows[column] != ""), column]
        if len(wrong):
            raise changed(self.name, f"{column}: found {wrong.iloc[0]!r}, needs a number")
        return found.astype(float)


@dataclass(frozen=True)
class Fetched:
    """A snapshot: where it is, whether it is new, what it holds, and the months without rows."""

    path: Path
    is_new: bool
    holds: str
    empty: tuple[str, ...]

    def describe(self) -> str:
        """Where the snapshot is and what it holds, in a few lines."""
        here, path = Path.cwd(), self.path
        where = path.relative_to(here) if path.is_relative_to(here) else path
        lines = [f"{'Kept as' if self.is_new else 'Nothing new since'} {where}", self.holds]
        if self.empty:
            lines.append(f"nothing for {', '.join(self.empty)}; not published yet?")
        return "\n  ".join(lines)


def fetch(
    source: Source, months: Sequence[str], raw: Path, key: str = "", address: str = ""
) -> Fetched:
    """Fetch `months` in order and keep them as a snapshot, or raise FetchError.

    Months fetched within a day by a fetch that was stopped are not fetched again.
    """
    if source.key_needed and not key:
        raise FetchError(
            f"{source.name}: a key is needed. It is free: ask for one at {source.key_page}, then "
            f"set the environment variable {source.key_name} to it (docs/sources.md)"
        )
    folder = raw / source.name / ".unfinished"
    asked_at, span = address or source.address, f"{months[0]} to {months[-1]}"
    with Web(source.name, asked_at, key, source.pause) as web:
        kept = _fetch_missing(web, source, months, folder)
    shutil.rmtree(folder, ignore_errors=True)
    if not any(map(len, kept.values())):
        raise FetchError(f"{source.name}: it has nothing for {span}; not published yet?")
    every = pd.concat([kept[month] for month in months], ignore_index=True)
    rows = source.snapshot(raw, every, months)
    empty = tuple(month for month in months if kept[month].empty)
    return _keep_snapshot(raw, source, rows, span, asked_at, empty)


def _fetch_missing(
    web: Web, source: Source, months: Sequence[str], folder: Path
) -> dict[str, pd.DataFrame]:
    """The rows of each month, those of a stopped fetch from `folder`, where each is kept."""
    paths = {month: folder / f"{month}.csv" for month in months}
    earlier = {month: _fresh(path, source) for month, path in paths.items()}
    kept = {month: rows for month, rows in earlier.items() if rows is not None}
    missing = [month for month in months if month not in kept]
    with tqdm(total=len(months), initial=len(kept), desc=source.name, unit="month") as bar:
        for batch in batches(missing, source.months_a_request):
            for month, found in source.fetch(web, batch):
                kept[month] = pd.DataFrame(found, columns=list(source.columns), dtype=str)
                with replacing(paths[month]) as aside:
                    aside.write_bytes(_csv(kept[month]))
                bar.update()
    return kept


def _fresh(path: Path, source: Source) -> pd.DataFrame | None:
    """The rows of a month, if it was fetched within a day, in today's columns."""
    if not path.exists() or time.time() - path.stat().st_mtime > FRESH_SECONDS:
        return None
    rows = _read(path)
    return rows if [*rows] == [*source.columns] else None


def _read(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, dtype=str, keep_default_na=False)


def _csv(rows: pd.DataFrame) -> bytes:
    return rows.to_csv(index=False, lineterminator="\n").encode("utf-8")


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


def _keep_snapshot(
    raw: Path,
    source: Source,
    rows: pd.DataFrame,
    span: str,
    address: str,
    empty: tuple[str, ...],
) -> Fetched:
    """Keep `rows` under a new dated name.

    Rows that could not be read again are not kept, nor those that the newest snapshot holds
    already, all of them and no others.
    """
    day = date.today()
    try:
        holds = source.holds(source.read(rows, "the answer", pd.Timestamp(day)))
    except ValueError as error:
        raise changed(source.name, str(error)) from None
    content = _csv(rows)
    digest = hashlib.sha256(content).hexdigest()
    earlier = source.snapshots(raw)
    if earlier and sha256(earlier[-1]) == digest:
        return Fetched(earlier[-1], False, holds, empty)
    origin = Origin(
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
    folder = raw / source.name
    path = keep(folder, source.name, ".csv", origin, lambda to: to.write_bytes(content))
    return Fetched(path, True, holds, empty)
