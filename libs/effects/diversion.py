"""What an event took from some units and what it sent to others, in the frame's own unit.

Each part of the total has a counterfactual of its own, so that what spills over to all others
alike, which a panel's period effects would hide, is seen. Direct effect, spill-over and remainder
add up to the change of the total exactly.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from words import during, signed

from effects.average import FittedWindow, fit_window
from effects.level import Array
from effects.results import EffectError, EffectResult, effect_row, effect_table
from effects.samples import Units, When, ask, ask_units, periods_at, row_at, unit_names
from effects.season import Season

DRAWS = 8192
SEED = 20250404
LEAST_COMMON = 6
"""Periods that two baselines must share for a correlation of their errors."""

DIRECT, SPILL, REST, TOTAL = "direct effect", "spill-over", "remainder", "total"
RATIO = "diverted share of the direct effect"
OTHERS_SHARE = "others' share of the total"


@dataclass(frozen=True)
class Diversion(EffectResult):
    """Direct effect, spill-over (and remainder) and their total over the window, as in the table.

    correlation: of the parts' errors, parts × parts, from what their baselines leave unexplained.
    periods: those of the window in which all parts are observed; the sums are over these.
    """

    correlation: pd.DataFrame
    periods: pd.PeriodIndex


def diversion(
    frame: pd.DataFrame,
    treated: Hashable | Sequence[Hashable],
    start: When,
    end: When | None = None,
    *,
    total: Hashable | None = None,
    baseline_end: When | None = None,
    regressors: pd.DataFrame | None = None,
    season: Season = "auto",
    level: float = 0.95,
    unit: str = "tonnes",
    name: str = "the treated units",
) -> Diversion:
    """Effects on the `treated` units, on the others, and on what no column holds, in sums.

    frame: periods × units that do not overlap, NaN where missing. treated: one unit or several.
    total: the column that holds the whole, whose rest is the remainder (default: the columns are
    the whole). A part is observed where all its columns are. The rest is as in `counterfactual`.
    """
    units = ask_units(frame, start, end, level)
    parts = _parts(units.values, unit_names(treated, units.values), total)
    fits = {}
    for part, series in parts.items():
        question = ask(series, units.start, _end(series, units), baseline_end, level, (unit, part))
        fits[part] = fit_window(question, regressors, season)
    periods = _common(fits)
    correlation = _correlation(fits)
    point, draws = _effects(fits, periods, correlation.to_numpy())
    table = _table(list(parts), (point, draws), fits[DIRECT], periods, unit)
    return Diversion(table, _sentence(table, periods, unit, name), correlation, periods)


def _end(series: pd.Series, units: Units) -> pd.Period:
    """The window's end, or the last period in which a part is observed where that is earlier."""
    observed = pd.PeriodIndex(series.dropna().index)
    return min(units.end, observed[-1]) if len(observed) else units.end


def _parts(
    values: pd.DataFrame, treated: list[Hashable], total: Hashable | None
) -> dict[str, pd.Series]:
    """The sums whose effects add up, by part."""
    whole = [] if total is None else unit_names([total], values)
    others = values.columns.drop([*treated, *whole])
    if not treated or not len(others):
        raise EffectError("a diversion needs at least one treated unit and one that is not")
    parts = {
        DIRECT: values[treated].sum(axis="columns", skipna=False),
        SPILL: values[others].sum(axis="columns", skipna=False),
    }
    if total is None:
        return parts
    rest = values[total] - parts[DIRECT] - parts[SPILL]
    if (rest <= 0).any():
        raise EffectError(
            f"in {rest.index[rest <= 0][0]} the columns add up to {total} or more, so there is no "
            "remainder; leave out columns that overlap, or the total"
        )
    return parts | {REST: rest}


def _common(fits: Mapping[str, FittedWindow]) -> pd.PeriodIndex:
    """Periods of the window in which every part is observed."""
    times = [set(fit.within.times.astype(int)) for fit in fits.values()]
    common = sorted(set.intersection(*times))
    if not common:
        raise EffectError("no period of the window has all parts observed; nothing adds up")
    return periods_at(common, fits[DIRECT].question.start.freqstr)


def _correlation(fits: Mapping[str, FittedWindow]) -> pd.DataFrame:
    """Correlation of what the baselines leave unexplained, over the periods they share."""
    left = pd.DataFrame(
        {
            part: pd.Series(fit.baseline.fit.studentised(), index=fit.before.times)
            for part, fit in fits.items()
        }
    )
    if len(left.dropna()) < LEAST_COMMON:
        raise EffectError(
            f"the parts' baselines share {len(left.dropna())} periods; at least {LEAST_COMMON} "
            "are needed to see how their errors go together"
        )
    return left.dropna().corr()


def _effects(
    fits: Mapping[str, FittedWindow], periods: pd.PeriodIndex, correlation: Array
) -> tuple[Array, Array]:
    """Sums over the periods by part: observed less median, and draws × parts of the same.

    Errors are multivariate t; in order of time each part's innovations go together with the
    others' as `correlation` says.
    """
    random = np.random.default_rng(SEED)
    mixed = np.linalg.cholesky(correlation + 1e-9 * np.eye(len(fits)))
    normal = np.einsum(
        "pq,dqt->dpt", mixed, random.standard_normal((DRAWS, len(fits), len(periods)))
    )
    free = min(fit.baseline.fit.free for fit in fits.values())
    weight = np.sqrt(random.chisquare(free, (DRAWS, 1)) / free)
    point, draws = np.empty(len(fits)), np.empty((DRAWS, len(fits)))
    for place, fit in enumerate(fits.values()):
        ahead = fit.ahead
        here = np.asarray(ahead.index.isin(periods))
        root = np.linalg.cholesky(ahead.covariance[np.ix_(here, here)])
        logs = ahead.mean[here] + normal[:, place] @ root.T / weight
        observed = np.exp(fit.question.values.loc[periods].to_numpy())
        point[place] = (observed - np.exp(ahead.mean[here])).sum()
        draws[:, place] = (observed - np.exp(logs)).sum(axis=1)
    return point, draws


def _table(
    parts: list[str],
    effects: tuple[Array, Array],
    direct: FittedWindow,
    periods: pd.PeriodIndex,
    unit: str,
) -> pd.DataFrame:
    """The parts, their total, and the share the others took up, or had in what all lost."""
    (point, draws), level = effects, direct.question.level
    tails = [(1 - level) / 2, (1 + level) / 2]

    def row(estimand: str, size: float, drawn: Array, unit: str = unit) -> dict[str, object]:
        counts = (len(direct.question.before), len(periods))
        ends = (size, *np.quantile(drawn, tails))
        window = (periods[0], periods[-1])
        return effect_row("diversion", estimand, window, ends, counts, unit, level=level)

    sums = [*zip(parts, point, draws.T, strict=True), (TOTAL, point.sum(), draws.sum(axis=1))]
    rows = [row(part, size, drawn) | {"p_value": _p_value(drawn)} for part, size, drawn in sums]
    (low, high), (least, most) = np.quantile(draws[:, :2], tails, axis=0).T
    if (high <= 0 and most >= 0) or (low >= 0 and least <= 0):
        rows.append(row(RATIO, -100 * point[1] / point[0], -100 * draws[:, 1] / draws[:, 0], "%"))
    elif low * high > 0 and least * most > 0:
        shares = 100 * draws[:, 1] / draws.sum(axis=1)
        rows.append(row(OTHERS_SHARE, 100 * point[1] / point.sum(), shares, "%"))
    return effect_table(rows)


def _p_value(draws: Array) -> float:
    """Twice the share of draws on the rarer side of zero."""
    rarer = min(int((draws <= 0).sum()), int((draws >= 0).sum()))
    return min(1.0, 2 * (1 + rarer) / (1 + len(draws)))


def _sentence(table: pd.DataFrame, periods: pd.PeriodIndex, unit: str, name: str) -> str:
    told = table.set_index("estimand")

    def said(estimand: str) -> str:
        row = row_at(told, estimand)
        ends = f"{signed(row['lower'])} to {signed(row['upper'])}"
        return f"{signed(row['estimate'])} {row['unit']} ({ends})"

    rest = f", {said(REST)} on the remainder" if REST in told.index else ""
    return (
        f"{during(periods[0], periods[-1])} the effect was {said(DIRECT)} on {name}, "
        f"{said(SPILL)} on the others{rest}: {said(TOTAL)} in all. {_verdict(told)}"
    )


def _verdict(told: pd.DataFrame) -> str:
    """Whether others took up what the treated units lost, or lost what these gained."""
    spill, direct = row_at(told, SPILL), row_at(told, DIRECT)
    if direct["lower"] < 0 < direct["upper"]:
        return "The direct effect may be zero, so nothing can be called diverted."
    if spill["lower"] < 0 < spill["upper"]:
        return "Whether the others made up for any of it cannot be told."
    if np.sign(spill["estimate"]) == np.sign(direct["estimate"]):
        went, other = ("fell", "risen") if spill["estimate"] < 0 else ("rose", "fallen")
        return (
            f"Together the others {went} as well, so in net no diversion shows; single ones may "
            f"have {other}."
        )
    ratio = row_at(told, RATIO)
    return (
        f"The others made up for {ratio['estimate']:.0f} % of it ({signed(ratio['lower'])} % to "
        f"{signed(ratio['upper'])} %)."
    )
