"""Proper scores of forecasts given as a median and intervals; less is better."""

from __future__ import annotations

import numpy as np
import pandas as pd
from effects.level import Array

LEVELS = (0.80, 0.95)
"""Levels of the intervals that every forecast is given with."""
QUANTILES = ("median", "lower_80", "upper_80", "lower_95", "upper_95")


def interval_score(outcome: Array, lower: Array, upper: Array, level: float) -> Array:
    """Width, plus 2/(1 − level) times the miss (Gneiting and Raftery 2007, JASA 102, eq. 43)."""
    below, above = np.maximum(lower - outcome, 0), np.maximum(outcome - upper, 0)
    return np.asarray(upper - lower + 2 / (1 - level) * (below + above))


def weighted_interval_score(forecasts: pd.DataFrame, outcome: Array) -> Array:
    """How far off forecasts were, near enough in percent, their width counted.

    The weighted interval score of median and LEVELS on logs, times 100: half the median's miss
    plus each interval's score times (1 − level)/2, over half plus their number (Bracher, Ray,
    Gneiting and Reich 2021, PLOS Computational Biology 17). It approximates the continuous ranked
    probability score. forecasts: columns QUANTILES, positive; outcome: positive, one a row, NaN
    where unknown.
    """
    logs = {name: np.log(forecasts[name].to_numpy(dtype="float64")) for name in QUANTILES}
    true = np.log(outcome)
    total = np.abs(true - logs["median"]) / 2
    for level in LEVELS:
        lower, upper = (logs[f"{side}_{100 * level:.0f}"] for side in ("lower", "upper"))
        total = total + (1 - level) / 2 * interval_score(true, lower, upper, level)
    return np.asarray(100 * total / (len(LEVELS) + 0.5))
