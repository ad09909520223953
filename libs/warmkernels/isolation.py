"""Kernels that owe nothing to the user's own set-up."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from jupyter_client.manager import AsyncKernelManager
from traitlets import Dict, Unicode
from traitlets.config import Config

ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "NUMEXPR_NUM_THREADS": "1",
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",
}
"""One thread a kernel, as notebooks run side by side; and no word from an unused debugger."""


class LoggedKernelManager(AsyncKernelManager):
    """Starts a kernel with an environment of its own and its last words in a file."""

    log_file = Unicode(config=True)
    environment = Dict(config=True)

    async def start_kernel(  # type: ignore[override]  # as AsyncKernelManager itself has it
        self, **options: Any
    ) -> None:
        """Start the kernel; its process's standard error goes to `log_file`, if that is set.

        Of a start that fails nothing is left: a context that is collected with a socket open would
        wait for ever.
        """
        options.setdefault("env", {**os.environ, **self.environment})
        try:
            with open(self.log_file or os.devnull, "wb") as log:
                more = {"stderr": log} if self.log_file else {}
                await self._async_start_kernel(**more, **options)
        except BaseException:
            if self.provisioner and self.provisioner.has_process:
                await self.provisioner.kill()
            await self._async_cleanup_resources()
            raise


@cache
def _empty_profile() -> str:
    """A folder for IPython that nobody has set up, the same for all kernels of a process."""
    folder = tempfile.mkdtemp(prefix="ipython-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _socket_place() -> str:
    """The folder for temporary ones with sockets in them, whose addresses end at 107 bytes."""
    folder = tempfile.gettempdir()
    return folder if len(os.fsencode(folder)) < 60 else "/tmp"


@contextmanager
def isolated_kernel(log: Path) -> Iterator[dict[str, Any]]:
    """Papermill engine settings for a kernel with an empty profile, no history and one thread.

    Its process is forked from one that has the libraries loaded where the system can do that;
    elsewhere it speaks over sockets in a private folder rather than TCP ports, if it can.
    """
    with tempfile.TemporaryDirectory(prefix="kernel-", dir=_socket_place()) as folder:
        settings = Config().LoggedKernelManager
        settings.log_file = str(log)
        settings.environment = ENVIRONMENT | {"IPYTHONDIR": _empty_profile()}
        if os.name == "posix":
            settings.transport = "ipc"
            settings.ip = f"{folder}/socket"
        yield {
            "config": Config(LoggedKernelManager=settings),
            "kernel_manager_class": LoggedKernelManager,
            "extra_arguments": ["--HistoryManager.enabled=False"],
        }
