"""Which libraries a notebook imports, read from its code."""

from __future__ import annotations

import ast
import os
import re
import sys
from functools import cache, lru_cache
from itertools import takewhile

import nbformat
from nbformat import NotebookNode

_MAGIC_LINE = re.compile(r"(?m)^[ \t]*[%!?].*$")
_ENVIRONMENT = re.compile(r"environ\b|%env\b|%set_env\b|putenv\b")


def libraries_of_file(path: str | os.PathLike[str]) -> tuple[str, ...]:
    """Name the modules that a notebook file imports, as `imported_libraries` does."""
    return _libraries(os.fspath(path), os.stat(path).st_mtime_ns)


@cache
def _libraries(path: str, _modified: int) -> tuple[str, ...]:
    return tuple(imported_libraries(nbformat.read(path, 4)))


def imported_libraries(notebook: NotebookNode) -> list[str]:
    """Name the modules that a notebook imports, in order, each once.

    `from a import b` yields `a.b`, which may be a module or something in `a`.  The standard
    library is left out: it loads fast.  Reading stops at a cell that touches environment
    variables: a library may read them when it loads, so what comes after is left to the kernel.
    Cells that are not Python yield nothing.
    """
    sources = (cell.source for cell in notebook.cells if cell.cell_type == "code")
    settled = takewhile(lambda source: not _ENVIRONMENT.search(source), sources)
    names = dict.fromkeys(name for source in settled for name in _names(source))
    return [name for name in names if name.partition(".")[0] not in sys.stdlib_module_names]


@lru_cache(1000)
def _names(source: str) -> list[str]:
    try:
        tree = ast.parse(_MAGIC_LINE.sub("", source)) if not source.startswith("%%") else None
    except SyntaxError:
        tree = None
    names: list[str] = []
    for node in ast.walk(tree) if tree else ():
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names += [f"{node.module}.{alias.name}".removesuffix(".*") for alias in node.names]
    return names
