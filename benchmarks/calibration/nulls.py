"""Series without an effect: season, New Year, gaps as in our own series, kinds of noise."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from effects.level import Array
from effects.samples import Points, ordinals
from effects.season import Terms, choose_terms

from analysis.regressors import new_year_regressors

NOISES = ("AR(0)", "AR(0.5)", "AR(0.8)", "t3", "random walk")
DRIFTING, KNOWN = "growth, drift=True", "earlier event, regressor"
TURNING, BURSTS = "drifting season", "GARCH"
HARD = ("growth", DRIFTING, "earlier event", KNOWN, "MA(-0.6)", TURNING)
"""Nulls that the default was not made for: white noise beside growth of 1 % a month, or beside a
fall of 40 % for good 18 months before; each also with what the caution advises. And a moving
average that corrects itself, and a season whose cosine and sine wander."""
GROWTH, EVENT, EVENT_LEAD = 0.01, -0.40, 18
LENGTHS = (36, 68, 128)
HORIZONS = (1, 3, 8)
PATTERNS = ("complete", "as published")
EFFECTS = (0.0, -0.25, -0.50, -0.75)
DEVIATION = 0.12
"""Standard deviation of a month's noise, in logs: sizes do not depend on it, power does."""
WALK = 0.7
"""Standard deviation of the random walk's steps over that of the noise beside it."""
SEASON_WALK = 0.1
"""Standard deviation of a month's step of the drifting season over that of the noise."""
END = pd.Period("2024-12", freq="M")
"""Where the baseline ends, so that the gaps before it are those of the published series."""

SEEN_YEARS = {
    2014: (11, 12), 2015: (1, 2, 7), 2016: (6, 7, 12), 2017: (1, 2, 11, 12),
    2018: (1, 2, 9, 10, 11), 2019: (8, 9, 10, 11, 12), 2020: (12,), 2021: (4, 5, 8, 9, 12),
    2022: (1, 2, 3, 4, 5, 6), 2023: (7, 8, 9, 10, 11, 12),
    2024: (2, 4, 5, 6, 7, 8, 9, 10, 11, 12),
}  # fmt: skip
"""The months before 2025 that the published figures of world exports show, near enough."""


@dataclass(frozen=True)
class Case:
    """One cell of the table, all that its series share."""

    noise: str
    pattern: str
    length: int
    horizon: int


@dataclass(frozen=True)
class Layout:
    """Observed months of baseline and window, and the terms that the default chooses for them."""

    before: Array
    within: Array
    terms: Terms
    every: pd.PeriodIndex


def lay_out(case: Case) -> Layout:
    """`length` months in all, the last `horizon` of them the window; EffectError if too few."""
    every = pd.period_range(END - (case.length - case.horizon) + 1, END + case.horizon, freq="M")
    seen = [month for month in every if month <= END and _seen(month, case.pattern)]
    observed = pd.PeriodIndex(seen, freq="M")
    regressors = new_year_regressors(every)
    if case.noise == KNOWN:
        regressors = regressors.assign(event=_event(every))
    terms = choose_terms(observed, every, regressors, drift=case.noise == DRIFTING)
    within = pd.period_range(END + 1, END + case.horizon, freq="M")
    return Layout(ordinals(observed), ordinals(within), terms, every)


def _event(every: pd.PeriodIndex) -> Array:
    return np.asarray(every > END - EVENT_LEAD, dtype="float64")


def _seen(month: pd.Period, pattern: str) -> bool:
    return pattern == "complete" or month.month in SEEN_YEARS[month.year]


def draw(
    case: Case,
    layout: Layout,
    draws: int,
    random: np.random.Generator,
    deviation: float = DEVIATION,
) -> Array:
    """Logs of `draws` series at the observed months: (baseline and window) × draws."""
    months = layout.every
    season = 0.10 * np.sin(2 * np.pi * months.month.to_numpy() / 12)
    holiday = -0.3 * new_year_regressors(months)["new_year_after"].to_numpy()
    if case.noise.startswith("growth"):
        season = season + GROWTH * np.arange(len(months))
    if case.noise.startswith("earlier event"):
        season = season + np.log1p(EVENT) * _event(months)
    logs = (season + holiday)[:, None] + deviation * _noise(case, draws, random)
    places = np.concatenate([layout.before, layout.within]) - months[0].ordinal
    return np.asarray(logs[places.astype(int)])


def _noise(case: Case, draws: int, random: np.random.Generator) -> Array:
    """Noise of unit variance (per month; a random walk beside it grows)."""
    shape = (case.length, draws)
    if case.noise == "t3":
        return np.asarray(random.standard_t(3, shape) / np.sqrt(3))
    white = random.standard_normal(shape)
    if case.noise == "MA(-0.6)":
        before = np.vstack([random.standard_normal((1, draws)), white[:-1]])
        return np.asarray((white - 0.6 * before) / np.sqrt(1.36))
    if case.noise == TURNING:
        angle = np.pi * np.arange(case.length)[:, None] / 6
        moved = SEASON_WALK * np.cumsum(random.standard_normal((2, *shape)), axis=1)
        return np.asarray(white + moved[0] * np.cos(angle) + moved[1] * np.sin(angle))
    if case.noise == BURSTS:
        variance = np.ones(draws)
        for month in white:
            month *= np.sqrt(variance)
            variance = 0.1 + 0.3 * month**2 + 0.6 * variance
        return white
    if case.noise in HARD:
        return white
    if case.noise == "random walk":
        return np.asarray(white + WALK * np.cumsum(random.standard_normal(shape), axis=0))
    return _persistent(float(case.noise.removeprefix("AR(").removesuffix(")")), white)


def _persistent(persistence: float, white: Array) -> Array:
    """AR(1) of unit variance."""
    made = white.copy()
    for place in range(1, len(white)):
        made[place] = persistence * made[place - 1] + np.sqrt(1 - persistence**2) * white[place]
    return made


def as_points(layout: Layout, logs: Array) -> tuple[Points, Points]:
    """One column of `draw` as baseline and window."""
    cut = len(layout.before)
    return Points(layout.before, logs[:cut]), Points(layout.within, logs[cut:])
