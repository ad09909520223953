"""Magnets among other goods: which count, over how many years, and what was lost, by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from ledger.printed import in_millions

from analysis.goods import MAGNETS, PART, WHOLE, goods_changes, licensed_in, own_window
from analysis.study import Goods


def test_a_window_and_the_months_before_it_by_hand() -> None:
    """January to March are the three months before April and May."""
    window = own_window(Goods())
    assert [str(month) for month in window.base] == ["2025-01", "2025-02", "2025-03"]
    assert [str(month) for month in window.months] == ["2025-04", "2025-05"]


@pytest.fixture
def bulletin() -> pd.DataFrame:
    """Three years in which magnets, 90 tonnes, halve in 2025 and lose a fifth of that in 2026."""
    shrunk = {2024: 1.0, 2025: 0.5, 2026: 0.4}
    change = {2024: 0.0, 2025: -50.0, 2026: -20.0}
    kinds = {WHOLE: (100, "export licence since 4 April 2025"), "Toys": (7, "")}
    kinds[PART] = (10, "export licence since 4 April 2025")
    rows = [
        {
            "month": month,
            "line": line,
            "control": control,
            "is_leaf": line != WHOLE,
            "quantity": tonnes * shrunk[month.year],
            "pct_change_year_quantity": change[month.year],
        }
        for month in pd.date_range("2024-01", "2026-12", freq="MS")
        for line, (tonnes, control) in kinds.items()
    ]
    return pd.DataFrame(rows)


def test_a_whole_never_counts_and_its_part_only_with_controlled_goods(
    bulletin: pd.DataFrame,
) -> None:
    assert set(goods_changes(bulletin, "quantity", with_controlled=False)) == {"Toys", MAGNETS}
    with_them = goods_changes(bulletin, "quantity", with_controlled=True)
    assert set(with_them) == {"Toys", MAGNETS, PART}


def test_changes_on_two_years_before_do_not_see_the_fall_of_the_year_between(
    bulletin: pd.DataFrame,
) -> None:
    """2026 stands at 0.4 of 2024: log 0.4, and the first year has no such change."""
    one = goods_changes(bulletin, "quantity", with_controlled=False)
    two = goods_changes(bulletin, "quantity", with_controlled=False, years=2)
    assert np.exp(one[MAGNETS].loc["2026-05"]) == pytest.approx(0.8)
    assert np.exp(two[MAGNETS].loc["2026-05"]) == pytest.approx(0.4)
    assert two.index[0] == pd.Period("2025-01", freq="M")


def test_goods_licensed_in_the_window_are_told_by_their_dates(bulletin: pd.DataFrame) -> None:
    assert licensed_in(bulletin, Goods()) == [MAGNETS, PART]
    assert licensed_in(bulletin, Goods(start="2025-06", end="2025-06")) == [MAGNETS]


def test_a_loss_in_dollars_is_tonnes_at_the_printed_values() -> None:
    """1,000 tonnes at 40 to 50 dollars a kilogram: 45 million, from 500 t × 40 to 2,000 t × 50."""
    tonnes = pd.Series({"estimate": -1000.0, "lower": -2000.0, "upper": -500.0})
    values = pd.Series([40.0, 50.0])
    assert in_millions(tonnes, values) == pytest.approx((45, 20, 100))
    assert in_millions(-tonnes, values) == pytest.approx((45, 20, 100))
