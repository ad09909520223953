"""The linear programmes over a system of rows: is it feasible, and how far can a ratio go?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_array, eye_array, hstack

from analysis.reconcile.constraints import ONE, Row, Rows

VIOLATION_TONNES = 1e-5
"""Rows that can be met with less violation in all than this count as met."""

NOTHING = 1e-9


class SolverError(RuntimeError):
    """HiGHS ended in a state that a sound ledger cannot bring about."""


@dataclass(frozen=True)
class Extent:
    """The least and greatest value of a ratio, and the figures whose rows hold it there."""

    lower: float
    upper: float
    binding: frozenset[int]


def contradiction(rows: Rows) -> frozenset[int]:
    """The figures of an infeasible subset of `rows`; empty when the rows can all be met.

    Minimises the total violation; by Farkas' lemma the rows with a multiplier cannot all hold.
    """
    count, columns = rows.matrix.shape
    matrix = hstack([rows.matrix, -eye_array(count)], format="csr")
    cost = np.concatenate([np.zeros(columns), np.ones(count)])
    bounds = np.tile([0.0, np.inf], (columns + count, 1))
    bounds[ONE] = 1.0
    result = linprog(cost, A_ub=matrix, b_ub=np.zeros(count), bounds=bounds, method="highs")
    if result.status != 0:
        raise SolverError(f"least violation: {result.message}")
    if result.fun <= VIOLATION_TONNES:
        return frozenset()
    found = rows.owner[np.abs(result.ineqlin.marginals) > NOTHING]
    return frozenset(int(who) for who in found if who >= 0)


def extent(rows: Rows, amount: Row, base: Row) -> Extent:
    """The least and greatest amount / base over `rows` (Charnes and Cooper 1962).

    With base {ONE: 1} these are tonnes. An upper end of infinity means that nothing bounds it.
    """
    lower, holds_lower = _least(rows, amount, base, 1.0)
    upper, holds_upper = _least(rows, amount, base, -1.0)
    return Extent(lower, -upper, holds_lower | holds_upper)


def _least(rows: Rows, amount: Row, base: Row, sign: float) -> tuple[float, frozenset[int]]:
    count, columns = rows.matrix.shape
    cost = np.zeros(columns)
    cost[list(amount)] = [sign * value for value in amount.values()]
    unit = csr_array((list(base.values()), ([0] * len(base), list(base))), shape=(1, columns))
    result = linprog(
        cost, rows.matrix, np.zeros(count), A_eq=unit, b_eq=[1.0], bounds=(0, None), method="highs"
    )
    if result.status == 3:
        return -np.inf, frozenset()
    if result.status != 0:
        raise SolverError(f"extent: {result.message}")
    found = rows.owner[np.abs(result.ineqlin.marginals) > NOTHING]
    return float(result.fun), frozenset(int(who) for who in found if who >= 0)
