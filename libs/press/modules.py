"""Running a module in a process of its own: the press imports nothing of what it publishes."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from press.site import ROOT_NAME, site


def run_module(name: str, arguments: Sequence[str]) -> int:
    """Run `python -m name arguments` from any folder; its exit status."""
    return _run(name, arguments, None).returncode


def make_vintage(study: Any) -> str:
    """Make the tables of the day that `study` asks for; what went wrong, or nothing."""
    folders = ["--raw-dir", study.raw_dir, "--processed-dir", study.processed_dir]
    name = site().about.vintage.module
    ended = _run(name, [site().known(study), *folders], subprocess.PIPE)
    return "" if not ended.returncode else ended.stderr.strip().rpartition("\n")[2] or name


def environment(root: Path | None = None) -> dict[str, str]:
    """The environment in which Python finds the packages of a repository, this one by default."""
    root = root or site().root
    paths = [str(root), str(root / "libs"), *filter(None, [os.environ.get("PYTHONPATH")])]
    return os.environ | {"PYTHONPATH": os.pathsep.join(paths), ROOT_NAME: str(root)}


def _run(
    name: str, arguments: Sequence[str], errors: int | None
) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", name, *arguments]
    return subprocess.run(command, env=environment(), check=False, stderr=errors, text=True)
