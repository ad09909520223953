"""The next periods of a series, by the model that has forecast next periods best."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from effects.average import WIDEST
from effects.level import ROUNDING
from effects.results import EffectError
from effects.samples import log_series, time_word
from effects.spans import period_name

from analysis.forecast.models import Model
from analysis.forecast.rolling import compare, rolling_forecasts
from analysis.forecast.scores import QUANTILES


@dataclass(frozen=True)
class Outlook:
    """Forecasts of the periods after the last observed.

    table: one row a period that can be told: period, horizon, the quantiles, in the unit of the
    series; board: how the models fared (`compare`), the `rival` among them; rolling: the forecasts
    from earlier origins.
    """

    table: pd.DataFrame
    sentence: str
    model: str
    rival: str
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
    rival = next(iter(models))
    rolling = rolling_forecasts(logs, models, ahead)
    board = compare(rolling, rival)
    model = str(board["model"].iloc[0])
    own = rolling[(rolling["model"] == model) & (rolling["origin"] == origin)]
    told = np.log(own["upper_95"] / own["median"]) <= WIDEST
    table = own.loc[told, ["period", "horizon", *QUANTILES]].reset_index(drop=True)
    if table.empty:
        raise EffectError(
            f"none of the {ahead} {time_word(origin.freqstr)}s after {origin} can be forecast: "
            "intervals are wider than a third to three times the median"
        )
    told = _sentence(table, board, series[logs.index], unit, name)
    return Outlook(table, told, model, rival, origin, board, rolling)


def _sentence(
    table: pd.DataFrame, board: pd.DataFrame, observed: pd.Series, unit: str, name: str
) -> str:
    first, best, origin = table.iloc[0], board.iloc[0], observed.index[-1]
    word = time_word(origin.freqstr)
    return (
        f"For {period_name(first['period'])} {name} are forecast at {first['median']:,.0f} {unit} "
        f"(95 % interval {first['lower_95']:,.0f} to {first['upper_95']:,.0f}; 80 % "
        f"{first['lower_80']:,.0f} to {first['upper_80']:,.0f}), from what was known to "
        f"{period_name(origin)}.{on_record(first['median'], observed, unit)} Over the "
        f"{best['cases']:.0f} earlier {word}s that all {board['model'].nunique()} models could "
        f"forecast, this one's score was {best['against_rival']:.2f} times that of the same {word} "
        f"a year before; {best['inside_95']:.0f} % of outcomes lay within its 95 % intervals."
    )


def on_record(median: float, observed: pd.Series, unit: str) -> str:
    """That a forecast lies above, or below, all that was observed; empty where it does not."""
    values, periods = observed.to_numpy(), pd.PeriodIndex(observed.index)
    above = median > values.max() * (1 + ROUNDING)
    if not above and median >= values.min() * (1 - ROUNDING):
        return ""
    place = int(values.argmax() if above else values.argmin())
    return (
        f" That is {'above' if above else 'below'} every {time_word(periods.freqstr)} observed so "
        f"far; nearest is {period_name(periods[place])} with {values[place]:,.0f} {unit}."
    )
