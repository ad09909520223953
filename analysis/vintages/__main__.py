"""`python -m analysis.vintages 2026-03-31`: the series as it was known on that day."""

from __future__ import annotations

import argparse
import sys

from contracts import TableError

from analysis.study import Cleaning, Folders, ParameterError, check
from analysis.vintages.making import make_vintage


def main(arguments: list[str] | None = None) -> int:
    """Make the tables of the day; the exit status is 1 if it is none or nothing was known then."""
    parser = argparse.ArgumentParser(prog="python -m analysis.vintages", description=__doc__)
    parser.add_argument("as_of", help="the day, like 2026-03-31")
    parser.add_argument("--raw-dir", default=Folders().raw_dir)
    parser.add_argument("--processed-dir", default=Folders().processed_dir)
    given = parser.parse_args(arguments)
    try:
        make_vintage(check(Cleaning, vars(given), "parameters"))
    except (TableError, ParameterError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
