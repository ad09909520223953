"""Faults of the machine and of the set-up: one plain line and nothing lost, or it works."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from places import Place, little_place
from press.provenance import sha256
from press.site import site
from press.verify import _differences, _sources

from analysis.study import ROOT

ASK = "from press.provenance import commit; print(commit())"


def report(
    place: Place, reports: Path, *before: str, **env: str
) -> subprocess.CompletedProcess[str]:
    folders = {"reports-dir": reports, "processed-dir": place.folder / "processed"}
    folders |= {"studies": place.folder / "studies", "notebooks": place.notebooks}
    given = [f"--{option}={folder}" for option, folder in folders.items()]
    command = [*before, sys.executable, "-m", "pipeline", "report", *given]
    return subprocess.run(command, capture_output=True, text=True, env=os.environ | env)


def test_where_no_file_can_grow_a_line_a_failure_says_so(tmp_path: Path) -> None:
    """As on a full disk; files end at 16 kB, too short for a page and for doit's record."""
    place = little_place(tmp_path)
    failed = report(place, place.reports, "bash", "-c", 'ulimit -f 16; exec "$@"', "bash")
    assert failed.returncode == 1
    assert "Traceback" not in failed.stdout + failed.stderr
    assert "File too large" in failed.stdout + failed.stderr
    done = report(place, place.reports)
    assert done.returncode == 0, done.stdout


def test_where_no_folder_can_be_made_nothing_is_run(tmp_path: Path) -> None:
    place = little_place(tmp_path)
    (tmp_path / "blocked").touch()
    failed = report(place, tmp_path / "blocked" / "reports")
    assert (failed.returncode, failed.stdout) == (1, "")
    told = f"{tmp_path}/blocked/reports: Not a directory; mend that and run it again\n"
    assert failed.stderr == told


UNPRIVILEGED = ("setpriv", "--bounding-set=-all", "--inh-caps=-all")
"""Before a command: root's processes too keep to the rights of folders."""


def test_where_nothing_can_be_written_a_line_says_so(tmp_path: Path) -> None:
    place = little_place(tmp_path)
    place.reports.mkdir(mode=0o555)
    failed = report(place, place.reports, *(UNPRIVILEGED if os.getuid() == 0 else ()))
    told = f"{place.reports}/.doit.db: unable to open database file; mend that and run it again\n"
    assert (failed.returncode, failed.stdout, failed.stderr) == (1, "", told)
    assert list(place.reports.iterdir()) == []


NO_FORK = """import errno, os
def fork():
    raise BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable")
os.fork = os.forkpty = fork
"""


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The tables and figures of a report that nothing hinders."""
    place = little_place(tmp_path_factory.mktemp("plain"))
    done = report(place, place.reports)
    assert done.returncode == 0, done.stdout
    return tables_of(place)


def tables_of(place: Place) -> dict[str, bytes]:
    held = place.contents().items()
    return {name: data for name, data in held if name.endswith((".csv", ".svg"))}


def test_a_plain_locale_a_home_that_is_not_there_and_long_paths_change_nothing(
    tables: dict[str, bytes], tmp_path: Path
) -> None:
    """The names of sockets end at 107 bytes; below /proc not even root can make a folder."""
    folder = tmp_path / ("a long name " * 9) / ("ü" * 60)
    (folder / "tmp").mkdir(parents=True)
    place = little_place(folder)
    settings = {"TMPDIR": f"{folder}/tmp", "HOME": "/proc/self/home", "LANG": "C", "LC_ALL": "C"}
    done = report(place, place.reports, **settings)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert tables_of(place) == tables != {}


def test_where_no_process_forks_the_plain_engine_runs(
    tables: dict[str, bytes], tmp_path: Path
) -> None:
    place = little_place(tmp_path)
    (tmp_path / "guard").mkdir()
    (tmp_path / "guard" / "sitecustomize.py").write_text(NO_FORK)
    paths = [str(tmp_path / "guard"), *filter(None, [os.environ.get("PYTHONPATH")])]
    done = report(place, place.reports, PYTHONPATH=os.pathsep.join(paths))
    assert (done.returncode, done.stderr) == (0, "")
    assert tables_of(place) == tables != {}


def git(folder: Path, *arguments: str) -> None:
    named = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
    subprocess.run(["git", "-C", str(folder), *named, *arguments], check=True, capture_output=True)


def asked(root: Path, **more: str) -> str:
    """The commit that stamps name in the repository at `root`."""
    env = os.environ | {"PRESS_ROOT": str(root)} | more
    done = subprocess.run([sys.executable, "-c", ASK], env=env, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository of its own with what a stamp is made from."""
    root = tmp_path_factory.mktemp("own")
    for name in ("report.yaml", "dodo.py", "Makefile", "pyproject.toml"):
        shutil.copy(ROOT / name, root)
    (root / "data" / "forecasts").mkdir(parents=True)
    git(root, "init", "-q")
    git(root, "add", ".")
    git(root, "commit", "-q", "-m", "all")
    return root


def test_a_stamp_names_this_repository_whatever_git_is_told(own: Path, tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    git(tmp_path, "commit", "-q", "--allow-empty", "-m", "of another")
    clean = asked(own)
    assert len(clean) == 40
    elsewhere = {"GIT_DIR": f"{tmp_path}/.git", "GIT_WORK_TREE": str(tmp_path)}
    assert asked(own, **elsewhere) == clean
    inner = tmp_path / "inner"
    shutil.copytree(own, inner, ignore=shutil.ignore_patterns(".git"))
    assert asked(inner) == "unknown"
    assert asked(own, PATH="/nonexistent") == "unknown"


@pytest.mark.parametrize(
    "name", ["dodo.py", "Makefile", "pyproject.toml", "data/forecasts/new.csv"]
)
def test_a_changed_source_is_no_clean_commit(own: Path, name: str) -> None:
    path = own / name
    before = path.read_bytes() if path.exists() else None
    path.write_bytes((before or b"") + b"\n# changed\n")
    try:
        assert asked(own).endswith(" with uncommitted changes")
    finally:
        path.unlink()
        if before is not None:
            path.write_bytes(before)
    assert len(asked(own)) == 40


STUB = """#!/bin/sh
case "$*" in
  *" venv "*)
    echo venv >> log; rm -rf .venv; mkdir -p .venv/bin; cp stub .venv/bin/python; sleep 1;;
  *requirements.lock*) echo pip >> log; sleep 1;;
esac
"""
"""A Python that writes down what it is asked to set up, slowly."""


def test_two_makes_that_need_a_new_venv_set_it_up_once(tmp_path: Path) -> None:
    for name in ("Makefile", "requirements.lock", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / "stub").write_text(STUB)
    (tmp_path / "stub").chmod(0o755)
    command = ["make", "--silent", "report", f"PYTHON={tmp_path}/stub"]
    plain = {name: value for name, value in os.environ.items() if "MAKE" not in name}
    makes = [subprocess.Popen(command, cwd=tmp_path, env=plain) for _ in range(2)]
    assert [make.wait(60) for make in makes] == [0, 0]
    assert (tmp_path / "log").read_text().split() == ["venv", "pip"]


def made(folder: Path, files: dict[str, str]) -> dict[str, Any]:
    """The manifest of `files`, which are written into `folder`."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    rounded = [name for name in files if site().is_rounded(name)]
    outputs = {name: sha256(folder / name) for name in files}
    return {"outputs": outputs, "rounded": {"digits": 6, "files": rounded}}


def test_verify_names_each_difference_and_its_notebook(tmp_path: Path) -> None:
    here, again = tmp_path / "here", tmp_path / "again"
    names = ["data/clean.html", "april/effects.csv", "april/figures/series.svg", "claims.csv"]
    names += ["index.html", "april/notebooks/04_robustness.ipynb", "april/figures/series.parquet"]
    stated = made(here, dict.fromkeys(names, "1"))
    found = made(again, dict.fromkeys([*names, "goods.csv"], "2"))
    del found["outputs"]["claims.csv"]
    assert list(_differences(stated, found, here, again)) == [
        "april/effects.csv: differs within 6 digits (03_model)",
        "april/figures/series.parquet: other bytes (05_figures)",
        "april/figures/series.svg: differs within 6 digits (05_figures)",
        "april/notebooks/04_robustness.ipynb: differs within 6 digits (04_robustness)",
        "claims.csv: not built again (06_claims)",
        "data/clean.html: other bytes (02_clean)",
        "goods.csv: new (11_goods)",
        "index.html: differs within 6 digits (the pages)",
    ]
    assert list(_differences(stated, stated, here, here)) == []
    now = {"commit": "b", "inputs": {"x": "1"}}
    assert list(_sources({"commit": "a", "inputs": {"x": "2"}}, now)) == [
        "the report was made from a, here is b",
        "x: a source, which has changed since the report was made",
    ]
    assert list(_sources(now, now)) == []


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        ("a,-54.4807,x", "a,-54.4808,x", True),
        ("a,-54.4807,x", "a,-54.49,x", False),
        ("a,-54.4807,x", "a,54.4807,x", False),
        ("1.46301e-13 " + 64 * "a", "1.46302e-13 " + 64 * "b", True),
        ("1.46301e-13", "1.46301e-12", False),
        ("fell by 6", "rose by 6", False),
    ],
)
def test_files_of_estimates_may_differ_in_hashes_and_the_last_digit(
    one: str, other: str, equal: bool, tmp_path: Path
) -> None:
    before = made(tmp_path / "one", {"april/effects.csv": one})
    now = made(tmp_path / "other", {"april/effects.csv": other})
    told = list(_differences(before, now, tmp_path / "one", tmp_path / "other"))
    assert (not told) == equal
    exact = before | {"rounded": {"digits": 6, "files": []}}
    assert list(_differences(exact, now, tmp_path / "one", tmp_path / "other"))


def test_a_command_stopped_while_it_loads_says_so_in_a_line(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "pipeline", tmp_path / "pipeline")
    (tmp_path / "libs" / "press").mkdir(parents=True)
    (tmp_path / "libs" / "press" / "__init__.py").write_text("raise KeyboardInterrupt")
    command = [sys.executable, "-m", "pipeline", "report"]
    done = subprocess.run(command, cwd=tmp_path, env={}, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (130, "stopped before it began\n")


@pytest.mark.parametrize("method", ["fork", "forkserver"])
def test_locks_of_a_command_are_given_back_without_a_word(method: str, tmp_path: Path) -> None:
    """As `tqdm` makes one; Python 3.14 starts a process that tracks them, within the command."""
    script = (
        f"import multiprocessing; multiprocessing.set_start_method({method!r})\n"
        "from press.keeper import kept\n"
        "with kept():\n    lock = multiprocessing.RLock()\n"
    )
    command = [sys.executable, "-c", script]
    place = os.environ | {"TMPDIR": str(tmp_path)}
    done = subprocess.run(command, env=place, capture_output=True, text=True)
    assert (done.returncode, done.stderr, [*tmp_path.iterdir()]) == (0, "", [])


def test_of_two_commands_for_one_place_the_second_waits_and_says_so(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from press.keeper import alone\n"
        "with alone(Path(sys.argv[1])):\n    print('in', flush=True); sys.stdin.read()\n"
    )
    command = [sys.executable, "-c", script, str(tmp_path / "place" / "reports")]
    pipes: dict[str, Any] = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    with subprocess.Popen(command, text=True, **pipes) as first:
        assert first.stdout.readline() == "in\n"
        with subprocess.Popen(command, text=True, **pipes) as second:
            assert (
                second.stderr.readline() == "another command works there; this one waits for it\n"
            )
            assert first.communicate() == ("", "")
            assert second.communicate() == ("in\n", "")
