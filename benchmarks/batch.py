"""Many studies at once against other ways to run them.

    python benchmarks/batch.py [STUDIES] [COLD]

Runs 64 studies (or STUDIES) as a batch with warm kernels, then nothing changed, then one changed;
the same on a Dask cluster of as many local workers; the code of the notebooks in plain Python over
as many processes (the floor); and COLD of them (2) in a loop of the commands `papermill` and
`jupyter nbconvert`, whose seconds are multiplied up.  Everything is made in a folder that is
deleted afterwards; the tables are made first and are not counted.
"""

from __future__ import annotations

import multiprocessing
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from analysis.study import ROOT
from pipeline import layout
from pipeline.batch.run import Batch, clean_once
from pipeline.studies import load_studies

CORES = os.cpu_count() or 1
NOTEBOOKS = [ROOT / "notebooks" / f"{stem}.ipynb" for stem in layout.STUDY]


def write_grid(path: Path, count: int) -> None:
    """Write a study file that makes a grid of `count` studies, an even number."""
    levels = [round(0.6 + 0.3 * place / count, 4) for place in range(count // 2)]
    path.write_text(f"study: bench\ndestination: [WLD, USA]\nlevel: {levels}\n")


def batch_command(batch: Batch, *more: str) -> list[str]:
    """The command line of a batch."""
    folders = [f"--{name.replace('_', '-')}={value}" for name, value in batch.folders.items()]
    files = [str(path) for path in batch.files]
    return [sys.executable, "-m", "pipeline", "batch", *files, *folders, *more]


def seconds(act: Callable[[], object]) -> float:
    """How long something takes."""
    started = time.perf_counter()
    act()
    return time.perf_counter() - started


def command(line: Sequence[str]) -> str:
    """Run a command in the repository; what it prints last."""
    done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(line)} failed:\n{done.stdout}{done.stderr}")
    return done.stdout.strip().rpartition("\n")[2]


def cold(batch: Batch, values: dict[str, Any], folder: Path) -> None:
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
        for cell in nbformat.read(notebook, 4).cells:
            if cell.cell_type == "code":
                exec(cell.source, names)
                if "parameters" in cell.metadata.get("tags", []):
                    names |= values


def floor(studies: list[dict[str, Any]]) -> float:
    """Seconds of the plain code over as many processes, the libraries loaded beforehand."""
    plain(studies[0])
    context = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(CORES, context) as pool:
        return seconds(lambda: list(pool.map(plain, studies)))


def on_dask(batch: Batch) -> float:
    """Seconds of the batch on a Dask cluster of as many workers on this machine."""
    from distributed import LocalCluster

    with LocalCluster(n_workers=CORES, threads_per_worker=1, dashboard_address=None) as cluster:
        line = batch_command(batch, f"--scheduler={cluster.scheduler_address}")
        return seconds(lambda: command(line))


def measure(count: int, cold_count: int, folder: Path) -> None:
    """Run all sides and print their ratios."""
    grid = folder / "bench.yaml"
    write_grid(grid, count)
    folders = {"reports_dir": str(folder / "reports"), "processed_dir": str(folder / "processed")}
    batch = Batch([grid], CORES, folders=folders)
    if not clean_once(batch):
        raise SystemExit("the tables could not be made")
    studies = [values for _, values, _ in load_studies(batch.files, folders)]

    warm = seconds(lambda: command(batch_command(batch)))
    print(f"batch of {count}: {warm:.1f} s, {warm / count:.2f} s a study", flush=True)
    again = seconds(lambda: print(command(batch_command(batch))))
    print(f"nothing changed: {again:.2f} s", flush=True)
    (folder / "reports" / "bench-usa-0-6" / "effects.csv").unlink()
    one = seconds(lambda: print(command(batch_command(batch))))
    print(f"one changed: {one:.1f} s", flush=True)

    least = floor(studies)
    print(f"floor: {least:.1f} s; the batch takes {warm / least:.2f} times as long", flush=True)
    elsewhere = replace(batch, folders={**folders, "reports_dir": str(folder / "dask")})
    cluster = on_dask(elsewhere)
    print(f"Dask: {cluster:.1f} s, {cluster / warm:.2f} times the local batch", flush=True)
    looped = seconds(lambda: [cold(batch, values, folder) for values in studies[:cold_count]])
    loop = looped / cold_count * count
    print(f"loop of papermill and nbconvert: {loop:.0f} s (from {cold_count} studies), ", end="")
    print(f"{loop / warm:.1f} times the batch")


def main(count: int = 64, cold_count: int = 2) -> None:
    """Describe the machine and measure."""
    load = os.getloadavg()[0]
    print(
        f"{platform.machine()}, {CORES} cores, load {load:.1f}, Python {platform.python_version()}"
    )
    with tempfile.TemporaryDirectory() as folder:
        measure(count, cold_count, Path(folder))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:3]))
