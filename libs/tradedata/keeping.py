"""Files that are kept: each under a dated name of its own, beside its origin record."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from pathlib import Path

from contracts import Origin, TableError, origin_path, replacing, sha256, write_origin


def keep(
    folder: Path, stem: str, suffix: str, origin: Origin, write: Callable[[Path], object]
) -> Path:
    """Keep what `write` writes to the path it is given, and return where.

    The name is new: `stem`, the day of access and a number; nothing is ever overwritten. What is
    written must have the sha256 that `origin` states (else TableError), and stays whole or not at
    all.
    """
    folder.mkdir(parents=True, exist_ok=True)
    day = origin.date_accessed
    names = (folder / f"{stem}_{day}_{number:02}{suffix}" for number in count(1))
    target = next(name for name in names if _reserved(name))
    try:
        write_origin(target, origin)
        with replacing(target) as aside:
            write(aside)
            if sha256(aside) != origin.sha256:
                raise TableError(f"{target}: its source changed while it was kept; try again")
    except BaseException:
        target.unlink(missing_ok=True)
        origin_path(target).unlink(missing_ok=True)
        raise
    return target


def _reserved(target: Path) -> bool:
    """Take the name `target`, unless a kept file or record has it."""
    if origin_path(target).exists():
        return False
    try:
        target.open("xb").close()
    except FileExistsError:
        return False
    return True
