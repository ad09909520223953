"""Where an estimator would be blind it says so: drift, an earlier event, values below zero."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from effects import (
    EffectError,
    EffectResult,
    average_effect,
    breaks,
    counterfactual,
    panel,
    swing,
    swings,
    synthetic_control,
    volatility,
)
from effects.baseline import find_drift, fit_baseline, pick_donors
from effects.inversion import conformal
from effects.samples import Points, Scale, observed_points
from effects.season import DRIFT, choose_terms, make_terms

MONTHS = pd.period_range("2018-01", periods=84, freq="M")
Asked = Callable[..., EffectResult]


def growing(rate: float = 0.01, seed: int = 1, noise: float = 0.05) -> pd.Series:
    """Months that grow by `rate` each and have a season."""
    drawn = noise * np.random.default_rng(seed).standard_normal(len(MONTHS))
    season = 0.2 * np.sin(2 * np.pi * np.asarray(MONTHS.month) / 12)
    return pd.Series(np.exp(6 + rate * np.arange(84.0) + season + drawn), index=MONTHS)


ASKED: dict[str, Asked] = {
    "average_effect": lambda s, **a: average_effect(s, "2024-05", **a),
    "counterfactual": lambda s, **a: counterfactual(s, "2024-05", **a),
    "volatility": lambda s, **a: volatility(s, "2023-01", **a),
    "breaks": lambda s, **a: breaks(s, **a),
}


@pytest.mark.parametrize("name", ASKED)
def test_a_drift_that_is_not_modelled_is_said(name: str) -> None:
    found = ASKED[name](growing())
    assert [told for told in found.cautions if told.startswith("There is a drift (+12.")]
    assert found.sentence.endswith(found.cautions[-1])
    assert not ASKED[name](growing(), drift=True).cautions
    assert not [told for told in ASKED[name](growing(0.0)).cautions if "drift" in told]


def test_the_drift_is_that_of_least_squares_where_nothing_wanders() -> None:
    """ln y = a + b t, white noise, season none: slope and p-value of scipy's regression."""
    from scipy import stats

    series = growing()
    points = observed_points(np.log(series))
    terms = make_terms(MONTHS, None, "none")
    found = find_drift(points, terms, Scale("tonnes"))
    assert found is not None
    fit = fit_baseline(points, terms.with_drift()).fit
    if fit.share == 0:
        line = stats.linregress(np.arange(84) / 12, points.values)
        assert found.estimate == pytest.approx(100 * np.expm1(line.slope), rel=1e-9)
        assert found.p_value == pytest.approx(line.pvalue, rel=1e-6)
    assert find_drift(points, choose_terms(MONTHS, MONTHS, None, drift=True), Scale("t")).modelled  # type: ignore[union-attr]


def test_a_drift_given_as_a_regressor_is_not_tested_again() -> None:
    own = pd.DataFrame({"time": np.arange(84.0)}, index=MONTHS)
    found = counterfactual(growing(), "2024-05", regressors=own)
    assert found.drift is None
    asked = counterfactual(growing(), "2024-05", drift=True)
    pd.testing.assert_frame_equal(found.table.iloc[:3], asked.table.iloc[:3], rtol=1e-6)


def test_with_a_drift_growth_is_no_effect() -> None:
    """Eight months ahead 1 % a month is a bias of some 4 %: every miss is upward without it."""
    plain, drifting = [
        [average_effect(growing(seed=seed), "2024-05", drift=d).table.iloc[0] for seed in range(12)]
        for d in (False, True)
    ]
    assert np.mean([row["estimate"] for row in plain]) > 3
    assert abs(np.mean([row["estimate"] for row in drifting])) < 2
    widths = [np.mean([row["upper"] - row["lower"] for row in rows]) for rows in (plain, drifting)]
    assert widths[1] < widths[0]


def test_a_refusal_names_the_drift_that_widens_the_forecast() -> None:
    steep = growing(0.12, noise=0.02)
    with pytest.raises(EffectError, match=r"its drift \(\+3.* a year, p < 0.001\) is taken for w"):
        counterfactual(steep, "2023-06", "2024-12", baseline_end="2021-12")
    assert counterfactual(steep, "2023-06", "2024-12", baseline_end="2021-12", drift=True)


def test_drift_is_a_term_in_years() -> None:
    terms = choose_terms(MONTHS, MONTHS, None, drift=True)
    assert terms.names[-1] == DRIFT
    assert terms.matrix[[0, 12, 24], -1].tolist() == [0, 1, 2]
    weeks = pd.period_range("2018-01-01", periods=300, freq="W")
    assert make_terms(weeks, None, "none", True).matrix[-1, -1] == pytest.approx(299 * 7 / 365.2425)


def test_an_earlier_event_that_makes_the_interval_wide_is_named() -> None:
    upset = growing(0.0)
    upset.loc["2022-06":] *= 0.6
    found = counterfactual(upset, "2024-05", "2024-07")
    assert found.placebos.dominant is not None
    assert abs(found.placebos.dominant.ordinal - pd.Period("2022-06", "M").ordinal) <= 2
    with pytest.raises(EffectError, match=r"because of one earlier date, 2022-0\d"):
        counterfactual(upset, "2024-05", "2024-12", baseline_end="2023-05")
    assert f"because of one earlier date, {found.placebos.dominant}" in found.sentence
    step = pd.DataFrame({"event": np.asarray(MONTHS >= "2022-06", dtype=float)}, MONTHS)
    mended = counterfactual(upset, "2024-05", "2024-07", regressors=step)
    assert mended.placebos.dominant is None
    assert mended.minimum_detectable > found.minimum_detectable
    assert counterfactual(growing(0.0), "2024-05", "2024-07").placebos.dominant is None


def net_flow(seed: int = 2) -> pd.Series:
    """Numbers about zero with a season of 3 and noise of 1."""
    drawn = np.random.default_rng(seed).standard_normal(84)
    return pd.Series(3 * np.sin(2 * np.pi * np.asarray(MONTHS.month) / 12) + drawn, index=MONTHS)


def test_numbers_below_zero_are_taken_without_logs() -> None:
    flow = net_flow()
    flow.loc["2024-05":"2024-07"] -= 6
    with pytest.raises(EffectError, match=r"found -.*logs=False"):
        counterfactual(flow, "2024-05", "2024-07")
    found = counterfactual(flow, "2024-05", "2024-07", logs=False, unit="bn")
    row = found.table.iloc[0]
    assert (row["unit"], row["estimate"]) == ("bn", pytest.approx(-6, abs=1.5))
    assert row["lower"] < -6 < row["upper"] < 0
    total = found.table.set_index("estimand").loc["cumulative effect"].iloc[0]
    assert total["estimate"] == pytest.approx(3 * row["estimate"], abs=0.2)
    assert set(found.table["unit"]) == {"bn", "periods"}
    assert " bn below normal, judged by the months" in found.sentence
    assert found.path["effect_pct"].isna().all()
    assert found.minimum_detectable == pytest.approx(-2, abs=1.5)
    assert average_effect(flow, "2024-05", "2024-07", logs=False).table["lower"].iloc[0] == (
        pytest.approx(row["lower"])
    )


def test_effects_without_logs_grow_with_the_unit_and_ignore_the_level() -> None:
    flow = net_flow()
    flow.loc["2024-05":] -= 6
    one, other = (
        counterfactual(series, "2024-05", logs=False).table[["estimate", "lower", "upper"]].iloc[:1]
        for series in (flow, 100 + 10 * flow)
    )
    np.testing.assert_allclose(10 * one, other, rtol=1e-6)


def test_swings_volatility_and_breaks_take_numbers_below_zero() -> None:
    flow = net_flow()
    found = swing(flow, "2024-06", logs=False, unit="bn")
    assert found.table["unit"].tolist() == ["bn", "bn"]
    assert found.swings.columns[:3].tolist() == ["change", "expected", "residual"]
    assert found.swings["change"].loc["2024-06"] == pytest.approx(flow["2024-06"] - flow["2024-05"])
    assert swings(flow, baseline_end="2024-05", logs=False)["unusual"].mean() < 0.2
    moved = flow.copy()
    moved.loc["2022-01":] += 5
    table = breaks(moved, logs=False, unit="bn").table
    assert table[["start", "unit"]].to_numpy().tolist() == [["2022-01", "bn"]]
    assert table["estimate"].iloc[0] == pytest.approx(5, abs=1)
    louder = flow.where(MONTHS < "2023-01", 3 * flow)
    assert volatility(louder, "2023-01", logs=False, season="none").table["unit"].iloc[0] == "%"


def two_units(gap: np.ndarray) -> pd.DataFrame:
    donor = np.random.default_rng(5).standard_normal(len(gap))
    index = pd.period_range("2022-01", periods=len(gap), freq="M")
    return pd.DataFrame({"A": donor + gap, "B": donor}, index=index) + 10


def test_one_donor_over_time_by_hand() -> None:
    """Its weight is one, so residuals are the gaps less their mean; the last two are largest."""
    gap = np.array([1.0, -1, 0.5, -0.5, 1, -1, 0.2, -0.2, 0.3, -0.3, 1, -1, 0, 0, 4, 5])
    found = synthetic_control(two_units(gap), "A", "2023-03", logs=False)
    row = found.table.iloc[1]
    assert row["estimator"] == "synthetic control, permutation over time"
    assert row["p_value"] == pytest.approx(1 / 16)
    assert row["estimate"] == found.table["estimate"].iloc[0] == pytest.approx(4.5)
    ranked = gap.copy()
    ranked[-2:] = [0.2, -0.1]
    size = np.abs(ranked - ranked.mean())
    blocks = [size[[i, (i + 1) % 16]].mean() for i in range(16)]
    by_hand = np.mean(np.array(blocks) >= blocks[14] - 1e-12)
    table = synthetic_control(two_units(ranked), "A", "2023-03", logs=False).table
    assert table["p_value"].iloc[1] == pytest.approx(by_hand)


def test_few_donors_find_and_miss_as_often_as_they_should() -> None:
    """Five donors with a common factor: ranks among units can say nothing, those over time can."""
    random, falls, p_values = np.random.default_rng(9), [], []
    index = pd.period_range("2021-01", periods=48, freq="M")
    for _ in range(120):
        common = np.cumsum(random.standard_normal(48))[:, None]
        frame = pd.DataFrame(common + random.standard_normal((48, 6)), index, list("ABCDEF")) + 100
        p_values.append(
            synthetic_control(frame, "A", "2024-10", logs=False).table["p_value"].iloc[1]
        )
        frame.loc["2024-10":, "A"] -= 4
        falls.append(synthetic_control(frame, "A", "2024-10", logs=False).table["p_value"].iloc[1])
    assert 0.01 <= np.mean(np.array(p_values) <= 0.05) <= 0.10
    assert np.mean(np.array(falls) <= 0.05) > 0.8


def test_picked_donors_are_a_caution() -> None:
    values = 100 * np.exp(0.1 * np.random.default_rng(3).standard_normal((60, 8)))
    frame = pd.DataFrame(values, pd.period_range("2021-01", periods=60, freq="M"), list("ABCDEFGH"))
    found = synthetic_control(frame, "A", "2025-05", donors=["B", "C", "D"])
    assert found.cautions[0].startswith("3 of 7 units were picked as donors")
    assert found.cautions[0] in found.sentence
    assert not [t for t in synthetic_control(frame, "A", "2025-05").cautions if "picked" in t]


def test_treated_units_that_grow_unlike_others_are_a_caution() -> None:
    drawn = 0.1 * np.random.default_rng(3).standard_normal((60, 12))
    index = pd.period_range("2021-01", periods=60, freq="M")
    frame = pd.DataFrame(100 * np.exp(drawn), index, list("ABCDEFGHIJKL"))
    assert panel(frame, "A", "2025-05").cautions == ()
    frame["A"] *= np.exp(0.02 * np.arange(60))
    found = panel(frame, "A", "2025-05")
    assert found.cautions[0].startswith("Before the window the treated units grew unlike all")
    assert found.sentence.endswith(found.cautions[0])


def donors(seed: int) -> pd.DataFrame:
    """Eight wandering series, of which the first moves the one studied."""
    drawn = np.random.default_rng(seed).normal(0, 0.1, (84, 8)).cumsum(axis=0)
    return pd.DataFrame(drawn, MONTHS, [f"donor {place}" for place in range(8)])


def test_the_donor_that_moves_the_series_is_picked_and_serves_like_one_given() -> None:
    others = donors(3)
    series = growing(0.0) * np.exp(others["donor 0"])
    picked = counterfactual(series, "2024-05", candidates=others)
    assert "donor 0" in picked.baseline.terms.names
    names = [name for name in others if name in picked.baseline.terms.names]
    given = counterfactual(series, "2024-05", regressors=others[names])
    assert picked.window.mean == pytest.approx(given.window.mean)
    assert picked.placebos.scale > given.placebos.scale


def test_every_placebo_date_picks_its_own_donors() -> None:
    """Donor 1 moves the series to May 2021, donor 2 after: early dates cannot know of it."""
    others = donors(4)
    moving = others["donor 1"].where(MONTHS < "2021-06", 0.0) + others["donor 2"].where(
        MONTHS >= "2021-06", 0.0
    )
    terms = make_terms(MONTHS, None, "calendar")
    points = observed_points(np.log(growing(0.0) * np.exp(moving)))
    early = pick_donors(points.between(-np.inf, pd.Period("2021-05").ordinal), terms, others)
    assert early.names[12] == "donor 1"
    assert "donor 2" not in early.names
    nothing = pick_donors(points, terms, others[[]])
    assert nothing is terms
    flat = pick_donors(points, terms, pd.DataFrame({"flat": 1.0}, MONTHS))
    assert flat.names == terms.names


def test_a_permutation_picks_its_donors_with_the_window_among_the_periods() -> None:
    """As if nothing had happened: the picks of all periods serve it, not those of the baseline."""
    others = donors(4)
    terms = make_terms(MONTHS, None, "none")
    points = observed_points(np.log(growing(0.0)) + others["donor 2"].where(MONTHS > "2023", 0.0))
    cut = pd.Period("2023-12").ordinal
    before, within = points.between(-np.inf, cut), points.between(cut + 1, np.inf)
    every, early = (pick_donors(some, terms, others) for some in (points, before))
    assert every.names != early.names
    found = conformal(before, within, terms, candidates=others)
    assert found == conformal(before, within, every)
    assert found != conformal(before, within, early)


def test_a_permutation_with_donors_picked_by_fit_keeps_its_size() -> None:
    """Twelve wandering candidates, none with a part in the series: 5 % of 60, 1 in 1,000 beyond."""
    index, rejected = pd.period_range("2020-01", periods=48, freq="M"), 0
    times, terms = index.asi8.astype(float), make_terms(index, None, "none")
    for seed in range(60):
        random = np.random.default_rng(seed)
        values = 0.1 * random.standard_normal(48)
        others = pd.DataFrame(random.normal(0, 0.1, (48, 12)).cumsum(axis=0), index)
        before, within = Points(times[:45], values[:45]), Points(times[45:], values[45:])
        rejected += conformal(before, within, terms, candidates=others).p_value <= 0.05
    assert rejected <= 9
