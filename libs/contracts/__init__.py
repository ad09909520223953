"""Tables that keep a contract: checking, reading and writing them, and their origin records.

What needs pandas and pandera is loaded when it is first asked for: they take longer than most of
what the press does with files.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from contracts.documents import DIGITS as DIGITS
from contracts.documents import DocumentError as DocumentError
from contracts.documents import load_beside as load_beside
from contracts.documents import load_yaml as load_yaml
from contracts.documents import replacing as replacing
from contracts.documents import unsafe as unsafe
from contracts.parameters import ParameterError as ParameterError
from contracts.parameters import Parameters as Parameters
from contracts.parameters import Parser as Parser
from contracts.parameters import check as check

if TYPE_CHECKING:
    from contracts.contract import Table as Table
    from contracts.contract import TableError as TableError
    from contracts.contract import load_contracts as load_contracts
    from contracts.contract import validate as validate
    from contracts.files import read_table as read_table
    from contracts.files import read_tables as read_tables
    from contracts.files import write_json as write_json
    from contracts.files import write_table as write_table
    from contracts.raw import Origin as Origin
    from contracts.raw import check_references as check_references
    from contracts.raw import load_origin as load_origin
    from contracts.raw import load_raw as load_raw
    from contracts.raw import origin_path as origin_path
    from contracts.raw import read_rows as read_rows
    from contracts.raw import sha256 as sha256
    from contracts.raw import write_origin as write_origin


def __getattr__(name: str) -> Any:
    for home in ("contract", "files", "raw"):
        if not name.startswith("_") and hasattr(module := import_module(f"contracts.{home}"), name):
            return getattr(module, name)
    raise AttributeError(f"contracts has no {name!r}")
