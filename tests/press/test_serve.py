"""The site on this machine, built again as files are saved."""

from __future__ import annotations

import http.client
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from little_notebooks import CHAIN
from places import Place, little_place
from press.serve import showing

from analysis.study import ROOT

BUILT = "The report is in "
FAILED = r"03_model.ipynb, cell 6 \(code-3\), study two: AssertionError: no figures for FRA"


def command(place: Place, port: int) -> list[str]:
    names = {"reports-dir": "reports", "processed-dir": "processed", "studies": "studies"}
    folders = [f"--{option}={place.folder / name}" for option, name in names.items()]
    told = [*folders, f"--notebooks={place.notebooks}", f"--port={port}"]
    return [sys.executable, "-u", "-m", "pipeline", "serve", *told]


class Preview:
    """A running `make serve`."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.process = subprocess.Popen(
            command(place, 0), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self.address = self.said(" shows ").partition(" shows ")[0].splitlines()[-1]

    def said(self, words: str) -> str:
        """What is printed up to a line with `words`."""
        assert self.process.stdout is not None
        lines = []
        for line in self.process.stdout:
            lines.append(line)
            if re.search(words, line):
                return "".join(lines)
        raise AssertionError(f"ended before it said {words!r}: {''.join(lines)}")

    def page(self, name: str) -> str:
        with urllib.request.urlopen(self.address + name) as answer:
            assert answer.headers["Cache-Control"] == "no-store"
            return str(answer.read().decode())


@pytest.fixture(scope="module")
def preview(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Preview]:
    started = Preview(little_place(tmp_path_factory.mktemp("serve")))
    started.said(BUILT)
    yield started
    started.process.kill()
    started.process.wait()
    assert started.process.stdout is not None
    started.process.stdout.close()


def test_pages_are_shown_to_this_machine_only(preview: Preview) -> None:
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/", preview.address)
    for name in ("", "one/index.html"):
        path = preview.place.reports / name / ("" if name else "index.html")
        assert preview.page(name) == path.read_text(encoding="utf-8")


def test_a_saved_study_is_built_alone(preview: Preview) -> None:
    preview.place.study("two", "DEU")
    told = preview.said(BUILT)
    built = sorted(re.findall(r"^(\S+) +\d+\.\d s$", told, re.M))  # the last two side by side
    assert built == ["two/03_model", "two/04_robustness", "two/05_figures"]
    assert "Exports to DEU" in preview.page("two/index.html")


def test_a_failing_build_says_its_line_and_its_page_says_why(preview: Preview) -> None:
    preview.place.write(
        "03_model", *CHAIN["03_model"], "assert destination != 'FRA', 'no figures for FRA'"
    )
    preview.said(BUILT)
    preview.place.study("two", "FRA")
    preview.said(FAILED)
    preview.said(BUILT)
    assert "no figures for FRA" in preview.page("two/index.html")
    preview.place.study("two", "USA")
    preview.said(BUILT)
    assert "Exports to USA" in preview.page("two/index.html")


def test_ctrl_c_ends_it_in_the_middle_of_a_build(preview: Preview) -> None:
    wait = "import os, time; open(ROOT / processed_dir / 'pid', 'w').write(str(os.getpid()))"
    preview.place.write("06_claims", *CHAIN["06_claims"], wait, "time.sleep(3600)")
    pid = preview.place.folder / "processed" / "pid"
    until(lambda: pid.exists() and bool(pid.read_text()))
    preview.process.send_signal(signal.SIGINT)
    told, _ = preview.process.communicate()
    assert preview.process.returncode == 0
    assert told.endswith("stopped\n")
    until(lambda: not Path(f"/proc/{pid.read_text()}").exists())


def until(come: Callable[[], bool]) -> None:
    """Wait for something that a process does, for two minutes at most."""
    for _ in range(1200):
        if come():
            return
        time.sleep(0.1)
    raise AssertionError("it did not come")


def refused(place: Place, port: int) -> str:
    done = subprocess.run(command(place, port), capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (1, "")
    return done.stderr


def test_a_port_in_use_is_refused_in_a_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        assert refused(little_place(tmp_path), port) == (
            f"port {port} cannot be used (Address already in use); name another: "
            "make serve PORT=8001\n"
        )


@pytest.mark.parametrize("port", [-1, 65536, 99999])
def test_a_port_that_no_machine_has_is_refused_in_a_line(tmp_path: Path, port: int) -> None:
    assert refused(little_place(tmp_path), port) == (
        f"argument --port: found '{port}', needs a port from 0 to 65535; "
        "see python -m pipeline serve --help\n"
    )


def test_a_missing_folder_is_refused_in_a_line(tmp_path: Path) -> None:
    place = little_place(tmp_path)
    (tmp_path / "studies").rename(tmp_path / "elsewhere")
    assert refused(place, 0) == f"{tmp_path / 'studies'}: no such folder\n"


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, Path]]:
    """The port of a served folder, and the folder."""
    folder = tmp_path_factory.mktemp("shown")
    (folder / "index.html").write_text("the front page")
    (folder / "data").mkdir()
    (folder / "data" / "a.csv").write_text("month,tonnes")
    (folder / ".doit.db").write_text("a record")
    (folder / ".hidden").mkdir()
    (folder / ".hidden" / "page.html").write_text("hidden")
    (folder / "out").symlink_to(ROOT / "README.md")
    (folder / "etc").symlink_to("/etc")
    (folder / "loop").symlink_to("loop")
    with showing(folder, 0) as address:
        yield int(address.rstrip("/").rpartition(":")[2]), folder


def answer(port: int, path: str, host: str = "127.0.0.1") -> tuple[int, bytes]:
    asking = http.client.HTTPConnection("127.0.0.1", port)
    asking.putrequest("GET", path, skip_host=True)
    asking.putheader("Host", host if host.startswith("evil") else f"{host}:{port}")
    asking.endheaders()
    with asking.getresponse() as got:
        content = got.status, got.read()
    asking.close()
    return content


def test_files_are_shown_under_this_machines_names(shown: tuple[int, Path]) -> None:
    for host in ("127.0.0.1", "localhost"):
        assert answer(shown[0], "/", host) == (200, b"the front page")
        assert answer(shown[0], "/data/a.csv", host) == (200, b"month,tonnes")


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8000", "127.0.0.1.evil.example"])
def test_another_name_is_refused(shown: tuple[int, Path], host: str) -> None:
    assert answer(shown[0], "/", host)[0] == 403


NOT_SHOWN = (
    *("/.doit.db", "/.hidden/page.html", "/data/", "/data", "/out", "/etc/passwd", "/loop", "/%00"),
    *("/nothing.html", "/../index.html", "/%2e%2e/etc/passwd", "/data/..%2f..%2fetc/passwd"),
)


@pytest.mark.parametrize("path", NOT_SHOWN)
def test_nothing_else_is_shown(
    shown: tuple[int, Path], path: str, capfd: pytest.CaptureFixture[str]
) -> None:
    status, content = answer(shown[0], path)
    assert status == 404 or content == b"the front page"
    assert capfd.readouterr() == ("", "")
