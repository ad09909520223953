"""Many studies at once against other ways to run them.

    python -m benchmarks.batch [STUDIES] [COLD]

Runs 64 studies (or STUDIES) as a batch with warm kernels, then nothing changed, then one changed;
the code of the notebooks in plain Python over as many processes (the floor); the batch on a Dask
cluster of as many local workers; and COLD of them (4) in a loop of the commands `papermill` and
`jupyter nbconvert`, whose seconds are multiplied up.  Results are made in a folder that is deleted
afterwards, from the repository's own tables, which are made first and not counted.

Ratios are given twice: of the time that passed, and of the processor time of all processes, which
other work on the machine disturbs less.
"""

from __future__ import annotations

import multiprocessing
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import redirect_stdout
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from nbformat.v4 import new_notebook
from papermill.engines import NotebookExecutionManager
from press.batch.run import Batch, clean_once
from press.execute import beside
from press.render import study_page
from press.site import site
from press.studies import load_studies
from warmkernels.engine import WarmEngine

from analysis.study import ROOT

CORES = os.cpu_count() or 1
NOTEBOOKS = [ROOT / "notebooks" / f"{stem}.ipynb" for stem in site().study]


def write_grid(path: Path, count: int) -> None:
    """Write a study file that makes a grid of `count` studies, an even number."""
    levels = [round(0.6 + 0.3 * place / count, 4) for place in range(count // 2)]
    path.write_text(f"study: bench\ndestination: [WLD, USA]\nlevel: {levels}\n")


def batch_command(batch: Batch, *more: str) -> list[str]:
    """The command line of a batch."""
    folders = [f"--{name.replace('_', '-')}={value}" for name, value in batch.folders.items()]
    files = [str(path) for path in batch.files]
    return [sys.executable, "-m", "pipeline", "batch", *files, *folders, *more]


@dataclass(frozen=True)
class Cost:
    """Seconds that passed, and seconds of processor time of this process and those it awaited."""

    passed: float
    worked: float

    def times(self, other: Cost) -> str:
        """This cost as a multiple of another."""
        passed, worked = self.passed / other.passed, self.worked / other.worked
        return f"{passed:.2f} times (processor time {worked:.2f} times)"


def worked() -> float:
    """Seconds of processor time so far."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def cost(act: Callable[[], object]) -> Cost:
    """What something takes."""
    before, started = worked(), time.perf_counter()
    act()
    return Cost(time.perf_counter() - started, worked() - before)


def command(line: Sequence[str]) -> None:
    """Run a command in the repository; print how many studies it says it made."""
    done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(line)} failed:\n{done.stdout}{done.stderr}")
    print(*(text for text in done.stdout.splitlines() if " studies" in text), sep="", end=" ")


def cold(values: dict[str, Any], folder: Path) -> None:
    """One study by the commands that everyone has."""
    for notebook in NOTEBOOKS:
        output = str(folder / notebook.name)
        given = [part for name, value in values.items() for part in ("-p", name, str(value))]
        command([sys.executable, "-m", "papermill", str(notebook), output, *given])
        command([sys.executable, "-m", "jupyter", "nbconvert", "--to", "html", output])


def plain(values: dict[str, Any]) -> None:
    """The code of a study's notebooks, without a kernel, a notebook or a page."""
    import nbformat

    for notebook in NOTEBOOKS:
        names: dict[str, Any] = {}
        with redirect_stdout(None):
            for cell in nbformat.read(notebook, 4).cells:
                if cell.cell_type == "code":
                    exec(cell.source, names)
                    if "parameters" in cell.metadata.get("tags", []):
                        names |= values


def over_processes(studies: list[dict[str, Any]]) -> None:
    """The plain code of all studies, over as many processes as the batch has."""
    with ProcessPoolExecutor(CORES, multiprocessing.get_context("fork")) as pool:
        list(pool.map(plain, studies))


def on_dask(batch: Batch) -> Cost:
    """The batch on a Dask cluster of as many workers on this machine."""
    from distributed import LocalCluster

    with LocalCluster(n_workers=CORES, threads_per_worker=1, dashboard_address=None) as cluster:
        line = batch_command(batch, f"--scheduler={cluster.scheduler_address}")
        return cost(lambda: command(line))


def make_tables(batch: Batch) -> None:
    """Run the notebooks that come before all studies; they are no part of what is measured."""
    if not clean_once(batch):
        raise SystemExit("the tables could not be made")


def tell(what: str, taken: Cost, compared: str = "") -> None:
    """Print a line of the result."""
    print(f"{what}: {taken.passed:.2f} s{compared}", flush=True)


def parts(folder: Path) -> None:
    """Where a study's time goes beside its code: its kernels' start and end, and its page."""
    notebooks = [folder / "notebooks" / notebook.name for notebook in NOTEBOOKS]
    acts = {
        "a kernel's start and end": lambda: WarmEngine.execute_managed_notebook(
            NotebookExecutionManager(new_notebook(), progress_bar=False),
            "python3",
            **beside(NOTEBOOKS[0]),
        ),
        "a page": lambda: study_page(notebooks, folder / "again.html"),
    }
    for name, act in acts.items():
        act()
        tell(name, min((cost(act) for _ in range(5)), key=lambda taken: taken.passed))


def measure(count: int, cold_count: int, folder: Path) -> None:
    """Run all sides and print their ratios."""
    grid = folder / "bench.yaml"
    write_grid(grid, count)
    folders = {"reports_dir": str(folder / "reports")}
    batch = Batch([grid], CORES, folders=folders)
    make_tables(batch)
    studies = [values for _, values, _ in load_studies(batch.files, folders)[0]]
    plain(studies[0])

    warm = cost(lambda: command(batch_command(batch)))
    tell("batch", warm)
    floor = cost(lambda: over_processes(studies))
    tell("floor", floor, f"; the batch takes {warm.times(floor)} as long")
    parts(folder / "reports" / "bench-usa-0-6")
    tell("nothing changed", cost(lambda: command(batch_command(batch))))
    (folder / "reports" / "bench-usa-0-6" / "effects.csv").unlink()
    tell("one changed", cost(lambda: command(batch_command(batch))))

    elsewhere = replace(batch, folders={**folders, "reports_dir": str(folder / "dask")})
    make_tables(elsewhere)
    dask = on_dask(elsewhere)
    tell("on Dask", dask, f", {dask.passed / warm.passed:.2f} times the batch")
    loop = cost(lambda: [cold(values, folder) for values in studies[:cold_count]])
    all_of_them = Cost(loop.passed / cold_count * count, loop.worked / cold_count * count)
    compared = f" from {cold_count} studies, {all_of_them.times(warm)} the batch"
    tell("loop of papermill and nbconvert", all_of_them, compared)


def main(count: int = 64, cold_count: int = 4) -> None:
    """Describe the machine and measure."""
    load = os.getloadavg()[0]
    print(
        f"{platform.machine()}, {CORES} cores, load {load:.1f}, Python {platform.python_version()}"
    )
    with tempfile.TemporaryDirectory() as folder:
        measure(count, cold_count, Path(folder))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:3]))
