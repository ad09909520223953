"""A study's answer as the pages read it, and numbers as they write them."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from press.citations import cite
from press.tables import Headline, in_order, leading, load_headline, probability, typeset

TOLD = {
    "study": "one",
    "question": "Did it?",
    "planned": False,
    "label": "unusual",
    "finding": "It did",
    "how_sure": "Very.",
    "figure": "series",
    "p_value": 0.01,
    "is_total": True,
    "start": "2025-04",
    "data_to": "2026-07",
    "next_due": "2026-09-20",
    "parameters": {},
}


def study(
    name: str, is_total: bool, start: str, p: float, planned: bool = False, **more: Any
) -> Headline:
    told = TOLD | {"study": name, "is_total": is_total, "start": start, "p_value": p}
    return Headline.model_validate(told | {"planned": planned, "parameters": more})


def test_a_headline_is_read_from_its_fields(tmp_path: Path) -> None:
    (tmp_path / "headline.json").write_text(json.dumps(TOLD | {"more": 1}), encoding="utf-8")
    assert load_headline(tmp_path).finding == "It did"


@pytest.mark.parametrize("field", ["finding", "label", "next_due"])
def test_a_headline_without_a_field_is_refused_by_name(tmp_path: Path, field: str) -> None:
    told = {name: value for name, value in TOLD.items() if name != field}
    (tmp_path / "headline.json").write_text(json.dumps(told), encoding="utf-8")
    with pytest.raises(ValueError, match=rf"headline.json is not a study's headline: {field}"):
        load_headline(tmp_path)


@pytest.mark.parametrize(
    ("day", "told"),
    [
        ("2026-09-19", ""),
        ("2026-09-20", "August 2026 is"),
        ("2026-10-20", "August to September 2026 are"),
        ("2026-11-25", "August to October 2026 are"),
        ("2027-02-20", "August 2026 to January 2027 are"),
        ("2025-01-01", ""),
    ],
)
def test_months_count_as_published_from_their_day_on(day: str, told: str) -> None:
    """Counted by hand: August on 20 September 2026, and one more each month."""
    assert Headline.model_validate(TOLD).lacking(date.fromisoformat(day)) == told


def test_a_p_value_as_pages_write_it() -> None:
    assert [probability(p) for p in ("", "0.0002", "0.0357")] == ["–", "< 0.001", "0.036"]


def test_months_are_written_out_and_days_are_not() -> None:
    assert typeset("2025-04 and 2025-04-04") == "April 2025 and 2025-04-04"


def test_a_citation_survives_tex_and_reference_managers() -> None:
    cited = cite("study a-study", "It fell −6 % & far", "32312632ce74aa with uncommitted changes")
    assert "It fell $-$6 \\% \\& far" in cited.bibtex
    assert cited.bibtex.startswith("@misc{a-study-2026,")
    (item,) = json.loads(cited.csl)
    unreleased = Path("CHANGELOG.md").read_text().partition("## Unreleased")[2].partition("## 0")[0]
    later = " and what has changed since" if unreleased.strip() else ""
    assert (item["title"], item["issued"]) == ("It fell −6 % & far", {"date-parts": [[2026]]})
    edition = f"version 0.1.0{later}, commit 32312632ce74"
    assert cited.text.endswith(f"study a-study, {edition} with uncommitted changes.")
    assert f"{edition} with uncommitted changes" in cited.bibtex
    assert item["collection-title"].endswith(f"{edition} with uncommitted changes")
    clean = cite("study a-study", "It fell", "32312632ce74aa")
    assert clean.text.endswith(f"study a-study, {edition}.")


def test_a_citation_ends_its_title_once_and_tex_sets_every_letter() -> None:
    asked = cite("page", "Did China's 5 % \\ ~ ^ fall?", "32312632ce74aa")
    assert ". Did China's 5 % \\ ~ ^ fall? Magnet swings, page, version" in asked.text
    assert r"China's 5 \% \textbackslash{} \textasciitilde{} \textasciicircum{}" in asked.bibtex


def test_studies_stand_by_window_and_the_total_first() -> None:
    later, part, total = (
        study("later", True, "2025-10", 0.4),
        study("a", False, "2025-04", 1e-12),
        study("b", True, "2025-04", 1e-9),
    )
    assert [one.study for one in in_order([later, part, total])] == ["b", "a", "later"]
    assert leading([later, part, total]).study == "b"
    assert leading([part]).study == "a"
    past = study("past", True, "2025-04", 1e-15, as_of="2025-08-31")
    assert leading([past, total]).study == "b"


def test_what_nobody_planned_stands_behind_what_was() -> None:
    sideline = study("sideline", True, "2025-02", 1e-20, planned=False)
    asked = study("asked", True, "2025-04", 0.03, planned=True)
    assert [one.study for one in in_order([sideline, asked])] == ["asked", "sideline"]
    assert leading([sideline, asked]).study == "asked"
    assert leading([sideline]).study == "sideline"
