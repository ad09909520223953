"""The files beside a figure, and its numbers as a table in the page."""

from __future__ import annotations

from pathlib import Path

from press.tables import Row, read_rows

KINDS = ("svg", "png", "csv")
LONGEST = 200
"""Rows beyond which the numbers of a figure are a download only."""


class Downloads:
    """What lies in the folder `figures` beside a page."""

    def __init__(self, folder: Path) -> None:
        """`folder` is that of the page."""
        self.folder = folder / "figures"

    def kinds(self, stem: str | None) -> list[str]:
        """Which files there are of a figure."""
        return [kind for kind in KINDS if stem and (self.folder / f"{stem}.{kind}").exists()]

    def rows(self, stem: str) -> list[Row]:
        """The numbers of a figure as a reader wants them; none when there are too many."""
        rows = read_rows(self.folder / f"{stem}.csv")
        if len(rows) > LONGEST:
            return []
        return [{name: short(value) for name, value in row.items()} for row in rows]


def short(value: str | None) -> str:
    """A cell of numbers with the digits one can use; anything else as it is."""
    try:
        number = float(value or "")
    except ValueError:
        return value or ""
    text = f"{number:,.0f}" if abs(number) >= 1000 or number.is_integer() else f"{number:,.4g}"
    return text.replace("-", "−")
