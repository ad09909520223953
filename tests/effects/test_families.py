"""Families of tests against R's p.adjust and multtest, by hand, and by simulation."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from effects import EffectError
from effects.families import (
    common_shifts,
    holm,
    null_innovations,
    specification_curve,
    step_down,
)
from scipy import stats

Series = Callable[..., pd.Series]

REFERENCE = Path(__file__).parents[1] / "reference"
MONTHS = pd.period_range("2024-01", periods=6, freq="M")


def printed_by_r() -> dict[str, np.ndarray]:
    """What families.R printed."""
    lines = (REFERENCE / "families.out").read_text().splitlines()
    return {line.split()[0]: np.array(line.split()[1:], dtype="float64") for line in lines}


def test_holm_agrees_with_r() -> None:
    p_values = pd.Series([0.001, 0.04, 0.03, 0.2, 0.012], index=list("abcde"))
    found = holm(p_values)
    np.testing.assert_allclose(found.table["adjusted_p_value"], printed_by_r()["holm"], rtol=1e-12)
    assert found.sentence == (
        "2 of 5 tests hold as a family by Holm's method; these do: a (p = 0.005), e (p = 0.048); "
        "these do not: b (p = 0.090), c (p = 0.090), d (p = 0.200)."
    )


def test_a_family_with_a_test_missing_is_refused() -> None:
    with pytest.raises(EffectError, match="'b' has no p-value"):
        holm(pd.Series([0.1, np.nan], index=["a", "b"]))


def two_sample_t() -> pd.DataFrame:
    """t's of families.R's five tests under all 70 ways to choose four columns."""
    i, j = np.arange(1, 6)[:, None], np.arange(1, 9)
    data = ((7 * i * j + 3 * i**2 + 5 * j**2) % 19).astype("float64")
    data[0, 4:] += 25
    data[1, 4:] += 12
    observed = (4, 5, 6, 7)
    ways = [observed, *(way for way in combinations(range(8), 4) if way != observed)]
    rest = [[place for place in range(8) if place not in way] for way in ways]
    found = [
        stats.ttest_ind(data[:, way], data[:, other], axis=1, equal_var=False).statistic
        for way, other in zip(ways, rest, strict=True)
    ]
    return pd.DataFrame(found, columns=list("abcde"))


def test_step_down_agrees_with_multtest() -> None:
    expected, found = printed_by_r(), step_down(two_sample_t()).table
    np.testing.assert_allclose(found["t"], expected["t"], rtol=1e-6)
    np.testing.assert_allclose(found["p_value"], expected["raw"], rtol=1e-12)
    np.testing.assert_allclose(found["adjusted_p_value"], expected["maxt"], rtol=1e-12)


def test_common_shifts_by_hand() -> None:
    """Blocks of two in a circle, the window's own first; b lacks the third month."""
    frame = pd.DataFrame(
        {"a": [1.0, 2, 0, -1, 3, 5], "b": [1.0, 0, np.nan, 4, -2, -2]}, index=MONTHS
    )
    found = common_shifts(frame, "2024-05")
    root = np.sqrt(2)
    assert found["a"].tolist() == pytest.approx(np.array([8, 6, 3, 2, -1, 2]) / root)
    assert found["b"].tolist() == pytest.approx([-4 / root, -1 / root, 1 / root, 0, 4, 2 / root])


def test_shifts_that_leave_a_series_without_a_month_are_left_out() -> None:
    frame = pd.DataFrame({"a": np.arange(6.0), "b": [1.0, np.nan, np.nan, 2, 3, 4]}, index=MONTHS)
    found = common_shifts(frame, "2024-06")
    assert found["a"].tolist() == [5, 0, 3, 4]
    assert found["b"].tolist() == [4, 1, 2, 3]


def test_months_that_nothing_observes_do_not_count() -> None:
    frame = pd.DataFrame({"a": [1.0, 2, np.nan, 4, 5, 6]}, index=MONTHS)
    assert len(common_shifts(frame, "2024-05")) == 5


def test_a_series_unseen_in_the_window_is_refused() -> None:
    frame = pd.DataFrame({"a": np.ones(6), "b": [1.0, 1, 1, 1, np.nan, np.nan]}, index=MONTHS)
    with pytest.raises(EffectError, match="2024-05 on for b"):
        common_shifts(frame, "2024-05")


def test_a_specification_curve_by_hand() -> None:
    """20 shifts, so only the largest |t| of a specification is significant at 5 %.

    The median is -6 observed, 5 at one shift, else 0. The largest |t| of a and b are observed and
    negative like the median; that of c, and no other, is at the shift whose median is 5.
    """
    t = pd.DataFrame(np.zeros((20, 3)), columns=list("abc"))
    t.iloc[0] = [-9, -6, -4]
    t.iloc[1] = [5, 5.5, 5]
    t.iloc[2:, 0] = np.where(np.arange(18) % 2, 1, -1)
    found = specification_curve(t)
    assert found.table["observed"].tolist() == pytest.approx([-6, 2 / 3])
    assert found.table["p_value"].tolist() == pytest.approx([1 / 20, 1 / 20])
    assert found.floor == pytest.approx(1 / 20)
    assert "median t is −6.0 (p = 0.050) by 20 common shifts" in found.sentence
    assert "67 % are significant in its direction (p = 0.050)" in found.sentence


def test_too_few_shifts_for_a_curve_are_refused() -> None:
    with pytest.raises(EffectError, match="19 shifts cannot"):
        specification_curve(pd.DataFrame(np.ones((19, 2))))


def related(random: np.random.Generator, count: int) -> pd.DataFrame:
    """Series that share a factor, a quarter of their months missing, the last eight never."""
    months = pd.period_range("2019-01", periods=68, freq="M")
    noise = random.standard_normal((68, 1)) + random.standard_normal((68, count))
    noise[:60][random.random((60, count)) < 0.25] = np.nan
    return pd.DataFrame(noise / np.sqrt(2), index=months)


def test_families_keep_their_size() -> None:
    """No true effect: any rejection among six, or of the curve, comes about 5 % of the time.

    A test of exactly 5 % exceeds the bound once in a thousand.
    """
    random = np.random.default_rng(1)
    found = []
    for _ in range(200):
        shifts = common_shifts(related(random, 6), "2024-06")
        curve = specification_curve(shifts).table["p_value"]
        found.append([step_down(shifts).table["adjusted_p_value"].min(), *curve])
    rejected = (np.array(found) <= 0.05).sum(axis=0)
    assert (rejected <= stats.binom.ppf(0.999, 200, 0.05)).all()


def test_an_effect_in_one_series_is_found_and_rarely_laid_on_another() -> None:
    found = []
    for seed in range(40):
        frame = related(np.random.default_rng(seed), 5)
        frame.loc["2024-06":, 3] -= 2.5
        found.append(step_down(common_shifts(frame, "2024-06")).table["adjusted_p_value"] <= 0.05)
    right, wrong = np.array(found)[:, 3], np.delete(np.array(found), 3, axis=1).any(axis=1)
    assert right.sum() >= 36
    assert wrong.sum() <= stats.binom.ppf(0.999, 40, 0.05)


def test_innovations_are_of_unit_variance_and_feel_the_event(simulate: Series) -> None:
    series = simulate(3, walk=0.3)
    quiet = null_innovations(series, "2025-04", "2025-05", baseline_end="2024-12")
    assert quiet.std() == pytest.approx(1, abs=0.2)
    assert not quiet.index.isin(pd.period_range("2025-01", "2025-03", freq="M")).any()
    series.loc["2025-04":"2025-05"] *= 0.3
    moved = null_innovations(series, "2025-04", "2025-05", baseline_end="2024-12")
    assert moved.loc["2025-04"] < -3
