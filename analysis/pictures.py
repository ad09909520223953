"""This study's objects as the charts need them: events, forecasts, mirror tables."""

from __future__ import annotations

from collections.abc import Sequence

import charts
import pandas as pd
from charts import Figure
from effects.forecasts import Outlook

from analysis.events import SCHEDULED, Regime, timeline
from analysis.mirror import RARE_EARTH, sum_up_mirror

BEFORE = 24
"""Months shown before a forecast."""
MOST = 4
"""Destinations whose mirror is drawn."""


def event_marks(events: pd.DataFrame, policy: Sequence[Regime]) -> pd.DataFrame:
    """Marks of a monthly chart: the regimes by name, then every other event without one.

    Columns date and label; an empty label makes a tick on the axis.
    """
    regimes = pd.DataFrame(
        {"date": regime.start, "label": regime.name.capitalize()} for regime in policy
    )
    happened = events[~events["summary"].str.startswith(SCHEDULED)]
    dates = happened["date_announced"].fillna(happened["date_effective"])
    others = pd.DataFrame({"date": dates[~dates.isin(regimes["date"])].drop_duplicates()})
    return pd.concat([regimes, others.assign(label="")], ignore_index=True)


def plot_timeline(events: pd.DataFrame, disagreements: pd.DataFrame) -> Figure:
    """The events of the contract Events, with the dates that other sources give."""
    return charts.plot_timeline(timeline(events, disagreements))


def plot_forecast(found: Outlook, series: pd.Series) -> Figure:
    """Observed tonnes a month, one-month-ahead forecasts from each month, and the next months."""
    return charts.plot_forecast(forecast_rows(found, series))


def forecast_rows(found: Outlook, series: pd.Series) -> pd.DataFrame:
    """One row a month: observed, horizon and the quantiles of the latest forecast of it."""
    own = found.rolling[(found.rolling["model"] == found.model) & (found.rolling["horizon"] == 1)]
    known = own.dropna(subset="outcome")
    columns = ["period", "horizon", "median", "lower_80", "upper_80", "lower_95", "upper_95"]
    both = pd.concat([known[columns], found.table[columns]]).set_index("period")
    months = pd.period_range(found.origin - BEFORE + 1, both.index[-1], name="month")
    rows = both.reindex(months)
    rows.insert(0, "observed", series.reindex(months))
    return rows.set_axis(months.to_timestamp(), axis="index").rename_axis("month").reset_index()


def plot_mirrors(mirror: pd.DataFrame) -> list[Figure]:
    """The rare-earth magnets of up to four destinations, those with the most tonnes sent."""
    sums = sum_up_mirror(mirror)
    largest = sums.loc[sums["goods"] == RARE_EARTH, "destination"].head(MOST)
    return [plot_mirror(mirror, destination) for destination in largest]


def plot_mirror(mirror: pd.DataFrame, destination: str) -> Figure:
    """Rare-earth magnets sent to `destination`, with bounds, and received there, by month."""
    return charts.plot_mirror(mirror_rows(mirror, destination), destination)


def mirror_rows(mirror: pd.DataFrame, destination: str) -> pd.DataFrame:
    """Every month of a destination's rare-earth rows, from the first to the last."""
    wanted = (mirror["goods"] == RARE_EARTH) & (mirror["destination"] == destination)
    rows = mirror[wanted].set_index("month").sort_index()
    if rows["ratio"].isna().all():
        raise ValueError(f"mirror holds no month of {destination} known from both sides")
    months = pd.date_range(rows.index[0], rows.index[-1], freq="MS", name="month")
    columns = ["exporter_tonnes", "exporter_lower", "exporter_upper", "importer_tonnes", "ratio"]
    return rows.reindex(months)[columns].reset_index()
