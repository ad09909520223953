"""The words of this study: everything a notebook uses, each loaded when it is first asked for."""

from __future__ import annotations

from importlib import import_module
from typing import Any

WORDS = {
    "IPython.display": ("Markdown", "display"),
    "analysis.article": ("show_table",),
    "analysis.study": (
        *("Batch", "BreakSearch", "Cleaning", "Contrast", "Folders", "Forecasting", "Study"),
        "Vintages",
    ),
    "analysis.prose": ("provenance",),
    "analysis.sources": (
        *("find_product", "load_claims", "load_event_disagreements", "load_events"),
        *("load_figures", "load_products", "load_sources"),
    ),
    "analysis.tables": ("Claims", "EventDisagreements", "Events", "OfficialExports"),
    "analysis.vintages": ("reconcile_known", "save_result"),
    "analysis.words": ("count", "listed", "month", "months", "number"),
    "charts": ("count_figures", "plot_coverage", "plot_intake"),
    "ledger": ("days_out", "doubted_table", "examples", "tolerance_table"),
    "ledger.tables": ("Exports", "Figures", "Products", "Sources"),
    "analysis.claims": (
        "check_claims",
        "join_statements",
        "load_evidence",
        "sum_up",
        "tabulate_rules",
    ),
    "analysis.mirror": ("build_mirror", "compare_lags", "describe_mirror", "sum_up_mirror"),
    "analysis.tables.mirror": ("Mirror",),
    "analysis.tables.results": ("ClaimVerdicts",),
    "charts.mirror": ("plot_mirrors",),
    "analysis.customs": ("describe_official", "score_sources"),
    "tradedata.customs": ("load_customs",),
    "tradedata.fetch.flows": ("list_snapshots", "load_flows"),
    "tradedata.destinations": ("destination_name",),
    "contracts": ("check_references", "read_table", "write_json", "write_table"),
}
"""The names a notebook imports from here, by the module they live in."""

_HOMES = {name: home for home, names in WORDS.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"analysis has no {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(_HOMES)
