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

from ledger.constraints import Level
from ledger.printed import Printed
from ledger.programmes import Programme, SolverError

Demand = frozenset[tuple[int, str]]

PRICES = {"tonnes": 1.0, "pct_change_month": 0.75, "pct_change_year": 0.75, "share_pct": 0.5}
"""What rejecting a figure costs for each newsroom behind it: a tonnage is customs' own number, a
change compares two of them, a share is a newsroom's own division."""

ABOUT_SHARE = 0.8
"""A figure printed as 'about', 'nearly' or 'more than' costs this share of a plain one."""

MISMATCH_SHARE = 0.4
"""A mismatch costs this share of a rejection: two loose figures are cheaper than a wrong one, three
are not."""

TIE_BREAK = 1.0
"""Thousandths: among equally cheap doubts, doubt the newsroom with fewer figures in the ledger."""

GOLDEN = 0.6180339887498949
"""Spreads the last ties, so that one set of doubts is cheapest whatever the solver's version."""


@dataclass(frozen=True)
class Doubt:
    """The verdict of every figure, what it cost and the proof that nothing costs less.

    `cost` counts rejected tonnages of one newsroom. `gap` is what the solver could not rule out
    below it; the `demands` are the contradictions that a cheaper doubt would leave unmet.
    """

    verdicts: tuple[str, ...]
    cost: float
    gap: float
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
    """What each figure costs as a mismatch and as rejected: two columns, in thousandths."""
    heard = Counter(room for figure in printed for room in figure.newsrooms)
    most = max(heard.values(), default=1)
    known = np.array([max((heard[room] for room in f.newsrooms), default=0) for f in printed])
    nudge = TIE_BREAK * known / most + np.arange(len(printed)) * GOLDEN % 1 / 100
    full = np.array([1000 * _price(figure) for figure in printed])
    return np.column_stack([MISMATCH_SHARE * full + nudge, full + nudge])


def _price(figure: Printed) -> float:
    about = ABOUT_SHARE if figure.approximate else 1.0
    return PRICES[figure.measure] * about * max(len(figure.newsrooms), 1)


def cheapest_cover(demands: Sequence[Demand], price: np.ndarray) -> tuple[Level, float]:
    """The cheapest doubts that meet every demand, and a bound below which none can be.

    A doubted figure is a `mismatch` or `rejected`; a demand names figures and the level at which
    they cannot all hold, so one of them must fall below its level.
    """
    count = len(price)
    entries = [
        (at, index + count * (level == "mismatch"))
        for at, demand in enumerate(demands)
        for index, level in demand
    ]
    cover = csr_array((np.ones(len(entries)), np.array(entries).T), (len(demands), 2 * count))
    looser_first = hstack([eye_array(count), -eye_array(count)])
    result = milp(
        np.concatenate([price[:, 0], price[:, 1] - price[:, 0]]),
        constraints=[LinearConstraint(cover, lb=1), LinearConstraint(looser_first, lb=0)],
        integrality=np.ones(2 * count, dtype=int),
        bounds=Bounds(0, 1),
        options={"mip_rel_gap": 0.0},
    )
    if result.status != 0:
        raise SolverError(f"cheapest doubt: {result.message}")
    below_kept, below_mismatch = np.round(result.x).astype(bool).reshape(2, count)
    doubted = dict.fromkeys(np.flatnonzero(below_kept).tolist(), "mismatch")
    doubted |= dict.fromkeys(np.flatnonzero(below_mismatch).tolist(), "rejected")
    return doubted, float(result.mip_dual_bound)


def cheapest_doubt(programme: Programme, printed: Sequence[Printed]) -> Doubt:
    """The verdict of every figure at the least cost of doubt."""
    price = prices(printed)
    verdicts = dict.fromkeys(range(len(printed)), "kept")
    demands: list[Demand] = []
    doubted: Level = {}
    bound = 0.0
    while found := disjoint_contradictions(programme, _not_rejected(verdicts | doubted)):
        demands += found
        doubted, bound = cheapest_cover(demands, price)
    cost = sum(price[index, int(level == "rejected")] for index, level in doubted.items())
    gap = float(cost - bound) / 1000
    return Doubt(tuple((verdicts | doubted).values()), float(cost) / 1000, gap, tuple(demands))


def _not_rejected(verdicts: Level) -> Level:
    return {index: level for index, level in verdicts.items() if level != "rejected"}
