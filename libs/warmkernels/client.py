"""The client of the fork servers: starts them, asks them for kernels, chooses one for a run."""

from __future__ import annotations

import atexit
import json
import os
import select
import socket
import subprocess
import sys
import threading
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Any

from traitlets.config import Config

from warmkernels.imports import libraries_of_file
from warmkernels.process import ForkedKernel, ServerError

_LOAD_SECONDS = 120


class Server:
    """A process that has loaded libraries and forks kernels."""

    def __init__(
        self, modules: Sequence[str], arguments: Sequence[str], environment: Mapping[str, str]
    ) -> None:
        """Start the process and wait until it has loaded the modules."""
        self._owner = os.getpid()
        self._spare: list[ForkedKernel] = []
        self._asked_for: set[str] = set()
        self._channel, theirs = socket.socketpair()
        order = {"modules": list(modules), "skip": {}, "arguments": list(arguments)}
        command = [sys.executable, "-m", "warmkernels.server", str(theirs.fileno())]
        with theirs:
            self._process = subprocess.Popen(
                [*command, json.dumps(order)],
                pass_fds=[theirs.fileno()],
                env={**environment, "JPY_PARENT_PID": str(os.getpid())},
                cwd="/",
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
        atexit.register(self.close)
        try:
            report = self._report()
        except (EOFError, TimeoutError):
            self.close()
            raise ServerError("the libraries could not be loaded ahead of the run") from None
        except BaseException:
            self.close()
            raise
        self.skipped: dict[str, str] = report["skipped"]
        self._sources: dict[str, int] = report["sources"]

    def _report(self) -> dict[str, dict[str, Any]]:
        with Connection(os.dup(self._channel.fileno())) as connection:
            if not connection.poll(_LOAD_SECONDS):
                raise TimeoutError
            report: dict[str, dict[str, Any]] = connection.recv()
            return report

    @property
    def pid(self) -> int:
        """The process that has the libraries loaded."""
        return self._process.pid

    def is_current(self) -> bool:
        """Whether a new server would hold the same: it runs, and no local source has changed."""
        return not _hung_up(self._channel) and all(
            _modified(file) == stamp for file, stamp in self._sources.items()
        )

    def fork(self) -> ForkedKernel:
        """Fork a kernel, which waits to be started."""
        return ForkedKernel(self._request(b"k"))

    def load(self, files: Mapping[str, str]) -> None:
        """Have the server load modules that a kernel had to load, so that the next need not."""
        if new := {name: file for name, file in files.items() if name not in self._asked_for}:
            self._asked_for |= new.keys()
            with self._request(b"m") as connection, suppress(OSError):
                connection.send(new)
            self.forget_spares()

    def forget_spares(self) -> None:
        """Let go of the kernels forked ahead, which end."""
        self._spare.clear()

    def _request(self, what: bytes) -> Connection:
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                socket.send_fds(self._channel, [what], [theirs.fileno()])
            except OSError:
                ours.close()
                raise ServerError("the process that holds the libraries was ended") from None
        return Connection(ours.detach())

    def take(self) -> ForkedKernel:
        """Return a kernel, one forked ahead if there is one."""
        try:
            kernel = self._spare.pop()
        except IndexError:
            return self.fork()
        return kernel if kernel.poll() is None else self.fork()

    def fork_ahead(self) -> None:
        """Fork a kernel for a later run."""
        if not self._spare:
            self._spare.append(self.fork())

    def close(self) -> None:
        """End the server and the kernels forked ahead; running kernels are their clients' own.

        A process forked from the one that started the server only lets go of it.
        """
        self.forget_spares()
        self._channel.close()
        if self._owner != os.getpid():
            return
        atexit.unregister(self.close)
        self._process.kill()
        self._process.wait()


_KEPT = 3
_servers: dict[object, Server] = {}
"""The servers by what they were started with, the last used last."""
_lock = threading.Lock()


def _share_servers() -> None:
    """Let a forked client use the servers that there are; what they forked ahead is another's."""
    global _lock
    _lock = threading.Lock()
    for server in _servers.values():
        server.forget_spares()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_share_servers)


def server_for(
    modules: Sequence[str], arguments: Sequence[str], environment: Mapping[str, str]
) -> Server:
    """Return the server that has loaded these modules in this environment, or start it.

    Servers are not shared between different lists of modules: a library may change what others
    do (warning filters, say), and a kernel must be like a new process.  Few servers are kept.
    """
    order = (tuple(modules), tuple(arguments), frozenset(environment.items()))
    with _lock:
        server = _servers.pop(order, None)
        if server and not server.is_current():
            server.close()
            server = None
        _servers[order] = server or Server(modules, arguments, environment)
        while len(_servers) > _KEPT:
            _servers.pop(next(iter(_servers))).close()
        return _servers[order]


def server_ahead(*order: Any) -> threading.Thread:
    """Have a thread wait for `server_for`, whose arguments these are; it ends without a word."""

    def begin() -> None:
        with suppress(Exception):
            if hasattr(os, "pidfd_open"):  # else no kernel is forked
                server_for(*order)

    waiting = threading.Thread(target=begin, daemon=True)
    waiting.start()
    return waiting


def order_for(
    asked: Mapping[str, Any], libraries: Iterable[str]
) -> tuple[list[str], list[str], dict[str, str]]:
    """What the engine's arguments ask of a server for a notebook that imports `libraries`."""
    named = [name for path in asked.get("companions", ()) for name in libraries_of_file(path)]
    settings = Config(asked.get("config", {})).LoggedKernelManager
    return (
        list(dict.fromkeys([*named, *libraries, *asked.get("ready", ())])),
        [*asked.get("extra_arguments", ()), "--HistoryManager.hist_file=:memory:"],
        {**os.environ, **settings.get("environment", {})},
    )


def _hung_up(channel: socket.socket) -> bool:
    """Whether nobody holds the other end."""
    watch = select.poll()
    watch.register(channel, 0)
    return bool(watch.poll(0))


def _modified(file: str) -> int:
    try:
        return os.stat(file).st_mtime_ns
    except OSError:
        return 0
