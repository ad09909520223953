"""What an event did: observed against what the baseline would have led one to expect.

Log series, local level with diffuse regressors fitted by REML up to `baseline_end`, forecast
beyond it. Forecasts are medians: the exponential of the forecast log. Standard errors are
multiplied by max(1, RMS of rolling-origin placebo t's).
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from analysis.effects.account import NET_SUM, WINDOW_SUM, account, sentence
from analysis.effects.baseline import Baseline, fit_baseline
from analysis.effects.conformal import Conformal, conformal
from analysis.effects.paths import Forecast, cumulative_effect, effect_path
from analysis.effects.placebo import Placebos, placebos
from analysis.effects.question import Question, ask
from analysis.effects.recovery import Recovery, recovery
from analysis.effects.results import EffectError, EffectResult
from analysis.effects.samples import observed_points, ordinals
from analysis.effects.season import Season, choose_terms
from analysis.effects.window import WindowEffect, window_effect

RECOVERY_LEVEL = 0.80


@dataclass(frozen=True)
class Counterfactual(EffectResult):
    """The effect of an event.

    path: every period from the first observed to the last, columns observed, counterfactual,
    lower, upper, effect, effect_lower, effect_upper in the unit of the series, and effect_pct;
    the counterfactual is missing up to the baseline's end and where it cannot be told (`untold`).
    cumulative: running sum of the effect since the baseline's end (estimate, lower, upper).
    """

    path: pd.DataFrame
    cumulative: pd.DataFrame
    window: WindowEffect
    placebos: Placebos
    conformal: Conformal
    recovery: Recovery
    baseline: Baseline
    untold: tuple[str, ...]


def counterfactual(
    series: pd.Series,
    start: str | pd.Period,
    end: str | pd.Period | None = None,
    *,
    baseline_end: str | pd.Period | None = None,
    regressors: pd.DataFrame | None = None,
    season: Season = "auto",
    level: float = 0.95,
    unit: str = "tonnes",
    name: str = "the series",
) -> Counterfactual:
    """Estimate what happened to `series` from `start` to `end` (default: the last observed).

    series: positive numbers on a PeriodIndex, NaN where missing; nothing is interpolated.
    baseline_end: last period of the fit (default: the one before `start`). regressors: periods ×
    columns, covering every period of the series, with the values of the world without the event.
    Raises EffectError where the data cannot answer.
    """
    question = ask(series, start, end, baseline_end, level, (unit, name))
    terms = choose_terms(
        pd.PeriodIndex(question.before.index), question.periods, regressors, season
    )
    before, within = observed_points(question.before), observed_points(question.within)
    baseline = fit_baseline(before, terms)
    effect = window_effect(baseline, within)
    if effect is None:
        raise EffectError(
            f"the baseline up to {question.baseline_end} never saw what {question.start} to "
            f"{question.end} needs: a calendar period or a regressor is missing from it"
        )
    gap = question.start.ordinal - question.baseline_end.ordinal
    length = question.end.ordinal - question.start.ordinal + 1
    dates = placebos(before, terms, gap, length, question.start.freqstr)
    return _result(question, baseline, effect, dates, conformal(before, within, terms))


def _result(
    question: Question,
    baseline: Baseline,
    effect: WindowEffect,
    dates: Placebos,
    permutation: Conformal,
) -> Counterfactual:
    logs, level = question.logs, question.level
    index = pd.period_range(question.baseline_end + 1, logs.index[-1])
    ahead = _forecast(baseline, index, dates.scale)
    _check_told(question, ahead)
    path = effect_path(logs, ahead, level)
    net = cumulative_effect(logs, ahead, index[0], level)
    sums = {WINDOW_SUM: cumulative_effect(logs, ahead, question.start, level), NET_SUM: net}
    floor = ahead.quantile(-ahead.half(RECOVERY_LEVEL), level)
    back = recovery(path["observed"].loc[question.start :], floor.loc[question.start :])
    table = account(question, effect, sums, path, (dates, permutation), back)
    return Counterfactual(
        table=table,
        sentence=sentence(question, table, back),
        path=path,
        cumulative=net,
        window=effect,
        placebos=dates,
        conformal=permutation,
        recovery=back,
        baseline=baseline,
        untold=tuple(str(period) for period in index[~ahead.told(level)]),
    )


def _forecast(baseline: Baseline, index: pd.PeriodIndex, scale: float) -> Forecast:
    times = ordinals(index)
    mean, covariance = baseline.forecast(times)
    return Forecast(index, mean, covariance * scale**2, baseline.known(times), baseline.fit.free)


def _check_told(question: Question, ahead: Forecast) -> None:
    told = ahead.index[ahead.told(question.level)]
    lost = question.within.index.difference(told)
    if len(lost):
        raise EffectError(
            f"the baseline up to {question.baseline_end} cannot forecast {lost[0]}: its interval "
            "is wider than a quarter to four times the median; more observed periods are needed"
        )
