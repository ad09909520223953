"""Forecasts of the next periods of a series, by the model that has forecast next periods best.

Forecasts from earlier origins are pseudo-out-of-sample: each sees only the periods up to its
origin, but those as they are known today, and by models that were thought of later.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import NamedTuple, TypeAlias

import numpy as np
import pandas as pd
from scipy import stats

from effects.average import WIDEST
from effects.baseline import baseline_of
from effects.level import ROUNDING, Array
from effects.results import EffectError, as_html
from effects.samples import ordinals, read_series, time_word
from effects.season import season_length

LEVELS = (0.80, 0.95)
"""Levels of the intervals that every forecast is given with."""
QUANTILES = ("median", "lower_80", "upper_80", "lower_95", "upper_95")
LEAST_CHANGES = 8
"""Changes over a year that the seasonal naive forecast needs to know how far it errs."""
FARTHEST = 5
"""Years that the seasonal naive forecast looks back for an observed period of the same name."""
LEAST_CASES = 8
"""Forecasts with a known outcome that models are compared by, at least."""


class Prediction(NamedTuple):
    """Means and standard errors of the logs one, two, … periods ahead, and degrees of freedom.

    NaN where the model cannot tell.
    """

    mean: Array
    error: Array
    free: int


Model: TypeAlias = Callable[[pd.Series, int], Prediction]
"""From the observed logs in order and the number of periods ahead; EffectError if too few."""
Regressors: TypeAlias = Callable[[pd.PeriodIndex, pd.Period], pd.DataFrame]
"""Regressors on given periods, as known at an origin."""


@dataclass(frozen=True)
class Outlook:
    """Forecasts of the periods after the last observed, the `origin`.

    table: one row a period that can be told: period, horizon, QUANTILES, in the unit of the
    series; board: how the models fared (`compare`), the `rival` among them; rolling: the forecasts
    from earlier origins (`rolling_forecasts`); observed: the series without its gaps.
    """

    table: pd.DataFrame
    model: str
    rival: str
    origin: pd.Period
    board: pd.DataFrame
    rolling: pd.DataFrame
    observed: pd.Series

    def _repr_html_(self) -> str:
        return as_html(self.table, f"From {self.origin}, by the model {self.model}.")

    @property
    def one_ahead(self) -> pd.DataFrame:
        """The chosen model's forecasts of next periods whose outcome is known."""
        rows = self.rolling[(self.rolling["model"] == self.model) & (self.rolling["horizon"] == 1)]
        return rows.dropna(subset="outcome")

    def forecasts(self, destination: str) -> pd.DataFrame:
        """The next periods' forecasts and those from earlier origins whose outcome is known.

        One row each: kind (`next`, `rolling origin`), destination, last_observed and month (first
        days), horizon, model, QUANTILES; those of `next` to a tenth, as they are issued.
        """
        ahead = self.table.round(dict.fromkeys(QUANTILES, 1)).assign(kind="next", model=self.model)
        ahead["origin"] = pd.PeriodIndex([self.origin] * len(ahead))
        earlier = self.rolling.dropna(subset="outcome").assign(kind="rolling origin")
        rows = pd.concat([ahead, earlier], ignore_index=True).assign(destination=destination)
        for day, period in {"last_observed": "origin", "month": "period"}.items():
            rows[day] = pd.PeriodIndex(rows[period]).to_timestamp()
        columns = ["kind", "destination", "last_observed", "month", "horizon", "model", *QUANTILES]
        return rows[columns]


def outlook(series: pd.Series, models: Mapping[str, Model], ahead: int = 3) -> Outlook:
    """Forecast up to `ahead` periods after the last observed; the first of `models` is the rival.

    The model is the one with the best mean score of next periods. A period whose 95 % interval is
    wider than from a third to three times its median is left out. EffectError where the series is
    too short or no period can be told.
    """
    logs = read_series(series)
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
    return Outlook(table, model, rival, origin, board, rolling, np.exp(logs))


def nearest_record(median: float, observed: pd.Series) -> pd.Period | None:
    """The period of the highest, or lowest, observation if a forecast lies beyond it."""
    values, periods = observed.to_numpy(), pd.PeriodIndex(observed.index)
    if median > values.max() * (1 + ROUNDING):
        return periods[int(values.argmax())]
    if median < values.min() * (1 - ROUNDING):
        return periods[int(values.argmin())]
    return None


def seasonal_naive(logs: pd.Series, ahead: int) -> Prediction:
    """The same period a year ago, or of the last year in which it was observed.

    Errors: the root mean square of all changes over a year, times the root of the years looked
    back (Hyndman and Athanasopoulos 2021, Forecasting, 5.2 and 5.5).
    """
    length = season_length(pd.PeriodIndex(logs.index))
    before = logs.reindex(logs.index - length).to_numpy()
    changes = np.asarray((logs.to_numpy() - before)[~np.isnan(before)])
    if len(changes) < LEAST_CHANGES:
        raise EffectError(
            f"{len(changes)} changes over a year are observed; the seasonal naive forecast needs "
            f"{LEAST_CHANGES}"
        )
    if np.abs(changes).max() <= ROUNDING * np.abs(logs).max():
        raise EffectError(
            "no period differs from that of the year before; nothing shows how far the seasonal "
            "naive forecast errs"
        )
    back = np.arange(1, FARTHEST + 1)
    targets = [logs.index[-1] + step for step in range(1, ahead + 1)]
    earlier = np.array([logs.reindex([t - length * k for k in back]).to_numpy() for t in targets])
    seen = ~np.isnan(earlier)
    first = seen.argmax(axis=1)
    mean = np.where(seen.any(axis=1), earlier[np.arange(ahead), first], np.nan)
    return Prediction(mean, np.sqrt(np.mean(changes**2) * back[first]), len(changes))


def local_level(regressors: Regressors, drift: bool = False) -> Model:
    """The model of `counterfactual`, fitted to all that was observed; drift: a linear trend."""

    def forecast(logs: pd.Series, ahead: int) -> Prediction:
        origin = logs.index[-1]
        index = pd.period_range(logs.index[0], origin + ahead)
        baseline = baseline_of(logs, index, regressors(index, origin), drift=drift)
        times = ordinals(index[-ahead:])
        mean, covariance = baseline.forecast(times)
        told = np.where(baseline.known(times), mean, np.nan)
        return Prediction(told, np.sqrt(np.diag(covariance)), baseline.fit.free)

    return forecast


def rolling_forecasts(logs: pd.Series, models: Mapping[str, Model], ahead: int) -> pd.DataFrame:
    """Every model's forecasts from every observed period, up to `ahead` periods on.

    One row a model, origin and period of which the model knows something, however wide its
    interval: model, origin, period, horizon, QUANTILES, outcome (NaN where not observed), score,
    inside_80 and inside_95.
    """
    found, refused = [], None
    for place in range(1, len(logs) + 1):
        seen = logs.iloc[:place]
        for name, model in models.items():
            try:
                found.append((name, seen.index[-1], model(seen, ahead)))
            except EffectError as reason:
                refused = reason
    if not found:
        raise EffectError(f"no model can be fitted to any part of the series: {refused}")
    table = _table(found, ahead).dropna(subset="median").reset_index(drop=True)
    outcome = np.exp(logs.reindex(pd.PeriodIndex(table["period"])).to_numpy())
    table = table.assign(outcome=outcome, score=weighted_interval_score(table, outcome))
    for level in ("80", "95"):
        inside = (table[f"lower_{level}"] <= outcome) & (outcome <= table[f"upper_{level}"])
        table[f"inside_{level}"] = inside.astype("boolean").mask(np.isnan(outcome))
    return table


def _table(found: Sequence[tuple[str, pd.Period, Prediction]], ahead: int) -> pd.DataFrame:
    """One row a prediction and period, with its quantiles."""
    names, origins, predictions = zip(*found, strict=True)
    mean, error = (np.concatenate([one[part] for one in predictions]) for part in (0, 1))
    free = np.repeat([one.free for one in predictions], ahead)
    horizon = np.tile(np.arange(1, ahead + 1), len(found))
    origin = pd.PeriodIndex(np.repeat(np.array(origins, dtype=object), ahead))
    columns = {
        "model": np.repeat(names, ahead),
        "origin": origin,
        "period": origin + horizon,
        "horizon": horizon,
        "median": np.exp(mean),
    }
    for level in LEVELS:
        half = stats.t.ppf((1 + level) / 2, free) * error
        columns[f"lower_{100 * level:.0f}"] = np.exp(mean - half)
        columns[f"upper_{100 * level:.0f}"] = np.exp(mean + half)
    return pd.DataFrame(columns)


LEAST_GAPS = 12
"""Periods known of a series and a wider one without which the gap between them tells nothing."""


def by_mean_gap(wider: pd.Series, known: pd.Series, level: float = 0.95) -> pd.DataFrame:
    """A series from a wider one less their mean gap: estimate, lower and upper by period.

    wider: without gaps; known: on the same periods, NaN where missing. The interval of a known
    period, Student's t for one more gap of which so many are known, is made without that period, so
    how many of them lie inside their own is a fair count of the interval's coverage. Raises
    EffectError where fewer than LEAST_GAPS periods are known of both.
    """
    gap, kept = (wider - known).fillna(0), known.notna().to_numpy()
    if kept.sum() < LEAST_GAPS:
        raise EffectError(
            f"{kept.sum()} periods are known of the series and of the wider one; at least "
            f"{LEAST_GAPS} are needed"
        )
    others = kept.sum() - kept
    mean = (gap.sum() - gap) / others
    variance = ((gap**2).sum() - gap**2 - others * mean**2) / (others - 1)
    reach = stats.t.ppf((1 + level) / 2, others - 1) * np.sqrt(variance * (1 + 1 / others))
    estimate = wider - mean
    ends = {"estimate": estimate, "lower": estimate - reach, "upper": estimate + reach}
    return pd.DataFrame(ends, index=wider.index)


def interval_score(outcome: Array, lower: Array, upper: Array, level: float) -> Array:
    """Width, plus 2/(1 − level) times the miss (Gneiting and Raftery 2007, JASA 102, eq. 43)."""
    below, above = np.maximum(lower - outcome, 0), np.maximum(outcome - upper, 0)
    return np.asarray(upper - lower + 2 / (1 - level) * (below + above))


def weighted_interval_score(forecasts: pd.DataFrame, outcome: Array) -> Array:
    """How far off forecasts were, near enough in percent, their width counted; less is better.

    The weighted interval score of median and LEVELS on logs, times 100: half the median's miss
    plus each interval's score times (1 − level)/2, over half plus their number (Bracher, Ray,
    Gneiting and Reich 2021, PLOS Computational Biology 17). It approximates the continuous ranked
    probability score. forecasts: columns QUANTILES, positive; outcome: positive, one a row, NaN
    where unknown.
    """
    logs = {name: np.log(forecasts[name].to_numpy(dtype="float64")) for name in QUANTILES}
    true = np.log(outcome)
    total = np.abs(true - logs["median"]) / 2
    for level in LEVELS:
        lower, upper = (logs[f"{side}_{100 * level:.0f}"] for side in ("lower", "upper"))
        total = total + (1 - level) / 2 * interval_score(true, lower, upper, level)
    return np.asarray(100 * total / (len(LEVELS) + 0.5))


def compare(table: pd.DataFrame, rival: str) -> pd.DataFrame:
    """Models by mean score, horizon by horizon, over the cases that all of them told.

    Columns horizon, model, cases, score, against_rival (the score over the rival's), and
    the percentages of outcomes inside_80 and inside_95; the best model of a horizon first.
    """
    known = table.dropna(subset="outcome")
    told = known.groupby(["origin", "horizon"])["model"].transform("nunique")
    common = known[told == table["model"].nunique()]
    count = (common["horizon"] == 1).sum() / table["model"].nunique()
    if rival not in set(known["model"]) or count < LEAST_CASES:
        raise EffectError(
            f"fewer than {LEAST_CASES} forecasts of a next period have a known outcome and can be "
            "made by every model; too few to choose by"
        )
    columns = ["score", "inside_80", "inside_95"]
    groups = common.astype(dict.fromkeys(columns, "float64")).groupby(["horizon", "model"])
    board = groups[columns].mean()
    naive = board["score"].xs(rival, level="model")
    board.insert(0, "cases", groups.size())
    board.insert(2, "against_rival", board["score"] / naive.reindex(board.index, level="horizon"))
    board[columns[1:]] *= 100
    return board.reset_index().sort_values(["horizon", "score"], ignore_index=True)


CLOCK = timedelta(days=730)
"""How far a machine's clock may be behind before a day of issue counts as not yet come."""
SAME = ("destination", "issued", "vintage", "last_observed", "model")
"""What all rows of an issued forecast have in common."""
RISING = ("lower_95", "lower_80", "median", "upper_80", "upper_95")


def issued_needs(rows: pd.DataFrame) -> Iterator[tuple[str, pd.Series, str]]:
    """Of a monthly forecast as issued: column, whether each cell fits the others, and its need."""
    for name in ("last_observed", "month"):
        yield name, rows[name].dt.is_month_start, "the first day of a month"
    yield "issued", rows["issued"] <= pd.Timestamp(date.today() + CLOCK), "a day that has come"
    days = rows["last_observed"], rows["month"]
    last, month = (day.dt.year * 12 + day.dt.month for day in days)
    yield "horizon", rows["horizon"] == month - last, "the months from last_observed to month"
    for lower, upper in pairwise(RISING):
        yield upper, rows[upper] >= rows[lower], f"no less than {lower}"
    for name in SAME:
        yield name, rows[name] == rows[name].iloc[0], f"{rows[name].iloc[0]} as in the first row"


def score_issued(issued: pd.DataFrame, series: pd.Series, release: pd.DateOffset) -> pd.DataFrame:
    """Issued forecasts of the series' destination with kind, outcome and score.

    release: from a month's first day to the day on which it is published. A forecast issued later
    was late, whether or not the data knew of it.
    """
    own = issued[issued["destination"] == series.name].reset_index(drop=True)
    kind = np.where(own["issued"] >= own["month"] + release, "issued late", "issued")
    return with_outcomes(own.assign(kind=kind), series)


def with_outcomes(rows: pd.DataFrame, series: pd.Series) -> pd.DataFrame:
    """Forecasts by month with the `outcome` in a monthly series and its `score`, NaN if unknown."""
    months = pd.PeriodIndex(rows["month"], freq="M")
    outcome = series.reindex(months).to_numpy(dtype="float64")
    return rows.assign(outcome=outcome, score=weighted_interval_score(rows, outcome))


def months_not_held(
    origin: pd.Period, issued: pd.DataFrame, release: pd.DateOffset
) -> list[pd.Period]:
    """Months after `origin` that were published by the last day of issue."""
    if issued.empty:
        return []
    published = (issued["issued"].max() - release).to_period("M")
    return list(pd.period_range(origin + 1, published, freq="M"))
