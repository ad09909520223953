"""The series as it was known on a day, and the folder of tables that holds it."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from contracts import read_table, write_table
from ledger import Reconciliation, reconcile
from ledger.tables import Exports, Figures, Products, RejectedFigures, Sources
from tradedata.customs import load_customs
from tradedata.customs.reading import HS
from tradedata.tables import OfficialExports

from analysis.sources import find_product
from analysis.study import Cleaning


def reconcile_known(
    figures: pd.DataFrame, sources: pd.DataFrame, cleaning: Cleaning, code: str = HS
) -> Reconciliation:
    """The reconciliation of what was known on the day `cleaning.as_of`, or of everything.

    `figures` and `sources` keep the contracts of that name; customs' downloads of the product
    `code` (none if it is empty) are read from `cleaning.raw`. Raises TableError for a series that
    nothing is printed of, a day before its first figure and a day still to come.
    """
    official = load_customs(cleaning.raw, code, cleaning.as_of) if code else OfficialExports.empty()
    return reconcile(
        figures,
        sources,
        cleaning.series,
        cleaning.narrow_width,
        official,
        cleaning.groups,
        cleaning.as_of,
    )


def save_result(result: Reconciliation, cleaning: Cleaning) -> Path:
    """Write exports and doubted figures, and the ledger behind them if it is not the usual one."""
    folder = cleaning.vintage
    write_table(result.exports, folder / "exports.parquet", Exports)
    write_table(result.exports, folder / "exports.csv", Exports)
    write_table(result.rejected_figures, folder / "rejected_figures.csv", RejectedFigures)
    if cleaning.known:
        write_table(result.figures, folder / "figures.parquet", Figures)
        write_table(result.sources, folder / "sources.parquet", Sources)
        write_table(result.official, folder / "official_exports.parquet", OfficialExports)
    return folder


def make_vintage(cleaning: Cleaning) -> Path:
    """Make the folder of a series as known on a day from the tables of `cleaning.processed`."""
    products = read_table(cleaning.processed / "products.parquet", Products)
    figures = read_table(cleaning.processed / "figures.parquet", Figures)
    sources = read_table(cleaning.processed / "sources.parquet", Sources)
    code = find_product(products, cleaning.series)["code"]
    return save_result(reconcile_known(figures, sources, cleaning, code), cleaning)
