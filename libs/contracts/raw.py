"""Raw files: CSV tables, each beside an origin record that states its hash."""

from __future__ import annotations

import csv
import hashlib
import io
import re
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from textwrap import shorten
from typing import Annotated, Any

import pandas as pd
import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, StringConstraints, ValidationError

from contracts.contract import DAY, MONTH, MONTHLY, Table, TableError, real_days, validate
from contracts.documents import DocumentError, load_yaml, replacing, unsafe
from contracts.files import file_state


def _day(given: object) -> object:
    """Only the form 2025-04-04; pydantic takes numbers for seconds, and times."""
    if isinstance(given, date) and not isinstance(given, datetime):
        return given
    if not (isinstance(given, str) and re.fullmatch(DAY, given)):
        raise ValueError("needs a day like 2025-04-04")
    return given


Day = Annotated[date, BeforeValidator(_day)]
Words = Annotated[str, StringConstraints(pattern=r"\S")]


class Origin(BaseModel):
    """The origin record of a raw file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: Words
    description: Words
    producer: Words
    citation_full: Words
    url_main: Annotated[str, StringConstraints(pattern=r"^https?://\S+$")]
    date_published: Day
    date_accessed: Day
    license: Words
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


def origin_path(path: Path) -> Path:
    """Where the origin record of a raw file lies."""
    return path.with_name(path.name + ".origin.yaml")


def write_origin(path: Path, origin: Origin) -> Path:
    """Write the origin record of the raw file at `path` beside it, whole or not at all."""
    record = origin_path(path)
    with replacing(record) as aside:
        fields = origin.model_dump(mode="json")
        text = yaml.safe_dump(fields, sort_keys=False, width=100, allow_unicode=True)
        aside.write_text(text, encoding="utf-8")
    return record


def sha256(path: Path) -> str:
    """The sha256 of a file of any size."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def load_origin(path: Path) -> Origin:
    """Read the origin record of the raw file at `path` and check its hash against the file."""
    record = origin_path(path)
    if not record.is_file():
        raise TableError(f"{record}: no origin record for {path.name}; write one beside it")
    try:
        origin = Origin.model_validate(load_yaml(record.read_text(encoding="utf-8")))
    except ValidationError as error:
        detail = error.errors()[0]
        field = str(detail["loc"][0]) if detail["loc"] else "the whole record"
        wrong = detail["msg"].removeprefix("Value error, ")
        raise TableError(
            f"{record}: {field}: found {shorten(repr(detail['input']), 80)}; {wrong}; an origin "
            f"record has the lines {', '.join(Origin.model_fields)}"
        ) from None
    except UnicodeDecodeError:
        raise TableError(f"{record}: is not text in UTF-8") from None
    except DocumentError as error:
        raise TableError(f"{record}: {error}") from None
    found = sha256(path)
    if found != origin.sha256:
        raise TableError(
            f"{path}: is not what its origin record says (sha256 {found[:8]}…, not "
            f"{origin.sha256[:8]}…); `make accept` if the change is meant, else restore the file"
        )
    return origin


def _read_rows(path: Path) -> pd.DataFrame:
    """The cells of a CSV file as printed, indexed by the line each row ends on."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise TableError(f"{path}: line {line}: not a CSV file in UTF-8") from None
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = next(reader, [])
        rows = [(reader.line_num, row) for row in reader if row]
    except csv.Error as error:
        raise TableError(f"{path}: line {reader.line_num}: not a CSV file: {error}") from None
    for place, name in enumerate(header):
        if name in header[:place]:
            raise TableError(f"{path}: line 1: found the column {name!r} twice, needs it once")
    for line, row in rows:
        if len(row) != len(header):
            raise TableError(
                f"{path}: line {line}: found {len(row)} fields, needs {len(header)} "
                f"({', '.join(header)}); first field {row[0]!r}"
            )
    lines = [line for line, _ in rows]
    return pd.DataFrame([row for _, row in rows], index=lines, columns=header, dtype=str)


def load_raw(folder: Path, name: str, table: Table) -> pd.DataFrame:
    """The raw file `name` of `folder`, checked against its origin record and its contract.

    While file and record stay as they are, they are read and checked once in a process.
    """
    path = folder / name
    states = file_state(path), file_state(origin_path(path))
    return _load_checked(path, table, states).copy(deep=False)


@lru_cache(maxsize=64)
def _load_checked(path: Path, table: Table, _states: object) -> pd.DataFrame:
    if not path.is_file():
        raise TableError(f"{path}: no such file")
    load_origin(path)
    return read_rows(path, table).reset_index(drop=True)


def read_rows(path: Path, table: Table) -> pd.DataFrame:
    """The rows of a CSV file, indexed by line, checked against the contract.

    An empty cell is a missing number or date. Dates are days (2025-04-04), or months (2025-04)
    where the contract says MONTHLY; flags are `true` or `false`.
    """
    frame = _read_rows(path)
    for name in frame.columns:
        for line, problem in frame[name].map(unsafe).items():
            if problem:
                raise TableError(f"{path}: line {line}, column {name}: {problem}")
    needed, found = [*table.columns], [*frame.columns]
    if found != needed and sorted(found) == sorted(needed):  # one complaint, not one a column
        raise TableError(
            f"{path}: line 1: found the columns {', '.join(found)}; needs {', '.join(needed)}"
        )
    for name in frame.columns.intersection(needed):
        frame[name] = _typed(frame[name], table.columns[name], path)
    return validate(frame, table, str(path), "line")


def _typed(texts: pd.Series, column: Any, path: Path) -> pd.Series:
    """Printed cells as what the column of the contract holds."""
    dtype = str(column.dtype)
    if dtype == "bool":
        _refuse(texts[~texts.isin(["true", "false"])], path, "true or false")
        return texts == "true"
    if dtype.startswith("datetime"):
        monthly = column.metadata == MONTHLY
        dates = real_days(texts, MONTH if monthly else DAY)
        needs = "a month like 2025-04" if monthly else "a day like 2025-04-04"
        _refuse(texts[dates.isna() & (texts != "")], path, needs)
        return dates
    return texts.replace("", None) if dtype.startswith("float") else texts


def _refuse(wrong: pd.Series, path: Path, needs: str) -> None:
    if len(wrong):
        raise TableError(
            f"{path}: line {wrong.index[0]}, column {wrong.name}: "
            f"found {wrong.iloc[0]!r}, needs {needs}"
        )


def check_references(
    rows: pd.DataFrame, column: str, known: pd.DataFrame, row_name: str, files: str = ""
) -> pd.DataFrame:
    """Return `rows` if every value of `column` stands in `known`, or raise TableError.

    `row_name` is the column that names a row of `rows`; `files` may say what refers to what.
    """
    lost = rows[~rows[column].isin(known[column])]
    if len(lost):
        name, value = lost[row_name].iloc[0], lost[column].iloc[0]
        raise TableError(
            f"{files and files + ': '}{row_name} {name!r}: {column} {value!r} is in no row of the "
            "table it refers to; add the row there or correct the reference"
        )
    return rows
