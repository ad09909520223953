"""The swing test: by hand, in its sentence, and in what it refuses."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from effects import EffectError, swing, swings
from effects.swing import how_often

Series = Callable[..., pd.Series]


def test_change_and_expected_change_by_hand() -> None:
    """Four quarters that repeat exactly but for noise: the season's change is what is expected."""
    quarters = pd.period_range("2004Q1", "2019Q4", freq="Q")
    season = np.tile([100.0, 110.0, 90.0, 120.0], 16)
    noise = np.exp(0.01 * np.random.default_rng(1).standard_normal(64))
    series = pd.Series(season * noise, index=quarters)
    series.iloc[-1] = 60.0
    result = swing(series, "2019Q4", baseline_end="2018Q4")
    row = result.swings.loc["2019Q4"]
    assert row["change_pct"] == pytest.approx(100 * (60 / series.iloc[-2] - 1))
    assert row["expected_pct"] == pytest.approx(100 * (120 / 90 - 1), abs=1)
    assert row["residual_pct"] == pytest.approx(100 * (0.5 - 1), abs=2)
    assert bool(row["unusual"])
    assert row["p_value"] == pytest.approx(1 / 60)
    assert "one quarter of 60" in result.sentence


def test_the_rank_counts_itself_once(simulate: Series) -> None:
    """With nothing but noise the p-values of the reference are 1/n, 2/n ... up to one."""
    table = swings(simulate(8), baseline_end="2024-12")
    inside = np.sort(table.loc[: pd.Period("2024-12"), "p_value"].to_numpy())
    np.testing.assert_allclose(inside, np.arange(1, len(inside) + 1) / len(inside))


def test_a_change_is_unusual_where_it_lies_outside_the_usual_range(simulate: Series) -> None:
    series = simulate(12)
    series.loc["2025-09":] *= 0.5
    table = swings(series, baseline_end="2024-12")
    inside = table["residual_pct"].between(
        table["usual_lower_pct"], table["usual_upper_pct"], inclusive="neither"
    )
    assert (inside == ~table["unusual"]).all()
    assert table["unusual"].any()


def test_interval_holds_zero_exactly_when_the_change_is_usual(simulate: Series) -> None:
    series = simulate(12)
    usual, unusual = series.copy(), series.copy()
    unusual.loc["2025-09":] *= 0.5
    for changed, expected in ((usual, False), (unusual, True)):
        row = swing(changed, "2025-09", baseline_end="2024-12").table.iloc[0]
        outside = not row["lower"] <= 0 <= row["upper"]
        assert outside == (row["p_value"] <= 0.05) == expected


def test_too_few_changes_give_no_interval(simulate: Series) -> None:
    series = simulate(12)
    row = swing(series, "2025-09", baseline_end="2024-12", level=0.99).table.iloc[0]
    assert np.isnan(row["lower"])
    assert row["p_value"] > 0.01


def test_a_common_change_comes_in_more_than_half_of_the_months() -> None:
    """4 of 9 and 5 of 9 changes as large, the month's own counted: 5 and 6 of 10."""
    half, more = (pd.Series({"p_value": count / 10, "n_pre": 9}) for count in (5, 6))
    assert how_often(half, "month") == "one month of 2"
    assert how_often(more, "month") == "most months"


def test_both_references_are_told(simulate: Series) -> None:
    table = swing(simulate(12), "2025-09", baseline_end="2024-12").table
    assert list(table["estimand"]) == [
        "change against months to 2024-12",
        "change against all earlier months",
    ]
    assert table["n_pre"].is_monotonic_increasing


@pytest.mark.parametrize(
    ("month", "stop", "words"),
    [
        ("2025-09", "2025-09", "must come before"),
        ("2024-04", "2023-12", "2024-03 and 2024-04 must both be observed"),
        ("2025-09", "2017-02", "observed periods"),
    ],
)
def test_bad_questions_are_refused(simulate: Series, month: str, stop: str, words: str) -> None:
    with pytest.raises(EffectError, match=words):
        swing(simulate(1), month, baseline_end=stop, season="none")


@pytest.mark.parametrize(("first", "told"), [("2023-01", True), ("2022-01", False)])
def test_two_years_held_against_their_own_mean_are_said_to_stray_alike(
    first: str, told: bool
) -> None:
    index = pd.period_range(first, "2025-04", freq="M")
    series = pd.Series(np.exp(0.1 * np.random.default_rng(1).standard_normal(len(index))), index)
    found = swing(series, "2025-04", baseline_end="2024-12", season="calendar")
    assert ("ranks count most sizes twice" in found.sentence) == told


def test_isolated_periods_have_no_change(simulate: Series) -> None:
    series = simulate(1)[::2].reindex(simulate(1).index)
    with pytest.raises(EffectError, match="no two adjacent periods"):
        swings(series.dropna().reindex(series.index), baseline_end="2025-06", season="none")


def test_simulated_power_at_the_minimum_detectable_fall_is_four_fifths() -> None:
    """A fall of that size planted in 200 series of white noise is found in 70 to 90 %."""
    months = pd.period_range("2018-01", periods=80, freq="M")
    hits, tried = 0, 0
    for seed in range(200):
        noise = 0.05 * np.random.default_rng(seed).standard_normal(80)
        calm = pd.Series(np.exp(8 + noise), months)
        least = swing(calm, "2024-08", baseline_end="2024-07").minimum_detectable
        calm["2024-08"] *= 1 + least / 100
        found = swing(calm, "2024-08", baseline_end="2024-07")
        row, (lower, upper) = found.table.iloc[0], found.interval90
        assert row["lower"] < lower < row["estimate"] < upper < row["upper"]
        hits += bool(found.table["p_value"].iloc[0] <= 0.05)
        tried += 1
    assert 0.70 <= hits / tried <= 0.90
