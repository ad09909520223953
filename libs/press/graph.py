"""Running the graph of the report, dodo.py, or a part of it, and what a run says."""

from __future__ import annotations

import os
import sqlite3
import sys
import time
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, TextIO

from contracts import ParameterError
from doit import cmd_run
from doit.cmd_base import DodoTaskLoader
from doit.doit_cmd import reset_vars, set_var
from doit.exceptions import TaskFailed, UnmetDependency
from doit.reporter import ZeroReporter
from doit.runner import FAILURE, MThreadRunner
from tqdm import tqdm

from press.site import site

NOTEBOOKS = "notebook:"
"""How the names of tasks that run a notebook begin."""
RECORD = ".doit.db"
"""What doit knows of earlier runs, in the folder of the site."""


def run_graph(
    tasks: Sequence[str] = (),
    *,
    studies: str,
    notebooks: str,
    folders: Mapping[str, str],
    processes: int | None = None,
) -> dict[str, str]:
    """Bring `tasks` up to date, all if none is named; why those that failed did, by name.

    `studies` and `notebooks` are folders; `folders` those of the data, if not the usual ones. A
    task that only needs what failed has no reason. Threads wait for the notebooks, which run in
    kernels: there are no worker processes to be lost.
    """
    record = site().folder("reports", folders) / RECORD
    _forget_if_damaged(record)
    root = str(site().root)
    command = ["-f", f"{root}/dodo.py", "-d", root, "-P", "thread"]
    command += ["-n", str(processes or os.cpu_count()), *tasks]
    reset_vars()
    for name, value in {**folders, "studies": studies, "notebooks": notebooks}.items():
        set_var(name, value)
    cmd_run.MThreadRunner = Runner  # doit has no other way to name one
    try:
        cmd_run.Run(task_loader=DodoTaskLoader()).parse_execute(command)
    except sqlite3.Error as error:
        told = f"{site().shown(record)}: {error}; mend that and run it again"
        raise ParameterError(told) from None
    return dict(Progress.failed)


def _forget_if_damaged(record: Path) -> None:
    """Remove a record that is no database any more: all is run again."""
    if not record.exists():
        return
    try:
        with sqlite3.connect(record) as database:
            database.execute("pragma schema_version")
    except sqlite3.DatabaseError:
        print(f"{site().shown(record)} was damaged; everything is run again", file=sys.stderr)
        record.unlink()


class Ready(deque[Any]):
    """Tasks that can be started, taken in the order in which they are `listed` by name."""

    def __init__(self, listed: Iterable[str]) -> None:
        super().__init__()
        self._place = {name: place for place, name in enumerate(listed)}

    def popleft(self) -> Any:
        """Take out the one that is listed first."""
        first = min(self, key=lambda node: self._place[node.task.name])
        self.remove(first)
        return first


class Runner(MThreadRunner):  # type: ignore[misc]
    """doit's own, but it starts tasks in the order of their list, not in that of a set.

    What needs a failed task keeps its record: it may still be as it should.
    """

    def _run_tasks_init(self, task_dispatcher: Any) -> None:
        super()._run_tasks_init(task_dispatcher)
        task_dispatcher.ready = Ready(task_dispatcher.tasks)

    def _handle_task_error(self, node: Any, failure: Any) -> None:
        if not isinstance(failure, UnmetDependency):
            super()._handle_task_error(node, failure)
            return
        node.run_status = "failure"
        self.reporter.add_failure(node.task, failure)
        self.final_result = max(self.final_result, FAILURE)  # type: ignore[has-type]


class Progress(ZeroReporter):  # type: ignore[misc]
    """A doit reporter for people."""

    desc = "a line a notebook with its seconds"
    started: ClassVar[dict[str, float]] = {}
    """When each task of the run was started, by name."""
    failed: ClassVar[dict[str, str]] = {}
    """Why each task failed, by name; nothing for one that needs what failed."""

    def __init__(self, outstream: TextIO, options: dict[str, Any]) -> None:
        """Lines go to `outstream`, the bar to standard error if that is a terminal."""
        self.outstream = outstream

    def initialize(self, tasks: dict[str, Any], selected_tasks: list[str]) -> None:
        """Called before the first task."""
        self.started.clear()
        self.failed.clear()
        self.bar: tqdm[Any] = tqdm(
            total=sum(name.startswith(NOTEBOOKS) for name in tasks),
            disable=not sys.stderr.isatty(),
            leave=False,
            unit="notebook",
            bar_format="{bar:30} {n_fmt} of {total_fmt} notebooks, {elapsed}",
        )

    def execute_task(self, task: Any) -> None:
        """Called when a task starts, a group of tasks too."""
        if not task.has_subtask:
            self.started[task.name] = time.monotonic()

    def add_success(self, task: Any) -> None:
        """Called when a task has ended well."""
        if task.name in self.started:
            self._done(task, f"{time.monotonic() - self.started[task.name]:6.1f} s")

    def add_failure(self, task: Any, fail: Any) -> None:
        """Called when a task has failed, or cannot run because one before it has."""
        if isinstance(fail, UnmetDependency):
            self.failed[task.name] = ""
            self._done(task, " not run: it needs what failed")
            return
        told = fail.message if isinstance(fail, TaskFailed) else fail.get_msg()
        self.failed[task.name] = told.strip().rpartition("\n")[2]
        self._done(task, " failed")
        self._write(self.failed[task.name])

    def skip_uptodate(self, task: Any) -> None:
        """Called when a task is up to date."""
        if task.name.startswith(NOTEBOOKS):
            self.bar.update()

    def complete_run(self) -> None:
        """Called after the last task."""
        self.bar.close()

    def _done(self, task: Any, outcome: str) -> None:
        if task.name.startswith(NOTEBOOKS):
            self._write(f"{task.name.removeprefix(NOTEBOOKS):<44}{outcome}")
            self.bar.update()

    def _write(self, line: str) -> None:
        tqdm.write(line, file=self.outstream)
        self.outstream.flush()
