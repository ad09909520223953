"""What is asked by hand is put aside, unless it is what the site shows."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import contracts.folders
import press
import pytest
import yaml

from analysis.study import ROOT, Batch, Cleaning, Contrast, Folders, Goods, Study, Vintages

REPORTS = ROOT / "reports"


@pytest.fixture(autouse=True)
def by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(press.PUBLISHING, raising=False)


@pytest.mark.parametrize("path", sorted((ROOT / "studies").glob("*.yaml")), ids=lambda p: p.stem)
def test_a_study_file_s_parameters_lead_to_its_folder(path: Path) -> None:
    values = yaml.load(path.read_text(encoding="utf-8"), yaml.BaseLoader)
    assert Study(**values).folder == REPORTS / path.stem
    assert Study(**values, level=0.9).folder == REPORTS / "scratch" / path.stem


def test_the_notebooks_as_they_are_opened_show_what_the_site_shows() -> None:
    assert Study().folder == REPORTS / "april-2025-world"


def test_another_question_under_the_same_name_is_put_aside() -> None:
    assert Study(destination="USA").folder == REPORTS / "scratch" / "april-2025-world"


def test_a_study_without_a_file_is_put_aside() -> None:
    assert Study(study="by-hand").folder == REPORTS / "scratch" / "by-hand"


def test_shared_notebooks_are_shown_as_they_stand() -> None:
    assert Folders().reports == Goods().reports == Vintages().reports == REPORTS
    assert Goods(start="2025-05").reports == REPORTS / "scratch"
    assert Contrast(destination="JPN").reports == REPORTS / "scratch"
    assert Batch(batch="grid").folder == REPORTS / "batch" / "grid"


def test_another_folder_is_taken_at_its_word(tmp_path: Path) -> None:
    assert Study(study="by-hand", reports_dir=str(tmp_path)).folder == tmp_path / "by-hand"


def test_what_is_made_for_the_site_goes_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(press.PUBLISHING, "1")
    assert Study(study="of-a-grid", destination="USA").folder == REPORTS / "of-a-grid"
    assert contracts.folders.PUBLISHING == press.PUBLISHING


def test_processes_of_the_press_are_told() -> None:
    code = "import press, os; print(os.environ[press.PUBLISHING])"
    given = {name: value for name, value in os.environ.items() if name != press.PUBLISHING}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=ROOT / "libs", env=given, capture_output=True, text=True)
    assert done.stdout == "1\n", done.stderr


def test_a_series_made_by_hand_with_other_settings_is_put_aside() -> None:
    usual = Cleaning().vintage
    assert Cleaning(narrow_width=0.5).vintage == usual / "scratch"
    assert Cleaning(as_of="2026-03-31").vintage == usual / "as_of" / "2026-03-31"
    assert Cleaning(narrow_width=0.5, processed_dir="elsewhere").vintage == ROOT / "elsewhere"
