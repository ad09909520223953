"""Kernels that owe nothing to the user's own set-up."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
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
        """Start the kernel; what its process writes to standard error goes to `log_file`."""
        options["env"] = {**os.environ, **self.environment}
        with open(self.log_file, "wb") as log:
            await self._async_start_kernel(stderr=log, **options)


@contextmanager
def isolated_kernel(log: Path) -> Iterator[dict[str, Any]]:
    """Papermill engine settings for a kernel with an empty profile, no history and one thread.

    It speaks over sockets in a private folder rather than TCP ports where the system has them.
    """
    with tempfile.TemporaryDirectory(prefix="kernel-") as folder:
        config = Config()
        config.LoggedKernelManager.log_file = str(log)
        config.LoggedKernelManager.environment = ENVIRONMENT | {"IPYTHONDIR": folder}
        if os.name == "posix":
            config.LoggedKernelManager.transport = "ipc"
            config.LoggedKernelManager.ip = f"{folder}/socket"
        yield {
            "config": config,
            "kernel_manager_class": LoggedKernelManager,
            "extra_arguments": ["--HistoryManager.enabled=False"],
        }
