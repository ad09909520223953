"""What a textbook would do: a step over the window in a regression, by five usual estimators.

They share sample, season and regressors with `counterfactual` and are shown beside it, not
trusted: docs/calibration.md has how often they find an effect where there is none. Months
between baseline and window are left out, as missing months are. statsmodels fits all but the last.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import linalg, optimize, stats
from statsmodels.base.model import LikelihoodModelResults
from statsmodels.regression.linear_model import GLS, OLS
from statsmodels.robust.robust_linear_model import RLM
from words import signed

from effects.level import Array, fit_level, refuse_exact, solve_root
from effects.results import EffectError, EffectResult, effect_row, effect_table
from effects.samples import Question, When, ask, observed_points, ordinals
from effects.season import Season, free_degrees, question_terms, season_length, season_terms

MARK = "textbook: "
"""How these estimators' names begin in a table."""
MOST_GONE = 4
"""The airline model is refused where more than one period in so many is left out."""
INVERTIBLE = 0.99
"""The airline model's weights are sought within this distance of zero."""


@dataclass(frozen=True)
class Step:
    """Logs on every period up to the window's end (NaN where left out) and what explains them.

    The last column of `design` is the step; the first `seasonal` are level and season.
    """

    logs: Array
    design: Array
    seasonal: int
    cycle: int

    @property
    def seen(self) -> np.ndarray:
        """Periods in the sample."""
        return ~np.isnan(self.logs)


Estimate = tuple[float, float, float, float]
"""Effect in logs, its interval and its p-value."""


@dataclass(frozen=True)
class Textbook(EffectResult):
    """One row an estimator; `refused` says why one of them could not be fitted."""

    refused: dict[str, str]


def textbook(
    series: pd.Series,
    start: When,
    end: When | None = None,
    *,
    baseline_end: When | None = None,
    regressors: pd.DataFrame | None = None,
    season: Season = "auto",
    level: float = 0.95,
    name: str = "the series",
) -> Textbook:
    """The average log effect from `start` to `end` by each of `ESTIMATORS`.

    Takes what `counterfactual` takes, and raises EffectError where it does; an estimator that
    alone cannot be fitted has an empty estimate and its reason in `refused`.
    """
    question = ask(series, start, end, baseline_end, level)
    step = step_sample(question, regressors, season)
    rows, refused = [], {}
    for label, estimator in ESTIMATORS.items():
        try:
            *ends, p_value = estimator(step, 1 - level)
        except EffectError as reason:
            *ends, p_value = (np.nan,) * 4
            refused[label] = str(reason)
        row = effect_row(
            MARK + label,
            "average effect",
            (question.start, question.end),
            100 * np.expm1(ends),
            (len(question.before), len(question.within)),
            level=level,
            p_value=p_value,
        )
        rows.append(row)
    table = effect_table(rows)
    fitted = table.dropna(subset="estimate")
    low, high = fitted["estimate"].min(), fitted["estimate"].max()
    told = (
        f"{len(fitted)} textbook estimators put the effect on {name} between {signed(low)} % and "
        f"{signed(high)} %; they serve as comparison only."
    )
    return Textbook(table, told, refused)


def step_sample(question: Question, regressors: pd.DataFrame | None, season: Season) -> Step:
    """The question's baseline and window as one regression with a step."""
    terms = question_terms(question, regressors, season)
    index = pd.period_range(question.periods[0], question.end)
    logs = pd.concat([question.before, question.within]).reindex(index)
    rows = terms.rows(ordinals(index))
    before = observed_points(question.before)
    refuse_exact(before.values, terms.rows(before.times))
    told = rows[logs.notna().to_numpy()].any(axis=0)
    step = np.asarray(index >= question.start, dtype="float64")
    design = np.column_stack([rows[:, told], step])
    if free_degrees(design[logs.notna().to_numpy()]) < 1:
        raise EffectError("the step cannot be told apart from season and regressors")
    level_and_season = season_terms(index, terms.season).shape[1]
    return Step(
        logs.to_numpy(), design, int(told[:level_and_season].sum()), season_length(question.periods)
    )


def ols_hac(step: Step, alpha: float) -> Estimate:
    """OLS with Newey–West errors; missing periods are zeros, so lags are months (Parzen 1963)."""
    seen = step.seen
    model = OLS(np.where(seen, step.logs, 0.0), step.design * seen[:, None])
    model.df_resid = int(seen.sum()) - step.design.shape[1]
    lags = int(4 * (seen.sum() / 100) ** (2 / 9))
    return _estimate(model.fit(cov_type="HAC", cov_kwds={"maxlags": lags}, use_t=True), -1, alpha)


def prais_winsten(step: Step, alpha: float) -> Estimate:
    """GLS with AR(1) errors, iterated; periods k apart are correlated by ρ to the k.

    statsmodels' GLSAR takes neighbours in the list for neighbours in time, which gaps forbid.
    """
    seen = step.seen
    times = np.flatnonzero(seen)
    logs, design = step.logs[seen], step.design[seen]
    beside = np.flatnonzero(np.diff(times) == 1)
    if not len(beside):
        raise EffectError("no two adjacent periods are observed; an AR(1) needs both")
    apart = np.abs(np.subtract.outer(times, times))
    rho, before = 0.0, np.inf
    while abs(rho - before) > 1e-8:
        sigma = np.power(rho, apart)
        white = solve_root(np.linalg.cholesky(sigma), np.column_stack([design, logs]))
        left = logs - design @ np.linalg.lstsq(white[:, :-1], white[:, -1])[0]
        first, second = left[beside], left[beside + 1]
        before, rho = rho, float(np.clip(first @ second / (first @ first), -0.98, 0.98))
    return _estimate(GLS(logs, design, sigma=sigma).fit(), -1, alpha)


def airline(step: Step, alpha: float) -> Estimate:
    """SARIMA (0,1,1)(0,1,1) with the regressors, by exact likelihood; season is differenced away.

    A period left out is an outlier of its own (Gómez, Maravall and Peña 1999), which serves for
    a few but not for many.
    """
    gone = np.flatnonzero(~step.seen)
    if len(gone) > len(step.logs) / MOST_GONE:
        raise EffectError(
            f"{len(gone)} of {len(step.logs)} periods are left out; a model of differences over a "
            f"year needs at least {MOST_GONE - 1} of {MOST_GONE} observed"
        )
    logs = np.where(step.seen, step.logs, np.nanmean(step.logs))
    columns = np.column_stack([logs, np.eye(len(logs))[:, gone], step.design[:, step.seasonal :]])
    changes = np.diff(columns, axis=0)
    if step.cycle > 1:
        changes = changes[step.cycle :] - changes[: -step.cycle]
    return _estimate(moving_average(changes[:, 0], changes[:, 1:], step.cycle), -1, alpha)


def moving_average(response: Array, design: Array, cycle: int) -> LikelihoodModelResults:
    """GLS with errors (1 + θ B)(1 + Θ B^cycle) of white noise, θ and Θ by maximum likelihood."""

    def fitted(weights: Array) -> LikelihoodModelResults:
        lags = np.append(1.0, weights[:1])
        if cycle > 1:
            lags = np.convolve(lags, np.concatenate([[1.0], np.zeros(cycle - 1), weights[1:]]))
        column = np.zeros(len(response))
        column[: len(lags)] = np.correlate(lags, lags, "full")[len(lags) - 1 :][: len(column)]
        return GLS(response, design, sigma=linalg.toeplitz(column)).fit()

    def height(weights: Array) -> float:
        return -float(fitted(weights).llf)

    start = np.full(2 if cycle > 1 else 1, -0.4)
    bounds = optimize.Bounds(-INVERTIBLE, INVERTIBLE)
    return fitted(optimize.minimize(height, start, method="Nelder-Mead", bounds=bounds).x)


def huber(step: Step, alpha: float) -> Estimate:
    """Huber's robust regression, errors taken for independent."""
    return _estimate(RLM(step.logs[step.seen], step.design[step.seen]).fit(), -1, alpha)


def components(step: Step, alpha: float) -> Estimate:
    """The local level with the step as a regressor, by diffuse likelihood and normal quantiles.

    What statsmodels' UnobservedComponents gives at the peak of that likelihood, which its own
    search nears to four digits in forty times as long.
    """
    seen = step.seen
    times = np.flatnonzero(seen).astype("float64")
    fit = fit_level(times, step.logs[seen], step.design[seen])
    effect, error = fit.coefficients[-1], float(np.sqrt(fit.coefficient_covariance[-1, -1]))
    half = stats.norm.ppf(1 - alpha / 2) * error
    return effect, effect - half, effect + half, 2 * stats.norm.sf(abs(effect / error))


def _estimate(fit: LikelihoodModelResults, place: int, alpha: float) -> Estimate:
    """Coefficient, interval and p-value at `place` of a fitted model."""
    lower, upper = fit.conf_int(alpha)[place]
    return float(fit.params[place]), float(lower), float(upper), float(fit.pvalues[place])


ESTIMATORS: dict[str, Callable[[Step, float], Estimate]] = {
    "OLS with HAC errors": ols_hac,
    "Prais–Winsten AR(1)": prais_winsten,
    "Huber regression": huber,
    "SARIMA airline": airline,
    "UnobservedComponents": components,
}


OVER_REJECTS = {
    f"{MARK}{name}": "textbook; over-rejects"
    for name in ("OLS with HAC errors", "Prais–Winsten AR(1)", "Huber regression")
}
"""Those that docs/calibration.md shows to find effects where there are none."""


def compare_estimators(effects: pd.DataFrame) -> pd.DataFrame:
    """One row an estimator of the average effect: kind, estimate, interval, p-value, percent.

    effects: rows of a counterfactual and of textbook estimators, in the columns of effects.csv.
    """
    rows = effects[effects["estimand"] == "average effect"]
    kinds = {
        name: "textbook" if name.startswith(MARK) else "rank among dates or shifts"
        for name in rows["estimator"]
    }
    kinds |= OVER_REJECTS | {"counterfactual": "default"}
    columns = ["estimator", "kind", "estimate", "lower", "upper", "p_value"]
    table = rows.assign(kind=rows["estimator"].map(kinds))[columns].reset_index(drop=True)
    return table.assign(estimator=table["estimator"].str.removeprefix(MARK))
