"""What the default leaves out, growth that goes on: the same counterfactual with a linear drift."""

from __future__ import annotations

import numpy as np
import pandas as pd
from effects import Counterfactual, EffectError, counterfactual
from effects.results import signed
from effects.samples import row_at
from effects.spans import period_name

from analysis.study import Study

DRIFT = "drift"


def with_drift(regressors: pd.DataFrame) -> pd.DataFrame:
    """`regressors` and years since their first month."""
    return regressors.assign(**{DRIFT: np.arange(len(regressors)) / 12})


def compare_drift(
    effect: Counterfactual, series: pd.Series, regressors: pd.DataFrame, study: Study
) -> str:
    """How the window's average and the latest net sum change if the baseline may grow."""
    try:
        drifting = counterfactual(
            series,
            study.start,
            study.end,
            baseline_end=study.baseline_end,
            quiet_end=effect.quiet_end,
            regressors=with_drift(regressors),
            level=study.level,
        )
    except EffectError as reason:
        return f"A drift cannot be told from this baseline: {reason}."
    row = drifting.table.iloc[0]
    baseline = drifting.baseline
    growth = np.expm1(baseline.fit.coefficients[baseline.names.index(DRIFT)])
    return (
        f"With a drift, which the baseline puts at {signed(100 * growth)} % a year, the average "
        f"over the window is {signed(row['estimate'])} % ({signed(row['lower'])} % to "
        f"{signed(row['upper'])} %) instead of {signed(effect.table.iloc[0]['estimate'])} %; "
        f"{_nets(effect, drifting)}. The later a sum ends, the more it rests on whether growth "
        "would have gone on, which no month after the event can tell."
    )


def _nets(effect: Counterfactual, drifting: Counterfactual) -> str:
    """The last month's net sum both ways."""
    month = min(effect.cumulative.index[-1], drifting.cumulative.index[-1])
    one, other = (row_at(found.cumulative, month) for found in (effect, drifting))
    return (
        f"the net since the baseline is {signed(other['estimate'])} tonnes by "
        f"{period_name(month)} ({signed(other['lower'])} to {signed(other['upper'])}) instead of "
        f"{signed(one['estimate'])}"
    )
