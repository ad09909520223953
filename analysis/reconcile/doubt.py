"""The cheapest set of figures to doubt so that the rest can hold together.

Every contradiction among the figures demands that one of them gives way; the cheapest way to
meet all demands is a set-covering problem (MILP). Contradictions are found one after another:
cover those known, ask a linear programme whether the rest can hold, learn from its Farkas
multipliers if not. When it can, no cheaper doubt exists. There is no big-M, so nothing rests on
how the solver rounds it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array, eye_array, hstack

from analysis.reconcile.printed import Printed
from analysis.reconcile.programmes import Level, Programme, SolverError

Demand = frozenset[tuple[int, str]]

PRICES = {"tonnes": 1.0, "pct_change_month": 0.75, "pct_change_year": 0.75, "share_pct": 0.5}
"""What rejecting a figure costs for each newsroom behind it: a tonnage is customs' own number, a
change compares two of them, a share is a newsroom's own division."""

MISMATCH_SHARE = 0.4
"""A mismatch costs this share of a rejection: two loose figures are cheaper than a wrong one, three
are not."""

TIE_BREAK = 1.0
"""Thousandths: among equally cheap doubts, doubt the newsroom with fewer figures in the ledger."""

GOLDEN = 0.6180339887498949
"""Spreads the last ties, so that one set of doubts is cheapest whatever the solver's version."""


@dataclass(frozen=True)
class Doubt:
    """The verdict of every figure, what it cost, and the contradictions that prove it least."""

    verdicts: tuple[str, ...]
    cost: float
    demands: tuple[Demand, ...]

    @property
    def kept(self) -> Level:
        """The figures that hold, each with the level at which it does."""
        return {i: verdict for i, verdict in enumerate(self.verdicts) if verdict != "rejected"}


def minimal(programme: Programme, chosen: Level) -> Demand:
    """An infeasible part of `chosen` from which no figure can be dropped or held more loosely."""
    left = dict(chosen)
    for index in sorted(chosen):
        for level in ("rejected", "mismatch"):
            if index not in left or left[index] == level:
                continue
            looser = {i: held for i, held in left.items() if i != index}
            if level != "rejected":
                looser[index] = level
            members = programme.contradiction(looser)
            if members:
                left = {i: looser[i] for i in members}
    return frozenset(left.items())


def disjoint_contradictions(programme: Programme, chosen: Level) -> list[Demand]:
    """Minimal contradictions among `chosen` that share no figure, until the rest can hold."""
    found: list[Demand] = []
    left = dict(chosen)
    while members := programme.contradiction(left):
        found.append(minimal(programme, {i: left[i] for i in members}))
        left = {i: level for i, level in left.items() if i not in dict(found[-1])}
    return found


def prices(printed: Sequence[Printed]) -> np.ndarray:
    """What each figure costs as a mismatch and as rejected (two columns, in thousandths)."""
    heard = Counter(room for figure in printed for room in figure.newsrooms)
    most = max(heard.values(), default=1)
    known = [max((heard[room] for room in figure.newsrooms), default=0) for figure in printed]
    full = [1000 * PRICES[f.measure] * max(len(f.newsrooms), 1) for f in printed]
    nudge = [TIE_BREAK * k / most + i * GOLDEN % 1 / 100 for i, k in enumerate(known)]
    rejected = np.array(full) + nudge
    return np.column_stack([MISMATCH_SHARE * np.array(full) + nudge, rejected])


def cheapest_cover(demands: Sequence[Demand], price: np.ndarray) -> tuple[Level, float]:
    """The cheapest doubts that meet every demand, and their cost.

    A doubted figure is a `mismatch` or `rejected`; a demand names figures and the level at which
    they cannot all hold, so each must fall below that level or another of them must.
    """
    count = len(price)
    cost = np.concatenate([price[:, 0], price[:, 1] - price[:, 0]])
    entries = [
        (at, index + count * (level == "mismatch"))
        for at, demand in enumerate(demands)
        for index, level in demand
    ]
    cover = csr_array((np.ones(len(entries)), np.array(entries).T), (len(demands), 2 * count))
    order = hstack([eye_array(count), -eye_array(count)])
    result = milp(
        cost,
        constraints=[LinearConstraint(cover, lb=1), LinearConstraint(order, lb=0)],
        integrality=np.ones(2 * count),
        bounds=Bounds(0, 1),
        options={"mip_rel_gap": 0.0},
    )
    if result.status != 0 or result.mip_gap > 0:
        raise SolverError(f"cheapest doubt: not proved optimal: {result.message}")
    below_kept, below_mismatch = np.round(result.x).astype(bool).reshape(2, count)
    chosen = {int(i): "mismatch" for i in np.flatnonzero(below_kept)}
    chosen |= {int(i): "rejected" for i in np.flatnonzero(below_mismatch)}
    return chosen, float(result.fun)


def cheapest_doubt(programme: Programme, printed: Sequence[Printed]) -> Doubt:
    """The verdict of every figure at the least cost of doubt, proved."""
    count = len(printed)
    price = prices(printed)
    demands: list[Demand] = []
    doubted: Level = {}
    cost = 0.0
    while found := disjoint_contradictions(programme, kept_levels(count, doubted)):
        demands += found
        doubted, cost = cheapest_cover(demands, price)
    verdicts = tuple(doubted.get(index, "kept") for index in range(count))
    return Doubt(verdicts, cost / 1000, tuple(demands))


def kept_levels(count: int, doubted: Level) -> Level:
    """The level at which each figure holds; rejected ones hold at none."""
    levels = {index: doubted.get(index, "kept") for index in range(count)}
    return {index: level for index, level in levels.items() if level != "rejected"}
