"""The rule that chooses the season looks only at which periods are observed."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from effects import EffectError
from effects.season import choose_terms, season_terms


def chosen(months: pd.PeriodIndex) -> str:
    return choose_terms(months, pd.period_range(months[0], months[-1]), None).season


def test_every_calendar_month_seen_takes_calendar_effects() -> None:
    assert chosen(pd.period_range("2020-01", periods=24, freq="M")) == "calendar"


def test_a_calendar_month_never_seen_takes_harmonics() -> None:
    months = pd.period_range("2018-01", "2024-12", freq="M")
    assert chosen(months[months.month != 2]) == "harmonics"


def test_few_months_take_harmonics_and_fewer_none() -> None:
    assert chosen(pd.period_range("2020-01", periods=23, freq="M")) == "harmonics"
    with pytest.raises(EffectError, match="has 16 observed periods; at least 17 are needed"):
        chosen(pd.period_range("2020-01", periods=16, freq="M"))


def test_calendar_effects_contain_the_harmonics() -> None:
    index = pd.period_range("2020-01", periods=36, freq="M")
    calendar, waves = season_terms(index, "calendar"), season_terms(index, "harmonics")
    both = np.column_stack([calendar, waves])
    assert waves.shape[1] == 5
    assert np.linalg.matrix_rank(both) == calendar.shape[1] == 12
