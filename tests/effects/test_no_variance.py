"""A past that season fits exactly shows no usual change: it is refused, and is no placebo date."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from effects import (
    EffectError,
    average_effect,
    breaks,
    counterfactual,
    diversion,
    null_innovations,
    regimes,
    swing,
    swings,
    textbook,
    volatility,
)
from effects.level import fits_exactly

MONTHS = pd.period_range("2020-01", "2025-12", freq="M")
START = "2025-04"
SEASON = [100, 80, 120, 110, 90, 95, 105, 130, 70, 85, 99, 101]


def repeated(year: list[int]) -> pd.Series:
    """The same year again and again."""
    return pd.Series(np.tile(np.array(year, dtype="float64"), 6), index=MONTHS)


def moved(year: list[int]) -> pd.Series:
    """The same year again and again, and other numbers from START on."""
    series = repeated(year)
    series.loc[START:] = [50.0, 60, 70, 80, 90, 100, 110, 100, 90]
    return series


def under_a_regime(series: pd.Series) -> object:
    exposure = pd.DataFrame({"regime": np.asarray(series.index >= START, dtype=float)}, MONTHS)
    return regimes(series, exposure)


def over_parts(series: pd.Series) -> object:
    random = np.random.default_rng(1)
    others = 100 * np.exp(0.1 * random.standard_normal(len(series)))
    return diversion(pd.DataFrame({"a": series, "b": others}), "a", START)


ASKED: dict[str, Callable[[pd.Series], object]] = {
    "average_effect": lambda series: average_effect(series, START, "2025-05"),
    "counterfactual": lambda series: counterfactual(series, START, "2025-05"),
    "textbook": lambda series: textbook(series, START, "2025-05"),
    "swing": lambda series: swing(series, START),
    "swings": lambda series: swings(series, baseline_end="2025-03"),
    "diversion": over_parts,
}
"""What takes the months to March 2025 as its past."""
WHOLE: dict[str, Callable[[pd.Series], object]] = {
    "breaks": breaks,
    "regimes": under_a_regime,
    "volatility": lambda series: volatility(series, START),
    "null_innovations": lambda series: null_innovations(series, START),
}
"""What takes the whole series."""


@pytest.mark.parametrize("year", [[100] * 12, SEASON], ids=["flat", "seasonal"])
@pytest.mark.parametrize("name", ASKED)
def test_a_past_without_variance_is_refused(name: str, year: list[int]) -> None:
    with pytest.raises(EffectError, match="fit all 63 observed periods exactly; only periods"):
        ASKED[name](moved(year))


@pytest.mark.parametrize("name", WHOLE)
def test_a_series_without_variance_is_refused(name: str) -> None:
    with pytest.raises(EffectError, match="fit all 72 observed periods exactly"):
        WHOLE[name](repeated(SEASON))


@pytest.mark.parametrize("name", ASKED)
def test_a_little_noise_is_enough(name: str) -> None:
    """Of a thousandth of a percent, which a series printed to six digits can hold."""
    noise = 1e-5 * np.random.default_rng(2).standard_normal(len(MONTHS))
    assert ASKED[name](moved(SEASON) * np.exp(noise)) is not None


def half_flat() -> pd.Series:
    """Three years and four months of the same number, then noise."""
    values = 100 * np.exp(0.1 * np.random.default_rng(1).standard_normal(84))
    values[:40] = 100
    return pd.Series(values, index=pd.period_range("2019-01", periods=84, freq="M"))


def test_dates_before_anything_moved_are_no_placebos() -> None:
    """The first sample to hold a month that moved ends in May 2022."""
    found = counterfactual(half_flat(), "2025-07", "2025-08").placebos
    assert str(found.frame.index[0]) == "2022-06"
    assert np.isfinite(found.frame.to_numpy()).all()
    assert found.scale == pytest.approx(np.sqrt((found.frame["t"] ** 2).mean() * (1 + 2 / 36)))


def test_regimes_have_no_placebos_before_anything_moved() -> None:
    series = half_flat()
    exposure = pd.DataFrame({"regime": np.asarray(series.index >= "2025-07", dtype=float)})
    found = regimes(series, exposure.set_axis(series.index))
    dates = len(pd.period_range("2022-05", "2025-06", freq="M"))
    assert f"The errors were checked at {dates} earlier dates." in found.sentence


@pytest.mark.parametrize("factor", [1e-6, 1.0, 1e6])
def test_exactness_is_told_apart_from_noise_at_any_scale(factor: float) -> None:
    design = np.column_stack([np.ones(40), np.arange(40.0)])
    line = factor * design @ np.array([3.0, 0.1])
    assert fits_exactly(line, design)
    assert not fits_exactly(line * (1 + 1e-8 * (-1) ** np.arange(40)), design)
