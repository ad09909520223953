"""Volatility: by hand, against R, with planted swings, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from effects import EffectError, volatility
from effects.level import fit_level
from effects.volatility import least_rise, log_ratios, shift_p_values
from scipy import stats

Series = Callable[..., pd.Series]
REFERENCE = Path(__file__).parents[1] / "reference"


def printed_by_r() -> dict[str, list[float]]:
    """What volatility.R printed."""
    lines = (REFERENCE / "volatility.out").read_text().splitlines()
    return {name: [float(one) for one in rest] for name, *rest in map(str.split, lines)}


def test_ratio_and_shifts_by_hand() -> None:
    """|e| = 1 2 3 6: the last two mean 4.5 against 1.5; in a circle 6 1, 1 2 and 2 3 are next."""
    size = np.array([1.0, 2.0, 3.0, 6.0])
    expected = np.log([4.5 / 1.5, 3.5 / 2.5, 1.5 / 4.5, 2.5 / 3.5])
    np.testing.assert_allclose(log_ratios(size, 2), expected)
    assert shift_p_values(size, 2) == 2 / 4


def test_innovations_ratio_and_p_value_agree_with_r() -> None:
    frame = pd.read_csv(REFERENCE / "nile.csv", dtype="float64")
    gaps = [*range(1880, 1890), 1901, 1903, *range(1950, 1956)]
    frame = frame[~frame["year"].isin(gaps)]
    times = frame["year"].to_numpy()
    fit = fit_level(times, np.log(frame["flow"].to_numpy()), np.ones((len(times), 1)), 0.25)
    found, printed = fit.studentised(), printed_by_r()
    np.testing.assert_allclose(found[[0, 1, 9, -1]], printed["innovations"], rtol=1e-9)
    size, block = np.abs(found), int((times >= 1914).sum())
    ratios = log_ratios(size, block)
    assert ratios[0] == pytest.approx(*printed["log_ratio"], 1e-9)
    assert [ratios.min(), ratios.max()] == pytest.approx(printed["least_and_greatest"], 1e-9)
    assert shift_p_values(size, block) == pytest.approx(*printed["p_value"])


def test_larger_swings_are_found_and_told(simulate: Series) -> None:
    series = simulate(5, gaps=False)
    louder = np.random.default_rng(1).normal(0, 0.3, 24)
    series.iloc[-24:] *= np.exp(louder)
    found = volatility(series, series.index[-24], name="exports")
    row = found.table.iloc[0]
    assert row["p_value"] <= 0.05
    assert row["estimate"] > 50
    assert row[["lower", "upper"]].isna().all()
    assert row["n_post"] == 24
    assert f"{row['estimate']:.0f} % larger than before (p = " in found.sentence
    assert f"more than chance brings: 24 months against {row['n_pre']}" in found.sentence
    floor = 1 / (row["n_pre"] + row["n_post"])
    assert f"p could not be less than {floor:.3f}." in found.sentence


def test_a_shift_that_a_regressor_explains_is_no_swing(simulate: Series) -> None:
    series = simulate(9, gaps=False)
    start = series.index[-20]
    series.loc[start:] *= 0.3
    step = pd.DataFrame({"step": (series.index >= start).astype(float)}, index=series.index)
    told, untold = volatility(series, start, regressors=step), volatility(series, start)
    assert told.table["p_value"].iloc[0] > 0.05
    assert untold.table["estimate"].iloc[0] > told.table["estimate"].iloc[0]


@pytest.mark.parametrize(("persistence", "walk"), [(0.0, 0.0), (0.5, 0.0), (0.0, 0.7)])
def test_the_test_keeps_its_size(simulate: Series, persistence: float, walk: float) -> None:
    """A test of exactly 5 % exceeds the bound once in a thousand."""
    draws = 80
    p_values = [
        volatility(simulate(200 + seed, walk, persistence), "2025-01").table["p_value"].iloc[0]
        for seed in range(draws)
    ]
    assert np.sum(np.array(p_values) <= 0.05) <= stats.binom.ppf(0.999, draws, 0.05)


@pytest.mark.parametrize(
    ("start", "words"),
    [
        ("2026-05", "start is 2026-05; needs a period after 2016-06"),
        ("2016-06", "start is 2016-06; needs a period after 2016-06"),
        ("soon", "found 'soon', needs a period such as"),
        ("2025-10", "3 swings are known from 2025-10; at least 6"),
        ("2017-01", "swings are known before 2017-01; at least 6"),
    ],
)
def test_bad_questions_are_refused(simulate: Series, start: str, words: str) -> None:
    with pytest.raises(EffectError, match=words):
        volatility(simulate(1), start)


def test_a_rise_of_the_least_size_is_missed_one_time_in_five_or_more() -> None:
    """Normal swings, the last 24 of 100 made larger by the median of what 30 series ask for.

    A series' own shifts overlap, so they promise somewhat more power than there is.
    """
    source = np.random.default_rng(5)
    asked = [least_rise(np.abs(source.standard_normal(100)), 24, 0.95) for _ in range(30)]
    found = []
    for _ in range(600):
        size = np.abs(source.standard_normal(100))
        size[-24:] *= 1 + np.median(asked) / 100
        found.append(shift_p_values(size, 24) <= 0.05)
    assert 0.55 <= np.mean(found) <= 0.82


def test_too_few_swings_find_no_rise() -> None:
    """With 19 swings no p-value lies below 1/19: nothing can be found at 95 %."""
    size = np.abs(np.random.default_rng(1).standard_normal(19))
    assert least_rise(size, 6, 0.95) == np.inf
