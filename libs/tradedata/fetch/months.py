"""Months as the command line and the sources write them: 2024-01."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pandas as pd


def months_between(start: str, end: str) -> list[str]:
    """Every month from `start` to `end`, both included."""
    return [str(month) for month in pd.period_range(start, end, freq="M")]


def batches(months: Sequence[str], size: int) -> Iterator[list[str]]:
    """`months`, in order, in runs without gaps of at most `size` months."""
    batch: list[str] = []
    for month in months:
        follows = not batch or pd.Period(batch[-1], "M") + 1 == pd.Period(month, "M")
        if not follows or len(batch) == size:
            yield batch
            batch = []
        batch.append(month)
    if batch:
        yield batch
