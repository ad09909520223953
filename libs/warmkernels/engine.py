"""What papermill calls: one notebook, one forked kernel, through nbclient and jupyter_client."""

from __future__ import annotations

import asyncio
import inspect
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from contextvars import Context
from functools import cache, partial
from queue import Empty
from typing import Any

from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from jupyter_core.utils import ensure_event_loop
from nbclient.exceptions import DeadKernelError
from nbformat.v4 import new_notebook
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NBClientEngine, NotebookExecutionManager
from papermill.log import logger
from papermill.utils import remove_args
from traitlets import List, Type, Unicode, default

from warmkernels.client import Server, server_for
from warmkernels.imports import imported_libraries, libraries_of_file
from warmkernels.isolation import LoggedKernelManager
from warmkernels.process import ForkedKernel, ServerError

_PYTHON = {"python", f"python{sys.version_info[0]}", sys.executable}
_TRACEBACK_WAITS = 20
"""Tenths of a second that a cell which ran too long is given to say where it was."""
_COLD_ONLY = ["input_path", "kernel_manager_class"]
_LAUNCHER = ["-m", "ipykernel_launcher", "-f", "{connection_file}"]


class WarmProvisioner(LocalProvisioner):
    """Gets its kernel process from the fork server, and waits for its end without polling."""

    parent: Any
    process: Any
    connection_info: Any
    server: Server

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        """Take a forked kernel, or start an ordinary one where the fork server cannot serve."""
        folder = os.path.abspath(kwargs.get("cwd") or os.getcwd())
        try:
            server = _server(self.parent.modules, cmd[5:], kwargs["env"])
            kernel = server.take()
            kernel.start(folder, cmd[3:], getattr(kwargs.get("stderr"), "name", ""))
        except ServerError as reason:
            _say_once(f"{reason}; an ordinary kernel is started")
            return await super().launch_kernel(cmd, **kwargs)
        self.server, self.process, self.cwd = server, kernel, folder
        self.pid = self.pgid = kernel.pid
        with suppress(ServerError):
            server.fork_ahead()
        self.connection_info = kernel.connection
        return kernel.connection

    async def send_signal(self, signum: int) -> None:
        """Signal the kernel's process group, but spare an idle kernel the interrupt at its end.

        The manager interrupts whatever it shuts down; between the last reply and the idle state
        that would break the kernel's loop and with it the orderly end.
        """
        if not (signum == signal.SIGINT and self.parent.shutting_down):
            await super().send_signal(signum)

    async def shutdown_requested(self, restart: bool = False) -> None:
        """Give the kernel time to end as asked; the manager's own waiting would poll."""
        if isinstance(self.process, ForkedKernel):
            with suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self.process.ended(), self.parent.shutdown_wait_time / 2)
            with suppress(ServerError):
                self.server.load(self.process.late)

    def get_shutdown_wait_time(self, recommended: float = 5.0) -> float:
        """Return how long the manager waits once more: hardly, since the kernel had its time."""
        return 0.2 if isinstance(self.process, ForkedKernel) else recommended

    async def kill(self, restart: bool = False) -> None:
        """Kill the kernel's process group and wait until nothing of it is left."""
        await super().kill(restart)
        if isinstance(self.process, ForkedKernel):
            await self.process.ended()


class WarmKernelClient(AsyncKernelClient):
    """A client of a kernel whose sockets are bound before it connects."""

    def start_channels(
        self,
        shell: bool = True,
        iopub: bool = True,
        stdin: bool = True,
        hb: bool = False,
        control: bool = True,
    ) -> None:
        """Start the channels; the process is watched, so nothing listens for a heartbeat."""
        super().start_channels(shell, iopub, stdin, hb, control)

    async def wait_for_ready(self, timeout: float | None = None) -> None:
        """Wait until the kernel's output arrives here; whatever comes first shows that it does.

        That is a welcome as a rule. A kernel that sends something at the moment in which this
        client comes misses it, as sockets report news once: it is asked for a sign of life.
        """
        for _ in range(int(timeout or 60)):
            with suppress(Empty):
                await self.iopub_channel.get_msg(timeout=1)
                return
            if not await self.is_alive():
                raise RuntimeError("Kernel died before its first cell")
            self.kernel_info()
        raise RuntimeError(f"Kernel didn't respond in {timeout} seconds")


class WarmKernelManager(LoggedKernelManager):
    """Manages a forked kernel that listens on sockets in a private folder."""

    modules = List(Unicode(), help="What the fork server loads")
    # jupyter_client's own pause a little, for its tests
    _async_start_kernel = inspect.unwrap(AsyncKernelManager.start_kernel)
    shutdown_kernel = inspect.unwrap(AsyncKernelManager.shutdown_kernel)

    @default("client_factory")
    def _client_factory_default(self) -> type[AsyncKernelClient]:
        return WarmKernelClient

    def __init__(self, **traits: Any) -> None:
        """Put the fork server's provisioner in the place of the kernel's own."""
        super().__init__(transport="ipc", **traits)
        self.provisioner = WarmProvisioner(kernel_spec=self.kernel_spec, parent=self)


class WarmNotebookClient(PapermillNotebookClient):  # type: ignore[misc]
    """Runs a notebook as papermill does, in a forked kernel."""

    kernel_manager_class = Type(WarmKernelManager, klass=AsyncKernelManager)
    companions: List[Any] = List(help="Notebooks whose libraries are loaded as well")
    ready: List[Any] = List(help="Modules that are loaded as well, after these")

    def create_kernel_manager(self) -> WarmKernelManager:
        """Create the manager and tell it what the notebook and its companions import."""
        manager: WarmKernelManager = super().create_kernel_manager()
        names = [name for path in self.companions for name in libraries_of_file(path)]
        manager.modules = list(dict.fromkeys([*names, *imported_libraries(self.nb), *self.ready]))
        self.provisioner: Any = manager.provisioner
        return manager

    def execute(self, **kwargs: Any) -> Any:
        """Execute the notebook; should its kernel die, say of what."""
        try:
            super().execute(**kwargs)
        except DeadKernelError:
            raise DeadKernelError(_cause_of_death(self.provisioner.process.poll())) from None
        return self.nb

    async def _async_handle_timeout(self, timeout: int, cell: Any = None) -> Any:
        """Interrupt the cell first: what it was at, its traceback, is then kept with it."""
        await self.km.interrupt_kernel()
        for _ in range(_TRACEBACK_WAITS):
            if any(output.output_type == "error" for output in cell.outputs):
                break
            await asyncio.sleep(0.1)
        return await super()._async_handle_timeout(timeout, cell)

    def papermill_execute_cells(self) -> None:
        """Execute the cells; should that be cut short, end the kernel at once."""
        try:
            super().papermill_execute_cells()
        except BaseException:
            self.shutdown_kernel = "immediate"
            raise


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
        if reason := _cold(kernel_name):
            _say_once(f"{reason}; papermill's own engine is used")
            cold = remove_args(["companions", "ready"], **kwargs)
            return super().execute_managed_notebook(nb_man, kernel_name, **cold)
        timeout = kwargs.get("execution_timeout") or kwargs.get("timeout")
        traits = {
            **remove_args([*_COLD_ONLY, "execution_timeout", "start_timeout"], **kwargs),
            "kernel_name": kernel_name,
            "startup_timeout": kwargs.get("start_timeout", 60),
            "timeout": timeout,
            "log": logger,
        }
        _save_sparingly(nb_man)
        return WarmNotebookClient(nb_man, **traits).execute()

    @classmethod
    def warm_up(cls, kernel_name: str, **kwargs: Any) -> None:
        """Load what runs with these arguments need, for this process and those forked from it."""
        if not _cold(kernel_name):
            nothing = NotebookExecutionManager(new_notebook(), progress_bar=False)
            run = partial(cls.execute_managed_notebook, nothing, kernel_name, **kwargs)
            Context().run(_without_trace, run)


def _without_trace(run: Callable[[], object]) -> None:
    """Run in an event loop that is closed afterwards: forked processes would share it."""
    loop = ensure_event_loop()
    try:
        run()
    finally:
        loop.close()
        asyncio.set_event_loop(None)


def _save_sparingly(nb_man: NotebookExecutionManager) -> None:
    """Write the notebook once a second and at its end, not before and after every cell."""
    save = nb_man.save

    def sparing(**kwargs: Any) -> None:
        since = (nb_man.now() - nb_man.last_save_time).total_seconds()
        if nb_man.end_time or since >= 1:
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


def _server(modules: list[str], arguments: list[str], environment: dict[str, str]) -> Server:
    """Find or start the server for a run, and note once what it could not load."""
    server = server_for(modules, arguments, environment)
    for name, trouble in server.skipped.items():
        _say_once(f"{name} {trouble}: every kernel imports it by itself")
    return server


def _cause_of_death(exit_code: int) -> str:
    if exit_code >= 0:
        return f"the kernel ended with exit status {exit_code} before its notebook was done"
    name = signal.Signals(-exit_code).name
    hint = " (as the system does when memory runs out)" if name == "SIGKILL" else ""
    return f"the kernel was killed by {name}{hint} before its notebook was done"


@cache
def _say_once(message: str) -> None:
    logger.warning("warm kernels: %s", message)
