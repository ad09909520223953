"""What all tables share, and the check of a table against its contract."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd
import pandera.pandas as pa
import yaml
from pandera.errors import SchemaErrors

from contracts.documents import DIGITS, PlainError

# Where hypothesis is installed, pandera's checks load it to make tables up, which nobody asks for.
if sys.modules.setdefault("hypothesis", None) is None:  # type: ignore[arg-type]
    importlib.import_module("pandera.backends.pandas.builtin_checks")
    del sys.modules["hypothesis"]

NEEDS = {
    "column_in_schema": "is not in the table's contract",
    "column_in_dataframe": "is missing",
    "column_ordered": "is out of order",
    "multiple_fields_uniqueness": "repeats the key of another",
    "field_uniqueness": "a value found once only",
    "not_nullable": "a value",
}
"""Plain words for the checks that pandera names in code."""
MONTH = "[0-9]{4}-[0-9]{2}"
DAY = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
DAY_OR_MONTH = f"{DAY}|{MONTH}"
"""Digits of ASCII: `\\d` would let those of all scripts through."""
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
Kinds = Mapping[str, Mapping[str, Any]]
KINDS: Kinds = {
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


@dataclass(frozen=True, eq=False)
class Table:
    """A contract: no unknown columns, columns in order, types made to fit.

    The fractions of `estimates` are written to `DIGITS` digits, but for columns whose metadata are
    EXACT.
    """

    about: str
    schema: pa.DataFrameSchema
    estimates: bool

    @property
    def columns(self) -> dict[str, pa.Column]:
        """The columns by name, in order."""
        return dict(self.schema.columns)

    @cached_property
    def _checks(self) -> pa.DataFrameSchema:
        """All but the types: of each column of text pandera writes what would be said of it."""
        return self.schema.update_columns({name: {"dtype": None} for name in self.columns})

    def typed(self, frame: pd.DataFrame) -> pd.DataFrame:
        """`frame` with values made to fit the types; SchemaErrors where they cannot be."""
        held, wanted = dict(frame.dtypes.items()), {n: it.dtype for n, it in self.columns.items()}
        other = {n: pa.Column(it) for n, it in wanted.items() if held.get(n, it.type) != it.type}
        fitted: pd.DataFrame = frame.copy(deep=False)
        return pa.DataFrameSchema(other, coerce=True).coerce_dtype(fitted) if other else fitted

    def empty(self) -> pd.DataFrame:
        """The table without a row."""
        return self.typed(pd.DataFrame(columns=list(self.columns)))

    def stacked(self, *tables: pd.DataFrame) -> pd.DataFrame:
        """The rows of `tables`, one under the other, in the contract's columns; unchecked."""
        columns = list(self.columns)
        full = [table for table in tables if len(table)] or [pd.DataFrame(columns=columns)]
        return pd.concat(full, ignore_index=True)[columns]


def load_contracts(
    path: Path, kinds: Kinds | None = None, rules: Mapping[str, Mapping[str, Rule]] | None = None
) -> dict[str, Table]:
    """The tables that the YAML file at `path` describes, by name.

    A table has what it is `about`, its `columns` and, where it needs them, `estimates`, a `key`
    (columns whose values together no two rows share) and another table `like` which it begins. A
    column has what it `means`, its `type`, one of TYPES, KINDS or `kinds` (a type with checks),
    and, where it needs them, `gaps`, `exact` and checks under pandera's names for them. `rules` are
    further checks of a table, or of its `Table.column`, by what they need. TableError names a
    column that is described otherwise.
    """
    found: dict[str, Table] = {}
    known, rules = {**KINDS, **(kinds or {})}, rules or {}
    described = yaml.load(path.read_bytes(), getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    for name, about in described.items():
        base = found.get(about.get("like"))
        columns = base.columns if base else {}
        for key, it in about["columns"].items():
            try:
                columns[key] = _column(it, known, rules.get(f"{name}.{key}", {}))
            except (KeyError, TypeError, AttributeError) as error:
                raise TableError(
                    f"{path}: table {name}, column {key}: found {error}; needs what it `means`, a "
                    f"`type` ({', '.join([*TYPES, *known])}) and checks that pandera has"
                ) from None
        schema = pa.DataFrameSchema(
            columns,
            checks=[pa.Check(holds, error=needs) for needs, holds in rules.get(name, {}).items()],
            unique=about.get("key", base.schema.unique if base else None),
            strict=True,
            ordered=True,
        )
        estimates = about.get("estimates", base.estimates if base else False)
        found[name] = Table(about["about"], schema, estimates)
    return found


def _column(about: Mapping[str, Any], kinds: Kinds, rules: Mapping[str, Rule]) -> pa.Column:
    """A column as YAML describes it."""
    given = {**about, **kinds.get(about["type"], {})}
    kind, meaning = TYPES[given.pop("type")], given.pop("means")
    exact = EXACT if given.pop("exact", False) else None
    return pa.Column(
        kind,
        description=meaning,
        nullable=given.pop("gaps", False),
        unique=given.pop("unique", False),
        metadata=given.pop("metadata", exact),
        checks=[
            *(_check(check, asked) for check, asked in given.items()),
            *(pa.Check(holds, error=needs) for needs, holds in rules.items()),
        ],
    )


def _check(name: str, asked: Any) -> pa.Check:
    """A check under pandera's name for it, and what it needs in plain words."""
    if name == "real_day":
        or_month, such = (" or month", " or 2025-04") if asked == DAY_OR_MONTH else ("", "")
        needs = f"a day{or_month} that exists, like 2025-04-04{such}, or nothing"
        return pa.Check(lambda days: real_days(days, asked).notna() | (days == ""), error=needs)
    make: Callable[..., pa.Check] | None = getattr(pa.Check, name, None)
    if make is None:
        raise KeyError(name)
    if name == "isin":
        return make(asked, error=f"one of {', '.join(map(str, asked))}")
    if name == "str_matches":
        form = asked.removeprefix("^").removesuffix("$").removesuffix("\\Z")
        return make(asked, error=f"the form {form}")
    return make(**asked) if isinstance(asked, dict) else make(asked)


def rounded(value: float) -> float:
    """An estimate to DIGITS significant digits."""
    return float(f"{value:.{DIGITS}g}")


def real_days(texts: pd.Series, form: str = DAY) -> pd.Series:
    """The days, or months with `form` MONTH, that texts name; NaT for none, as for 30 February."""
    formed = texts.where(texts.str.fullmatch(form))
    return pd.to_datetime(formed, errors="coerce", format="ISO8601")


def validate(frame: pd.DataFrame, table: Table, where: str, row_word: str = "row") -> pd.DataFrame:
    """Return `frame` with the table's types, or raise TableError naming the broken rows.

    `row_word` says what the index of `frame` counts: `line` when it holds line numbers.
    """
    try:
        return table._checks.validate(table.typed(frame), lazy=True, inplace=True)
    except SchemaErrors as errors:
        cases = errors.failure_cases.itertuples()
        found = [_complaint(case, row_word, frame) for case in cases]
        lines = [f"{where}: {complaint}" for complaint in dict.fromkeys(found)]
        more = [f"{where}: and {len(lines) - 5} more"] if len(lines) > 5 else []
        raise TableError("\n".join(lines[:5] + more)) from None


def _complaint(case: Any, row_word: str, frame: pd.DataFrame) -> str:
    needs = NEEDS.get(case.check) or case.check.replace("coerce_dtype", "type ")
    row = "" if pd.isna(case.index) else f"{row_word} {case.index}"
    if case.schema_context == "Column":
        return f"{row}, column {case.column}: found {case.failure_case!r}, needs {needs}"
    if not row:
        return f"column {case.failure_case} {needs}"
    named = [name for name in frame.columns if name in needs.split()]
    values = ", ".join(f"{name} {frame.at[case.index, name]!s}" for name in named)
    return f"{row} {needs}" + (f": found {values}" if values else "")
