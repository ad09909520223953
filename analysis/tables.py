"""The contracts of what this study reads and finds: its own from `tables.yaml`, and the libraries'.

Each is asked for by its name: `tables.Effects`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from claims.tables import ClaimReports, Claims, ClaimVerdicts
from contracts import Table, load_contracts
from contracts.contract import DAY
from ledger.tables import Exports, Figures, Products, RejectedFigures, Sources
from tradedata.bulletin import Bulletin, BulletinLines, BulletinSpellings
from tradedata.destinations import DESTINATION
from tradedata.tables import OfficialExports, ReportedFlows

KINDS: dict[str, dict[str, Any]] = {
    "name": {"type": "text", "str_length": {"min_value": 1}},
    "place": {"type": "text", "str_matches": DESTINATION},
    "month": {"type": "text", "str_matches": r"[0-9]{4}-(0[1-9]|1[0-2])\Z"},
    "month or none": {"type": "text", "str_matches": r"([0-9]{4}-(0[1-9]|1[0-2]))?\Z"},
    "day or none": {"type": "text", "real_day": DAY},
    "share": {"type": "number", "ge": 0, "le": 1},
    "count": {"type": "integer", "ge": 0},
}
"""Types of columns that several tables have, with what is checked."""
_OWN = load_contracts(Path(__file__).with_suffix(".yaml"), KINDS)


def __getattr__(name: str) -> type[Table]:
    if name not in _OWN:
        raise AttributeError(f"analysis.tables has no {name!r}")
    return _OWN[name]


def __dir__() -> list[str]:
    return sorted({*globals(), *_OWN})


FILES: dict[str, type[Table]] = {
    "data/raw/products.csv": Products,
    "data/raw/figures.csv": Figures,
    "data/raw/sources.csv": Sources,
    "data/raw/events.csv": _OWN["Events"],
    "data/raw/event_disagreements.csv": _OWN["EventDisagreements"],
    "data/raw/regimes.csv": _OWN["Regimes"],
    "data/raw/bulletin.csv": Bulletin,
    "data/raw/bulletin_lines.csv": BulletinLines,
    "data/raw/bulletin_spellings.csv": BulletinSpellings,
    "data/raw/claims.csv": Claims,
    "data/raw/claim_reports.csv": ClaimReports,
    "data/raw/<source>/*.csv, as read": ReportedFlows,
    "data/processed/official_exports.parquet": OfficialExports,
    "data/processed/exports.parquet, .csv": Exports,
    "data/processed/nowcast.csv": _OWN["Nowcast"],
    "data/processed/rejected_figures.csv": RejectedFigures,
    "reports/<study>/effects.csv": _OWN["Effects"],
    "reports/<study>/sensitivity.csv": _OWN["Sensitivity"],
    "reports/<study>/counterfactual.csv": _OWN["CounterfactualPath"],
    "reports/<study>/swings.csv": _OWN["Swings"],
    "reports/batch/<name>/studies.csv": _OWN["BatchStudies"],
    "reports/batch/<name>/effects.parquet, .csv": _OWN["BatchEffects"],
    "data/forecasts/*.csv": _OWN["IssuedForecasts"],
    "reports/claims.csv": ClaimVerdicts,
    "reports/forecasts.csv": _OWN["Forecasts"],
    "reports/watch.csv": _OWN["Watch"],
    "reports/mirror.csv": _OWN["Mirror"],
    "reports/goods.csv": _OWN["GoodsRanks"],
    "reports/breaks.csv": _OWN["BreakShifts"],
    "reports/revisions.csv": _OWN["Revisions"],
    "reports/real_time.csv": _OWN["RealTime"],
    "reports/destinations.csv": _OWN["Effects"],
    "reports/families.csv": _OWN["Families"],
}
"""Which table each file holds."""
