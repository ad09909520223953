"""One case: how often every test rejects without an effect, and with one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from effects import EffectError
from effects.baseline import find_drift
from effects.level import Array
from effects.samples import Points, Scale, ask
from effects.textbook import ESTIMATORS, Step, step_sample

from analysis.regressors import new_year_regressors
from benchmarks.calibration import batch
from benchmarks.calibration.nulls import EFFECTS, END, NOISES, Case, Layout, draw, lay_out

SEED = 20261122
SIZE = 0.05
DRAWS = 500
DRIFT_DRAWS = 100
"""Series in which the test of a drift is made, at the textbook's length."""
TEXTBOOK_LENGTH = 68
TEXTBOOK_DRAWS = {
    "OLS with HAC errors": 40,
    "Prais–Winsten AR(1)": 40,
    "Huber regression": 40,
    "SARIMA airline": 10,
    "UnobservedComponents": 10,
}
"""Series for each textbook estimator, at one length: the slow ones see fewer."""
PERMUTED = (0.0, -0.50)
"""Effects at which the permutation, which is refitted for each, is tried."""


@dataclass(frozen=True)
class Rate:
    """How often `test` rejected in `draws` series with an effect of `effect_pct` percent.

    refused: the share of series that the estimator refused; they are not among the draws.
    """

    test: str
    effect_pct: int
    draws: int
    rejected: float
    refused: float = 0.0


def rates(case: Case) -> list[Rate]:
    """Every test's rates in one case; none where the default refuses it."""
    try:
        layout = lay_out(case)
    except EffectError:
        return []
    random = np.random.default_rng([SEED, *map(ord, repr(case))])
    logs = draw(case, layout, DRAWS, random)
    found = [*_default(layout, logs)]
    if case.length == TEXTBOOK_LENGTH:
        found.append(_drift(layout, logs))
        found += _textbook(case, layout, logs) if case.noise in NOISES else []
    return found


def _drift(layout: Layout, logs: Array) -> Rate:
    """How often a result says that there is a drift for which it has no term."""
    scale, before = Scale("tonnes"), layout.before
    drifts = [
        find_drift(Points(before, column), layout.terms, scale)
        for column in logs[: len(before), :DRIFT_DRAWS].T
    ]
    told = np.array([drift is not None and drift.ignored for drift in drifts])
    return Rate("drift said", 0, len(told), float(told.mean()))


def _default(layout: Layout, logs: Array) -> Iterator[Rate]:
    effect = batch.windows(layout.before, layout.within, layout.terms, logs)
    if effect is None:
        raise ValueError("the window leans on what its baseline never saw")
    dates = batch.placebo_t(layout, logs)
    scale, named = batch.scales(dates, len(layout.within))
    refused = effect.refused(scale)
    if refused.all():
        return
    for size in EFFECTS:
        moved = replace(effect, mean=effect.mean + np.log1p(size))
        yield _rate("default", size, batch.default_p(moved, scale), refused)
        yield _rate("placebo dates", size, batch.placebo_p(moved, dates), refused)
    robust = batch.median_scales(dates, len(layout.within))
    for size in EFFECTS[:2]:
        moved = replace(effect, mean=effect.mean + np.log1p(size))
        p_values = batch.default_p(moved, robust)
        yield _rate("default, median scale", size, p_values, effect.refused(robust))
    yield _rate("default, unscaled", 0.0, batch.default_p(effect, 1.0), refused)
    yield _rate("date named", 0.0, np.where(named, 0.0, 1.0), refused)
    yield from _permutation(layout, logs, refused)


def _permutation(layout: Layout, logs: Array, refused: np.ndarray) -> Iterator[Rate]:
    inside = np.arange(len(logs)) >= len(layout.before)
    for size in PERMUTED:
        moved = logs + np.log1p(size) * inside[:, None]
        yield _rate("conformal permutation", size, batch.conformal_p(layout, moved), refused)


def _textbook(case: Case, layout: Layout, logs: Array) -> Iterator[Rate]:
    step = _step(layout, logs[:, 0])
    for name, estimator in ESTIMATORS.items():
        draws = TEXTBOOK_DRAWS[name]
        p_values = []
        for column in logs.T[:draws]:
            try:
                p_values.append(estimator(replace(step, logs=_placed(layout, column)), SIZE)[3])
            except EffectError:
                continue
        if p_values:
            yield _rate(name, 0.0, np.array(p_values), np.zeros(len(p_values), dtype=bool))


def _step(layout: Layout, logs: Array) -> Step:
    series = pd.Series(np.exp(_placed(layout, logs)), index=_index(layout))
    last = END + len(layout.within)
    question = ask(series, END + 1, last, END, 1 - SIZE, ("%", "the series"))
    return step_sample(question, new_year_regressors(layout.every), "auto")


def _index(layout: Layout) -> pd.PeriodIndex:
    first = pd.Period(ordinal=int(layout.before[0]), freq="M")
    return pd.period_range(first, END + len(layout.within), freq="M")


def _placed(layout: Layout, logs: Array) -> Array:
    """Logs on every month from the first observed, missing where not."""
    times = np.concatenate([layout.before, layout.within]).astype(int)
    placed = np.full(len(_index(layout)), np.nan)
    placed[times - times[0]] = logs
    return placed


def _rate(test: str, effect: float, p_values: Array, refused: np.ndarray) -> Rate:
    answered = p_values[~refused]
    rejected = float((answered <= SIZE).mean())
    return Rate(test, round(100 * effect), len(answered), rejected, float(refused.mean()))
