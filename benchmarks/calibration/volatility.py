"""The part of `volatility`: how often it finds larger swings, and where there are some."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
from effects import EffectError
from effects.level import Array, fit_level
from effects.volatility import shift_p_values
from scipy import linalg, stats

from benchmarks.calibration.batch import SHARES, best_shares
from benchmarks.calibration.nulls import END, LENGTHS, NOISES, PATTERNS, Case, draw, lay_out
from benchmarks.calibration.part import Part, by_noise, percents

SEED, SIZE = 20261124, 0.05
DRAWS = 1000
HORIZON = LEAD = 8
"""Months from the start on: after the last gap, and before it."""
RATIOS = (1.0, 1.5, 2.0, 3.0)
SHIFT = "Circular shift"
LEVENE, NAIVE = "Levene, innovations", "Levene, deviations from the season"
TESTS = (SHIFT, LEVENE, NAIVE)
SERIES = ["pattern", "length"]


def innovations(times: Array, rows: Array, logs: Array) -> Array:
    """What `volatility` takes the size of, of many series: periods × series, NaN where exact."""
    best = best_shares(times, rows, logs)[0]
    found = np.empty_like(logs)
    for place in np.unique(best):
        fit = fit_level(times, times, rows, float(SHARES[place]))
        hat = fit.whitened_design @ fit.inverse_information @ fit.whitened_design.T
        mine = best == place
        white = linalg.solve_triangular(fit.root, logs[:, mine], lower=True)
        slack = 1 - np.diag(hat)
        told = slack > 1e-8
        found[:, mine] = np.nan
        found[np.ix_(told, mine)] = (white - hat @ white)[told] / np.sqrt(slack[told])[:, None]
    return found


def tests(size: Array, left: Array, block: int) -> Iterator[tuple[str, Array]]:
    """Every test's p-values: of innovations' sizes, and of what a season alone leaves."""
    yield SHIFT, shift_p_values(np.ascontiguousarray(size.T), block)
    for name, values in ((LEVENE, size), (NAIVE, np.abs(left))):
        yield name, np.asarray(stats.ttest_ind(values[:-block], values[-block:]).pvalue)


def rates(case: Case) -> list[dict[str, Any]]:
    """All rates of a case; none where it is refused. A random walk's swings are not made larger."""
    try:
        layout = lay_out(case)
    except EffectError:
        return []
    times = np.concatenate([layout.before, layout.within])
    rows = layout.terms.rows(times)
    rows = rows[:, rows.any(axis=0)]
    logs = draw(case, layout, DRAWS, np.random.default_rng([SEED, *map(ord, repr(case))]))
    after = times > END.ordinal - LEAD
    found = []
    for ratio in RATIOS if case.noise != "random walk" else RATIOS[:1]:
        left = logs - rows @ np.linalg.lstsq(rows, logs, rcond=None)[0]
        moved = logs + (ratio - 1) * after[:, None] * left
        left = moved - rows @ np.linalg.lstsq(rows, moved, rcond=None)[0]
        size = np.abs(innovations(times, rows, moved))
        told = ~np.isnan(size).any(axis=1)
        size, left, block = size[told], left[told], int(after[told].sum())
        for test, p_values in tests(size, left, block):
            found.append(_row(case, ratio, test, p_values <= SIZE + 1e-12))
    return found


def _row(case: Case, ratio: float, test: str, verdicts: Array) -> dict[str, Any]:
    return {
        "noise": case.noise,
        "pattern": case.pattern,
        "length": case.length,
        "ratio": ratio,
        "test": test,
        "draws": len(verdicts),
        "rejected": float(verdicts.mean()),
    }


def report(table: pd.DataFrame, when: str) -> str:
    """The page: sizes, power and intervals."""
    none = table[table["ratio"] == 1]
    told = table[(table["test"] == SHIFT) & (table["noise"] != "random walk")]
    larger = told.pivot_table(index=SERIES, columns="ratio", values="rejected")
    parts = [
        "# Calibration of volatility",
        f"Made by `make calibrate` on {when}; the series are those of "
        "[calibration.md](calibration.md), what is done to them is told in "
        "[method-effects.md](method-effects.md), all rates are in "
        "[calibration-volatility.csv](calibration-volatility.csv). The swings of the last "
        f"{HORIZON + LEAD} months are set against those before.",
        "## Swings as before: how often a 5 % test rejects",
    ]
    for test in TESTS:
        cells = by_noise(none[none["test"] == test], SERIES, NOISES)
        parts += [f"{test}, percent of {DRAWS:,} series:", cells]
    parts += [
        "Levene's test, about the mean of the sizes, is shown because it is what is usually done. "
        "On what a season alone leaves it takes a wandering level for larger swings.",
        "## Larger swings: how often they are found",
        "Percent of series in which the circular shift rejects when the noise of the last months "
        "is so many times as large, averaged over the kinds of noise but the random walk:",
        percents(larger, [f"× {ratio:g}" for ratio in larger]),
    ]
    return "\n\n".join(parts) + "\n"


CASES = [Case(*cell, HORIZON) for cell in product(NOISES, PATTERNS, LENGTHS)]
VOLATILITY = Part("volatility", CASES, rates, report, "calibration-volatility")
