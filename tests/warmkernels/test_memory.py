"""A kernel adds little to the memory of the libraries it shares."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from warmkernels.memory import added_by_a_kernel, main, proportional_set_size

from .conftest import Write


def test_proportional_set_size_counts_descendants() -> None:
    with subprocess.Popen(["sh", "-c", "sleep 60 & wait"], process_group=0) as shell:
        time.sleep(0.2)
        (child,) = Path(f"/proc/{shell.pid}/task/{shell.pid}/children").read_text().split()
        both, one = proportional_set_size(shell.pid), proportional_set_size(int(child))
        os.killpg(shell.pid, signal.SIGKILL)
    assert 0 < one < both
    assert proportional_set_size(shell.pid) == 0


def test_a_kernel_shares_the_libraries() -> None:
    libraries, kernel = added_by_a_kernel(["pandas"], kernels=2)
    assert 0 < kernel < libraries / 2


def test_the_command(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    main([str(write("import yaml"))])
    assert "each kernel adds" in capsys.readouterr().out
