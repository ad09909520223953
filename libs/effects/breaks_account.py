"""The tables and the sentence of a search for breaks, made from its numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from effects.breaks_null import DRAWS, LEAST_P, StepTest, single_test
from effects.breaks_partition import Partition, Positions, Sample, best_partition
from effects.breaks_scan import Scan, date_set
from effects.level import fit_level
from effects.results import (
    alpha,
    can_reject,
    effect_table,
    percent_of,
    probability,
    signed,
)
from effects.spans import period_name, span_name

DATES = ("start", "lower", "upper", "level", "starts")


@dataclass(frozen=True)
class Found:
    """The breaks found: `breaks` are places in `index`, the observed periods."""

    sample: Sample
    index: pd.PeriodIndex
    breaks: Positions
    level: float

    def others(self, place: int) -> Positions:
        """All breaks but one."""
        return self.breaks[:place] + self.breaks[place + 1 :]


def shift_table(found: Found) -> pd.DataFrame:
    """One row a break in the columns of effects.csv: the step in percent, given the dates."""
    count = len(found.breaks)
    if not count:
        return effect_table([])
    fit = fit_level(found.sample.times, found.sample.values, found.sample.design(found.breaks))
    shifts = fit.coefficients[-count:]
    errors = np.sqrt(np.diag(fit.coefficient_covariance))[-count:]
    half = stats.t.ppf((1 + found.level) / 2, fit.free) * errors
    ends = 100 * np.expm1([shifts, shifts - half, shifts + half])
    return effect_table([_row(found, place, ends[:, place]) for place in range(count)])


def _row(found: Found, place: int, ends: np.ndarray) -> dict[str, object]:
    index = found.index
    before, here, after = [0, *found.breaks, len(index)][place : place + 3]
    return {
        "estimator": "breaks",
        "estimand": "shift of the level",
        "start": str(index[here]),
        "end": str(index[after - 1]),
        **dict(zip(("estimate", "lower", "upper"), ends.tolist(), strict=True)),
        "level": found.level,
        "p_value": single_test(found.sample, found.others(place)),
        "unit": "%",
        "n_pre": here - before,
        "n_post": after - here,
    }


def date_table(found: Found) -> pd.DataFrame:
    """The interval of each break's date: start, lower, upper, level, starts (how many it holds).

    A new level first seen at one observed period may have begun in the gap before it.
    """
    rows = []
    for place, here in enumerate(found.breaks):
        kept = date_set(Scan(found.sample, found.others(place)), found.sample.values, found.level)
        first, last = found.index[kept - 1] + 1, found.index[kept]
        starts = sum(
            end.ordinal - begin.ordinal + 1 for begin, end in zip(first, last, strict=True)
        )
        rows.append((str(found.index[here]), str(first[0]), str(last[-1]), found.level, starts))
    return pd.DataFrame(rows, columns=list(DATES))


def criteria(sample: Sample, most: int) -> pd.DataFrame:
    """Squares, BIC and LWZ of 0 to `most` breaks in a level that otherwise stands still.

    Columns breaks, squares, bic, lwz. Likelihood and count of parameters as in R's strucchange:
    every shift and every date is one. LWZ: Liu, Wu and Zidek (1997), Statistica Sinica 7.
    """
    count, columns = sample.common.shape
    found: list[Partition] = []
    for number in range(min(most, count // sample.trim - 1) + 1):
        starts = [(), *(partition.breaks for partition in found[-1:])]
        found.append(best_partition(sample, number, 0.0, starts))
    numbers = np.arange(len(found))
    squares = np.array([partition.squares for partition in found])
    parameters = columns + 1 + 2 * numbers
    deviance = count * (np.log(2 * np.pi * squares / count) + 1)
    return pd.DataFrame(
        {
            "breaks": numbers,
            "squares": squares,
            "bic": deviance + parameters * np.log(count),
            "lwz": deviance + parameters * 0.299 * np.log(count) ** 2.1,
        }
    )


def sequence_table(tests: Sequence[tuple[int, StepTest]]) -> pd.DataFrame:
    """One row a test of more breaks than `breaks`, in order."""
    columns = ["share", "single", "pair", "single_p", "pair_p", "p_value"]
    rows = pd.DataFrame([test for _, test in tests])[columns]
    rows.insert(0, "breaks", [known for known, _ in tests])
    return rows


def sentence(
    found: Found, shifts: pd.DataFrame, dates: pd.DataFrame, tests: Sequence[float], name: str
) -> str:
    """Where the level breaks, by how much and how sure, and whether there may be more.

    tests: p-values of the tests of more breaks, in order.
    """
    last = tests[-1]
    if not can_reject(LEAST_P, found.level):
        return (
            f"At the {percent_of(found.level)} % level no break in the level of {name} could be "
            f"told: {DRAWS} drawn series give no p-value below {LEAST_P:g}."
        )
    if shifts.empty:
        return (
            f"No break in the level of {name} can be told from its wandering ({probability(last)})."
        )
    told = [
        _told(found, shift, date)
        for (_, shift), (_, date) in zip(shifts.iterrows(), dates.iterrows(), strict=True)
    ]
    passed = [p_value for p_value in tests if p_value <= alpha(found.level)]
    more = f"Further ones cannot be told from its wandering ({probability(last)})."
    times = {1: "once", 2: "twice"}.get(len(told), f"{len(told)} times")
    return (
        f"The level of {name} breaks {times}, all dates searched "
        f"({', then '.join(map(probability, passed))}): {', and '.join(told)}. "
        f"{more if len(passed) < len(tests) else 'Further ones were not looked for.'}"
    )


def _told(found: Found, shift: pd.Series, date: pd.Series) -> str:
    others = {1: "", 2: "given the other "}.get(len(found.breaks), "given the others ")
    sure = f"{others}{probability(shift['p_value'])}; " if others else ""
    start, *ends = (
        pd.Period(date[key], found.index.freqstr) for key in ("start", "lower", "upper")
    )
    return (
        f"in {period_name(start)} ({signed(shift['estimate'])} %, {signed(shift['lower'])} % to "
        f"{signed(shift['upper'])} %; {sure}{percent_of(found.level)} % interval of the date: "
        f"{span_name(*ends)})"
    )
