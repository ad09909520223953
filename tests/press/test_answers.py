"""What notebooks leave for the front page, and files that are not that."""

from __future__ import annotations

from pathlib import Path

import pytest
from press.tables import Answer, load_answers

GOOD = '[{"question": "Did it?", "answer": "It did."}]'


def leave(reports: Path, text: str) -> Path:
    path = reports / "data" / "clean-answers.json"
    path.parent.mkdir()
    path.write_text(text, encoding="utf-8")
    return path


def test_answers_come_with_the_address_of_their_page(tmp_path: Path) -> None:
    leave(tmp_path, GOOD)
    (found,) = load_answers(tmp_path, ["01_ingest", "02_clean"])
    assert found.href == "data/clean.html"
    assert found.answers == [Answer(question="Did it?", answer="It did.")]


def test_an_answer_may_have_a_small_table(tmp_path: Path) -> None:
    leave(tmp_path, GOOD.replace("}", ', "rows": [{"to": "Chile"}]}'))
    (found,) = load_answers(tmp_path, ["02_clean"])
    assert found.answers[0].rows == [{"to": "Chile"}]


def test_pages_that_left_nothing_answer_nothing(tmp_path: Path) -> None:
    assert load_answers(tmp_path, ["01_ingest", "02_clean"]) == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        '["It did."]',
        GOOD.replace("answer", "anwser"),
        GOOD.replace("It did.", ""),
        GOOD.replace('"It did."', "NaN"),
    ],
)
def test_a_file_that_is_no_list_of_answers_is_refused_by_name(tmp_path: Path, text: str) -> None:
    path = leave(tmp_path, text)
    with pytest.raises(ValueError, match=str(path)):
        load_answers(tmp_path, ["02_clean"])
