"""What a forked kernel adds to the memory in use: `python -m warmkernels.memory NOTEBOOK...`.

The libraries are shared, so the resident set counts them once for every process.  The
proportional set size divides each shared page among the processes that share it; what a kernel
adds is the growth of the sum over the server and all that it forked.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from warmkernels.client import Server
from warmkernels.imports import libraries_of_file


def proportional_set_size(pid: int) -> int:
    """Return the proportional set size of a process and all its descendants, in bytes."""
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except (FileNotFoundError, ProcessLookupError):
        return 0  # it has ended
    own = next(line for line in rollup.splitlines() if line.startswith("Pss:"))
    return int(own.split()[1]) * 1024 + sum(proportional_set_size(int(child)) for child in children)


def added_by_a_kernel(modules: Sequence[str], kernels: int = 4) -> tuple[int, int]:
    """Return the bytes of a server with these modules, and what each idle kernel adds to them."""
    server = Server(modules, ["--HistoryManager.hist_file=:memory:"], os.environ)
    try:
        alone = proportional_set_size(server.pid)
        forked = [server.fork() for _ in range(kernels)]
        for kernel in forked:
            kernel.start("/", [])
        return alone, (proportional_set_size(server.pid) - alone) // kernels
    finally:
        server.close()


def main(notebooks: Sequence[str]) -> None:
    """Print the memory of a server for these notebooks and of each of its kernels."""
    modules = dict.fromkeys(name for path in notebooks for name in libraries_of_file(path))
    alone, added = added_by_a_kernel(list(modules))
    print(f"libraries, once: {alone / 2**20:.0f} MiB; each kernel adds {added / 2**20:.1f} MiB")


if __name__ == "__main__":
    main(sys.argv[1:])
