"""The keeper of a command: however the command ends, nothing of it runs on or stays behind.

Run as a script beside the command, in a session of its own: it waits for the command's end, ends
what that started and removes its temporary folder.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing import get_start_method, resource_tracker
from pathlib import Path

SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT")]
WELL = b"well"
PATIENCE = 4
"""Seconds that processes are given to be gone after SIGKILL."""


@contextmanager
def kept(*folders: Path) -> Iterator[None]:
    """Run a block with a temporary folder of its own, and end it in order at any of SIGNALS.

    What it started inherits the folder as TMPDIR and is known by it. Files half-written in
    `folders` when it was cut short are removed.
    """
    if get_start_method() != "fork":  # from Python 3.14 on: else it is ended before what it tracks
        resource_tracker.ensure_running()
    own = tempfile.mkdtemp(prefix="press-")
    keeper = subprocess.Popen(
        [sys.executable, "-I", "-S", __file__, own, *map(str, folders)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    before = {number: signal.getsignal(number) for number in SIGNALS}
    named = os.environ.get("TMPDIR")
    os.environ["TMPDIR"] = tempfile.tempdir = own
    ended = b""
    try:
        for number in SIGNALS:
            if before[number] != signal.SIG_IGN:  # as under nohup
                signal.signal(number, signal.default_int_handler)
        yield
        ended = WELL
    finally:
        for number in SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        with suppress(OSError):  # the keeper itself may have been killed
            keeper.communicate(ended)
        tempfile.tempdir = None
        os.environ.pop("TMPDIR")
        os.environ |= {"TMPDIR": named} if named is not None else {}
        for number, handler in before.items():
            signal.signal(number, handler)
    _clear(Path(own), [])


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Wait until no other command makes `folder`, by a lock of what it lies in, which is there."""
    there = next(path for path in folder.absolute().parents if path.is_dir())
    lock = os.open(there, os.O_RDONLY)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("another command works there; this one waits for it", file=sys.stderr, flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def keep(own: Path, folders: list[Path]) -> None:
    """Wait for the end of the command whose temporary folder is `own`, and clear up after it."""
    ended = sys.stdin.buffer.read()
    _clear(own, [] if ended == WELL else folders)


def _clear(own: Path, folders: list[Path]) -> None:
    deadline = time.monotonic() + PATIENCE
    while (left := _started_with(own)) and time.monotonic() < deadline:
        for process in left:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        time.sleep(0.02)
    shutil.rmtree(own, ignore_errors=True)
    while own.exists() and time.monotonic() < deadline:  # a last process made something in it
        time.sleep(0.02)
        shutil.rmtree(own, ignore_errors=True)
    for folder in folders:
        for unfinished in folder.rglob(f".*.{own.name}"):
            unfinished.unlink(missing_ok=True)


def _started_with(own: Path) -> list[int]:
    """The processes that were started with a temporary folder `own`, or one in it."""
    found = []
    for environment in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):  # ended meanwhile, or another user's
            if f"\0TMPDIR={own}".encode() in b"\0" + environment.read_bytes():
                found.append(int(environment.parent.name))
    return [process for process in found if process != os.getpid()]


if __name__ == "__main__":
    keep(Path(sys.argv[1]), [Path(folder) for folder in sys.argv[2:]])
