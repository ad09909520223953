"""Running a module that report.yaml names in its own process: press imports none of them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence

from press.report import ROOT


def run_module(name: str, arguments: Sequence[str]) -> int:
    """Run `python -m name arguments` from any folder; its exit status."""
    return _run(name, arguments, None).returncode


def ask_module(name: str, arguments: Sequence[str]) -> str:
    """Run it quietly; what it said of its failure, or nothing if all went well."""
    ended = _run(name, arguments, subprocess.PIPE)
    return "" if not ended.returncode else ended.stderr.strip().rpartition("\n")[2] or name


def environment() -> dict[str, str]:
    """The environment in which Python finds this repository's packages, from any folder."""
    paths = [str(ROOT), str(ROOT / "libs"), *filter(None, [os.environ.get("PYTHONPATH")])]
    return os.environ | {"PYTHONPATH": os.pathsep.join(paths)}


def _run(
    name: str, arguments: Sequence[str], errors: int | None
) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", name, *arguments]
    return subprocess.run(command, env=environment(), check=False, stderr=errors, text=True)
