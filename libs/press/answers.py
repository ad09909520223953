"""Answers that the shared notebooks leave for the front page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from press import report as site


class Answer(BaseModel):
    """A question that a notebook puts, and what its numbers say."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    question: str = Field(min_length=1)
    answer: str = Field(min_length=1)


@dataclass(frozen=True)
class Answers:
    """The answers of one page, and where it is seen from the front page."""

    href: str
    answers: list[Answer]


_FILE = TypeAdapter(list[Answer])


def load_answers(reports: Path, notebooks: Iterable[str]) -> list[Answers]:
    """What the pages of `notebooks` answer; a page that left no file answers nothing.

    A file that is no list of questions with answers is a mistake in its notebook: ValueError.
    """
    files = {site.page(stem): reports / site.answers(stem) for stem in notebooks}
    return [Answers(page, _read(path)) for page, path in files.items() if path.exists()]


def _read(path: Path) -> list[Answer]:
    try:
        return _FILE.validate_json(path.read_bytes())
    except ValidationError as error:
        raise ValueError(f"{path} is no list of questions with their answers") from error
