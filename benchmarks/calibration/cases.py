"""One case: how often every test rejects without an effect, and with one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from effects import EffectError
from effects.level import Array
from effects.samples import ask
from effects.textbook import ESTIMATORS, Step, step_sample

from analysis.new_year import new_year_regressors
from benchmarks.calibration import batch
from benchmarks.calibration.nulls import EFFECTS, END, Case, Layout, draw, lay_out

SEED = 20261122
SIZE = 0.05
DRAWS = 10_000
TEXTBOOK_LENGTH = 68
TEXTBOOK_DRAWS = {
    "OLS with HAC errors": 300,
    "Prais–Winsten AR(1)": 300,
    "Huber regression": 300,
    "SARIMA airline": 100,
    "UnobservedComponents": 100,
}
"""Series for each textbook estimator, at one length: the slow ones see fewer."""
PERMUTED = (0.0, -0.50)
"""Effects at which the permutation, which is refitted for each, is tried."""


@dataclass(frozen=True)
class Rate:
    """How often `test` rejected in `draws` series with an effect of `effect_pct` percent."""

    test: str
    effect_pct: int
    draws: int
    rejected: float


def rates(case: Case) -> list[Rate]:
    """Every test's rates in one case; none where the default refuses it."""
    try:
        layout = lay_out(case)
    except EffectError:
        return []
    random = np.random.default_rng([SEED, *map(ord, repr(case))])
    logs = draw(case, layout, DRAWS, random)
    found = [*_default(layout, logs), *_permutation(layout, logs)]
    if case.length == TEXTBOOK_LENGTH:
        found += _textbook(case, layout, logs)
    return found


def _default(layout: Layout, logs: Array) -> Iterator[Rate]:
    effect = batch.windows(layout.before, layout.within, layout.terms, logs)
    if effect is None:
        raise ValueError("the window leans on what its baseline never saw")
    dates = batch.placebo_t(layout, logs)
    scale = batch.scales(dates, len(layout.within))
    for size in EFFECTS:
        moved = replace(effect, mean=effect.mean + np.log1p(size))
        yield _rate("default", size, batch.default_p(moved, scale))
        yield _rate("placebo dates", size, batch.placebo_p(moved, dates))
    yield _rate("default, unscaled", 0.0, batch.default_p(effect, 1.0))


def _permutation(layout: Layout, logs: Array) -> Iterator[Rate]:
    inside = np.arange(len(logs)) >= len(layout.before)
    for size in PERMUTED:
        moved = logs + np.log1p(size) * inside[:, None]
        yield _rate("conformal permutation", size, batch.conformal_p(layout, moved))


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
            yield _rate(name, 0.0, np.array(p_values))


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


def _rate(test: str, effect: float, p_values: Array) -> Rate:
    rejected = float((p_values <= SIZE).mean())
    return Rate(test, round(100 * effect), len(p_values), rejected)
