"""A notebook that goes wrong fails alone, says why, and leaves nothing running."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import textwrap
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
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


def test_what_is_interrupted_while_it_speaks_is_heard_out(write: Write, run: Run) -> None:
    """A signal that comes in the middle of a message would leave half of it."""
    source = (
        "from IPython.display import HTML, display\nwhile True:\n    display(HTML(10**5 * 'x'))"
    )
    with pytest.raises(CellTimeoutError, match="timed out"):
        run(notebook := write("pass", source), execution_timeout=1)
    executed = nbformat.read(notebook.with_name("executed.ipynb"), 4)
    *shown, error = executed.cells[1].outputs
    assert len(shown) > 1
    assert {len(output.data["text/html"]) for output in shown} == {10**5}
    assert error.ename == "KeyboardInterrupt"


def test_what_many_say_at_once_comes_whole(write: Write, run: Run) -> None:
    """Threads, and processes that the notebook forked, print while the notebook shows figures."""
    source = """
        import multiprocessing, threading
        from IPython.display import HTML, display

        def speak(name):
            for number in range(50):
                print(f"<{name} {number}>", end="", flush=True)

        others = [threading.Thread(target=speak, args=[name]) for name in ("a", "b")]
        others += [multiprocessing.get_context("fork").Process(target=speak, args=["c"])]
        for one in others:
            one.start()
        for _ in range(20):
            display(HTML(10**5 * "x"))
        for one in others:
            one.join()
        time.sleep(3)
    """
    (cell,) = run(write("import time", textwrap.dedent(source))).cells[1:]
    printed = "".join(output.text for output in cell.outputs if output.output_type == "stream")
    said = re.findall(r"<(.) (\d+)>", printed)
    assert sorted(said) == sorted((name, str(n)) for name in "abc" for n in range(50))
    assert sum("data" in output for output in cell.outputs) == 20


def test_a_forked_process_says_nothing_again(write: Write, run: Run) -> None:
    """What the notebook printed before the fork, and had not sent yet, comes once."""
    source = """
        import os
        print("<before>", end="")
        if not (child := os.fork()):
            print("<child>", end="", flush=True)
            os._exit(0)
        os.waitpid(child, 0)
        time.sleep(3)
    """
    (cell,) = run(write("import time", textwrap.dedent(source))).cells[1:]
    printed = "".join(output.text for output in cell.outputs)
    assert sorted(re.findall(r"<\w+>", printed)) == ["<before>", "<child>"]
