"""The command that adds customs' files, and says what they settle of the published figures.

`python -m analysis.customs FILE` takes in a download of the query page, or months of customs'
monthly bulletin: an .xls or .xlsx of 出口主要商品量值表, or what `fetch gacc` kept. Without FILE it
takes in what was dropped in data/raw/customs.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from contracts import Parser, TableError
from ledger.customs import describe_settled
from tradedata.bulletin.adding import add_bulletin, is_bulletin
from tradedata.customs.adding import Addition, add_download, in_order
from tradedata.customs.vintages import dropped, is_dropped

from analysis.sources import load_figures, load_sources
from analysis.study import ROOT, SERIES, Folders


def main(arguments: list[str] | None = None) -> int:
    """Add each file and say what it brings; the exit status is 1 if one of them was refused."""
    given = _parser().parse_args(arguments)
    raw, status = given.raw_dir, 0
    for path in given.file or in_order(dropped(raw)):
        try:
            print(_added(path, raw, given.saved, given.revise))
        except TableError as error:
            print(error, file=sys.stderr)
            status = 1
        except Exception as error:  # whatever is wrong with one file, the next is still taken in
            print(f"{path}: cannot be taken ({type(error).__name__}: {error})", file=sys.stderr)
            status = 1
    return status


def _parser() -> Parser:
    parser = Parser(prog="python -m pipeline add", description=__doc__)
    parser.add_argument(
        "file", nargs="*", type=Path, help="a CSV from the query page, or a table of the bulletin"
    )
    parser.add_argument(
        "--revise", action="store_true", help="let the bulletin's values, lines and units change"
    )
    parser.add_argument("--raw-dir", type=Path, default=Folders().raw, help="folder of raw data")
    parser.add_argument(
        "--saved", type=date.fromisoformat, help="day it was downloaded, if not the file's own date"
    )
    return parser


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
    if addition.is_new:
        lines += [*_settles(addition, raw), f"kept unchanged as {kept}"]
    else:
        lines.append(f"already kept as {kept}; nothing changed")
    return "\n  ".join(lines)


def _settles(addition: Addition, raw: Path) -> Iterator[str]:
    try:
        figures, sources = load_figures(raw), load_sources(raw)
    except (TableError, OSError) as error:
        yield f"not compared with the published figures: {error}"
        return
    yield from describe_settled(addition, figures, sources, SERIES)


if __name__ == "__main__":
    sys.exit(main())
