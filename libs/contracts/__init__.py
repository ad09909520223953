"""Tables that keep a contract: checking, reading and writing them, and their origin records."""

from contracts.commands import Parser
from contracts.contract import (
    DIGITS,
    EXACT,
    Estimates,
    Table,
    TableError,
    column,
    gaps,
    real_days,
    unsafe,
    validate,
)
from contracts.documents import DocumentError, load_yaml
from contracts.files import read_table, read_tables, replacing, write_json, write_table
from contracts.parameters import ParameterError, Parameters, check, is_parameter
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
