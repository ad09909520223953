"""Seasonal terms: one effect a calendar period, or two harmonic pairs where that asks too much."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import pandas as pd

from effects.level import Array
from effects.results import EffectError
from effects.samples import ordinals, regressors_on

Season = Literal["auto", "calendar", "harmonics", "none"]

LEAST_FREE = 12
"""Residual degrees of freedom a baseline must leave."""
LEAST_SEEN = 1
"""Times each calendar period must be observed for calendar effects: once tells its effect."""

NOTHING = 1e-10
"""Least eigenvalue of the columns' correlations that is told from zero."""

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


@dataclass(frozen=True)
class Terms:
    """Level, season and regressors on every period from `first` (its ordinal) on."""

    season: Season
    names: tuple[str, ...]
    first: int
    matrix: Array

    def rows(self, times: Array) -> Array:
        """The rows of the periods `times` (ordinals): periods × coefficients."""
        return np.asarray(self.matrix[times.astype(int) - self.first])


def make_terms(index: pd.PeriodIndex, regressors: pd.DataFrame | None, season: Season) -> Terms:
    """Lay out the design on the adjacent periods of `index`, which `regressors` must cover."""
    frame = pd.concat([season_terms(index, season), regressors_on(regressors, index)], axis=1)
    return Terms(season, tuple(map(str, frame.columns)), index[0].ordinal, frame.to_numpy())


def choose_terms(
    observed: pd.PeriodIndex,
    index: pd.PeriodIndex,
    regressors: pd.DataFrame | None,
    asked: Season = "auto",
) -> Terms:
    """The terms on `index` that a baseline seen at `observed` can bear beside `regressors`.

    Calendar effects when every calendar period is observed at least `LEAST_SEEN` times, the
    coefficients can be told apart and `LEAST_FREE` degrees of freedom are left; else two harmonic
    pairs; else EffectError. The rule looks at which periods are observed, never at their values.
    A season asked for by name is only checked.
    """
    if asked not in get_args(Season):
        raise EffectError(f"season is {asked!r}; needs one of {', '.join(get_args(Season))}")
    length = season_length(index)
    if length > 1 and asked in ("auto", "calendar"):
        terms = make_terms(index, regressors, "calendar")
        seen = np.bincount(_calendar(observed), minlength=length).min()
        if asked == "calendar" or (seen >= LEAST_SEEN and _free(terms, observed) >= LEAST_FREE):
            return _checked(terms, observed)
    harmonics = length > 1 and asked in ("auto", "harmonics")
    return _checked(make_terms(index, regressors, "harmonics" if harmonics else "none"), observed)


def free_degrees(design: Array) -> int:
    """Residual degrees of freedom of the columns not all zero; -1 where they are collinear."""
    seen = int(design.any(axis=0).sum())
    rank = int(np.linalg.matrix_rank(design))
    return len(design) - rank if rank == seen else -1


def free_after(design: Array) -> np.ndarray:
    """`free_degrees` of the first row, the first two, and so on."""
    products = np.cumsum(design[:, :, None] * design[:, None, :], axis=0)
    sizes = np.sqrt(np.diagonal(products, axis1=1, axis2=2))
    seen = sizes > 0
    scales = np.where(seen, sizes, 1.0)
    roots = np.linalg.eigvalsh(products / scales[:, :, None] / scales[:, None, :])
    rank = (roots > NOTHING).sum(axis=1)
    return np.where(rank == seen.sum(axis=1), np.arange(1, len(design) + 1) - rank, -1)


def _free(terms: Terms, observed: pd.PeriodIndex) -> int:
    return free_degrees(terms.rows(ordinals(observed)))


def _checked(terms: Terms, observed: pd.PeriodIndex) -> Terms:
    seen = terms.rows(ordinals(observed)).any(axis=0)
    count = int(seen.sum())
    if len(observed) - count < LEAST_FREE:
        raise EffectError(
            f"the baseline has {len(observed)} observed periods; at least {count + LEAST_FREE} "
            f"are needed for {count} coefficients and {LEAST_FREE} degrees of freedom"
        )
    if _free(terms, observed) < 0:
        told = ", ".join(np.array(terms.names)[seen])
        raise EffectError(
            f"season and regressors ({told}) cannot be told apart over the observed baseline; "
            "leave one out or begin the baseline earlier"
        )
    return terms
