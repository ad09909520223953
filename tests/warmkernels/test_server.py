"""The fork server and its kernels end without a word when their clients are gone."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from kernel_runs import exists, wait_until
from warmkernels.client import Server, server_ahead, server_for
from warmkernels.process import ServerError

ARGUMENTS = ["--HistoryManager.hist_file=:memory:"]


def children(pid: int) -> list[int]:
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in listed]


def test_a_client_that_ends_while_the_libraries_are_loaded() -> None:
    order = {"modules": ["yaml"], "skip": {}, "arguments": ARGUMENTS}
    ours, theirs = socket.socketpair()
    command = [sys.executable, "-m", "warmkernels.server", str(theirs.fileno())]
    ours.close()
    with theirs:
        ended = subprocess.run(
            [*command, json.dumps(order)],
            pass_fds=[theirs.fileno()],
            cwd="/",
            capture_output=True,
            text=True,
        )
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")


def test_a_client_that_ends_while_a_kernel_starts(capfd: pytest.CaptureFixture[str]) -> None:
    server = Server([], ARGUMENTS, os.environ)
    kernel = server.fork()
    wait_until(lambda: children(server.pid) and children(children(server.pid)[0]))
    (guardian,) = children(server.pid)
    (process,) = children(guardian)
    os.kill(guardian, signal.SIGSTOP)  # else it may end the kernel first
    del kernel
    wait_until(lambda: not exists(process))
    os.kill(guardian, signal.SIGCONT)
    server.close()
    assert capfd.readouterr().err == ""


def test_a_server_begun_ahead_is_the_one_that_is_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    started: list[Server] = []

    def start(*order: Any) -> Server:
        started.append(Server(*order))
        return started[-1]

    monkeypatch.setattr("warmkernels.client.Server", start)
    order = ["yaml"], ARGUMENTS, os.environ | {"BEGUN": "ahead"}
    waiting = server_ahead(*order)
    server = server_for(*order)
    waiting.join()
    assert started == [server]
    server.close()


def test_a_server_that_fails_ahead_says_so_to_whom_it_is_asked_for(
    capfd: pytest.CaptureFixture[str],
) -> None:
    order = ["yaml"], ["--IPKernelApp.nonsense"], os.environ | {"PYTHONPATH": os.devnull}
    server_ahead(*order).join()
    assert "Thread" not in capfd.readouterr().err
    with pytest.raises(ServerError, match="could not be loaded"):
        server_for(*order)
