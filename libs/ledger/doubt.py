"""The cheapest set of figures to doubt so that the rest can hold, and why each one is doubted.

Every contradiction among the figures demands that one of them gives way; the cheapest way to
meet all demands is a set-covering problem (MILP). Contradictions are found one after another:
cover those known, ask a linear programme whether the rest can hold, learn from its Farkas
multipliers if not. When it can, no cheaper doubt exists. There is no big-M, so nothing rests on
how the solver rounds it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array, eye_array, hstack

from ledger.constraints import Level, System
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

ROUNDS = 40
"""How many correction sets are tried before a conflict is given that may not be the smallest."""

PROVABLE = 9
"""Longer conflicts, sums over many months, are not searched: the sets to rule out are too many."""


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


def disjoint_contradictions(programme: Programme, chosen: Level) -> list[Demand]:
    """Minimal contradictions among `chosen` that share no figure, until the rest can hold."""
    found: list[Demand] = []
    left = dict(chosen)
    while members := programme.contradiction(left):
        found.append(minimal(programme, {i: left[i] for i in members}))
        left = {i: level for i, level in left.items() if i not in dict(found[-1])}
    return found


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


def cheapest_cover(demands: Sequence[Demand], price: np.ndarray) -> tuple[Level, float]:
    """The cheapest doubts that meet every demand, and a bound below which none can be.

    A doubted figure is a `mismatch` or `rejected`; a demand names figures and the level at which
    they cannot all hold, so one of them must fall below its level.
    """
    count = len(price)
    cover = _cover(
        [{index + count * (level == "mismatch") for index, level in hit} for hit in demands],
        2 * count,
    )
    looser_first = LinearConstraint(hstack([eye_array(count), -eye_array(count)]), lb=0)
    chosen, bound = _cheapest(
        np.concatenate([price[:, 0], price[:, 1] - price[:, 0]]), [cover, looser_first]
    )
    below_kept, below_mismatch = chosen.reshape(2, count)
    doubted = dict.fromkeys(np.flatnonzero(below_kept).tolist(), "mismatch")
    doubted |= dict.fromkeys(np.flatnonzero(below_mismatch).tolist(), "rejected")
    return doubted, bound


def _cover(sets: Sequence[Collection[int]], count: int) -> LinearConstraint:
    """One of each of `sets`, which hold numbers below `count`, must be chosen."""
    entries = [(at, index) for at, members in enumerate(sets) for index in members]
    matrix = csr_array((np.ones(len(entries)), np.array(entries).T), (len(sets), count))
    return LinearConstraint(matrix, lb=1)


def _cheapest(price: np.ndarray, rules: Sequence[LinearConstraint]) -> tuple[np.ndarray, float]:
    """Which of the things that cost `price` to choose so that `rules` hold, and a lower bound."""
    result = milp(
        price,
        constraints=rules,
        integrality=np.ones(len(price), dtype=int),
        bounds=Bounds(0, 1),
        options={"mip_rel_gap": 0.0},
    )
    if result.status != 0:
        raise SolverError(f"cheapest choice: {result.message}")
    return np.round(result.x).astype(bool), float(result.mip_dual_bound)


@dataclass(frozen=True)
class Conflict:
    """Figures that contradict a doubted one; without any of them the rest would not.

    `smallest` says whether it is proved that no smaller set contradicts it. No figures at all:
    geography and customs' own values suffice, or the contradiction is as small as rounding.
    """

    figures: tuple[int, ...]
    smallest: bool


def find_conflict(system: System, kept: Level, accused: Level, weights: np.ndarray) -> Conflict:
    """The fewest figures of `kept` that cannot hold together with `accused`.

    A set from which no figure can be dropped comes first, from the neighbours of the accused if
    they suffice, keeping those of greater `weights` (one a figure). Then smaller ones are sought:
    a contradictory set must hit every *correction set*, figures whose removal lets the accused
    hold, so no conflict is smaller than the smallest set that hits those known, and that set is
    the answer if it is contradictory itself (Ignatiev et al. 2015).
    """
    near = frozenset().union(*(system.neighbours(index) for index in accused))
    close = {index: level for index, level in kept.items() if index in near}
    whole, local = Programme(system.only(kept | accused)), Programme(system.only(close | accused))
    found = _irreducible(local, close, accused, weights)
    if found is None:
        found = _irreducible(whole, kept, accused, weights)
    if found is None:
        return Conflict((), smallest=False)
    if found:
        heaviest = sorted(close, key=lambda i: (-weights[i], i))
        alone = (i for i in heaviest if local.contradiction({i: close[i]} | accused))
        first = next(alone, None)
        found = found if first is None else (first,)
    if len(found) > PROVABLE:
        return Conflict(found, smallest=False)
    if len(found) <= 2:
        return Conflict(found, smallest=True)
    return _shorten(whole, kept, accused, found, [len(figure.months) for figure in system.printed])


def _irreducible(
    programme: Programme, kept: Level, accused: Level, weights: np.ndarray
) -> tuple[int, ...] | None:
    """A contradictory set from which no figure can be dropped; those of least weight go first."""
    members = programme.contradiction(kept | accused)
    if not members:
        return None
    left = {i: kept[i] for i in members if i not in accused}
    for index in sorted(left, key=lambda i: (weights[i], i)):
        without = {i: level for i, level in left.items() if i != index}
        if index in left and (members := programme.contradiction(without | accused)):
            left = {i: without[i] for i in members if i not in accused}
    return tuple(sorted(left))


def _shorten(
    programme: Programme,
    kept: Level,
    accused: Level,
    found: tuple[int, ...],
    lengths: Sequence[int],
) -> Conflict:
    """A smaller conflict than `found`, or the proof that there is none."""
    corrections: list[frozenset[int]] = []
    hitting: frozenset[int] = frozenset()
    for _ in range(ROUNDS):
        if len(hitting) >= len(found):
            return Conflict(found, smallest=True)
        if programme.contradiction({i: kept[i] for i in hitting} | accused):
            return Conflict(tuple(sorted(hitting)), smallest=True)
        correction = _correction(programme, kept, accused, hitting, lengths)
        if not correction:
            break
        corrections.append(correction)
        members = sorted(frozenset().union(*corrections))
        places = [{members.index(index) for index in hit} for hit in corrections]
        chosen, _ = _cheapest(np.ones(len(members)), [_cover(places, len(members))])
        hitting = frozenset(members[at] for at in np.flatnonzero(chosen).tolist())
    return Conflict(found, smallest=False)


def _correction(
    programme: Programme,
    kept: Level,
    accused: Level,
    spared: Collection[int],
    lengths: Sequence[int],
) -> frozenset[int]:
    """Figures outside `spared` that must go, none needlessly, for the accused to hold.

    Those of short periods come back first: totals have fewer equals than months, so fewer stay out.
    Empty where the contradiction is as small as the solver's rounding.
    """
    held = dict(kept)
    while members := programme.contradiction(held | accused) & held.keys() - set(spared):
        held = {i: level for i, level in held.items() if i not in members}
    for index in sorted(kept.keys() - held.keys(), key=lambda i: (lengths[i], i)):
        back = held | {index: kept[index]}
        if programme.met(index, kept[index]) or not programme.contradiction(back | accused):
            held = back
    return frozenset(kept.keys() - held.keys())
