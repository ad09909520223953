"""The counterfactual against statsmodels, by hand, and on planted effects."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from effects import EffectError, counterfactual
from effects.average import _sum_first
from scipy import stats
from statsmodels.tsa.statespace.structural import UnobservedComponents
from words import months

Series = Callable[..., pd.Series]

WINDOW = ("2025-04", "2025-05")


def test_effects_are_the_coefficients_of_month_dummies(simulate: Series) -> None:
    """The event as diffuse regressors of the whole series: statsmodels, same parameters."""
    series = simulate(4, walk=0.3).loc[: pd.Period("2025-05")]
    result = counterfactual(series, *WINDOW, season="harmonics")
    terms = result.baseline.terms
    dummies = np.zeros((len(series), 2))
    dummies[-2, 0] = dummies[-1, 1] = 1
    fit = result.baseline.fit
    model = UnobservedComponents(
        np.log(series.to_numpy()),
        level="llevel",
        exog=np.column_stack([terms.matrix[:, 1:], dummies]),
        mle_regression=False,
        use_exact_diffuse=True,
    )
    states = model.smooth([(1 - fit.share) * fit.variance, fit.share * fit.variance])
    effects, covariance = states.smoothed_state[-2:, -1], states.smoothed_state_cov[-2:, -2:, -1]
    assert result.window.mean == pytest.approx(effects.mean(), rel=1e-6)
    assert result.window.error == pytest.approx(np.sqrt(covariance.mean()), rel=1e-6)


@pytest.mark.parametrize("cut", [0.25, 0.5, 0.75])
def test_a_planted_effect_comes_back_within_its_interval(simulate: Series, cut: float) -> None:
    series = simulate(7, walk=0.2)
    series.loc["2025-04":"2025-05"] *= 1 - cut
    result = counterfactual(series, *WINDOW, baseline_end="2024-12")
    average = result.table.iloc[0]
    assert average["lower"] < -100 * cut < average["upper"]
    assert average["p_value"] < 0.05
    assert result.recovery.period == pd.Period("2025-06", freq="M")


def test_cumulative_effect_of_a_planted_loss(simulate: Series) -> None:
    series = simulate(11)
    lost = 0.6 * series.loc["2025-04":"2025-05"]
    series.loc[lost.index] -= lost
    table = counterfactual(series, *WINDOW, baseline_end="2024-12").table
    row = table[table["estimand"] == "cumulative effect"].iloc[0]
    assert row["lower"] < -lost.sum() < row["upper"] < 0
    assert row["n_post"] == 2


def test_the_sum_s_share_of_what_was_to_be_expected(simulate: Series) -> None:
    """A loss of nine tenths and one of nothing: of the sum, not of the average month."""
    series = simulate(11)
    series.loc["2025-05"] *= 0.1
    result = counterfactual(series, *WINDOW, baseline_end="2024-12")
    rows = result.table.drop_duplicates("estimand").set_index("estimand")
    lost, share = rows.loc["cumulative effect"], rows.loc["share of the expected sum"]
    observed = series.loc[WINDOW[0] : WINDOW[1]].sum()
    for end in ("estimate", "lower", "upper"):
        assert share[end] == pytest.approx(100 * (observed / (observed - lost[end]) - 1))
    assert rows.loc["average effect", "estimate"] < share["estimate"] - 5
    assert f"{-share['estimate']:.0f} % less than expected" in result.sentence


def test_a_window_that_is_not_over_is_refused(simulate: Series) -> None:
    words = "window ends at 2025-06, after the last observed period 2025-05"
    with pytest.raises(EffectError, match=words):
        counterfactual(simulate(1).loc[:"2025-05"], "2025-04", "2025-06")


def test_a_window_with_a_missing_month_says_so(simulate: Series) -> None:
    series = simulate(3)
    series.loc["2025-04"] = np.nan
    told = counterfactual(series, *WINDOW, baseline_end="2024-12").sentence
    assert told.startswith("From April to May 2025 (1 of 2 months observed) the series lay ")


def test_where_nothing_fell_recovery_took_no_time(simulate: Series) -> None:
    series = simulate(5)
    series.loc["2025-04":] *= 2.5
    table = counterfactual(series, *WINDOW, baseline_end="2024-12").table
    row = table[table["estimand"] == "periods to recovery"].iloc[0]
    assert row["estimate"] == 0


def test_sums_end_with_the_last_month_that_can_be_told(simulate: Series) -> None:
    series = simulate(6)
    lean = pd.DataFrame({"rare": 0.0}, index=series.index)
    lean.loc["2024-06"] = 0.01
    lean.loc["2025-08"] = 1.0
    table = counterfactual(series.loc[:"2025-08"], *WINDOW, regressors=lean).table
    assert table.loc[table["estimand"] == "cumulative effect", "end"].tolist() == [
        "2025-05",
        "2025-07",
    ]


def test_an_upheaval_within_the_baseline_is_no_placebo(simulate: Series) -> None:
    series = simulate(8, gaps=False)
    series.loc["2022-05":"2022-06"] *= 0.6
    upset = counterfactual(series, *WINDOW, baseline_end="2024-12").placebos
    quiet = counterfactual(series, *WINDOW, baseline_end="2024-12", quiet_end="2022-04")
    assert upset.frame["t"].abs().max() > 4 > quiet.placebos.frame["t"].abs().max()
    last = (quiet.placebos.frame.index + 1).max()
    assert last == quiet.quiet_end == pd.Period("2022-04", freq="M")
    assert quiet.placebos.scale < upset.scale


def test_months_joint_error_is_not_the_independent_one(simulate: Series) -> None:
    """With a wandering level forecast errors pile up; independent months would hide it."""
    series = simulate(5, walk=1.0, gaps=False)
    result = counterfactual(series, "2025-01", "2025-12", season="harmonics")
    half = (result.path["effect_upper"] - result.path["effect_lower"]).loc["2025-01":] / 2
    total = result.cumulative.iloc[-1]
    independent = float(np.sqrt((half**2).sum()))
    assert (total["upper"] - total["lower"]) / 2 > 1.5 * independent


def test_stockpiling_counts_in_the_net_sum(simulate: Series) -> None:
    series = simulate(3)
    series.loc["2025-01":"2025-03"] *= 1.5
    series.loc["2025-04":"2025-05"] *= 0.3
    table = counterfactual(series, *WINDOW, baseline_end="2024-12").table
    sums = table[table["end"] == "2025-05"].set_index("estimand")["estimate"]
    assert sums["cumulative effect"] < 0
    assert sums["cumulative effect since the baseline"] > sums["cumulative effect"]


def test_missing_months_are_left_out_not_filled(simulate: Series) -> None:
    series = simulate(3)
    series.loc["2025-04"] = np.nan
    result = counterfactual(series, *WINDOW, baseline_end="2024-12")
    assert result.window.periods == 1
    assert np.isnan(result.path.loc["2025-04", "effect"])
    assert pd.Period("2025-04", freq="M") not in result.cumulative.index


def test_a_later_month_changes_nothing_before_it(simulate: Series) -> None:
    """The counterfactual rests on the baseline alone."""
    series = simulate(9)
    changed = series.copy()
    changed.loc["2025-02":] *= 0.1
    paths = [counterfactual(s, *WINDOW, baseline_end="2024-12").path for s in (series, changed)]
    pd.testing.assert_series_equal(paths[0]["counterfactual"], paths[1]["counterfactual"])


def test_quarters_and_years_work_too() -> None:
    random = np.random.default_rng(2)
    quarters = pd.period_range("2005Q1", "2024Q4", freq="Q")
    series = pd.Series(np.exp(3 + 0.05 * random.standard_normal(80)), index=quarters)
    series.iloc[-2:] *= 0.5
    table = counterfactual(series, "2024Q3", unit="units").table
    assert table["lower"].iloc[0] < -50 < table["upper"].iloc[0]
    years = pd.Series(series.to_numpy(), index=pd.period_range("1900", periods=80, freq="Y"))
    assert counterfactual(years, "1978").baseline.terms.season == "none"


def test_calendar_months_never_seen_cannot_be_told(simulate: Series) -> None:
    series = simulate(6)
    series[series.index.month == 4] = np.nan
    series.loc["2025-04"] = 4000.0
    with pytest.raises(EffectError, match="never saw what 2025-04"):
        counterfactual(series, "2025-04", season="calendar", baseline_end="2024-12")


def test_months_beyond_the_baseline_s_reach_are_named(simulate: Series) -> None:
    """A regressor barely seen in the baseline says nothing of a month that leans on it."""
    series = simulate(6)
    lean = pd.DataFrame({"rare": 0.0}, index=series.index)
    lean.loc["2024-06"] = 0.01
    lean.loc["2025-08"] = 1.0
    result = counterfactual(series, *WINDOW, baseline_end="2024-12", regressors=lean)
    assert result.untold == ("2025-08",)
    assert np.isnan(result.path.loc["2025-08", "counterfactual"])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda s: s.iloc[:0], "0 observed periods; at least 8"),
        (lambda s: s * np.nan, "0 observed periods"),
        (lambda s: s * 0 + 5.0, "a constant series"),
        (lambda s: s - s.max(), "need numbers above zero"),
        (lambda s: s.loc["2024-01":], "the baseline has"),
        (lambda s: s.loc[:"2025-03"], "after the last observed period 2025-03"),
        (lambda s: s.set_axis(s.index.astype(str)), "a PeriodIndex is needed"),
        (lambda s: pd.concat([s, s.iloc[-1:]]), "comes twice"),
        (lambda s: s.replace(s.iloc[0], np.inf), "infinite"),
    ],
)  # fmt: skip
def test_bad_series_are_refused(simulate: Series, change, words: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(EffectError, match=words):
        counterfactual(change(simulate(1)), *WINDOW, baseline_end="2024-12")


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"start": "2025-04", "end": "2025-03"}, "baseline_end < start <= end"),
        ({"start": "2025-04", "baseline_end": "2025-04"}, "baseline_end < start <= end"),
        ({"start": "2010-01"}, "the series only at 2016-06"),
        ({"start": "2031-01"}, "after the last observed period 2025-12"),
        ({"start": "spring"}, "needs a period such as"),
        ({"start": "2025-04", "level": 1.5}, "level is 1.5"),
    ],
)
def test_bad_windows_are_refused(simulate: Series, asked: dict[str, str], words: str) -> None:
    with pytest.raises(EffectError, match=words):
        counterfactual(simulate(1), **asked)


def test_regressors_must_cover_the_series(simulate: Series) -> None:
    series = simulate(1)
    short = pd.DataFrame({"holiday": 0.5}, index=series.index[:-3])
    with pytest.raises(EffectError, match="'holiday' has no value at 2025-10"):
        counterfactual(series, *WINDOW, regressors=short)


def test_the_sentence_is_made_from_the_table(simulate: Series) -> None:
    series = simulate(7)
    series.loc["2025-04":"2025-05"] *= 0.4
    result = counterfactual(series, *WINDOW, baseline_end="2024-12", name="exports")
    average = result.table.iloc[0]
    assert f"exports lay on average {-average['estimate']:.0f} % below" in result.sentence
    assert "was April 2025; recovery began in June 2025: three months running" in result.sentence


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        ("2025-04", "2025-04", "April 2025"),
        ("2025-04", "2025-05", "April to May 2025"),
        ("2025-10", "2026-03", "October 2025 to March 2026"),
        ("2025Q1", "2025Q2", "2025Q1 to 2025Q2"),
    ],
)
def test_spans_as_a_reader_says_them(start: str, end: str, words: str) -> None:
    frequency = "Q" if "Q" in start else "M"
    assert months(pd.Period(start, freq=frequency), pd.Period(end, freq=frequency)) == words


def test_the_minimum_detectable_fall_is_two_quantiles_of_the_scaled_error() -> None:
    """From the printed interval: its half-width is t(0.975) errors, the fall t(0.975) + t(0.8)."""
    months = pd.period_range("2018-01", periods=80, freq="M")
    noise = 0.05 * np.random.default_rng(11).standard_normal(80)
    found = counterfactual(pd.Series(np.exp(8 + noise), months), "2024-07", "2024-08")
    row = found.table.iloc[0]
    half = (np.log1p(row["upper"] / 100) - np.log1p(row["lower"] / 100)) / 2
    free = found.baseline.fit.free
    error = half / stats.t.ppf(0.975, free)
    least = half + error * stats.t.ppf(0.80, free)
    assert found.minimum_detectable == pytest.approx(100 * np.expm1(-least))
    lower, upper = (np.log1p(end / 100) for end in found.interval90)
    assert (upper - lower) / 2 == pytest.approx(error * stats.t.ppf(0.95, free))


@pytest.mark.parametrize("count", [1, 2, 7])
def test_the_root_of_the_draws_is_one_whatever_the_signs(count: int) -> None:
    """Times its transpose it is the covariance, and its first column alone moves the sum."""
    times = np.arange(count) + 4.0
    covariance = 0.3 * np.minimum.outer(times, times) + 0.7 * np.eye(count) + 0.1
    root = _sum_first(covariance)
    assert root @ root.T == pytest.approx(covariance)
    assert root.sum(axis=0)[1:] == pytest.approx(np.zeros(count - 1))
    assert root[:, 0].sum() ** 2 == pytest.approx(covariance.sum())
