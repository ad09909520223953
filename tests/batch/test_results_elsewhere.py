"""Workers that share no folder with the batch: each has a repository of its own, and an FTP server

or a foreign folder is all that they have in common.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from little_notebooks import CHAIN, save_notebook
from places import STUDY
from press.batch.exchange import NotThere, connected, get, put, read
from press.provenance import sha256

from analysis.study import ROOT

from .conftest import NOTED, wait_until
from .test_cluster import free_address

SOURCES = ("analysis", "libs", "pipeline", "docs", "data/raw")
FILES = ("CITATION.cff", "dodo.py", "pyproject.toml", "report.yaml", "requirements.lock")


@dataclass
class Copy:
    """A repository of its own, with little notebooks."""

    folder: Path

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        log = (self.folder / "log").open("a")
        with log:
            return subprocess.Popen(
                [sys.executable, "-m", *arguments],
                cwd=self.folder,
                env={**os.environ, "PYTHONPATH": f"{self.folder}:{self.folder}/libs"},
                stdout=log,
                stderr=log,
                text=True,
            )

    def batch(self, *options: str) -> int:
        """Run the studies of this copy; its exit status."""
        return self.start("pipeline", "batch", "studies/*.yaml", *options).wait(timeout=300)

    def told(self) -> str:
        return (self.folder / "log").read_text()

    def ran(self) -> list[str]:
        noted = self.folder / "ran"
        return noted.read_text().split() if noted.exists() else []

    def results(self) -> dict[str, bytes]:
        reports = self.folder / "reports"
        return {
            path.relative_to(reports).as_posix(): path.read_bytes()
            for path in sorted(reports.rglob("*"))
            if path.is_file() and not path.name.startswith(".")
        }


def copied(folder: Path, *destinations: str) -> Copy:
    """A copy with a study for each destination."""
    for name in SOURCES:
        leave = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, folder / name, ignore=leave)
    for name in FILES:
        shutil.copy(ROOT / name, folder / name)
    for stem, code in CHAIN.items():
        noted = [NOTED] if stem == "03_model" else []
        save_notebook(folder / "notebooks" / f"{stem}.ipynb", *code, *noted)
    (folder / "studies").mkdir()
    for destination in destinations:
        name = destination.lower()
        text = STUDY.format(name=name, destination=destination)
        (folder / "studies" / f"{name}.yaml").write_text(text)
    return Copy(folder)


@pytest.fixture
def ftp(tmp_path: Path) -> Iterator[str]:
    """The address of an FTP server on loopback."""
    (tmp_path / "served").mkdir()
    address = free_address().removeprefix("tcp://")
    host, port = address.split(":")
    command = [sys.executable, "-m", "pyftpdlib", "-w", "-d", str(tmp_path / "served")]
    with (tmp_path / "ftp.log").open("w") as log:
        server = subprocess.Popen(
            [*command, "-i", host, "-p", port, "-u", "user", "-P", "secret"],
            stdout=log,
            stderr=log,
        )
    wait_until(lambda: "passive ports" in (tmp_path / "ftp.log").read_text())
    yield f"ftp://user:secret@{address}/reports"
    server.kill()
    server.wait()


def test_workers_in_repositories_of_their_own(tmp_path: Path, ftp: str) -> None:
    here, one, two, alone = (
        copied(tmp_path / name, "DEU", "FRA") for name in ("here", "one", "two", "alone")
    )
    scheduler = free_address()
    where = ["--host", "127.0.0.1", "--port", scheduler.rpartition(":")[2], "--no-dashboard"]
    away = [f"--scheduler={scheduler}", f"--address={ftp}"]
    with ExitStack() as ended:
        started = [here.start("distributed.cli.dask_scheduler", *where, "--no-jupyter")]
        for copy in (one, two):
            single = ["--nthreads", "1", "--no-nanny", "--no-dashboard"]
            started.append(copy.start("distributed.cli.dask_worker", scheduler, *single))
        for process in started:
            ended.callback(process.wait)
            ended.callback(process.kill)
        assert here.batch(*away) == 0, here.told()
        assert (here.ran(), sorted(one.ran() + two.ran())) == ([], ["deu", "fra"])

        assert alone.batch() == 0, alone.told()
        local = alone.results()
        assert {"deu/index.html", "batch/studies/effects.csv"} < set(local)
        assert here.results() == local
        batch = read(connected(ftp), "batch/studies/index.html")
        assert batch == local["batch/studies/index.html"]

        for name in ("deu", "fra", "batch"):
            shutil.rmtree(here.folder / "reports" / name)
        assert here.batch(*away) == 0, here.told()
        assert len(one.ran() + two.ran()) == 2
        assert here.results() == local
    assert "secret" not in "".join(page.decode(errors="replace") for page in local.values())


@pytest.mark.parametrize("kind", ["ftp", "file"])
def test_what_is_brought_is_what_was_put(
    tmp_path: Path, kind: str, request: pytest.FixtureRequest
) -> None:
    folder = (tmp_path / "foreign").as_uri()
    there = connected(request.getfixturevalue("ftp") if kind == "ftp" else folder)
    file, brought = tmp_path / "file", tmp_path / "new" / "file"
    file.write_bytes(b"tonnes" * 100_000)
    assert read(there, "some/file") == b""
    put(there, {file: "some/file"})
    get(there, {brought: ("some/file", sha256(file))})
    assert brought.read_bytes() == file.read_bytes() == read(there, "some/file")
    with pytest.raises(NotThere, match="some/file is not what was put at the address"):
        get(there, {tmp_path / "other": ("some/file", "another hash")})
    with pytest.raises(NotThere, match="some/none is not at the address"):
        get(there, {tmp_path / "other": ("some/none", sha256(file))})
    assert not (tmp_path / "other").exists()
    there.rm_file("some/file")
    assert not there.exists("some/file")


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("nowhere://x", "--address nowhere://x: ValueError: Protocol not known: nowhere"),
        ("ftp://127.0.0.1:1/x", "--address ftp://127.0.0.1:1/x: ConnectionRefusedError"),
    ],
)
def test_an_address_that_cannot_be_used(tmp_path: Path, address: str, told: str) -> None:
    here = copied(tmp_path / "here", "DEU")
    assert here.batch("--scheduler=tcp://127.0.0.1:1", f"--address={address}") == 1
    assert told in here.told()
    assert "Traceback" not in here.told()


def test_an_address_needs_a_scheduler(tmp_path: Path) -> None:
    here = copied(tmp_path / "here", "DEU")
    assert here.batch("--address=file:///tmp/x") == 1
    assert here.told().startswith("--address: found no --scheduler; ")
