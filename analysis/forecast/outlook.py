"""The next periods of a series, by the model that has forecast next periods best."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.effects.paths import WIDEST
from analysis.effects.results import EffectError
from analysis.effects.samples import log_series, time_word
from analysis.effects.spans import period_name
from analysis.forecast.models import Model
from analysis.forecast.rolling import compare, rolling_forecasts
from analysis.forecast.scores import QUANTILES


@dataclass(frozen=True)
class Outlook:
    """Forecasts of the periods after the last observed.

    table: one row a period that can be told: period, horizon, the quantiles, in the unit of the
    series; board: how the models fared (`compare`); rolling: the forecasts from earlier origins.
    """

    table: pd.DataFrame
    sentence: str
    model: str
    origin: pd.Period
    board: pd.DataFrame
    rolling: pd.DataFrame


def outlook(
    series: pd.Series,
    models: Mapping[str, Model],
    ahead: int = 3,
    *,
    unit: str = "tonnes",
    name: str = "the series",
) -> Outlook:
    """Forecast up to `ahead` periods after the last observed; the first of `models` is the rival.

    The model is the one with the best mean score of next periods. A period whose 95 % interval is
    wider than from a third to three times its median is left out. EffectError where the series is
    too short or the next period cannot be told.
    """
    logs = log_series(series)
    origin = logs.index[-1]
    rolling = rolling_forecasts(logs, models, ahead)
    board = compare(rolling, next(iter(models)))
    model = str(board["model"].iloc[0])
    own = rolling[(rolling["model"] == model) & (rolling["origin"] == origin)]
    told = np.log(own["upper_95"] / own["median"]) <= WIDEST
    table = own.loc[told, ["period", "horizon", *QUANTILES]].reset_index(drop=True)
    if table.empty:
        raise EffectError(
            f"none of the {ahead} {time_word(origin.freqstr)}s after {origin} can be forecast: "
            "intervals are wider than a third to three times the median"
        )
    return Outlook(
        table, _sentence(table, board, origin, unit, name), model, origin, board, rolling
    )


def _sentence(
    table: pd.DataFrame, board: pd.DataFrame, origin: pd.Period, unit: str, name: str
) -> str:
    first, best = table.iloc[0], board.iloc[0]
    word = time_word(origin.freqstr)
    return (
        f"For {period_name(first['period'])} {name} are forecast at {first['median']:,.0f} {unit} "
        f"(95 % interval {first['lower_95']:,.0f} to {first['upper_95']:,.0f}; 80 % "
        f"{first['lower_80']:,.0f} to {first['upper_80']:,.0f}), from what was known to "
        f"{period_name(origin)}. Over {best['cases']:.0f} earlier {word}s the model's score was "
        f"{best['against_rival']:.2f} times that of the same {word} a year before; "
        f"{best['inside_95']:.0f} % of outcomes lay within its 95 % intervals."
    )
