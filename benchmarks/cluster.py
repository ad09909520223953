"""A batch on a Dask cluster of this machine: `python -m benchmarks.cluster [1000] [2 4]`.

So many studies on so many workers (processes of one thread), once for each number of workers.
Prints the studies a minute, the processor time of workers (with their kernels) and scheduler, the
share of what the cores had to give, the memory of a worker at its peak (pages shared by
processes counted once) and the bytes that passed over the loopback device a study; what kernels
are asked and answer does not pass there.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psutil
from press.batch.run import Batch

from analysis.study import ROOT
from benchmarks.batch import CORES, batch_command, make_tables, write_grid

ADDRESS = "127.0.0.1:18786"
LOOK_SECONDS = 2
"""Between two looks at the memory of the workers."""
SCHEDULER = ["scheduler", "--host", "127.0.0.1", "--port", ADDRESS.partition(":")[2]]
WORKERS = ["worker", f"tcp://{ADDRESS}", "--host", "127.0.0.1", "--nthreads", "1"]


@contextmanager
def started(arguments: list[str]) -> Iterator[psutil.Process]:
    """A process of Dask's command, ended afterwards."""
    line = [sys.executable, "-m", "distributed.cli.dask_" + arguments[0], *arguments[1:]]
    with subprocess.Popen(
        [*line, "--no-dashboard"], cwd=ROOT, stderr=subprocess.DEVNULL
    ) as process:
        try:
            yield psutil.Process(process.pid)
        finally:
            process.terminate()


def tree(root: psutil.Process) -> list[psutil.Process]:
    """A process and all that descend from it."""
    return [root, *root.children(recursive=True)]


def worked(root: psutil.Process) -> float:
    """Seconds of processor time of a process, those it awaited, and those that still run."""
    times = (process.cpu_times() for process in tree(root))
    return sum(sum(used[:4]) for used in times)


def memory(root: psutil.Process) -> float:
    """MiB held by a process and its descendants, shared pages once."""
    held = 0
    for process in tree(root):
        try:
            held += process.memory_full_info().pss
        except psutil.Error:  # a kernel that has ended meanwhile
            continue
    return held / 2**20


def passed() -> int:
    """Bytes over the loopback device so far."""
    return psutil.net_io_counters(pernic=True)["lo"].bytes_sent


def measure(studies: int, workers: int, folder: Path) -> None:
    """Run the batch and print what it cost."""
    write_grid(folder / "bench.yaml", studies)
    batch = Batch(
        [folder / "bench.yaml"], workers, folders={"reports_dir": str(folder / "reports")}
    )
    make_tables(batch)
    with ExitStack() as stack:
        scheduler = stack.enter_context(started(SCHEDULER))
        time.sleep(5)
        pool = stack.enter_context(started([*WORKERS, "--nworkers", str(workers)]))
        time.sleep(10)
        before, moved, begun = (worked(scheduler), worked(pool)), passed(), time.perf_counter()
        line = batch_command(batch, f"--scheduler=tcp://{ADDRESS}")
        client = subprocess.Popen(line, cwd=ROOT, stdout=subprocess.DEVNULL)
        peak = 0.0
        while client.poll() is None:
            time.sleep(LOOK_SECONDS)
            peak = max(peak, memory(pool))
        seconds = time.perf_counter() - begun
        sent = (passed() - moved) / studies / 1000
        spent = [worked(one) - was for one, was in zip((scheduler, pool), before, strict=True)]
    if client.returncode:
        raise SystemExit("the batch failed")
    available = seconds * min(workers, CORES)
    print(
        f"{studies} studies on {workers} workers: {60 * studies / seconds:.0f} a minute; workers "
        f"{spent[1] / studies:.2f} s of processor time a study, {spent[1] / available:.0%} of what "
        f"their cores could give; scheduler {spent[0]:.1f} s, {spent[0] / spent[1]:.1%} of the "
        f"workers'; at most {peak / workers:.0f} MiB a worker; {sent:.0f} kB a study",
        flush=True,
    )


def main(studies: str = "1000", *workers: str) -> None:
    """Describe the machine and measure."""
    print(f"{CORES} cores, load {os.getloadavg()[0]:.1f}")
    for count in map(int, workers or ("2", "4")):
        with tempfile.TemporaryDirectory() as folder:
            measure(int(studies), count, Path(folder))


if __name__ == "__main__":
    main(*sys.argv[1:])
