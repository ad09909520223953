"""Which periods and donors a synthetic control can use."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from effects.level import Array
from effects.results import EffectError
from effects.units import Units, check_present, unit_names

LEAST_BEFORE = 8
"""Observed periods of the treated unit before the window."""


@dataclass(frozen=True)
class Sample:
    """`rows` of the periods used (`periods`) × units, each unit less its mean before the window.

    The first unit is the treated one. `inside` marks the window; `left_out` are donors with a gap.
    """

    rows: Array
    names: tuple[Hashable, ...]
    periods: pd.PeriodIndex
    inside: np.ndarray
    left_out: tuple[Hashable, ...]
    logs: bool

    @property
    def before(self) -> Array:
        """The rows before the window."""
        return np.asarray(self.rows[~self.inside])

    def effect(self, gap: float) -> float:
        """A gap as an effect: percent under logs, else in the unit of the frame."""
        return 100 * float(np.expm1(gap)) if self.logs else gap


def take_sample(
    units: Units, treated: Hashable, donors: str | Sequence[Hashable] | None, logs: bool
) -> Sample:
    """The treated unit's observed periods and the donors observed in all of them.

    Periods after the window are not used. Nothing is interpolated: a donor with a gap is left out.
    """
    others = [name for name in units.values.columns if name != treated]
    names = unit_names(others if donors is None else donors)
    check_present([treated, *names], units.values)
    if treated in names:
        raise EffectError(f"{treated!r} is treated and cannot be a donor to itself")
    used = units.values.loc[units.values[treated].notna() & (units.earlier | units.inside)]
    inside = np.asarray(used.index >= units.start)
    _check_periods(units, treated, int((~inside).sum()), int(inside.sum()))
    whole = used.notna().all()
    kept = [name for name in names if whole[name]]
    if not kept:
        raise EffectError(
            f"none of {len(names)} donors is observed in all {len(used)} periods in which "
            f"{treated} is; a synthetic control needs at least one that is"
        )
    values = _scaled(used[[treated, *kept]], logs)
    rows = values - values[~inside].mean(axis=0)
    _check_moving(treated, rows[~inside, 0])
    left_out = tuple(name for name in names if name not in kept)
    return Sample(rows, (treated, *kept), pd.PeriodIndex(used.index), inside, left_out, logs)


def _check_periods(units: Units, treated: Hashable, before: int, within: int) -> None:
    if before < LEAST_BEFORE or not within:
        raise EffectError(
            f"{treated} is observed in {before} periods before {units.start} and {within} from "
            f"then to {units.end}; at least {LEAST_BEFORE} and one are needed"
        )


def _scaled(used: pd.DataFrame, logs: bool) -> Array:
    values: Array = used.to_numpy(dtype="float64")
    if not logs:
        return values
    zero = np.argwhere(values == 0)
    if len(zero):
        row, column = zero[0]
        raise EffectError(
            f"{used.columns[column]}, {used.index[row]}: found 0, which has no logarithm; leave "
            "the unit out, or compare levels with logs=False"
        )
    return np.asarray(np.log(values))


def _check_moving(treated: Hashable, before: Array) -> None:
    if np.ptp(before) < 1e-12 * max(1.0, float(np.abs(before).max())):
        raise EffectError(
            f"{treated} is constant before the window; a control cannot be fitted to it"
        )
