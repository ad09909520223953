"""This study's objects as the charts need them: names, sources, events, mirrors."""

from __future__ import annotations

from functools import partial

import charts
import effects.events
import pandas as pd
from charts import Figure
from effects.events import SCHEDULED
from effects.regimes import Policy
from tradedata.destinations import actor_name, destination_name
from tradedata.mirror import sum_up_mirror

from analysis.mirror import RARE_EARTH
from analysis.study import BULLETIN, Cleaning, Study

SOURCE = "Source: published figures of China’s customs, reconciled into bounds."
PRINTED = "Source: data/raw/figures.csv, one row a printed number."
CATALOGUE = "Source: data/raw/events.csv and event_disagreements.csv, each row with its page."
BOTH_SIDES = "Source: published figures of China’s customs in bounds; customs of the importer."
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


MOST = 4
"""Destinations whose mirror is drawn."""


def called(what: Study | str) -> dict[str, str]:
    """What charts are told of the series of a study, or of the magnets of a destination."""
    name = f"exports to {destination_name(what)}" if isinstance(what, str) else what.exports
    return {"name": name, "source": SOURCE}


plot_bridge = partial(
    charts.plot_bridge, names=destination_name, name="exports to the world", source=SOURCE
)
plot_coverage = partial(charts.plot_coverage, names=destination_name, source=SOURCE)
plot_forecast = partial(charts.plot_forecast, name="exports to the world", source=SOURCE)
plot_real_time = partial(charts.plot_real_time, names=destination_name, source=SOURCE)
plot_specification = partial(charts.plot_specification, source=SOURCE)
plot_intake = partial(
    charts.plot_intake,
    names=destination_name,
    source=PRINTED,
    studied=Cleaning().series,
    neighbours=NEIGHBOURS,
)


def event_marks(events: pd.DataFrame, policy: Policy, study: Study | None = None) -> pd.DataFrame:
    """The marks of a monthly chart (`effects.events.event_marks`).

    The regimes are of rare earths: a study of another good whose event begins none of them does
    without.
    """
    if study and study.series.startswith(BULLETIN):
        begun = any(regime.event_id == study.event_id for regime in policy)
        policy = policy if begun else Policy()
    return effects.events.event_marks(events, policy)


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


def plot_mirrors(mirror: pd.DataFrame) -> list[Figure]:
    """The rare-earth magnets of up to four destinations, those with the most tonnes sent."""
    rows = mirror[mirror["goods"] == RARE_EARTH]
    sums = sum_up_mirror(rows)
    sums = sums[sums["sent_to"] == sums["destination"]]
    return [
        charts.plot_mirror(
            rows[rows["destination"] == destination],
            stem=f"mirror-{destination.lower()}",
            name=f"rare-earth magnets to {destination_name(destination)}",
            caution=MIRROR_CAUTION,
            source=BOTH_SIDES,
        )
        for destination in sums["destination"].head(MOST)
    ]
