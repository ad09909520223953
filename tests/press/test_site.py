"""report.yaml: what it says of notebooks, and plain refusals."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from contracts import ParameterError
from press.site import Site, find_root, site

from analysis.study import PLAN, ROOT, Folders, Study

NOTEBOOK = {"parameters": "analysis.study:Folders", "menu": "One", "makes": ["reports/one.csv"]}
ABOUT: dict[str, Any] = yaml.safe_load((ROOT / "report.yaml").read_text(encoding="utf-8"))


def described(folder: Path, **changed: Any) -> Site:
    text = yaml.safe_dump(ABOUT | changed, allow_unicode=True)
    (folder / "report.yaml").write_text(text, encoding="utf-8")
    return Site(folder)


def refusal(folder: Path, **changed: Any) -> str:
    with pytest.raises(ParameterError) as refused:
        described(folder, **changed)
    return str(refused.value)


def with_notebook(**fields: Any) -> dict[str, Any]:
    return ABOUT["notebooks"] | {"15_new": NOTEBOOK | fields}


def test_a_notebook_is_added_with_one_entry(tmp_path: Path) -> None:
    added = described(tmp_path, notebooks=with_notebook())
    assert added.shared[-1] == "15_new"
    assert added.menu()["data/new.html"] == "One"
    asked = Folders(reports_dir=str(tmp_path))
    assert added.makes("15_new", asked) == [tmp_path / "one.csv"]


def test_a_study_may_have_any_number_of_notebooks(tmp_path: Path) -> None:
    own = {"parameters": "analysis.study:Study", "needs": ["folder/effects.csv"], "makes": []}
    notebooks = ABOUT["notebooks"] | {"03c_more": own}
    sequence = [*ABOUT["study"], "03c_more"]
    added = described(tmp_path, notebooks=notebooks, study=sequence)
    assert added.study == sequence
    assert "03c_more" not in added.shared
    study = Study(reports_dir=str(tmp_path))
    assert added.needs("03c_more", study) == [study.folder / "effects.csv"]


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"mneu": "x"}, "report.yaml: notebooks: 15_new: mneu: no such field"),
        ({"makes": ["reports/claims.csv"]}, "15_new: makes reports/claims.csv, which 06_claims"),
        ({"needs": ["attic/x"]}, "attic/x: attic is no folder of analysis.study:Folders"),
        ({"parameters": "analysis.study:Nobody"}, "15_new: parameters: found 'analysis.study:No"),
        ({"menu": ""}, "15_new: menu: needs a word, or a place in study"),
    ],
)
def test_an_entry_that_cannot_be_used_is_told_in_a_line(
    tmp_path: Path, fields: dict[str, Any], told: str
) -> None:
    line = refusal(tmp_path, notebooks=with_notebook(**fields))
    assert told in line
    assert "\n" not in line


def test_a_sequence_names_notebooks(tmp_path: Path) -> None:
    told = refusal(tmp_path, study=["03_model", "04_figurse"])
    assert "report.yaml: 04_figurse: no such notebook among those listed" in told


def test_a_description_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match=r"report.yaml: cannot be read"):
        Site(tmp_path)


def test_the_root_is_the_repository_that_the_package_lies_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker of a cluster may have been started below another report.yaml."""
    monkeypatch.delenv("PRESS_ROOT", raising=False)
    described(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert find_root() == ROOT


def test_the_root_of_an_installed_package_is_found_from_the_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PRESS_ROOT", raising=False)
    monkeypatch.setattr("press.site.__file__", str(tmp_path / "packages" / "press" / "site.py"))
    described(tmp_path)
    (tmp_path / "deep" / "er").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "deep" / "er")
    assert find_root() == tmp_path.resolve()


def test_every_notebook_of_the_list_is_there() -> None:
    site().require_notebooks(ROOT / "notebooks")


def test_notebooks_are_run_again_when_the_plan_is_another() -> None:
    """Pages say whether their question is planned."""
    assert PLAN in site().sources
