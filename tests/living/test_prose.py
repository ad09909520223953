"""What stands in an article's Markdown is true for any data: nothing in it that data decide.

Digits, months, countries and words of amount are found in every Markdown cell. Those that belong to
the method stand in `allowed.yaml`, by notebook and cell, in the phrase around them.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml
from tradedata.destinations import NAMES, territory_names

from analysis.study import ROOT

ALLOWED = yaml.safe_load(Path(__file__).with_name("allowed.yaml").read_text(encoding="utf-8"))
SUBJECT = "China"
"""Whose exports the articles are about."""
NOT_PROSE = re.compile(
    r"`[^`]*`|\]\([^)]*\)|https?://\S+|^#+ (?=\S)|\$[^$]+\$"  # code, links' targets, formulas
    r"|\(?[A-Z][\w’'-]+(?:,? (?:and |[A-Z][\w’'-]+|et al\.))*,? \(?(?:19|20)\d\d[a-z]?\)?"  # works
    r"|\((?:19|20)\d\d[a-z]?\)",
    re.MULTILINE,
)
MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July", "August", "September"),
    *("October", "November", "December"),
)
AMOUNTS = (
    *("most", "mostly", "majority", "nearly", "almost", "half", "third", "thirds", "quarters"),
    *("few", "fewer than", "handful", "several", "hardly", "more than", "less than", "all but"),
    *("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("highest", "lowest", "on record", "largest", "smallest", "mainly", "dozen", "hundred"),
)


def _pattern() -> re.Pattern[str]:
    names = [*territory_names("en").values(), *NAMES.values()]
    countries = {name.removeprefix("the ") for name in names}
    places = sorted(countries - {SUBJECT, "world"}, key=len, reverse=True)
    exact = "|".join(map(re.escape, [*places, *MONTHS]))
    return re.compile(rf"(?<![A-Za-z\d])\d[\d.,]*|\b(?:{exact})\b|(?i:\b(?:{'|'.join(AMOUNTS)})\b)")


PATTERN = _pattern()


def doubtful(text: str, allowed: list[str]) -> list[str]:
    """What data could decide in a Markdown text, beside the phrases that are allowed."""
    for phrase in allowed:
        text = text.replace(phrase, " ")
    return PATTERN.findall(NOT_PROSE.sub(" ", text))


def cells() -> list[tuple[str, str, str]]:
    """Notebook, cell and text of all Markdown."""
    return [
        (path.stem, cell["id"], "".join(cell["source"]))
        for path in sorted((ROOT / "notebooks").glob("*.ipynb"))
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]
        if cell["cell_type"] == "markdown"
    ]


@pytest.mark.parametrize("notebook", sorted({notebook for notebook, _, _ in cells()}))
def test_static_prose_holds_nothing_that_data_decide(notebook: str) -> None:
    phrases = ALLOWED.get(notebook) or {}
    found = {
        cell: words
        for stem, cell, text in cells()
        if stem == notebook and (words := doubtful(text, phrases.get(cell, [])))
    }
    assert not found, f"compute these, or allow their phrases in tests/living/allowed.yaml: {found}"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Exports fell by 6 % in April to Japan.", ["6", "April", "Japan"]),
        ("Most months, and nearly all of them", ["Most", "nearly"]),
        ("# Two breaks, the same two to the United States", ["Two", "two", "United States"]),
        ("China's exports (Gneiting and Raftery 2007), see [method](../docs/x-2.md), `p = 3`", []),
        ("as in Hyndman and Athanasopoulos (2021)", []),
        ("a month may be missing; in May it is", ["May"]),
    ],
)
def test_what_is_doubted(text: str, words: list[str]) -> None:
    assert doubtful(text, []) == words


def test_an_allowed_phrase_allows_itself_alone() -> None:
    assert doubtful("the 95 % interval; 3 months", ["the 95 % interval"]) == ["3"]
