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
    "analysis.numbers": (
        *("cells_table", "codebook", "rejected_table", "timeline_table", "write_package"),
    ),
    "analysis.pictures": (
        *("event_marks", "plot_forecast", "plot_mirror", "plot_mirrors", "plot_timeline"),
    ),
    "charts": (
        *("count_figures", "plot_breaks", "plot_bridge", "plot_counterfactual", "plot_coverage"),
        *("plot_intake", "plot_real_time", "plot_relative", "plot_series", "plot_specification"),
        *("plot_specifications", "plot_swings", "save_figures"),
    ),
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
