"""Tables that keep a contract: checking, reading and writing them, and their origin records."""

from contracts.commands import Parser
from contracts.contract import Table, TableError, validate
from contracts.files import read_table, read_tables, replacing, write_json, write_table
from contracts.parameters import ParameterError, Parameters, check, is_parameter
from contracts.raw import (
    Origin,
    check_references,
    load_origin,
    load_raw,
    origin_path,
    sha256,
    write_origin,
)

__all__ = [
    "Origin",
    "ParameterError",
    "Parameters",
    "Parser",
    "Table",
    "TableError",
    "check",
    "check_references",
    "is_parameter",
    "load_origin",
    "load_raw",
    "origin_path",
    "read_table",
    "read_tables",
    "replacing",
    "sha256",
    "validate",
    "write_json",
    "write_origin",
    "write_table",
]
