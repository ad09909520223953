"""Running a module of `analysis` in its own process: `pipeline` does not import it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence

from analysis.study import ROOT


def run_module(name: str, arguments: Sequence[str]) -> int:
    """Run `python -m name arguments` from any folder; its exit status."""
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(paths)}
    command = [sys.executable, "-m", name, *arguments]
    return subprocess.run(command, env=environment, check=False).returncode
