"""The data dictionary, made from the contracts of the tables."""

from __future__ import annotations

import pandas as pd
from contracts import Table
from ledger.tables import Exports, Figures, Products, RejectedFigures, Sources
from tradedata.tables import OfficialExports, ReportedFlows

from analysis.tables import (
    BatchEffects,
    BatchStudies,
    BreakShifts,
    Claims,
    ClaimVerdicts,
    CounterfactualPath,
    Effects,
    EventDisagreements,
    Events,
    Families,
    Forecasts,
    IssuedForecasts,
    Mirror,
    RealTime,
    Regimes,
    Revisions,
    Sensitivity,
    Swings,
)

FILES: dict[str, type[Table]] = {
    "data/raw/figures.csv": Figures,
    "data/raw/sources.csv": Sources,
    "data/raw/products.csv": Products,
    "data/raw/events.csv": Events,
    "data/raw/event_disagreements.csv": EventDisagreements,
    "data/raw/regimes.csv": Regimes,
    "data/raw/claims.csv": Claims,
    "data/raw/<source>/*.csv, as read": ReportedFlows,
    "data/processed/official_exports.parquet": OfficialExports,
    "data/processed/exports.parquet, .csv": Exports,
    "data/processed/rejected_figures.csv": RejectedFigures,
    "reports/<study>/effects.csv": Effects,
    "reports/<study>/sensitivity.csv": Sensitivity,
    "reports/<study>/counterfactual.csv": CounterfactualPath,
    "reports/<study>/swings.csv": Swings,
    "reports/batch/<name>/studies.csv": BatchStudies,
    "reports/batch/<name>/effects.parquet, .csv": BatchEffects,
    "data/forecasts/*.csv": IssuedForecasts,
    "reports/claims.csv": ClaimVerdicts,
    "reports/forecasts.csv": Forecasts,
    "reports/mirror.csv": Mirror,
    "reports/breaks.csv": BreakShifts,
    "reports/revisions.csv": Revisions,
    "reports/real_time.csv": RealTime,
    "reports/destinations.csv": Effects,
    "reports/families.csv": Families,
}
"""Which table each file holds."""


def describe_columns(table: type[Table]) -> pd.DataFrame:
    """Column, type and meaning of each column of `table`, one row a column."""
    columns = table.to_schema().columns.values()
    return pd.DataFrame(
        {
            "column": [column.name for column in columns],
            "type": [_plain_type(str(column.dtype)) for column in columns],
            "meaning": [column.description or "" for column in columns],
        }
    )


def _plain_type(dtype: str) -> str:
    if dtype.startswith("datetime"):
        return "date"
    plain = {"float64": "number", "int64": "integer", "bool": "true or false"}
    return plain.get(dtype, "text")


def data_dictionary() -> str:
    """The data dictionary of all files, in Markdown."""
    made = "Made from `analysis/tables.py` by `python -m analysis.numbers.codebook`."
    return f"# Data dictionary\n\n{made}\n" + "".join(
        f"\n## `{file}`\n\n{table.__doc__}\n\n{_markdown_table(describe_columns(table))}"
        for file, table in FILES.items()
    )


def _markdown_table(frame: pd.DataFrame) -> str:
    head = f"| {' | '.join(frame.columns)} |\n|{' --- |' * len(frame.columns)}\n"
    return head + "".join(
        f"| `{row.column}` | {row.type} | {row.meaning} |\n" for row in frame.itertuples()
    )


if __name__ == "__main__":
    print(data_dictionary(), end="")
