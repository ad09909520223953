"""`python -m analysis.vintages magnets_85051110@2026-03-31`: a series as it was known on a day."""

from __future__ import annotations

import sys

from contracts import ParameterError, Parser, TableError, check

from analysis.study import Cleaning, Folders
from analysis.vintages.making import make_vintage


def main(arguments: list[str] | None = None) -> int:
    """Make the tables; the exit status is 1 if there is no such series or nothing was known."""
    parser = Parser(prog="python -m analysis.vintages", description=__doc__)
    parser.add_argument("known", help="series@day, or series@ for all that is known of it")
    parser.add_argument("--raw-dir", default=Folders().raw_dir)
    parser.add_argument("--processed-dir", default=Folders().processed_dir)
    given = vars(parser.parse_args(arguments))
    series, _, day = given.pop("known").rpartition("@")
    asked = {"as_of": day} | ({"series": series} if series else {})
    try:
        make_vintage(check(Cleaning, given | asked, "parameters"))
    except (TableError, ParameterError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
