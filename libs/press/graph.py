"""Running the graph of the report, dodo.py, or a part of it."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

from analysis.study import ROOT


def run_graph(
    tasks: Sequence[str] = (),
    *,
    studies: str,
    notebooks: str,
    folders: Mapping[str, str],
    processes: int | None = None,
) -> int:
    """Bring `tasks` up to date, all if none is named; doit's exit status, 0 if all went well.

    `studies` and `notebooks` are folders; `folders` those of the data, if not the usual ones.
    """
    from doit.cmd_base import DodoTaskLoader
    from doit.doit_cmd import DoitMain

    at_once = str(processes or os.cpu_count())
    command = ["run", "-f", str(ROOT / "dodo.py"), "-d", str(ROOT), "-n", at_once]
    command += [f"{name}={value}" for name, value in folders.items()]
    command += [f"studies={studies}", f"notebooks={notebooks}", *tasks]
    return int(DoitMain(DodoTaskLoader()).run(command))
