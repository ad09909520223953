"""The least and greatest tonnes of every cell that the kept figures allow."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ledger.constraints import ONE, Cell, Level, System
from ledger.geography import parts
from ledger.printed import Printed, newsrooms_behind
from ledger.programmes import Extent, Programme

NONE_TONNES = 1e-6
"""A lower bound below this is the solver's zero: the figures do not say that anything was sent."""


@dataclass(frozen=True)
class Bounded:
    """A cell, how far its tonnes can go, and the figures that state it."""

    cell: Cell
    extent: Extent
    stating: frozenset[int]


def cells_spoken_of(system: System, kept: Level) -> list[Cell]:
    """The cells, groups among them, that a kept figure speaks about."""
    spoken: set[Cell] = set()
    for index in kept:
        figure = system.printed[index]
        spoken.update((figure.destination, m) for m in figure.spoken_of)
    for group in {name for name, _ in spoken if len(parts(name)) > 1}:
        spoken.update(_computable(group, spoken))
    return sorted(spoken)


def _computable(group: str, spoken: set[Cell]) -> Iterator[Cell]:
    for month in {month for _, month in spoken}:
        if all((name, month) in spoken for name, _ in parts(group)):
            yield group, month


def bound_cells(programme: Programme, system: System, kept: Level) -> list[Bounded]:
    """Every cell that the kept figures bound on both sides, with its bounds in tonnes."""
    stating = _stating(system, kept)
    cells = cells_spoken_of(system, kept)
    amounts = [(system.cells.amount(name, [month]), {ONE: 1.0}) for name, month in cells]
    bounded = zip(cells, programme.extents(kept, amounts), strict=True)
    return [
        Bounded(cell, reach, frozenset(stating.get(cell, ())))
        for cell, reach in bounded
        if np.isfinite(reach.upper) and (reach.lower > NONE_TONNES or cell in stating)
    ]


def _stating(system: System, kept: Level) -> dict[Cell, list[int]]:
    stating: dict[Cell, list[int]] = {}
    for index, level in kept.items():
        figure = system.printed[index]
        exact = level == "kept" and figure.measure == "tonnes" and not figure.approximate
        if exact and len(figure.months) == 1:
            stating.setdefault((figure.destination, figure.start), []).append(index)
    return stating


def exports_table(
    printed: tuple[Printed, ...], bounded: Iterable[Bounded], narrow_width: float
) -> pd.DataFrame:
    """The table Exports: one row a cell, `tonnes` only where the bounds are narrow."""
    return pd.DataFrame(
        [_row(printed, cell, narrow_width) for cell in bounded],
        columns=[
            *("destination", "month", "tonnes", "lower", "upper"),
            *("status", "newsrooms", "figure_ids"),
        ],
    )


def _row(printed: tuple[Printed, ...], bounded: Bounded, narrow_width: float) -> dict[str, object]:
    destination, month = bounded.cell
    lower, upper = max(bounded.extent.lower, 0.0), bounded.extent.upper
    upper = max(lower, upper)
    behind = [printed[index] for index in sorted(bounded.stating | bounded.extent.binding)]
    narrow = upper <= lower * (1 + narrow_width)
    return {
        "destination": destination,
        "month": pd.Period(ordinal=month, freq="M").to_timestamp(),
        "tonnes": (lower + upper) / 2 if narrow else np.nan,
        "lower": lower,
        "upper": upper,
        "status": "stated" if bounded.stating else "derived",
        "newsrooms": newsrooms_behind(behind),
        "figure_ids": ";".join(name for figure in behind for name in figure.figure_ids),
    }
