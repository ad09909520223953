"""What an event did: observed against what the baseline would have led one to expect.

Log series, local level with diffuse regressors fitted by REML up to `baseline_end`, forecast
beyond it. Forecasts are medians: the exponential of the forecast log. Standard errors are
multiplied by what rolling-origin placebos ask for (`Placebos.scale`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from words import during, signed
from words import month as month_name

from effects.average import FittedWindow, cumulative_effect, effect_draws, effect_path, fit_window
from effects.baseline import Baseline, Drift, WindowEffect
from effects.inversion import Conformal, conformal
from effects.placebo import Placebos
from effects.results import JudgedEffect, effect_table, percent_of
from effects.samples import Question, When, ask, row_at, time_word
from effects.season import Season

RUN = 3
"""Periods in a row that make a recovery."""


@dataclass(frozen=True)
class Recovery:
    """The first period below the bound, and the one a recovery began.

    low: None if no period fell below; period: None if the data end before a recovery. since: how
    many periods came after `low`.
    """

    low: pd.Period | None = None
    period: pd.Period | None = None
    since: int = 0


def recovery(observed: pd.Series, floor: pd.Series) -> Recovery:
    """First period of `RUN` in a row at or above `floor`, after the series first fell below it.

    Both run over every period from the event on; a missing period breaks a run.
    """
    above = (observed >= floor).to_numpy()
    told = (observed.notna() & floor.notna()).to_numpy()
    below = np.flatnonzero(told & ~above)
    if not len(below):
        return Recovery()
    first, count = int(below[0]), len(above)
    starts = range(first + 1, count - RUN + 1)
    back = next((place for place in starts if above[place : place + RUN].all()), None)
    period = None if back is None else observed.index[back]
    return Recovery(observed.index[first], period, count - first - 1)


Row = dict[str, object]
WINDOW_SUM = "cumulative effect"
NET_SUM = "cumulative effect since the baseline"
WINDOW_SHARE = "share of the expected sum"


def account(
    fitted: FittedWindow,
    sums: Mapping[str, pd.DataFrame],
    path: pd.DataFrame,
    permutation: Conformal,
    back: Recovery,
) -> pd.DataFrame:
    """One row an estimand. `sums`: running sums since the window's start and the baseline's end.

    An end that the permutation cannot tell is missing.
    """
    question, average = fitted.question, fitted.row()
    bare = {"lower": np.nan, "upper": np.nan, "level": np.nan}
    ends = np.array([permutation.lower, permutation.upper])
    lower, upper = question.scale.effect(np.where(np.isinf(ends), np.nan, ends))
    ranked = {"estimator": "placebo dates", "p_value": fitted.placebos.p_value(fitted.effect)}
    permuted = {"estimator": "conformal permutation", "p_value": permutation.p_value}
    common = average | {"unit": question.scale.unit, "p_value": np.nan}
    rows: list[Row] = [
        average,
        average | bare | ranked,
        average | permuted | {"lower": lower, "upper": upper},
        *(common | row for row in _sums(question, sums)),
        common | _trough(question, path.loc[question.start : question.end]),
        common | bare | _recovery(question, back),
    ]
    return effect_table(rows)


def _sums(question: Question, sums: Mapping[str, pd.DataFrame]) -> Iterator[Row]:
    """Running sums at the window's end and at their own, and the window's as a share.

    The share is in percent of the counterfactual's sum, of what was to be expected in all: what is
    observed is known, so its quantiles are those of the sum. Negative values have none.
    """
    for estimand, running in sums.items():
        for count in dict.fromkeys([len(running.loc[: question.end]), len(running)]):
            ends = {"start": str(running.index[0]), "end": str(running.index[count - 1])}
            numbers = _named(running.iloc[count - 1])
            yield {"estimand": estimand, "n_post": count, **ends, **numbers}
    if question.scale.logs:
        observed = float(np.exp(question.within).sum())
        total = sums[WINDOW_SUM].loc[: question.end].iloc[-1]
        yield {"estimand": WINDOW_SHARE, "unit": "%", **_named(100 * total / (observed - total))}


def _named(row: pd.Series) -> dict[str, object]:
    return {str(name): value for name, value in row.items()}


def _trough(question: Question, window: pd.DataFrame) -> Row:
    percent = question.scale.logs
    month = window["effect_pct" if percent else "effect"].idxmin()
    row = row_at(window, month)
    ratio = 100 * (row["observed"] / row - 1) if percent else row["observed"] - row
    ends = {"estimate": "counterfactual", "lower": "upper", "upper": "lower"}
    return {
        "estimand": "trough",
        "start": str(month),
        "end": str(month),
        **{name: ratio[other] for name, other in ends.items()},
        "unit": question.scale.effect_unit,
        "n_post": 1,
    }


def _recovery(question: Question, back: Recovery) -> Row:
    """Zero where no period fell below the bound; missing where it was not back by the last one."""
    end = question.values.index[-1] if back.period is None else back.period
    lasted = np.nan if back.period is None else back.period.ordinal - question.start.ordinal
    return {
        "estimand": "periods to recovery",
        "end": str(end),
        "estimate": 0.0 if back.low is None else lasted,
        "unit": "periods",
        "n_post": len(question.values.loc[question.start : end]),
    }


def sentence(fitted: FittedWindow, table: pd.DataFrame, back: Recovery) -> str:
    """What happened, how sure, how much, and since when it is over."""
    question, average = fitted.question, table.iloc[0]
    word, unit = time_word(question.start.freqstr), average["unit"]
    digits = 0 if question.scale.logs else 1
    direction = "below" if average["estimate"] < 0 else "above"
    several = len(question.within) > 1
    when = during(question.start, question.end)
    if question.length > len(question.within):
        when += f" ({len(question.within)} of {question.length} {word}s observed)"
    told = f"{percent_of(question.level)} % interval"
    return (
        f"{when} {question.name} lay {'on average ' if several else ''}"
        f"{abs(average['estimate']):,.{digits}f} {unit} {direction} normal, judged by the {word}s "
        f"to {month_name(question.baseline_end)} ({told} "
        f"{signed(average['lower'], digits)} {unit} to {signed(average['upper'], digits)} {unit}, "
        f"{fitted.judged}): {_in_sum(question, table, several)}. "
        f"{' '.join([recovery_sentence(back, word), *fitted.cautions])}"
    )


def _in_sum(question: Question, table: pd.DataFrame, several: bool) -> str:
    """The window's sum, and for several periods its share of what was to be expected in all."""
    total = _first(table, WINDOW_SUM)
    tonnes = (
        f"{signed(total['estimate'])} {question.scale.unit} "
        f"({signed(total['lower'])} to {signed(total['upper'])})"
    )
    if not several:
        return tonnes
    if not question.scale.logs:
        return f"in sum {tonnes}"
    share = _first(table, WINDOW_SHARE)["estimate"]
    less = "less" if share < 0 else "more"
    return f"in sum {tonnes}, {abs(share):.0f} % {less} than expected"


def _first(table: pd.DataFrame, estimand: str) -> pd.Series:
    """The first row of an estimand: that of the window."""
    return table.iloc[int(table["estimand"].eq(estimand).argmax())]


def recovery_sentence(back: Recovery, word: str) -> str:
    """When the series was back; `word` is what a period is called."""
    if back.low is None:
        return f"No {word} fell clearly below normal (below the lower 80 % bound)."
    first = f"The first {word} clearly below normal (below the lower 80 % bound) was "
    first += month_name(back.low)
    if back.period is not None:
        began = f"recovery began in {month_name(back.period)}"
        return f"{first}; {began}: three {word}s running were no longer clearly below it."
    if back.since < RUN:
        return f"{first}, too short a time ago to tell of a recovery."
    later = f"at no time since were three {word}s running known to be no longer clearly below it"
    return f"{first}; {later}."


RECOVERY_LEVEL = 0.80


@dataclass(frozen=True)
class Counterfactual(JudgedEffect):
    """The effect of an event.

    path: every period from the first observed to the last, columns observed, counterfactual,
    lower, upper, effect, effect_lower, effect_upper in the unit of the series, and effect_pct;
    the counterfactual is missing up to the baseline's end and where it cannot be told (`untold`).
    quiet_end: the last period that a placebo window could hold.
    cumulative: running sum of the effect since the baseline's end (estimate, lower, upper).
    What it finds with 80 % power is t quantiles at the level and at 0.8, times the scaled standard
    error (Bloom 1995, Evaluation Review 19).
    drift: growth of the baseline a year and the test of none (None where it cannot be told).
    fitted: what `average_effect` finds.
    """

    path: pd.DataFrame
    cumulative: pd.DataFrame
    window: WindowEffect
    placebos: Placebos
    conformal: Conformal
    quiet_end: pd.Period
    recovery: Recovery
    baseline: Baseline
    drift: Drift | None
    untold: tuple[str, ...]
    fitted: FittedWindow

    @property
    def needed_to_overturn(self) -> float:
        """Units that the window's sum would have to be nearer the counterfactual's to be no effect.

        Zero where the interval already holds no effect.
        """
        row = _first(self.table, WINDOW_SUM)
        nearest = min(abs(row["lower"]), abs(row["upper"]))
        return float(nearest if np.sign(row["lower"]) == np.sign(row["upper"]) else 0.0)


def counterfactual(
    series: pd.Series,
    start: When,
    end: When | None = None,
    *,
    baseline_end: When | None = None,
    quiet_end: When | None = None,
    regressors: pd.DataFrame | None = None,
    season: Season = "auto",
    drift: bool = False,
    logs: bool = True,
    candidates: pd.DataFrame | None = None,
    level: float = 0.95,
    unit: str = "tonnes",
    name: str = "the series",
) -> Counterfactual:
    """Estimate what happened to `series` from `start` to `end` (default: the last observed).

    series: positive numbers on a PeriodIndex, NaN where missing; nothing is interpolated.
    baseline_end: last period of the fit (default: the one before `start`). quiet_end: last period
    that a placebo window may hold (default: the baseline's end), for baselines that an earlier
    event upset. regressors: periods × columns, covering every period of the series, with the
    values of the world without the event; series picked among many because they fit make errors
    too small unless they are given as `candidates`, of which up to three are picked by fit, again
    at every placebo date and for every permutation. drift: let the level grow steadily. logs:
    False for numbers that may be negative; effects are then in `unit`. Raises EffectError where the
    data cannot answer.
    """
    question = ask(series, start, end, baseline_end, level, (unit, name), quiet_end, logs)
    fitted = fit_window(question, regressors, season, drift, candidates=candidates)
    permutation = conformal(
        fitted.before, fitted.within, fitted.terms, fitted.effect, level, fitted.donors
    )
    ahead = fitted.ahead
    index = ahead.index
    path = effect_path(question.values, ahead, level)
    draws = effect_draws(question.values, ahead, level)
    net = cumulative_effect(draws, index[0], level)
    at_once = question.start == index[0]
    within = net if at_once else cumulative_effect(draws, question.start, level)
    sums = {WINDOW_SUM: within, NET_SUM: net}
    floor = pd.Series(ahead.quantile(-ahead.half(RECOVERY_LEVEL), level), index)
    back = recovery(path["observed"].loc[question.start :], floor.loc[question.start :])
    table = account(fitted, sums, path, permutation, back)
    lower, upper = map(
        float, question.scale.effect(fitted.effect.interval(0.90, fitted.placebos.scale))
    )
    return Counterfactual(
        table=table,
        sentence=sentence(fitted, table, back),
        cautions=fitted.cautions,
        path=path,
        cumulative=net,
        window=fitted.effect,
        placebos=fitted.placebos,
        conformal=permutation,
        quiet_end=question.quiet_end,
        recovery=back,
        baseline=fitted.baseline,
        drift=fitted.drift,
        untold=tuple(str(period) for period in index[~ahead.told(level)]),
        fitted=fitted,
        minimum_detectable=fitted.minimum_detectable,
        interval90=(lower, upper),
    )
