"""A study's numbers in words, and a line of its months."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from press.citations import cite
from press.tables import (
    Shown,
    excludes_zero,
    first_sentence,
    in_order,
    interval,
    joined,
    leading,
    load_shown,
    month_name,
    printed,
    probability,
    sparkline,
    typeset,
)


def row(estimate: str, lower: str = "", upper: str = "", p: str = "") -> dict[str, str]:
    about = {"estimator": "counterfactual", "estimand": "average effect", "end": "2025-05"}
    return about | {"estimate": estimate, "lower": lower, "upper": upper, "p_value": p}


def study(name: str, destination: str, start: str, p: str) -> Shown:
    effects = [row("-66.6", "-73.6", "-57.7", p)]
    return Shown(
        href="",
        study=name,
        question="?",
        headline="",
        finding="",
        rest="",
        destination=destination,
        kind="counterfactual",
        as_of="",
        baseline_end="",
        start=start,
        end=start,
        effects=effects,
        swings=[],
        path=[],
        variants=[],
    )


@pytest.mark.parametrize(
    ("lower", "upper", "clear"),
    [("-73.6", "-57.7", True), ("-1", "1", False), ("0.5", "2", True), ("", "", False)],
)
def test_an_interval_is_clear_when_it_leaves_out_zero(lower: str, upper: str, clear: bool) -> None:
    assert excludes_zero(row("1", lower, upper)) is clear


def test_numbers_as_readers_want_them() -> None:
    assert interval(row("-66.6", "-73.6", "57.7")) == "−74 to +58"
    assert [probability(value) for value in ("", "0.0004", "0.0357")] == ["–", "< 0.001", "0.036"]
    assert [printed(value) for value in ("-1234.6", "3.14", "so")] == ["−1,235", "3.1", "so"]
    assert month_name("2025-05-01") == month_name("2025-05") == "May 2025"
    assert [joined("a"), joined("ab"), joined("abc")] == ["a", "a and b", "a, b and c"]
    assert first_sentence("It fell by 6.1 %. Then it rose.") == "It fell by 6.1 %."


def test_a_finding_is_read_from_its_field(tmp_path: Path) -> None:
    folder = tmp_path / "one"
    folder.mkdir()
    for name in ("effects", "swings", "counterfactual"):
        (folder / f"{name}.csv").write_text("unit\n")
    told = {"study": "one", "question": "?", "destination": "WLD", "start": "", "end": ""}
    told |= {"headline": "In 2025-05 it fell by 5 %. Then: more.", "parameters": {"headline": ""}}
    (folder / "headline.json").write_text(json.dumps(told))
    shown = load_shown(tmp_path, folder)
    assert (shown.finding, shown.rest) == ("In May 2025 it fell by 5\u00a0%", "Then: more.")
    own = {"finding": "It was clear: it fell", "could_have_missed": "All of 2025-06."}
    (folder / "headline.json").write_text(json.dumps(told | own))
    shown = load_shown(tmp_path, folder)
    assert shown.finding == "It was clear: it fell"
    assert shown.rest == "In May 2025 it fell by 5\u00a0%. Then: more. All of June 2025."


def test_months_are_written_out_and_days_are_not() -> None:
    assert typeset("2025-04 and 2025-04-04") == "April 2025 and 2025-04-04"


def test_a_citation_survives_tex_and_reference_managers() -> None:
    cited = cite("a-study", "It fell −6 % & far", "32312632ce74aa with uncommitted changes")
    assert "It fell $-$6 \\% \\& far" in cited.bibtex
    assert cited.bibtex.startswith("@misc{a-study-2026,")
    (item,) = json.loads(cited.csl)
    assert (item["title"], item["issued"]) == ("It fell −6 % & far", {"date-parts": [[2026]]})
    edition = "version 0.1.0, commit 32312632ce74"
    assert cited.text.endswith(f"study a-study, {edition} with uncommitted changes.")
    assert f"{edition} with uncommitted changes" in cited.bibtex
    assert item["collection-title"].endswith(f"{edition} with uncommitted changes")
    clean = cite("a-study", "It fell", "32312632ce74aa")
    assert clean.text.endswith(f"study a-study, {edition}.")


def test_studies_stand_by_window_and_the_world_first() -> None:
    later, usa, world = (
        study("later", "WLD", "2025-10", "0.4"),
        study("a", "USA", "2025-04", "1e-12"),
        study("b", "WLD", "2025-04", "1e-9"),
    )
    assert [one.study for one in in_order([later, usa, world])] == ["b", "a", "later"]
    assert leading([later, usa, world]).study == "b"
    assert leading([usa]).study == "a"


def test_checks_of_an_effect_are_told_in_a_line_each() -> None:
    effects = [
        row("-66.6", "-73.6", "-57.7", "0.0001"),
        row("-66.6", p="0.0357") | {"estimator": "placebo dates"},
        row("-66.6", "-75", "-54", "0.0208") | {"estimator": "conformal permutation"},
        row("-60.1") | {"estimator": "textbook: OLS"},
        row("-55.0") | {"estimator": "textbook: AR(1)"},
        row("") | {"estimator": "textbook: SARIMA"},
    ]
    effects = [one | {"unit": "%"} for one in effects]
    shifts = {"estimator": "common shifts", "estimand": "median t", "unit": "t"}
    effects.append(row("-9", p="0.0213") | shifts)
    conclusions = ("survives", "changes", "not told")
    variants = [{"conclusion": told, "variant": f"it {told}"} for told in conclusions]
    told = replace(study("a", "WLD", "2025-04", "0.1"), effects=effects, variants=variants)
    assert told.checks == [
        ("p, rank among placebo dates", "0.036"),
        ("p, permutation of months", "0.021"),
        ("2 other estimators", "−60 to −55\u00a0%"),
        ("Other data, baselines, models", "1 of 2 agree"),
        ("p, all of these together", "0.021"),
    ]
    assert told.concluding("not told") == ["it not told"]


def test_checks_of_a_swing_are_the_longer_past_and_the_counterfactual() -> None:
    changes = {"estimator": "swing", "estimand": "change against all earlier months"}
    effects = [row("4.8", "-38", "76", "0.86"), row("-5.7", p="0.69") | changes]
    told = replace(study("a", "WLD", "2025-09", "0.1"), kind="swing", effects=effects)
    told = replace(told, variants=[{"conclusion": "changes", "variant": "of the counterfactual"}])
    assert told.concluding("changes") == []
    assert told.checks == [
        ("p, rank among all earlier changes", "0.690"),
        ("Against the counterfactual", "+5\u00a0% (−38 to +76)"),
    ]


def test_a_line_breaks_where_a_month_is_missing() -> None:
    months = {"2025-01": "10", "2025-02": "20", "2025-03": "", "2025-04": "40", "2025-05": "5"}
    path = [{"month": f"{month}-01", "observed": tonnes} for month, tonnes in months.items()]
    drawn = BeautifulSoup(sparkline(path, "2025-04", "2025-05"), "html.parser")
    assert [line["d"] for line in drawn.find_all("path")] == [
        "M2.0 18.5L28.0 13.0",
        "M80.0 2.0L106.0 21.2",
    ]
    assert [(band["x"], band["width"]) for band in drawn.find_all("rect")] == [("67.0", "52.0")]
    assert drawn.svg is not None
    assert drawn.svg["aria-label"] == (
        "Tonnes by month, January 2025 to May 2025: lowest 5.0, highest 40.0, last 5.0"
    )


def test_a_series_without_a_month_has_no_line() -> None:
    assert sparkline([{"month": "2025-01-01", "observed": ""}], "2025-01", "2025-01") == ""
