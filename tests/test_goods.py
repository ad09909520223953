"""Magnets among other goods: what a kilogram was worth before and in the window."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.goods import compare_means
from analysis.study import Goods


def test_means_before_and_in_the_window_by_hand() -> None:
    """January to March are the three months before April and May: means 2 and 4.5."""
    months = pd.period_range("2024-12", "2025-05", freq="M")
    series = pd.Series([100.0, 1, 2, 3, 4, 5], index=months)
    assert compare_means(series, Goods()) == (2.0, 4.5)


def test_a_missing_month_leaves_no_mean() -> None:
    months = pd.period_range("2025-01", "2025-05", freq="M")
    series = pd.Series([1, np.nan, 3, 4, 5], index=months)
    before, inside = compare_means(series, Goods())
    assert np.isnan(before)
    assert inside == 4.5
