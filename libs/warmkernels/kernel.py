"""What a forked process does: an ordinary IPython kernel, most of it built before the fork."""

from __future__ import annotations

import asyncio
import atexit
import gc
import io
import json
import os
import random
import signal
import sys
import sysconfig
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import ipykernel_launcher
from ipykernel import ipkernel, kernelapp
from ipykernel.compiler import XCachingCompiler
from ipykernel.iostream import IOPubThread
from ipykernel.zmqshell import ZMQInteractiveShell
from IPython.core.application import BaseIPythonApplication
from tornado.ioloop import IOLoop
from traitlets import Any as AnyTrait
from zmq import Frame

_STANDARD_LIBRARY = sysconfig.get_path("stdlib")
_SETTINGS = ("matplotlibrc", ".numba_config.yaml")
"""Files of the working folder that libraries read only when they load."""


class _Configured(BaseIPythonApplication):
    """Comes after IPKernelApp in the order of resolution: configures on the first call only."""

    configured = False

    def initialize(self, argv: list[str] | None = None) -> None:
        """Read the command line and the configuration files, unless that is done already."""
        if not self.configured:
            super().initialize(argv)
            self.configured = True


class IPythonKernel(ipkernel.IPythonKernel):
    """The kernel, whose requests no thread of ipykernel's reads."""

    shell_stream = AnyTrait()
    _supports_kernel_subshells = False
    _execute_sleep = 0  # ipykernel waits for its thread to have sent all


class Sender(IOPubThread):
    """In the place of ipykernel's sockets and its thread that sends: each thread does so itself.

    Sending is one after the other, and a signal to interrupt waits until it is done.
    """

    ident = 0
    closed = False

    def __init__(self, say: Callable[[str, Any], None]) -> None:
        """Be the thread, and its loop, that output streams ask for as well."""
        self.io_loop: Any = self
        self.thread: Any = self
        self._say, self._turn, self._owner = say, threading.RLock(), 0

    def start(self) -> None:
        """Send what this process says, and no other's."""
        self._owner = os.getpid()

    def is_alive(self) -> bool:
        """Whether what is scheduled will be done."""
        return True

    def schedule(self, f: Callable[[], object]) -> None:
        """Do something at once, while no other thread does."""
        with self._turn if os.getpid() == self._owner else nullcontext():
            f()

    def call_later(self, seconds: float, act: Callable[[], object]) -> None:
        """Do something after some seconds, as sending what was printed until then."""
        timer = threading.Timer(seconds, self.schedule, [act])
        timer.daemon = True
        timer.start()

    def send_multipart(self, parts: list[bytes], *_: Any, **__: Any) -> None:
        """Send a message of the kernel.

        What a process that the notebook forked prints goes to the descriptor, which is watched.
        """
        if os.getpid() == self._owner:
            self.schedule(partial(self._say, "message", [bytes(part) for part in parts]))
        else:
            printed = json.loads(parts[-1])
            os.write(1 + (printed["name"] == "stderr"), printed["text"].encode())


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Hold back a signal to interrupt until the block is done."""
    held: list[int] = []
    if threading.current_thread() is not threading.main_thread():
        yield  # signals are the main thread's
        return
    before = signal.signal(signal.SIGINT, lambda number, _: held.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if held:
        signal.raise_signal(held[0])


class IPKernelApp(kernelapp.IPKernelApp, _Configured):
    """The class of this name in two halves: `prepare` before the fork, `initialize` after it."""

    shell: Any
    orders: Connection
    shared: frozenset[str] = frozenset()
    """The modules that were loaded before the fork."""

    def prepare(self, arguments: list[str]) -> None:
        """Do what needs neither thread nor socket: the configuration, the shell, the kernel."""
        _Configured.initialize(self, arguments)
        # matplotlib reads it when it loads, which ipykernel expects to be later
        os.environ.setdefault("MPLBACKEND", "module://matplotlib_inline.backend_inline")
        self.shell = ZMQInteractiveShell.instance(
            parent=self, profile_dir=self.profile_dir, compiler_class=XCachingCompiler
        )
        self.session.auth = None  # nobody else can write to the socket
        self.iopub_thread = self.iopub_socket = Sender(self.say)
        self.kernel = IPythonKernel.instance(
            parent=self,
            session=self.session,
            shell_stream=self.iopub_socket,
            shell_channel_thread=SimpleNamespace(parent_thread=threading.main_thread()),
            iopub_thread=self.iopub_thread,
            iopub_socket=self.iopub_socket,
            log=self.log,
            profile_dir=self.profile_dir,
            user_ns=self.user_ns,
        )
        self.shell.parent = self.shell.kernel = self.kernel

    def _nothing(self, *_: Any, **__: Any) -> None:
        """There is one socket, which the guardian watches: no others, and nothing to poll."""

    init_connection_file = write_connection_file = log_connection_info = _nothing
    init_poller = init_heartbeat = _nothing

    def init_sockets(self) -> None:
        """Have all that is said go through the socket to the client."""
        self.iopub_thread.start()
        self.session.pid = os.getpid()

    def init_io(self) -> None:
        """Have what was printed but not sent yet be said by this process, and by none it forks."""
        super().init_io()
        os.register_at_fork(
            after_in_child=partial(_forget_what_was_printed, sys.stdout, sys.stderr)
        )

    def init_kernel(self) -> None:
        """Fit the kernel, which is there, to the process."""
        self.displayhook.get_execution_count = lambda: self.kernel.execution_count
        self.shell.save_sys_module_state()

    def start(self) -> None:
        """Answer requests in an event loop, where what the notebook left running goes on."""
        self.io_loop = self.kernel.io_loop = IOLoop.current()
        self.kernel.shell.exit_now = False
        self.io_loop.add_callback(self.answer)
        self.io_loop.start()

    async def answer(self) -> None:
        """Answer one request after the other, up to the one to end."""
        news = asyncio.Event()
        asyncio.get_running_loop().add_reader(self.orders.fileno(), news.set)
        while await news.wait():
            news.clear()
            if (request := self.next_order()) is None:
                break
            await self.kernel.dispatch_shell([Frame(part) for part in request])
        self.io_loop.stop()

    def init_path(self) -> None:
        """Say that the kernel is built, wait for the run, and enter its folder."""
        self.say("ready", os.getpid())
        folder, arguments, log, client = self.next_order()
        unfit = _unfit(folder)
        self.say("entered", unfit)
        if unfit:
            os._exit(0)
        if log:
            _write_errors_to(log)
        os.environ["JPY_PARENT_PID"] = str(client)
        # as for a kernel whose sockets are named in a file
        sys.argv[:] = [ipykernel_launcher.__file__, "-f", os.devnull, *arguments]
        os.chdir(folder)
        self.kernel.shell.starting_dir = folder
        self.kernel.shell.history_manager.dir_hist[:] = [Path(folder)]
        super().init_path()

    def say(self, what: str, value: Any) -> None:
        """Tell the client; end if there is none any more."""
        try:
            with uninterrupted():
                self.orders.send((what, value))
        except OSError:
            os._exit(0)

    def next_order(self) -> Any:
        """Wait for what the client says next; end if the client has no use for this kernel."""
        try:
            return self.orders.recv()
        except (EOFError, ConnectionError):
            os._exit(0)


def run_kernel(app: IPKernelApp, orders: Connection) -> None:
    """Be the kernel of one run, in a process forked for it, and end the process."""
    os.setsid()
    _protect_the_others()
    _reseed()
    app.orders = orders
    app.shared = frozenset(sys.modules)
    app.initialize()
    app.start()
    with suppress(OSError):
        orders.send(("late", _loaded_late(app.shared)))  # the orderly end comes all the same
    _finish()


def _forget_what_was_printed(*streams: Any) -> None:
    """Empty copies of ipykernel's streams, whose locks a thread that is not copied may hold."""
    for stream in streams:
        stream._buffer_lock = threading.RLock()
        stream._rotate_buffers()


def _write_errors_to(log: str) -> None:
    """Have the process's standard error, as it was before ipykernel took it, be a file."""
    file = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.dup2(file, getattr(sys.stderr, "_original_stdstream_copy", 2))
    os.close(file)


def is_installed(file: str | None) -> bool:
    """Whether a module's file belongs to an installed library, not to somebody's own code."""
    return bool(file) and ("-packages" in str(file) or str(file).startswith(_STANDARD_LIBRARY))


def _unfit(folder: str) -> str:
    """Say why a new process in a folder would not be as this one is, or nothing.

    A file there holds settings that are read at the start, or an import would find it instead of
    what is loaded.
    """
    files = os.listdir(folder)
    for name in _SETTINGS:
        if name in files:
            return f"{Path(folder, name)} is read only by a process that starts there"
    for name in sorted({Path(file).stem for file in files} & sys.modules.keys()):
        loaded = getattr(sys.modules[name], "__file__", None)
        if not loaded or name in sys.stdlib_module_names:
            continue
        for path in (Path(folder, name, "__init__.py"), Path(folder, f"{name}.py")):
            if path.exists() and not path.samefile(loaded):
                return f"{path} hides an installed module"
    return ""


def _loaded_late(shared: frozenset[str]) -> dict[str, str]:
    """Name the installed modules that were loaded after the fork, and their files."""
    late = [name for name in list(sys.modules) if name not in shared]
    files = {name: getattr(sys.modules[name], "__file__", None) for name in late}
    return {name: str(file) for name, file in files.items() if is_installed(file)}


def _protect_the_others() -> None:
    """Let the system end this process first when memory runs out."""
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("500")


def _reseed() -> None:
    """Draw new entropy, as a new process would: `random` does so itself, NumPy does not."""
    random.seed()
    if numpy_random := sys.modules.get("numpy.random"):
        numpy_random.seed()


def _finish() -> None:
    """End as an interpreter does, but without taking its modules apart.

    Threads are joined, exit handlers run, the notebook's objects are let go and open files are
    written; the rest would only copy shared memory in order to free it.
    """
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()  # IPython's own lets go of the notebook's objects
    gc.collect()
    _flush_files(gc.get_objects())
    os._exit(0)


def _flush_files(objects: list[Any]) -> None:
    for candidate in objects:
        if issubclass(type(candidate), io.TextIOWrapper | io.BufferedWriter | io.BufferedRandom):
            with suppress(OSError, ValueError):
                candidate.flush()


def default_signals() -> None:
    """Handle signals as a new interpreter does."""
    for number in (signal.SIGCHLD, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
