"""Taking in customs downloads: `python -m analysis.customs` does the work in its own process."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from analysis.study import ROOT

RECORD = ".origin.yaml"


def add_downloads(files: Sequence[Path], raw: Path, saved: str | None = None) -> int:
    """Take in `files`, or what was dropped in `raw`/customs if there are none; the exit status."""
    command = [sys.executable, "-m", "analysis.customs", *map(str, files), "--raw-dir", str(raw)]
    command += ["--saved", saved] if saved else []
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(paths)}
    return subprocess.run(command, env=environment, check=False).returncode


def has_dropped(raw: Path) -> bool:
    """Whether a file without an origin record lies in `raw`/customs."""
    names = {path.name for path in (raw / "customs").glob("[!.]*")}
    return any(name + RECORD not in names for name in names if not name.endswith(RECORD))
