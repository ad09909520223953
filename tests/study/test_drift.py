"""The counterfactual with a drift: planted growth is found, and late sums rest on it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from effects import Counterfactual
from effects.regimes import Policy, Regime

from analysis.answer import attempt, fit_effect
from analysis.study import Study

STUDY = Study(end="2025-05", baseline_end="2024-12")
POLICY = Policy([Regime("licensing", pd.Timestamp(2025, 1, 1), None)])


def growing(rate: float) -> pd.Series:
    """Months from 2019 that grow by `rate` a year, half lost in April and May 2025."""
    months = pd.period_range("2019-01", "2026-03", freq="M")
    noise = 0.03 * np.random.default_rng(5).standard_normal(len(months))
    series = pd.Series(
        4000 * (1 + rate) ** (np.arange(len(months)) / 12) * np.exp(noise), index=months
    )
    series.loc["2025-04":"2025-05"] *= 0.5
    return series


@pytest.fixture(scope="module")
def drifting() -> Counterfactual:
    return fit_effect(STUDY, growing(0.12), POLICY, drift=True)


def test_planted_growth_is_found(drifting: Counterfactual) -> None:
    assert drifting.drift is not None
    assert drifting.drift.estimate == pytest.approx(12, abs=1)


def test_a_late_net_sum_is_lower_with_growth_that_goes_on(drifting: Counterfactual) -> None:
    """Without growth to be expected, the year after seems to make the loss good."""
    steady = fit_effect(STUDY, growing(0.12), POLICY)
    with_growth, without = (found.cumulative["estimate"].iloc[-1] for found in (drifting, steady))
    assert with_growth < without


def test_a_baseline_too_short_for_a_drift_is_not_told() -> None:
    found, why = attempt(fit_effect, STUDY, growing(0.1)["2024-01":], POLICY, drift=True)
    assert found is None
    assert "baseline has 12 observed periods" in why
