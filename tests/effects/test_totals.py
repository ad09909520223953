"""Totals the model never saw: against a plain conditional normal, by hand, and by simulation."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from effects import EffectError
from effects.baseline import fit_baseline
from effects.samples import observed_points, read_series
from effects.season import choose_terms
from effects.totals import unseen_totals

MONTHS = pd.period_range("2015-01", "2021-12", freq="M")


def made_up(seed: int, share: float = 0.1) -> pd.Series:
    """A wandering level with season and noise of a tenth."""
    source = np.random.default_rng(seed)
    level = np.cumsum(source.normal(0, 0.1 * np.sqrt(share), len(MONTHS)))
    season = 0.2 * np.cos(2 * np.pi * MONTHS.month / 12)
    noise = source.normal(0, 0.1 * np.sqrt(1 - share), len(MONTHS))
    return pd.Series(1000 * np.exp(level + season + noise), index=MONTHS)


def totals_of(series: pd.Series, spans: list[tuple[str, str]], width: float = 0.0) -> pd.DataFrame:
    sums = [series[start:end].sum() for start, end in spans]
    return pd.DataFrame(
        {
            "start": [start for start, _ in spans],
            "end": [end for _, end in spans],
            "lower": np.array(sums) - width,
            "upper": np.array(sums) + width,
        }
    )


def test_the_missing_month_is_the_conditional_normal() -> None:
    """One month missing: its log is normal given the others, worked out from the covariance.

    With the regressors' coefficients unknown: mean and variance of universal kriging.
    """
    whole = made_up(1)
    seen = whole.copy()
    seen["2018-06"] = np.nan
    logs = read_series(seen)
    terms = choose_terms(pd.PeriodIndex(logs.index), MONTHS, None)
    baseline = fit_baseline(observed_points(logs), terms)
    fit, gone = baseline.fit, float(pd.Period("2018-06").ordinal)
    times = np.append(fit.times, gone)
    walk = np.minimum.outer(times, times) - times.min() + 1
    covariance = (1 - fit.share) * np.eye(len(times)) + fit.share * walk
    design = terms.rows(times)[:, baseline.seen]
    precision = np.linalg.inv(covariance[:-1, :-1])
    weights = precision @ covariance[:-1, -1]
    gap = design[-1] - design[:-1].T @ weights
    information = design[:-1].T @ precision @ design[:-1]
    coefficients = np.linalg.solve(information, design[:-1].T @ precision @ logs.to_numpy())
    mean = design[-1] @ coefficients + weights @ (logs.to_numpy() - design[:-1] @ coefficients)
    spread = covariance[-1, -1] - weights @ covariance[:-1, -1]
    spread += gap @ np.linalg.solve(information, gap)
    found = unseen_totals(seen, totals_of(whole, [("2018-06", "2018-06")]), baseline_end="2021-12")
    row = found.iloc[0]
    assert np.log(row["expected"]) == pytest.approx(mean, abs=0.01)
    half = 2.0 * np.sqrt(fit.variance * spread)
    assert np.log(row["expected_upper"] / row["expected_lower"]) / 2 == pytest.approx(half, rel=0.1)


def test_sums_are_inside_as_often_as_the_level_says() -> None:
    """200 made-up series, half their months missing: 88 to 99 % of yearly sums lie inside 95 %."""
    inside = []
    for seed in range(200):
        whole = made_up(seed)
        gone = np.random.default_rng(1000 + seed).random(len(whole)) < 0.5
        gone[[0, -1]] = False
        found = unseen_totals(
            whole.mask(gone), totals_of(whole, [("2018-01", "2018-12")]), baseline_end="2021-12"
        )
        inside.append(not found["outside"].iloc[0])
    assert 0.88 <= np.mean(inside) <= 0.99


def test_months_that_were_missing_because_they_were_low_are_found_out() -> None:
    whole = made_up(3)
    whole["2020-02":"2020-05"] *= 0.4  # type: ignore[misc]
    seen = whole.copy()
    seen["2020-02":"2020-05"] = np.nan  # type: ignore[misc]
    found = unseen_totals(seen, totals_of(whole, [("2020-01", "2020-12")]), baseline_end="2021-12")
    row = found.iloc[0]
    assert row["outside"]
    assert row["missing"] == 4
    assert row["upper"] < row["expected_lower"]


def test_a_total_whose_range_reaches_the_interval_is_inside() -> None:
    whole = made_up(3)
    seen = whole.copy()
    seen["2020-02"] = np.nan
    spans = [("2020-01", "2020-12"), ("2020-03", "2020-04"), ("2021-06", "2022-03")]
    totals = totals_of(whole, spans, width=1e6)
    found = unseen_totals(seen, totals, baseline_end="2021-12")
    assert found[["missing", "outside"]].to_numpy().tolist() == [[1, False]]
    with pytest.raises(EffectError, match="no published total spans missing"):
        unseen_totals(seen, totals.iloc[1:], baseline_end="2021-12")
