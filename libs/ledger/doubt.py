"""The cheapest set of figures to doubt so that the rest can hold, and why each one is doubted.

Every contradiction among the figures demands that one of them gives way; the cheapest way to
meet all demands is a set-covering problem (MILP). Contradictions are found one after another:
cover those known, ask a linear programme whether the rest can hold, learn from its Farkas
multipliers if not. When it can, no cheaper doubt exists. There is no big-M, so nothing rests on
how the solver rounds it. Figures that no chain of unknowns joins are doubted apart, and so are
demands that share no figure.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby, product

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array, eye_array, hstack

from ledger.constraints import LEVELS, Level, System
from ledger.printed import Printed
from ledger.programmes import Programme, SolverError

GAP = 1e-6
"""A cost of doubt proved to lie this close to the least, in rejected tonnages, is the least."""

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

LONG = 1e9
"""Seconds that no cover takes."""

TIME_IS_UP = 1
"""The status of a cover (`scipy.optimize.milp`) that its time limit ended."""

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
    def proved(self) -> bool:
        """Whether nothing cheaper exists."""
        return self.gap <= GAP

    @property
    def kept(self) -> Level:
        """The figures that hold, each with the level at which it does."""
        return {i: verdict for i, verdict in enumerate(self.verdicts) if verdict != "rejected"}


def cheapest_doubt(
    system: System, seconds: float = np.inf, known: Collection[Demand] = ()
) -> Doubt:
    """The verdict of every figure at the least cost of doubt.

    After so many seconds of this process's time the best doubt found is given with its gap. What
    contradictions are `known` already is not searched again.
    """
    deadline = time.process_time() + seconds
    price = prices(system.printed)
    verdicts = dict.fromkeys(range(len(system.printed)), "kept")
    demands: list[Demand] = []
    bound = 0.0
    for figures, _ in system.components(verdicts):
        covers = Covers(price, deadline)
        met = covers.meet(demand for demand in known if dict(demand).keys() <= set(figures))
        verdicts |= _doubt_joined(system, figures, covers, met)
        demands += covers.demands
        bound += covers.bound
    cost = sum(price[i, int(v == "rejected")] for i, v in verdicts.items() if v != "kept")
    return Doubt(tuple(verdicts.values()), cost / 1000, (cost - bound) / 1000, tuple(demands))


def _doubt_joined(system: System, figures: Sequence[int], covers: Covers, doubted: Level) -> Level:
    """The cheapest doubts among figures that bear on each other, or the best before time is up."""
    programme = Programme(system, product(figures, LEVELS))
    while time.process_time() <= covers.deadline:
        chosen = _not_rejected(figures, doubted)
        found = disjoint_contradictions(system, programme, chosen, covers.deadline)
        if not found:
            return doubted
        doubted = covers.meet(found)
    return _repaired(programme, figures, doubted, covers.price)


def _not_rejected(figures: Iterable[int], doubted: Level) -> Level:
    levels = {index: doubted.get(index, "kept") for index in figures}
    return {index: level for index, level in levels.items() if level != "rejected"}


def _repaired(
    programme: Programme, figures: Sequence[int], doubted: Level, price: np.ndarray
) -> Level:
    """Doubts beside `doubted` until the rest can hold, cheap ones first; none stays needlessly."""
    chosen = _not_rejected(figures, doubted)
    while members := programme.contradiction(chosen):
        del chosen[min(members, key=lambda index: price[index, 1])]
    settled = {index for index in chosen if index not in doubted}
    for index in sorted(set(figures) - settled, key=lambda index: -price[index, 1]):
        for level in LEVELS:
            if not programme.contradiction(chosen | {index: level}):
                chosen[index] = level
                break
    levels = {index: chosen.get(index, "rejected") for index in figures}
    return {index: level for index, level in levels.items() if level != "kept"}


def prices(printed: Sequence[Printed]) -> np.ndarray:
    """What each figure costs as a mismatch and as rejected: two columns, in thousandths.

    Ties are broken within each series, so that what is linked to it leaves them as they are.
    """
    series = [list(own) for _, own in groupby(printed, key=lambda figure: figure.series)]
    return np.vstack([np.empty((0, 2)), *map(_prices, series)])


def _prices(printed: Sequence[Printed]) -> np.ndarray:
    heard = Counter(room for figure in printed for room in figure.newsrooms)
    most = max(heard.values(), default=1)
    known = np.array([max((heard[room] for room in f.newsrooms), default=0) for f in printed])
    nudge = TIE_BREAK * known / most + np.arange(len(printed)) * GOLDEN % 1 / 100
    share = np.array([ABOUT_SHARE if figure.approximate else 1.0 for figure in printed])
    rooms = np.array([max(len(figure.newsrooms), 1) for figure in printed])
    full = 1000 * (np.array([PRICES[figure.measure] for figure in printed]) * share * rooms)
    return np.column_stack([MISMATCH_SHARE * full + nudge, full + nudge])


def disjoint_contradictions(
    system: System, programme: Programme, chosen: Level, deadline: float
) -> list[Demand]:
    """Minimal contradictions among `chosen` that share no figure, until the rest can hold."""
    found: list[Demand] = []
    left = dict(chosen)
    while members := programme.contradiction(left):
        found.append(minimal(system, {i: left[i] for i in members}))
        left = {i: level for i, level in left.items() if i not in dict(found[-1])}
        if time.process_time() > deadline:
            break
    return found


def minimal(system: System, chosen: Level) -> Demand:
    """An infeasible part of `chosen` from which no figure can be dropped or held more loosely."""
    programme = Programme(system, product(chosen, LEVELS))
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


class Covers:
    """The cheapest doubts that meet the demands so far; what a new one does not touch stands.

    A doubted figure is a `mismatch` or `rejected`; a demand names figures and the level at which
    they cannot all hold, so one of them must fall below its level. No doubts cost less than
    `bound`, in thousandths.
    """

    def __init__(self, price: np.ndarray, deadline: float) -> None:
        self.price, self.deadline = price, deadline
        self._met: dict[frozenset[Demand], tuple[Level, float]] = {}

    @property
    def demands(self) -> list[Demand]:
        """All demands."""
        return [demand for demands in self._met for demand in demands]

    @property
    def bound(self) -> float:
        """A cost below which no doubts meet all demands."""
        return sum(bound for _, bound in self._met.values())

    def meet(self, found: Iterable[Demand]) -> Level:
        """The doubts that meet these demands beside the earlier ones."""
        joined: list[frozenset[Demand]] = [*self._met]
        for demand in found:
            members = dict(demand).keys()
            touched = [one for one in joined if any(members & dict(d).keys() for d in one)]
            joined = [one for one in joined if one not in touched]
            joined.append(frozenset({demand}).union(*touched))
        self._met = {one: self._met.get(one) or self._cheapest(one) for one in joined}
        return {i: level for doubts, _ in self._met.values() for i, level in doubts.items()}

    def _cheapest(self, demands: frozenset[Demand]) -> tuple[Level, float]:
        """The cheapest doubts that meet demands joined by figures, and a bound on their cost."""
        figures = sorted({index for demand in demands for index, _ in demand})
        count, place = len(figures), {index: at for at, index in enumerate(figures)}
        hits = sorted(sorted(demand) for demand in demands)
        cover = _cover(
            [{place[index] + count * (level == "mismatch") for index, level in h} for h in hits],
            2 * count,
        )
        looser_first = LinearConstraint(hstack([eye_array(count), -eye_array(count)]), lb=0)
        price = self.price[figures]
        costs = np.concatenate([price[:, 0], price[:, 1] - price[:, 0]])
        chosen, bound = _cheapest(costs, [cover, looser_first], self.deadline)
        below_kept, below_mismatch = chosen.reshape(2, count)
        levels = np.where(below_mismatch, "rejected", "mismatch")[below_kept].tolist()
        return dict(zip(np.array(figures)[below_kept].tolist(), levels, strict=True)), bound


def _cover(sets: Sequence[Collection[int]], count: int) -> LinearConstraint:
    """One of each of `sets`, which hold numbers below `count`, must be chosen."""
    entries = [(at, index) for at, members in enumerate(sets) for index in members]
    matrix = csr_array((np.ones(len(entries)), np.array(entries).T), (len(sets), count))
    return LinearConstraint(matrix, lb=1)


def _cheapest(
    price: np.ndarray, rules: Sequence[LinearConstraint], deadline: float = np.inf
) -> tuple[np.ndarray, float]:
    """Which of the things that cost `price` to choose so that `rules` hold, and a lower bound.

    Past the deadline all are chosen, if nothing better is known.
    """
    left = min(max(deadline - time.process_time(), 0.0), LONG)
    result = milp(
        price,
        constraints=rules,
        integrality=np.ones(len(price), dtype=int),
        bounds=Bounds(0, 1),
        options={"mip_rel_gap": 0.0, "time_limit": left},
    )
    if result.status == TIME_IS_UP and result.x is None:
        return np.ones(len(price), dtype=bool), 0.0
    if result.x is None or result.mip_dual_bound is None:
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
    local = Programme(system, (close | accused).items())
    found = _irreducible(local, close, accused, weights)
    if found is None:
        found = _irreducible(Programme(system, (kept | accused).items()), kept, accused, weights)
    if found is None:
        return Conflict((), smallest=False)
    if found:
        heaviest = sorted(close, key=lambda i: (-weights[i], i))
        first = _contradicting_alone(local, {i: close[i] for i in heaviest}, accused)
        found = found if first is None else (first,)
    if len(found) > PROVABLE:
        return Conflict(found, smallest=False)
    if len(found) <= 2:
        return Conflict(found, smallest=True)
    return _shorten(system, kept, accused, found)


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


def _contradicting_alone(programme: Programme, kept: Level, accused: Level) -> int | None:
    """The first of `kept` that by itself cannot hold with the accused, who can; None without one.

    Each answer to what can hold clears all the figures that it happens to meet: the first one most,
    since it holds all that no contradiction names.
    """
    waiting, asked = list(kept), kept | accused
    while members := programme.contradiction(asked) - accused.keys():
        asked = {i: level for i, level in asked.items() if i not in members}
    while not programme.contradiction(asked):
        cleared = programme.met(kept) | asked.keys()
        waiting = [index for index in waiting if index not in cleared]
        if not waiting:
            return None
        asked = {waiting[0]: kept[waiting[0]]} | accused
    return waiting[0]


def _shorten(system: System, kept: Level, accused: Level, found: tuple[int, ...]) -> Conflict:
    """A smaller conflict than `found`, or the proof that there is none."""
    programme = Programme(system, (kept | accused).items())
    lengths = [len(figure.months) for figure in system.printed]
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
        if programme.met({index: kept[index]}) or not programme.contradiction(back | accused):
            held = back
    return frozenset(kept.keys() - held.keys())
