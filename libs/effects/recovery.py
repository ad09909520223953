"""When a series is back: so many observed periods in a row above a lower bound."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

RUN = 3
"""Periods in a row that make a recovery."""


@dataclass(frozen=True)
class Recovery:
    """The month a recovery began; `censored` if the data end before one is complete."""

    period: pd.Period | None
    censored: bool
    never_below: bool


def recovery(observed: pd.Series, floor: pd.Series) -> Recovery:
    """First period of `RUN` in a row at or above `floor`, after the series first fell below it.

    Both run over every period from the event on; a missing period breaks a run.
    """
    above = (observed >= floor).to_numpy()
    told = (observed.notna() & floor.notna()).to_numpy()
    below = np.flatnonzero(told & ~above)
    if not len(below):
        return Recovery(None, censored=False, never_below=True)
    for place in range(int(below[0]) + 1, len(above) - RUN + 1):
        if above[place : place + RUN].all():
            return Recovery(observed.index[place], censored=False, never_below=False)
    return Recovery(None, censored=True, never_below=False)
