"""Seasonal terms: one effect a calendar period, or two harmonic pairs where that asks too much."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd

from analysis.effects.results import EffectError
from analysis.effects.samples import regressors_on

Season = Literal["auto", "calendar", "harmonics", "none"]

LEAST_FREE = 12
"""Residual degrees of freedom a baseline must leave."""
LEAST_SEEN = 1
"""Times each calendar period must be observed for calendar effects: once tells its effect."""

_LENGTHS = {"M": 12, "Q": 4}


def season_length(index: pd.PeriodIndex) -> int:
    """Calendar periods in a year: 12 for months, 4 for quarters, else 1 (no season)."""
    return _LENGTHS.get(index.freqstr[0], 1)


def _calendar(index: pd.PeriodIndex) -> np.ndarray:
    """The number of each period within its year, from 0."""
    return np.asarray(index.month - 1 if season_length(index) == 12 else index.quarter - 1)


def season_terms(index: pd.PeriodIndex, season: Season) -> pd.DataFrame:
    """Level and season columns on `index`; the calendar columns contain the level."""
    length = season_length(index)
    if season == "none" or length == 1:
        return pd.DataFrame({"level": 1.0}, index=index)
    place = _calendar(index)
    if season == "calendar":
        return pd.DataFrame(
            {f"season {i + 1}": (place == i).astype("float64") for i in range(length)}, index=index
        )
    waves: dict[str, np.ndarray | float] = {"level": 1.0}
    for pair in range(1, min(2, (length - 1) // 2) + 1):
        angle = 2 * np.pi * pair * place / length
        waves |= {f"cosine {pair}": np.cos(angle), f"sine {pair}": np.sin(angle)}
    return pd.DataFrame(waves, index=index)


def choose_season(
    index: pd.PeriodIndex, regressors: pd.DataFrame | None, asked: Season = "auto"
) -> Season:
    """The season that a baseline observed at `index` can bear beside `regressors`.

    Calendar effects when every calendar period is observed at least `LEAST_SEEN` times, the
    coefficients can be told apart and `LEAST_FREE` degrees of freedom are left; else two harmonic
    pairs; else EffectError. The rule looks at which periods are observed, never at their values.
    A season asked for by name is only checked.
    """
    length = season_length(index)
    if length > 1 and asked in ("auto", "calendar"):
        seen = np.bincount(_calendar(index), minlength=length)
        free = free_degrees(seen_terms(index, regressors, "calendar"))
        if asked == "calendar" or (seen.min() >= LEAST_SEEN and free >= LEAST_FREE):
            return _checked(index, regressors, "calendar")
    harmonics = length > 1 and asked in ("auto", "harmonics")
    return _checked(index, regressors, "harmonics" if harmonics else "none")


def free_degrees(terms: pd.DataFrame) -> int:
    """Residual degrees of freedom of a design; -1 where its columns are collinear."""
    rank = int(np.linalg.matrix_rank(terms.to_numpy()))
    return len(terms) - rank if rank == terms.shape[1] else -1


def _checked(index: pd.PeriodIndex, regressors: pd.DataFrame | None, season: Season) -> Season:
    terms = seen_terms(index, regressors, season)
    count = terms.shape[1]
    if len(index) - count < LEAST_FREE:
        raise EffectError(
            f"the baseline has {len(index)} observed periods; at least {count + LEAST_FREE} are "
            f"needed for {count} coefficients and {LEAST_FREE} degrees of freedom"
        )
    if free_degrees(terms) < 0:
        raise EffectError(
            f"season and regressors ({', '.join(map(str, terms.columns))}) cannot be told apart "
            "over the observed baseline; leave one out or begin the baseline earlier"
        )
    return season


def design(index: pd.PeriodIndex, regressors: pd.DataFrame | None, season: Season) -> pd.DataFrame:
    """Level, season and `regressors` side by side: periods × coefficients."""
    terms = season_terms(index, season)
    return pd.concat([terms, regressors_on(regressors, index)], axis=1)


def seen_terms(
    index: pd.PeriodIndex, regressors: pd.DataFrame | None, season: Season
) -> pd.DataFrame:
    """The columns of the design that are not zero throughout."""
    terms = design(index, regressors, season)
    return terms.loc[:, (terms.abs() > 0).any()]
