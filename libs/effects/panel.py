"""Who was hit: exposed units against the others, unit and period effects taken out.

Poisson pseudo-likelihood, consistent for the mean whatever the distribution, so zeros stay as they
are (Gourieroux, Monfort and Trognon 1984; Santos Silva and Tenreyro 2006). A date common to all
units is in the period effects; what is estimated is what happened to exposed units beyond that.
Inference is by randomisation over units; errors clustered by unit stand beside it. The fit is our
own and not pyfixest's (its numbers are the reference in the tests): thirty lines that the interval
refits at some forty effects, where loading pyfixest alone takes seconds.

Randomisation: the effect in question is taken off the treated units and the panel is fitted
without it, so that under that effect the residuals of all units are alike. What an assignment's
path, the sum of its units' residuals, moved in the window is set against its own standard
deviation before, because large units are steadier than small ones, and ranked among all.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import combinations
from math import comb

import numpy as np
import pandas as pd
from scipy import linalg
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components
from words import during, signed

from effects.inversion import interval_words, invert, share_as_large
from effects.level import Array
from effects.results import EffectError, EffectResult, effect_row, effect_table, probability, t_test
from effects.samples import Units, When, as_period, ask_units, ordinals, read_frame, unit_names

STEPS = 100
CLOSE = 1e-10
"""The fit is done when no coefficient and no fitted log moves by more."""

UNSETTLED = (
    f"the fit did not settle in {STEPS} steps: an effect has no finite size, as where treated "
    "units are zero throughout a regime, or cells differ too much in size to be fitted together"
)


@dataclass(frozen=True)
class PoissonFit:
    """Fitted means; all arrays are periods × units, zero where not observed.

    slopes: regressors less unit and period effects, weighted by the means; information: of the
    coefficients, the effects taken out.
    """

    coefficients: Array
    means: Array
    residuals: Array
    slopes: Array
    information: Array


def fit_poisson(values: Array, regressors: Array) -> PoissonFit:
    """Fit log mean = unit + period + regressors.

    values: periods × units, NaN where missing, every unit and period with a positive number;
    regressors: k × periods × units. EffectError where the coefficients cannot be told.
    """
    seen = ~np.isnan(values)
    counts = np.where(seen, values, 0.0)
    means = np.where(seen, (counts + counts[seen].mean()) / 2, 0.0)
    logs = np.log(np.where(seen, means, 1.0))
    coefficients = np.zeros(len(regressors))
    for _ in range(STEPS):
        if not np.isfinite(means).all():
            break
        ahead = logs + np.divide(counts - means, means, out=np.zeros_like(means), where=seen)
        left = take_out_effects(np.concatenate([ahead[None], regressors]), means)
        found, information = _least_squares(left, means)
        moved = ahead - left[0] + np.tensordot(found, left[1:], 1)
        change = np.abs(np.where(seen & (counts > 0), moved - logs, 0.0)).max()
        change = max(float(change), float(np.abs(found - coefficients).max(initial=0.0)))
        logs, coefficients = moved, found
        means = np.where(seen, np.exp(np.clip(logs, -200, 200)), 0.0)
        if change < CLOSE:
            return PoissonFit(coefficients, means, counts - means, left[1:], information)
    raise EffectError(UNSETTLED)


def take_out_effects(columns: Array, weights: Array) -> Array:
    """What weighted least squares on unit and period effects leaves of each of `columns`.

    columns: k × periods × units; weights: periods × units, zero where not observed.
    """
    by_unit, by_period = weights.sum(axis=0), weights.sum(axis=1)
    shares = weights / by_period[:, None]
    system = np.diag(by_unit) - weights.T @ shares
    period_means = (columns * shares).sum(axis=2)
    right = (columns * weights).sum(axis=1) - period_means @ weights
    units = np.zeros((len(columns), weights.shape[1]))
    others = np.arange(weights.shape[1]) != by_unit.argmax()
    units[:, others] = linalg.solve(
        system[np.ix_(others, others)], right[:, others].T, assume_a="pos"
    ).T
    periods = period_means - units @ shares.T
    left = columns - units[:, None, :] - periods[:, :, None]
    return np.asarray(np.where(weights > 0, left, 0.0))


def _least_squares(left: Array, weights: Array) -> tuple[Array, Array]:
    """Coefficients of the first of `left` on the others, and their information."""
    response, slopes = left[0], left[1:]
    weighted = slopes * weights
    information: Array = np.tensordot(weighted, slopes, ([1, 2], [1, 2]))
    scores = np.tensordot(weighted, response, ([1, 2], [0, 1]))
    return np.asarray(np.linalg.solve(information, scores)), information


LEAST_BEFORE = 4
"""Periods before the window in which a unit must be observed to be treated, or to stand in."""


def comparable_units(
    frame: pd.DataFrame, treated: Hashable, start: When, end: When, baseline_end: When
) -> pd.DataFrame:
    """The units that a panel can use, up to the window's end; the treated one must be among them.

    A unit needs LEAST_BEFORE observed periods up to the baseline's end and one in the window.
    Periods between baseline and window, when an event announced may already work, are left out.
    """
    values = read_frame(frame)
    index = pd.PeriodIndex(values.index)
    first, last = as_period(start, index, "start"), as_period(end, index, "end")
    stop = as_period(baseline_end, index, "end")
    seen = values.notna()
    counts = pd.DataFrame({"before": seen.loc[:stop].sum(), "inside": seen.loc[first:last].sum()})
    enough = (counts >= [LEAST_BEFORE, 1]).all(axis="columns")
    if treated not in set(counts.index[enough]):
        before, inside = counts.reindex([treated], fill_value=0).iloc[0]
        raise EffectError(
            f"{treated} is observed in {before} periods before and {inside} in the window; a panel "
            f"needs {LEAST_BEFORE} and 1"
        )
    kept = values.loc[:last, enough.to_numpy()]
    return kept[(kept.index <= stop) | (kept.index >= first)]


def shared_periods(frame: pd.DataFrame, treated: Hashable, baseline_end: When) -> pd.DataFrame:
    """The frame cut to the periods that the treated unit shares with the most donors.

    Donors are ordered by how many of the treated one's periods they have; each more donor costs
    the periods that it lacks. Kept is the number of donors, two at least, for which donors times
    periods is largest among those that leave LEAST_BEFORE periods before the window.
    """
    mine = frame[frame[treated].notna()]
    others = mine.drop(columns=treated).notna()
    order = others.sum().sort_values(ascending=False, kind="stable").index
    early = mine.index <= as_period(baseline_end, pd.PeriodIndex(mine.index), "end")
    best, size = mine, 0
    for number in range(2, len(order) + 1):
        periods = others[order[:number]].all(axis="columns")
        area = number * int(periods.sum())
        if int((periods & early).sum()) >= LEAST_BEFORE and area > size:
            best, size = mine.loc[periods], area
    return best


@dataclass(frozen=True)
class Panel:
    """`values` periods × units (NaN where missing); which units are `treated`, which periods lie
    `inside` the window. left_out: units that are zero in all observed periods.
    """

    values: pd.DataFrame
    treated: np.ndarray
    inside: np.ndarray
    left_out: tuple[Hashable, ...]

    @property
    def seen(self) -> np.ndarray:
        """Which cells are observed."""
        return np.asarray(self.values.notna())

    @property
    def regressor(self) -> Array:
        """One where a treated unit is in the window: periods × units."""
        return np.outer(self.inside, self.treated).astype("float64")

    @property
    def eligible(self) -> np.ndarray:
        """Units that could have been treated: observed often enough before, and in the window."""
        within = self.seen[self.inside].any(axis=0)
        return np.asarray((self.seen[~self.inside].sum(axis=0) >= LEAST_BEFORE) & within)


def lay_out(units: Units, treated: Hashable | Sequence[Hashable]) -> Panel:
    """The panel up to the window's end, without units and periods that are all zero.

    Their effects would be minus infinity; they tell nothing of the others.
    """
    values = units.values.loc[: units.end]
    names = unit_names(treated, units.values)
    _check_window(values, values.columns.isin(names), np.asarray(values.index >= units.start))
    left_out = values.columns[values.sum() == 0]
    kept = values.drop(columns=left_out)
    kept = kept[kept.sum(axis="columns") > 0]
    inside = np.asarray(kept.index >= units.start)
    panel = Panel(kept, kept.columns.isin(names), inside, tuple(left_out))
    _check_told(panel)
    return panel


def _check_window(values: pd.DataFrame, treated: np.ndarray, inside: np.ndarray) -> None:
    own = values.loc[:, treated]
    if treated.all():
        raise EffectError(
            "all units are exposed alike; the effect cannot be told from that of the periods"
        )
    if not own[inside].notna().any(axis=None):
        raise EffectError("no treated unit is observed in the window")
    if own[inside].sum().sum() == 0:
        raise EffectError(
            "the treated units are zero throughout the window: −100 %, to which no finite interval "
            "belongs"
        )
    if own[~inside].sum().sum() == 0:
        raise EffectError("the treated units are zero or missing throughout before the window")


def _check_told(panel: Panel) -> None:
    """Refuse a panel in pieces, and an effect that unit and period effects already explain."""
    together = panel.seen.T.astype(int) @ panel.seen.astype(int)
    pieces, member = connected_components(csr_matrix(together), directed=False)
    if pieces > 1:
        apart = panel.values.columns[member != np.bincount(member).argmax()]
        raise EffectError(f"{apart[0]!r} shares no observed period with the others; leave it out")
    left = take_out_effects(panel.regressor[None], panel.seen.astype("float64"))
    if np.linalg.norm(left) < 1e-8 * np.sqrt(left.size):
        raise EffectError(
            "the observed cells cannot tell the effect from those of units and periods: no other "
            "unit is observed both before and in the window"
        )
    weak = panel.values.columns[panel.treated & ~panel.eligible]
    if len(weak):
        raise EffectError(
            f"{weak[0]} is treated but observed in fewer than {LEAST_BEFORE} periods before the "
            "window, or never in it"
        )


@dataclass(frozen=True)
class Clustered:
    """Standard errors of the coefficients and the effective number of clusters of each."""

    errors: Array
    clusters: int
    effective: Array

    def test(self, coefficient: float, level: float) -> tuple[float, float, float]:
        """p-value and interval of the first, by Student's t on one degree fewer than clusters."""
        return t_test(coefficient, self.errors[0], self.clusters - 1, level)


def clustered(fit: PoissonFit) -> Clustered:
    """The sandwich, times G / (G − 1) for G units.

    The effective number is G / (1 + Γ) of Carter, Schnepel and Steigerwald (2017, Review of
    Economics and Statistics 99), Γ the squared coefficient of variation of what each unit adds to
    a coefficient's variance when errors are independent.
    """
    inverse = np.linalg.inv(fit.information)
    scores = np.einsum("ktn,tn->nk", fit.slopes, fit.residuals) @ inverse
    units = len(scores)
    covariance = scores.T @ scores * units / (units - 1)
    own = np.einsum("ktn,tn,ltn->nkl", fit.slopes, fit.means, fit.slopes)
    added = np.einsum("jk,njl,lk->nk", inverse, own, inverse)
    spread = added.var(axis=0) / added.mean(axis=0) ** 2
    return Clustered(np.sqrt(np.diag(covariance)), units, units / (1 + spread))


MOST = 1000
"""Assignments are enumerated up to this number, else drawn."""
DRAWS = 999
SEED = 20250404


@dataclass(frozen=True)
class Assignments:
    """`chosen`: assignments × units, the actual one first; `exact` if they are all there are."""

    chosen: Array
    exact: bool

    @property
    def floor(self) -> float:
        """The least p-value that they can give."""
        return 1 / len(self.chosen)


def assignments(panel: Panel) -> Assignments:
    """As many of the eligible units chosen in every other way, or in drawn ones."""
    places = np.flatnonzero(panel.eligible)
    own = panel.treated[places].astype("float64")
    ways = comb(len(own), int(own.sum()))
    if ways <= MOST:
        picks = np.array(list(combinations(range(len(own)), int(own.sum()))))
        others = np.zeros((len(picks), len(own)))
        np.put_along_axis(others, picks, 1.0, axis=1)
        others = others[(others != own).any(axis=1)]
    else:
        random = np.random.default_rng(SEED)
        others = np.array([random.permutation(own) for _ in range(DRAWS)])
    chosen = np.zeros((len(others) + 1, len(panel.treated)))
    chosen[0] = panel.treated
    chosen[1:, places] = others
    return Assignments(chosen, ways <= MOST)


def leads_p_value(panel: Panel, drawn: Assignments, fit: PoissonFit, leads: int) -> float:
    """Joint test of the last `leads` periods before the window against those before them.

    Mean squares of the assignments' paths, each less its own mean before the window.
    """
    paths, seen = _early(*_paths(panel, drawn, fit.residuals), panel)
    last, first = (
        _mean_square(paths[:, part], seen[:, part])
        for part in (slice(-leads, None), slice(None, -leads))
    )
    ratios = np.divide(last, first, out=np.zeros_like(last), where=first > 0)
    return float(share_as_large(ratios))


def p_value(panel: Panel, drawn: Assignments, effect: float = 0.0) -> float:
    """Share of assignments that moved as much in the window, were the log effect `effect`."""
    fit = fit_poisson(_taken_off(panel, effect), panel.regressor[None][:0])
    return float(share_as_large(_sizes(panel, drawn, fit.residuals)[0]))


def _sizes(panel: Panel, drawn: Assignments, residuals: Array) -> tuple[Array, Array]:
    """Every assignment's movement in the window over its own spread before, size only; and that.

    The spread is that of what moves: a path times the window's marks less their mean.
    """
    paths, seen = _paths(panel, drawn, residuals)
    profile = panel.inside - panel.inside.mean()
    spread = _mean_square(*_early(paths, seen, panel))
    scale = np.sqrt(spread * (seen @ profile**2))
    moved: Array = np.abs(paths @ profile)
    size = np.divide(moved, scale, out=np.zeros_like(moved), where=scale > 0)
    return size, np.sqrt(spread * (profile @ profile))


def _paths(panel: Panel, drawn: Assignments, residuals: Array) -> tuple[Array, np.ndarray]:
    """Assignments × periods: residuals of those chosen, and where any of them is observed."""
    return np.asarray(drawn.chosen @ residuals.T), (drawn.chosen @ panel.seen.T) > 0


def _early(paths: Array, seen: np.ndarray, panel: Panel) -> tuple[Array, np.ndarray]:
    """The paths before the window, each less its mean there, and where they are observed."""
    paths, seen = paths[:, ~panel.inside], seen[:, ~panel.inside]
    means = paths.sum(axis=1) / np.maximum(seen.sum(axis=1), 1)
    return np.where(seen, paths - means[:, None], 0.0), seen


def _mean_square(paths: Array, seen: np.ndarray) -> Array:
    return np.asarray((paths**2).sum(axis=1) / np.maximum(seen.sum(axis=1), 1))


def _taken_off(panel: Panel, effect: float) -> Array:
    """The cells as they would be had the window not had this log effect."""
    return np.asarray(panel.values.to_numpy() * np.exp(-effect * panel.regressor))


def _step(panel: Panel, drawn: Assignments, effect: float, level: float) -> float:
    """A quarter of the log effect that would stand out among the assignments, roughly.

    Effects are tried on cells without them, so the step is that of such cells.
    """
    fit = fit_poisson(_taken_off(panel, effect), panel.regressor[None])
    sizes, spread = _sizes(panel, drawn, fit.residuals)
    return float(np.quantile(sizes, level) * spread[0] / fit.information[0, 0] / 4)


CLUSTERED = "panel, clustered errors"
LEADS = "leads, joint test"
LEAST_CLUSTERS = 10
"""Units from which on errors clustered by unit are given."""
MOST_LEADS = 6
APART = 3.0
"""Standard deviations of the others' growth from which on treated units grow unlike them."""
LARGEST = 5


@dataclass(frozen=True)
class PanelEffect(EffectResult):
    """The effect on treated units relative to the others.

    floor: the least p-value of the assignments. left_out: units without a positive number.
    """

    floor: float
    left_out: tuple[Hashable, ...]


def panel(
    frame: pd.DataFrame,
    treated: Hashable | Sequence[Hashable],
    start: When,
    end: When | None = None,
    *,
    level: float = 0.95,
    name: str = "the treated units",
) -> PanelEffect:
    """Estimate what happened to the `treated` units from `start` to `end` (default: the last).

    frame: periods × units, not below zero, NaN where missing; zeros are kept. treated: one unit or
    several. A quarter of the periods before the window, six at most, are tested as leads. Raises
    EffectError where the data cannot answer.
    """
    cells = lay_out(ask_units(frame, start, end, level), treated)
    fit = fit_poisson(cells.values.to_numpy(), cells.regressor[None])
    _check_moving(cells, fit)
    drawn, errors = assignments(cells), clustered(fit)
    rows = _rows(cells, fit, drawn, errors, level)
    leads = min(MOST_LEADS, int((~cells.inside).sum()) // 4)
    if leads:
        early = cells.values.index[~cells.inside]
        window, counts = (early[-leads], early[-1]), (len(early) - leads, leads)
        joint = leads_p_value(cells, drawn, fit, leads)
        rows.append(effect_row("panel", LEADS, window, (np.nan,) * 3, counts, p_value=joint))
    table, cautions = effect_table(rows), _cautions(cells)
    told = _sentence(table, cells, drawn, errors, name)
    return PanelEffect(
        table,
        " ".join([told, *cautions]),
        drawn.floor,
        cells.left_out,
        cautions=cautions,
    )


def _rows(
    cells: Panel, fit: PoissonFit, drawn: Assignments, errors: Clustered, level: float
) -> list[dict[str, object]]:
    """The effect in percent: by randomisation, and clustered where units are enough."""
    estimate, tested = float(fit.coefficients[0]), partial(p_value, cells, drawn)
    ends = invert(tested, drawn.floor, estimate, _step(cells, drawn, estimate, level), level)
    tests = {"panel": (tested(), *ends)}
    if errors.clusters >= LEAST_CLUSTERS:
        tests[CLUSTERED] = errors.test(estimate, level)
    observed = cells.seen[:, cells.treated].any(axis=1)
    window = cells.values.index[cells.inside]
    rows = []
    for estimator, (p, lower, upper) in tests.items():
        logs = np.array([estimate, lower, upper])
        row = effect_row(
            estimator,
            "effect",
            (window[0], window[-1]),
            100 * np.expm1(np.where(np.isfinite(logs), logs, np.nan)),
            (int((observed & ~cells.inside).sum()), int((observed & cells.inside).sum())),
            level=level,
            p_value=p,
        )
        rows.append(row)
    return rows


def _sentence(
    table: pd.DataFrame, cells: Panel, drawn: Assignments, errors: Clustered, name: str
) -> str:
    """What happened to the treated units, how sure, and on how many units it rests."""
    row, window = table.iloc[0], cells.values.index[cells.inside]
    totals = cells.values[~cells.inside].sum().sort_values(ascending=False)
    share = totals.head(LARGEST).sum() / totals.sum()
    when, interval = during(window[0], window[-1]), interval_words(row, drawn.floor, unit=" %")
    direction = "below" if row["estimate"] < 0 else "above"
    ways = f"{len(drawn.chosen):,} {'ways' if drawn.exact else 'drawn ways'}"
    text = (
        f"{when} {name} lay {abs(row['estimate']):.0f} % {direction} what unit and period "
        f"effects imply ({interval}; {probability(row['p_value'])} over {ways} to choose the "
        f"treated, never below {drawn.floor:.3f}). {_by_cluster(table, errors)} The five largest "
        f"units hold {100 * share:.0f} %."
    )
    leads = table[table["estimand"] == LEADS]
    if len(leads):
        text += f" Leads: {probability(leads['p_value'].iloc[0])}."
    return text


def _by_cluster(table: pd.DataFrame, errors: Clustered) -> str:
    """The interval by clustered errors, and how far to trust it."""
    if errors.clusters < LEAST_CLUSTERS:
        return f"{errors.clusters} units are too few for errors clustered by unit."
    row = table[table["estimator"] == CLUSTERED].iloc[0]
    return (
        f"Errors clustered by unit give {signed(row['lower'])} % to {signed(row['upper'])} %, but "
        f"the {errors.clusters} clusters amount to {errors.effective[0]:.1f}."
    )


def _cautions(cells: Panel) -> tuple[str, ...]:
    """That the treated grew unlike all others before the window, which no effect takes out."""
    early = cells.values[~cells.inside]
    times = pd.Series(ordinals(pd.PeriodIndex(early.index)), early.index)
    slopes = early.apply(lambda unit: np.log(unit[unit > 0]).cov(times) / times[unit > 0].var())
    own, others = (slopes[side].dropna() for side in (cells.treated, ~cells.treated))
    if len(others) < LEAST_CLUSTERS or abs(own.mean() - others.mean()) < APART * others.std():
        return ()
    return (
        "Before the window the treated units grew unlike all others, which unit and period effects "
        "do not take out: tests reject too often.",
    )


def _check_moving(cells: Panel, fit: PoissonFit) -> None:
    """Refuse treated units that differ from the others by a constant: nothing shows their noise."""
    own = np.ix_(~cells.inside, cells.treated)
    early, size = fit.residuals[own].sum(axis=1), fit.means[own].sum(axis=1).max()
    if np.abs(early).max() < 1e-9 * size:
        raise EffectError(
            "before the window the treated units move exactly as the others do; nothing shows how "
            "much movement is usual"
        )
