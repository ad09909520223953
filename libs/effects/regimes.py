"""Stretches of policy: how much of a period each covers, and the effects of all at once.

Each one's effect stands beside the others', over the whole sample.
Log series, local level, season and regressors as for the counterfactual; the exposures are
diffuse regressors too, so an effect is the log change under full exposure against no regime at
all. Standard errors are multiplied as those of `counterfactual` are, the placebos being the same
exposures moved back, as a block, to end at every earlier date before the first regime.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from words import signed

from effects.baseline import fit_baseline
from effects.level import Array
from effects.placebo import LEAST_FREE, error_scale
from effects.results import EffectError, EffectResult, effect_row, effect_table, probability, t_test
from effects.samples import (
    Points,
    When,
    check_level,
    observed_points,
    periods_at,
    read_series,
    regressors_on,
)
from effects.season import Season, Terms, choose_terms, free_degrees


@dataclass(frozen=True)
class Regime:
    """A stretch of policy from the day `start` up to, not including, the day `end`.

    event_id: the event that begins it, if one does. scheduled_end: the day on which its own terms
    end it, if they name one; it ends when the next begins.
    """

    name: str
    start: pd.Timestamp
    end: pd.Timestamp | None
    event_id: str = ""
    scheduled_end: pd.Timestamp | None = None

    def is_overdue(self, last: pd.Period) -> bool:
        """Whether it was to end by the period `last`, and nothing is known to have followed."""
        if self.end is not None or self.scheduled_end is None:
            return False
        return bool(self.scheduled_end <= last.end_time)


def _day(moment: pd.Timestamp) -> int:
    return int(np.datetime64(moment, "D").astype(int))


class Policy(tuple[Regime, ...]):
    """Regimes in order, each until the next begins."""

    __slots__ = ()

    def quiet_end(self, before: str | None = None) -> pd.Period:
        """The last month before the first regime, and before the month `before` if named."""
        first = pd.Period(self[0].start, freq="M")
        return (first if before is None else min(first, pd.Period(before, freq="M"))) - 1

    def exposure(self, periods: pd.PeriodIndex) -> pd.DataFrame:
        """Share of each period's days that each regime covers: periods × regimes.

        A control that starts on the 4th covers 27 of April's 30 days.
        """
        first, after = (one.asfreq("D", how="S").asi8 for one in (periods, periods + 1))
        shares = np.zeros((len(periods), len(self)))
        for place, regime in enumerate(self):
            end = np.inf if regime.end is None else _day(regime.end)
            covered = np.minimum(after, end) - np.maximum(first, _day(regime.start))
            shares[:, place] = np.clip(covered, 0, None) / (after - first)
        return pd.DataFrame(shares, periods, [regime.name for regime in self])

    def continued(self, baseline_end: When) -> Policy:
        """Regimes begun by the month of the baseline's end, the last of them going on for ever.

        Their exposure is that of a world in which policy stayed as it was then.
        """
        stop = pd.Period(baseline_end, freq="M").end_time
        begun = [regime for regime in self if regime.start <= stop]
        return Policy([*begun[:-1], *(replace(one, end=None) for one in begun[-1:])])

    def months(self, event_id: str, end: pd.Period) -> float | None:
        """Months, in shares of each, that the regime begun by `event_id` lasted up to `end`.

        None where the event begins no regime.
        """
        for regime in self:
            if event_id and regime.event_id == event_id:
                months = pd.period_range(pd.Period(regime.start, freq="M"), end, freq="M")
                return float(self.exposure(months)[regime.name].sum())
        return None


def regimes(
    series: pd.Series,
    exposures: pd.DataFrame,
    *,
    regressors: pd.DataFrame | None = None,
    season: Season = "auto",
    level: float = 0.95,
    name: str = "the series",
) -> EffectResult:
    """Estimate each column of `exposures` (periods × regimes, shares from 0 to 1) jointly.

    Raises EffectError where a regime covers no observed period or too few periods are left.
    """
    check_level(level)
    logs = read_series(series)
    every = pd.period_range(logs.index[0], logs.index[-1])
    shares = regressors_on(exposures, every)
    if shares.empty:
        raise EffectError("no regime is given; exposures needs at least one column")
    idle = shares.columns[~shares.loc[logs.index].gt(0).any()]
    if len(idle):
        raise EffectError(f"regime {idle[0]!r} covers no observed period; leave it out")
    frame = pd.concat([regressors_on(regressors, every), shares], axis="columns")
    terms = choose_terms(pd.PeriodIndex(logs.index), every, frame, season)
    points = observed_points(logs)
    effects, errors, free = _coefficients(points, terms, shares.shape[1])
    begun = every[shares.gt(0).any(axis="columns")][0]
    dates = _placebos(points.between(-np.inf, begun.ordinal - 1), points.times[-1], terms, shares)
    rows = []
    for regime, effect, error in zip(shares, effects, errors, strict=True):
        covered = every[shares[regime] > 0]
        scaled = error * error_scale(dates[regime].to_numpy(), len(covered))
        p_value, lower, upper = t_test(effect, scaled, free, level)
        row = effect_row(
            "regimes",
            str(regime),
            (covered[0], covered[-1]),
            100 * np.expm1([effect, lower, upper]),
            (int((logs.index < covered[0]).sum()), int(logs.index.isin(covered).sum())),
            level=level,
            p_value=p_value,
        )
        rows.append(row)
    table = effect_table(rows)
    return EffectResult(table, _sentence(table, name, len(dates)))


def _coefficients(points: Points, terms: Terms, count: int) -> tuple[Array, Array, int]:
    """Effects and standard errors of the last `count` terms, and the degrees of freedom."""
    fit = fit_baseline(points, terms).fit
    errors = np.sqrt(np.diag(fit.coefficient_covariance))
    return fit.coefficients[-count:], errors[-count:], fit.free


def _placebos(points: Points, last: float, terms: Terms, shares: pd.DataFrame) -> pd.DataFrame:
    """t's of the regimes moved back, as a block, to end at each of `points` instead of `last`.

    A date whose sample the terms fit exactly has none.
    """
    count = shares.shape[1]
    dates: dict[int, Array] = {}
    for end in points.times:
        back = int(last - end)
        moved = np.zeros_like(terms.matrix)
        moved[: len(moved) - back, -count:] = terms.matrix[back:, -count:]
        moved[:, :-count] = terms.matrix[:, :-count]
        sample, there = points.between(-np.inf, end), replace(terms, matrix=moved)
        rows = there.rows(sample.times)
        if rows[:, -count:].any(axis=0).all() and free_degrees(rows) >= LEAST_FREE:
            with suppress(EffectError):
                effects, errors, _ = _coefficients(sample, there, count)
                dates[int(end)] = effects / errors
    frequency = pd.PeriodIndex(shares.index).freqstr
    index = periods_at(dates, frequency)
    return pd.DataFrame(list(dates.values()), index=index, columns=shares.columns, dtype="float64")


def _sentence(table: pd.DataFrame, name: str, dates: int) -> str:
    parts = [
        f"{signed(row['estimate'])} % under {row['estimand']} ({signed(row['lower'])} % to "
        f"{signed(row['upper'])} %, {probability(row['p_value'])})"
        for row in table.to_dict("records")
    ]
    checked = (
        f"The errors were checked at {dates} earlier dates."
        if dates
        else "No earlier stretch is long enough to check the errors on."
    )
    return f"Against no regime at all, {name} changed by {'; '.join(parts)}. {checked}"
