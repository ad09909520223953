"""Intervals by inverting a test: the effects nearest the estimate that it rejects are the ends."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

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
