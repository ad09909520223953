"""All regimes at once: planted effects come back, and what cannot be told is refused."""

from __future__ import annotations

import re
from collections.abc import Callable

import pandas as pd
import pytest
from effects import EffectError, regimes

Series = Callable[..., pd.Series]


def shares(index: pd.PeriodIndex) -> pd.DataFrame:
    frame = pd.DataFrame(0.0, index=index, columns=["stockpiling", "tight"])
    frame.loc["2025-01":"2025-03", "stockpiling"] = 1.0
    frame.loc["2025-04"] = [0.1, 0.9]
    frame.loc["2025-05":"2025-06", "tight"] = 1.0
    return frame


def test_planted_regimes_come_back(simulate: Series) -> None:
    series = simulate(14)
    exposure = shares(series.index)
    series = series * 1.3 ** exposure["stockpiling"] * 0.4 ** exposure["tight"]
    result = regimes(series, exposure)
    for (_, row), truth in zip(result.table.iterrows(), (30, -60), strict=True):
        assert row["lower"] < truth < row["upper"]
        assert row["p_value"] < 0.05
    assert list(result.table["n_post"]) == [4, 3]
    assert re.search(r"were checked at \d+ earlier dates", result.sentence)


def test_an_unseen_regime_is_refused(simulate: Series) -> None:
    series = simulate(14)
    exposure = shares(series.index)
    series.loc["2025-04":"2025-06"] = float("nan")
    with pytest.raises(EffectError, match="'tight' covers no observed period"):
        regimes(series, exposure)


def test_regimes_that_always_go_together_are_refused(simulate: Series) -> None:
    series = simulate(14)
    exposure = shares(series.index).assign(again=lambda frame: frame["tight"])
    with pytest.raises(EffectError, match="cannot be told apart"):
        regimes(series, exposure)
