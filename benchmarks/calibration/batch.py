"""The default, its placebos and the permutation on many series that share their months.

For given months and share of the random walk everything is linear in the logs, so the fits of
thousands of series are a few matrix products for each share of a fine grid. `effects`
finds the share between grid points; `agreement` says how far apart the p-values are.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from effects.average import WIDEST
from effects.level import Array, fit_level, forecast, forecast_weights, walk
from effects.placebo import ENOUGH, FLOOR, LEAST_FREE, Placebos
from effects.samples import periods_at
from effects.season import Terms, free_degrees
from scipy import linalg, stats

from benchmarks.calibration.nulls import Layout

RATIOS = np.concatenate([[0.0], np.logspace(-4, 3, 64), [np.inf]])
SHARES = np.where(np.isinf(RATIOS), 1.0, RATIOS / (1 + np.minimum(RATIOS, 1e9)))


@dataclass(frozen=True)
class Windows:
    """Mean effect, standard error and t of many series; `free` degrees of freedom.

    widest: the largest standard error of any one period of the window.
    """

    mean: Array
    error: Array
    free: int
    widest: Array

    def refused(self, scale: Array) -> np.ndarray:
        """Which series the estimator refuses: a period's 95 % interval is wider than it tells."""
        return np.asarray(stats.t.ppf(0.975, self.free) * self.widest * scale > WIDEST)

    @property
    def t(self) -> Array:
        """Effects over their standard errors."""
        return self.mean / self.error


def best_shares(times: Array, rows: Array, logs: Array) -> tuple[np.ndarray, Array, int]:
    """Place in SHARES of each column's REML share, its variance, and degrees of freedom."""
    null = linalg.qr(rows)[0][:, rows.shape[1] :]
    roots, vectors = np.linalg.eigh(null.T @ walk(times, times, times.min()) @ null)
    squares = (vectors.T @ (null.T @ logs)) ** 2
    free = len(times) - rows.shape[1]
    scaled = (1 - SHARES[:, None]) + SHARES[:, None] * roots
    variance = (1 / scaled) @ squares / free
    heights = -0.5 * (free * np.log(variance) + np.log(scaled).sum(axis=1)[:, None])
    best = heights.argmax(axis=0)
    return best, variance[best, np.arange(logs.shape[1])], free


def windows(before: Array, within: Array, terms: Terms, logs: Array) -> Windows | None:
    """Effects over `within`; `logs` holds baseline and window × series. None if it is unknown."""
    rows, ahead = terms.rows(before), terms.rows(within)
    seen = rows.any(axis=0)
    if ahead[:, ~seen].any():
        return None
    cut = len(before)
    best, variance, free = best_shares(before, rows[:, seen], logs[:cut])
    means, errors, widest = np.empty((3, logs.shape[1]))
    for place in np.unique(best):
        mine = best == place
        weights, spread = _forecast_map(before, within, rows[:, seen], ahead[:, seen], place)
        means[mine] = logs[cut:, mine].mean(axis=0) - weights @ logs[:cut, mine]
        errors[mine] = np.sqrt(variance[mine] * spread.mean())
        widest[mine] = np.sqrt(variance[mine] * np.diag(spread).max())
    return Windows(means, errors, free, widest)


def _forecast_map(
    before: Array, within: Array, rows: Array, ahead: Array, place: int
) -> tuple[Array, Array]:
    """Weights of the baseline's logs in the window's mean forecast, and covariances over s²."""
    share = float(SHARES[place])
    fit = replace(fit_level(before, before, rows, share), variance=1.0)
    weights = forecast_weights(fit, within, ahead).mean(axis=0)
    return weights, forecast(fit, within, ahead)[1]


def placebo_t(layout: Layout, logs: Array) -> pd.DataFrame:
    """t's of every placebo date (its first period) × series, as `effects.placebo` does."""
    times, horizon = layout.before, len(layout.within)
    found: dict[tuple[int, tuple[float, ...]], Array] = {}
    starts: list[int] = []
    for origin in range(int(times[0]), int(times[-1]) - horizon + 1):
        sample = times[times <= origin]
        window = times[(times > origin) & (times <= origin + horizon)]
        key = (len(sample), tuple(window))
        if key in found or not len(window):
            continue
        if free_degrees(layout.terms.rows(sample)) < LEAST_FREE:
            continue
        there = windows(sample, window, layout.terms, logs[: len(sample) + len(window)])
        if there is not None:
            found[key] = there.t
            starts.append(origin + 1)
    table = np.array(list(found.values())).reshape(len(found), logs.shape[1])
    return pd.DataFrame(table, periods_at(starts, "M"))


def scales(dates: pd.DataFrame, horizon: int) -> tuple[Array, np.ndarray]:
    """What each series' placebo t's multiply its error by, and whether one date is named."""
    frames = [Placebos(dates[[column]].set_axis(["t"], axis=1), horizon) for column in dates]
    named = np.array([frame.dominant is not None for frame in frames])
    return np.array([frame.scale for frame in frames]), named


def median_scales(dates: pd.DataFrame, horizon: int) -> Array:
    """A scale that few dates cannot move: the median |t| in place of the root mean square."""
    if not len(dates):
        return np.ones(dates.shape[1])
    middle = np.median(dates.abs(), axis=0) / stats.norm.ppf(0.75)
    least = FLOOR if len(dates) >= ENOUGH else 1.0
    return np.asarray(np.maximum(least, middle * np.sqrt(1 + horizon / len(dates))))


def default_p(effect: Windows, scale: Array | float) -> Array:
    """p-values of the default: t with the error multiplied by `scale`."""
    return np.asarray(2 * stats.t.sf(np.abs(effect.t) / scale, effect.free))


def placebo_p(effect: Windows, dates: pd.DataFrame) -> Array:
    """Rank of each effect's |t| among its placebo dates."""
    larger = (np.abs(dates.to_numpy()) >= np.abs(effect.t)).sum(axis=0)
    return np.asarray((1 + larger) / (1 + len(dates)))


def conformal_p(layout: Layout, logs: Array) -> Array:
    """Moving-block permutation p-values of every series."""
    times = np.concatenate([layout.before, layout.within])
    rows = layout.terms.rows(times)
    rows = rows[:, rows.any(axis=0)]
    best, _, _ = best_shares(times, rows, logs)
    p_values = np.empty(logs.shape[1])
    for place in np.unique(best):
        mine = best == place
        p_values[mine] = _permuted(times, rows, logs[:, mine], place, len(layout.within))
    return p_values


def _permuted(times: Array, rows: Array, logs: Array, place: int, horizon: int) -> Array:
    fit = fit_level(times, times, rows, float(SHARES[place]))
    white = linalg.solve_triangular(fit.root, logs, lower=True)
    hat = fit.whitened_design @ fit.inverse_information @ fit.whitened_design.T
    slack = 1 - np.diag(hat)
    told = slack > 1e-8
    size = np.abs((white - hat @ white)[told] / np.sqrt(slack[told])[:, None])
    block = int(told[-horizon:].sum())
    sums = np.cumsum(np.vstack([np.zeros(logs.shape[1]), size, size[: block - 1]]), axis=0)
    moved = sums[block:] - sums[:-block]
    return np.asarray((moved >= moved[-block] * (1 - 1e-12)).mean(axis=0))
