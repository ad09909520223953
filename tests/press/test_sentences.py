"""What the shipped report says is what its tables say."""

from __future__ import annotations

import re

from places import Place

from analysis.study import ROOT
from tests.living.checker import FACTS, Report, false_sentences

NOT_NOW = ("That is (above|below) every month",)
"""How sentences begin that stand on a page only where the data call for them."""


def test_no_sentence_is_false(real: Place) -> None:
    assert not false_sentences(Report(real.folder, ROOT / "data" / "raw"))


def test_every_kind_of_sentence_is_found(real: Place) -> None:
    """A sentence worded anew without its check would no longer be checked at all."""
    report = Report(real.folder, ROOT / "data" / "raw")
    lost = [
        (page, pattern)
        for page, pattern, _ in FACTS
        if not any(re.search(pattern, report.text(place)) for place in report.places(page))
        and not pattern.startswith(NOT_NOW)
    ]
    assert not lost
