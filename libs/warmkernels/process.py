"""A forked kernel seen from its client: a process, with the interface of `subprocess.Popen`."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Sequence
from contextlib import suppress
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
        self._said: dict[str, Any] = {}
        self._messages = server
        self._send(file)

    @property
    def pid(self) -> int | None:
        """The process, once its sockets are bound."""
        return self._said.get("ready")

    @property
    def returncode(self) -> int | None:
        """The exit code, once it is known here that the process has ended."""
        return self._said.get("ended")

    @property
    def late(self) -> dict[str, str]:
        """The installed modules that the notebook made it load, and their files."""
        late: dict[str, str] = self._said.get("late", {})
        return late

    def start(self, folder: str, arguments: Sequence[str], log: str = "") -> None:
        """Let the kernel enter a folder and listen; returns when it is there.

        What its process writes to standard error goes to the file `log`, if one is named. Raises
        ServerError if a file of the folder makes a new process other than this one: one that hides
        a module, or settings that libraries read when they load.
        """
        self._wait_for("ready")
        self._send((folder, list(arguments), log, os.getpid()))
        if reason := self._wait_for("entered"):
            raise ServerError(reason)

    def _send(self, order: object) -> None:
        with suppress(OSError):  # that nobody listens any more is what is read next
            self._messages.send(order)

    def _wait_for(self, what: str) -> Any:
        while what not in self._said:
            if self.returncode is not None:
                raise ServerError(f"a forked kernel did not start (exit code {self.returncode})")
            if not self._messages.poll(_START_SECONDS):
                raise ServerError(f"a forked kernel did not start in {_START_SECONDS} seconds")
            self._read()
        return self._said[what]

    def _read(self) -> None:
        try:
            what, value = self._messages.recv()
        except (EOFError, OSError):
            what, value = "ended", -signal.SIGKILL  # the guardian itself was killed
        self._said[what] = value

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
