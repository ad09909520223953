"""The rank among other units, against numbers that can be checked by hand."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from effects.ranks import Window, rank_among, rank_windows
from effects.results import EffectError

MONTHS = pd.period_range("2024-01", periods=12, freq="M")
BASE, WINDOW = MONTHS[6:8], MONTHS[8:9]


@pytest.fixture
def changes() -> pd.DataFrame:
    """A unit that falls by 0.8 in the window; one that alternates by 0.1; one that never moves."""
    hit = np.zeros(12)
    hit[8] = -0.8
    wave = np.tile([0.1, -0.1], 6)
    noisy = np.arange(12) % 3 * 0.3
    return pd.DataFrame({"hit": hit, "wave": wave, "noisy": noisy}, index=MONTHS)


def test_change_is_the_window_less_the_base(changes: pd.DataFrame) -> None:
    found = rank_among(changes, "hit", BASE, WINDOW)
    assert found.table.loc["hit", "change"] == pytest.approx(-0.8)
    assert found.table.loc["wave", "change"] == pytest.approx(0.1)
    assert found.table.loc["noisy", "change"] == pytest.approx(0.6 - (0.0 + 0.3) / 2)


def test_rank_and_p_value_count_the_units_at_least_as_far(changes: pd.DataFrame) -> None:
    found = rank_among(changes, "hit", BASE, WINDOW)
    assert (found.rank("change"), found.p_value("change")) == (1, pytest.approx(1 / 3))
    least = rank_among(changes, "wave", BASE, WINDOW)
    assert (least.rank("change"), least.p_value("change")) == (3, 1.0)


def test_error_is_that_of_dates_that_keep_clear_of_the_window(changes: pd.DataFrame) -> None:
    """Base and window take places 6 to 8; moves −6 to −1 and 3 touch place 8 no more."""
    found = rank_among(changes, "hit", BASE, WINDOW)
    assert found.dates == 7
    assert found.table.loc["wave", "error"] == pytest.approx(0.1)
    assert found.table.loc["hit", "error"] == 0
    assert math.isinf(found.table.loc["hit", "score"])


def test_units_with_a_gap_are_left_out(changes: pd.DataFrame) -> None:
    changes.loc[MONTHS[2], "noisy"] = np.nan
    assert "noisy" not in rank_among(changes, "hit", BASE, WINDOW).table.index


def test_what_cannot_be_ranked_is_refused(changes: pd.DataFrame) -> None:
    with pytest.raises(EffectError, match="tin is not known in every month"):
        rank_among(changes, "tin", BASE, WINDOW)
    with pytest.raises(EffectError, match="2025-01 is not among the months, 2024-01 to 2024-12"):
        rank_among(changes, "hit", BASE, pd.period_range("2025-01", "2025-01", freq="M"))
    with pytest.raises(EffectError, match="only 2 other dates are left; at least 4 are needed"):
        rank_among(changes.iloc[4:10], "hit", BASE, WINDOW)


def test_windows_that_can_be_told_have_a_row_each_on_as_many_years_before_as_they_need() -> None:
    """The hit's −0.8 is −55 %; a window of the next year is asked of changes over two years."""
    months = pd.period_range("2024-01", periods=24, freq="M")
    hit = np.where(months >= "2024-09", -0.8, 0.0)
    frame = pd.DataFrame({"hit": hit, "still": 0.0, "other": 0.0}, index=months)
    asked: list[int] = []

    def changes(years: int) -> pd.DataFrame:
        asked.append(years)
        return frame

    ends = [("2024-09", "2024-09"), ("2025-09", "2025-10"), ("2026-01", "2026-01")]
    base_end = pd.Period("2024-08", freq="M")
    windows = [Window(*(pd.Period(end, freq="M") for end in two), base_end) for two in ends]
    table = rank_windows(changes, "hit", windows)
    assert asked == [1, 2, 2]
    assert table["start"].tolist() == ["2024-09", "2025-09"]
    assert table["change_pct"].tolist() == pytest.approx([100 * math.expm1(-0.8)] * 2)
    assert table[["rank", "units"]].to_numpy().tolist() == [[1, 3], [1, 3]]
    rank_windows(changes, "hit", windows[::-1])
    assert asked[3:] == [2, 2, 1]  # the first is the earliest, wherever it stands
