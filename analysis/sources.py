"""Readers of the raw files: products, published figures, their sources, events and claims."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pandas as pd
from claims import Claims, Evidence, require_rules
from contracts import TableError, check_references, load_raw, read_table
from ledger import settled
from ledger.settled import Ledger
from ledger.tables import Exports, Figures
from tradedata.customs import load_customs

from analysis.regressors import new_year_regressors
from analysis.study import Study
from analysis.tables import FILES, EventDisagreements, Events


def _reader(name: str) -> Callable[[Path], pd.DataFrame]:
    """Reads a raw table of a folder and checks it by itself."""
    return partial(load_raw, name=f"{name}.csv", table=FILES[f"data/raw/{name}.csv"])


load_products = _reader("products")
load_figures = _reader("figures")
load_sources = _reader("sources")
load_events = _reader("events")
load_event_disagreements = _reader("event_disagreements")
load_claim_reports = _reader("claim_reports")
load_regimes = _reader("regimes")


@dataclass(frozen=True)
class RawTables:
    """The raw files as tables, each checked by itself and against the others."""

    products: pd.DataFrame
    figures: pd.DataFrame
    sources: pd.DataFrame
    events: pd.DataFrame
    disagreements: pd.DataFrame
    claims: pd.DataFrame
    official: pd.DataFrame


def load_raw_tables(folder: Path) -> RawTables:
    """Read all tables of the folder; TableError for a row that refers to none, with the file."""
    tables = RawTables(
        load_products(folder),
        load_figures(folder),
        load_sources(folder),
        load_events(folder),
        load_event_disagreements(folder),
        load_claims(folder),
        load_customs(folder),
    )
    figures, disputed = tables.figures, tables.disagreements
    check_references(figures, "series", tables.products, "figure_id", "figures.csv")
    check_references(figures, "source_id", tables.sources, "figure_id", "figures.csv")
    check_references(disputed, "event_id", tables.events, "event_id", "event_disagreements.csv")
    seeds = tables.claims.assign(seed=tables.claims["seed"].str.split(";")).explode("seed")
    check_references(seeds, "seed", load_claim_reports(folder), "claim_id", "claims.csv")
    return tables


def load_claims(folder: Path) -> pd.DataFrame:
    """The press claims to check; TableError for one that no rule fits."""
    return require_rules(load_raw(folder, "claims.csv", Claims))


def load_ledger(study: Study) -> Ledger:
    """The ledger of the study's series, made once while its tables stay as they are."""
    return settled.load_ledger(study.vintage, study.series)


def load_evidence(processed: Path) -> Evidence:
    """What claims are checked against, from its tables; the calm past is the studies' default."""
    usual = Study()
    return Evidence(
        exports=read_table(processed / "exports.parquet", Exports),
        figures=read_table(processed / "figures.parquet", Figures),
        events=read_table(processed / "events.parquet", Events),
        disagreements=read_table(processed / "event_disagreements.parquet", EventDisagreements),
        baseline_end=usual.baseline_end,
        level=usual.level,
        calendar=new_year_regressors,
    )


def find_product(products: pd.DataFrame, series: str) -> pd.Series:
    """The row of `series` in the table Products, or TableError naming the series that it has."""
    rows = products[products["series"] == series]
    if rows.empty:
        known = ", ".join(products["series"])
        raise TableError(
            f"series: found {series!r}, but there is no such product; known are {known}"
        )
    return rows.iloc[0]
