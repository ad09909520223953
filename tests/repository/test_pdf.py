"""`make pdf` prints the pages of the report where there is Chromium, and says so where not."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from analysis.study import ROOT


def make_pdf(folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """The last part of the recipe, run in a folder whose report is built."""
    command = ["make", "--dry-run", "pdf", "CHROMIUM=--no-sandbox"]
    recipe = subprocess.run(command, cwd=ROOT, capture_output=True, text=True).stdout
    printing = recipe[recipe.index("browser=") :]
    given = os.environ | environment
    return subprocess.run(
        ["/bin/sh", "-c", printing], cwd=folder, env=given, capture_output=True, text=True
    )


@pytest.fixture
def page(tmp_path: Path) -> Path:
    for name in ("a-study", "scratch"):
        (tmp_path / "reports" / name).mkdir(parents=True)
        (tmp_path / "reports" / name / "index.html").write_text("<!doctype html><title>A</title>B")
    return tmp_path / "reports" / "a-study" / "index.html"


def test_each_page_is_printed_beside_itself(page: Path) -> None:
    if not shutil.which("chromium") and not os.environ.get("CI"):
        pytest.skip("chromium is not installed")
    done = make_pdf(page.parents[2])
    assert (done.returncode, done.stdout) == (0, "reports/a-study/index.pdf\n"), done.stderr
    assert page.with_suffix(".pdf").read_bytes().startswith(b"%PDF")


def test_without_chromium_it_says_what_to_do(page: Path) -> None:
    done = make_pdf(page.parents[2], PATH="/nowhere")
    assert done.returncode == 1
    assert done.stdout == "Chromium is needed to print; on Debian: apt-get install chromium\n"
