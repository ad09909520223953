"""Taking in customs downloads: `python -m analysis.customs` does the work."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from press.modules import run_module

RECORD = ".origin.yaml"


def add_downloads(files: Sequence[Path], raw: Path, saved: str | None = None) -> int:
    """Take in `files`, or what was dropped in `raw`/customs if there are none; the exit status."""
    day = ["--saved", saved] if saved else []
    return run_module("analysis.customs", [*map(str, files), "--raw-dir", str(raw), *day])


def has_dropped(raw: Path) -> bool:
    """Whether a file without an origin record lies in `raw`/customs."""
    names = {path.name for path in (raw / "customs").glob("[!.]*")}
    return any(name + RECORD not in names for name in names if not name.endswith(RECORD))
