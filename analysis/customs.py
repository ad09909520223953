"""The command that adds customs' files, and says what they settle of the published figures.

`python -m analysis.customs FILE` takes in a download of the query page, or months of customs'
monthly bulletin: an .xls or .xlsx of 出口主要商品量值表, or what `fetch gacc` kept. Without FILE it
takes in what was dropped in data/raw/customs.
"""

from __future__ import annotations

import sys

from ledger.adding import run

from analysis.study import ROOT, SERIES, Folders


def main(arguments: list[str] | None = None) -> int:
    """Add each file and say what it brings; the exit status is 1 if one of them was refused."""
    return run(arguments, "python -m pipeline add", str(__doc__), Folders().raw, ROOT, SERIES)


if __name__ == "__main__":
    sys.exit(main())
