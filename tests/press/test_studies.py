"""Parameters are refused, in plain words, before anything runs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from contracts import ParameterError
from press.provenance import write_text
from press.site import FAILED, site, text_page
from press.studies import (
    check_parameters,
    given_values,
    load_studies,
    matching,
    stored,
)
from pydantic import ValidationError

from analysis.study import RESERVED, ROOT, Study, planned_studies

SHIPPED = sorted((ROOT / "studies").glob("*.yaml"))


def refusal(**values: Any) -> str:
    with pytest.raises(ParameterError) as refused:
        check_parameters("03_model", values, "studies/x.yaml")
    return str(refused.value)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (
            {"destnation": "USA"},
            "destnation: found 'USA', but there is no such parameter; did you mean destination?",
        ),
        ({"level": "high"}, "level: found 'high'; should be a valid number, such as 0.95"),
        ({"level": 2.0}, "level: found 2.0; should be less than 1, such as 0.95"),
        ({"destination": ("USA", "DEU")}, "destination: found ('USA', 'DEU'); should be a valid"),
        ({"destination": 502}, "destination: found 502; should be a valid string"),
        ({"start": "2025-13"}, "start: found '2025-13'; needs a month, year first, such as"),
        ({"headline": "guess"}, "should be 'counterfactual' or 'swing'"),
        ({"start": "2025-06"}, "start not after end"),
        ({"study": "April 2025"}, "study: found 'April 2025'"),
        (
            {"as_of": "2026-02-30"},
            "as_of: found '2026-02-30'; needs a day, year first, or nothing for everything, such "
            "as '2026-03-31'",
        ),
    ],
)
def test_a_refusal_names_file_field_value_and_what_is_allowed(
    values: dict[str, Any], message: str
) -> None:
    line = refusal(**values)
    assert line.startswith("studies/x.yaml: ")
    assert message in line
    assert "\n" not in line


def test_every_problem_has_a_line() -> None:
    assert len(refusal(level=2.0, start="soon", value="mean").splitlines()) == 3


def test_unknown_names_far_from_any_other_list_what_is_known() -> None:
    assert "known are raw_dir" in refusal(zzz=1)


def test_a_notebook_that_is_not_listed_is_refused() -> None:
    with pytest.raises(ParameterError, match="no parameters are declared for 09_new"):
        check_parameters("09_new", {}, "notebooks/09_new.ipynb")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- a list", "needs lines of the form `name: value`"),
        ("study: [", "cannot be read as YAML"),
        ("study: data", "the site uses that folder"),
        ("reports_dir: elsewhere", "folders are not set in a study"),
        ("study: x\n1: 2", "x.yaml: line 2: found '1' before the colon; needs a name"),
        ("null: x", "line 1: found 'null' before the colon"),
        ("1.5: x", "line 1: found '1.5' before the colon"),
        ("on: x", "line 1: found 'on' before the colon"),
        ("<<: {level: 0.9}", "line 1: found '<<' before the colon"),
        ("[a]: b", "cannot be read as YAML"),
        ("level: 0b_", "cannot be read as YAML"),
        ("level: !!bool maybe", "cannot be read as YAML"),
        (
            "destination: WLD\n# twice\nlevel: 0.9\ndestination: USA",
            "x.yaml: line 4: found 'destination', as on line 1; give it once",
        ),
    ],
)
def test_a_study_file_that_cannot_be_used(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(text)
    loaded, (refused,) = load_studies([path], {})
    assert not loaded
    assert str(path) in refused.reason
    assert message in refused.reason


def test_a_folder_is_no_study_file(tmp_path: Path) -> None:
    _, (refused,) = load_studies([tmp_path], {})
    assert refused.reason == f"{tmp_path}: is a folder; name its files, {tmp_path}/*.yaml"


def test_a_study_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_bytes(b"study: \xff")
    _, (refused,) = load_studies([tmp_path / "x.yaml"], {})
    assert "x.yaml: is not text in UTF-8" in refused.reason


def test_a_file_is_found_by_its_name_though_it_looks_like_a_pattern(tmp_path: Path) -> None:
    for name in ("c[1].yaml", "c1.yaml", "c2.yaml"):
        (tmp_path / name).touch()
    assert matching(f"{tmp_path}/c[1].yaml") == [tmp_path / "c[1].yaml"]
    assert matching(f"{tmp_path}/c[12].yaml") == [tmp_path / "c1.yaml", tmp_path / "c2.yaml"]
    with pytest.raises(ParameterError, match="no such file"):
        matching(f"{tmp_path}/d*.yaml")


@pytest.mark.parametrize("name", RESERVED)
def test_no_study_is_named_after_a_folder_of_the_site(name: str) -> None:
    assert f"study: found {name!r}; the site uses that folder" in refusal(study=name)
    with pytest.raises(ValidationError, match="the site uses that folder"):
        Study(study=name)


def test_every_folder_of_the_site_is_reserved() -> None:
    pages = [*site().menu(), *map(text_page, site().texts)]
    folders = {page.partition("/")[0] for page in pages}
    assert folders | {FAILED, "batch", "scratch"} == set(RESERVED)


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        *(("question", text, text) for text in ("a: b: c", "Was it: yes", "*bold?", "@me", "- a")),
        *(("question", text, text) for text in ("Was May #1 of all?", "2025", '"quoted"', "")),
        ("destination", "[WLD", "[WLD"),
        ("study", "2025", "2025"),
        ("level", "0.9", 0.9),
        ("level", "high", "high"),
        ("level", "[", "["),
        ("lvel", "1", "1"),
    ],
)
def test_text_after_a_command_is_taken_as_it_is(name: str, text: str, value: object) -> None:
    assert given_values("03_model", [(name, text)]) == {name: value}


def test_a_text_that_cannot_be_put_in_place_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    with pytest.raises(IsADirectoryError):
        write_text(tmp_path / "taken", "text")
    assert [path.name for path in tmp_path.iterdir()] == ["taken"]


def test_two_studies_of_one_name_are_refused(tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / f"{name}.yaml").write_text("study: twice")
    (first,), (refused,) = load_studies(sorted(tmp_path.glob("*.yaml")), {})
    assert first.path == tmp_path / "a.yaml"
    assert re.search(r"b\.yaml: study: found 'twice', which .*a\.yaml", refused.reason)


def test_the_shipped_studies_are_named_after_their_files() -> None:
    studies, refused = load_studies(SHIPPED, {})
    assert not refused
    assert [study.study for _, _, study in studies] == [path.stem for path in SHIPPED]
    assert {study.destination for _, _, study in studies} == {"WLD", "USA", "GRP_WLD-USA"}


def test_the_default_study_is_among_the_shipped() -> None:
    assert Study() in [study for _, _, study in load_studies(SHIPPED, {})[0]]


def test_a_day_is_text_without_quotes_too(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text("study: x\nas_of: 2026-03-31\n")
    ((_, values, study),), _ = load_studies([tmp_path / "x.yaml"], {})
    assert values["as_of"] == study.as_of == "2026-03-31"
    assert study.vintage == study.processed / "as_of" / "2026-03-31"


def test_the_studies_that_are_planned_are_those_of_the_plan() -> None:
    studies = {study.study: study for _, _, study in load_studies(SHIPPED, {})[0]}
    planned = [one.study for one in planned_studies()]
    assert {name for name, study in studies.items() if study.is_planned} == set(planned)
    assert planned[0] == Study().study


def test_a_copy_that_asks_another_question_is_not_planned(tmp_path: Path) -> None:
    """The README says to copy a study file, which must not take the plan along."""
    copied = (ROOT / "studies" / "april-2025-usa.yaml").read_text(encoding="utf-8")
    for name, changed in {"same": copied, "other": copied.replace("2025-05", "2025-06")}.items():
        path = tmp_path / f"{name}.yaml"
        path.write_text(changed.replace("april-2025-usa", name), encoding="utf-8")
    found, _ = load_studies(sorted(tmp_path.glob("*.yaml")), {})
    assert {study.study: study.is_planned for _, _, study in found} == {
        "same": True,
        "other": False,
    }


def test_of_two_files_with_one_name_the_one_that_bears_it_keeps_it(tmp_path: Path) -> None:
    """A copy in which the name was forgotten sorts before or after; both times it is refused."""
    for stem in ("spring", "spring-2", "a-copy"):
        (tmp_path / f"{stem}.yaml").write_text("study: spring\n")
    loaded, refused = load_studies(stored(tmp_path), {})
    assert [one.path.stem for one in loaded] == ["spring"]
    assert [one.path.stem for one in refused] == ["a-copy", "spring-2"]


def test_hidden_files_are_no_studies(tmp_path: Path) -> None:
    for name in ("._one.yaml", ".two.yml", "three.yaml", "four.yml", "five.txt"):
        (tmp_path / name).touch()
    assert [path.name for path in stored(tmp_path)] == ["four.yml", "three.yaml"]
