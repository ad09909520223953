"""The fork server, a process of its own: loads the libraries, then forks and guards kernels.

Run as `python -m warmkernels.server FD ORDER`: FD is a socket to the client, ORDER is JSON
with the `modules` to load, those to `skip` and the kernels' `arguments`.  The server reports what
it loaded, then waits for bytes that come with a socket each.  For b"k" it forks a guardian, which
forks the kernel and reports its end through that socket, by which the kernel is asked and answers;
for b"m" it reads more modules from the socket, those that a kernel has loaded by itself.  The
server stops when the client's end of FD is closed.
"""

from __future__ import annotations

import ctypes
import gc
import importlib
import json
import os
import select
import signal
import socket
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NoReturn, TextIO

from IPython.core.interactiveshell import InteractiveShell

from warmkernels.kernel import IPKernelApp, default_signals, is_installed, run_kernel

_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36
_OF_KERNELS = (
    *("ipykernel.debugger", "IPython.core.debugger", "IPython.core.logger"),
    *("IPython.extensions.storemagic", "tornado.platform.asyncio"),
)
"""What a kernel imports when it starts."""
_SINGLE_THREADED = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "JE_ARROW_MALLOC_CONF": "background_thread:false",
}
"""Settings that libraries read as they load: a thread would not survive the fork."""


def main(channel: int, order: dict[str, Any]) -> NoReturn:
    """Load, report, and serve until the client is gone."""
    environment = dict(os.environ)
    sys.path.remove(os.getcwd())
    app = IPKernelApp.instance()
    with _captured_output():
        for name in _OF_KERNELS:
            importlib.import_module(name)
        app.prepare(order["arguments"])
    if _threads() > 1:
        sys.exit("the configuration of IPython starts a thread, so its kernels cannot be forked")
    os.environ.update(_SINGLE_THREADED)
    if trouble := _load(
        app.shell, [name for name in order["modules"] if name not in order["skip"]]
    ):
        order["skip"] |= trouble
        command = [sys.executable, "-m", __spec__.name, str(channel), json.dumps(order)]
        os.execve(sys.executable, command, environment)
    _restore(environment)
    _forget_this_package(order["modules"])
    with suppress(ConnectionError):  # the clients may be gone at any time
        Connection(os.dup(channel)).send({"skipped": order["skip"], "sources": _local_sources()})
        _share()
        _serve(app, socket.socket(fileno=channel))
    os._exit(0)


def _load(shell: InteractiveShell, modules: Iterable[str]) -> dict[str, str]:
    """Import modules, or what `a.b` is in `a`, up to the first that cannot be shared; and why.

    One that prints must print in the notebook; one that starts a thread cannot be forked; one
    that fails will fail in the notebook.  `get_ipython` is there as in a cell: pandas asks for it.
    """
    with _captured_output() as output, shell.builtin_trap:
        for name in modules:
            with suppress(Exception, SystemExit):
                home, _, member = name.rpartition(".")
                __import__(home or name, fromlist=[member])
            if trouble := _trouble(output):
                return {name: trouble}
    return {}


@contextmanager
def _captured_output() -> Iterator[int]:
    """Send what is written to standard output and error to a file; yield its descriptor."""
    kept = [(stream, os.dup(stream)) for stream in (1, 2)]
    with tempfile.TemporaryFile() as output:
        for stream, _ in kept:
            os.dup2(output.fileno(), stream)
        sys.stdout, sys.stderr = (_like_a_kernels(stream) for stream, _ in kept)
        try:
            yield output.fileno()
        finally:
            sys.stdout, sys.stderr = sys.__stdout__, sys.__stderr__
            for stream, original in kept:
                os.dup2(original, stream)
                os.close(original)


def _like_a_kernels(stream: int) -> TextIO:
    """Open a stream that names its encoding as ipykernel's do: pandas looks when it loads."""
    return open(stream, "w", encoding="UTF-8", closefd=False, buffering=1)


def _trouble(output: int) -> str:
    sys.stdout.flush()
    sys.stderr.flush()
    if os.fstat(output).st_size:
        return "prints when it is imported"
    if _threads() > 1:
        return "starts a thread when it is imported"
    return ""


def _threads() -> int:
    return len(os.listdir("/proc/self/task"))


def _restore(environment: dict[str, str]) -> None:
    for name in _SINGLE_THREADED:
        os.environ.pop(name)
        if name in environment:
            os.environ[name] = environment[name]


def _forget_this_package(modules: list[str]) -> None:
    """Let a notebook import a `pipeline` of its own."""
    package = __spec__.name.partition(".")[0]
    if not any(name.partition(".")[0] == package for name in modules):
        for name in [name for name in sys.modules if name.partition(".")[0] == package]:
            del sys.modules[name]


def _local_sources() -> dict[str, int]:
    """The time stamps of the files of loaded modules that belong to no installed library."""
    files = [getattr(module, "__file__", None) for module in list(sys.modules.values())]
    return {file: os.stat(file).st_mtime_ns for file in files if file and not is_installed(file)}


def _share() -> None:
    """Keep the collector of the kernels off what is loaded: it would copy the pages it looks at."""
    gc.collect()
    gc.freeze()


def _serve(app: IPKernelApp, client: socket.socket) -> None:
    while True:
        request, sockets, *_ = socket.recv_fds(client, 1, 1)
        _collect_guardians()
        if not request:
            return
        with Connection(sockets[0]) as connection, suppress(EOFError, OSError):
            # what fails here fails for one client; the others are still served
            if request == b"m":
                _load_more(app, connection.recv())
            elif os.fork() == 0:
                _and_end(_guard, app, connection, client)


def _collect_guardians() -> None:
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _load_more(app: IPKernelApp, files: dict[str, str]) -> None:
    """Import modules, if a process forked for the trial can do so and finds the same files."""
    trial = os.fork()
    if trial == 0:
        _and_end(_try, app, files)
    if os.waitpid(trial, 0)[1] == 0:
        _load(app.shell, files)
        _share()


def _try(app: IPKernelApp, files: dict[str, str]) -> None:
    if not _load(app.shell, files) and all(
        getattr(sys.modules.get(name), "__file__", None) == file for name, file in files.items()
    ):
        os._exit(0)


def _and_end(act: Callable[..., None], *arguments: Any) -> NoReturn:
    """Do what a forked process is for, and end the process whatever happens."""
    try:
        act(*arguments)
    except BaseException:
        traceback.print_exc(file=sys.__stderr__)
    finally:
        os._exit(1)


def _guard(app: IPKernelApp, orders: Connection, client: socket.socket) -> None:
    """Fork a kernel, wait for its end or the client's, and leave no process behind.

    The guardian adopts whatever the kernel leaves (PR_SET_CHILD_SUBREAPER), and the system kills
    the kernel should the guardian be killed (PR_SET_PDEATHSIG).
    """
    client.close()
    default_signals()
    process_control = ctypes.CDLL(None).prctl
    process_control(_PR_SET_CHILD_SUBREAPER, 1)
    kernel = os.fork()
    if kernel == 0:
        process_control(_PR_SET_PDEATHSIG, signal.SIGKILL)
        _and_end(run_kernel, app, orders)
    watch = select.poll()
    watch.register(os.pidfd_open(kernel), select.POLLIN)
    watch.register(orders, 0)  # a closed socket is always reported
    watch.poll()
    status = _end(kernel)
    with suppress(OSError):
        orders.send(("ended", status))
    os._exit(0)


def _end(kernel: int) -> int:
    """Kill the kernel, if it still runs, and all it started; return the kernel's exit code."""
    os.kill(kernel, signal.SIGKILL)
    status = os.waitpid(kernel, 0)[1]
    while True:  # the children of a killed process become this process's own
        for orphan in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split():
            os.kill(int(orphan), signal.SIGKILL)
        try:
            os.wait()
        except ChildProcessError:
            return os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    main(int(sys.argv[1]), json.loads(sys.argv[2]))
