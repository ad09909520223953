"""The command that adds customs' files, and says what they settle of the published figures.

`python -m analysis.customs FILE` takes in a download of the query page, or months of customs'
monthly bulletin: an .xls or .xlsx of 出口主要商品量值表, or what `fetch gacc` kept. Without FILE it
takes in what was dropped in data/raw/customs.
"""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

from contracts import Parser, TableError
from ledger.customs import describe_settled
from tradedata.bulletin.adding import add_bulletin, is_bulletin
from tradedata.customs.adding import add_download
from tradedata.customs.vintages import dropped, is_dropped

from analysis.sources import load_figures, load_sources
from analysis.study import ROOT, SERIES, Folders


def main(arguments: list[str] | None = None) -> int:
    """Add each file and say what it brings; the exit status is 1 if one of them was refused."""
    parser = Parser(prog="python -m pipeline add", description=__doc__)
    option = parser.add_argument
    option("file", nargs="*", type=Path, help="a CSV of the query page, or a bulletin's table")
    option("--revise", action="store_true", help="let the bulletin's values, lines, units change")
    option("--raw-dir", type=Path, default=Folders().raw, help="folder of raw data")
    option("--saved", type=date.fromisoformat, help="day of download, if not the file's own date")
    given = parser.parse_args(arguments)
    raw, status = given.raw_dir, 0
    for path in given.file or dropped(raw):
        try:
            print(_added(path, raw, given.saved, given.revise))
            continue
        except TableError as error:
            print(error, file=sys.stderr)
        except Exception as error:  # whatever is wrong with one file, the next is still taken in
            print(f"{path}: cannot be taken ({type(error).__name__}: {error})", file=sys.stderr)
        status = 1
    return status


def _added(path: Path, raw: Path, saved: date | None, revise: bool) -> str:
    """Take one file in; what it holds, adds, revises and contradicts, a line each."""
    if path.is_file() and is_bulletin(path):
        said = add_bulletin(path, raw, saved, revise).describe()
        if is_dropped(path, raw):
            path.unlink()
        return said
    addition = add_download(path, raw, saved)
    lines = list(addition.describe())
    kept = addition.kept.relative_to(ROOT) if addition.kept.is_relative_to(ROOT) else addition.kept
    if not addition.is_new:
        return "\n  ".join([*lines, f"already kept as {kept}; nothing changed"])
    try:
        lines += describe_settled(addition, load_figures(raw), load_sources(raw), SERIES)
    except (TableError, OSError) as error:
        lines.append(f"not compared with the published figures: {error}")
    return "\n  ".join([*lines, f"kept unchanged as {kept}"])


if __name__ == "__main__":
    sys.exit(main())
