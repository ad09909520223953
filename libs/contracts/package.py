"""What the contracts say of their tables: a data dictionary, and Frictionless data packages."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from html import escape
from pathlib import Path
from typing import Any

import pandas as pd

from contracts.contract import Table
from contracts.files import write_json, write_table

FORMATS = {"date": "date", "number": "number", "integer": "integer", "true or false": "boolean"}
"""Types of columns in Frictionless' words; all others are strings."""
Columns = Mapping[str, Iterable[Any]]
Contents = Mapping[str, tuple[pd.DataFrame, Table]]


def describe_columns(table: Table) -> pd.DataFrame:
    """Column, type and meaning of each column of `table`, one row a column."""
    plain = {"float64": "number", "int64": "integer", "bool": "true or false"}
    rows = [
        (
            column.name,
            "date" if "datetime" in str(column.dtype) else plain.get(str(column.dtype), "text"),
            column.description or "",
        )
        for column in table.columns.values()
    ]
    return pd.DataFrame(rows, columns=["column", "type", "meaning"])


def dictionary(files: Mapping[str, Table]) -> str:
    """A section for each file, by its name: what it holds and its columns, in Markdown."""
    parts = []
    for file, table in files.items():
        head = "| column | type | meaning |\n| --- | --- | --- |\n"
        rows = (
            f"| `{name}` | {kind} | {meaning} |\n"
            for name, kind, meaning in describe_columns(table).to_numpy()
        )
        parts.append(f"## `{file}`\n\n{table.about}\n\n{head}{''.join(rows)}")
    return "\n".join(parts)


def codebook_html(files: Mapping[str, Table]) -> str:
    """The same in HTML."""
    parts = []
    for file, table in files.items():
        about = describe_columns(table)
        columns: Columns = {
            "Column": "<code>" + about["column"].map(escape) + "</code>",
            "Type": about["type"],
            "Meaning": about["meaning"].map(escape),
        }
        head = f"<h3>{escape(file)}</h3><p>{escape(table.about)}</p>"
        parts.append(head + html_table(file, columns, "listed"))
    return "".join(parts)


def html_table(caption: str, columns: Columns, kind: str) -> str:
    """A table of the class `kind` whose cells are HTML already."""
    heads = "".join(f"<th>{escape(name)}</th>" for name in columns)
    rows = (
        "".join(f"<td>{cell}</td>" for cell in row) for row in zip(*columns.values(), strict=True)
    )
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    return (
        f'<table class="{kind}"><caption>{escape(caption)}</caption>'
        f"<thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>"
    )


def write_package(contents: Contents, folder: Path, about: Mapping[str, Any]) -> Path:
    """Write each table as CSV and parquet, and datapackage.json, into `folder`.

    `about` holds the package's own fields: name, title, licenses and the like.
    """
    resources = [_write(name, frame, table, folder) for name, (frame, table) in contents.items()]
    return write_json({**about, "resources": resources}, folder / "datapackage.json")


def _write(name: str, frame: pd.DataFrame, table: Table, folder: Path) -> dict[str, Any]:
    write_table(frame, folder / f"{name}.parquet", table)
    path = write_table(frame, folder / f"{name}.csv", table)
    content = path.read_bytes()
    return {
        "name": name.replace("_", "-"),
        "path": path.name,
        "description": table.about,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": len(content),
        "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
        "schema": table_schema(table),
    }


def table_schema(table: Table) -> dict[str, Any]:
    """The columns of `table` as a Frictionless table schema; its key is what no two rows share."""
    fields = [
        {"name": name, "type": FORMATS.get(kind, "string"), "description": meaning}
        for name, kind, meaning in describe_columns(table).to_numpy()
    ]
    single = [name for name, column in table.columns.items() if column.unique]
    return {
        "fields": fields,
        "primaryKey": single[:1] or list(table.schema.unique or []),
        "missingValues": [""],
    }
