"""Exports of a few months as the figures would bound them had one newsroom printed nothing."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
from ledger.constraints import ONE, Level, System, build_system, official_cells
from ledger.printed import distinct_figures
from ledger.programmes import Programme


def bounds_without(
    figures: pd.DataFrame,
    sources: pd.DataFrame,
    rejected: pd.DataFrame,
    official: pd.DataFrame,
    destination: str,
    months: Sequence[pd.Period],
) -> pd.DataFrame:
    """Bounds of `destination` in `months` without each newsroom that alone printed a figure there.

    Rows newsroom × month, columns lower and upper in tonnes; upper is infinite where nothing
    bounds it. The verdicts on the other figures stay as they are (`rejected`): only figures that
    no other newsroom printed are let go, and with fewer figures bounds can only widen.
    """
    system = build_system(distinct_figures(figures, sources, SERIES), official_cells(official))
    kept = _kept(system, rejected)
    programme = Programme(system.only(kept))
    amounts = [(system.cells.amount(destination, [m.ordinal]), {ONE: 1.0}) for m in months]
    extents = programme.extents(kept, amounts)
    behind = {index for extent in extents for index in extent.binding}
    rows = []
    for newsroom in sorted(_alone(system, behind)):
        held = {i: k for i, k in kept.items() if system.printed[i].newsrooms != {newsroom}}
        for month, extent in zip(months, programme.extents(held, amounts), strict=True):
            rows.append((newsroom, month, extent.lower, extent.upper))
    return pd.DataFrame(rows, columns=["newsroom", "month", "lower", "upper"])


SERIES = "magnets_85051110"


def _kept(system: System, rejected: pd.DataFrame) -> Level:
    verdicts = dict(zip(rejected["figure_id"], rejected["verdict"], strict=True))
    found = {
        index: verdicts.get(figure.name, "kept") for index, figure in enumerate(system.printed)
    }
    return {index: verdict for index, verdict in found.items() if verdict != "rejected"}


def _alone(system: System, behind: set[int]) -> set[str]:
    return {
        newsroom
        for index in behind
        for newsroom in system.printed[index].newsrooms
        if len(system.printed[index].newsrooms) == 1
    }
