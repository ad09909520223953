"""All origins at once against one fit at a time, which test_level.py holds to statsmodels and R."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from effects.baseline import fit_baseline, window_effect
from effects.level import Contrasts, find_peak, fit_level, share_grid
from effects.placebo import LEAST_FREE, placebos
from effects.samples import Points, observed_points
from effects.season import Terms, choose_terms, free_after, free_degrees
from scipy import optimize

from analysis.regressors import new_year_regressors

Series = Callable[..., pd.Series]


def sample(series: pd.Series, step_from: str) -> tuple[Points, Terms]:
    """A baseline with New Year and a step that only its last months see."""
    index = pd.PeriodIndex(series.index)
    regressors = new_year_regressors(index).assign(step=(index >= step_from).astype("float64"))
    logs = np.log(series.dropna())
    terms = choose_terms(pd.PeriodIndex(logs.index), index, regressors)
    return observed_points(logs), terms


def one_at_a_time(points: Points, terms: Terms, gap: int, length: int) -> pd.DataFrame:
    """Every placebo date by a fit of its own, two dates with the same points once."""
    found: dict[tuple[float, ...], tuple[float, float, float]] = {}
    first, last = int(points.times[0]), int(points.times[-1])
    for origin in range(first, last - gap - length + 2):
        before = points.between(first, origin)
        window = points.between(origin + gap, origin + gap + length - 1)
        key = (len(before.times), *window.times)
        if key in found or free_degrees(terms.rows(before.times)) < LEAST_FREE:
            continue
        effect = window_effect(fit_baseline(before, terms), window)
        if effect is not None:
            found[key] = (effect.mean, effect.error, effect.t)
    return pd.DataFrame(list(found.values()), columns=["mean", "error", "t"])


@pytest.mark.parametrize(("gap", "length"), [(1, 1), (1, 3), (4, 2)])
@pytest.mark.parametrize("walk", [0.0, 0.4, 3.0])
def test_placebos_agree_with_fits_one_at_a_time(
    simulate: Series, walk: float, gap: int, length: int
) -> None:
    points, terms = sample(simulate(8, walk=walk), "2024-06")
    found = placebos(points, terms, gap, length, "M").frame
    expected = one_at_a_time(points, terms, gap, length)
    assert len(found) > 20
    np.testing.assert_allclose(found, expected, rtol=2e-6, atol=2e-6)


def test_too_short_a_past_has_no_placebos(simulate: Series) -> None:
    points, terms = sample(simulate(8), "2025-06")
    few = Points(points.times[:15], points.values[:15])
    assert placebos(few, terms, 1, 1, "M").frame.empty


@pytest.mark.parametrize("walk", [0.0, 0.02, 0.2, 1.0, 20.0])
@pytest.mark.parametrize("size", [15, 40, 120])
def test_the_peak_is_where_an_optimiser_finds_it(walk: float, size: int) -> None:
    """No lower than Brent's method from the grid's best point."""
    random = np.random.default_rng(4)
    times = np.sort(random.choice(2 * size, size, replace=False)).astype("float64")
    design = np.column_stack([np.ones(size), random.standard_normal((size, 3))])
    response = random.standard_normal(size) + walk * np.cumsum(random.standard_normal(size))
    contrasts = Contrasts(times, design)
    heights, grid = contrasts.profile(response), contrasts.grid
    top = int(heights.argmax())
    brent = optimize.minimize_scalar(
        lambda share: -height_at(times, response, design, share),
        bounds=(grid[max(top - 1, 0)], grid[min(top + 1, len(grid) - 1)]),
        method="bounded",
    )
    found = height_at(times, response, design, contrasts.best_share(response))
    assert found >= max(-brent.fun, height_at(times, response, design, grid[top])) - 1e-6


def height_at(times: np.ndarray, response: np.ndarray, design: np.ndarray, share: float) -> float:
    """The restricted likelihood from its textbook formula (Harville 1977)."""
    fit = fit_level(times, response, design, share)
    _, information = np.linalg.slogdet(fit.inverse_information)
    determinant = 2 * np.log(np.diag(fit.root)).sum() - information
    return float(-0.5 * (fit.free * np.log(fit.variance) + determinant))


def test_curves_are_carried_to_the_peak() -> None:
    """A parabola in the logarithm of the ratio, its peak between points, and a known cubic."""
    grid = share_grid(50)
    with np.errstate(divide="ignore"):
        power = np.log10(grid / np.maximum(1 - grid, 1e-300))
    inner = np.clip(power, -9, 9)
    peak = find_peak(-((inner - 0.03)[None] ** 2))
    assert peak.shares(grid)[0] == pytest.approx(10**0.03 / (1 + 10**0.03), rel=1e-9)
    assert peak.at((inner**3)[None])[0] == pytest.approx(0.03**3, rel=1e-6)


@pytest.mark.parametrize("end", [0, -1])
def test_a_peak_at_an_end_is_the_end(end: int) -> None:
    grid = share_grid(50)
    heights = -np.abs(np.arange(len(grid)) - np.arange(len(grid))[end]).astype("float64")
    peak = find_peak(heights[None])
    assert peak.shares(grid)[0] == grid[end]
    assert peak.at(grid[None])[0] == grid[end]


def test_degrees_of_freedom_row_by_row() -> None:
    random = np.random.default_rng(0)
    design = np.column_stack([np.ones(12), random.standard_normal(12), np.arange(12) > 7])
    design = np.column_stack([design, design[:, 1] * (np.arange(12) < 5)])
    expected = [free_degrees(design[:size]) for size in range(1, 13)]
    assert free_after(design).tolist() == expected
    assert -1 in expected
