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


def choose_season(index: pd.PeriodIndex, others: int, asked: Season = "auto") -> Season:
    """The season a baseline observed at `index` can bear beside `others` regressors.

    Calendar effects when every calendar period is observed at least `LEAST_SEEN` times and
    `LEAST_FREE` degrees of freedom are left; else two harmonic pairs; else EffectError. The rule
    looks at which periods are observed, never at their values. A season asked for by name is only
    checked.
    """
    length = season_length(index)
    if length == 1 or asked != "auto":
        chosen: Season = "none" if length == 1 else asked
        _refuse_few(len(index), season_terms(index, chosen).any().sum() + others)
        return chosen
    seen = np.bincount(_calendar(index), minlength=length)
    if seen.min() >= LEAST_SEEN and len(index) - length - others >= LEAST_FREE:
        return "calendar"
    _refuse_few(len(index), season_terms(index, "harmonics").shape[1] + others)
    return "harmonics"


def _refuse_few(observed: int, coefficients: int) -> None:
    if observed - coefficients < LEAST_FREE:
        raise EffectError(
            f"the baseline has {observed} observed periods; at least {coefficients + LEAST_FREE} "
            f"are needed for {coefficients} coefficients and {LEAST_FREE} degrees of freedom"
        )


def design(index: pd.PeriodIndex, regressors: pd.DataFrame | None, season: Season) -> pd.DataFrame:
    """Level, season and `regressors` side by side: periods × coefficients."""
    terms = season_terms(index, season)
    return pd.concat([terms, regressors_on(regressors, index)], axis=1)
