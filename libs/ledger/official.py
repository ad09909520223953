"""Customs' own tonnes in the reconciliation: exact, and never doubted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import numpy as np
import pandas as pd

from ledger.constraints import Cell
from ledger.geography import parts

CUSTOMS = "customs"
"""What stands in `conflicts_with` when no published figure but customs contradict a figure."""
KEY = ["destination", "month"]
EXACT = ["tonnes", "lower", "upper"]


def official_cells(official: pd.DataFrame) -> dict[Cell, float]:
    """The tonnes of every cell of a table OfficialExports; months as ordinals."""
    months = pd.PeriodIndex(official["month"], freq="M").asi8.tolist()
    cells = zip(official["destination"], months, strict=True)
    return dict(zip(cells, official["tonnes"].tolist(), strict=True))


def with_official(exports: pd.DataFrame, known: Mapping[Cell, float]) -> pd.DataFrame:
    """The table Exports with customs' own values: exact, `official`, and none left out.

    A named group is official in the months for which customs give all its parts. The figures
    behind a cell stay beside it.
    """
    groups = {name for name in exports["destination"].unique() if len(parts(name)) > 1}
    exact = {**known, **dict(_groups(groups, known))}
    if not exact:
        return exports
    rows = pd.DataFrame(
        [
            (destination, pd.Period(ordinal=month, freq="M").to_timestamp(), *[tonnes] * 3)
            for (destination, month), tonnes in exact.items()
        ],
        columns=[*KEY, *EXACT],
    ).set_index(KEY)
    table = exports.set_index(KEY)
    table = table.reindex(table.index.union(rows.index))
    table.loc[rows.index, EXACT] = rows
    table.loc[rows.index, "status"] = "official"
    table = table.fillna({"newsrooms": 0, "figure_ids": ""}).reset_index()
    return table.astype({"newsrooms": "int64"})[list(exports.columns)]


def _groups(names: Iterable[str], known: Mapping[Cell, float]) -> Iterator[tuple[Cell, float]]:
    for name in names:
        signed = parts(name)
        for month in {month for _, month in known}:
            values = [sign * known.get((part, month), np.nan) for part, sign in signed]
            if np.isfinite(values).all():
                yield (name, month), float(sum(values))
