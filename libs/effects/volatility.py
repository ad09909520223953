"""Did the swings of a series become larger from a period on?

Local level with season and regressors fitted to all of it; what is left is one
innovation a period, each over its own standard deviation. Their mean absolute value from `start`
on is set against that before it. The log of the ratio is ranked among those of all cyclic shifts
of the innovations, which keeps their dependence (a moving-block permutation). A shift of the
level given as a regressor is no swing. There is no interval: the one that inverting the test
gives held large ratios too seldom in simulations.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from words import month as month_name

from effects.baseline import baseline_of, drift_cautions, find_drift
from effects.inversion import ROUNDING
from effects.level import Array
from effects.results import EffectError, EffectResult, alpha, effect_row, effect_table, probability
from effects.samples import (
    Scale,
    When,
    as_period,
    check_level,
    observed_points,
    read_series,
    time_word,
)
from effects.season import Season, season_caution

LEAST_SIDE = 6
"""Innovations needed before `start` and from it on."""


@dataclass(frozen=True)
class Volatility(EffectResult):
    """The change of swings.

    minimum_detectable: the rise of the mean swing, in percent, that the test finds with 80 % power.
    """

    minimum_detectable: float


def volatility(
    series: pd.Series,
    start: When,
    *,
    regressors: pd.DataFrame | None = None,
    season: Season = "auto",
    drift: bool = False,
    logs: bool = True,
    level: float = 0.95,
    name: str = "the series",
) -> Volatility:
    """Compare the swings of `series` from `start` on with those before.

    Takes what `counterfactual` takes. level: one less the p-value from which on the sentence
    speaks of more than chance. Raises EffectError where the data cannot answer.
    """
    values = read_series(series, logs)
    observed = pd.PeriodIndex(values.index)
    first = as_period(start, observed, "start")
    check_level(level)
    if not observed[0] < first <= observed[-1]:
        raise EffectError(
            f"start is {first}; needs a period after {observed[0]}, the first observed, and not "
            f"after {observed[-1]}, the last"
        )
    every = pd.period_range(observed[0], observed[-1])
    baseline = baseline_of(values, every, regressors, season, drift)
    innovations = pd.Series(baseline.fit.studentised(), observed).dropna()
    block = int((innovations.index >= first).sum())
    for count, side in ((len(innovations) - block, "before"), (block, "from")):
        if count < LEAST_SIDE:
            raise EffectError(
                f"{count} swings are known {side} {first}; at least {LEAST_SIDE} are needed on "
                "either side (periods that a regressor fits exactly do not count)"
            )
    table = effect_table([_row(innovations, block)])
    found = find_drift(observed_points(values), baseline.terms, Scale("", logs))
    cautions = (*season_caution(baseline.terms, observed, season), *drift_cautions(found))
    least = least_rise(np.abs(innovations.to_numpy(dtype="float64")), block, level)
    told = " ".join([_sentence(table.iloc[0], first, least, level, name), *cautions])
    return Volatility(table, told, least, cautions=cautions)


def log_ratios(size: Array, block: int) -> Array:
    """Log ratio of the mean of the last `block` sizes to the others', of every cyclic shift.

    size: … × periods, in order of time; the first shift is the series' own.
    """
    count = size.shape[-1]
    circle = np.roll(size, block, axis=-1)
    sums = np.cumsum(np.concatenate([circle, circle[..., : block - 1]], axis=-1), axis=-1)
    sums = sums[..., block - 1 :] - np.insert(sums, 0, 0.0, axis=-1)[..., :count]
    others = size.sum(axis=-1, keepdims=True) - sums
    return np.asarray(np.log(sums / block) - np.log(others / (count - block)))


def shift_p_values(size: Array, block: int) -> Array:
    """Share of cyclic shifts whose log ratio is as far from zero as the first."""
    found = np.abs(log_ratios(size, block))
    return np.asarray((found >= found[..., :1] * ROUNDING).mean(axis=-1))


def least_rise(size: Array, block: int, level: float, power: float = 0.8) -> float:
    """The rise of the last `block` swings, in percent, that the test finds with `power`.

    Every shift of the swings, the change found taken out of them, stands for a series in which
    nothing happened; its last swings are made larger until enough shifts reject. Infinite where
    none up to twenty times as large is found.
    """
    calm = size.copy()
    calm[-block:] /= np.exp(log_ratios(size, block)[0])
    shifts = np.stack([np.roll(calm, place) for place in range(len(calm))])
    for factor in np.exp(np.arange(0.05, np.log(20), 0.05)):
        swollen = shifts.copy()
        swollen[:, -block:] *= factor
        if (shift_p_values(swollen, block) <= alpha(level)).mean() >= power:
            return float(100 * (factor - 1))
    return float("inf")


def _row(innovations: pd.Series, block: int) -> dict[str, object]:
    size = np.abs(innovations.to_numpy(dtype="float64"))
    return effect_row(
        "volatility",
        "change of mean absolute swing",
        (innovations.index[-block], innovations.index[-1]),
        (100 * np.expm1(log_ratios(size, block)[0]), np.nan, np.nan),
        (len(size) - block, block),
        p_value=float(shift_p_values(size, block)),
    )


def _sentence(row: pd.Series, first: pd.Period, least: float, level: float, name: str) -> str:
    word, floor = time_word(first.freqstr), 1 / (row["n_pre"] + row["n_post"])
    direction = "larger" if row["estimate"] >= 0 else "smaller"
    missed = f"a rise of less than {least:.0f} %" if np.isfinite(least) else "any rise"
    verdict = "more than chance brings"
    if row["p_value"] > alpha(level):
        verdict = f"no clear change ({missed} would be missed more than one time in five)"
    return (
        f"From {month_name(first)} on the swings of {name}, beside level, season and regressors, "
        f"were {abs(row['estimate']):.0f} % {direction} than before "
        f"({probability(row['p_value'])}), {verdict}: {row['n_post']} {word}s against "
        f"{row['n_pre']}; p could not be less than {floor:.3f}."
    )
