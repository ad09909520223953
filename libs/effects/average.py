"""The average effect over a window: baseline, forecast and placebo dates, fitted once.

`counterfactual` tells the rest from the same fit; `average_effect` is all that a sensitivity
analysis or a simulation needs.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from effects.baseline import Baseline, fit_baseline
from effects.paths import Forecast
from effects.placebo import Placebos, placebos
from effects.question import Question, ask
from effects.results import EffectError, EffectResult, effect_table, probability, signed
from effects.samples import Points, observed_points, ordinals
from effects.season import Season, Terms, choose_terms
from effects.window import WindowEffect, window_effect


@dataclass(frozen=True)
class FittedWindow:
    """A question answered by a baseline; `ahead` is its forecast, errors scaled by placebos."""

    question: Question
    terms: Terms
    before: Points
    within: Points
    baseline: Baseline
    effect: WindowEffect
    placebos: Placebos

    @property
    def ahead(self) -> Forecast:
        """Forecast of every period after the baseline."""
        index = pd.period_range(self.question.baseline_end + 1, self.question.logs.index[-1])
        times = ordinals(index)
        mean, covariance = self.baseline.forecast(times)
        scaled = covariance * self.placebos.scale**2
        return Forecast(index, mean, scaled, self.baseline.known(times), self.baseline.fit.free)

    def row(self) -> dict[str, object]:
        """The average effect as a row of effects.csv, in percent."""
        question, effect, scale = self.question, self.effect, self.placebos.scale
        ends = [effect.mean, *effect.interval(question.level, scale)]
        estimate, lower, upper = 100 * np.expm1(ends)
        return {
            "estimator": "counterfactual",
            "estimand": "average effect",
            "start": str(question.start),
            "end": str(question.end),
            "estimate": estimate,
            "lower": lower,
            "upper": upper,
            "level": question.level,
            "p_value": effect.p_value(scale),
            "unit": "%",
            "n_pre": len(question.before),
            "n_post": effect.periods,
        }


def fit_window(
    question: Question, regressors: pd.DataFrame | None, season: Season = "auto"
) -> FittedWindow:
    """Fit the baseline, forecast the window and move both to every placebo date.

    Raises EffectError where the baseline cannot tell the window.
    """
    observed = pd.PeriodIndex(question.before.index)
    terms = choose_terms(observed, question.periods, regressors, season)
    before, within = observed_points(question.before), observed_points(question.within)
    baseline = fit_baseline(before, terms)
    effect = window_effect(baseline, within)
    if effect is None:
        raise EffectError(
            f"the baseline up to {question.baseline_end} never saw what {question.start} to "
            f"{question.end} needs: a calendar period or a regressor is missing from it"
        )
    gap = question.start.ordinal - question.baseline_end.ordinal
    quiet_end = question.quiet_end.ordinal
    dates = placebos(before, terms, gap, question.length, question.start.freqstr, quiet_end)
    fitted = FittedWindow(question, terms, before, within, baseline, effect, dates)
    _check_told(fitted)
    return fitted


def _check_told(fitted: FittedWindow) -> None:
    question, ahead = fitted.question, fitted.ahead
    told = ahead.index[ahead.told(question.level)]
    lost = question.within.index.difference(told)
    if len(lost):
        raise EffectError(
            f"the baseline up to {question.baseline_end} cannot forecast {lost[0]}: its interval "
            "is wider than a third to three times the median; more observed periods are needed"
        )


def average_effect(
    series: pd.Series,
    start: str | pd.Period,
    end: str | pd.Period | None = None,
    *,
    baseline_end: str | pd.Period | None = None,
    quiet_end: str | pd.Period | None = None,
    regressors: pd.DataFrame | None = None,
    season: Season = "auto",
    level: float = 0.95,
    name: str = "the series",
) -> EffectResult:
    """The first row of `counterfactual`, which takes the same, without paths, sums and recovery."""
    question = ask(series, start, end, baseline_end, level, ("%", name), quiet_end)
    row = fit_window(question, regressors, season).row()
    table = effect_table([row])
    average = table.iloc[0]
    return EffectResult(
        table,
        f"The average effect on {name} was {signed(average['estimate'])} % "
        f"({signed(average['lower'])} % to {signed(average['upper'])} %, "
        f"{probability(average['p_value'])}).",
    )
