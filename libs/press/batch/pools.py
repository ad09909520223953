"""Where studies run: processes of this machine, or the workers of a Dask cluster."""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from contracts import ParameterError

from press.batch.job import Job, Outcome, failure, make
from press.execute import load_ahead, one_line
from press.site import site

if TYPE_CHECKING:
    from distributed import Client

_PR_SET_PDEATHSIG = 1
LOST = "the process that ran it was killed, each time it was tried"


def run_here(jobs: Sequence[Job], processes: int) -> Iterator[Outcome]:
    """Run studies in so many processes; a study whose process is killed is tried again.

    A killed process takes the others' runs with it. Where nothing was finished so, the studies
    that were started are tried one by one, to find which of them it was.
    """
    _load_once(jobs[0])
    waiting = list(jobs)
    while waiting:
        done = set()
        for outcome in _in_pool(waiting, min(processes, len(waiting))):
            done.add(outcome.study)
            yield outcome
        if not done:
            for job in waiting[:processes]:
                done.add(job.study.study)
                yield next(_in_pool([job], 1), failure(job, LOST))
        waiting = [job for job in waiting if job.study.study not in done]


def _load_once(job: Job) -> None:
    """Load what runs and renders notebooks, and what they run, for the processes to share."""
    notebooks = [site().root / job.notebooks / f"{stem}.ipynb" for stem in site().study]
    with suppress(Exception):  # a notebook that cannot be read fails by itself
        waiting = load_ahead(notebooks[0], True)
        from press.article import Article
        from press.render import read_notebooks

        Article(read_notebooks(notebooks).values())  # what all studies show is then known
        waiting.join()


def _in_pool(jobs: Sequence[Job], processes: int) -> Iterator[Outcome]:
    method = "fork" if sys.platform == "linux" else "spawn"
    context = multiprocessing.get_context(method)
    with ProcessPoolExecutor(processes, context, _end_with, (os.getpid(),)) as pool, _ended(pool):
        futures = [pool.submit(make, job) for job in jobs]
        for future in as_completed(futures):
            with suppress(BrokenProcessPool):
                yield future.result()


def _end_with(parent: int) -> None:
    """Have the system end this process with its parent, however that ends."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # the parent ends its workers so
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGQUIT):
        signal.signal(number, signal.SIG_IGN)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)


@contextmanager
def _ended(pool: ProcessPoolExecutor) -> Iterator[None]:
    """End the workers at once if the run is cut short; their kernels end with them."""
    try:
        yield
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        for worker in multiprocessing.active_children():
            worker.terminate()
        raise


def run_on_cluster(
    jobs: Sequence[Job], address: str, make: Callable[[Job], Outcome] = make
) -> Iterator[Outcome]:
    """Run studies on the workers of a Dask cluster; `make` is what a worker does for each.

    Dask runs a study again whose worker was lost, on another one.
    """
    with _client(address) as client:
        from distributed import as_completed as as_done

        futures = client.map(make, jobs, key=[job.study.study for job in jobs], pure=False)
        named = {future.key: job for future, job in zip(futures, jobs, strict=True)}
        for future in as_done(futures):
            try:
                outcome = future.result()
            except Exception as error:
                outcome = failure(named[future.key], error)
            yield outcome
            future.release()


def _client(address: str) -> Client:
    """A connection to a scheduler; raises ParameterError where there is none to be had."""
    try:
        from distributed import Client

        return Client(address)
    except ImportError:
        raise ParameterError(
            "--scheduler: Dask is not installed here; pip install distributed, at the version "
            "that requirements.lock pins"
        ) from None
    except (OSError, ValueError) as error:
        raise ParameterError(f"--scheduler {address}: {one_line(str(error))}") from None
