"""A baseline fitted to the periods before an event, its forecasts, and the effect over a window."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy import special
from words import signed

from effects.level import Array, LevelFit, fit_level, forecast, forecast_weights, refuse_exact
from effects.results import EffectError, probability
from effects.samples import Points, Scale, observed_points
from effects.season import LEAST_FREE, Season, Terms, choose_terms, free_degrees


@dataclass(frozen=True)
class Baseline:
    """A fitted baseline; `seen` marks the coefficients of `terms` that its sample can tell."""

    fit: LevelFit
    terms: Terms
    seen: np.ndarray

    @property
    def names(self) -> list[str]:
        """Names of the fitted coefficients, in order."""
        return [name for name, seen in zip(self.terms.names, self.seen, strict=True) if seen]

    def known(self, times: Array) -> np.ndarray:
        """Periods that lean on no coefficient the baseline has never seen."""
        return np.asarray(~self.terms.rows(times)[:, ~self.seen].any(axis=1))

    def forecast(self, times: Array) -> tuple[Array, Array]:
        """Mean and joint covariance of the logs at `times`, later than the baseline."""
        return forecast(self.fit, times, self.terms.rows(times)[:, self.seen])

    def weights(self, times: Array) -> Array:
        """What each observed log counts for in the forecasts at `times`, the share held."""
        return forecast_weights(self.fit, times, self.terms.rows(times)[:, self.seen])


def baseline_of(
    values: pd.Series,
    every: pd.PeriodIndex,
    regressors: pd.DataFrame | None,
    season: Season = "auto",
    drift: bool = False,
) -> Baseline:
    """The baseline of the observed `values`, its terms laid out on `every` period."""
    terms = choose_terms(pd.PeriodIndex(values.index), every, regressors, season, drift)
    return fit_baseline(observed_points(values), terms)


def fit_baseline(points: Points, terms: Terms) -> Baseline:
    """Fit the baseline to observed points; EffectError where it fits them exactly."""
    rows = terms.rows(points.times)
    seen = np.asarray(rows.any(axis=0))
    refuse_exact(points.values, rows[:, seen])
    return Baseline(fit_level(points.times, points.values, rows[:, seen]), terms, seen)


MOST_DONORS, TELLING = 3, 2.0
"""Most donors that forward selection takes, and the least |t| that one must have to be taken."""


def pick_donors(points: Points, terms: Terms, candidates: pd.DataFrame) -> Terms:
    """`terms` and those `candidates` (periods × donors) that explain `points`, one after the other.

    Next is the one with the largest |t| beside those taken, at the share fitted to these; one that
    they explain already is passed over. What the picking costs shows only where it is done again,
    as at every placebo date.
    """
    left = {str(name): candidates[name].to_numpy(dtype="float64") for name in candidates}
    for _ in range(min(MOST_DONORS, len(left))):
        baseline = fit_baseline(points, terms)
        t = {name: _added_t(points, baseline, column) for name, column in left.items()}
        best = max(t, key=t.__getitem__)
        if t[best] < TELLING:
            break
        terms = terms.beside(best, left.pop(best))
    return terms


def _added_t(points: Points, baseline: Baseline, column: Array) -> float:
    """The |t| of one more column, on all periods of the terms, at the share fitted without it."""
    rows = baseline.terms.beside("", column).rows(points.times)
    design = rows[:, np.append(baseline.seen, True)]
    if free_degrees(design) < 1:
        return 0.0
    fit = fit_level(points.times, points.values, design, baseline.fit.share)
    return float(abs(fit.coefficients[-1]) / np.sqrt(fit.coefficient_covariance[-1, -1]))


@dataclass(frozen=True)
class Drift:
    """Steady growth a year, in percent or in `unit`, the p-value of none, and if it is modelled."""

    estimate: float
    p_value: float
    unit: str
    modelled: bool

    @property
    def ignored(self) -> bool:
        """Whether there is one that the model leaves to the level's wandering."""
        return not self.modelled and self.p_value <= DRIFTING

    @property
    def words(self) -> str:
        """Its size and p-value."""
        return f"{signed(self.estimate, 1)} {self.unit} a year, {probability(self.p_value)}"


DRIFTING = 0.05
"""The p-value up to which a drift that is not modelled is a caution."""


def find_drift(points: Points, terms: Terms, scale: Scale) -> Drift | None:
    """The drift of `points` beside `terms`, by Student's t at the share fitted with it.

    None where the points are too few or `terms` already hold as much.
    """
    there = terms if terms.drift else terms.with_drift()
    if free_degrees(there.rows(points.times)) >= LEAST_FREE:
        with suppress(EffectError):
            fit = fit_baseline(points, there).fit
            slope, error = fit.coefficients[-1], np.sqrt(fit.coefficient_covariance[-1, -1])
            p_value = float(2 * special.stdtr(fit.free, -abs(slope / error)))
            return Drift(float(scale.effect(slope)), p_value, scale.effect_unit, terms.drift)
    return None


def drift_cautions(drift: Drift | None) -> tuple[str, ...]:
    """That a drift is there and not modelled; with drift=True it is."""
    if drift is None or not drift.ignored:
        return ()
    return (f"There is a drift ({drift.words}), for which this model has no term.",)


@dataclass(frozen=True)
class WindowEffect:
    """Mean log effect over the observed periods of a window, its standard error and t.

    profile: the log effect of each observed period.
    """

    mean: float
    error: float
    free: int
    periods: int
    profile: Array = field(default_factory=lambda: np.zeros(0), repr=False, compare=False)

    @property
    def t(self) -> float:
        """The effect over its standard error."""
        return self.mean / self.error

    def p_value(self, scale: float = 1.0) -> float:
        """Two-sided p-value with the error multiplied by `scale`."""
        return float(2 * special.stdtr(self.free, -abs(self.t) / scale))

    def interval(self, level: float, scale: float = 1.0) -> tuple[float, float]:
        """Interval of the mean log effect with the error multiplied by `scale`."""
        half = float(special.stdtrit(self.free, (1 + level) / 2)) * self.error * scale
        return self.mean - half, self.mean + half


def window_effect(baseline: Baseline, window: Points) -> WindowEffect | None:
    """Effect over the observed points of the window; None if the baseline cannot tell them."""
    if not len(window.times) or not baseline.known(window.times).all():
        return None
    mean, covariance = baseline.forecast(window.times)
    profile = window.values - mean
    error = float(np.sqrt(covariance.mean()))
    return WindowEffect(float(profile.mean()), error, baseline.fit.free, len(window.times), profile)
