"""What a run says: a line a notebook with its seconds, and a bar on a terminal."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, TextIO

from tqdm import tqdm

from press.report import ROOT

NOTEBOOKS = "notebook:"
"""How the names of tasks that run a notebook begin."""


class Progress:
    """A doit reporter for people."""

    desc = "a line a notebook with its seconds"
    started: ClassVar[dict[str, float]] = {}
    """When each task of the run was started, by name."""

    def __init__(self, outstream: TextIO, options: dict[str, Any]) -> None:
        """Lines go to `outstream`, the bar to standard error if that is a terminal."""
        self.outstream = outstream
        self.bar: tqdm[Any] | None = None

    def initialize(self, tasks: dict[str, Any], selected_tasks: list[str]) -> None:
        """Called before the first task."""
        self.started.clear()
        total = sum(name.startswith(NOTEBOOKS) for name in tasks)
        terminal = sys.stderr.isatty()
        self.bar = tqdm(
            total=total,
            disable=not terminal,
            leave=False,
            unit="notebook",
            bar_format="{bar:30} {n_fmt} of {total_fmt} notebooks, {elapsed}",
        )

    def get_status(self, task: Any) -> None:
        """Called when doit looks whether a task is up to date."""

    def execute_task(self, task: Any) -> None:
        """Called when a task starts."""
        self.started[task.name] = time.monotonic()

    def add_success(self, task: Any) -> None:
        """Called when a task has ended well."""
        seconds = time.monotonic() - self.started[task.name]
        self._done(task, f"{seconds:6.1f} s")

    def add_failure(self, task: Any, fail: Any) -> None:
        """Called when a task has failed, or cannot run because one before it has."""
        if type(fail).__name__ == "UnmetDependency":
            self._done(task, " not run: it needs what failed")
            return
        told = fail.message if type(fail).__name__ == "TaskFailed" else fail.get_msg()
        self._done(task, " failed")
        self._write(told)

    def skip_uptodate(self, task: Any) -> None:
        """Called when a task is up to date."""
        if self.bar is not None and task.name.startswith(NOTEBOOKS):
            self.bar.update()

    skip_ignore = skip_uptodate

    def teardown_task(self, task: Any) -> None:
        """Called after the run; no task here has a teardown."""

    def cleanup_error(self, exception: Any) -> None:
        """Called when doit could not clean up."""
        self._write(exception.get_msg())

    def runtime_error(self, message: str) -> None:
        """Called when doit itself fails."""
        self._write(message)

    def complete_run(self) -> None:
        """Called after the last task."""
        if self.bar is not None:
            self.bar.close()

    def _done(self, task: Any, outcome: str) -> None:
        if task.name.startswith(NOTEBOOKS):
            self._write(f"{task.name.removeprefix(NOTEBOOKS):<44}{outcome}")
            if self.bar is not None:
                self.bar.update()

    def _write(self, line: str) -> None:
        tqdm.write(line, file=self.outstream)
        self.outstream.flush()


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
