"""Levels, seasons and periods that no estimator takes, refused by each in the same words."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from effects import (
    EffectError,
    average_effect,
    breaks,
    bridge,
    counterfactual,
    diversion,
    holm,
    null_innovations,
    panel,
    regimes,
    specification_curve,
    step_down,
    swing,
    swings,
    synthetic_control,
    textbook,
    volatility,
)

Asked = Callable[..., object]


def units(frequency: str = "M") -> pd.DataFrame:
    """Five years of eight units that do nothing but wander about 100."""
    values = 100 * np.exp(0.1 * np.random.default_rng(3).standard_normal((60, 8)))
    index = pd.period_range("2021-01", periods=60, freq=frequency)
    return pd.DataFrame(values, index=index, columns=list("ABCDEFGH"))


def under_a_regime(frame: pd.DataFrame, **asked: object) -> object:
    late = np.asarray(frame.index >= frame.index[52], dtype=float)
    return regimes(frame["A"], pd.DataFrame({"late": late}, frame.index), **asked)


SERIES: dict[str, Asked] = {
    "average_effect": lambda f, **a: average_effect(f["A"], f.index[52], **a),
    "counterfactual": lambda f, **a: counterfactual(f["A"], f.index[52], **a),
    "diversion": lambda f, **a: diversion(f, "A", f.index[52], **a),
    "regimes": under_a_regime,
    "swing": lambda f, **a: swing(f["A"], f.index[52], **a),
    "swings": lambda f, **a: swings(f["A"], baseline_end=f.index[51], **a),
    "textbook": lambda f, **a: textbook(f["A"], f.index[52], **a),
    "volatility": lambda f, **a: volatility(f["A"], f.index[52], **a),
    "breaks": lambda f, **a: breaks(f["A"], **a),
}
"""What takes a level and a season."""
FRAMES: dict[str, Asked] = {
    "panel": lambda f, **a: panel(f, "A", f.index[52], **a),
    "synthetic_control": lambda f, **a: synthetic_control(f, "A", f.index[52], **a),
}
"""What takes a level and no season."""
FAMILIES: dict[str, Asked] = {
    "holm": lambda f, **a: holm(pd.Series([0.01, 0.2]), **a),
    "step_down": lambda f, **a: step_down(f, **a),
    "specification_curve": lambda f, **a: specification_curve(f, **a),
}
"""Tests read together."""
LEVELS = SERIES | FRAMES | FAMILIES
SEASONS = SERIES | {"null_innovations": lambda f, **a: null_innovations(f["A"], f.index[52], **a)}
PERIODS = SERIES | FRAMES | {"bridge": lambda f: bridge(f, f, f, f.index[52], total="A")}


@pytest.mark.parametrize("level", [95, 1, 0, -1, float("nan")])
@pytest.mark.parametrize("name", LEVELS)
def test_a_level_that_is_no_share_is_refused(name: str, level: float) -> None:
    words = f"level is {level:g}; needs a number between 0 and 1, such as 0.95"
    with pytest.raises(EffectError, match=words):
        LEVELS[name](units(), level=level)


@pytest.mark.parametrize("name", SEASONS)
def test_a_season_without_a_meaning_is_refused(name: str) -> None:
    words = "season is 'calender'; needs one of auto, calendar, harmonics, none"
    with pytest.raises(EffectError, match=words):
        SEASONS[name](units(), season="calender")


@pytest.mark.parametrize("frequency", ["2M", "3M", "2Q-DEC"])
@pytest.mark.parametrize("name", PERIODS)
def test_periods_of_several_months_are_refused(name: str, frequency: str) -> None:
    with pytest.raises(EffectError, match=f"the index has frequency {frequency}; periods of a s"):
        PERIODS[name](units(frequency))


@pytest.mark.parametrize("frequency", ["M", "Q", "Y", "W"])
def test_single_periods_are_taken(frequency: str) -> None:
    for name in ("swing", "panel", "synthetic_control", "diversion"):
        assert PERIODS[name](units(frequency))
