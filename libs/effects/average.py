"""The average effect over a window: baseline, forecast and placebo dates, fitted once.

`counterfactual` tells the rest from the same fit; `average_effect` is all that a sensitivity
analysis or a simulation needs.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
import pandas as pd
from scipy import special, stats
from words import signed

from effects.baseline import (
    Baseline,
    Drift,
    WindowEffect,
    drift_cautions,
    find_drift,
    fit_baseline,
    pick_donors,
    window_effect,
)
from effects.level import Array
from effects.placebo import Placebos, placebos
from effects.results import (
    EffectError,
    as_html,
    effect_row,
    effect_table,
    label,
    probability,
    t_reach,
)
from effects.samples import (
    Points,
    Question,
    Scale,
    When,
    ask,
    observed_points,
    ordinals,
    regressors_on,
)
from effects.season import Season, Terms, question_terms, season_caution
from effects.totals import fit_sums, read_sums

WIDEST = float(np.log(3))
"""A forecast whose interval is wider than from a third to three times its median is refused."""
DRAWS = 8192
"""Points of a scrambled Sobol sequence: nearer the truth than 20,000 random draws."""
SEED = 20250404


@dataclass(frozen=True)
class Forecast:
    """Joint forecast on `index`: scaled `covariance`, `known` periods, `free` degrees."""

    index: pd.PeriodIndex
    mean: Array
    covariance: Array
    known: np.ndarray
    free: int
    scale: Scale

    @property
    def error(self) -> Array:
        """Standard error of each period."""
        return np.asarray(np.sqrt(np.diag(self.covariance)))

    def half(self, level: float) -> Array:
        """Half the width of each period's interval, on the scale."""
        return np.asarray(t_reach(level, self.free) * self.error)

    def told(self, level: float) -> np.ndarray:
        """Periods whose forecast says something."""
        narrow = self.half(level) <= WIDEST if self.scale.logs else True
        return np.asarray(self.known & narrow)

    def quantile(self, shift: Array | float, level: float) -> Array:
        """Mean and shift in the unit of the series where told, else missing."""
        return np.where(self.told(level), self.scale.back(self.mean + shift), np.nan)

    def draws(self, places: np.ndarray) -> Array:
        """Joint draws at `places`: multivariate t, the same every time.

        The sequence's first coordinates, its most even, go to what moves sums most: the common
        scale, and what the periods share with their sum. No sign or order of an eigenvector has a
        part in it, so processors agree.
        """
        root = _sum_first(self.covariance[np.ix_(places, places)])
        normal, common = _even_draws(len(root), self.free)
        return np.asarray(self.scale.back(self.mean[places] + normal @ root.T / common))


@lru_cache(maxsize=8)
def _even_draws(count: int, free: int) -> tuple[Array, Array]:
    """Normal draws (DRAWS × count), and what each is divided by for Student's t (DRAWS × 1)."""
    points = stats.qmc.Sobol(count + 1, rng=np.random.default_rng(SEED)).random(DRAWS)
    chi_square = 2 * special.gammaincinv(free / 2, points[:, :1])
    return special.ndtri(points[:, 1:]), np.sqrt(chi_square / free)


def _sum_first(covariance: Array) -> Array:
    """A root of `covariance` whose first column is each period's share of the sum's deviation.

    The other columns are a triangular root of what is left once the sum is known; since that adds
    up to nothing, its last row is the others' sum turned round.
    """
    first = covariance.sum(axis=1) / np.sqrt(covariance.sum())
    left = (covariance - np.outer(first, first))[:-1, :-1]
    rest = np.linalg.cholesky(left) if len(left) else left
    return np.column_stack([first, np.vstack([rest, -rest.sum(axis=0)])])


def effect_path(values: pd.Series, forecast: Forecast, level: float) -> pd.DataFrame:
    """Observed, counterfactual and effect with intervals, on every period of the series."""
    index = pd.period_range(values.index[0], values.index[-1], name="period")
    observed = forecast.scale.back(values.reindex(index).to_numpy())
    half, ahead = forecast.half(level), len(index) - len(forecast.index)
    expected, lower, upper = np.full((3, len(index)), np.nan)
    for found, shift in ((expected, 0.0), (lower, -half), (upper, half)):
        found[ahead:] = forecast.quantile(shift, level)
    columns = {
        "observed": observed,
        "counterfactual": expected,
        "lower": lower,
        "upper": upper,
        "effect": observed - expected,
        "effect_lower": observed - upper,
        "effect_upper": observed - lower,
        "effect_pct": 100 * (observed / expected - 1) if forecast.scale.logs else np.nan,
    }
    return pd.DataFrame(columns, index)


def effect_draws(values: pd.Series, forecast: Forecast, level: float) -> pd.DataFrame:
    """Joint draws of the effect: draws × the observed periods that the forecast tells."""
    here = np.asarray(forecast.told(level) & forecast.index.isin(values.index))
    index = forecast.index[here]
    observed = forecast.scale.back(values.loc[index].to_numpy())
    return pd.DataFrame(observed - forecast.draws(here), columns=index)


def cumulative_effect(draws: pd.DataFrame, start: pd.Period, level: float) -> pd.DataFrame:
    """Running sum of the effect from `start` on: median, lower, upper."""
    periods = pd.PeriodIndex(draws.columns)
    index = periods[periods >= start]
    totals = np.cumsum(draws[index].to_numpy(), axis=1)
    tail = (1 - level) / 2
    quantiles = np.quantile(totals, [0.5, tail, 1 - tail], axis=0)
    return pd.DataFrame(quantiles.T, index=index, columns=["estimate", "lower", "upper"])


@dataclass(frozen=True)
class FittedWindow:
    """A question answered by a baseline; what is told of it is found when it is asked for.

    terms: those of the baseline without the `donors` picked among these candidates. season: the one
    asked for.
    """

    question: Question
    terms: Terms
    season: Season
    donors: pd.DataFrame
    before: Points
    within: Points
    baseline: Baseline
    effect: WindowEffect
    placebos: Placebos

    @cached_property
    def ahead(self) -> Forecast:
        """Forecast of every period after the baseline, errors scaled by placebos."""
        question, free = self.question, self.baseline.fit.free
        index = pd.period_range(question.baseline_end + 1, question.values.index[-1])
        times = ordinals(index)
        mean, covariance = self.baseline.forecast(times)
        scaled = covariance * self.placebos.scale**2
        return Forecast(index, mean, scaled, self.baseline.known(times), free, question.scale)

    @cached_property
    def drift(self) -> Drift | None:
        """Growth of the baseline a year and the test of none; None where it cannot be told."""
        return find_drift(self.before, self.terms, self.question.scale)

    @cached_property
    def cautions(self) -> tuple[str, ...]:
        """What was found to be trouble for this estimate, a sentence each; none for most."""
        seen = pd.PeriodIndex(self.question.before.index)
        season = season_caution(self.terms, seen, self.season)
        return (*season, *drift_cautions(self.drift), *self.placebos.cautions)

    @cached_property
    def minimum_detectable(self) -> float:
        """The fall found with 80 % power: half the widths of the level's and the 60 % interval."""
        levels, scale = (self.question.level, 0.60), self.placebos.scale
        halves = [np.ptp(self.effect.interval(level, scale)) / 2 for level in levels]
        return float(self.question.scale.effect(-sum(halves)))

    @property
    def label(self) -> str:
        """What the answer is called, on a scale of logs."""
        return label(self.table.iloc[0], self.minimum_detectable)

    @property
    def judged(self) -> str:
        """The p-value in words, and that nothing has tried it where no earlier date could."""
        told = probability(self.effect.p_value(self.placebos.scale))
        return told if len(self.placebos.frame) else f"{told} by a model that no date could try"

    def row(self) -> dict[str, object]:
        """The average effect as a row of effects.csv."""
        question, effect, scale = self.question, self.effect, self.placebos.scale
        lower, upper = effect.interval(question.level, scale)
        return effect_row(
            "counterfactual",
            "average effect",
            (question.start, question.end),
            question.scale.effect([effect.mean, lower, upper]),
            (len(self.before.times), effect.periods),
            question.scale.effect_unit,
            level=question.level,
            p_value=effect.p_value(scale),
        )

    @cached_property
    def table(self) -> pd.DataFrame:
        """The average effect in the columns of effects.csv."""
        return effect_table([self.row()])

    @property
    def sentence(self) -> str:
        """The average effect in words."""
        average, digits = self.table.iloc[0], 0 if self.question.scale.logs else 1
        told, lower, upper = (
            f"{signed(average[part], digits)} {average['unit']}"
            for part in ("estimate", "lower", "upper")
        )
        name = self.question.name
        found = f"The average effect on {name} was {told} ({lower} to {upper}, {self.judged})."
        return " ".join([found, *self.cautions])

    def _repr_html_(self) -> str:
        return as_html(self.table, self.sentence)


def fit_window(
    question: Question,
    regressors: pd.DataFrame | None,
    season: Season = "auto",
    drift: bool = False,
    totals: pd.DataFrame | None = None,
    candidates: pd.DataFrame | None = None,
) -> FittedWindow:
    """Fit the baseline, forecast the window and move both to every placebo date.

    totals and candidates: as `average_effect` takes them; a placebo date's baseline has the totals
    known by its last observed period, and picks its own donors. Raises EffectError where the
    baseline cannot tell the window.
    """
    terms = question_terms(question, regressors, season, drift)
    before, within = observed_points(question.before), observed_points(question.within)
    sums = () if totals is None else read_sums(question.before, totals, question.baseline_end)

    donors = regressors_on(candidates, question.periods)

    def fit(points: Points) -> Baseline:
        known = [one for one in sums if points is before or one.known <= points.times[-1]]
        return fit_sums(points, pick_donors(points, terms, donors), known)

    baseline = fit(before)
    effect = window_effect(baseline, within)
    if effect is None:
        raise EffectError(
            f"the baseline up to {question.baseline_end} never saw what {question.start} to "
            f"{question.end} needs: a calendar period or a regressor is missing from it"
        )
    gap = question.start.ordinal - question.baseline_end.ordinal
    quiet_end = question.quiet_end.ordinal
    frequency = question.start.freqstr
    again = fit if sums or donors.shape[1] else None
    dates = placebos(before, terms, gap, question.length, frequency, quiet_end, again)
    fitted = FittedWindow(question, terms, season, donors, before, within, baseline, effect, dates)
    _check_told(fitted)
    return fitted


def _check_told(fitted: FittedWindow) -> None:
    question, ahead = fitted.question, fitted.ahead
    places = fitted.within.times.astype(int) - ahead.index[0].ordinal
    lost = question.within.index[~ahead.told(question.level)[places]]
    if len(lost):
        drift = fitted.drift
        cure = "more observed periods are needed"
        if drift and drift.ignored:
            cure = f"its drift ({drift.words}) is taken for wandering; ask with a drift"
        elif fitted.placebos.dominant is not None:
            cure = fitted.placebos.cautions[0].removesuffix(".")
        raise EffectError(
            f"the baseline up to {question.baseline_end} cannot forecast {lost[0]}: its interval "
            f"is wider than a third to three times the median; {cure}"
        )


def influence(question: Question, terms: Terms) -> pd.Series:
    """What a rise of each observed log would add to the average log effect, the share held.

    One number for each observed period of baseline and window.
    """
    baseline = fit_baseline(observed_points(question.before), terms)
    times = observed_points(question.within).times
    pull = np.append(-baseline.weights(times).mean(axis=0), np.full(len(times), 1 / len(times)))
    return pd.Series(pull, question.before.index.append(question.within.index))


def average_effect(
    series: pd.Series,
    start: When,
    end: When | None = None,
    *,
    baseline_end: When | None = None,
    quiet_end: When | None = None,
    regressors: pd.DataFrame | None = None,
    season: Season = "auto",
    drift: bool = False,
    logs: bool = True,
    totals: pd.DataFrame | None = None,
    candidates: pd.DataFrame | None = None,
    level: float = 0.95,
    unit: str = "tonnes",
    name: str = "the series",
) -> FittedWindow:
    """The first row of `counterfactual`, which takes the same, without paths, sums and recovery.

    totals: sums of periods, columns start, end, lower and upper; those that hold periods which
    were not observed join the likelihood (`effects.totals.fit_sums`). candidates: series among
    which up to three regressors are picked by fit, again at every placebo date.
    """
    if totals is not None and not logs:
        raise EffectError("totals join a model of logs only; leave them out or ask with logs=True")
    question = ask(series, start, end, baseline_end, level, (unit, name), quiet_end, logs)
    return fit_window(question, regressors, season, drift, totals, candidates)
