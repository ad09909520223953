"""Who was hit: exposed units against the others, unit and period effects taken out.

Poisson pseudo-likelihood, consistent for the mean whatever the distribution, so zeros stay as they
are (Gourieroux, Monfort and Trognon 1984; Santos Silva and Tenreyro 2006). A date common to all
units is in the period effects; what is estimated is what happened to exposed units beyond that.
Inference is by randomisation over units; errors clustered by unit stand beside it. The fit is our
own and not pyfixest's (its numbers are the reference in the tests), because every one of up to a
thousand assignments of few units, with hard shares of exposure, is refitted at many effects.

Randomisation: the effect in question is taken off the treated units and the panel is fitted
without it, so that under that effect the residuals of all units are alike. What an assignment's
path, its units' residuals by exposure, moved in the window is set against its own standard
deviation before, because large units are steadier than small ones, and ranked among all.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import combinations, islice, permutations
from math import comb, factorial

import numpy as np
import pandas as pd
from scipy import linalg, stats
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

from effects.inversion import interval_words, invert
from effects.level import Array
from effects.results import (
    EffectError,
    EffectResult,
    effect_row,
    effect_table,
    probability,
    signed,
)
from effects.samples import (
    Units,
    When,
    ask_units,
    check_count,
    ordinals,
    regressors_on,
    unit_names,
)
from effects.spans import during

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

EFFECT = "effect"
"""The one term of a panel without regimes."""

Treated = Hashable | Sequence[Hashable] | pd.Series


@dataclass(frozen=True)
class Panel:
    """`values` periods × units (NaN where missing), `exposure` by unit, `terms` periods × regimes.

    A regressor is an exposure times a regime. early: periods before the window. left_out: units
    that are zero in all observed periods.
    """

    values: pd.DataFrame
    exposure: Array
    terms: pd.DataFrame
    early: np.ndarray
    left_out: tuple[Hashable, ...]

    @property
    def seen(self) -> np.ndarray:
        """Which cells are observed."""
        return np.asarray(self.values.notna())

    @property
    def exposed(self) -> np.ndarray:
        """Periods in which an exposed unit is observed."""
        return np.asarray(self.seen[:, self.exposure != 0].any(axis=1))

    @property
    def regressors(self) -> Array:
        """Regimes × periods × units."""
        return np.asarray(self.terms.to_numpy().T[:, :, None] * self.exposure)

    @property
    def eligible(self) -> np.ndarray:
        """Units that could have been treated: observed often enough before, and in the window."""
        within = self.seen[self.terms.any(axis="columns")].any(axis=0)
        return np.asarray((self.seen[self.early].sum(axis=0) >= LEAST_BEFORE) & within)


def lay_out(units: Units, treated: Treated, regimes: pd.DataFrame | None) -> Panel:
    """The panel up to the window's end, without units and periods that are all zero.

    Their effects would be minus infinity; they tell nothing of the others.
    """
    values = units.values.loc[: units.end]
    shares = _exposure(units, treated)
    terms = _terms(units, regimes)
    _check_window(values, shares, terms)
    left_out = values.columns[values.sum() == 0]
    kept = values.drop(columns=left_out)
    kept = kept[kept.sum(axis="columns") > 0]
    panel = Panel(
        kept,
        shares[kept.columns].to_numpy(dtype="float64"),
        terms.loc[kept.index],
        np.asarray(kept.index < units.start),
        tuple(left_out),
    )
    _check_told(panel)
    return panel


def _exposure(units: Units, treated: Treated) -> pd.Series:
    """Each unit's exposure: one for those named and zero for others, or as given."""
    columns = units.values.columns
    if isinstance(treated, pd.Series):
        return _given(treated, columns)
    names = unit_names(treated, units.values)
    return pd.Series(columns.isin(names).astype("float64"), index=columns)


def _given(exposure: pd.Series, columns: pd.Index) -> pd.Series:
    """An exposure for every unit, which must be a number and stand once."""
    numbers = pd.to_numeric(exposure, errors="coerce").astype("float64")
    told = numbers[np.isfinite(numbers)]
    gone = [name for name in columns if name not in told.index]
    if gone or told.index.has_duplicates:
        name = gone[0] if gone else told.index[told.index.duplicated()][0]
        found = list(exposure[exposure.index == name])
        raise EffectError(f"unit {name!r} has exposure {found}; every unit needs one number")
    return told.reindex(columns)


def _terms(units: Units, regimes: pd.DataFrame | None) -> pd.DataFrame:
    """The regimes, or one term for the window, on every period up to its end."""
    index = pd.PeriodIndex(units.values.loc[: units.end].index)
    if regimes is None:
        return pd.DataFrame({EFFECT: (index >= units.start).astype("float64")}, index=index)
    terms = regressors_on(regimes, index)
    early = terms.columns[(terms[index < units.start] != 0).any()]
    if len(early):
        raise EffectError(
            f"regime {early[0]!r} begins before {units.start}; the window must begin with the first"
        )
    idle = terms.columns[~terms.any()]
    if len(idle):
        raise EffectError(f"regime {idle[0]!r} covers no period up to {units.end}; leave it out")
    return terms


def _check_window(values: pd.DataFrame, shares: pd.Series, terms: pd.DataFrame) -> None:
    exposed = values.loc[:, shares != 0]
    if exposed.shape[1] == 0 or shares.nunique() == 1:
        raise EffectError(
            "all units are exposed alike; the effect cannot be told from that of the periods"
        )
    for name in terms:
        told = exposed[terms[name] != 0]
        where = "the window" if name == EFFECT else f"the window of {name!r}"
        if not told.notna().any(axis=None):
            raise EffectError(f"no treated unit is observed in {where}")
        if told.sum().sum() == 0:
            raise EffectError(
                f"the treated units are zero throughout {where}: −100 %, to which no finite "
                "interval belongs"
            )
    if exposed[~terms.any(axis="columns")].sum().sum() == 0:
        raise EffectError("the treated units are zero or missing throughout before the window")


def _check_told(panel: Panel) -> None:
    """Refuse a panel in pieces, and exposures that unit and period effects already explain."""
    together = panel.seen.T.astype(int) @ panel.seen.astype(int)
    pieces, member = connected_components(csr_matrix(together), directed=False)
    if pieces > 1:
        apart = panel.values.columns[member != np.bincount(member).argmax()]
        raise EffectError(f"{apart[0]!r} shares no observed period with the others; leave it out")
    left = take_out_effects(panel.regressors, panel.seen.astype("float64"))
    flat = left.reshape(len(left), -1)
    scale = np.abs(panel.regressors).max(axis=(1, 2))[:, None]
    if np.linalg.matrix_rank(flat / scale, tol=1e-8 * np.sqrt(flat.shape[1])) < len(flat):
        raise EffectError(
            "the observed cells cannot tell the effect from those of units and periods: no other "
            "unit is observed both before and in the window"
        )
    weak = panel.values.columns[(panel.exposure != 0) & ~panel.eligible]
    if len(weak) and set(np.unique(panel.exposure)) <= {0.0, 1.0}:
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

    def interval(self, coefficients: Array, level: float) -> tuple[Array, Array]:
        """Lower and upper ends, by Student's t on one degree fewer than clusters."""
        half = stats.t.ppf((1 + level) / 2, self.clusters - 1) * self.errors
        return coefficients - half, coefficients + half

    def p_values(self, coefficients: Array) -> Array:
        """Two-sided, by the same distribution."""
        return np.asarray(2 * stats.t.sf(np.abs(coefficients / self.errors), self.clusters - 1))


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


def randomise(
    panel: Panel, drawn: Assignments, fit: PoissonFit, term: int, level: float
) -> tuple[float, float, float]:
    """p-value of no effect of one regime, the others fitted, and the nearest log effects rejected.

    The test is inverted unless it cannot reject.
    """
    estimate, zero = float(fit.coefficients[term]), p_value(panel, drawn, term)
    step = _step(panel, drawn, term, estimate, level)
    tested = partial(p_value, panel, drawn, term)
    return zero, *invert(tested, drawn.floor, estimate, step, level)


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


CLUSTERED = "panel, clustered errors"
LEADS = "leads, joint test"
LEAST_CLUSTERS = 10
"""Units from which on errors clustered by unit are given."""


def term_rows(
    cells: Panel,
    fit: PoissonFit,
    found: Sequence[tuple[float, float, float]],
    errors: Clustered,
    level: float,
) -> list[dict[str, object]]:
    """Each regime's effect in percent: by randomisation, and clustered where units are enough."""
    lows, highs = errors.interval(fit.coefficients, level)
    several = zip(errors.p_values(fit.coefficients), lows, highs, strict=True)
    rows = []
    for term, (one, other) in enumerate(zip(found, several, strict=True)):
        regime, covered = cells.terms.iloc[:, term], covered_periods(cells, term)
        name = str(regime.name)
        inside = (regime != 0).to_numpy()
        counts = [int((cells.exposed & part).sum()) for part in (cells.early, inside)]
        tests = {"panel": one} | ({CLUSTERED: other} if errors.clusters >= LEAST_CLUSTERS else {})
        for estimator, (p_value, *ends) in tests.items():
            logs = np.array([fit.coefficients[term], *ends])
            row = effect_row(
                estimator,
                name if name == EFFECT else f"effect of {name.replace('_', ' ')}",
                (covered[0], covered[-1]),
                100 * np.expm1(np.where(np.isfinite(logs), logs, np.nan)),
                (counts[0], counts[1]),
                level=level,
                p_value=float(p_value),
            )
            rows.append(row)
    return rows


def leads_row(cells: Panel, leads: int, p_value: float) -> dict[str, object]:
    """The joint test of the periods before the window, which has no estimate."""
    early = cells.values.index[cells.early]
    return effect_row(
        "panel",
        LEADS,
        (early[-leads], early[-1]),
        (np.nan,) * 3,
        (len(early) - leads, leads),
        p_value=p_value,
    )


def covered_periods(cells: Panel, term: int) -> pd.PeriodIndex:
    """The periods in which a regime is in force."""
    return pd.PeriodIndex(cells.values.index[cells.terms.iloc[:, term] != 0])


def sentence(
    table: pd.DataFrame,
    window: pd.PeriodIndex,
    drawn: Assignments,
    errors: Clustered,
    share: float,
    name: str,
) -> str:
    """What happened to the exposed units, how sure, and on how many units it rests.

    window: the periods of the first effect.
    """
    row = table.iloc[0]
    when, interval = during(window[0], window[-1]), interval_words(row, drawn.floor, unit=" %")
    direction = "below" if row["estimate"] < 0 else "above"
    ways = f"{len(drawn.exposures):,} {'ways' if drawn.exact else 'drawn ways'}"
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
    """The first effect's interval by clustered errors, and how far to trust it."""
    if errors.clusters < LEAST_CLUSTERS:
        return f"{errors.clusters} units are too few for errors clustered by unit."
    row = table[table["estimator"] == CLUSTERED].iloc[0]
    return (
        f"Errors clustered by unit give {signed(row['lower'])} % to {signed(row['upper'])} %, but "
        f"the {errors.clusters} clusters amount to {errors.effective[0]:.1f}."
    )


MOST_LEADS = 6
APART = 3.0
"""Standard deviations of the others' growth from which on treated units grow unlike them."""
LARGEST = 5


@dataclass(frozen=True)
class PanelEffect(EffectResult):
    """Effects on exposed units relative to the others.

    exact: whether all assignments were tried; floor: the least p-value of theirs. left_out: units
    without a positive number.
    """

    exact: bool
    floor: float
    left_out: tuple[Hashable, ...]


def panel(
    frame: pd.DataFrame,
    treated: Treated,
    start: When,
    end: When | None = None,
    *,
    regimes: pd.DataFrame | None = None,
    leads: int | None = None,
    level: float = 0.95,
    name: str = "the treated units",
) -> PanelEffect:
    """Estimate what happened to the `treated` units from `start` to `end` (default: the last).

    frame: periods × units, not below zero, NaN where missing; zeros are kept. treated: one unit,
    several, or an exposure for every unit (a Series), whose effect is that of one more of it.
    regimes: periods × regimes, shares of each period, none before `start`; one effect each
    (default: one effect for the window). leads: periods before the window to test (default: a
    quarter of them, six at most). Raises EffectError where the data cannot answer.
    """
    units = ask_units(frame, start, end, level)
    cells = lay_out(units, treated, regimes)
    fit = fit_poisson(cells.values.to_numpy(), cells.regressors)
    _check_moving(cells, fit)
    drawn, errors = assignments(cells), clustered(fit)
    found = [randomise(cells, drawn, fit, term, level) for term in range(len(fit.coefficients))]
    ahead = _count_leads(cells, leads)
    joint = leads_p_value(cells, drawn, fit, ahead) if ahead else np.nan
    last = [leads_row(cells, ahead, joint)] if ahead else []
    table = effect_table([*term_rows(cells, fit, found, errors, level), *last])
    cautions, share = _cautions(cells), _largest_share(cells)
    told = sentence(table, covered_periods(cells, 0), drawn, errors, share, name)
    return PanelEffect(
        table=table,
        sentence=" ".join([told, *cautions]),
        cautions=cautions,
        exact=drawn.exact,
        floor=drawn.floor,
        left_out=cells.left_out,
    )


def _cautions(cells: Panel) -> tuple[str, ...]:
    """That the treated grew unlike all others before the window, which no effect takes out."""
    early = cells.values[cells.early]
    times = pd.Series(ordinals(pd.PeriodIndex(early.index)), early.index)
    slopes = early.apply(lambda unit: np.log(unit[unit > 0]).cov(times) / times[unit > 0].var())
    own, others = (slopes[side].dropna() for side in (cells.exposure != 0, cells.exposure == 0))
    if len(others) < LEAST_CLUSTERS or abs(own.mean() - others.mean()) < APART * others.std():
        return ()
    return (
        "Before the window the treated units grew unlike all others, which unit and period effects "
        "do not take out: tests reject too often.",
    )


def _check_moving(cells: Panel, fit: PoissonFit) -> None:
    """Refuse treated units that differ from the others by a constant: nothing shows their noise."""
    early = (fit.residuals @ cells.exposure)[cells.early]
    size = (fit.means @ np.abs(cells.exposure))[cells.early].max()
    if np.abs(early).max() < 1e-9 * size:
        raise EffectError(
            "before the window the treated units move exactly as the others do; nothing shows how "
            "much movement is usual"
        )


def _count_leads(cells: Panel, asked: int | None) -> int:
    before = int(cells.early.sum())
    leads = min(MOST_LEADS, before // 4) if asked is None else asked
    check_count("leads", leads, 0)
    if leads > before - LEAST_BEFORE:
        raise EffectError(
            f"leads is {leads}; with {before} periods before the window it can be 0 to "
            f"{max(before - LEAST_BEFORE, 0)}"
        )
    return leads


def _largest_share(cells: Panel) -> float:
    totals = cells.values[cells.early].sum().sort_values(ascending=False)
    return float(totals.head(LARGEST).sum() / totals.sum())
