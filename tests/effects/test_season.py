"""The rule that chooses the season looks at dates only, and a season asked for is never dropped."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from effects import (
    EffectError,
    EffectResult,
    average_effect,
    counterfactual,
    swing,
    volatility,
)
from effects.season import Season, choose_terms, season_terms


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


def made(index: pd.PeriodIndex, seed: int = 3) -> pd.Series:
    """A wave of the year by date, of half its level, and noise of 5 %."""
    days = (index.start_time - index.start_time[0]) / pd.Timedelta(days=1)
    year = 0.5 * np.sin(2 * np.pi * np.asarray(days) / 365.2425)
    noise = np.random.default_rng(seed).normal(0, 0.05, len(index))
    return pd.Series(np.exp(8 + year + noise), index=index)


def test_weeks_take_the_waves_of_the_year_by_date() -> None:
    """With the true wave as regressors the effect is −1.0 % (−4.5 to +2.6): nothing happened."""
    series = made(pd.period_range("2018-01-01", periods=300, freq="W"))
    start = series.index[-7]
    auto, asked = (counterfactual(series, start, season=season) for season in ("auto", "harmonics"))
    row = auto.table.iloc[0]
    assert (row["estimate"], row["lower"], row["upper"]) == pytest.approx((-1.0, -4.5, 2.6), abs=1)
    assert auto.baseline.terms.names == ("level", "cosine 1", "sine 1", "cosine 2", "sine 2")
    assert auto.cautions == ()
    pd.testing.assert_frame_equal(auto.table, asked.table)


def test_the_waves_keep_to_the_date_in_years_of_53_weeks() -> None:
    weeks = pd.period_range("2004-01-05", "2024-12-30", freq="W")
    first = season_terms(weeks, "harmonics")["cosine 1"].to_numpy()
    middle = np.asarray([week.start_time.day_of_year + 3 for week in weeks])
    np.testing.assert_allclose(first, np.cos(2 * np.pi * middle / 365.25), atol=0.04)


def test_days_have_weekdays_beside_the_waves() -> None:
    days = pd.period_range("2021-01-01", periods=1100, freq="D")
    series = made(days) * np.where(np.asarray(days.day_of_week) == 6, 0.5, 1.0)
    found = average_effect(series, days[-14])
    row = found.table.iloc[0]
    assert row["lower"] < 0 < row["upper"]
    assert row["upper"] - row["lower"] < 12
    names = choose_terms(days, days, None).names
    assert names[:7] == tuple(f"weekday {i}" for i in range(1, 8))


@pytest.mark.parametrize("estimator", [counterfactual, swing, volatility])
def test_auto_says_where_it_took_no_season_out(estimator: Callable[..., EffectResult]) -> None:
    weeks = pd.period_range("2023-01-02", periods=90, freq="W")
    found = estimator(made(weeks), weeks[-10])
    assert found.cautions[0].startswith("No season was taken out: the baseline spans 1.")
    assert found.cautions[0] in found.sentence
    years = pd.period_range("1960", periods=50, freq="Y")
    assert not any("season" in told for told in estimator(made(years), years[-8]).cautions)


@pytest.mark.parametrize(
    ("frequency", "count", "season", "says"),
    [
        ("Y", 60, "calendar", "a year has no season; ask for season='none'"),
        ("Y", 60, "harmonics", "a year has no season; ask for season='none'"),
        ("W", 300, "calendar", "weeks take season 'harmonics', by date"),
        ("D", 900, "calendar", "days take season 'harmonics', by date"),
        ("W", 80, "harmonics", "the baseline spans 1.4 years of at least 2 that are needed"),
        ("h", 900, "harmonics", "made for months, quarters, weeks and days, not for h"),
    ],
)
def test_a_season_that_cannot_be_had_is_refused(
    frequency: str, count: int, season: Season, says: str
) -> None:
    index = pd.period_range("1960-01-01", periods=count, freq=frequency)
    with pytest.raises(EffectError, match=f"season '{season}' cannot be had: .*{says}"):
        average_effect(made(index), index[-5], season=season)
    assert average_effect(made(index), index[-5], season="none") is not None
