"""Intervals by inverting a test: the effects nearest the estimate that it rejects are the ends."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from effects.results import can_reject, percent_of, signed

REACH = 12
"""Steps on either side of the estimate within which an interval's ends are sought."""
HALVINGS = 7
"""How often an end is narrowed down: to a hundredth of a step."""


def first_rejected(kept: Callable[[float], bool], estimate: float, step: float) -> float:
    """The size nearest `estimate`, in the direction of `step`, that is not kept.

    Rounded outwards by a hundredth of a step at most; infinite where none lies within reach.
    """
    for count in range(1, REACH + 1):
        if not kept(estimate + count * step):
            return _end(kept, estimate + (count - 1) * step, estimate + count * step)
    return float(np.sign(step)) * np.inf


def _end(kept: Callable[[float], bool], inside: float, outside: float) -> float:
    """Where `kept` ends between a size kept and one not, rounded outwards."""
    for _ in range(HALVINGS):
        middle = (inside + outside) / 2
        inside, outside = (middle, outside) if kept(middle) else (inside, middle)
    return outside


def interval_words(row: pd.Series, floor: float, digits: int = 0, unit: str = "") -> str:
    """The interval of a row of effects.csv whose p-value cannot be less than `floor`.

    An end that was not found within reach is missing there, and said to be.
    """
    told = f"{percent_of(row['level'])} % interval"
    lower, upper = (f"{signed(row[side], digits)}{unit}" for side in ("lower", "upper"))
    if not can_reject(floor, row["level"]):
        return f"no {told} with so few units"
    if row[["lower", "upper"]].isna().all():
        return f"no end of the {told} found"
    if pd.isna(row["lower"]):
        return f"{told} up to {upper}, no lower end found"
    if pd.isna(row["upper"]):
        return f"{told} from {lower} on, no upper end found"
    return f"{told} {lower} to {upper}"
