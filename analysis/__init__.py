"""The words of this study: everything a notebook uses, each loaded when it is first asked for."""

from __future__ import annotations

from functools import partial
from importlib import import_module
from typing import Any

WORDS = {
    "IPython.display": "Markdown display",
    "analysis.article": "codebook listing show_table write_answers",
    "analysis.study": (
        "Batch BreakSearch Cleaning Contrast Folders Forecasting Goods Study Months Vintages "
        "planned_studies"
    ),
    "analysis.prose": "provenance",
    "analysis.sources": "load_claim_reports load_evidence load_raw_tables",
    "analysis.tables": "ClaimVerdicts Claims",
    "words": "count listed month_span months number words",
    "analysis.pictures": (
        "plot_coverage plot_forecast plot_intake plot_mirrors plot_real_time plot_specification "
        "plot_timeline"
    ),
    "charts": (
        "compare_choices count_figures plot_breaks plot_counterfactual plot_gaps plot_ranks "
        "plot_relative plot_series plot_swings plot_tally plot_weights save_figures variant_curve"
    ),
    "ledger": "ledger",
    "ledger.pages": "rest_on trace_cells trace_events trace_pages trace_rejected",
    "claims": "check_claims join_statements sum_up tabulate_reports tabulate_rules",
    "tradedata.bulletin": "load_bulletin unit_values",
    "tradedata.fetch.offices": "list_snapshots load_flows",
    "contracts": "ParameterError TableError read_table write_json write_table",
    "contracts.package": "write_package",
    "effects": "EffectError effects",
    "effects.panel": "shared_periods",
    "effects.realtime": "realtime",
    "effects.forecasts": "months_not_held nearest_record score_issued",
    "effects.inversion": "interval_words",
    "effects.synthetic_control": "compare_controls",
    "effects.textbook": "compare_estimators",
    "effects.variants": "joint_test",
    "tradedata.destinations": "actor_name destination_name",
    "tradedata.mirror": "compare_lags ratios_by_month sum_up_mirror",
    "analysis.nowcast": "filled study_series",
    "analysis.regressors": "calm_regressors",
    "ledger.series": "monthly_series months_known",
    "ledger.tables": "find_product",
    "effects.results": "can_reject probability",
}
"""The names a notebook imports from here, by the module they live in; a module names itself."""

_HOMES = {name: home for home, names in WORDS.items() for name in names.split()}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"analysis has no {name!r}")
    home = import_module(_HOMES[name])
    names_itself = home.__name__.endswith(name) and not hasattr(home, name)
    found = home if names_itself else getattr(home, name)
    if isinstance(found, partial):  # which says what it is, not what it does
        found.__doc__ = found.func.__doc__
    return found


def __dir__() -> list[str]:
    return sorted(_HOMES)
