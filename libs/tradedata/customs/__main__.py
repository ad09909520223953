"""`python -m tradedata.customs FILE`: take in a download from China's customs.

Without FILE it takes in what was dropped in data/raw/customs.
"""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

from contracts import Parser, TableError

from analysis.study import Folders
from tradedata.customs.adding import add_download, add_dropped
from tradedata.customs.report import describe_addition


def main(arguments: list[str] | None = None) -> int:
    """Add the files and say what each brings; the exit status is 1 if one cannot be taken."""
    given = _parser().parse_args(arguments)
    raw = given.raw_dir
    try:
        additions = (
            (add_download(path, raw, given.saved) for path in given.file)
            if given.file
            else add_dropped(raw)
        )
        for addition in additions:
            print(describe_addition(addition, raw))
    except (TableError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _parser() -> Parser:
    parser = Parser(prog="python -m pipeline add", description=__doc__)
    parser.add_argument("file", nargs="*", type=Path, help="a CSV from the customs query page")
    parser.add_argument("--raw-dir", type=Path, default=Folders().raw, help="folder of raw data")
    parser.add_argument(
        "--saved", type=date.fromisoformat, help="day it was downloaded, if not the file's own date"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
