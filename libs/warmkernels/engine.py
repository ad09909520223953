"""What papermill calls: one notebook, one forked kernel; nbclient takes in what it says."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from functools import cache, partial
from typing import Any

from jupyter_client.kernelspec import KernelSpecManager
from nbclient.exceptions import CellExecutionComplete, DeadKernelError
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NBClientEngine, NotebookExecutionManager
from papermill.log import logger
from papermill.utils import remove_args
from traitlets.config import Config

from warmkernels.client import Server, order_for, server_for
from warmkernels.imports import imported_libraries
from warmkernels.process import ForkedKernel, ServerError

_PYTHON = {"python", f"python{sys.version_info[0]}", sys.executable}
_LAST_WORDS, _END_SECONDS = 2, 2.5
"""Seconds that a cell which ran too long has to say where it was, and a kernel to end in order."""
_SAVED_EVERY = 10
"""Seconds between two writings of a notebook that runs, which are to be looked at only."""
_OF_THE_KERNEL = ["companions", "ready", "config", "extra_arguments"]
_OF_PAPERMILL = ["input_path", "kernel_manager_class", "execution_timeout", "start_timeout"]
_LAUNCHER = ["-m", "ipykernel_launcher", "-f", "{connection_file}"]


class WarmNotebookClient(PapermillNotebookClient):  # type: ignore[misc]
    """Runs a notebook as papermill does, in a forked kernel with which it talks by turns."""

    def execute(self, **kwargs: Any) -> Any:
        """Execute the notebook; should its kernel die, say of what."""
        self.reset_execution_trackers()
        self.kc, patience = self.km, 0.0
        try:
            self.papermill_execute_cells()
            self.nb.metadata.language_info = self.km.language_info()
            self.set_widgets_metadata()
            patience = _END_SECONDS
        except EOFError:
            raise DeadKernelError(_cause_of_death(self.km.returncode)) from None
        finally:
            self.km.end(patience)
        return self.nb

    async def _async_poll_kernel_alive(self) -> None:
        """Nobody asks: that the kernel has ended is heard like all it says."""

    async def _async_poll_output_msg(self, parent_msg_id: str, cell: Any, cell_index: int) -> None:
        """Hear the kernel out; a cell that runs too long is interrupted, to say where it was."""
        self._reply: Any = None
        take_in = partial(self._take_in, parent_msg_id, cell, cell_index)
        timeout = self._get_timeout(cell)
        try:
            take_in(None if timeout is None else time.monotonic() + timeout)
        except TimeoutError:
            self.km.interrupt_kernel()
            with suppress(TimeoutError):
                take_in(None if self.interrupt_on_timeout else time.monotonic() + _LAST_WORDS)
            error = await self._async_handle_timeout(timeout, cell)
            self._reply = error or self._reply

    async def _async_poll_for_reply(
        self, msg_id: str, cell: Any, timeout: Any, output: Any, alive: Any
    ) -> Any:
        """Return the reply, which comes with what is put out."""
        await output
        return self._reply

    def _take_in(self, asked: str, cell: Any, index: int, deadline: float | None) -> None:
        with suppress(CellExecutionComplete):
            while True:
                message = self.km.hear(deadline)
                if message["parent_header"].get("msg_id") != asked:
                    continue  # of a thread that an earlier cell left
                if message["msg_type"] == "execute_reply":
                    self._reply = message
                else:
                    self.process_message(message, cell, index)


class WarmEngine(NBClientEngine):  # type: ignore[misc]
    """The engine `warm`: NBClientEngine, with kernels forked from a process that is warm."""

    @classmethod
    def execute_managed_notebook(
        cls, nb_man: NotebookExecutionManager, kernel_name: str, **kwargs: Any
    ) -> Any:
        """Run a notebook's cells in a forked kernel; arguments as for papermill's own engine.

        One more is `companions`, paths of notebooks that are run alternately: their libraries are
        loaded into the same process, and so are the modules named in `ready`.  Otherwise each
        notebook has a process of its own to be forked from, unless it imports just what another
        does.  A `kernel_manager_class` is for papermill's own engine only.
        """
        cold = remove_args(["companions", "ready"], **kwargs)
        if reason := _cold(kernel_name):
            _say_once(f"{reason}; papermill's own engine is used")
            return super().execute_managed_notebook(nb_man, kernel_name, **cold)
        try:
            kernel, server = _kernel(nb_man.nb, kwargs)
        except ServerError as reason:
            _say_once(f"{reason}; an ordinary kernel is started")
            return super().execute_managed_notebook(nb_man, kernel_name, **cold)
        traits = {
            **remove_args(_OF_THE_KERNEL + _OF_PAPERMILL, **kwargs),
            "kernel_name": kernel_name,
            "timeout": kwargs.get("execution_timeout") or kwargs.get("timeout"),
            "log": logger,
        }
        _save_sparingly(nb_man)
        try:
            return WarmNotebookClient(nb_man, kernel, **traits).execute()
        finally:
            with suppress(ServerError):
                server.load(kernel.late)


def _kernel(notebook: Any, asked: Mapping[str, Any]) -> tuple[ForkedKernel, Server]:
    """Take a forked kernel and have it enter the working folder; the next is forked ahead."""
    modules, arguments, environment = order_for(asked, imported_libraries(notebook))
    server = server_for(modules, arguments, environment)
    for name, trouble in server.skipped.items():
        _say_once(f"{name} {trouble}: every kernel imports it by itself")
    kernel = server.take()
    log = Config(asked.get("config", {})).LoggedKernelManager.get("log_file", "")
    kernel.start(os.getcwd(), arguments, log)
    with suppress(ServerError):
        server.fork_ahead()
    return kernel, server


def _save_sparingly(nb_man: NotebookExecutionManager) -> None:
    """Write the notebook now and then and at its end, not before and after every cell."""
    save = nb_man.save

    def sparing(**kwargs: Any) -> None:
        since = (nb_man.now() - nb_man.last_save_time).total_seconds()
        if nb_man.end_time or since >= _SAVED_EVERY:
            save(**kwargs)

    nb_man.save = sparing


def _cold(kernel_name: str) -> str:
    """Say why a kernel cannot be forked, or nothing."""
    if not hasattr(os, "pidfd_open"):
        return f"kernels are not forked on {sys.platform}"
    command = KernelSpecManager().get_kernel_spec(kernel_name).argv
    if command[0] not in _PYTHON or command[1:] != _LAUNCHER:
        return f"the kernel {kernel_name} does not run {sys.executable}"
    return ""


def _cause_of_death(exit_code: int) -> str:
    if exit_code >= 0:
        return f"the kernel ended with exit status {exit_code} before its notebook was done"
    name = signal.Signals(-exit_code).name
    hint = " (as the system does when memory runs out)" if name == "SIGKILL" else ""
    return f"the kernel was killed by {name}{hint} before its notebook was done"


@cache
def _say_once(message: str) -> None:
    logger.warning("warm kernels: %s", message)
