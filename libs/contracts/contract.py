"""What all tables share, and the check of a table against its contract."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from operator import methodcaller
from pathlib import Path
from types import new_class
from typing import Any

import pandas as pd
import pandera.pandas as pa
import yaml
from pandera import extensions
from pandera.errors import SchemaErrors, SchemaInitError

from contracts.documents import PlainError

NEEDS = {
    "column_in_schema": "is not in the table's contract",
    "column_in_dataframe": "is missing",
    "column_ordered": "is out of order",
    "multiple_fields_uniqueness": "repeats the key of another",
    "field_uniqueness": "a value found once only",
    "not_nullable": "a value",
}
"""Plain words for the checks that pandera names in code."""
END = "\\Z"
"""Ends a pattern where the text ends; a `$` would let a line end through."""
MONTH = "[0-9]{4}-[0-9]{2}"
DAY = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
DAY_OR_MONTH = f"{DAY}|{MONTH}"
"""Digits of ASCII: `\\d` would let those of all scripts through."""
DIGITS = 6
"""Significant digits of estimates in files: more than any estimate has meaning to, fewer than the
nine or so to which processors agree, so that all of them write the same bytes."""
EXACT = {"exact": True}
"""The metadata of a column of data in a table of estimates."""
MONTHLY = {"printed": "2025-04"}
"""The metadata of a column of dates that raw files print as months, others being days."""
TYPES = {
    "text": str,
    "number": float,
    "integer": int,
    "date": pd.Timestamp,
    "true or false": bool,
}
"""What a column holds, in the words of data dictionaries."""
KINDS: dict[str, dict[str, Any]] = {
    "name": {"type": "text", "str_length": {"min_value": 1}},
    "month": {"type": "text", "str_matches": r"[0-9]{4}-(0[1-9]|1[0-2])\Z"},
    "month or none": {"type": "text", "str_matches": r"([0-9]{4}-(0[1-9]|1[0-2]))?\Z"},
    "day or none": {"type": "text", "real_day": DAY},
    "day or month or none": {"type": "text", "real_day": DAY_OR_MONTH},
    "printed month": {"type": "date", "metadata": MONTHLY},
    "share": {"type": "number", "ge": 0, "le": 1},
    "count": {"type": "integer", "ge": 0},
}
"""Types of columns that many tables have, with what is checked."""
Rule = Callable[[Any], Any]
"""Which rows, or which cells of a column, are as they should be."""


class TableError(PlainError):
    """A table that breaks its contract; the message names file, column, row and value."""


class Table(pa.DataFrameModel):
    """What all tables share: no unknown columns, columns in order, types made to fit."""

    class Config:
        """Pandera's settings."""

        strict = True
        coerce = True
        ordered = True

    @classmethod
    def stacked(cls, *tables: pd.DataFrame) -> pd.DataFrame:
        """The rows of `tables`, one under the other, in the contract's columns; unchecked."""
        columns = list(cls.to_schema().columns)
        full = [table for table in tables if len(table)] or [pd.DataFrame(columns=columns)]
        return pd.concat(full, ignore_index=True)[columns]


class Estimates(Table):
    """A table whose fractions are estimates, written to `DIGITS` significant digits.

    Columns whose metadata are EXACT hold data, which are written as they are.
    """


@extensions.register_check_method(statistics=["form"])  # type: ignore[untyped-decorator]
def real_day(texts: pd.Series, *, form: str) -> pd.Series:
    """Whether each text is empty or a day of the calendar, or of the `form` DAY_OR_MONTH a month.

    2025-02-30 has the form of a day and is none.
    """
    return real_days(texts, form).notna() | (texts == "")


def load_contracts(
    path: Path,
    kinds: Mapping[str, Mapping[str, Any]] | None = None,
    rules: Mapping[str, Mapping[str, Rule]] | None = None,
) -> dict[str, type[Table]]:
    """The tables that the YAML file at `path` describes, by name.

    A table has what it is `about`, its `columns` and, where it needs them, `estimates`, a `key`
    (columns whose values together no two rows share) and another table `like` which it begins. A
    column has what it `means`, its `type`, one of TYPES, KINDS or `kinds` (a type with checks),
    and, where it needs them, `gaps`, `exact` and checks under pandera's names for them. `rules` are
    further checks of a table, or of its `Table.column`, by what they need. TableError names a
    column that is described otherwise.
    """
    found: dict[str, type[Table]] = {}
    kinds = KINDS | dict(kinds or {})
    described = yaml.load(path.read_bytes(), getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    for name, about in described.items():
        base = found.get(about.get("like"), Estimates if about.get("estimates") else Table)
        columns = {}
        for key, it in about["columns"].items():
            try:
                columns[key] = _described(it, kinds)
            except (KeyError, TypeError, AttributeError, SchemaInitError) as error:
                raise TableError(
                    f"{path}: table {name}, column {key}: found {error}; needs what it `means`, a "
                    f"`type` ({', '.join([*TYPES, *kinds])}) and checks that pandera has"
                ) from None
        inside = {
            "__doc__": about["about"],
            "__module__": base.__module__,
            "__annotations__": {key: kind for key, (kind, _) in columns.items()},
            **{key: field for key, (_, field) in columns.items()},
            **_checks(name, rules or {}),
        }
        if "key" in about:
            inside["Config"] = type("Config", (base.Config,), {"unique": about["key"]})
        found[name] = new_class(name, (base,), exec_body=methodcaller("update", inside))
    return found


def _checks(table: str, rules: Mapping[str, Mapping[str, Rule]]) -> dict[str, Any]:
    """The checks of a table that are functions, as pandera's model wants them."""
    made = {}
    for place, own in rules.items():
        of, _, column = place.partition(".")
        for needs, holds in own.items() if of == table else ():
            mark = pa.check(column, error=needs) if column else pa.dataframe_check(error=needs)
            made[needs] = mark(lambda cls, given, holds=holds: holds(given))
    return made


def _described(about: Mapping[str, Any], kinds: Mapping[str, Mapping[str, Any]]) -> tuple[Any, Any]:
    """The type of a column that YAML describes, and its field."""
    given = {**about, **kinds.get(about["type"], {})}
    kind, meaning = TYPES[given.pop("type")], given.pop("means")
    if given.pop("exact", False):
        given["metadata"] = EXACT
    return kind, pa.Field(description=meaning, nullable=given.pop("gaps", False), **given)


def rounded(value: float) -> float:
    """An estimate to DIGITS significant digits."""
    return float(f"{value:.{DIGITS}g}")


def real_days(texts: pd.Series, form: str = DAY) -> pd.Series:
    """The days, or months with `form` MONTH, that texts name; NaT for none, as for 30 February."""
    formed = texts.where(texts.str.fullmatch(form))
    return pd.to_datetime(formed, errors="coerce", format="ISO8601")


def validate(
    frame: pd.DataFrame, table: type[Table], where: str, row_word: str = "row"
) -> pd.DataFrame:
    """Return `frame` with the table's types, or raise TableError naming the broken rows.

    `row_word` says what the index of `frame` counts: `line` when it holds line numbers.
    """
    try:
        return table.validate(frame, lazy=True)
    except SchemaErrors as errors:
        cases = errors.failure_cases
        mistyped = cases[cases["check"].str.startswith("coerce_dtype")]
        told = mistyped if len(mistyped) else cases
        found = [_complaint(case, row_word, frame) for case in told.itertuples()]
        lines = [f"{where}: {complaint}" for complaint in dict.fromkeys(found)]
        more = [f"{where}: and {len(lines) - 5} more"] if len(lines) > 5 else []
        raise TableError("\n".join(lines[:5] + more)) from None


def _plain(check: str) -> str:
    """What a check of pandera's asks for, such as `isin(('a', 'b'))`, in words."""
    if check.startswith("isin("):
        return f"one of {', '.join(map(str, ast.literal_eval(check.removeprefix('isin'))))}"
    if check.startswith("str_matches("):
        pattern = check.removeprefix("str_matches('").removesuffix("')")
        return f"the form {pattern.removeprefix('^').removesuffix('$').removesuffix(END)}"
    if check.startswith("real_day("):
        either = DAY_OR_MONTH in check
        or_month, such = (" or month", " or 2025-04") if either else ("", "")
        return f"a day{or_month} that exists, like 2025-04-04{such}, or nothing"
    return check.replace("coerce_dtype", "type ")


def _complaint(case: Any, row_word: str, frame: pd.DataFrame) -> str:
    needs = NEEDS.get(case.check) or _plain(case.check)
    row = "" if pd.isna(case.index) else f"{row_word} {case.index}"
    if case.schema_context == "Column":
        return f"{row}, column {case.column}: found {case.failure_case!r}, needs {needs}"
    if not row:
        return f"column {case.failure_case} {needs}"
    named = [name for name in frame.columns if name in needs.split()]
    values = ", ".join(f"{name} {frame.at[case.index, name]!s}" for name in named)
    return f"{row} {needs}" + (f": found {values}" if values else "")
