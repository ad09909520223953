"""The bridge adds up, carries its bounds, and refuses what it cannot split."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from effects import EffectError, bridge
from effects.bridge import alike_base
from hypothesis import given, settings
from hypothesis import strategies as st

MONTHS = pd.PeriodIndex(["2025-08", "2025-09"], freq="M")


def panels(width: float = 0.0) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    value = pd.DataFrame(
        {"WLD": [6146.0, 5774.0], "USA": [590.0, 421.0], "DEU": [900.0, 950.0]}, index=MONTHS
    )
    return value, value - width, value + width


def test_a_bridge_by_hand() -> None:
    result = bridge(*panels(0.5), "2025-09", total="WLD")
    assert list(result.parts.index) == ["USA", "DEU", "others"]
    assert list(result.parts["estimate"]) == [-169.0, 50.0, -253.0]
    assert result.change["estimate"] == -372.0
    # one tonne of width at each end; the remainder carries that of the total and both parts
    assert list(result.parts["upper"] - result.parts["lower"]) == [2.0, 2.0, 6.0]
    assert "From 2025-08 to 2025-09." in result._repr_html_()


def test_a_part_not_observed_stays_in_the_remainder() -> None:
    value, lower, upper = panels()
    value.loc["2025-08", "DEU"] = np.nan
    result = bridge(value, lower, upper, "2025-09", total="WLD")
    assert list(result.parts.index) == ["USA", "others"]
    assert result.parts.loc["others", "estimate"] == -203.0


tonnes = st.floats(min_value=0, max_value=1e4)


@settings(deadline=None, max_examples=50)
@given(st.lists(tonnes, min_size=8, max_size=8), st.floats(min_value=0, max_value=50))
def test_parts_add_up_and_bounds_hold_the_truth(cells: list[float], width: float) -> None:
    parts = pd.DataFrame(np.array(cells).reshape(2, 4), index=MONTHS, columns=list("ABCD"))
    value = parts[["A", "B", "C"]].assign(total=parts.sum(axis="columns"))
    result = bridge(value, value - width, value + width, "2025-09", total="total")
    truth = (parts.loc["2025-09"] - parts.loc["2025-08"]).rename({"D": "others"})
    assert result.parts["estimate"].sum() == pytest.approx(result.change["estimate"], abs=1e-6)
    assert (result.parts["lower"] <= truth[result.parts.index] + 1e-6).all()
    assert (result.parts["upper"] >= truth[result.parts.index] - 1e-6).all()


def test_parts_that_overlap_are_refused() -> None:
    value, _, _ = panels()
    value["EU27"] = [5500.0, 5400.0]
    with pytest.raises(EffectError, match="add up to more than WLD"):
        bridge(value, value, value, "2025-09", total="WLD")


@pytest.mark.parametrize(
    ("asked", "words"),
    [({"total": "XXX"}, "no column 'XXX'"), ({"total": "WLD", "base": "2025-07"}, "not observed")],
)
def test_bad_bridges_are_refused(asked: dict[str, str], words: str) -> None:
    with pytest.raises(EffectError, match=words):
        bridge(*panels(), "2025-09", **asked)


def test_the_base_most_alike_shares_most_parts_then_the_calendar_month_then_is_the_latest() -> None:
    months = pd.period_range("2022-01", "2025-12", freq="M")
    panel = pd.DataFrame(1.0, index=months, columns=["all", "A", "B"])
    panel.loc["2024-06":"2025-08", "B"] = np.nan
    panel.loc["2023-11", "all"] = np.nan

    def base(period: str) -> str:
        return str(alike_base(panel, period, total="all", last="2024-12"))

    assert base("2025-09") == "2023-09"
    assert base("2025-05") == "2024-05"
    assert base("2025-11") == "2022-11"
    with pytest.raises(EffectError, match="no part of all is observed in 2026-02"):
        base("2026-02")
