"""Placebos, permutations and recovery by hand, and the size of the default test."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from effects.baseline import WindowEffect, fit_baseline, window_effect
from effects.counterfactual import Recovery, recovery, recovery_sentence
from effects.inversion import block_p_value, conformal
from effects.placebo import Placebos, placebos
from effects.samples import Points, ask, observed_points
from effects.season import Terms, choose_terms
from scipy import stats

Series = Callable[..., pd.Series]


@pytest.mark.parametrize(
    ("residuals", "block", "expected"),
    [
        # |u| = 1 2 .5 3 1, blocks of two in a circle: 1.5 1.25 1.75 2 1; observed 2
        ([1.0, -2.0, 0.5, 3.0, -1.0], 2, 1 / 5),
        # single months: 2 of 4 are as large as the last
        ([3.0, 1.0, 0.0, -2.0], 1, 2 / 4),
        # blocks of three: sums 4 3 2 3 in order of their first; the last, 2 1 0, has 3
        ([1.0, 2.0, 1.0, 0.0], 3, 3 / 4),
    ],
)
def test_permutation_p_value_by_hand(residuals: list[float], block: int, expected: float) -> None:
    assert block_p_value(np.array(residuals), block) == pytest.approx(expected)


def test_permutation_p_value_never_below_its_floor() -> None:
    residuals = np.array([0.1, 0.2, 0.1, 0.3, 9.0])
    assert block_p_value(residuals, 1) == pytest.approx(1 / 5)


def test_placebo_scale_and_rank_by_hand() -> None:
    dates = Placebos(pd.DataFrame({"t": [1.0, -3.0, 2.0, 0.5]}))
    assert dates.scale == pytest.approx(np.sqrt((1 + 9 + 4 + 0.25) / 4 * (1 + 1 / 4)))
    longer = Placebos(dates.frame, 3)
    assert longer.scale == pytest.approx(np.sqrt((1 + 9 + 4 + 0.25) / 4 * (1 + 3 / 4)))
    assert dates.p_value(WindowEffect(-2.5, 1.0, 20, 2)) == pytest.approx(2 / 5)
    assert dates.floor == pytest.approx(1 / 5)


def test_few_placebo_dates_never_narrow_an_interval() -> None:
    assert Placebos(pd.DataFrame({"t": [0.1, -0.2, 0.1, 0.3, 0.2]})).scale == 1
    assert Placebos(pd.DataFrame({"t": []}, dtype="float64")).scale == 1


def test_many_placebo_dates_narrow_it_by_a_little_at_most() -> None:
    assert Placebos(pd.DataFrame({"t": [0.1] * 6})).scale == 0.85


def test_recovery_by_hand() -> None:
    months = pd.period_range("2025-01", periods=8, freq="M")
    floor = pd.Series(10.0, index=months)
    observed = pd.Series([12, 3, 11, 11, 4, 11, 10, 12], index=months, dtype="float64")
    assert recovery(observed, floor) == Recovery(months[1], months[5], 6)
    assert recovery(observed.iloc[:7], floor.iloc[:7]) == Recovery(months[1], None, 5)
    observed.iloc[6] = np.nan
    assert recovery(observed, floor) == Recovery(months[1], None, 6)
    assert recovery(floor + 1, floor) == Recovery()


@pytest.mark.parametrize(
    ("low", "said"),
    [
        (None, "No month fell clearly below normal (below the lower 80 % bound)."),
        (3, "was April 2025; at no time since were three months running known to be no longer"),
        (5, "was June 2025, too short a time ago to tell of a recovery."),
    ],
)
def test_a_fall_of_the_last_months_is_no_failure_to_recover(low: int | None, said: str) -> None:
    months = pd.period_range("2025-01", periods=8, freq="M")
    observed = pd.Series(12.0, index=months)
    if low is not None:
        observed.iloc[low:] = 3.0
    back = recovery(observed, pd.Series(10.0, index=months))
    assert said in recovery_sentence(back, "month")


def two_p_values(series: pd.Series) -> tuple[float, float]:
    """The scaled t-test and the permutation, without the tables made from them."""
    question = ask(series, "2025-04", "2025-05", "2024-12", 0.95, ("tonnes", "exports"))
    observed = pd.PeriodIndex(question.before.index)
    terms = choose_terms(observed, question.periods, None)
    before, within = observed_points(question.before), observed_points(question.within)
    effect = window_effect(fit_baseline(before, terms), within)
    assert effect is not None
    scale = placebos(before, terms, 4, 2, "M").scale
    return effect.p_value(scale), conformal(before, within, terms).p_value


@pytest.mark.parametrize("walk", [0.0, 0.5])
def test_the_default_tests_keep_their_size(simulate: Series, walk: float) -> None:
    """No true effect, months missing as in the published figures: 5 % tests reject about 5 %.

    A test of exactly 5 % exceeds the bound once in a thousand.
    """
    draws = 100
    found = np.array([two_p_values(simulate(seed, walk)) for seed in range(draws)])
    rejected = (found <= 0.05).sum(axis=0)
    assert (rejected <= stats.binom.ppf(0.999, draws, 0.05)).all()


def test_the_test_has_power(simulate: Series) -> None:
    """A loss of a half is found nearly always."""
    found = []
    for seed in range(20):
        series = simulate(seed, walk=0.2)
        series.loc["2025-04":"2025-05"] *= 0.5
        found.append(two_p_values(series)[0])
    assert np.mean(np.array(found) <= 0.05) >= 0.9


def sample_of(series: pd.Series, length: int) -> tuple[Points, Points, Terms]:
    """Baseline and window of the last `length` months, and a level without season."""
    logs = np.log(series.dropna())
    terms = choose_terms(pd.PeriodIndex(logs.index), pd.PeriodIndex(series.index), None, "none")
    points = observed_points(logs)
    cut = points.times[-length]
    return points.between(-np.inf, cut - 1), points.between(cut, np.inf), terms


def test_an_inverted_interval_holds_what_is_not_rejected(simulate: Series) -> None:
    """Its ends part sizes rejected from sizes kept, and zero is outside as p says."""
    series = simulate(3, gaps=False)
    series.iloc[-2:] *= 0.6
    before, window, terms = sample_of(series, 2)
    effect = window_effect(fit_baseline(before, terms), window)
    assert effect is not None
    found = conformal(before, window, terms, effect, 0.95)
    assert found.lower < np.log(0.6) < found.upper < 0
    assert found.p_value <= 0.05
    for size, rejected in [
        (found.lower, True),
        (found.lower + 0.02 * effect.error, False),
        (found.upper - 0.02 * effect.error, False),
        (found.upper, True),
    ]:
        left = window.values - effect.profile - (size - effect.mean)
        p_value = conformal(before, Points(window.times, left), terms).p_value
        assert (p_value <= 0.05) == rejected


def test_months_that_differ_have_an_interval_too(simulate: Series) -> None:
    """No constant effect fits −20 % and −70 %; their average has an interval all the same."""
    series = simulate(3, gaps=False)
    series.iloc[-2:] *= [0.8, 0.3]
    before, window, terms = sample_of(series, 2)
    effect = window_effect(fit_baseline(before, terms), window)
    assert effect is not None
    found = conformal(before, window, terms, effect, 0.95)
    assert found.lower < np.log([0.8, 0.3]).mean() < found.upper < 0


def test_a_floor_above_the_level_leaves_the_interval_open(simulate: Series) -> None:
    """Fewer than twenty months cannot reject anything at 5 %."""
    before, window, terms = sample_of(simulate(3, gaps=False).iloc[-18:], 2)
    effect = window_effect(fit_baseline(before, terms), window)
    assert effect is not None
    found = conformal(before, window, terms, effect, 0.95)
    assert found.floor == pytest.approx(1 / 18)
    assert (found.lower, found.upper) == (-np.inf, np.inf)
