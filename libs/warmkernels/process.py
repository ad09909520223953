"""A forked kernel seen from its client: a process, and the socket that all is said through."""

from __future__ import annotations

import os
import signal
import time
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from multiprocessing.connection import Connection
from pickle import UnpicklingError
from typing import Any

from jupyter_client.session import Session

_START_SECONDS = 60


class ServerError(RuntimeError):
    """The fork server cannot serve this run; the message says why."""


class ForkedKernel:
    """A kernel process: takes Jupyter's requests one by one, and is heard in the order it speaks.

    What it says comes through one socket: Jupyter's messages, and what happens to the process.
    """

    def __init__(self, server: Connection) -> None:
        """Take the process that the server has forked at the other end of a socket."""
        self._socket = server
        self._said: dict[str, Any] = {}
        self._heard: deque[dict[str, Any]] = deque()
        self._session = Session()
        self._session.auth = None  # the socket is this process's and the kernel's alone

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
        """Let the kernel enter a folder; returns when it is there.

        What its process writes to standard error goes to the file `log`, if one is named. Raises
        ServerError if a file of the folder makes a new process other than this one: one that hides
        a module, or settings that libraries read when they load.
        """
        self._wait_for("ready")
        self._tell((folder, list(arguments), log, os.getpid()))
        if reason := self._wait_for("entered"):
            raise ServerError(reason)

    def execute(self, code: str, store_history: bool = True, **_: Any) -> str:
        """Ask to run code; return the request's id. One is asked at a time, so none is aborted."""
        asked = {"silent": False, "user_expressions": {}, "allow_stdin": False}
        return self._ask(
            "execute_request",
            {**asked, "code": code, "store_history": store_history, "stop_on_error": False},
        )

    def language_info(self) -> Any:
        """What the kernel says of its language; EOFError if it has ended."""
        self._ask("kernel_info_request", {})
        while (message := self.hear())["msg_type"] != "kernel_info_reply":
            pass
        return message["content"]["language_info"]

    def _ask(self, what: str, content: dict[str, Any]) -> str:
        request = self._session.msg(what, content)
        self._tell(self._session.serialize(request))
        return str(request["msg_id"])

    def _tell(self, order: object) -> None:
        with suppress(OSError):  # that nobody listens any more is what is read next
            self._socket.send(order)

    def hear(self, deadline: float | None = None) -> dict[str, Any]:
        """Return the kernel's next message.

        Raises TimeoutError at `deadline`, in seconds of `time.monotonic`, and EOFError if the
        process has ended and said all it had to say.
        """
        while not self._heard:
            if self.returncode is not None:
                raise EOFError
            if not self._read(_left(deadline)):
                raise TimeoutError
        return self._heard.popleft()

    def _wait_for(self, what: str) -> Any:
        while what not in self._said:
            if self.returncode is not None:
                raise ServerError(f"a forked kernel did not start (exit code {self.returncode})")
            if not self._read(_START_SECONDS):
                raise ServerError(f"a forked kernel did not start in {_START_SECONDS} seconds")
        return self._said[what]

    def _read(self, seconds: float | None) -> bool:
        """Take in the next thing that the kernel says; False if it says none in so many seconds."""
        if not self._socket.poll(seconds):
            return False
        try:
            what, value = self._socket.recv()
        except (EOFError, OSError, UnpicklingError):
            # the guardian itself was killed, or the kernel in the middle of a word
            what, value = "ended", -signal.SIGKILL
        if what == "message":
            _, parts = self._session.feed_identities(value)
            self._heard.append(self._session.deserialize(parts))
        else:
            self._said[what] = value
        return True

    def poll(self) -> int | None:
        """Return the exit code, or None while the kernel runs."""
        while self.returncode is None and self._read(0):
            pass
        return self.returncode

    def interrupt_kernel(self) -> None:
        """Interrupt what the kernel runs, and what that started in its process group."""
        self._signal(signal.SIGINT)

    def end(self, seconds: float) -> None:
        """Let the kernel end in order; kill it if it has not done so after some seconds."""
        self._tell(None)
        deadline = time.monotonic() + seconds
        while self.returncode is None and self._read(_left(deadline)):
            pass
        self._signal(signal.SIGKILL)
        while self.returncode is None:
            self._read(None)
        self._socket.close()

    def _signal(self, number: int) -> None:
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(self._said["ready"], number)


def _left(deadline: float | None) -> float | None:
    """Seconds that are left until a deadline, if there is one."""
    return None if deadline is None else max(deadline - time.monotonic(), 0)
