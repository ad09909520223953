"""The counterfactual with a drift: planted growth is found, and late sums rest on it."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
from effects import counterfactual

from analysis.headline.drift import compare_drift, with_drift
from analysis.study import Study

STUDY = Study(end="2025-05", baseline_end="2024-12")


def growing(rate: float) -> tuple[pd.Series, pd.DataFrame]:
    """Months from 2019 that grow by `rate` a year, half lost in April and May 2025."""
    months = pd.period_range("2019-01", "2026-03", freq="M")
    noise = 0.03 * np.random.default_rng(5).standard_normal(len(months))
    series = pd.Series(
        4000 * (1 + rate) ** (np.arange(len(months)) / 12) * np.exp(noise), index=months
    )
    series.loc["2025-04":"2025-05"] *= 0.5
    return series, pd.DataFrame(index=months)


def told(rate: float) -> str:
    series, nothing = growing(rate)
    effect = counterfactual(series, STUDY.start, STUDY.end, baseline_end=STUDY.baseline_end)
    return compare_drift(effect, series, nothing, STUDY)


def test_planted_growth_is_found() -> None:
    found = re.search(r"puts at \+(\d+) % a year", told(0.12))
    assert found
    assert int(found[1]) == pytest.approx(12, abs=1)


def test_years_are_counted_from_the_first_month() -> None:
    _, nothing = growing(0.1)
    assert with_drift(nothing)["drift"].iloc[[0, 12, 24]].tolist() == [0, 1, 2]


def test_a_late_net_sum_is_lower_with_growth_that_goes_on() -> None:
    """Without growth to be expected, the year after seems to make the loss good."""
    found = re.search(
        r"baseline is (\S+) tonnes by March 2026 .* instead of (\S+?);? ?\.", told(0.12)
    )
    assert found
    with_growth, without = (
        float(number.replace("−", "-").replace(",", "")) for number in found.groups()
    )
    assert with_growth < without


def test_a_baseline_too_short_for_a_drift_says_so() -> None:
    series, nothing = growing(0.1)
    short, few = series.loc["2023-07":], nothing.loc["2023-07":]
    effect = counterfactual(short, STUDY.start, STUDY.end, baseline_end=STUDY.baseline_end)
    sparse = few.assign(one=np.sin(np.arange(len(few))))
    assert compare_drift(effect, short, sparse, STUDY).startswith("A drift cannot be told")
