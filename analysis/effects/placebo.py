"""Rolling-origin placebos: the same estimator at every admissible date before the event."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.effects.baseline import fit_baseline
from analysis.effects.level import Array
from analysis.effects.season import Season, free_degrees, seen_terms
from analysis.effects.window import WindowEffect, window_effect

LEAST_FREE = 8
"""Residual degrees of freedom below which a placebo baseline is not fitted."""


@dataclass(frozen=True)
class Placebos:
    """Placebo effects by the first period of their window: `mean`, `error`, `t`."""

    frame: pd.DataFrame

    @property
    def scale(self) -> float:
        """max(1, root mean square of the placebo t's): what the standard error is multiplied by."""
        t: Array = self.frame["t"].to_numpy(dtype="float64")
        return max(1.0, float(np.sqrt(np.mean(t**2)))) if len(t) else 1.0

    @property
    def floor(self) -> float:
        """The least p-value that these placebos can give."""
        return 1 / (1 + len(self.frame))

    def p_value(self, effect: WindowEffect) -> float:
        """Share of dates, the event's own included, with a |t| at least as large."""
        larger = int((self.frame["t"].abs() >= abs(effect.t)).sum())
        return (1 + larger) / (1 + len(self.frame))


def placebos(
    logs: pd.Series,
    regressors: pd.DataFrame | None,
    season: Season,
    gap: int,
    length: int,
) -> Placebos:
    """The estimator moved to every earlier date, on the baseline's own observed `logs`.

    gap: periods from the baseline's end to the window's start; length: periods of the window.
    Two dates that leave the same sample and the same observed window count once.
    """
    rows: dict[tuple[int, str], dict[str, float]] = {}
    names: dict[tuple[int, str], pd.Period] = {}
    for origin in pd.period_range(logs.index[0], logs.index[-1]):
        window = logs.loc[origin + gap : origin + gap + length - 1]
        sample = logs.loc[:origin]
        if origin + gap + length - 1 > logs.index[-1] or not len(window):
            continue
        key = (len(sample), ",".join(map(str, window.index)))
        effect = None if key in rows else _placebo(sample, window, regressors, season)
        if effect is not None:
            rows[key] = {"mean": effect.mean, "error": effect.error, "t": effect.t}
            names[key] = origin + gap
    frame = pd.DataFrame(list(rows.values()), columns=["mean", "error", "t"], dtype="float64")
    return Placebos(frame.set_axis(list(names.values()), axis="index"))


def _placebo(
    sample: pd.Series, window: pd.Series, regressors: pd.DataFrame | None, season: Season
) -> WindowEffect | None:
    index = pd.PeriodIndex(sample.index)
    if free_degrees(seen_terms(index, regressors, season)) < LEAST_FREE:
        return None
    return window_effect(fit_baseline(sample, regressors, season), window)
