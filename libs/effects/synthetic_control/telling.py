"""A synthetic control's row of effects.csv and its sentence."""

from __future__ import annotations

import numpy as np
import pandas as pd

from effects.inversion import interval_words
from effects.results import effect_table, probability, signed
from effects.spans import during
from effects.synthetic_control.placebos import Placebos
from effects.synthetic_control.sample import Sample


def control_table(sample: Sample, fits: Placebos, level: float, unit: str) -> pd.DataFrame:
    """The average effect; an end of its interval that the test cannot tell is missing."""
    window = sample.periods[sample.inside]
    ends = fits.interval(level)
    lower, upper = (sample.effect(end) if np.isfinite(end) else np.nan for end in ends)
    row = {
        "estimator": "synthetic control",
        "estimand": "average effect",
        "start": str(window[0]),
        "end": str(window[-1]),
        "estimate": sample.effect(float(fits.gaps[:, 0].mean())),
        "lower": lower,
        "upper": upper,
        "level": level,
        "p_value": fits.p_value,
        "unit": unit,
        "n_pre": len(sample.before),
        "n_post": len(window),
    }
    return effect_table([row])


def sentence(
    row: pd.Series,
    window: pd.PeriodIndex,
    floor: float,
    donors: tuple[float, bool],
    without: pd.Series,
    name: str,
) -> str:
    """What happened, how sure, and on which donors it rests."""
    effective, unique = donors
    digits = 0 if row["unit"] == "%" else 1
    direction = "below" if row["estimate"] < 0 else "above"
    interval = interval_words(row, floor, digits)
    size = f"{abs(row['estimate']):,.{digits}f} {row['unit']}"
    return (
        f"{during(window[0], window[-1])} {name} ran {size} {direction} its synthetic control "
        f"({interval}; {probability(row['p_value'])}, which cannot lie below {floor:.3f}). "
        f"The weights amount to {effective:.1f} donors alike"
        f"{'' if unique else '; they are not unique, others fit as well'}"
        f"{_left_out(without, digits)}."
    )


def _left_out(without: pd.Series, digits: int) -> str:
    if without.empty:
        return ""
    low, high = (signed(end, digits) for end in (without.min(), without.max()))
    return f"; without any one of them the estimate lies between {low} and {high}"
