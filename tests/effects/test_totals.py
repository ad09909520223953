"""Totals, unseen and in the likelihood: against conditional normals, statsmodels, integration."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from effects import EffectError, average_effect
from effects.baseline import fit_baseline
from effects.level import fit_level, forecast
from effects.samples import observed_points, read_series
from effects.season import choose_terms, make_terms
from effects.totals import Sum, fit_sums, likeliest, read_sums, unseen_totals
from scipy import integrate, optimize, stats
from statsmodels.tsa.statespace.mlemodel import MLEModel

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
    assert found["stretch"].tolist() == [1]
    with pytest.raises(EffectError, match="no published total spans missing"):
        unseen_totals(seen, totals.iloc[1:], baseline_end="2021-12")


def test_totals_that_share_a_missing_month_are_one_stretch() -> None:
    whole = made_up(3)
    seen = whole.copy()
    seen[["2019-02", "2020-02", "2020-09"]] = np.nan
    spans = [("2020-01", "2020-03"), ("2019-01", "2019-12"), ("2020-01", "2020-12")]
    spans += [("2020-08", "2020-10")]
    found = unseen_totals(seen, totals_of(whole, spans), baseline_end="2021-12")
    assert found["stretch"].tolist() == [1, 2, 1, 1]


TIMES = np.arange(12.0)
SUMMED = np.array([4.0, 5.0, 6.0])
"""Of twelve periods three are known only together."""


def wandering(seed: int) -> np.ndarray:
    source = np.random.default_rng(seed)
    return np.asarray(np.cumsum(source.normal(0, 0.1, 12)) + source.normal(0, 0.1, 12) + 6)


def summed(values: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Responses, one of them a weighted sum over SUMMED, and their weights over sorted times."""
    alone = np.isin(TIMES, SUMMED, invert=True)
    rows = np.vstack([np.eye(12)[alone], np.zeros(12)])
    rows[-1, ~alone] = weights / np.linalg.norm(weights)
    return rows @ values, rows


def test_a_sum_among_the_responses_is_generalised_least_squares() -> None:
    """REML's share and a forecast against the plain formulas with a dense covariance."""
    values, weights = wandering(5), np.array([0.2, 0.3, 0.5])
    response, rows = summed(values, weights)
    design = np.column_stack([np.ones(12), np.sin(TIMES)])
    fit = fit_level(TIMES, response, rows @ design, weights=rows)
    new = np.array([12.0, 14.0])
    every = np.append(TIMES, new)

    def kriged(share: float) -> tuple[float, np.ndarray]:
        whole = (1 - share) * np.eye(14) + share * (np.minimum.outer(every, every) + 1)
        own, cross = rows @ whole[:12, :12] @ rows.T, whole[12:, :12] @ rows.T
        seen, ahead = rows @ design, np.column_stack([np.ones(2), np.sin(new)])
        precision = np.linalg.inv(own)
        information = seen.T @ precision @ seen
        found = np.linalg.solve(information, seen.T @ precision @ response)
        left = response - seen @ found
        squares = left @ precision @ left / (len(response) - 2)
        determinants = np.linalg.slogdet(own)[1] + np.linalg.slogdet(information)[1]
        height = -0.5 * ((len(response) - 2) * np.log(squares) + determinants)
        return float(height), ahead @ found + cross @ precision @ left

    best = optimize.minimize_scalar(lambda share: -kriged(share)[0], bounds=(0.001, 0.999))
    assert fit.share == pytest.approx(best.x, abs=1e-4)
    ahead = forecast(fit, new, np.column_stack([np.ones(2), np.sin(new)]))[0]
    assert ahead == pytest.approx(kriged(fit.share)[1], rel=1e-9)


class Cumulator(MLEModel):  # type: ignore[misc]
    """statsmodels' state space: a level, and a sum that begins anew at the first summed period.

    Harvey (1989), 6.3: the state is (level, cumulator); a period of the sum is not observed, the
    last of them shows the cumulator. The level begins diffuse.
    """

    def __init__(self, values: np.ndarray, weights: np.ndarray, noise: float, step: float) -> None:
        shown = np.where(np.isin(TIMES, SUMMED[:-1]), np.nan, values)
        shown[int(SUMMED[-1])] = weights @ values[SUMMED.astype(int)]
        super().__init__(shown, k_states=2, k_posdef=2)
        self.ssm.initialize_approximate_diffuse(1e8)
        parts = dict(zip(SUMMED, weights, strict=True))
        transition, selection = np.zeros((2, 2, 12)), np.zeros((2, 2, 12))
        design, own = np.zeros((1, 2, 12)), np.zeros((1, 1, 12))
        for place, time in enumerate(TIMES):
            ahead = parts.get(time + 1, 0.0)
            transition[:, :, place] = [[1, 0], [ahead, float(time in parts)]]
            selection[:, :, place] = [[1, 0], [ahead, ahead]]
            inside = time in parts
            design[0, :, place] = [0, 1] if inside else [1, 0]
            own[0, 0, place] = 0 if inside else noise
        self["design"], self["transition"] = design, transition
        self["selection"], self["obs_cov"] = selection, own
        self["state_cov"] = np.diag([step, noise])


def test_a_sum_among_the_responses_is_the_cumulator_of_a_state_space() -> None:
    values, weights = wandering(6), np.array([0.2, 0.3, 0.5])
    response, rows = summed(values, weights)
    fit = fit_level(TIMES, response, rows @ np.ones((12, 1)), share=0.4, weights=rows)
    length = np.linalg.norm(weights)
    model = Cumulator(values, weights, noise=0.6, step=0.4)
    level = model.ssm.smooth().smoothed_state[0, -1]
    ahead = forecast(fit, np.array([12.0]), np.ones((1, 1)))[0][0]
    assert ahead == pytest.approx(level, abs=1e-6)
    assert response[-1] * length == pytest.approx(weights @ values[4:7])


@pytest.mark.parametrize(("noise", "near"), [(0.1, 0.03), (0.3, 0.1)])
def test_logs_of_a_sum_are_near_those_of_the_exact_density(noise: float, near: float) -> None:
    """Two missing months of a level that stands still with known variances, their sum printed.

    The exact mean of the first log given the sum is an integral over one dimension: its density
    times that of what is left for the second. The likeliest logs are within 3 % of the noise where
    that is 10 % a month, and within a tenth of it at 30 %.
    """
    total = np.exp(noise) + np.exp(-0.5 * noise)

    def density(log: float) -> float:
        rest = total - np.exp(log)
        return float(stats.norm.pdf(log / noise) * stats.norm.pdf(np.log(rest) / noise) / rest)

    top = np.log(total) - 1e-9
    mass = integrate.quad(density, -8 * noise, top)[0]
    mean = integrate.quad(lambda log: log * density(log), -8 * noise, top)[0] / mass
    prior = (np.zeros(2), noise**2 * np.eye(2), 1.0)
    found = likeliest(*prior, np.ones((1, 2), dtype=bool), np.log([total]), np.zeros(2))
    assert np.exp(found).sum() == pytest.approx(total)
    assert found[0] == pytest.approx(mean, abs=near * noise)


def test_what_is_known_is_taken_off_and_sums_are_disjoint() -> None:
    whole = made_up(4)
    seen = whole.copy()
    seen["2018-02":"2018-06"] = np.nan  # type: ignore[misc]
    seen["2019-03"] = np.nan
    spans = [("2018-01", "2018-12"), ("2018-01", "2018-03"), ("2018-01", "2018-08")]
    logs, stop = read_series(seen), MONTHS[-1]
    early, late = read_sums(logs, totals_of(whole, spans), stop)
    assert early.value == pytest.approx(whole["2018-02":"2018-03"].sum())
    assert late.value == pytest.approx(whole["2018-04":"2018-06"].sum())
    assert late.known == pd.Period("2018-08", freq="M").ordinal
    assert read_sums(logs, totals_of(whole, [("2018-07", "2018-12")]), stop) == ()
    assert read_sums(logs, totals_of(whole, [("2019-01", "2019-12")], width=400.0), stop) == ()


def test_a_sum_of_one_month_is_that_month() -> None:
    whole = made_up(2)
    seen = whole.copy()
    seen["2020-05"] = np.nan
    terms = make_terms(MONTHS, None, "harmonics")
    points = observed_points(read_series(seen))
    may = pd.Period("2020-05", freq="M").ordinal
    found = fit_sums(points, terms, [Sum(np.array([float(may)]), whole["2020-05"], may)])
    full = fit_baseline(observed_points(read_series(whole)), terms)
    ahead = np.array([float(MONTHS[-1].ordinal + 2)])
    more = make_terms(pd.period_range("2015-01", "2022-12", freq="M"), None, "harmonics")
    rows = more.rows(ahead)
    assert found.fit.share == pytest.approx(full.fit.share, abs=1e-6)
    for one, two in zip(
        forecast(found.fit, ahead, rows), forecast(full.fit, ahead, rows), strict=True
    ):
        assert one == pytest.approx(two, rel=1e-8)


def test_months_that_were_missing_because_they_were_low_move_the_baseline() -> None:
    """The last half year of the baseline fell and was not printed month by month, only in sum."""
    whole = made_up(7)
    whole["2021-01":"2021-06"] *= 0.7  # type: ignore[misc]
    seen = whole.copy()
    seen["2021-01":"2021-06"] = np.nan  # type: ignore[misc]
    window = {"baseline_end": "2021-06", "season": "harmonics"}
    without = average_effect(seen, "2021-07", "2021-09", **window).table["estimate"].iloc[0]
    totals = totals_of(whole, [("2021-01", "2021-06")])
    told = average_effect(seen, "2021-07", "2021-09", totals=totals, **window)
    assert told.table["estimate"].iloc[0] > without + 5
    with pytest.raises(EffectError, match="logs only"):
        average_effect(seen, "2021-07", totals=totals, logs=False)
