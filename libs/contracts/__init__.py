"""Tables that keep a contract: checking, reading and writing them, and their origin records.

What needs pandas and pandera is loaded when it is first asked for: they take longer than most of
what the press does with files.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from contracts.commands import Parser
from contracts.documents import DocumentError, load_yaml, replacing, unsafe
from contracts.parameters import ParameterError, Parameters, check, is_parameter

if TYPE_CHECKING:
    from contracts.contract import (
        DIGITS,
        EXACT,
        Estimates,
        Table,
        TableError,
        column,
        gaps,
        load_contracts,
        real_days,
        validate,
    )
    from contracts.files import read_table, read_tables, write_json, write_table
    from contracts.raw import (
        Origin,
        check_references,
        load_origin,
        load_raw,
        origin_path,
        read_rows,
        sha256,
        write_origin,
    )

__all__ = [
    "DIGITS",
    "EXACT",
    "DocumentError",
    "Estimates",
    "Origin",
    "ParameterError",
    "Parameters",
    "Parser",
    "Table",
    "TableError",
    "check",
    "check_references",
    "column",
    "gaps",
    "is_parameter",
    "load_contracts",
    "load_origin",
    "load_raw",
    "load_yaml",
    "origin_path",
    "read_rows",
    "read_table",
    "read_tables",
    "real_days",
    "replacing",
    "sha256",
    "unsafe",
    "validate",
    "write_json",
    "write_origin",
    "write_table",
]


def __getattr__(name: str) -> Any:
    for home in ("contract", "files", "raw"):
        if name in __all__ and hasattr(module := import_module(f"contracts.{home}"), name):
            return getattr(module, name)
    raise AttributeError(f"contracts has no {name!r}")
