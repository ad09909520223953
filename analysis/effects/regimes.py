"""All policy regimes at once: each one's effect beside the others', over the whole sample.

Log series, local level, season and regressors as for the counterfactual; the exposures are
diffuse regressors too, so an effect is the log change under full exposure against no regime at
all. Standard errors are multiplied by max(1, RMS of placebo t's), the placebos being the same
exposures moved back, as a block, to end at every earlier date before the first regime.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from analysis.effects.baseline import fit_baseline
from analysis.effects.results import (
    EffectError,
    EffectResult,
    effect_table,
    probability,
    signed,
)
from analysis.effects.samples import log_series, period_index, regressors_on
from analysis.effects.season import Season, choose_season, free_degrees, seen_terms

LEAST_FREE = 8
"""Residual degrees of freedom below which a placebo is not fitted."""


@dataclass(frozen=True)
class Regimes(EffectResult):
    """Effects of regimes: `placebos` holds the t's of every placebo date, dates × regimes."""

    placebos: pd.DataFrame


def regimes(
    series: pd.Series,
    exposures: pd.DataFrame,
    *,
    regressors: pd.DataFrame | None = None,
    season: Season = "auto",
    level: float = 0.95,
    name: str = "the series",
) -> Regimes:
    """Estimate each column of `exposures` (periods × regimes, shares from 0 to 1) jointly.

    Raises EffectError where a regime covers no observed period or too few periods are left.
    """
    period_index(series)
    logs = log_series(series)
    index = pd.PeriodIndex(logs.index)
    _check(logs, exposures)
    fixed = choose_season(index, _joined(index, exposures, regressors), season)
    fitted = _coefficients(logs, exposures, regressors, fixed)
    if fitted is None:
        raise EffectError("two regimes cannot be told apart: their exposures are collinear")
    dates = _placebos(logs, exposures, regressors, fixed)
    scale = np.sqrt((dates**2).mean()).fillna(1.0).clip(lower=1.0)
    effects, errors, free = fitted
    rows = [
        _row(logs, exposures[regime], effects[regime], errors[regime] * scale[regime], free, level)
        for regime in exposures.columns
    ]
    table = effect_table(rows)
    return Regimes(table, _sentence(table, name), dates)


def _check(logs: pd.Series, exposures: pd.DataFrame) -> None:
    frame = regressors_on(exposures, pd.PeriodIndex(logs.index))
    for regime in frame.columns:
        if not frame[regime].gt(0).any():
            raise EffectError(f"regime {regime!r} covers no observed period; leave it out")


def _joined(
    index: pd.PeriodIndex, exposures: pd.DataFrame, regressors: pd.DataFrame | None
) -> pd.DataFrame:
    frames = [regressors_on(regressors, index), regressors_on(exposures, index)]
    return pd.concat(frames, axis=1)


def _coefficients(
    logs: pd.Series, exposures: pd.DataFrame, regressors: pd.DataFrame | None, season: Season
) -> tuple[pd.Series, pd.Series, int] | None:
    """Effects, standard errors and degrees of freedom; None if they cannot be told apart."""
    index = pd.PeriodIndex(logs.index)
    frame = _joined(index, exposures, regressors)
    terms = seen_terms(index, frame, season)
    if free_degrees(terms) < LEAST_FREE or not set(exposures.columns) <= set(terms.columns):
        return None
    fitted = fit_baseline(logs, frame, season)
    columns = list(fitted.columns)
    errors = np.sqrt(np.diag(fitted.fit.coefficient_covariance))
    both = pd.DataFrame({"effect": fitted.fit.coefficients, "error": errors}, index=columns)
    both = both.loc[list(exposures.columns)]
    return both["effect"], both["error"], fitted.fit.free


def _placebos(
    logs: pd.Series, exposures: pd.DataFrame, regressors: pd.DataFrame | None, season: Season
) -> pd.DataFrame:
    begun = exposures.index[exposures.gt(0).any(axis="columns")][0]
    dates: dict[pd.Period, pd.Series] = {}
    for end in logs.index[logs.index < begun]:
        sample = logs.loc[:end]
        index = pd.PeriodIndex(sample.index)
        back = index + (logs.index[-1].ordinal - end.ordinal)
        moved = exposures.reindex(back, fill_value=0.0).set_axis(index, axis="index")
        fitted = _coefficients(sample, moved, regressors, season)
        if fitted is not None:
            dates[end] = fitted[0] / fitted[1]
    return pd.DataFrame(dates, index=exposures.columns, dtype="float64").T


def _row(
    logs: pd.Series, exposure: pd.Series, effect: float, error: float, free: int, level: float
) -> dict[str, object]:
    covered = exposure.index[exposure > 0]
    half = stats.t.ppf((1 + level) / 2, free) * error
    estimate, lower, upper = 100 * np.expm1([effect, effect - half, effect + half])
    return {
        "estimator": "regimes",
        "estimand": str(exposure.name).replace("_", " "),
        "start": str(covered[0]),
        "end": str(covered[-1]),
        "estimate": estimate,
        "lower": lower,
        "upper": upper,
        "level": level,
        "p_value": 2 * stats.t.sf(abs(effect / error), free),
        "unit": "%",
        "n_pre": int((logs.index < covered[0]).sum()),
        "n_post": int(logs.index.isin(covered).sum()),
    }


def _sentence(table: pd.DataFrame, name: str) -> str:
    parts = [
        f"{signed(row['estimate'])} % under {row['estimand']} ({signed(row['lower'])} % to "
        f"{signed(row['upper'])} %, {probability(row['p_value'])})"
        for _, row in table.iterrows()
    ]
    return f"Against no regime at all, {name} ran " + "; ".join(parts) + "."
