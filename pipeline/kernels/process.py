"""A forked kernel seen from its client: a process, with the interface of `subprocess.Popen`."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Sequence
from multiprocessing.connection import Connection
from typing import Any

from jupyter_client.connect import KernelConnectionInfo

_START_SECONDS = 60


class ServerError(RuntimeError):
    """The fork server cannot serve this run; the message says why."""


class ForkedKernel:
    """A kernel process, with as much of the interface of `subprocess.Popen` as is used."""

    stdin = stdout = stderr = None

    def __init__(self, server: Connection, connection: KernelConnectionInfo, file: str) -> None:
        """Have the server's new process bind the sockets that the connection file names."""
        self.connection: Any = {**connection, "key": connection["key"].encode()}
        self.pid: int | None = None
        self.returncode: int | None = None
        self.late: dict[str, str] = {}
        """The installed modules that the notebook made it load, and their files."""
        self._messages = server
        self._messages.send(file)

    def start(self, folder: str, arguments: Sequence[str], log: str = "") -> None:
        """Let the kernel enter a folder and listen; returns when its sockets are bound.

        What its process writes to standard error goes to the file `log`, if one is named.
        """
        while self.pid is None and self.returncode is None:
            if not self._messages.poll(_START_SECONDS):
                raise ServerError(f"a forked kernel did not start in {_START_SECONDS} seconds")
            self._read()
        if self.returncode is not None:
            raise ServerError(f"a forked kernel did not start (exit code {self.returncode})")
        self._messages.send((folder, list(arguments), log))

    def _read(self) -> None:
        try:
            what, value = self._messages.recv()
        except (EOFError, OSError):
            what, value = "ended", -signal.SIGKILL  # the guardian itself was killed
        if what == "ready":
            self.pid = value
        elif what == "late":
            self.late = value
        else:
            self.returncode = value

    def poll(self) -> int | None:
        """Return the exit code, or None while the kernel runs."""
        while self.returncode is None and self._messages.poll():
            self._read()
        return self.returncode

    def wait(self) -> int:
        """Wait for the kernel's end and return its exit code."""
        while self.returncode is None:
            self._read()
        self._messages.close()
        return self.returncode

    async def ended(self) -> None:
        """Wait for the kernel's end without polling and without holding up the event loop."""
        loop, news = asyncio.get_running_loop(), asyncio.Event()
        while self.poll() is None:
            news.clear()
            loop.add_reader(self._messages.fileno(), news.set)
            try:
                await news.wait()
            finally:
                loop.remove_reader(self._messages.fileno())

    def send_signal(self, number: int) -> None:
        """Send a signal to the kernel, unless it has ended."""
        if self.poll() is None and self.pid is not None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """Kill the kernel."""
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Ask the kernel to end."""
        self.send_signal(signal.SIGTERM)
