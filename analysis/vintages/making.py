"""The series as it was known on a day, and the folder of tables that holds it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
from contracts import read_table, write_table
from ledger import Reconciliation, Settled, reconcile, settle
from ledger.tables import Exports, Figures, RejectedFigures, Sources
from tradedata.customs import load_customs
from tradedata.tables import OfficialExports

from analysis.study import Cleaning
from analysis.vintages.known import known_figures, require_known


def reconcile_known(
    figures: pd.DataFrame, sources: pd.DataFrame, cleaning: Cleaning
) -> Reconciliation:
    """The reconciliation of what was known on the day `cleaning.as_of`.

    `figures` and `sources` keep the contracts of that name; customs' downloads are read from
    `cleaning.raw`. Raises TableError if nothing had come out by then.
    """
    return reconcile(**_known(figures, sources, cleaning))


def settle_known(figures: pd.DataFrame, sources: pd.DataFrame, cleaning: Cleaning) -> Settled:
    """What `reconcile_known` does, without examining the doubted figures: the bounds alone."""
    return settle(**_known(figures, sources, cleaning))


def _known(figures: pd.DataFrame, sources: pd.DataFrame, cleaning: Cleaning) -> dict[str, Any]:
    require_known(figures, sources, cleaning.series, cleaning.as_of)
    return {
        "figures": known_figures(figures, sources, cleaning.as_of),
        "sources": sources,
        "series": cleaning.series,
        "narrow_width": cleaning.narrow_width,
        "official": load_customs(cleaning.raw, as_of=cleaning.as_of),
    }


def as_known(whole: Reconciliation, cleaning: Cleaning) -> Reconciliation:
    """What `whole` would have been on the day `as_of`, or `whole` itself if none is named."""
    return reconcile_known(whole.ledger, whole.sources, cleaning) if cleaning.as_of else whole


def save_result(result: Reconciliation, cleaning: Cleaning) -> Path:
    """Write exports and doubted figures, and for a day the ledger of that day; the folder."""
    folder = cleaning.vintage
    write_table(result.exports, folder / "exports.parquet", Exports)
    write_table(result.exports, folder / "exports.csv", Exports)
    write_table(result.rejected_figures, folder / "rejected_figures.csv", RejectedFigures)
    if cleaning.as_of:
        write_table(result.ledger, folder / "figures.parquet", Figures)
        write_table(result.sources, folder / "sources.parquet", Sources)
        write_table(result.official, folder / "official_exports.parquet", OfficialExports)
    return folder


def make_vintage(cleaning: Cleaning) -> Path:
    """Make the folder of the day `cleaning.as_of` from the tables of `cleaning.processed`."""
    figures = read_table(cleaning.processed / "figures.parquet", Figures)
    sources = read_table(cleaning.processed / "sources.parquet", Sources)
    return save_result(reconcile_known(figures, sources, cleaning), cleaning)
