"""Readers of the raw files: products, published figures, their sources, events and claims."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pandas as pd
from claims import Evidence, load_claims
from contracts import check_references, load_raw, read_table
from ledger.tables import Exports, Figures
from tradedata.customs import load_customs

from analysis.regressors import calm_regressors
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


def load_raw_tables(folder: Path) -> dict[str, pd.DataFrame]:
    """All tables of the folder by name, `official_exports` for the downloads from customs.

    TableError for a row that is not as its contract says, or that refers to none, with the file.
    """
    names = ("products", "figures", "sources", "events", "event_disagreements")
    raw = {name: _reader(name)(folder) for name in names}
    raw |= {"claims": load_claims(folder), "official_exports": load_customs(folder)}
    check_references(raw["figures"], "series", raw["products"], "figure_id", "figures.csv")
    check_references(raw["figures"], "source_id", raw["sources"], "figure_id", "figures.csv")
    disputed = raw["event_disagreements"]
    check_references(disputed, "event_id", raw["events"], "event_id", "event_disagreements.csv")
    seeds = raw["claims"].assign(seed=raw["claims"]["seed"].str.split(";")).explode("seed")
    check_references(seeds, "seed", load_claim_reports(folder), "claim_id", "claims.csv")
    return raw


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
        calendar=calm_regressors,
    )
