"""The table of doubted figures: what each prints, what the others imply, what contradicts it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ledger.conflicts import Conflict, find_conflict
from ledger.constraints import System, multiplier, ratio
from ledger.doubt import Doubt
from ledger.printed import Printed
from ledger.programmes import Programme

NEXT_LEVEL = {"mismatch": "kept", "rejected": "mismatch"}
"""The level at which a doubted figure would not hold."""


@dataclass(frozen=True)
class Doubted:
    """A figure that does not hold: what the kept ones imply for it, and which contradict it."""

    index: int
    verdict: str
    implied_lower: float
    implied_upper: float
    conflict: Conflict


def examine(system: System, doubt: Doubt) -> tuple[Doubted, ...]:
    """Every doubted figure of `doubt` against the kept ones."""
    weights = np.array([len(figure.newsrooms) for figure in system.printed], dtype=float)
    return tuple(
        _examine(system, doubt, index, verdict, weights)
        for index, verdict in enumerate(doubt.verdicts)
        if verdict != "kept"
    )


def _examine(
    system: System, doubt: Doubt, index: int, verdict: str, weights: np.ndarray
) -> Doubted:
    others = {i: level for i, level in doubt.kept.items() if i != index}
    accused = {index: NEXT_LEVEL[verdict]}
    conflict = find_conflict(system, others, accused, weights)
    programme = Programme(system.only(others))
    lower, upper = implied(programme, system, others, system.printed[index])
    return Doubted(index, verdict, lower, upper, conflict)


def implied(
    programme: Programme, system: System, held: dict[int, str], figure: Printed
) -> tuple[float, float]:
    """What `held` figures imply for what `figure` prints, in its unit; NaN where nothing bounds it.

    `figure` need not be in the ledger, but its cells must.
    """
    [reach] = programme.extents(held, [ratio(figure, system.cells)])
    none = multiplier(figure, 0.0)
    unit = multiplier(figure, 1.0) - none
    ends = (
        (end - none) / unit if np.isfinite(end) else np.nan for end in (reach.lower, reach.upper)
    )
    lower, upper = ends
    return lower, upper


def rejected_table(
    printed: tuple[Printed, ...], doubted: tuple[Doubted, ...], beyond_doubt: str = ""
) -> pd.DataFrame:
    """The table RejectedFigures: one row a printed figure, reprints included.

    `beyond_doubt` names what contradicts a figure that no other figure does.
    """
    rows = [
        {
            "figure_id": figure_id,
            "verdict": case.verdict,
            "stated": printed[case.index].value,
            "implied_lower": case.implied_lower,
            "implied_upper": case.implied_upper,
            "conflicts_with": _names(printed, case) or beyond_doubt or printed[case.index].name,
        }
        for case in doubted
        for figure_id in printed[case.index].figure_ids
    ]
    columns = ["figure_id", "verdict", "stated", "implied_lower", "implied_upper", "conflicts_with"]
    return pd.DataFrame(rows, columns=columns)


def _names(printed: tuple[Printed, ...], case: Doubted) -> str:
    return ";".join(printed[i].name for i in case.conflict.figures)
