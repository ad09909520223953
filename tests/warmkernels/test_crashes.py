"""A notebook that goes wrong fails alone, says why, and leaves nothing running."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from kernel_runs import (
    GENEROUS_SECONDS,
    Run,
    Write,
    closing_the_loop,
    current_server,
    exists,
    text,
    wait_until,
)
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from papermill.exceptions import PapermillExecutionError
from warmkernels.engine import WarmKernelClient


@pytest.mark.parametrize(
    ("source", "cause"),
    [
        ("import os\nos._exit(3)", "exit status 3"),
        (
            "import os\nos.kill(os.getpid(), 9)",
            "SIGKILL .as the system does when memory",
        ),
        ("import ctypes\nctypes.string_at(0)", "SIGSEGV"),
        ("import os, time\nos.kill(os.getppid(), 9)\ntime.sleep(60)", "SIGKILL"),
    ],
    ids=["exit", "killed", "segmentation fault", "guardian killed"],
)
def test_a_dead_kernel(write: Write, run: Run, source: str, cause: str) -> None:
    with pytest.raises(DeadKernelError, match=cause):
        run(write("pass", source))
    server = current_server()
    assert text(run(write("print('alive')"))) == "alive\n"
    assert current_server() is server


def test_an_endless_loop_that_ignores_interrupts(write: Write, run: Run) -> None:
    notebook = write(
        "import os, signal",
        "print(os.getpid(), file=open('pid', 'w'), flush=True)",
        "signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})\n"
        "while True:\n    pass",
    )
    with pytest.raises(CellTimeoutError, match="timed out"):
        run(notebook, execution_timeout=1)
    assert not exists(int(notebook.with_name("pid").read_text()))


def test_a_bomb_of_threads(write: Write, run: Run) -> None:
    bomb = """
        import resource, threading, time
        resource.setrlimit(resource.RLIMIT_AS, (6 * 2**30, 6 * 2**30))
        while True:
            threading.Thread(target=time.sleep, args=(600,)).start()
    """
    with pytest.raises(PapermillExecutionError, match="can't start new thread"):
        run(write("pass", textwrap.dedent(bomb)))
    assert text(run(write("print('alive')"))) == "alive\n"


def test_processes_left_by_a_notebook_are_ended(write: Write, run: Run) -> None:
    notebook = write(
        "import os, subprocess",
        "detached = subprocess.Popen(['sleep', '600'], start_new_session=True)\n"
        "print(detached.pid)",
        "if (child := os.fork()) == 0:\n"
        "    os.setsid()\n"
        "    if (orphan := os.fork()) == 0:\n        os.execlp('sleep', 'sleep', '600')\n"
        "    open('orphan', 'w').write(str(orphan))\n    os._exit(0)\n"
        "os.waitpid(child, 0); None",
    )
    detached = int(text(run(notebook)))
    orphan = int(notebook.with_name("orphan").read_text())
    assert not exists(detached)
    assert not exists(orphan)


def test_a_run_outlives_the_server(write: Write, run: Run) -> None:
    notebook = write(
        "import os\nguardian = open(f'/proc/{os.getppid()}/stat').read().split()",
        "os.kill(int(guardian[3]), 9)",
        "print('finished')",
    )
    assert text(run(notebook)) == "finished\n"
    assert text(run(write("print('and the next')"))) == "and the next\n"


def test_runs_side_by_side(write: Write, run: Run, tmp_path: Path) -> None:
    @closing_the_loop
    def in_thread(source: str, name: str) -> str:
        notebook = write("import os, time", source, name=name)
        return text(run(notebook, cwd=None, output=tmp_path / f"{name}-out.ipynb"))

    with ThreadPoolExecutor(2) as pool:
        good = pool.submit(in_thread, "time.sleep(1)\nprint('good')", "good")
        bad = pool.submit(in_thread, "time.sleep(0.2)\nos._exit(1)", "bad")
        assert isinstance(bad.exception(GENEROUS_SECONDS), DeadKernelError)
        assert good.result(GENEROUS_SECONDS) == "good\n"


STUBBORN = (
    "import os, signal, subprocess, time",
    "child = subprocess.Popen(['sleep', '600'])\n"
    "server = open(f'/proc/{os.getppid()}/stat').read().split()[3]\n"
    "others = open(f'/proc/{server}/task/{server}/children').read()\n"
    "with open('pids.part', 'w') as file:\n"
    "    print(server, others, os.getpid(), child.pid, file=file)\n"
    "os.rename('pids.part', 'pids')\n"
    "signal.signal(signal.SIGINT, signal.SIG_IGN)\ntime.sleep(600)",
)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_the_end_of_papermill_ends_everything(write: Write, number: signal.Signals) -> None:
    notebook = write(*STUBBORN)
    command = [sys.executable, "-m", "papermill", "--engine", "warm", notebook.name, "out.ipynb"]
    papermill = subprocess.Popen(
        command, cwd=notebook.parent, stderr=subprocess.PIPE, text=True, process_group=0
    )
    pids = notebook.with_name("pids")
    wait_until(pids.exists)
    os.kill(papermill.pid, number)
    error = papermill.communicate(timeout=GENEROUS_SECONDS)[1]
    assert papermill.returncode != 0, error
    wait_until(lambda: not any(exists(int(pid)) for pid in pids.read_text().split()))


NO_START = """
import asyncio, gc
from pathlib import Path
from warmkernels.isolation import LoggedKernelManager, isolated_kernel

async def start():
    with isolated_kernel(Path("/dev/null")) as settings:
        settings["config"].LoggedKernelManager.ip = "/tmp/" + 30 * "long/" + "socket"
        await LoggedKernelManager(config=settings["config"], kernel_name="python3").start_kernel()

try:
    asyncio.run(start())
except Exception as error:
    print(error)
gc.collect()
"""


def test_a_kernel_that_cannot_be_reached_leaves_nothing_that_waits_for_it() -> None:
    """A context collected with a socket open, here one whose address is too long, never ends."""
    command = [sys.executable, "-c", NO_START]
    done = subprocess.run(command, capture_output=True, text=True, timeout=GENEROUS_SECONDS)
    assert "name too long" in done.stdout
    assert done.returncode == 0, done.stderr


def test_a_kernel_that_misses_its_client_coming_is_asked(
    write: Write, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when it sends something at that moment: the socket then reports no subscription."""
    deaf = "from ipykernel.iostream import IOPubThread\nIOPubThread._handle_subscription = print"
    (tmp_path / "library").mkdir()
    (tmp_path / "library" / "deaf.py").write_text(deaf)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "library"))
    start_channels = WarmKernelClient.start_channels

    def late(client: WarmKernelClient, *given: bool, **more: bool) -> None:
        time.sleep(0.5)  # by then the kernel has said that it starts
        start_channels(client, *given, **more)

    monkeypatch.setattr(WarmKernelClient, "start_channels", late)
    assert text(run(write("import deaf", "print('heard')"), start_timeout=10)) == "heard\n"
