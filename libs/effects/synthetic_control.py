"""A unit against a weighted average of others that went the same way before the event.

Outcomes only, each unit less its own mean before the window; weights not below zero that add up to
one (Doudchenko and Imbens 2016; Ferman and Pinto 2021, Quantitative Economics 12). The same control
is made for every unit in turn, as if it were the treated one (Abadie, Diamond and Hainmueller 2010,
Journal of the American Statistical Association 105): the root mean square gap in the window is set
against that before it and ranked among all units. The treated unit serves as a donor to the others,
so that under no effect all units are alike. Where donors are many and periods few, every unit,
placebos as well, chooses its own nearest donors, so that choosing is part of the test; or weights
are spread and periods weighted too (synthetic difference-in-differences: Arkhangelsky, Athey,
Hirshberg, Imbens and Wager 2021, American Economic Review 111).
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import nnls
from words import during, signed

from effects.inversion import block_p_value, interval_words, invert, share_as_large
from effects.level import Array
from effects.results import (
    EffectError,
    EffectResult,
    can_reject,
    effect_row,
    effect_table,
    probability,
)
from effects.samples import Units, When, ask_units, unit_names

TIGHT = 1e-7
"""How near its bound a donor's gradient must be, against the largest, to belong to the face."""


def simplex_weights(target: Array, donors: Array) -> Array:
    """The weights, not below zero and adding up to one, that bring `donors` nearest `target`.

    target: n; donors: n × k. On the simplex the misfit is C w with C = donors − target, and the
    point of a convex hull nearest the origin is, up to length, the non-negative least-squares
    solution of [C; 1'] v = (0, 1): for v = s w the best s gives |Cw|² / (1 + |Cw|²), which
    increases with |Cw| (Lawson and Hanson 1974, chapter 23).
    """
    misfits = donors - target[:, None]
    misfits = misfits / max(float(np.abs(misfits).max()), np.finfo(float).tiny)
    found, _ = nnls(np.vstack([misfits, np.ones(donors.shape[1])]), np.eye(len(target) + 1)[-1])
    return np.asarray(found / found.sum())


def are_unique(weights: Array, target: Array, donors: Array) -> bool:
    """Whether no other weights fit as well.

    Every best fit lies on one face of the simplex, the donors whose gradient is least; the
    weights are unique where these donors are affinely independent.
    """
    misfits = donors - target[:, None]
    gradient = misfits.T @ (misfits @ weights)
    face = gradient <= gradient.min() + TIGHT * max(float((misfits**2).sum(axis=0).max()), 1e-300)
    rows = np.vstack([misfits[:, face] / np.abs(misfits).max(), np.ones(int(face.sum()))])
    return bool(np.linalg.matrix_rank(rows) == face.sum())


LEAST_BEFORE = 8
"""Observed periods of the treated unit before the window."""


@dataclass(frozen=True)
class Sample:
    """`rows` of the periods used (`periods`) × units, each unit less its mean before the window.

    The first unit is the treated one. `inside` marks the window; `left_out` are donors with a gap.
    """

    rows: Array
    names: tuple[Hashable, ...]
    periods: pd.PeriodIndex
    inside: np.ndarray
    left_out: tuple[Hashable, ...]
    logs: bool

    @property
    def before(self) -> Array:
        """The rows before the window."""
        return np.asarray(self.rows[~self.inside])

    def effect(self, gap: Any) -> Any:
        """Gaps as effects: percent under logs, else in the unit of the frame."""
        return 100 * np.expm1(gap) if self.logs else gap


def take_sample(
    units: Units, treated: Hashable, donors: str | Sequence[Hashable] | None, logs: bool
) -> Sample:
    """The treated unit's observed periods and the donors observed in all of them.

    Early periods are cut off where only so donors are enough (`_shared`); later ones than the
    window are not used. Nothing is interpolated: a donor with a gap is left out.
    """
    unit_names([treated], units.values)
    others = [name for name in units.values.columns if name != treated]
    names = unit_names(others if donors is None else donors, units.values)
    if treated in names:
        raise EffectError(f"{treated!r} is treated and cannot be a donor to itself")
    used = units.values.loc[: units.end].dropna(subset=[treated])
    inside = np.asarray(used.index >= units.start)
    before, within = int((~inside).sum()), int(inside.sum())
    if before < LEAST_BEFORE or not within:
        raise EffectError(
            f"{treated} is observed in {before} periods before {units.start} and {within} from "
            f"then to {units.end}; at least {LEAST_BEFORE} and one are needed"
        )
    used = _shared(used, names, inside, units.level)
    inside = np.asarray(used.index >= units.start)
    whole = set(used.columns[used.notna().all()])
    kept = [name for name in names if name in whole]
    if not kept:
        raise EffectError(
            f"none of the donors ({len(names)}) is observed in all {len(used)} periods in which "
            f"{treated} is; a synthetic control needs at least one that is"
        )
    values = _scaled(used[[treated, *kept]], logs)
    rows = values - values[~inside].mean(axis=0)
    own = values[~inside, 0]
    if np.ptp(own) < 1e-12 * max(1.0, float(np.abs(own).max())):
        raise EffectError(
            f"{treated} is constant before the window; a control cannot be fitted to it"
        )
    left_out = tuple(name for name in names if name not in kept)
    return Sample(rows, (treated, *kept), pd.PeriodIndex(used.index), inside, left_out, logs)


def _shared(
    used: pd.DataFrame, names: Sequence[Hashable], inside: np.ndarray, level: float
) -> pd.DataFrame:
    """The periods from the first on after which enough donors have no gap.

    Enough is what the test needs to reject at `level`; where that cannot be had and no donor is
    whole over all periods, the most that can. LEAST_BEFORE periods stay before the window.
    """
    whole_from_here = used[names].notna()[::-1].cummin()[::-1].sum(axis="columns").to_numpy()
    counts = range(1, len(names) + 1)
    needed = next((n for n in counts if can_reject(1 / (1 + n), level)), len(names) + 1)
    firsts = np.arange(max(int((~inside).sum()) - LEAST_BEFORE + 1, 1))
    enough = np.flatnonzero(whole_from_here[firsts] >= needed)
    if not len(enough) and not whole_from_here[0]:
        most = whole_from_here[firsts].max()
        enough = np.flatnonzero((whole_from_here[firsts] == most) & (most > 0))
    return used.iloc[enough[0] if len(enough) else 0 :]


def _scaled(used: pd.DataFrame, logs: bool) -> Array:
    values: Array = used.to_numpy(dtype="float64")
    if not logs:
        return values
    zero = np.argwhere(values == 0)
    if len(zero):
        row, column = zero[0]
        raise EffectError(
            f"{used.columns[column]}, {used.index[row]}: found 0, which has no logarithm; leave "
            "the unit out, or compare levels with logs=False"
        )
    return np.asarray(np.log(values))


@dataclass(frozen=True)
class Rule:
    """How a control is made, for the treated unit and for every placebo alike.

    nearest: the donors that each unit chooses, those nearest its own path before the window; 0 for
    all. differences: synthetic difference-in-differences, with its weights on periods.
    """

    nearest: int = 0
    differences: bool = False

    @property
    def estimator(self) -> str:
        """What the estimator is called."""
        return "synthetic difference-in-differences" if self.differences else "synthetic control"

    def choose(self, sample: Sample, unit: int, others: np.ndarray) -> np.ndarray:
        """The units among `others` that may be donors of `unit`."""
        far = ((sample.before[:, others] - sample.before[:, [unit]]) ** 2).sum(axis=0)
        order = np.argsort(far, kind="stable")
        return np.asarray(np.sort(others[order[: self.nearest or None]]))

    def fit(self, sample: Sample, unit: int, others: np.ndarray) -> tuple[Array, Array, Array]:
        """Weights on all units, weights on the periods before, and the gap in every period.

        ridge: the penalty's root of algorithm 1, per weight: ζ √T, ζ = (periods after)^¼ σ.
        """
        others = self.choose(sample, unit, others)
        before = sample.before[:, others]
        ridge = 0.0
        if self.differences:
            noise = np.diff(before, axis=0).std(ddof=1)
            ridge = float(noise * sample.inside.sum() ** 0.25 * len(before) ** 0.5)
        weights = np.zeros(len(sample.names))
        weights[others] = _ridge_weights(sample.before[:, unit], before, ridge)
        gap = sample.rows[:, unit] - sample.rows @ weights
        times = np.full(len(before), 1 / len(before))
        if self.differences:
            donors = sample.rows[:, others] - sample.rows[:, others].mean(axis=1)[:, None]
            after = donors[sample.inside].mean(axis=0)
            times = _ridge_weights(after, donors[~sample.inside].T, 1e-6 * ridge)
        return weights, times, gap - times @ gap[~sample.inside]


def _ridge_weights(target: Array, donors: Array, ridge: float) -> Array:
    """Simplex weights that minimise the squared misfit and (ridge × weight)² summed."""
    if not ridge:
        return simplex_weights(target, donors)
    many = donors.shape[1]
    penalised = np.vstack([donors, ridge * np.eye(many)])
    return simplex_weights(np.append(target, np.zeros(many)), penalised)


@dataclass(frozen=True)
class Placebos:
    """One fit a unit, the treated first: `weights` units × units (zero on the diagonal).

    times: the treated unit's weights on the periods before. path: gaps of all periods × units, and
    gaps: those of the window; misfit: standard deviation of the gap before it, one a unit.
    """

    weights: Array
    times: Array
    path: Array
    gaps: Array
    misfit: Array

    @property
    def ratios(self) -> Array:
        """Root mean square gap of the window over that before it."""
        return _over(np.sqrt((self.gaps**2).mean(axis=0)), self.misfit)

    def p_value(self) -> float:
        """Share of units, the treated included, whose ratio is at least the treated one's."""
        return float(share_as_large(self.ratios))

    @property
    def floor(self) -> float:
        """The least that the p-value could be."""
        return 1 / len(self.misfit)

    def interval(self, level: float) -> tuple[float, float]:
        """Average gaps nearest the estimate that the test rejects; infinite if it never does.

        The window's profile is taken off the treated unit and moved up and down; as a donor it
        passes on to others what is taken off.
        """
        profile, average = self.gaps[:, 0], float(self.gaps[:, 0].mean())

        def p_value(size: float) -> float:
            taken_off = profile + (size - average)
            moved = self.gaps + taken_off[:, None] * self.weights[0]
            moved[:, 0] = average - size
            ratios = _over(np.sqrt((moved**2).mean(axis=0)), self.misfit)
            return float(share_as_large(ratios))

        step = float(self.misfit[0] * np.quantile(self.ratios[np.isfinite(self.ratios)], level))
        return invert(p_value, self.floor, average, step / 4, level)


def _over(window: Array, misfit: Array) -> Array:
    return np.divide(window, misfit, out=np.full_like(window, np.inf), where=misfit > 0)


def placebos_in_space(sample: Sample, rule: Rule) -> Placebos:
    """Fit every unit's control from all the others."""
    every = np.arange(len(sample.names))
    fits = [rule.fit(sample, unit, every[every != unit]) for unit in range(len(every))]
    weights, path = (np.column_stack([fit[part] for fit in fits]) for part in (0, 2))
    misfit = path[~sample.inside].std(axis=0)
    return Placebos(weights, fits[0][1], path, path[sample.inside], misfit)


def without_each_donor(sample: Sample, weights: Array, rule: Rule) -> pd.Series:
    """The treated unit's average effect with one donor of positive weight left out at a time."""
    averages: dict[Hashable, float] = {}
    every = np.arange(1, len(sample.names))
    for donor in np.flatnonzero(weights):
        if len(others := every[every != donor]):
            _, _, gap = rule.fit(sample, 0, others)
            averages[sample.names[donor]] = float(sample.effect(gap[sample.inside].mean()))
    return pd.Series(averages, dtype="float64").rename_axis("donor")


@dataclass(frozen=True)
class OverTime:
    """The test of no effect by permutation over time: for donors that are few.

    Weights are fitted to all periods as if nothing had happened, and the window's mean absolute
    residual is ranked among all cyclic shifts (Chernozhukov, Wüthrich and Zhu 2021, Journal of the
    American Statistical Association 116). The interval moves the window's profile up and down.
    """

    sample: Sample
    profile: Array

    @property
    def floor(self) -> float:
        """The least p-value possible."""
        return 1 / len(self.sample.rows)

    def p_value(self, size: float | None = None) -> float:
        """The p-value of no effect, or of the window's profile moved to the average `size`."""
        rows, inside = self.sample.rows.copy(), self.sample.inside
        if size is not None:
            rows[inside, 0] -= self.profile - self.profile.mean() + size
        rows -= rows.mean(axis=0)
        residuals = rows[:, 0] - rows[:, 1:] @ simplex_weights(rows[:, 0], rows[:, 1:])
        return block_p_value(residuals, int(inside.sum()))

    def interval(self, level: float) -> tuple[float, float]:
        """The average gaps nearest the estimate that the test rejects; infinite if none are."""
        average, step = float(self.profile.mean()), float(self.sample.before[:, 0].std())
        return invert(self.p_value, self.floor, average, step / 2, level)


def control_table(
    sample: Sample, fits: Placebos, rule: Rule, level: float, unit: str
) -> pd.DataFrame:
    """The average effect by ranks among units; an end that was not found is missing.

    Where no donors are chosen and no periods weighted, also by permutation over time.
    """
    window, average = sample.periods[sample.inside], float(fits.gaps[:, 0].mean())
    tests: dict[str, Placebos | OverTime] = {rule.estimator: fits}
    if rule == Rule():
        tests[OVER_TIME] = OverTime(sample, fits.gaps[:, 0])
    rows = []
    for estimator, test in tests.items():
        ends = np.array([average, *test.interval(level)])
        row = effect_row(
            estimator,
            "average effect",
            (window[0], window[-1]),
            sample.effect(np.where(np.isfinite(ends), ends, np.nan)),
            (len(sample.before), len(window)),
            unit,
            level=level,
            p_value=test.p_value(),
        )
        rows.append(row)
    return effect_table(rows)


def sentence(
    table: pd.DataFrame,
    window: pd.PeriodIndex,
    floor: float,
    donors: tuple[float, bool],
    without: pd.Series,
    name: str,
) -> str:
    """What happened, how sure, and on which donors it rests."""
    (effective, unique), row = donors, table.iloc[0]
    digits = 0 if row["unit"] == "%" else 1
    direction = "below" if row["estimate"] < 0 else "above"
    interval = interval_words(row, floor, digits)
    size = f"{abs(row['estimate']):,.{digits}f} {row['unit']}"
    rest = ""
    if len(without):
        low, high = (signed(end, digits) for end in (without.min(), without.max()))
        rest = f"; without any one of them the estimate lies between {low} and {high}"
    over_time = [f"; by permutation over time {probability(p)}" for p in table["p_value"].iloc[1:]]
    return (
        f"{during(window[0], window[-1])} {name} lay {size} {direction} its {row['estimator']} "
        f"({interval}; {probability(row['p_value'])}, which cannot lie below {floor:.3f}"
        f"{''.join(over_time)}). "
        f"The weights amount to {effective:.1f} donors alike"
        f"{'' if unique else '; they are not unique, others fit as well'}"
        f"{rest}."
    )


OVER_TIME = "synthetic control, permutation over time"
EXACT = 1e-7
"""A misfit below this share of the unit's own movement is no misfit at all."""


@dataclass(frozen=True)
class SyntheticControl(EffectResult):
    """The effect on one unit against its synthetic control.

    weights: by donor; unique: whether no others fit as well; effective_donors: one over the sum
    of their squares. times: weights on the periods before the window. gaps: periods × units, each
    as an effect, the treated unit first. placebos: misfit (before the window), gap (in it), ratio
    and the average effect as if treated, by unit. without: the average effect with one donor left
    out at a time. cautions name donors that were picked, and a treated unit that is the steadiest,
    for which the rank among units rejects too often. misfit_share: misfit over the treated unit's
    standard deviation before the window. left_out: donors with a gap. floor: the least p-value
    among units.
    """

    weights: pd.Series
    unique: bool
    effective_donors: float
    times: pd.Series
    gaps: pd.DataFrame
    placebos: pd.DataFrame
    without: pd.Series
    misfit_share: float
    left_out: tuple[Hashable, ...]
    floor: float


def synthetic_control(
    frame: pd.DataFrame,
    treated: Hashable,
    start: When,
    end: When | None = None,
    *,
    donors: str | Sequence[Hashable] | None = None,
    nearest: int = 0,
    differences: bool = False,
    logs: bool = True,
    level: float = 0.95,
    unit: str = "tonnes",
    name: str = "the treated unit",
) -> SyntheticControl:
    """Estimate what happened to `treated` from `start` to `end` (default: the last period).

    frame: periods × units, not below zero, NaN where missing. donors (default: all other columns)
    must be observed wherever the treated unit is; where too few are for the test to reject, the
    sample begins later, with the first period from which on enough are. nearest: how many donors
    each unit chooses, those nearest its path before the window (0: all). differences: synthetic
    difference-in-differences. Under `logs` effects are percent, otherwise in `unit`. Raises
    EffectError where the data cannot answer.
    """
    units, rule = ask_units(frame, start, end, level), Rule(nearest, differences)
    sample = take_sample(units, treated, donors, logs)
    fits = placebos_in_space(sample, rule)
    share = _misfit_share(sample, fits)
    table = control_table(sample, fits, rule, level, "%" if logs else unit)
    weights = pd.Series(fits.weights[1:, 0], index=pd.Index(sample.names[1:], name="donor"))
    chosen = rule.choose(sample, 0, np.arange(1, len(sample.names)))
    unique = differences or are_unique(
        fits.weights[chosen, 0], sample.before[:, 0], sample.before[:, chosen]
    )
    effective = float(1 / (weights**2).sum())
    without = without_each_donor(sample, fits.weights[:, 0], rule)
    cautions = _cautions(units, sample, fits, donors)
    window = sample.periods[sample.inside]
    told = sentence(table, window, fits.floor, (effective, unique), without, name)
    names = pd.Index(sample.names, name="unit")
    return SyntheticControl(
        table=table,
        sentence=" ".join([told, *cautions]),
        cautions=cautions,
        weights=weights,
        unique=unique,
        effective_donors=effective,
        times=pd.Series(fits.times, index=sample.periods[~sample.inside]),
        gaps=pd.DataFrame(sample.effect(fits.path), index=sample.periods, columns=names),
        placebos=_by_unit(sample, fits, names),
        without=without,
        misfit_share=share,
        left_out=sample.left_out,
        floor=fits.floor,
    )


def _cautions(units: Units, sample: Sample, fits: Placebos, donors: object) -> tuple[str, ...]:
    found = []
    picked = len(sample.names) + len(sample.left_out)
    if donors is not None and picked < units.values.shape[1]:
        found.append(
            f"{picked - 1} of {units.values.shape[1] - 1} units were picked as donors: where they "
            "were picked because they fit, p-values are too small."
        )
    if len(fits.misfit) > LEAST_BEFORE and fits.misfit[0] == fits.misfit.min():
        found.append(
            "The treated unit is fitted better than any other, so the rank among units rejects too "
            "often."
        )
    return tuple(found)


def _misfit_share(sample: Sample, fits: Placebos) -> float:
    share = float(fits.misfit[0] / sample.before[:, 0].std())
    if share < EXACT:
        raise EffectError(
            f"{len(sample.names) - 1} donors reproduce {sample.names[0]} exactly over "
            f"{len(sample.before)} periods before the window, so nothing shows how far a control "
            "errs; fewer donors or more periods are needed"
        )
    return share


def _by_unit(sample: Sample, fits: Placebos, names: pd.Index) -> pd.DataFrame:
    columns = {
        "misfit": fits.misfit,
        "gap": np.sqrt((fits.gaps**2).mean(axis=0)),
        "ratio": fits.ratios,
        "average": sample.effect(fits.gaps.mean(axis=0)),
    }
    return pd.DataFrame(columns, index=names)


def compare_controls(fits: Sequence[tuple[str, SyntheticControl]]) -> pd.DataFrame:
    """Controls from named pools side by side: effect, test, fit before, and the donors used."""
    rows = [
        {
            "donors from": pool,
            "estimator": found.table["estimator"].iloc[0],
            "donors": len(found.weights),
            "effect_pct": found.table["estimate"].iloc[0],
            **{f"{end}_pct": found.table[end].iloc[0] for end in ("lower", "upper")},
            "p_value": found.table["p_value"].iloc[0],
            "misfit before, % of own spread": 100 * found.misfit_share,
            "donors alike": found.effective_donors,
            "without one, from": found.without.min(),
            "to": found.without.max(),
        }
        for pool, found in fits
    ]
    return pd.DataFrame(rows)
