"""`python -m tradedata.fetch SOURCE --from 2024-01 --to 2026-10`: fetch a source's months.

Writes a dated snapshot to data/raw/<source>/ with its origin record.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from pathlib import Path

from contracts import Parser, TableError

from tradedata.fetch.gacc import Gacc
from tradedata.fetch.offices import OFFICES
from tradedata.fetch.source import Source, fetch, months_between
from tradedata.fetch.web import FetchError

SOURCES: dict[str, Source] = {**OFFICES, Gacc.name: Gacc()}


def main(arguments: list[str] | None = None) -> int:
    """Fetch and say what came; the exit status is 1 if it could not be done."""
    given = _parser().parse_args(arguments)
    source = SOURCES[given.source]
    months = months_between(given.start, given.end)
    key = os.environ.get(source.key_name, "").strip() if source.key_name else ""
    try:
        if not months:
            raise FetchError(f"--from {given.start} comes after --to {given.end}")
        print(fetch(source, months, given.raw_dir, key, given.address).describe())
    except (FetchError, TableError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("stopped; the same command goes on from here", file=sys.stderr)
        return 130
    return 0


def _month(text: str) -> str:
    if not re.fullmatch(r"[0-9]{4}-(0[1-9]|1[0-2])", text):
        raise argparse.ArgumentTypeError(f"found {text!r}, needs a month like 2024-01")
    return text


def _parser() -> Parser:
    parser = Parser(prog="python -m pipeline fetch", description=__doc__)
    parser.add_argument("source", choices=SOURCES, help="where from")
    parser.add_argument("--from", dest="start", type=_month, required=True, help="first month")
    parser.add_argument("--to", dest="end", type=_month, required=True, help="last month")
    parser.add_argument(
        "--raw-dir", type=Path, default=Path("data/raw").resolve(), help="folder of raw data"
    )
    parser.add_argument("--address", default="", help="another address of the source, for tests")
    return parser


if __name__ == "__main__":
    sys.exit(main())
