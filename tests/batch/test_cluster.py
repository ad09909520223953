"""A batch on a Dask cluster: a scheduler and two workers, each a process of its own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from press.batch.record import NAME

from .conftest import Batches, wait_until


def dask(*arguments: str, folder: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "distributed.cli." + arguments[0], *arguments[1:]]
    with (folder / f"{arguments[0]}.log").open("ab") as log:
        return subprocess.Popen(command, stdout=log, stderr=log, cwd=folder)


def free_address() -> str:
    """An address on loopback at which nothing listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"tcp://127.0.0.1:{free.getsockname()[1]}"


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """The address of a scheduler on loopback, and its two workers."""
    address = free_address()
    where = ["--host", "127.0.0.1", "--port", address.rpartition(":")[2]]
    with ExitStack() as ended:

        def start(*arguments: str) -> subprocess.Popen[bytes]:
            process = dask(*arguments, folder=tmp_path)
            ended.callback(process.wait)
            ended.callback(process.kill)
            return process

        start("dask_scheduler", *where, "--no-dashboard", "--no-jupyter")
        alone = ["--nthreads", "1", "--no-nanny", "--no-dashboard", "--local-directory"]
        workers = [
            start("dask_worker", address, *alone, str(tmp_path / f"worker-{number}"))
            for number in (1, 2)
        ]
        yield address, workers


def test_a_worker_killed_half_way_costs_no_study(
    fresh: Batches, cluster: tuple[str, list[subprocess.Popen[bytes]]]
) -> None:
    address, workers = cluster
    fresh.grid("grid", "DEU", "FRA", "JPN", "KOR")
    resting = fresh.folder / "resting"
    fresh.model(
        "import os, time\nresting = reports.parent / 'resting'\n"
        "if study == 'grid-jpn' and not resting.exists():\n"
        "    resting.write_text(os.environ['JPY_PARENT_PID'])\n    time.sleep(600)"
    )
    running = subprocess.Popen(
        fresh.command(f"--scheduler={address}"), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    wait_until(lambda: resting.exists() and resting.read_text(), running)
    busy = int(resting.read_text())
    assert busy in [worker.pid for worker in workers]
    wait_until(lambda: list(fresh.place.reports.glob(f"*/{NAME}")), running)
    os.kill(busy, signal.SIGKILL)
    told, trouble = running.communicate(timeout=300)
    assert running.returncode == 0, trouble
    assert b"6 studies: 0 unchanged, 6 made" in told

    studies = ["grid-deu", "grid-fra", "grid-jpn", "grid-kor", "one", "two"]
    assert fresh.ran() == studies
    remote = fresh.contents()
    for record in fresh.place.reports.glob(f"*/{NAME}"):
        record.unlink()
    done = fresh.run()
    assert done.returncode == 0, done.stderr
    assert fresh.ran() == studies
    assert fresh.contents() == remote


def test_a_scheduler_that_is_not_there_is_told_in_one_line(
    fresh: Batches, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT", "500ms")
    address = free_address()
    done = fresh.run(f"--scheduler={address}")
    assert done.returncode == 1
    lines = done.stderr.splitlines()
    assert lines == [f"--scheduler {address}: Timed out trying to connect to {address} after 0.5 s"]
    assert fresh.run("--scheduler=nowhere").returncode == 1
