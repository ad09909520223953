"""Atomic reading and writing of tables."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import pandas as pd

from contracts.contract import EXACT, Table, TableError, rounded, validate
from contracts.documents import replacing


def read_table(path: Path, table: Table) -> pd.DataFrame:
    """Read a .parquet or .csv file that keeps the contract of `table`.

    While the file stays as it is, it is read and checked once in a process.
    """
    return _read_checked(path, table, file_state(path)).copy(deep=False)


@lru_cache(maxsize=64)
def _read_checked(path: Path, table: Table, _state: object) -> pd.DataFrame:
    found = _read(path, table)
    if _written.get(path) == (table, _state):
        return table.typed(found)
    return validate(found, table, path.name)


_written: dict[Path, tuple[Table, object]] = {}
"""What this process wrote, and so checked already: the contract and the file as it was left."""


def file_state(path: Path) -> tuple[int, ...]:
    """What changes when a file does: its place on the disk, size and time; nothing without one."""
    try:
        found = path.stat()
    except OSError:
        return ()
    return found.st_ino, found.st_size, found.st_mtime_ns


def read_tables(paths: Sequence[Path], table: Table) -> pd.DataFrame:
    """The rows of several files of one contract, which is checked once for all of them."""
    rows = pd.concat([_read(path, table) for path in paths], ignore_index=True)
    return validate(rows, table, f"{len(paths)} files {paths[0].name}")


def _read(path: Path, table: Table) -> pd.DataFrame:
    if not path.exists():
        raise TableError(
            f"{path}: no such file; run the notebooks before this one with the same parameters, "
            "or `make report`"
        )
    return _read_parquet(path) if path.suffix == ".parquet" else _read_csv(path, table)


def _read_parquet(path: Path) -> pd.DataFrame:
    """Read in this thread alone: a process with more of them cannot be forked."""
    from pyarrow.parquet import ParquetFile

    with ParquetFile(path, pre_buffer=False) as file:
        frame: pd.DataFrame = file.read(use_threads=False).to_pandas(use_threads=False)
    return frame


def _read_csv(path: Path, table: Table) -> pd.DataFrame:
    """An empty cell is missing in a column of numbers or dates, and empty text in one of text."""
    columns = table.columns
    text = [name for name, column in columns.items() if "str" in str(column.dtype)]
    frame = pd.read_csv(path, dtype=dict.fromkeys(text, str), keep_default_na=False, na_values=[""])
    return frame.fillna(dict.fromkeys(text, ""))


def write_table(frame: pd.DataFrame, path: Path, table: Table) -> Path:
    """Check `frame` and write it to `path` (.parquet or .csv), whole or not at all.

    Estimates are rounded.
    """
    checked = validate(frame, table, path.name)
    if table.estimates:
        data = [name for name, it in table.columns.items() if it.metadata == EXACT]
        fractions = checked.select_dtypes(float).columns.difference(data)
        checked[fractions] = checked[fractions].map(rounded)
    with replacing(path) as aside:
        if path.suffix == ".parquet":
            checked.to_parquet(aside, index=False)
        else:
            checked.to_csv(aside, index=False, date_format="%Y-%m-%d", lineterminator="\n")
    _written[path] = table, file_state(path)
    return path


def write_json(content: object, path: Path) -> Path:
    """Write `content` to `path` as indented JSON, fractions rounded, whole or not at all."""
    plain = json.loads(json.dumps(content), parse_float=lambda text: rounded(float(text)))
    with replacing(path) as aside:
        text = json.dumps(plain, indent=2, ensure_ascii=False)
        aside.write_text(text + "\n", encoding="utf-8")
    return path
