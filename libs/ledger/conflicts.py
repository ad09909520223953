"""Why a figure is doubted: the smallest set of kept figures that contradicts it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from ledger.constraints import Level, System
from ledger.programmes import Programme, SolverError

ROUNDS = 40
"""How many correction sets are tried before a conflict is given that may not be the smallest."""

PROVABLE = 9
"""Longer conflicts, sums over many months, are not searched: the sets to rule out are too many."""


@dataclass(frozen=True)
class Conflict:
    """Figures that contradict a doubted one; without any of them the rest would not.

    `smallest` says whether it is proved that no smaller set contradicts it.
    """

    figures: tuple[int, ...]
    smallest: bool


def find_conflict(system: System, kept: Level, accused: Level, weights: np.ndarray) -> Conflict:
    """The fewest figures of `kept` that cannot hold together with `accused`.

    A set from which no figure can be dropped comes first, from the neighbours of the accused if
    they suffice, keeping those of greater `weights` (one a figure). Then smaller ones are sought.
    """
    near = frozenset().union(*(system.neighbours(index) for index in accused))
    close = {index: level for index, level in kept.items() if index in near}
    whole, local = Programme(system.only(kept | accused)), Programme(system.only(close | accused))
    found = _irreducible(local, close, accused, weights)
    if found is None:
        found = _irreducible(whole, kept, accused, weights)
    if found is None:
        raise SolverError("a doubted figure contradicts no kept one")
    if found:
        heaviest = sorted(close, key=lambda i: (-weights[i], i))
        alone = (i for i in heaviest if local.contradiction({i: close[i]} | accused))
        found = tuple(islice(alone, 1)) or found
    if len(found) > PROVABLE:
        return Conflict(found, smallest=False)
    if len(found) <= 2:
        return Conflict(found, smallest=True)
    return _shorten(whole, kept, accused, found, [len(figure.months) for figure in system.printed])


def _shorten(
    programme: Programme,
    kept: Level,
    accused: Level,
    found: tuple[int, ...],
    lengths: Sequence[int],
) -> Conflict:
    """A smaller conflict than `found`, or the proof that there is none.

    A contradictory set must hit every correction set, figures whose removal lets the accused
    hold; so no conflict is smaller than the smallest set that hits those known, and that set is
    the answer if it is contradictory itself (Ignatiev et al. 2015).
    """
    corrections: list[frozenset[int]] = []
    hitting: frozenset[int] = frozenset()
    for _ in range(ROUNDS):
        if len(hitting) >= len(found):
            return Conflict(found, smallest=True)
        if programme.contradiction({i: kept[i] for i in hitting} | accused):
            return Conflict(tuple(sorted(hitting)), smallest=True)
        corrections.append(_correction(programme, kept, accused, hitting, lengths))
        hitting = _least_hitting(corrections)
    return Conflict(found, smallest=False)


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


def _correction(
    programme: Programme,
    kept: Level,
    accused: Level,
    spared: Collection[int],
    lengths: Sequence[int],
) -> frozenset[int]:
    """Figures outside `spared` that must go, none needlessly, for the accused to hold.

    Those of short periods come back first: totals have fewer equals than months, so fewer stay out.
    """
    held = dict(kept)
    while members := programme.contradiction(held | accused):
        held = {i: level for i, level in held.items() if i not in members or i in spared}
    for index in sorted(kept.keys() - held.keys(), key=lambda i: (lengths[i], i)):
        back = held | {index: kept[index]}
        if programme.met(index, kept[index]) or not programme.contradiction(back | accused):
            held = back
    return frozenset(kept.keys() - held.keys())


def _least_hitting(sets: list[frozenset[int]]) -> frozenset[int]:
    """The fewest figures that hit every one of `sets`."""
    members = sorted(frozenset().union(*sets))
    entries = [(row, members.index(index)) for row, hit in enumerate(sets) for index in hit]
    matrix = csr_array((np.ones(len(entries)), np.array(entries).T), (len(sets), len(members)))
    result = milp(
        np.ones(len(members)),
        constraints=LinearConstraint(matrix, lb=1),
        integrality=np.ones(len(members), dtype=int),
        bounds=Bounds(0, 1),
    )
    if result.status != 0:
        raise SolverError(f"smallest conflict: {result.message}")
    return frozenset(members[at] for at in np.flatnonzero(np.round(result.x)).tolist())
