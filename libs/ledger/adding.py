"""Adds customs' files, and says what they settle of the published figures.

FILE is a download of the query page, or months of customs' monthly bulletin: an .xls or .xlsx of
出口主要商品量值表, or what `fetch gacc` kept. Without FILE it takes in what was dropped in the
folder of downloads.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from contracts import Parser, TableError, load_raw
from tradedata.bulletin.adding import add_bulletin, is_bulletin
from tradedata.customs.adding import add_download
from tradedata.customs.vintages import dropped, is_dropped

from ledger.customs import describe_settled
from ledger.tables import Figures, Sources


def run(arguments: Sequence[str] | None, raw: Path, series: str) -> int:
    """Add each file that the arguments name; the exit status is 1 if one of them was refused.

    raw: the folder of raw data, if no argument names one; series: the one whose published figures
    a download of the query page settles.
    """
    parser = Parser(prog="python -m pipeline add", description=__doc__)
    option = parser.add_argument
    option("file", nargs="*", type=Path, help="a CSV of the query page, or a bulletin's table")
    option("--revise", action="store_true", help="let the bulletin's values, lines, units change")
    option("--raw-dir", type=Path, default=raw, help="folder of raw data")
    option("--saved", type=date.fromisoformat, help="day of download, if not the file's own date")
    given = parser.parse_args(arguments)
    status = 0
    for path in given.file or dropped(given.raw_dir):
        try:
            print(_added(path, given, series))
            continue
        except TableError as error:
            print(error, file=sys.stderr)
        except Exception as error:  # whatever is wrong with one file, the next is still taken in
            print(f"{path}: cannot be taken ({type(error).__name__}: {error})", file=sys.stderr)
        status = 1
    return status


def _added(path: Path, given: argparse.Namespace, series: str) -> str:
    """Take one file in; what it holds, adds, revises and contradicts, a line each."""
    raw, here = given.raw_dir, Path.cwd()
    if path.is_file() and is_bulletin(path):
        said = add_bulletin(path, raw, given.saved, given.revise).describe()
        if is_dropped(path, raw):
            path.unlink()
        return said
    addition = add_download(path, raw, given.saved)
    lines = list(addition.describe())
    kept = addition.kept.relative_to(here) if addition.kept.is_relative_to(here) else addition.kept
    if not addition.is_new:
        return "\n  ".join([*lines, f"already kept as {kept}; nothing changed"])
    try:
        figures = load_raw(raw, "figures.csv", Figures)
        sources = load_raw(raw, "sources.csv", Sources)
        lines += describe_settled(addition, figures, sources, series)
    except (TableError, OSError) as error:
        lines.append(f"not compared with the published figures: {error}")
    return "\n  ".join([*lines, f"kept unchanged as {kept}"])
