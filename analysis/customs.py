"""`python -m pipeline add`: customs' files, and what they settle of the figures on magnets."""

from __future__ import annotations

import sys

from ledger.adding import run

from analysis.study import SERIES, Folders


def main(arguments: list[str] | None = None) -> int:
    """Add each file and say what it brings; the exit status is 1 if one of them was refused."""
    return run(arguments, Folders().raw, SERIES)


if __name__ == "__main__":
    sys.exit(main())
