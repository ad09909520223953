"""Made-up series with the gaps of published figures."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

Series = Callable[..., pd.Series]

SEEN_YEARS = {
    2016: [6, 7, 12], 2017: [1, 2, 11, 12], 2018: [1, 2, 9, 10, 11], 2019: [8, 9, 10, 11, 12],
    2020: [12], 2021: [4, 5, 8, 9, 12], 2022: [1, 2, 3, 4, 5, 6], 2023: [7, 8, 9, 10, 11, 12],
    2024: [2, 4, 5, 6, 7, 8, 9, 10, 11, 12], 2025: list(range(1, 13)),
}  # fmt: skip
"""The months that the published figures of world exports show, near enough."""


@pytest.fixture
def gappy() -> pd.PeriodIndex:
    """Observed months, thin before 2024."""
    months = [f"{year}-{month:02d}" for year, seen in SEEN_YEARS.items() for month in seen]
    return pd.PeriodIndex(months, freq="M")


@pytest.fixture
def simulate(gappy: pd.PeriodIndex) -> Series:
    """A positive monthly series with season and noise or a wandering level, NaN where gone."""

    def made(
        seed: int, walk: float = 0.0, persistence: float = 0.0, gaps: bool = True
    ) -> pd.Series:
        random = np.random.default_rng(seed)
        every = pd.period_range(gappy[0], gappy[-1], freq="M")
        noise = random.standard_normal(len(every))
        for place in range(1, len(noise)):
            noise[place] += persistence * noise[place - 1]
        level = np.cumsum(random.standard_normal(len(every))) * walk
        season = 0.1 * np.sin(2 * np.pi * every.month.to_numpy() / 12)
        series = pd.Series(np.exp(8.4 + season + 0.06 * (noise + level)), index=every)
        return series.reindex(gappy).reindex(every) if gaps else series

    return made
