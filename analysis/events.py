"""This study's catalogue of events and the policy regimes that it dates."""

from __future__ import annotations

import pandas as pd
from contracts import TableError, read_table
from effects import EffectError
from effects.events import date_regimes
from effects.events import event_date as event_date
from effects.events import events_in as events_in
from effects.events import month_events as month_events
from effects.regimes import Policy

from analysis.sources import load_regimes
from analysis.study import Folders
from analysis.tables import Events


def policy_regimes(events: pd.DataFrame, table: pd.DataFrame | None = None) -> Policy:
    """The regimes of `table` (default: those of the shipped raw data), dated by the catalogue.

    Raises TableError for those that cannot be dated, or are out of order.
    """
    try:
        return date_regimes(load_regimes(Folders().raw) if table is None else table, events)
    except EffectError as reason:
        raise TableError(f"regimes.csv: {reason}") from None


def load_catalogue(folders: Folders) -> tuple[pd.DataFrame, Policy]:
    """The catalogue of events, and the policy regimes that it dates."""
    events = read_table(folders.processed / "events.parquet", Events)
    return events, policy_regimes(events, load_regimes(folders.raw))
