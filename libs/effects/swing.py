"""Is one period's change unusual against the series' own past?

The change of the log between two adjacent observed periods (which removes the level), less the
change that season and regressors imply, over its standard deviation, is ranked among those of a
reference set. Season and regressors come from a local level fitted up to `baseline_end`. Ranks
need no distribution: they rest on changes being exchangeable once season is taken out.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import ceil

import numpy as np
import pandas as pd
from words import month as month_name
from words import signed

from effects.baseline import Baseline, baseline_of
from effects.level import Array, covariance, solve_root
from effects.results import (
    EffectError,
    JudgedEffect,
    alpha,
    can_reject,
    effect_row,
    effect_table,
    probability,
)
from effects.samples import (
    Scale,
    When,
    as_period,
    check_level,
    ordinals,
    read_series,
    row_at,
    time_word,
)
from effects.season import Season, Terms, season_caution, season_length

LEAST_REFERENCE = 10


@dataclass(frozen=True)
class Swing(JudgedEffect):
    """One period's change; `swings` holds the changes of all periods with the same baseline.

    What it finds with 80 % power is the size that the first reference's rank calls unusual, and
    beyond it the residual that four fifths of the reference stay below.
    """

    swings: pd.DataFrame
    period: pd.Period


def next_change(
    series: pd.Series,
    baseline_end: When,
    *,
    regressors: pd.DataFrame | None = None,
    level: float = 0.95,
) -> dict[str, float]:
    """What the period after the last would be judged by: an unchanged one is put in to see.

    regressors: up to that period. Gives the last value (tonnes), what is expected next, lower and
    upper, in the unit, between which it is usual, the same as changes in percent, how many calm
    changes say so, and of those since how many lay outside. Raises EffectError as `swing` does.
    """
    last = series.index[-1]
    size = float(series.iloc[-1])
    longer = series.reindex(pd.period_range(series.index[0], last + 1)).fillna({last + 1: size})
    test = swing(longer, last + 1, baseline_end=baseline_end, regressors=regressors, level=level)
    unexpected = np.log1p(test.table.loc[0, ["estimate", "lower", "upper"]].astype(float) / 100)
    usual = np.exp(-unexpected["estimate"])
    reach = np.exp(unexpected["upper"] - unexpected["estimate"])
    later = test.swings[(test.swings.index > baseline_end) & (test.swings.index <= last)]
    return {
        "tonnes": size,
        "expected": size * usual,
        "lower": size * usual / reach,
        "upper": size * usual * reach,
        "lower_pct": 100 * (usual / reach - 1),
        "upper_pct": 100 * (usual * reach - 1),
        "calm": int(test.table["n_pre"].iloc[0]),
        "since": len(later),
        "outside": int(later["unusual"].sum()),
    }


@dataclass(frozen=True)
class Changes:
    """All known changes: `frame` has change, expected, residual and deviation by period.

    stop: the end of the first reference.
    """

    frame: pd.DataFrame
    stop: pd.Period
    scale: Scale
    level: float
    cautions: tuple[str, ...]

    @cached_property
    def size(self) -> pd.Series:
        """Absolute residuals over their deviations."""
        return (self.frame["residual"] / self.frame["deviation"]).abs()

    @cached_property
    def _times(self) -> Array:
        return ordinals(pd.PeriodIndex(self.frame.index))

    def at(self, month: pd.Period, column: str) -> float:
        """What `frame` has in a column of the row of `month`."""
        return float(self.frame[column].to_numpy()[self._times == month.ordinal][0])

    def others(self, month: pd.Period, last: pd.Period) -> Array:
        """The sizes that `month` is ranked among: those up to `last` without its own."""
        among = (self._times <= last.ordinal) & (self._times != month.ordinal)
        return np.asarray(self.size.to_numpy()[among])

    def p_value(self, month: pd.Period, last: pd.Period) -> float:
        """The rank of `month` among the others."""
        others = self.others(month, last)
        return (1 + int((others >= self.size.xs(month)).sum())) / (1 + len(others))

    def reach(self, month: pd.Period, last: pd.Period, level: float) -> float:
        """The change from which on `month` is unusual; missing where the others are few."""
        sizes = np.sort(self.others(month, last))
        place = ceil(level * (len(sizes) + 1))
        deviation = self.at(month, "deviation")
        return float(sizes[place - 1] * deviation) if place <= len(sizes) else np.nan

    def interval(self, month: pd.Period, last: pd.Period, level: float) -> Array:
        """Lower end, estimate and upper end of the unexpected change, as effects."""
        reach = self.reach(month, last, level)
        ends = self.at(month, "residual") + np.array([-reach, 0.0, reach])
        return np.asarray(self.scale.effect(ends))


def swing(
    series: pd.Series,
    period: When,
    *,
    baseline_end: When | None = None,
    regressors: pd.DataFrame | None = None,
    season: Season = "auto",
    logs: bool = True,
    level: float = 0.95,
    unit: str = "tonnes",
    name: str = "the series",
) -> Swing:
    """Rank the change at `period` among those up to `baseline_end`, and among all before it.

    The first reference (default: everything before `period`) is the calm past, against which a
    change is called unusual most easily; the second counts later upheavals as part of the past.
    Raises EffectError where the period, the one before it or a reference is missing.
    """
    values = read_series(series, logs)
    month = as_period(period, pd.PeriodIndex(values.index))
    stop = month - 1 if baseline_end is None else baseline_end
    changes = _changes(values, stop, regressors, season, Scale(unit, logs), level)
    stop = changes.stop
    if stop >= month:
        raise EffectError(f"baseline_end ({stop}) must come before the period asked for ({month})")
    if month not in changes.frame.index:
        raise EffectError(
            f"the change at {month} is not known: {month - 1} and {month} must both be observed, "
            "in calendar periods that the baseline has seen"
        )
    frame = _ranked(changes)
    references = {
        f"change against {time_word(month.freqstr)}s to {stop}": stop,
        f"change against all earlier {time_word(month.freqstr)}s": month,
    }
    table = effect_table([_row(changes, month, last, label) for label, last in references.items()])
    lower, _, upper = map(float, changes.interval(month, stop, 0.90))
    return Swing(
        table,
        _sentence(row_at(frame, month), table, month, changes, name),
        _detectable(changes, month),
        (lower, upper),
        frame,
        month,
        cautions=changes.cautions,
    )


def swings(
    series: pd.Series,
    *,
    baseline_end: When,
    regressors: pd.DataFrame | None = None,
    season: Season = "auto",
    logs: bool = True,
    level: float = 0.95,
) -> pd.DataFrame:
    """Every known change, ranked among those up to `baseline_end` (itself left out).

    Columns change_pct, expected_pct, residual_pct, usual_lower_pct and usual_upper_pct (without
    _pct and in the unit of the series under logs=False), p_value, unusual (p <= 1 − level).
    Residuals between the two usual ones are not unusual; they are missing where ranks are too few.
    """
    values, scale = read_series(series, logs), Scale("", logs)
    return _ranked(_changes(values, baseline_end, regressors, season, scale, level))


def _changes(
    values: pd.Series,
    end: When,
    regressors: pd.DataFrame | None,
    season: Season,
    scale: Scale,
    level: float,
) -> Changes:
    check_level(level)
    index = pd.PeriodIndex(values.index)
    stop = as_period(end, index, "end")
    sample = values.loc[:stop]
    every = pd.period_range(index[0], index[-1])
    baseline = baseline_of(sample, every, regressors, season)
    later = np.flatnonzero(np.diff(ordinals(index)) == 1) + 1
    if not len(later):
        raise EffectError("no two adjacent periods are observed; a change needs both")
    contrasts = np.zeros((len(later), len(values)))
    contrasts[np.arange(len(later)), later] = 1.0
    contrasts[np.arange(len(later)), later - 1] = -1.0
    frame = _studentised(baseline, values, contrasts).set_axis(index[later], axis="index").dropna()
    seen = pd.PeriodIndex(sample.index)
    cautions = (*season_caution(baseline.terms, seen, season), *_twins(baseline.terms, seen))
    return Changes(frame, stop, scale, level, cautions)


def _studentised(baseline: Baseline, logs: pd.Series, contrasts: Array) -> pd.DataFrame:
    """Change, expected change and residual of each contrast, and the residual's deviation."""
    fit, times = baseline.fit, ordinals(pd.PeriodIndex(logs.index))
    change_of_terms = contrasts @ baseline.terms.rows(times)
    steps, unknown = change_of_terms[:, baseline.seen], change_of_terms[:, ~baseline.seen]
    loadings = solve_root(fit.root, fit.whitened_design, transposed=True)
    weights = contrasts.copy()
    weights[:, : len(fit.times)] -= steps @ fit.inverse_information @ loadings.T
    spread = covariance(times, fit.share)
    variance = fit.variance * np.einsum("ij,jk,ik->i", weights, spread, weights)
    known = ~unknown.any(axis=1) & (variance > 1e-12 * fit.variance)
    change, expected = contrasts @ logs.to_numpy(), steps @ fit.coefficients
    frame = pd.DataFrame({"change": change, "expected": expected})
    frame["residual"] = change - expected
    frame["deviation"] = np.sqrt(np.where(known, variance, np.nan))
    return frame


def _twins(terms: Terms, seen: pd.PeriodIndex) -> tuple[str, ...]:
    """That ranks count sizes twice, where two years are held against their own mean."""
    if terms.season != "calendar" or len(seen) > 2 * season_length(seen):
        return ()
    word = time_word(seen.freqstr)
    return (
        f"Season is fitted to two years, from which the same {word} then strays alike: ranks count "
        "most sizes twice, and p is less sure than it looks.",
    )


def _ranked(changes: Changes) -> pd.DataFrame:
    known = len(changes.size.loc[: changes.stop])
    if known < LEAST_REFERENCE:
        raise EffectError(
            f"{known} changes are known up to {changes.stop}; at least {LEAST_REFERENCE} are "
            "needed to call one unusual"
        )
    parts = changes.frame[["change", "expected", "residual"]].copy()
    reach = [changes.reach(month, changes.stop, changes.level) for month in parts.index]
    parts["usual_lower"], parts["usual_upper"] = np.negative(reach), reach
    frame = pd.DataFrame(changes.scale.effect(parts), parts.index, parts.columns)
    frame = frame.add_suffix("_pct" if changes.scale.logs else "")
    frame["p_value"] = [changes.p_value(month, changes.stop) for month in frame.index]
    frame["unusual"] = frame["p_value"] <= alpha(changes.level)
    return pd.DataFrame(frame.rename_axis("period"))


def _detectable(changes: Changes, month: pd.Period) -> float:
    others = changes.frame.loc[: changes.stop]
    others = others[others.index != month]
    likely = np.quantile(others["residual"] / others["deviation"], 0.80, method="higher")
    reach = changes.reach(month, changes.stop, changes.level)
    return float(changes.scale.effect(-reach - likely * changes.at(month, "deviation")))


def _row(changes: Changes, month: pd.Period, last: pd.Period, estimand: str) -> dict[str, object]:
    """The unexpected change; its interval takes as usual what the reference's ranks call so."""
    lower, estimate, upper = changes.interval(month, last, changes.level)
    counts, unit = (len(changes.others(month, last)), 1), changes.scale.effect_unit
    tested = {"level": changes.level, "p_value": changes.p_value(month, last)}
    ends = (estimate, lower, upper)
    return effect_row("swing", estimand, (month, month), ends, counts, unit, **tested)


def _sentence(
    row: pd.Series, table: pd.DataFrame, month: pd.Period, changes: Changes, name: str
) -> str:
    calm, earlier = table.iloc[0], table.iloc[1]
    word = time_word(month.freqstr)
    change, expected = (f"{signed(size, 1)} {calm['unit']}" for size in row.iloc[:2])
    often, often_earlier = (how_often(one, word) for one in (calm, earlier))
    told = (
        f"In {month_name(month)} {name} changed by {change} on the {word} before, where {expected} "
        f"is normal for season and calendar: a change this large comes in {often}, judged by the "
        f"{calm['n_pre']} changes to {month_name(changes.stop)} ({probability(calm['p_value'])}), "
        f"and in {often_earlier}, judged by all {earlier['n_pre']} earlier ones "
        f"({probability(earlier['p_value'])})."
    )
    return " ".join([told, *changes.cautions])


def too_few(calm: int, level: float) -> str:
    """Why a rank among `calm` changes can call none unusual; empty where it can."""
    floor = 1 / (calm + 1)
    if can_reject(floor, level):
        return ""
    return f"a rank among {calm} calm changes gives no p-value below {floor:.3f}"


def how_often(judged: pd.Series, word: str) -> str:
    """'One month of N' or 'most months', as far as the changes can tell."""
    p_value = judged["p_value"]
    if p_value > 0.5:
        return f"most {word}s"
    larger_than_all = p_value * (judged["n_pre"] + 1) < 1.5
    return f"{'at most ' if larger_than_all else ''}one {word} of {1 / p_value:.0f}"
