"""This study's objects as the charts need them: names, sources, events, forecasts, mirrors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import charts
import pandas as pd
from charts import Figure
from effects import Bridge, Counterfactual
from effects.forecasts import Outlook
from effects.regimes import Policy
from tradedata.destinations import actor_name, destination_name
from tradedata.mirror import sum_up_mirror

from analysis.events import SCHEDULED
from analysis.mirror import RARE_EARTH
from analysis.study import BULLETIN, Cleaning, Study

SOURCE = "Source: China’s customs statistics, reconciled into bounds."
PRINTED = "Source: data/raw/figures.csv, one row a printed number."
CATALOGUE = "Source: data/raw/events.csv and event_disagreements.csv, each row with its page."
BOTH_SIDES = "Source: China’s customs statistics reconciled into bounds; customs of the importer."
NEIGHBOURS = {
    "rare_earths_raw": "raw rare earths",
    "magnets_ndfeb_broad": "all NdFeB magnets",
    "rare_earths_and_products": "with products",
    "rare_earths_kotra": "KOTRA’s grouping",
}
"""What the series that are not studied are called."""
MIRROR_CAUTION = (
    "Goods arrive weeks later; exporters name the last known destination, importers the country of "
    "origin, so goods through entrepôts such as the Netherlands and Hong Kong are counted "
    "differently."
)
CLOSE_UP = pd.Timestamp(2024, 12, 1)
"""From here on the timeline is drawn wide: three quarters of the events fall in a tenth of it."""
TIGHTER, EASIER = ("control_tightening", "quota"), ("control_easing", "truce", "tariff_down")


def called(study: Study | str) -> dict[str, str]:
    """What charts are told of the series of a study, or of the magnets of a destination."""
    name = f"exports to {destination_name(study)}" if isinstance(study, str) else study.exports
    return {"name": name, "source": SOURCE}


def plot_series(exports: pd.DataFrame, study: Study, marks: pd.DataFrame) -> Figure:
    """Monthly exports of a study with bounds; see charts."""
    return charts.plot_series(exports, study.destination, marks, **called(study))


def plot_counterfactual(path: pd.DataFrame, study: Study, marks: pd.DataFrame) -> Figure:
    """Observed and expected tonnes a month; see charts."""
    return charts.plot_counterfactual(path, study.start, study.level, marks, **called(study))


def plot_relative(
    effect: Counterfactual, destination: str, start: str, level: float, marks: pd.DataFrame
) -> Figure:
    """A destination's tonnes for every 100 to the rest; see charts."""
    return charts.plot_relative(effect, start, level, marks, **called(destination))


def plot_swings(table: pd.DataFrame, study: Study, baseline_end: str) -> Figure:
    """Change of each month on the month before; see charts."""
    return charts.plot_swings(table, study.swing_month, baseline_end, study.level, **called(study))


def plot_breaks(
    exports: pd.DataFrame, destination: str, shifts: pd.DataFrame, marks: pd.DataFrame
) -> Figure:
    """Monthly exports with the months in which each break may have come; see charts."""
    return charts.plot_breaks(exports, destination, shifts, marks, **called(destination))


def plot_bridge(bridge: Bridge) -> Figure:
    """The world's change from one month to another, by destination; see charts."""
    return charts.plot_bridge(bridge, names=destination_name, **called("WLD"))


def plot_coverage(exports: pd.DataFrame) -> Figure:
    """Which months of which destinations are known; see charts."""
    return charts.plot_coverage(exports, names=destination_name, source=SOURCE)


def plot_intake(figures: pd.DataFrame) -> Figure:
    """Published figures by destination and year; see charts."""
    names: dict[str, Any] = {"studied": Cleaning().series, "neighbours": NEIGHBOURS}
    return charts.plot_intake(figures, names=destination_name, source=PRINTED, **names)


def plot_real_time(real_time: pd.DataFrame, start: str) -> Figure:
    """The estimates of one window as data came in; see charts."""
    return charts.plot_real_time(real_time, start, names=destination_name, source=SOURCE)


def plot_specification(curve: charts.Curve) -> Figure:
    """Estimates above the choices behind them; see charts."""
    return charts.plot_specification(curve, source=SOURCE)


def plot_specifications(curves: Sequence[charts.Curve]) -> list[Figure]:
    """A figure for each curve."""
    return [plot_specification(curve) for curve in curves]


BEFORE = 24
"""Months shown before a forecast."""
MOST = 4
"""Destinations whose mirror is drawn."""


def event_marks(events: pd.DataFrame, policy: Policy, study: Study | None = None) -> pd.DataFrame:
    """Marks of a monthly chart: the regimes by name, then every other event without one.

    The regimes are of rare earths: a study of another good whose event begins none of them does
    without. Columns date and label; an empty label makes a tick on the axis.
    """
    if study and study.series.startswith(BULLETIN):
        begun = any(regime.event_id == study.event_id for regime in policy)
        policy = policy if begun else Policy()
    regimes = pd.DataFrame(
        [{"date": regime.start, "label": regime.name.capitalize()} for regime in policy],
        columns=["date", "label"],
    )
    happened = events[~events["summary"].str.startswith(SCHEDULED)]
    dates = happened["date_announced"].fillna(happened["date_effective"])
    others = pd.DataFrame({"date": dates[~dates.isin(regimes["date"])].drop_duplicates()})
    return pd.concat([regimes, others.assign(label="")], ignore_index=True)


def plot_timeline(events: pd.DataFrame, disagreements: pd.DataFrame) -> Figure:
    """The events of the contract Events, with the dates that other sources give."""
    tightens = (events["actor"] == "CN") & events["kind"].isin(TIGHTER)
    tone = events["kind"].isin(EASIER).map({True: "eases", False: ""}).mask(tightens, "tightens")
    planned = events["summary"].str.startswith(SCHEDULED)
    return charts.plot_timeline(
        events.assign(tone=tone, is_planned=planned),
        disagreements,
        CLOSE_UP,
        title="policy events around rare earths and magnets",
        tones="Names in purple: China tightens; in blue: controls or tariffs eased, or a truce.",
        actors=actor_name,
        source=CATALOGUE,
    )


def plot_forecast(found: Outlook, series: pd.Series) -> Figure:
    """Observed tonnes a month, one-month-ahead forecasts from each month, and the next months."""
    return charts.plot_forecast(forecast_rows(found, series), **called("WLD"))


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
    sums = sums[(sums["goods"] == RARE_EARTH) & (sums["sent_to"] == sums["destination"])]
    largest = sums["destination"].head(MOST)
    return [plot_mirror(mirror, destination) for destination in largest]


def plot_mirror(mirror: pd.DataFrame, destination: str) -> Figure:
    """Rare-earth magnets sent to `destination`, with bounds, and received there, by month."""
    return charts.plot_mirror(
        mirror_rows(mirror, destination),
        stem=f"mirror-{destination.lower()}",
        name=f"rare-earth magnets to {destination_name(destination)}",
        caution=MIRROR_CAUTION,
        source=BOTH_SIDES,
    )


def mirror_rows(mirror: pd.DataFrame, destination: str) -> pd.DataFrame:
    """Every month of a destination's rare-earth rows, from the first to the last."""
    wanted = (mirror["goods"] == RARE_EARTH) & (mirror["destination"] == destination)
    rows = mirror[wanted].set_index("month").sort_index()
    if rows["ratio"].isna().all():
        raise ValueError(f"mirror holds no month of {destination} known from both sides")
    months = pd.date_range(rows.index[0], rows.index[-1], freq="MS", name="month")
    columns = ["exporter_tonnes", "exporter_lower", "exporter_upper", "importer_tonnes", "ratio"]
    return rows.reindex(months)[columns].reset_index()
