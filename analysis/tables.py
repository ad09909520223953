"""The contract of every table and its atomic reading and writing."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import pandas as pd
import pandera.pandas as pa
from pandera.errors import SchemaErrors
from pandera.typing.pandas import Series

MEASURES = (
    "tonnes",
    "pct_change_month",
    "pct_change_year",
    "share_pct",
    "rank",
    "usd",
    "usd_per_kg",
    "usd_per_tonne",
)
SERIES = (
    "magnets_85051110",
    "magnets_ndfeb_broad",
    "rare_earths_and_products",
    "rare_earths_raw",
)
DESTINATION = r"^([A-Z]{3}|EU27|REG_[A-Z]+|GRP_[A-Z0-9]+([+-][A-Z0-9]+)*)$"
INT = "int64"
FLOAT = "float64"
TIME = "datetime64[ns]"


class TableError(ValueError):
    """A table that breaks its contract; the message names file, column, row and value."""


class Table(pa.DataFrameModel):
    """What all tables share: no unknown columns, columns in order, types made to fit."""

    class Config:
        """Pandera's settings."""

        strict = True
        coerce = True
        ordered = True


class Figures(Table):
    """Published figures: one row a printed number, `value` as printed."""

    figure_id: Series[str] = pa.Field(unique=True, str_matches=r"^f\d+$")
    series: Series[str] = pa.Field(isin=SERIES)
    destination: Series[str] = pa.Field(str_matches=DESTINATION)
    period_start: Series[TIME]  # type: ignore[valid-type]
    period_end: Series[TIME]  # type: ignore[valid-type]
    measure: Series[str] = pa.Field(isin=MEASURES)
    value: Series[str] = pa.Field(str_matches=r"^-?\d+(\.\d+)?$")
    unit: Series[str]
    approximate: Series[bool]
    source_id: Series[str]
    note: Series[str]

    @pa.dataframe_check(error="period_end comes before period_start")
    def _period_in_order(cls, frame: pd.DataFrame) -> pd.Series:
        return cast(pd.Series, frame["period_start"] <= frame["period_end"])


class Sources(Table):
    """Where figures were read: publisher, the newsroom behind it, address, date."""

    source_id: Series[str] = pa.Field(unique=True)
    publisher: Series[str] = pa.Field(str_length={"min_value": 1})
    newsroom: Series[str] = pa.Field(str_length={"min_value": 1})
    url: Series[str] = pa.Field(str_matches=r"^(https?://\S+)?$")
    published: Series[str]


class Events(Table):
    """Dated policy events; an empty `date_effective` means none was stated."""

    event_id: Series[str] = pa.Field(unique=True)
    date_announced: Series[TIME] = pa.Field(nullable=True)  # type: ignore[valid-type]
    date_effective: Series[TIME] = pa.Field(nullable=True)  # type: ignore[valid-type]
    actor: Series[str]
    kind: Series[str]
    targets: Series[str]
    products: Series[str]
    legal_reference: Series[str]
    summary: Series[str]
    source_url: Series[str]
    source_publisher: Series[str]
    source_date: Series[str]
    confidence: Series[str] = pa.Field(isin=("low", "medium", "high"))


class EventDisagreements(Table):
    """Where sources give another date or value for an event."""

    event_id: Series[str]
    field: Series[str]
    value_in_events_csv: Series[str]
    alternative: Series[str]
    alternative_source_url: Series[str]
    note: Series[str]


class Claims(Table):
    """Statements of press reports, to be checked."""

    claim_id: Series[str] = pa.Field(unique=True)
    seed: Series[str]
    statement: Series[str]
    kind: Series[str]
    destination: Series[str]
    month: Series[str] = pa.Field(str_matches=r"^\d{4}-\d{2}$")
    measure: Series[str]
    stated: Series[str]


class Exports(Table):
    """Tonnes by destination and month: one row a cell that the published figures bound."""

    destination: Series[str] = pa.Field(str_matches=DESTINATION)
    month: Series[TIME]  # type: ignore[valid-type]
    tonnes: Series[float] = pa.Field(ge=0, nullable=True)
    lower: Series[float] = pa.Field(ge=0)
    upper: Series[float] = pa.Field(ge=0)
    status: Series[str] = pa.Field(isin=("official", "stated", "derived"))
    newsrooms: Series[INT] = pa.Field(ge=0)  # type: ignore[valid-type]
    figure_ids: Series[str]

    class Config(Table.Config):
        """One row a destination and month."""

        unique = ("destination", "month")

    @pa.dataframe_check(error="tonnes lies outside its bounds")
    def _within_bounds(cls, frame: pd.DataFrame) -> pd.Series:
        inside = (frame["lower"] <= frame["tonnes"]) & (frame["tonnes"] <= frame["upper"])
        return cast(pd.Series, inside | frame["tonnes"].isna())


class RejectedFigures(Table):
    """Published figures that the others contradict."""

    figure_id: Series[str] = pa.Field(unique=True)
    verdict: Series[str] = pa.Field(isin=("mismatch", "rejected"))
    stated: Series[str]
    implied_lower: Series[float] = pa.Field(nullable=True)
    implied_upper: Series[float] = pa.Field(nullable=True)
    conflicts_with: Series[str] = pa.Field(str_length={"min_value": 1})


class Effects(Table):
    """Estimates of a study: one row an estimator and estimand."""

    study: Series[str]
    destination: Series[str]
    event_id: Series[str]
    estimator: Series[str]
    estimand: Series[str]
    start: Series[str] = pa.Field(str_matches=r"^\d{4}-\d{2}$")
    end: Series[str] = pa.Field(str_matches=r"^\d{4}-\d{2}$")
    estimate: Series[float] = pa.Field(nullable=True)
    lower: Series[float] = pa.Field(nullable=True)
    upper: Series[float] = pa.Field(nullable=True)
    level: Series[float] = pa.Field(nullable=True)
    p_value: Series[float] = pa.Field(ge=0, le=1, nullable=True)
    unit: Series[str]
    n_pre: Series[INT] = pa.Field(ge=0)  # type: ignore[valid-type]
    n_post: Series[INT] = pa.Field(ge=0)  # type: ignore[valid-type]


class ClaimVerdicts(Table):
    """What the series says of each claim."""

    claim_id: Series[str] = pa.Field(unique=True)
    seed: Series[str]
    stated: Series[str]
    computed: Series[float] = pa.Field(nullable=True)
    lower: Series[float] = pa.Field(nullable=True)
    upper: Series[float] = pa.Field(nullable=True)
    unit: Series[str]
    verdict: Series[str] = pa.Field(isin=("supported", "refuted", "imprecise", "not testable"))
    reason: Series[str] = pa.Field(str_length={"min_value": 1})


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
        found = [_complaint(case, row_word) for case in told.itertuples()]
        lines = [f"{where}: {complaint}" for complaint in dict.fromkeys(found)]
        more = [f"{where}: and {len(lines) - 5} more"] if len(lines) > 5 else []
        raise TableError("\n".join(lines[:5] + more)) from None


NEEDS = {
    "column_in_schema": "is not in the table's contract",
    "column_in_dataframe": "is missing",
    "column_ordered": "is out of order",
    "multiple_fields_uniqueness": "repeats the key of another",
    "field_uniqueness": "a value found once only",
    "not_nullable": "a value",
}
"""Plain words for the checks that pandera names in code."""


def _complaint(case: Any, row_word: str) -> str:
    needs = NEEDS.get(case.check, case.check.replace("coerce_dtype", "type "))
    row = "" if pd.isna(case.index) else f"{row_word} {case.index}"
    if case.schema_context == "Column":
        return f"{row}, column {case.column}: found {case.failure_case!r}, needs {needs}"
    return f"{row} {needs}" if row else f"column {case.failure_case} {needs}"


def read_table(path: Path, table: type[Table]) -> pd.DataFrame:
    """Read a parquet file that keeps the contract of `table`."""
    if not path.exists():
        raise TableError(
            f"{path}: no such file; run the notebooks before this one, or `make report`"
        )
    return validate(pd.read_parquet(path), table, path.name)


def write_table(frame: pd.DataFrame, path: Path, table: type[Table]) -> Path:
    """Check `frame` and write it to `path` (.parquet or .csv), whole or not at all."""
    checked = validate(frame, table, path.name)
    with replacing(path) as aside:
        if path.suffix == ".parquet":
            checked.to_parquet(aside, index=False)
        else:
            checked.to_csv(aside, index=False, date_format="%Y-%m-%d", lineterminator="\n")
    return path


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A path to write to, which takes the place of `path` when the block ends without error."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    os.close(handle)
    aside = Path(name)
    try:
        yield aside
        aside.chmod(0o644)
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)
