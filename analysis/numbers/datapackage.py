"""The tables as one Frictionless data package: CSV, parquet and a description of every column."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
from contracts import Table, write_json, write_table

from analysis.numbers.codebook import describe_columns

FORMATS = {"date": "date", "number": "number", "integer": "integer", "true or false": "boolean"}
LICENSE = {
    "name": "CC-BY-4.0",
    "title": "Creative Commons Attribution 4.0",
    "path": "https://creativecommons.org/licenses/by/4.0/",
}
ABOUT = {
    "name": "magnet-swings",
    "title": "China's exports of rare-earth magnets by destination and month, with bounds",
    "description": (
        "Published figures on China's exports of rare-earth magnets (HS 85051110), reconciled into "
        "monthly tonnes by destination with hard bounds; the figures that cannot be true; and the "
        "policy events around them."
    ),
    "licenses": [LICENSE],
    "contributors": [{"title": "The magnet-swings maintainers", "role": "author"}],
    "keywords": ["rare earths", "permanent magnets", "export controls", "international trade"],
}

Contents = Mapping[str, tuple[pd.DataFrame, type[Table]]]


def write_package(tables: Contents, folder: Path) -> Path:
    """Write each table as CSV and parquet, and datapackage.json, into `folder`."""
    resources = [_write(name, frame, table, folder) for name, (frame, table) in tables.items()]
    return write_json({**ABOUT, "resources": resources}, folder / "datapackage.json")


def _write(name: str, frame: pd.DataFrame, table: type[Table], folder: Path) -> dict[str, Any]:
    write_table(frame, folder / f"{name}.parquet", table)
    path = write_table(frame, folder / f"{name}.csv", table)
    content = path.read_bytes()
    return {
        "name": name.replace("_", "-"),
        "path": path.name,
        "description": table.__doc__,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": len(content),
        "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
        "schema": table_schema(table),
    }


def table_schema(table: type[Table]) -> dict[str, Any]:
    """The columns of `table` as a Frictionless table schema."""
    fields = [
        {
            "name": row.column,
            "type": FORMATS.get(str(row.type), "string"),
            "description": row.meaning,
        }
        for row in describe_columns(table).itertuples()
    ]
    return {"fields": fields, "primaryKey": _key(table), "missingValues": [""]}


def _key(table: type[Table]) -> list[str]:
    """The columns that no two rows share."""
    schema = table.to_schema()
    single = [name for name, column in schema.columns.items() if column.unique]
    return single[:1] or list(schema.unique or [])
