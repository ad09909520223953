"""Linear programmes over a ledger's rows: can they all hold, and how far can a ratio go?

HiGHS is asked directly, because one model whose rows are switched on and off is solved again
from the last basis: a hundred times sooner than a new model for every question.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import highspy
import numpy as np
from scipy.sparse import csr_array

from ledger.constraints import LEVELS, ONE, Level, Row, System, matrix

SETTLED = (
    highspy.HighsModelStatus.kOptimal,
    highspy.HighsModelStatus.kInfeasible,
    highspy.HighsModelStatus.kUnbounded,
)
"""What a run may end with; after anything else it is started afresh, without the last basis."""

DUAL, PRIMAL = 1, 4
"""The simplex that starts warm: dual when rows change, primal when the objective does."""

UNSCALED, SCALED = 0, 2
"""Rows and columns as they are, or scaled as HiGHS does of itself."""

CODES = {level: code for code, level in enumerate(LEVELS)}

NOTHING = 1e-9
"""Multipliers below this share of the largest (or of one) are the solver's zeros."""


DECIMALS = 6
"""Of what is told of extents, in the unit of figures: what comes after is the solver's rounding."""

EDGE_TONNES = 2e-6
"""By how much a row may be missed where the figures that hold touch only at their very edges."""


class SolverError(RuntimeError):
    """HiGHS ended in a state that no ledger can bring about."""


@dataclass(frozen=True)
class Extent:
    """The least and greatest value of a ratio, and the figures whose rows hold it there."""

    lower: float
    upper: float
    binding: frozenset[int]


class Programme:
    """One HiGHS model of a part of a system, in which figures are held or let go."""

    def __init__(
        self, system: System, pairs: Iterable[tuple[int, str]], asked: Iterable[Row] = ()
    ) -> None:
        """Load these figures at these levels, all that always holds in their months, and the
        unknowns of `asked`, of which extents may be wanted.
        """
        owned = list(pairs)
        always = system.always_with(index for index, _ in owned)
        rows = [(row, -1, 0) for row in always]
        for index, level in owned:
            rows += [(row, index, CODES[level]) for row in system.levels[level][index]]
        self._owner = np.array([owner for _, owner, _ in rows], dtype=np.int32)
        self._level = np.array([code for _, _, code in rows])
        self._figures = len(system.printed)
        named = sorted({ONE}.union(*(row for row, _, _ in rows), *asked))
        self._place = {column: at for at, column in enumerate(named)}
        self._base: Row = {ONE: 1.0}
        self._priced: Row = {}
        self._matrix = matrix([self._placed(row) for row, _, _ in rows], len(named))
        self._upper = np.zeros(len(rows))
        self._point = np.zeros(len(named))
        self._model = _load(self._matrix)

    def _placed(self, row: Row) -> Row:
        """A row with the columns of this model, whose unknowns are fewer than the system's."""
        return {self._place[column]: value for column, value in row.items()}

    def contradiction(self, held: Level) -> frozenset[int]:
        """Figures of `held` that cannot all hold; empty when all of `held` can.

        By Farkas' lemma the rows with a multiplier in the ray that proves infeasibility suffice.
        """
        self._hold(held)
        self._normalise({ONE: 1.0})
        self._minimise({}, 1.0)
        status = self._run(DUAL)
        if status == highspy.HighsModelStatus.kOptimal:
            self._point = np.array(self._model.getSolution().col_value, dtype=float)
            return frozenset()
        if status != highspy.HighsModelStatus.kInfeasible:
            raise SolverError(f"figures together: {self._model.modelStatusToString(status)}")
        _, exists, ray = self._model.getDualRay()
        if not exists:
            raise SolverError("HiGHS calls the figures contradictory and gives no proof")
        behind = self._behind(np.asarray(ray)[:-1])
        if not behind:
            raise SolverError("what always holds contradicts itself; no figure is to blame")
        return behind

    def met(self, wanted: Level) -> set[int]:
        """The figures of `wanted` that hold at their level in the last answer to what can hold."""
        broken = self._matrix @ self._point > 0
        missed = set(zip(self._owner[broken].tolist(), self._level[broken].tolist(), strict=True))
        return {index for index, level in wanted.items() if (index, CODES[level]) not in missed}

    def worst_violation(self, held: Level) -> float:
        """By how many tonnes the solver's own answer breaks the rows that it should keep."""
        if self.contradiction(held):
            return np.inf
        holds = (self._matrix @ self._point)[self._upper == 0]
        return float(max(holds.max(initial=0.0), -self._point.min(initial=0.0)))

    def extents(self, held: Level, ratios: Iterable[tuple[Row, Row]]) -> list[Extent]:
        """The least and greatest amount / base of each ratio while `held` holds.

        The rows are homogeneous, so scaling the unknowns until the base is one makes the ratio
        linear (Charnes and Cooper 1962). With base {ONE: 1} these are tonnes. An upper end of
        infinity means that nothing bounds it.
        """
        self._hold(held)
        return [self._extent(self._placed(amount), self._placed(base)) for amount, base in ratios]

    def least_together(self, held: Level, amounts: Sequence[Row]) -> list[float]:
        """What each amount is where the sum of all is least while `held` holds."""
        self._hold(held)
        self._normalise({ONE: 1.0})
        placed = [self._placed(amount) for amount in amounts]
        whole = matrix(placed, len(self._place))
        self._least(dict(enumerate(whole.sum(axis=0).tolist())), 1.0)
        values: list[float] = (whole @ self._model.getSolution().col_value).tolist()
        return values

    def _extent(self, amount: Row, base: Row) -> Extent:
        self._normalise(base)
        lower, holds_lower = self._least(amount, 1.0)
        upper, holds_upper = self._least(amount, -1.0)
        return Extent(lower, -upper, holds_lower | holds_upper)

    def _least(self, amount: Row, sign: float) -> tuple[float, frozenset[int]]:
        self._minimise(amount, sign)
        status = self._run(PRIMAL)
        if status == highspy.HighsModelStatus.kInfeasible:
            self._model.setOptionValue("primal_feasibility_tolerance", EDGE_TONNES)
            self._model.clearSolver()
            status = self._run(PRIMAL)
        if status == highspy.HighsModelStatus.kUnbounded:
            return -np.inf, frozenset()
        if status != highspy.HighsModelStatus.kOptimal:
            raise SolverError(f"bounds of kept figures: {self._model.modelStatusToString(status)}")
        duals = np.array(self._model.getSolution().row_dual, dtype=float)[:-1]
        return float(self._model.getObjectiveValue()), self._behind(duals)

    def _hold(self, held: Level) -> None:
        wanted = np.full(self._figures + 1, -1)
        wanted[-1] = 0
        wanted[np.fromiter(held, int)] = np.fromiter(map(CODES.__getitem__, held.values()), int)
        upper = np.where(wanted[self._owner] == self._level, 0.0, np.inf)
        changed = np.flatnonzero(upper != self._upper).astype(np.int32)
        if not len(changed):
            return
        self._upper = upper
        free = np.full(len(changed), -np.inf)
        self._model.changeRowsBounds(len(changed), changed, free, upper[changed])

    def _normalise(self, base: Row) -> None:
        if base == self._base:
            return
        for column in self._base | base:
            self._model.changeCoeff(len(self._owner), column, base.get(column, 0.0))
        self._base = base

    def _minimise(self, amount: Row, sign: float) -> None:
        for column in self._priced | amount:
            self._model.changeColCost(column, sign * amount.get(column, 0.0))
        self._priced = amount

    def _run(self, strategy: int) -> object:
        """Solve from the last basis; where that leads nowhere, afresh, by either simplex.

        Ledgers with errors of a factor of 1,000 can be scaled so badly that neither ends: at last
        the rows are taken as they are.
        """
        attempts = ((strategy, SCALED), (DUAL, SCALED), (PRIMAL, SCALED), (DUAL, UNSCALED))
        for attempt, (simplex, scaling) in enumerate(attempts):
            if attempt:
                self._model.clearSolver()
            self._model.setOptionValue("simplex_strategy", simplex)
            self._model.setOptionValue("simplex_scale_strategy", scaling)
            self._model.run()
            if self._model.getModelStatus() in SETTLED:
                break
        return self._model.getModelStatus()

    def _behind(self, multipliers: np.ndarray) -> frozenset[int]:
        """The figures of the held rows that carry a multiplier."""
        sizes = np.where(self._upper == 0, np.abs(multipliers), 0.0)
        owners = self._owner[sizes > NOTHING * max(1.0, sizes.max(initial=0.0))]
        return frozenset(int(owner) for owner in owners if owner >= 0)


def extents(
    system: System,
    held: Level,
    ratios: Sequence[tuple[Row, Row]],
    without: Sequence[int | None] = (),
) -> list[Extent]:
    """The extent of each ratio while `held` holds, from those figures alone that bear on it.

    `without` names a figure for each ratio that is let go meanwhile, or none.
    """
    found: dict[int, Extent] = {}
    joined = [amount | base for amount, base in ratios]
    absent = without or [None] * len(ratios)
    for programme, own, asked in _parts(system, held, joined):
        for gone, together in groupby(asked, key=lambda at: absent[at]):
            left, places = {i: own[i] for i in own if i != gone}, list(together)
            reached = programme.extents(left, [ratios[at] for at in places])
            found |= zip(places, reached, strict=True)
    return [found[at] for at in range(len(ratios))]


def least_together(system: System, held: Level, amounts: Sequence[Row]) -> list[float]:
    """What each amount is, in tonnes, where the sum of all is least while `held` holds.

    None can be less than nothing, so one solution shows of many that they can be nothing.
    """
    found: dict[int, float] = {}
    for programme, own, asked in _parts(system, held, amounts):
        values = programme.least_together(own, [amounts[at] for at in asked])
        found |= zip(asked, values, strict=True)
    return [found[at] for at in range(len(amounts))]


def _parts(
    system: System, held: Level, asked: Sequence[Row]
) -> Iterator[tuple[Programme, Level, list[int]]]:
    """A programme for all that bear on each other, its figures, and the places in `asked`."""
    for figures, places in system.components(held, asked):
        own = {index: held[index] for index in figures}
        yield Programme(system, own.items(), [asked[at] for at in places]), own, places


def _load(rows: csr_array) -> highspy.Highs:
    """A model with these rows at most zero and, last, a row that fixes the scale."""
    count, columns = rows.shape
    model = highspy.Highs()
    for option, value in (("output_flag", False), ("presolve", "off"), ("threads", 1)):
        model.setOptionValue(option, value)
    model.addVars(columns, np.zeros(columns), np.full(columns, np.inf))
    ends = np.full(count, -np.inf), np.zeros(count)
    model.addRows(count, *ends, rows.nnz, rows.indptr[:-1], rows.indices, rows.data)
    model.addRow(1.0, 1.0, 1, np.array([ONE], dtype=np.int32), np.ones(1))
    return model
