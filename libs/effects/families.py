"""Several tests read together: p-values that count how many were made.

Holm (1979), Scandinavian Journal of Statistics 6, for a few tests of any kind. Step-down max-|t|
(Westfall and Young 1993; Romano and Wolf 2005, Econometrica 73) for series observed over the same
periods, and a joint test of a specification curve (Simonsohn, Simmons and Nelson 2020, Nature
Human Behaviour 4), both over cyclic shifts that are common to all, so that what makes the series
or the specifications move together is kept. The shifts are those of `conformal`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from statsmodels.stats.multitest import multipletests
from words import count, signed

from effects.baseline import fit_baseline
from effects.inversion import ROUNDING, share_as_large
from effects.level import Array
from effects.results import EffectError, alpha, as_html, can_reject, percent_of, probability
from effects.samples import Question, When, as_period, ask, check_level, observed_points, read_frame
from effects.season import Season, Terms, question_terms


@dataclass(frozen=True)
class Family:
    """Tests read together.

    table: one row a test, in the order given, columns test, (t,) p_value and adjusted_p_value; of
    a specification curve one row a statistic (median t; share of specifications significant in the
    direction of the median), columns statistic, observed and p_value. floor: the least (adjusted)
    p-value that there could be (0 where there is none).
    """

    table: pd.DataFrame
    sentence: str
    floor: float

    def _repr_html_(self) -> str:
        return as_html(self.table, self.sentence)


def holm(p_values: pd.Series, level: float = 0.95) -> Family:
    """Adjust the p-values of a family of tests, which the index names, by Holm's method."""
    check_level(level)
    if not isinstance(p_values, pd.Series) or p_values.empty:
        raise EffectError(f"found {type(p_values).__name__}; needs a Series of one p-value or more")
    numbers = pd.to_numeric(p_values, errors="coerce").astype("float64")
    wrong = numbers.index[~numbers.between(0, 1)]
    if len(wrong):
        found = "no p-value" if pd.isna(numbers[wrong[0]]) else f"the p-value {numbers[wrong[0]]:g}"
        raise EffectError(f"test {wrong[0]!r} has {found}; a family needs one from 0 to 1 of each")
    adjusted = multipletests(numbers.to_numpy(), method="holm")[1]
    table = pd.DataFrame({"test": p_values.index.astype(str), "p_value": numbers.to_numpy()})
    table = table.assign(adjusted_p_value=adjusted)
    return Family(table, _sentence(table, level, "Holm's method", ""), 0.0)


def null_innovations(
    series: pd.Series,
    start: When,
    end: When | None = None,
    *,
    baseline_end: When | None = None,
    regressors: pd.DataFrame | None = None,
    season: Season = "auto",
) -> pd.Series:
    """Studentised innovations of baseline and window, fitted as if nothing had happened.

    Takes what `counterfactual` takes; one value an observed period, NaN where a coefficient fits
    the period exactly. `common_shifts` takes a frame of them.
    """
    question = ask(series, start, end, baseline_end, 0.95)
    return innovations_of(question, question_terms(question, regressors, season))


def innovations_of(question: Question, terms: Terms) -> pd.Series:
    """`null_innovations` of a question by the terms of its baseline."""
    both = pd.concat([question.before, question.within])
    found = fit_baseline(observed_points(both), terms).fit.studentised()
    return pd.Series(found, both.index, name=question.values.name)


def common_shifts(innovations: pd.DataFrame, start: When) -> pd.DataFrame:
    """t's of the block from `start` on and of all its cyclic shifts: shifts × series.

    innovations: periods × series, of unit variance, NaN where a series is not observed. A block's
    t is the sum of its innovations over the root of their number. One shift moves all series
    alike; the first row is the block itself. Periods at which nothing is observed are left out,
    and so are shifts that leave a series without an innovation. EffectError if the block does.
    """
    frame = read_frame(innovations).dropna(how="all")
    first = as_period(start, pd.PeriodIndex(frame.index), "start")
    block = int((frame.index >= first).sum())
    values = frame.to_numpy(dtype="float64")
    counts = _block_sums(np.isfinite(values).astype("float64"), block)
    gone = frame.columns[counts[0] == 0]
    if not block or len(gone):
        missing = ", ".join(map(str, gone)) or "every series"
        raise EffectError(f"no innovation is observed from {start} on for {missing}; leave it out")
    told = (counts > 0).all(axis=1)
    t = _block_sums(np.nan_to_num(values), block)[told] / np.sqrt(counts[told])
    return pd.DataFrame(t, columns=frame.columns)


def _block_sums(values: Array, block: int) -> Array:
    """Sums over `block` rows in a circle, the last rows' own first: one row a shift."""
    circle = np.roll(values, block, axis=0)
    sums = np.cumsum(np.vstack([np.zeros(circle.shape[1]), circle, circle[: block - 1]]), axis=0)
    return np.asarray(sums[block:] - sums[:-block])


def step_down(shifts: pd.DataFrame, level: float = 0.95) -> Family:
    """Adjust the tests of several series by the largest |t| among those not yet rejected.

    shifts: t's as `common_shifts` returns them, or of any other rearrangements common to the
    tests; the first row is what was observed.
    """
    t = _statistics(shifts, level)
    size, floor = np.abs(t), 1 / len(t)
    table = pd.DataFrame(
        {
            "test": shifts.columns.astype(str),
            "t": t[0],
            "p_value": share_as_large(size),
            "adjusted_p_value": step_down_p(size),
        }
    )
    means = f"step-down over {len(t)} common shifts"
    return Family(table, _sentence(table, level, means, _least(floor)), floor)


def _statistics(shifts: pd.DataFrame, level: float) -> Array:
    """The t's as numbers, rearrangements × tests."""
    check_level(level)
    if not isinstance(shifts, pd.DataFrame) or shifts.empty:
        raise EffectError(f"found {type(shifts).__name__}; needs a frame of shifts × tests")
    numbers = shifts.apply(pd.to_numeric, errors="coerce").to_numpy(dtype="float64")
    if not np.isfinite(numbers).all():
        row, column = np.argwhere(~np.isfinite(numbers))[0]
        raise EffectError(
            f"shift {row} of {shifts.columns[column]}: found {shifts.iloc[row, column]!r}, which "
            "is no t"
        )
    return np.asarray(numbers)


def step_down_p(size: Array) -> Array:
    """Adjusted p-values of statistics (rearrangements × tests, the first row observed)."""
    order = np.argsort(-size[0], kind="stable")
    ranked = size[:, order]
    largest = np.maximum.accumulate(ranked[:, ::-1], axis=1)[:, ::-1]
    raw = share_as_large(largest)
    adjusted = np.empty(len(order))
    adjusted[order] = np.maximum.accumulate(raw)
    return adjusted


def specification_curve(shifts: pd.DataFrame, level: float = 0.95) -> Family:
    """Test all specifications of one question together.

    shifts: t's of the specifications as `common_shifts` returns them. The median of t takes the
    place of the median estimate because specifications may differ in scale; significance is by a
    specification's own shifts. EffectError where shifts are too few for any to be significant.
    """
    t = _statistics(shifts, level)
    floor = 1 / len(t)
    if not can_reject(floor, level):
        told = f"{percent_of(level)} % level"
        raise EffectError(f"{len(t)} shifts cannot show an effect at the {told}")
    median = np.median(t, axis=1)
    ranks = (np.abs(t)[None] >= ROUNDING * np.abs(t)[:, None]).mean(axis=1)
    share = ((ranks <= alpha(level)) & (np.sign(t) == np.sign(median)[:, None])).mean(axis=1)
    found = {"median t": np.abs(median), "share significant": share}
    p_values = [float(share_as_large(size)) for size in found.values()]
    table = pd.DataFrame(
        {"statistic": list(found), "observed": [median[0], share[0]], "p_value": p_values}
    )
    sentence = (
        f"Over {count(t.shape[1], 'specification')} the median t is {signed(median[0], 1)} "
        f"({probability(p_values[0])}) by {len(t)} common shifts{_least(floor)}. Ranked each among "
        f"its own shifts, which asks more than an interval, {100 * share[0]:.0f} % are significant "
        f"in its direction ({probability(p_values[1])})."
    )
    return Family(table, sentence, floor)


def _sentence(table: pd.DataFrame, level: float, means: str, least: str) -> str:
    """How many hold, and how sure the surest of the others are."""
    holds = table["adjusted_p_value"] <= alpha(level)
    kept, fallen = (_named(table[which]) for which in (holds, ~holds))
    parts = [f"{holds.sum()} of {count(len(table), 'test')} hold as a family by {means}{least}"]
    parts += [f"these do: {kept}"] if kept else []
    parts += [f"these do not: {fallen}"] if fallen else []
    return f"{'; '.join(parts)}."


def _named(rows: pd.DataFrame) -> str:
    pairs = zip(rows["test"], rows["adjusted_p_value"], strict=True)
    return ", ".join(f"{test} ({probability(p_value)})" for test, p_value in pairs)


def _least(floor: float) -> str:
    return f" (p could not be less than {floor:.3f})"
