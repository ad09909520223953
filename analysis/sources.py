"""Readers of the raw files: published figures, their sources, events and claims."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from contracts import load_raw
from ledger.tables import Figures, Sources

from analysis.tables import Claims, EventDisagreements, Events


def load_figures(folder: Path) -> pd.DataFrame:
    """The published figures, one row a printed number."""
    return load_raw(folder, "figures.csv", Figures, ("period_start", "period_end"))


def load_sources(folder: Path) -> pd.DataFrame:
    """Publisher, newsroom, address and date of each source."""
    return load_raw(folder, "sources.csv", Sources)


def load_events(folder: Path) -> pd.DataFrame:
    """The policy events in order of announcement."""
    dates = ("date_announced", "date_effective", "date_suspended")
    return load_raw(folder, "events.csv", Events, dates)


def load_event_disagreements(folder: Path) -> pd.DataFrame:
    """Dates and values on which sources disagree."""
    return load_raw(folder, "event_disagreements.csv", EventDisagreements)


def load_claims(folder: Path) -> pd.DataFrame:
    """The press claims to check."""
    return load_raw(folder, "claims.csv", Claims)


def describe_intake(figures: pd.DataFrame, sources: pd.DataFrame) -> str:
    """How many figures came in, from whom, about which months, as a sentence."""
    behind = sources[sources["source_id"].isin(figures["source_id"])]
    first, last = figures["period_start"].min(), figures["period_end"].max()
    in_2025 = (figures["period_end"].dt.year == 2025).mean()
    return (
        f"{len(figures):,} printed figures came in from {behind['source_id'].nunique()} pages "
        f"that go back to {behind['newsroom'].nunique()} newsrooms. They are about "
        f"{first:%B %Y} to {last:%B %Y}; {in_2025:.0%} of them are about 2025, and "
        f"{figures['approximate'].sum()} are printed as *about*, *nearly* or *more than*."
    )
