"""What studies and shared pages leave for other pages, and numbers as pages write them."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from words import IDENTIFIER, TIMES, count, month_span, months

from press.fragments import unbroken
from press.site import page

Row = dict[str, str]

MONTH = r"[0-9]{4}-(0[1-9]|1[0-2])"
TRUTHS = {"True": "yes", "False": "no"}
LONGEST, WIDEST = 400, 16
"""Rows and columns beyond which the numbers of a figure are a download only."""


class Headline(BaseModel):
    """A study's answer as its pages show it, from the file `headline.json` in its folder."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    study: str
    question: str
    planned: bool
    label: str
    finding: str
    how_sure: str
    figure: str
    p_value: float | None
    is_total: bool
    start: str
    data_to: str = Field(pattern=MONTH)
    next_due: date
    parameters: dict[str, Any]

    @property
    def href(self) -> str:
        """Its page, seen from the front page."""
        return f"{self.study}/index.html"

    def lacking(self, day: date) -> str:
        """The months published by `day` that the data do not hold, and the verb; none: empty."""
        due = self.next_due
        many = 12 * (day.year - due.year) + day.month - due.month + (day.day >= due.day)
        if many < 1:
            return ""
        year, month = map(int, self.data_to.split("-"))
        years = (divmod(month - 1 + ahead, 12) for ahead in (1, many))
        first, last = (datetime(year + more, place + 1, 1) for more, place in years)
        return f"{months(first, last)} {'is' if many == 1 else 'are'}"


def load_headline(folder: Path) -> Headline:
    """The answer of the study in `folder`; ValueError that names a file that holds none."""
    return _validated(TypeAdapter(Headline), folder / "headline.json", "a study's headline")


def in_order(studies: Iterable[Headline]) -> list[Headline]:
    """The planned studies first, each by its window; of one window those of the total first."""
    return sorted(
        studies, key=lambda one: (not one.planned, one.start, not one.is_total, one.study)
    )


def leading(studies: Sequence[Headline]) -> Headline:
    """The study that the front page opens with: of the total, the one with the least p-value.

    One that nobody planned, or of what was known on an earlier day, only where there is no other.
    """
    whole = [one for one in studies if not one.parameters.get("as_of")] or list(studies)
    whole = [one for one in whole if one.planned] or whole
    total = [one for one in whole if one.is_total] or whole
    return min(total, key=lambda one: 1.0 if one.p_value is None else one.p_value)


def typeset(text: str) -> str:
    """`text` with months such as 2025-05 written out, unbroken where words belong together."""
    named = re.sub(rf"\b{MONTH}\b(?!-)", lambda found: month_span(found[0], found[0]), text)
    return unbroken(named)


def read_rows(path: Path) -> list[Row]:
    """The rows of a CSV file."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def figure_rows(path: Path) -> list[Row]:
    """The numbers of a figure in words, the newest month first; too many rows as they are.

    Codes are left out where a column called the same and `_name` says them in words, and so are
    ids; of a month its first day.
    """
    rows = read_rows(path)
    if not rows or len(rows) > LONGEST:
        return rows
    if (time := next(iter(rows[0]))) in TIMES:
        rows.sort(key=lambda row: row[time], reverse=True)
    told = [one for one in rows[0] if f"{one}_name" not in rows[0] and not one.endswith("_id")]
    return [
        {_said(name): _short(row[name][:7] if name == "month" else row[name]) for name in told}
        for row in rows
    ]


def too_many(rows: Sequence[Row]) -> str:
    """How many rows or columns a figure's numbers have, if no table of a page holds as many."""
    if len(rows) > LONGEST:
        return count(len(rows), "row")
    return count(len(rows[0]), "column") if rows and len(rows[0]) > WIDEST else ""


def _said(name: str) -> str:
    """The name of a column as a reader says it."""
    return name.removesuffix("_name").replace("_", " ")


def _short(value: str) -> str:
    """A number with the digits one can use, its minus as spreadsheets read it; yes or no; else

    as it is, an identifier in words.
    """
    if value in TRUTHS:
        return TRUTHS[value]
    if IDENTIFIER.fullmatch(value):
        return _said(value)
    try:
        number = float(value)
    except ValueError:
        return value
    return f"{number:,.0f}" if abs(number) >= 1000 or number.is_integer() else f"{number:,.4g}"


def probability(value: str) -> str:
    """A p-value as a reader wants it."""
    if not value:
        return "–"
    return "< 0.001" if float(value) < 0.001 else f"{float(value):.3f}"


class Answer(BaseModel):
    """A question that a notebook puts, and what its numbers say; with a day, it is news.

    `rows` are those of a small table that belongs to it, each by the names of its columns;
    `unfolded`: seen on the front page without a click.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    question: str = Field(min_length=1)
    answer: str = Field(min_length=1)
    day: date | None = None
    rows: list[Row] = []
    unfolded: bool = False


class Answers(NamedTuple):
    """The answers and the news of one page, and where it is seen from the front page."""

    href: str
    answers: list[Answer]
    news: list[Answer]


_FILE = TypeAdapter(list[Answer])


def load_answers(reports: Path, notebooks: Iterable[str]) -> list[Answers]:
    """What the pages of `notebooks` answer; a page that left no file answers nothing.

    A file that is no list of questions with answers is a mistake in its notebook: ValueError.
    """
    found = []
    for href in map(page, notebooks):
        path = reports / href.replace(".html", "-answers.json")
        if path.exists():
            said = _validated(_FILE, path, "a list of questions with their answers")
            answers = [one for one in said if one.day is None]
            found.append(Answers(href, answers, [one for one in said if one.day]))
    return found


Read = TypeVar("Read")


def _validated(kind: TypeAdapter[Read], path: Path, what: str) -> Read:
    try:
        return kind.validate_json(path.read_bytes())
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise ValueError(f"{path} is not {what}: {place}: {first['msg']}") from error
