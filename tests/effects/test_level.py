"""The local level against R's nlme, published values and statsmodels' exact diffuse filter."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from effects import EffectError
from effects.level import Array, Contrasts, LevelFit, fit_level, forecast
from statsmodels.tsa.statespace.structural import UnobservedComponents

REFERENCE = Path(__file__).parents[1] / "reference"
GAPS = [*range(1880, 1890), 1901, 1903, *range(1950, 1956)]


def printed_by_r() -> dict[tuple[str, str], float]:
    """What local_level.R printed."""
    lines = (REFERENCE / "local_level.out").read_text().splitlines()
    return {(case, key): float(value) for case, key, value in map(str.split, lines)}


def nile(missing: tuple[int, ...] = ()) -> tuple[Array, Array, Array]:
    frame = pd.read_csv(REFERENCE / "nile.csv", dtype="float64")
    frame = frame[~frame["year"].isin(missing)]
    design = np.column_stack([np.ones(len(frame)), frame["year"] >= 1899])
    return frame["year"].to_numpy(), frame["flow"].to_numpy(), design


def seatbelts() -> tuple[Array, Array, Array]:
    frame = pd.read_csv(REFERENCE / "seatbelts.csv")
    months = frame["month"].str[-2:].astype(int).to_numpy()
    seasons = (months[:, None] == np.arange(1, 13)).astype("float64")
    design = np.column_stack([seasons, np.log(frame["petrol"]), frame["law"]])
    return np.arange(len(frame), dtype="float64"), np.log(frame["drivers"]).to_numpy(), design


def variances(fit: LevelFit) -> tuple[float, float]:
    return fit.share * fit.variance, (1 - fit.share) * fit.variance


def test_nile_agrees_with_durbin_and_koopman() -> None:
    """Durbin and Koopman (2012), section 2.10: 1469.1 and 15099."""
    times, flow, design = nile()
    level, noise = variances(fit_level(times, flow, design[:, :1]))
    assert level == pytest.approx(1469.1, abs=0.1)
    assert noise == pytest.approx(15099, abs=1)


@pytest.mark.parametrize("case", ["nile_break", "nile_gaps", "seatbelts"])
def test_fit_agrees_with_nlme(case: str) -> None:
    """R's optimiser stops 1e-6 short of a variance of exactly zero, ours does not."""
    cases = {"nile_break": nile(), "nile_gaps": nile(tuple(GAPS)), "seatbelts": seatbelts()}
    expected = printed_by_r()
    fit = fit_level(*cases[case])
    level, noise = variances(fit)
    error = np.sqrt(np.diag(fit.coefficient_covariance))[-1]
    assert noise == pytest.approx(expected[case, "noise_variance"], rel=1e-5)
    assert level == pytest.approx(expected[case, "level_variance"], rel=1e-5, abs=1e-3 * noise)
    assert fit.coefficients[-1] == pytest.approx(expected[case, "effect"], rel=1e-5)
    assert error == pytest.approx(expected[case, "effect_error"], rel=1e-5)


def unobserved_components(
    times: Array, response: Array, design: Array, ahead: int, parameters: tuple[float, float]
) -> tuple[float, Array, Array, Array]:
    """Log-likelihood, regression states, forecast mean and variance by statsmodels."""
    size = int(times[-1]) + 1
    full, regressors = np.full(size, np.nan), np.zeros((size, design.shape[1] - 1))
    full[times.astype(int)] = response
    regressors[times.astype(int)] = design[: len(times), 1:]
    model = UnobservedComponents(
        full, level="llevel", exog=regressors, mle_regression=False, use_exact_diffuse=True
    )
    level, noise = parameters
    result = model.smooth([noise, level])
    future = result.get_forecast(ahead, exog=design[len(times) :, 1:])
    states = result.smoothed_state[1:, -1]
    return float(result.llf), states, future.predicted_mean, future.var_pred_mean


@pytest.mark.parametrize("share", [0.05, 0.5, 0.95])
def test_fit_and_forecast_agree_with_unobserved_components(share: float) -> None:
    random = np.random.default_rng(3)
    times = np.sort(random.choice(60, 40, replace=False)).astype("float64")
    times = times - times[0]
    ahead = np.arange(times[-1] + 1, times[-1] + 6)
    both = np.concatenate([times, ahead])
    design = np.column_stack([np.ones(len(both)), np.sin(both), both % 7 == 0])
    response = 2 + np.cumsum(random.standard_normal(len(times))) * 0.1
    fit = fit_level(times, response, design[: len(times)], share)
    mean, covariance = forecast(fit, ahead, design[len(times) :])
    _, states, expected, variance = unobserved_components(
        times, response, design, len(ahead), variances(fit)
    )
    np.testing.assert_allclose(fit.coefficients[1:], states, rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(mean, expected, rtol=1e-6)
    np.testing.assert_allclose(np.diag(covariance), variance, rtol=1e-6)


def test_restricted_likelihood_is_the_diffuse_likelihood() -> None:
    """Equal up to a constant: differences between parameters agree with statsmodels."""
    times, flow, design = nile()
    times = times - times[0]
    contrasts = Contrasts(times, design)
    heights = contrasts.profile(flow)
    ours, theirs = [], []
    for place in np.searchsorted(contrasts.grid, [0.01, 0.1, 0.6]):
        fit = fit_level(times, flow, design, contrasts.grid[place])
        ours.append(heights[place])
        later = np.vstack([design, [[1.0, 1.0]]])
        theirs.append(unobserved_components(times, flow, later, 1, variances(fit))[0])
    np.testing.assert_allclose(np.diff(ours), np.diff(theirs), rtol=1e-6)


def test_collinear_regressors_are_refused() -> None:
    times, flow, design = nile()
    with pytest.raises(EffectError, match="collinear"):
        fit_level(times, flow, np.column_stack([design, design[:, 1]]))
