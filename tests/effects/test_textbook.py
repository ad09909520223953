"""Textbook alternatives against R (tests/reference/textbook.R), and what they refuse."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from effects import EffectError, counterfactual, textbook
from effects.level import fit_level
from effects.samples import ask
from effects.textbook import MARK, compare_estimators, components, step_sample
from scipy import stats
from statsmodels.tsa.statespace.structural import UnobservedComponents

Series = Callable[..., pd.Series]

REFERENCE = Path(__file__).parents[1] / "reference"
GAPS = [4, 19, 20, 21, 22, 76, 149, 150]
"""Left out in textbook.R, counted from zero."""
WINDOW = ("2025-04", "2025-05")


def printed_by_r() -> dict[tuple[str, str], float]:
    """What textbook.R printed."""
    lines = (REFERENCE / "textbook.out").read_text().splitlines()
    return {(case, key): float(value) for case, key, value in map(str.split, lines)}


@cache
def law(gaps: bool) -> pd.DataFrame:
    """Log effect of the seat-belt law and half its interval, by estimator."""
    frame = pd.read_csv(REFERENCE / "seatbelts.csv")
    months = pd.PeriodIndex(frame["month"], freq="M")
    killed = pd.Series(frame["drivers"].to_numpy(dtype="float64"), index=months)
    if gaps:
        killed.iloc[GAPS] = np.nan
    petrol = pd.DataFrame({"petrol": np.log(frame["petrol"].to_numpy())}, index=months)
    table = textbook(killed, "1983-02", regressors=petrol).table
    logs = np.log1p(table[["estimate", "lower", "upper"]] / 100)
    logs["half"] = (logs["upper"] - logs["lower"]) / 2
    return logs.set_axis(table["estimator"].str.removeprefix(MARK), axis="index")


@pytest.mark.parametrize(
    ("case", "estimator", "gaps"),
    [
        ("ols", "OLS with HAC errors", False),
        ("ols_gaps", "OLS with HAC errors", True),
        ("prais", "Prais–Winsten AR(1)", False),
        ("prais_gaps", "Prais–Winsten AR(1)", True),
    ],
)
def test_least_squares_agree_with_r(case: str, estimator: str, gaps: bool) -> None:
    expected, found = printed_by_r(), law(gaps).loc[estimator]
    quantile = stats.t.ppf(0.975, 192 - len(GAPS) * gaps - 14)
    assert found["estimate"] == pytest.approx(expected[case, "effect"], rel=1e-6)
    assert found["half"] == pytest.approx(quantile * expected[case, "error"], rel=1e-6)


def test_huber_agrees_with_r() -> None:
    """MASS and statsmodels stop iterating at different tolerances."""
    expected, found = printed_by_r(), law(False).loc["Huber regression"]
    assert found["estimate"] == pytest.approx(expected["huber", "effect"], rel=1e-5)
    assert found["half"] == pytest.approx(1.959964 * expected["huber", "error"], rel=1e-3)


def test_airline_agrees_with_r() -> None:
    """R divides by n and takes the error from the Hessian, ours by n − k: a per cent apart."""
    expected, found = printed_by_r(), law(False).loc["SARIMA airline"]
    assert found["estimate"] == pytest.approx(expected["airline", "effect"], rel=1e-4)
    half = stats.t.ppf(0.975, 177) * expected["airline", "error"]
    assert found["half"] == pytest.approx(half, rel=0.02)


def test_a_gap_is_nearly_what_its_outliers_are() -> None:
    """Eight months left out of 192 move the airline's effect by little."""
    whole, gappy = (law(gaps).loc["SARIMA airline", "estimate"] for gaps in (False, True))
    assert gappy == pytest.approx(whole, abs=0.01)


def test_components_are_the_default_without_its_placebos(simulate: Series) -> None:
    """Same model: maximum likelihood is restricted, for the regressors are diffuse states."""
    series = simulate(4, walk=0.4, gaps=False)
    ours = counterfactual(series, *WINDOW, baseline_end="2024-12").window
    table = textbook(series, *WINDOW, baseline_end="2024-12").table.set_index("estimator")
    theirs = np.log1p(table.loc[MARK + "UnobservedComponents", "estimate"] / 100)
    assert theirs == pytest.approx(ours.mean, abs=0.01)


def test_components_lie_where_statsmodels_likelihood_is_highest(simulate: Series) -> None:
    """Nothing that statsmodels finds is likelier, and at our variances it has our numbers."""
    series = simulate(5, walk=0.4)
    step = step_sample(ask(series, *WINDOW, "2024-12", 0.95), None, "auto")
    model = UnobservedComponents(
        step.logs, level="llevel", exog=step.design, mle_regression=False, use_exact_diffuse=True
    )
    fit = fit_level(np.flatnonzero(step.seen) * 1.0, step.logs[step.seen], step.design[step.seen])
    there = model.smooth([fit.variance * (1 - fit.share), fit.variance * fit.share])
    assert there.llf >= model.fit(method="nm", maxiter=1000, disp=0).llf - 1e-9
    effect, lower, _, p_value = components(step, 0.05)
    assert effect == pytest.approx(there.smoothed_state[-1, -1], rel=1e-8)
    error = np.sqrt(there.smoothed_state_cov[-1, -1, -1])
    assert effect - lower == pytest.approx(stats.norm.ppf(0.975) * error, rel=1e-8)
    assert p_value == pytest.approx(2 * stats.norm.sf(abs(effect / error)), rel=1e-6)


def test_many_gaps_are_refused_by_the_airline_alone(simulate: Series) -> None:
    result = textbook(simulate(1), *WINDOW, baseline_end="2024-12")
    assert list(result.refused) == ["SARIMA airline"]
    assert "periods are left out" in result.refused["SARIMA airline"]
    assert result.table["estimate"].isna().sum() == 1


def test_a_planted_loss_is_seen_by_all(simulate: Series) -> None:
    series = simulate(2, gaps=False)
    series.loc["2025-04":"2025-05"] *= 0.5
    table = textbook(series, *WINDOW, baseline_end="2024-12").table
    assert not table["estimate"].isna().any()
    assert table["estimate"].between(-58, -42).all()


def test_quarters_and_years_have_their_own_season() -> None:
    random = np.random.default_rng(2)
    for index in (
        pd.period_range("2005Q1", periods=60, freq="Q"),
        pd.period_range("1950", periods=60, freq="Y"),
    ):
        series = pd.Series(np.exp(3 + 0.05 * random.standard_normal(60)), index=index)
        series.iloc[-2:] *= 0.5
        table = textbook(series, index[-2]).table
        assert table["estimate"].between(-60, -40).all()


def test_bad_windows_are_refused(simulate: Series) -> None:
    with pytest.raises(EffectError, match="after the last observed period"):
        textbook(simulate(1), "2031-01")


def test_the_table_marks_what_over_rejects(simulate: Series) -> None:
    series = simulate(3)
    effect = counterfactual(series, *WINDOW, baseline_end="2024-12")
    others = textbook(series, *WINDOW, baseline_end="2024-12")
    table = compare_estimators(pd.concat([effect.table, others.table])).set_index("estimator")
    assert table.loc["counterfactual", "kind"] == "default"
    marked = table.index[table["kind"] == "textbook; over-rejects"]
    assert list(marked) == ["OLS with HAC errors", "Prais–Winsten AR(1)", "Huber regression"]
    assert table.loc["UnobservedComponents", "kind"] == "textbook"
    assert list(others.refused) == ["SARIMA airline"]
    assert "4 textbook estimators" in others.sentence
