"""Customs' files taken in from the command line, and what they settle of the published figures."""

from __future__ import annotations

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


def run(
    arguments: Sequence[str] | None, prog: str, about: str, raw: Path, root: Path, series: str
) -> int:
    """Add each file that the arguments name; the exit status is 1 if one of them was refused.

    Without a file those are added that were dropped in the folder of downloads. raw: the folder of
    raw data, if no argument names one; root: the folder that paths are told from; series: the one
    whose published figures a download of the query page settles.
    """
    parser = Parser(prog=prog, description=about)
    option = parser.add_argument
    option("file", nargs="*", type=Path, help="a CSV of the query page, or a bulletin's table")
    option("--revise", action="store_true", help="let the bulletin's values, lines, units change")
    option("--raw-dir", type=Path, default=raw, help="folder of raw data")
    option("--saved", type=date.fromisoformat, help="day of download, if not the file's own date")
    given = parser.parse_args(arguments)
    status = 0
    for path in given.file or dropped(given.raw_dir):
        try:
            if path.is_file() and is_bulletin(path):
                print(_add_bulletin(path, given.raw_dir, given.saved, given.revise))
            else:
                print(_add_download(path, given.raw_dir, given.saved, root, series))
            continue
        except TableError as error:
            print(error, file=sys.stderr)
        except Exception as error:  # whatever is wrong with one file, the next is still taken in
            print(f"{path}: cannot be taken ({type(error).__name__}: {error})", file=sys.stderr)
        status = 1
    return status


def _add_bulletin(path: Path, raw: Path, saved: date | None, revise: bool) -> str:
    said = add_bulletin(path, raw, saved, revise).describe()
    if is_dropped(path, raw):
        path.unlink()
    return said


def _add_download(path: Path, raw: Path, saved: date | None, root: Path, series: str) -> str:
    """Take one download in; what it holds, adds, revises and contradicts, a line each."""
    addition = add_download(path, raw, saved)
    lines = list(addition.describe())
    kept = addition.kept.relative_to(root) if addition.kept.is_relative_to(root) else addition.kept
    if not addition.is_new:
        return "\n  ".join([*lines, f"already kept as {kept}; nothing changed"])
    try:
        figures, sources = (
            load_raw(raw, f"{name}.csv", table)
            for name, table in (("figures", Figures), ("sources", Sources))
        )
        lines += describe_settled(addition, figures, sources, series)
    except (TableError, OSError) as error:
        lines.append(f"not compared with the published figures: {error}")
    return "\n  ".join([*lines, f"kept unchanged as {kept}"])
