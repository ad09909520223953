"""A list of values makes a grid of studies."""

from __future__ import annotations

from pathlib import Path

import pytest
from press.studies import expand, load_studies, slug


def test_every_combination_has_a_name_and_a_question_of_its_own() -> None:
    values = {
        "study": "spring",
        "question": "What of {destination} at {level}, {start}?",
        "destination": ["USA", "GRP_WLD-USA"],
        "level": [0.9, 0.95],
        "start": "2025-04",
    }
    studies = list(expand(values, "file"))
    assert [study["study"] for study in studies] == [
        *("spring-usa-0-9", "spring-usa-0-95"),
        *("spring-grp-wld-usa-0-9", "spring-grp-wld-usa-0-95"),
    ]
    assert studies[3]["question"] == "What of GRP_WLD-USA at 0.95, {start}?"
    assert (studies[3]["destination"], studies[3]["level"]) == ("GRP_WLD-USA", 0.95)
    assert list(studies[0]) == list(values)


def test_without_a_list_a_file_is_one_study_as_it_stands() -> None:
    values = {"study": "spring", "question": "What of {destination}?", "destination": "USA"}
    assert list(expand(values, "file")) == [values]


def test_a_grid_without_a_name_is_named_after_its_file() -> None:
    (study,) = expand({"destination": ["USA"]}, "autumn")
    assert study == {"destination": "USA", "study": "autumn-usa"}


def test_an_empty_day_is_today_in_names_and_questions(tmp_path: Path) -> None:
    path = tmp_path / "known.yaml"
    path.write_text('question: What was known {as_of}?\nas_of: ["", 2025-08-31]\n')
    studies = [study for _, _, study in load_studies([path], {})[0]]
    assert [(study.study, study.question, study.as_of) for study in studies] == [
        ("known-today", "What was known today?", ""),
        ("known-2025-08-31", "What was known 2025-08-31?", "2025-08-31"),
    ]


@pytest.mark.parametrize(
    ("value", "expected"), [("GRP_A+B", "grp-a-and-b"), ("2025-04", "2025-04"), (0.95, "0-95")]
)
def test_slug(value: object, expected: str) -> None:
    assert slug(value) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("study: x\ndestination: []", "destination: found []; give one name, or at least one"),
        ("study: [x, y]", "study: found ['x', 'y']; give one name"),
        ("study: x\ndestination: [USA, USA]", "found 'x-usa', which"),
        ("study: x\ndestination: [USA, Mars]", "destination: found 'Mars'"),
        ("study: x\nquestion:\ndestination: [USA, DEU]", "question: found None; should be"),
    ],
)
def test_a_grid_that_cannot_be_run(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(text)
    loaded, (refused,) = load_studies([path], {})
    assert not loaded
    assert refused.reason.startswith(f"{path}: ")
    assert message in refused.reason
