"""A command is taken to have nothing to do only while every file is as it was."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from press.unchanged import is_fed_alike, listing, note, said_before

ASKED = ["report"]
SAID = "nothing had changed"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository that was found up to date."""
    for name in ("studies/one.yaml", "reports/index.html", "data/processed/exports.csv"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("one")
    monkeypatch.chdir(tmp_path)
    note(str(tmp_path), ASKED, SAID, listing(str(tmp_path), ASKED))
    assert said_before(str(tmp_path), ASKED) == SAID
    return tmp_path


def test_a_touch_or_an_edit_is_noticed_though_its_time_is_set_back(root: Path) -> None:
    study = root / "studies/one.yaml"
    before = study.stat()
    study.write_text("two")
    os.utime(study, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert study.stat().st_mtime_ns == before.st_mtime_ns
    assert said_before(str(root), ASKED) == ""


@pytest.mark.parametrize("name", ["studies/two.yaml", "data/raw/new.csv", "reports/more.html"])
def test_a_file_that_came_is_noticed(root: Path, name: str) -> None:
    (root / name).parent.mkdir(exist_ok=True)
    (root / name).touch()
    assert said_before(str(root), ASKED) == ""
    (root / name).unlink()
    assert said_before(str(root), ASKED) == SAID


def test_a_file_that_went_is_noticed(root: Path) -> None:
    (root / "reports/index.html").unlink()
    assert said_before(str(root), ASKED) == ""


def test_what_runs_and_python_leave_is_no_change(root: Path) -> None:
    for name in ("reports/.doit.db", "libs/__pycache__/a.pyc", ".venv/new", ".git/index"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    assert said_before(str(root), ASKED) == SAID


@pytest.mark.parametrize(
    "asked", [[], ["verify"], ["report", "--jobs=1"], ["batch", "../x.yaml"], ["batch", "/x.yaml"]]
)
def test_other_commands_look_for_themselves(root: Path, asked: list[str]) -> None:
    assert listing(str(root), asked) == ""
    note(str(root), asked, SAID, listing(str(root), ASKED))
    assert said_before(str(root), asked) == ""


def test_a_command_given_elsewhere_or_a_linked_folder_is_looked_into(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(root / "studies")
    assert said_before(str(root), ASKED) == ""
    monkeypatch.chdir(root)
    (root / "elsewhere").symlink_to(root / "studies")
    assert listing(str(root), ASKED) == ""


def test_a_run_that_changed_something_is_not_written_down(root: Path) -> None:
    before = listing(str(root), ASKED)
    (root / "reports/index.html").write_text("another")
    note(str(root), ASKED, SAID, before)
    assert said_before(str(root), ASKED) == ""
    assert is_fed_alike(before, listing(str(root), ASKED))
    (root / "studies/one.yaml").write_text("another")
    assert not is_fed_alike(before, listing(str(root), ASKED))
