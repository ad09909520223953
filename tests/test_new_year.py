"""Lunar New Year: published dates, shares by hand, centring."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest
from effects import EffectError
from effects.season import holiday_shares

from analysis.regressors import SPAN, calm_regressors, new_year_dates, new_year_regressors

PUBLISHED = {
    2013: (2, 10), 2014: (1, 31), 2015: (2, 19), 2016: (2, 8), 2017: (1, 28), 2018: (2, 16),
    2019: (2, 5), 2020: (1, 25), 2021: (2, 12), 2022: (2, 1), 2023: (1, 22), 2024: (2, 10),
    2025: (1, 29), 2026: (2, 17),
}  # fmt: skip
"""Hong Kong Observatory, Gregorian-Lunar Calendar Conversion Table."""


def test_dates_are_the_published_ones() -> None:
    expected = [date(year, *day) for year, day in PUBLISHED.items()]
    assert new_year_dates(2013, 2026) == expected


def test_shares_of_2023_by_hand() -> None:
    """New Year on 22 January: of the 15 days from it ten fall in January, five in February.

    Another year without any halves what is left of the mean, 5/15 and 2.5/15.
    """
    months = pd.period_range("2023-01", "2024-12", freq="M")
    shares = holiday_shares([date(2023, 1, 22)], 0, 14, months)
    assert shares["2023-01":"2023-02"].to_list() == pytest.approx([5 / 15, 2.5 / 15])
    assert shares["2024-01":"2024-02"].to_list() == pytest.approx([-5 / 15, -2.5 / 15])
    before = holiday_shares([date(2023, 1, 22)], -15, -1, months)
    assert before["2023-01"] == pytest.approx(1 / 2)


def test_regressors_are_centred_by_calendar_month() -> None:
    span = pd.period_range(f"{SPAN[0]}-01", f"{SPAN[1]}-12", freq="M")
    frame = new_year_regressors(span)
    means = frame.groupby(span.month).mean().to_numpy()
    np.testing.assert_allclose(means, 0, atol=1e-12)
    # what moves between months adds to nothing over a year, but for the average split
    yearly = frame.groupby(span.year).sum().to_numpy()
    np.testing.assert_allclose(yearly, 0, atol=1e-9)


def test_summer_is_untouched() -> None:
    summer = new_year_regressors(pd.period_range("2025-04", "2025-11", freq="M"))
    assert (summer == 0).all(axis=None)


def test_only_months_within_the_calendar() -> None:
    with pytest.raises(EffectError, match="need months"):
        new_year_regressors(pd.period_range("2020Q1", periods=4, freq="Q"))
    with pytest.raises(EffectError, match="1950 to 2049 only"):
        new_year_regressors(pd.period_range("2049-06", periods=12, freq="M"))


def test_a_baseline_takes_out_the_new_year_where_it_knows_enough_of_it() -> None:
    """Of three years all; of one or two nothing; of none what says that winter is not known."""
    months = pd.period_range("2019-01", "2025-05", freq="M")
    for years, columns, march in ((3, 2, True), (2, 0, False), (1, 0, False), (0, 2, False)):
        series = pd.Series(1.0, months)
        series[(months.month <= 2) & (months.year >= 2019 + years)] = np.nan
        found = calm_regressors(series, "2024-12")
        assert (found.shape[1], bool(found[months.month == 3].any(axis=None))) == (columns, march)
        winter = new_year_regressors(months)[months.month <= 2]
        assert not columns or found[months.month <= 2].equals(winter)
