"""The README's finding holds the numbers that the notebooks compute."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest
from places import Place

from analysis.study import ROOT


@pytest.fixture(scope="module")
def finding() -> str:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    return " ".join(readme.split("## Two commands")[0].split())


def row(real: Place, study: str, **wanted: str) -> pd.Series:
    effects = pd.read_csv(real.reports / study / "effects.csv")
    for column, value in wanted.items():
        effects = effects[effects[column] == value]
    return effects.iloc[0]


def percent(value: float) -> str:
    return f"{value:.0f} %".replace("-", "−")


@pytest.mark.parametrize("study", ["april-2025-world", "april-2025-usa", "april-2025-world-ex-usa"])
def test_losses_of_spring_2025(real: Place, finding: str, study: str) -> None:
    found = row(real, study, estimator="counterfactual", estimand="average effect")
    interval = f"{percent(found.lower)} to {percent(found.upper)})"
    assert percent(-found.estimate) in finding
    assert interval in finding


def test_tonnes_not_shipped(real: Place, finding: str) -> None:
    found = row(real, "april-2025-world", estimator="counterfactual", estimand="cumulative effect")
    least, middle, most = (
        f"{round(-tonnes, -2):,.0f}" for tonnes in (found.upper, found.estimate, found.lower)
    )
    assert f"some {middle} tonnes not shipped ({least} to {most})" in finding
    share = row(real, "april-2025-world", estimand="share of the expected sum").estimate
    assert f"{percent(-share)} of what was to be expected" in finding


@pytest.mark.parametrize(
    ("study", "month", "words"),
    [
        ("april-2025-world", "2025-07", "From July 2025 world exports were no longer"),
        ("april-2025-usa", "2025-10", "those to the United States from October"),
    ],
)
def test_recoveries(real: Place, finding: str, study: str, month: str, words: str) -> None:
    assert row(real, study, estimand="periods to recovery").end == month
    assert words in finding


def test_the_swing_of_september(real: Place, finding: str) -> None:
    found = row(real, "september-2025-swing", estimator="swing")
    assert found.p_value > 0.5
    assert f"more than half of the months (p = {found.p_value:.2f})" in finding


def test_the_swing_of_september_to_the_united_states(real: Place, finding: str) -> None:
    swings = pd.read_csv(real.reports / "april-2025-usa" / "swings.csv").set_index("month")
    found = swings.loc["2025-09-01"]
    assert found["unusual"]
    change = f"{-found['change_pct']:.1f} % to the United States"
    assert f"{change} in that month is unusual (p = {found['p_value']:.2f})" in finding


def described(svg: Path) -> str:
    found = re.search(r'aria-label="([^"]*)"', svg.read_text(encoding="utf-8"))
    assert found is not None
    return found[1]


def test_the_figure_is_the_one_that_the_report_shows(real: Place) -> None:
    shown = real.reports / "april-2025-world" / "figures" / "counterfactual.svg"
    assert described(ROOT / "docs" / "finding.svg") == described(shown), f"copy {shown} there"
