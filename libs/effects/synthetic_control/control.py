"""A unit against a weighted average of others that went the same way before the event.

Outcomes only, each unit less its own mean before the window; weights not below zero that add up to
one (Doudchenko and Imbens 2016; Ferman and Pinto 2021, Quantitative Economics 12).
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from effects.results import EffectError, EffectResult
from effects.synthetic_control.placebos import (
    Placebos,
    placebos_in_space,
    without_each_donor,
)
from effects.synthetic_control.sample import Sample, take_sample
from effects.synthetic_control.telling import control_table, sentence
from effects.synthetic_control.weights import are_unique
from effects.units import ask_units

EXACT = 1e-7
"""A misfit below this share of the unit's own movement is no misfit at all."""


@dataclass(frozen=True)
class SyntheticControl(EffectResult):
    """The effect on one unit against its synthetic control.

    weights: by donor; unique: whether no others fit as well; effective_donors: one over the sum
    of their squares. path: observed and synthetic in the unit of the frame, by period used.
    placebos: misfit (before the window), gap (in it), ratio and the average effect as if treated,
    by unit, the treated first. without: the average effect with one donor left out at a time.
    misfit_share: misfit over the treated unit's standard deviation before the window. left_out:
    donors with a gap. floor: the least p-value possible.
    """

    weights: pd.Series
    unique: bool
    effective_donors: float
    path: pd.DataFrame
    placebos: pd.DataFrame
    without: pd.Series
    misfit_share: float
    left_out: tuple[Hashable, ...]
    floor: float


def synthetic_control(
    frame: pd.DataFrame,
    treated: Hashable,
    start: str | pd.Period,
    end: str | pd.Period | None = None,
    *,
    donors: str | Sequence[Hashable] | None = None,
    logs: bool = True,
    level: float = 0.95,
    unit: str = "tonnes",
    name: str = "the treated unit",
) -> SyntheticControl:
    """Estimate what happened to `treated` from `start` to `end` (default: the last period).

    frame: periods × units, not below zero, NaN where missing; donors (default: all other columns)
    must be observed wherever the treated unit is. Under `logs` effects are percent, otherwise in
    `unit`. Raises EffectError where the data cannot answer.
    """
    units = ask_units(frame, start, end, level)
    sample = take_sample(units, treated, donors, logs)
    fits = placebos_in_space(sample)
    table = control_table(sample, fits, level, "%" if logs else unit)
    weights = pd.Series(fits.weights[1:, 0], index=pd.Index(sample.names[1:], name="donor"))
    unique = are_unique(fits.weights[1:, 0], sample.before[:, 0], sample.before[:, 1:])
    window = sample.periods[sample.inside]
    effective = float(1 / (weights**2).sum())
    without = without_each_donor(sample, fits.weights[:, 0])
    share = _misfit_share(sample, fits)
    return SyntheticControl(
        table=table,
        sentence=sentence(table.iloc[0], window, fits.floor, (effective, unique), without, name),
        weights=weights,
        unique=unique,
        effective_donors=effective,
        path=_path(sample, fits.weights[:, 0], units.values[treated]),
        placebos=_by_unit(sample, fits),
        without=without,
        misfit_share=share,
        left_out=sample.left_out,
        floor=fits.floor,
    )


def _misfit_share(sample: Sample, fits: Placebos) -> float:
    share = float(fits.misfit[0] / sample.before[:, 0].std())
    if share < EXACT:
        raise EffectError(
            f"{len(sample.names) - 1} donors reproduce {sample.names[0]} exactly over "
            f"{len(sample.before)} periods before the window, so nothing shows how far a control "
            "errs; fewer donors or more periods are needed"
        )
    return share


def _path(sample: Sample, weights: np.ndarray, observed: pd.Series) -> pd.DataFrame:
    seen = observed.reindex(sample.periods)
    gap = sample.rows[:, 0] - sample.rows @ weights
    synthetic = seen * np.exp(-gap) if sample.logs else seen - gap
    return pd.DataFrame({"observed": seen, "synthetic": synthetic}).rename_axis("period")


def _by_unit(sample: Sample, fits: Placebos) -> pd.DataFrame:
    averages = [sample.effect(gap) for gap in fits.gaps.mean(axis=0)]
    columns = {
        "misfit": fits.misfit,
        "gap": np.sqrt((fits.gaps**2).mean(axis=0)),
        "ratio": fits.ratios,
        "average": averages,
    }
    return pd.DataFrame(columns, index=pd.Index(sample.names, name="unit"))
