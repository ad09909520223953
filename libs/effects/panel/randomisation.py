"""Which units are treated, drawn anew: p-values and intervals that need no clusters.

The effect in question is taken off the treated units and the panel is fitted without it, so that
under that effect the residuals of all units are alike. An assignment's path is the sum of its
units' residuals by exposure. What it moved in the window is set against its own standard deviation
before, because large units are steadier than small ones, and ranked among all assignments.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations, islice, permutations
from math import comb, factorial

import numpy as np

from effects.inversion import first_rejected
from effects.level import Array
from effects.panel.poisson import PoissonFit, fit_poisson
from effects.panel.sample import Panel
from effects.results import alpha, can_reject

MOST = 1000
"""Assignments are enumerated up to this number, else drawn."""
DRAWS = 999
SEED = 20250404


@dataclass(frozen=True)
class Assignments:
    """`exposures`: assignments × units, the actual one first; `exact` if they are all there are."""

    exposures: Array
    exact: bool

    @property
    def floor(self) -> float:
        """The least p-value that they can give."""
        return 1 / len(self.exposures)


def assignments(panel: Panel) -> Assignments:
    """The exposures of the eligible units given to them in every other order, or in drawn ones."""
    places = np.flatnonzero(panel.eligible)
    own = panel.exposure[places]
    binary = set(np.unique(own)) <= {0.0, 1.0}
    ways = comb(len(own), int(own.sum())) if binary else factorial(len(own))
    orders = _every(own, binary) if ways <= MOST else _drawn(own)
    exposures = np.tile(panel.exposure, (len(orders) + 1, 1))
    exposures[1:, places] = orders
    return Assignments(exposures, ways <= MOST)


def _every(own: Array, binary: bool) -> Array:
    """All orders of `own` but its own."""
    if not binary:
        others = islice(permutations(range(len(own))), 1, None)
        return np.asarray(own[np.array(list(others))])
    chosen = np.array(list(combinations(range(len(own)), int(own.sum()))))
    orders = np.zeros((len(chosen), len(own)))
    np.put_along_axis(orders, chosen, 1.0, axis=1)
    return np.asarray(orders[(orders != own).any(axis=1)])


def _drawn(own: Array) -> Array:
    random = np.random.default_rng(SEED)
    return np.array([random.permutation(own) for _ in range(DRAWS)])


@dataclass(frozen=True)
class Randomised:
    """A p-value of no effect and the log effects nearest the estimate that are rejected."""

    p_value: float
    lower: float
    upper: float


def randomise(
    panel: Panel, drawn: Assignments, fit: PoissonFit, term: int, level: float
) -> Randomised:
    """Test the effect of one regime, the others fitted; invert the test unless it cannot reject."""
    zero = p_value(panel, drawn, term)
    if not can_reject(drawn.floor, level):
        return Randomised(zero, -np.inf, np.inf)

    def kept(effect: float) -> bool:
        return p_value(panel, drawn, term, effect) > alpha(level)

    estimate = float(fit.coefficients[term])
    step = _step(panel, drawn, term, estimate, level)
    lower, upper = (first_rejected(kept, estimate, side * step) for side in (-1, 1))
    return Randomised(zero, lower, upper)


def leads_p_value(panel: Panel, drawn: Assignments, fit: PoissonFit, leads: int) -> float:
    """Joint test of the last `leads` periods before the window against those before them.

    Mean squares of the assignments' paths, each less its own mean before the window.
    """
    paths, seen = _paths(drawn, fit.residuals, panel.seen)
    early = np.flatnonzero(panel.early)
    paths, seen = _centred(paths[:, early], seen[:, early]), seen[:, early]
    late = np.arange(len(early)) >= len(early) - leads
    last, first = (_mean_square(paths[:, part], seen[:, part]) for part in (late, ~late))
    return _rank(np.divide(last, first, out=np.zeros_like(last), where=first > 0))


def p_value(panel: Panel, drawn: Assignments, term: int, effect: float = 0.0) -> float:
    """Share of assignments that moved as much in the regime, were the log effect `effect`."""
    others = np.arange(panel.terms.shape[1]) != term
    fit = fit_poisson(_taken_off(panel, term, effect), panel.regressors[others])
    return _rank(_sizes(panel, drawn, fit.residuals, term))


def _sizes(panel: Panel, drawn: Assignments, residuals: Array, term: int) -> Array:
    """Every assignment's movement in the regime over its own spread before, size only."""
    paths, seen = _paths(drawn, residuals, panel.seen)
    early, profile = panel.early, _own_part(panel, term)
    spread = _mean_square(_centred(paths[:, early], seen[:, early]), seen[:, early])
    scale = np.sqrt(spread * (seen @ profile**2))
    moved: Array = np.abs(paths @ profile)
    return np.divide(moved, scale, out=np.zeros_like(moved), where=scale > 0)


def _own_part(panel: Panel, term: int) -> Array:
    """What a regime's shares have beyond a constant and the other regimes.

    Residuals of the treated units are orthogonal to these already; so the others' are made.
    """
    terms = panel.terms.to_numpy()
    rest = np.column_stack([np.ones(len(terms)), np.delete(terms, term, axis=1)])
    return np.asarray(terms[:, term] - rest @ np.linalg.lstsq(rest, terms[:, term])[0])


def _paths(drawn: Assignments, residuals: Array, seen: np.ndarray) -> tuple[Array, np.ndarray]:
    """Assignments × periods: residuals summed by exposure, and where any of them is observed."""
    paths: Array = drawn.exposures @ residuals.T
    return paths, (np.abs(drawn.exposures) @ seen.T) > 0


def _centred(paths: Array, seen: np.ndarray) -> Array:
    means = paths.sum(axis=1) / np.maximum(seen.sum(axis=1), 1)
    return np.asarray(np.where(seen, paths - means[:, None], 0.0))


def _mean_square(paths: Array, seen: np.ndarray) -> Array:
    return np.asarray((paths**2).sum(axis=1) / np.maximum(seen.sum(axis=1), 1))


def _rank(sizes: Array) -> float:
    return float((sizes >= sizes[0] * (1 - 1e-12)).mean())


def _taken_off(panel: Panel, term: int, effect: float) -> Array:
    """The cells as they would be had the regime not had this log effect."""
    return np.asarray(panel.values.to_numpy() * np.exp(-effect * panel.regressors[term]))


def _step(panel: Panel, drawn: Assignments, term: int, effect: float, level: float) -> float:
    """A quarter of the log effect that would stand out among the assignments, roughly.

    Effects are tried on cells without them, so the step is that of such cells.
    """
    fit = fit_poisson(_taken_off(panel, term, effect), panel.regressors)
    paths, seen = _paths(drawn, fit.residuals, panel.seen)
    spread = np.sqrt(_mean_square(paths[:1, panel.early], seen[:1, panel.early]))[0]
    profile = _own_part(panel, term)
    unusual = np.quantile(_sizes(panel, drawn, fit.residuals, term), level)
    return float(unusual * spread * np.sqrt(profile @ profile) / fit.information[term, term] / 4)
