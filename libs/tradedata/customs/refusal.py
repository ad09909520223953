"""The one message a file gets that cannot be taken."""

from __future__ import annotations

from pathlib import Path

from contracts import TableError

SHOWN = 60
"""At most this many characters of a wrong value are printed."""


def refusal(
    path: Path, found: object, advice: str, line: int | None = None, column: str | None = None
) -> TableError:
    """Name the file, the place, what was found and what to do."""
    text = found if isinstance(found, str) else str(found)
    shown = text if len(text) <= SHOWN else f"{text[:SHOWN]}…"
    place = "".join(
        (f" line {line}," if line else "", f" column {column}," if column else "")
    ).rstrip(",")
    return TableError(f"{path}:{place}{':' if place else ''} found {shown!r}; {advice}")
