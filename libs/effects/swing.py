"""Is one period's change unusual against the series' own past?

The change of the log between two adjacent observed periods (which removes the level), less the
change that season and regressors imply, over its standard deviation, is ranked among those of a
reference set. Season and regressors come from a local level fitted up to `baseline_end`. Ranks
need no distribution: they rest on changes being exchangeable once season is taken out.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import numpy as np
import pandas as pd
from scipy import linalg

from effects.baseline import Baseline, fit_baseline
from effects.level import Array, walk
from effects.results import (
    EffectError,
    EffectResult,
    alpha,
    can_reject,
    effect_table,
    probability,
    signed,
)
from effects.samples import (
    as_period,
    check_level,
    log_series,
    observed_points,
    ordinals,
    period_index,
    row_at,
    time_word,
)
from effects.season import Season, choose_terms
from effects.spans import period_name

LEAST_REFERENCE = 10


@dataclass(frozen=True)
class Swing(EffectResult):
    """One period's change; `swings` holds the changes of all periods with the same baseline.

    minimum_detectable: the unexpected fall, in percent and negative, that the first reference's
    rank finds with 80 % power: the size that its rank calls unusual, and beyond it the residual
    that four fifths of the reference stay below. interval90: the 90 % interval, in percent. Both
    are missing where the ranks are too few.
    """

    swings: pd.DataFrame
    period: pd.Period
    minimum_detectable: float
    interval90: tuple[float, float]


def swing(
    series: pd.Series,
    period: str | pd.Period,
    *,
    baseline_end: str | pd.Period | None = None,
    regressors: pd.DataFrame | None = None,
    season: Season = "auto",
    level: float = 0.95,
    name: str = "the series",
) -> Swing:
    """Rank the change at `period` among those up to `baseline_end`, and among all before it.

    The first reference (default: everything before `period`) is the calm past, against which a
    change is called unusual most easily; the second counts later upheavals as part of the past.
    Raises EffectError where the period, the one before it or a reference is missing.
    """
    check_level(level)
    index = period_index(series)
    month = as_period(period, index)
    stop = month - 1 if baseline_end is None else as_period(baseline_end, index)
    if stop >= month:
        raise EffectError(f"baseline_end ({stop}) must come before the period asked for ({month})")
    changes = _changes(series, stop, regressors, season)
    if month not in changes.index:
        raise EffectError(
            f"the change at {month} is not known: {month - 1} and {month} must both be observed, "
            "in calendar periods that the baseline has seen"
        )
    earlier = changes[changes.index < month]
    frame = _ranked(changes, stop, level)
    rows = [
        _row(changes, month, reference, label, level)
        for label, reference in {
            f"change against months to {stop}": changes[changes.index <= stop],
            "change against all earlier months": earlier,
        }.items()
    ]
    table = effect_table(rows)
    said = _sentence(row_at(frame, month), table, month, stop, name)
    calm = changes[changes.index <= stop]
    narrow = _row(changes, month, calm, "", 0.90)
    interval = float(str(narrow["lower"])), float(str(narrow["upper"]))
    return Swing(table, said, frame, month, _detectable(changes, month, calm, level), interval)


def swings(
    series: pd.Series,
    *,
    baseline_end: str | pd.Period,
    regressors: pd.DataFrame | None = None,
    season: Season = "auto",
    level: float = 0.95,
) -> pd.DataFrame:
    """Every known change, ranked among those up to `baseline_end` (itself left out).

    Columns change_pct, expected_pct, residual_pct, p_value, unusual (p <= 1 − level).
    """
    check_level(level)
    stop = as_period(baseline_end, period_index(series))
    return _ranked(_changes(series, stop, regressors, season), stop, level)


def _changes(
    series: pd.Series, stop: pd.Period, regressors: pd.DataFrame | None, season: Season
) -> pd.DataFrame:
    logs = log_series(series)
    sample = logs.loc[:stop]
    every = pd.period_range(logs.index[0], logs.index[-1])
    terms = choose_terms(pd.PeriodIndex(sample.index), every, regressors, season)
    baseline = fit_baseline(observed_points(sample), terms)
    later = np.flatnonzero(np.diff(ordinals(pd.PeriodIndex(logs.index))) == 1) + 1
    if not len(later):
        raise EffectError("no two adjacent periods are observed; a change needs both")
    contrasts = np.zeros((len(later), len(logs)))
    contrasts[np.arange(len(later)), later] = 1.0
    contrasts[np.arange(len(later)), later - 1] = -1.0
    frame = _studentised(baseline, logs, contrasts)
    return frame.set_axis(logs.index[later], axis="index").dropna()


def _studentised(baseline: Baseline, logs: pd.Series, contrasts: Array) -> pd.DataFrame:
    """Change, expected change and residual of each contrast, and the residual's deviation."""
    fit, times = baseline.fit, ordinals(pd.PeriodIndex(logs.index))
    change_of_terms = contrasts @ baseline.terms.rows(times)
    steps, unknown = change_of_terms[:, baseline.seen], change_of_terms[:, ~baseline.seen]
    loadings = linalg.solve_triangular(fit.root.T, fit.whitened_design, lower=False)
    weights = contrasts.copy()
    weights[:, : len(fit.times)] -= steps @ fit.inverse_information @ loadings.T
    covariance = (1 - fit.share) * np.eye(len(times)) + fit.share * walk(times, times, times.min())
    variance = fit.variance * np.einsum("ij,jk,ik->i", weights, covariance, weights)
    known = ~unknown.any(axis=1) & (variance > 1e-12 * fit.variance)
    change, expected = contrasts @ logs.to_numpy(), steps @ fit.coefficients
    frame = pd.DataFrame({"change": change, "expected": expected})
    frame["residual"] = change - expected
    frame["deviation"] = np.sqrt(np.where(known, variance, np.nan))
    return frame


def _rank(changes: pd.DataFrame, month: pd.Period, reference: pd.DataFrame) -> tuple[float, Array]:
    """p-value of `month` in `reference` without itself, and the reference's sizes in order."""
    size = (changes["residual"] / changes["deviation"]).abs()
    others = size[reference.index[reference.index != month]]
    p_value = (1 + int((others >= size.xs(month)).sum())) / (1 + len(others))
    return p_value, np.sort(others.to_numpy())


def _ranked(changes: pd.DataFrame, stop: pd.Period, level: float) -> pd.DataFrame:
    reference = changes[changes.index <= stop]
    if len(reference) < LEAST_REFERENCE:
        raise EffectError(
            f"{len(reference)} changes are known up to {stop}; at least {LEAST_REFERENCE} are "
            "needed to call one unusual"
        )
    logs = changes[["change", "expected", "residual"]]
    frame = logs.apply(np.expm1).mul(100).add_suffix("_pct")
    frame["p_value"] = [_rank(changes, month, reference)[0] for month in changes.index]
    frame["unusual"] = frame["p_value"] <= alpha(level)
    return frame.rename_axis("period")


def _reach(sizes: Array, deviation: float, level: float) -> float:
    """The log size from which on a change is unusual among `sizes`; missing where they are few."""
    place = ceil(level * (len(sizes) + 1))
    return float(sizes[place - 1] * deviation) if place <= len(sizes) else np.nan


def _detectable(
    changes: pd.DataFrame, month: pd.Period, reference: pd.DataFrame, level: float
) -> float:
    _, sizes = _rank(changes, month, reference)
    others = reference[reference.index != month]
    likely = np.quantile(others["residual"] / others["deviation"], 0.80, method="higher")
    deviation = float(row_at(changes, month)["deviation"])
    return float(100 * np.expm1(-_reach(sizes, deviation, level) - likely * deviation))


def _row(
    changes: pd.DataFrame, month: pd.Period, reference: pd.DataFrame, estimand: str, level: float
) -> dict[str, object]:
    """The unexpected change; its interval takes as usual what the reference's ranks call so."""
    p_value, sizes = _rank(changes, month, reference)
    row = row_at(changes, month)
    reach = _reach(sizes, row["deviation"], level)
    lower, estimate, upper = 100 * np.expm1(row["residual"] + np.array([-reach, 0.0, reach]))
    return {
        "estimator": "swing",
        "estimand": estimand,
        "start": str(month),
        "end": str(month),
        "estimate": estimate,
        "lower": lower,
        "upper": upper,
        "level": level,
        "p_value": p_value,
        "unit": "%",
        "n_pre": len(sizes),
        "n_post": 1,
    }


def _sentence(
    row: pd.Series, table: pd.DataFrame, month: pd.Period, stop: pd.Period, name: str
) -> str:
    calm, earlier = table.iloc[0], table.iloc[1]
    word = time_word(month.freqstr)
    return (
        f"In {period_name(month)} {name} changed by {signed(row['change_pct'], 1)} % on the "
        f"{word} before, where season and calendar led one to expect "
        f"{signed(row['expected_pct'], 1)} %: a change this large comes in "
        f"{how_often(calm, word)}, judged by the "
        f"{calm['n_pre']} changes to {period_name(stop)} ({probability(calm['p_value'])}), and in "
        f"{how_often(earlier, word)}, judged by all {earlier['n_pre']} earlier ones "
        f"({probability(earlier['p_value'])})."
    )


def too_few(calm: int, level: float) -> str:
    """Why a rank among `calm` changes can call none unusual; empty where it can."""
    floor = 1 / (calm + 1)
    if can_reject(floor, level):
        return ""
    return f"a rank among {calm} calm changes gives no p-value below {floor:.3f}"


def how_often(judged: pd.Series, word: str) -> str:
    """'One month of N' or 'more than half of the months', as far as the changes can tell."""
    p_value = judged["p_value"]
    if p_value > 0.5:
        return f"more than half of the {word}s"
    larger_than_all = p_value * (judged["n_pre"] + 1) < 1.5
    return f"{'at most ' if larger_than_all else ''}one {word} of {1 / p_value:.0f}"
