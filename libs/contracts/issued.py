"""Tables that are issued once: a file each, named by its content's digest, and never changed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TypeAlias

import pandas as pd

from contracts.contract import Table, TableError
from contracts.raw import read_rows

DIGITS = 12
"""Digits of a digest in a file's name."""
Requirements: TypeAlias = Callable[[pd.DataFrame], Iterable[tuple[str, pd.Series, str]]]
"""Column, whether each of its cells fits the others, and what it needs."""


def digest(content: bytes) -> str:
    """The first digits of the SHA-256 of `content`."""
    return hashlib.sha256(content).hexdigest()[:DIGITS]


def issue_table(table: pd.DataFrame, folder: Path, stem: str) -> Path:
    """File a table as `stem`, its digest after it; FileExistsError where that file is there."""
    text = table.to_csv(index=False, date_format="%Y-%m-%d", lineterminator="\n")
    path = folder / f"{stem}-{digest(text.encode())}.csv"
    folder.mkdir(parents=True, exist_ok=True)
    with path.open("x", encoding="utf-8", newline="") as new:
        new.write(text)
    return path


def read_issued_tables(
    folder: Path, table: Table, key: Sequence[str], requirements: Requirements
) -> pd.DataFrame:
    """All tables filed in `folder`, one under the other.

    TableError, one line with file, line, field and value, for a file that was changed after it
    was issued, that is malformed, or whose first row has the `key` of another file's.
    """
    held: dict[tuple[object, ...], Path] = {}
    parts: list[pd.DataFrame] = [table.empty()]
    for path in sorted(folder.glob("*.csv")):
        rows = _read_issued(path, table, requirements)
        first = tuple(rows.iloc[0][list(key)])
        other = held.setdefault(first, path)
        if other != path:
            raise TableError(
                f"{path}: line 2, column {key[-1]}: found {first[-1]!r}, which {other.name} has; "
                "remove one of the two"
            )
        parts.append(rows)
    return pd.concat(parts[1:] or parts)


def _read_issued(path: Path, table: Table, requirements: Requirements) -> pd.DataFrame:
    """The rows of one file, indexed by line."""
    found = digest(path.read_bytes())
    if not path.stem.endswith(f"-{found}"):
        raise TableError(
            f"{path}: its content was changed after it was issued (its digest begins with {found}, "
            "its name says otherwise); restore the file, what was issued is never edited"
        )
    rows = read_rows(path, table)
    if rows.empty:
        raise TableError(f"{path}: line 2: found no row, needs at least one")
    for column, holds, needs in requirements(rows):
        if not holds.all():
            line = rows.index[~holds][0]
            value = rows.loc[line, column]
            told = f"{value:%Y-%m-%d}" if isinstance(value, pd.Timestamp) else value
            raise TableError(f"{path}: line {line}, column {column}: found {told}, needs {needs}")
    return rows
