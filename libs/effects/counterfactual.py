"""What an event did: observed against what the baseline would have led one to expect.

Log series, local level with diffuse regressors fitted by REML up to `baseline_end`, forecast
beyond it. Forecasts are medians: the exponential of the forecast log. Standard errors are
multiplied by what rolling-origin placebos ask for (`Placebos.scale`).
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from effects.account import NET_SUM, WINDOW_SUM, account, sentence
from effects.average import FittedWindow, fit_window
from effects.baseline import Baseline
from effects.conformal import Conformal, conformal_interval
from effects.paths import cumulative_effect, effect_draws, effect_path
from effects.placebo import Placebos
from effects.question import ask
from effects.recovery import Recovery, recovery
from effects.results import EffectResult
from effects.season import Season
from effects.window import WindowEffect

RECOVERY_LEVEL = 0.80


@dataclass(frozen=True)
class Counterfactual(EffectResult):
    """The effect of an event.

    path: every period from the first observed to the last, columns observed, counterfactual,
    lower, upper, effect, effect_lower, effect_upper in the unit of the series, and effect_pct;
    the counterfactual is missing up to the baseline's end and where it cannot be told (`untold`).
    quiet_end: the last period that a placebo window could hold.
    cumulative: running sum of the effect since the baseline's end (estimate, lower, upper).
    """

    path: pd.DataFrame
    cumulative: pd.DataFrame
    window: WindowEffect
    placebos: Placebos
    conformal: Conformal
    quiet_end: pd.Period
    recovery: Recovery
    baseline: Baseline
    untold: tuple[str, ...]


def counterfactual(
    series: pd.Series,
    start: str | pd.Period,
    end: str | pd.Period | None = None,
    *,
    baseline_end: str | pd.Period | None = None,
    quiet_end: str | pd.Period | None = None,
    regressors: pd.DataFrame | None = None,
    season: Season = "auto",
    level: float = 0.95,
    unit: str = "tonnes",
    name: str = "the series",
) -> Counterfactual:
    """Estimate what happened to `series` from `start` to `end` (default: the last observed).

    series: positive numbers on a PeriodIndex, NaN where missing; nothing is interpolated.
    baseline_end: last period of the fit (default: the one before `start`). quiet_end: last period
    that a placebo window may hold (default: the baseline's end), for baselines that an earlier
    event upset. regressors: periods × columns, covering every period of the series, with the
    values of the world without the event. Raises EffectError where the data cannot answer.
    """
    question = ask(series, start, end, baseline_end, level, (unit, name), quiet_end)
    fitted = fit_window(question, regressors, season)
    permutation = conformal_interval(
        fitted.before, fitted.within, fitted.terms, fitted.effect, level
    )
    return _result(fitted, permutation)


def _result(fitted: FittedWindow, permutation: Conformal) -> Counterfactual:
    question, ahead = fitted.question, fitted.ahead
    logs, level, index = question.logs, question.level, ahead.index
    path = effect_path(logs, ahead, level)
    draws = effect_draws(logs, ahead, level)
    net = cumulative_effect(draws, index[0], level)
    sums = {WINDOW_SUM: cumulative_effect(draws, question.start, level), NET_SUM: net}
    floor = ahead.quantile(-ahead.half(RECOVERY_LEVEL), level)
    back = recovery(path["observed"].loc[question.start :], floor.loc[question.start :])
    table = account(fitted, sums, path, permutation, back)
    return Counterfactual(
        table=table,
        sentence=sentence(question, table, back, len(fitted.placebos.frame)),
        path=path,
        cumulative=net,
        window=fitted.effect,
        placebos=fitted.placebos,
        conformal=permutation,
        quiet_end=question.quiet_end,
        recovery=back,
        baseline=fitted.baseline,
        untold=tuple(str(period) for period in index[~ahead.told(level)]),
    )
