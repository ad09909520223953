"""Panels against pyfixest (tests/reference/panel.py), planted effects, and what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from effects import EffectError, panel
from effects.panel import clustered, fit_poisson, shared_periods
from statsmodels.datasets import grunfeld

REFERENCE = Path(__file__).parents[1] / "reference"
TREATED = ["IBM", "Westinghouse"]


def invested() -> pd.DataFrame:
    """Grunfeld's investment by year and firm, with the gaps and the zero of panel.py."""
    long = grunfeld.load_pandas().data
    frame = long.pivot(index="year", columns="firm", values="invest")
    frame.index = pd.PeriodIndex(frame.index.astype(int).astype(str), freq="Y")
    frame.loc["1939", "Diamond Match"] = 0.0
    for firm, year in (("Goodyear", "1941"), ("Union Oil", "1950"), ("IBM", "1947")):
        frame.loc[year, firm] = np.nan
    return frame


def printed() -> dict[tuple[str, str], tuple[float, float]]:
    """Estimates and clustered errors that pyfixest printed, by formula and coefficient."""
    lines = (REFERENCE / "panel.out").read_text().splitlines()
    rows = (line.split("\t") for line in lines)
    return {(formula, name): (float(value), float(error)) for formula, name, value, error in rows}


def made_up(units: int = 40, unequal: float = 1.5, periods: int = 68) -> pd.DataFrame:
    """Units of different size in months, the small ones in whole numbers with zeros."""
    random = np.random.default_rng(3)
    size = np.exp(random.normal(3, unequal, units)).clip(2)
    common = np.exp(0.3 * np.sin(np.arange(periods) / 6))[:, None]
    values = size * common * np.exp(0.15 * random.standard_normal((periods, units)))
    values[:, size < 5] = np.floor(values[:, size < 5])
    index = pd.period_range("2020-01", periods=periods, freq="M")
    return pd.DataFrame(values, index=index, columns=[f"d{place}" for place in range(units)])


def test_one_effect_agrees_with_pyfixest() -> None:
    table = panel(invested(), TREATED, "1950").table.set_index("estimator")
    estimate, error = printed()["effect", "effect"]
    row = table.loc["panel, clustered errors"]
    logs = np.log1p(row[["estimate", "lower", "upper"]].to_numpy(dtype="float64") / 100)
    assert logs[0] == pytest.approx(estimate, abs=1e-8)
    assert (logs[2] - logs[1]) / 2 == pytest.approx(2.2281388520 * error, abs=1e-8)


def test_exposure_times_regimes_agrees_with_pyfixest() -> None:
    """The fit takes any regressors, of which `panel` gives it one."""
    frame = invested()
    years = frame.index.year
    regimes = np.array([np.where(years == 1949, 0.4, years == 1950), years > 1950])
    fit = fit_poisson(frame.to_numpy(), regimes[:, :, None] * np.arange(frame.shape[1]) / 10)
    expected = [printed()["early + late", name][0] for name in ("early", "late")]
    assert fit.coefficients == pytest.approx(np.array(expected), abs=1e-8)


def test_leads_agree_with_pyfixest() -> None:
    frame = invested()
    years = frame.index.year.to_numpy()
    marks = np.array([years >= 1950, years == 1948, years == 1949], dtype="float64")
    fit = fit_poisson(frame.to_numpy(), marks[:, :, None] * frame.columns.isin(TREATED))
    errors = clustered(fit).errors
    for place, name in enumerate(["effect", "lead1948", "lead1949"]):
        expected = printed()["effect + lead1948 + lead1949", name]
        assert (fit.coefficients[place], errors[place]) == pytest.approx(expected, abs=1e-8)


def test_effective_clusters_by_hand() -> None:
    """One unit treated of n alike, complete: its share of the information is (n − 1) / n.

    The others have 1 / (n (n − 1)) each, so 1 + Γ = n ((n − 1)² + 1 / (n − 1)) / n².
    """
    values = np.ones((6, 8))
    exposed = np.zeros((1, 6, 8))
    exposed[0, 4:, 0] = 1.0
    found = clustered(fit_poisson(values + 0.0, exposed)).effective[0]
    assert found == pytest.approx(8 / (8 * (49 + 1 / 7) / 64))


@pytest.mark.parametrize("treated", [["d3"], ["d7", "d12", "d20"]])
def test_a_planted_effect_lies_in_the_interval(treated: list[str]) -> None:
    frame = made_up()
    frame.loc["2025-05":, treated] *= 0.4
    result = panel(frame, treated, "2025-05")
    row = result.table.iloc[0]
    assert row["lower"] < -60 < row["upper"] < -30
    assert row["p_value"] == pytest.approx(result.floor)


def test_a_planted_lead_is_found() -> None:
    frame = made_up()
    frame.loc["2025-02":"2025-04", "d3"] *= 0.3
    leads = panel(frame, "d3", "2025-05").table.iloc[-1]
    assert leads["estimand"] == "leads, joint test"
    assert leads["p_value"] == pytest.approx(1 / 40, abs=0.002)


def test_the_interval_ends_where_the_test_rejects() -> None:
    frame = made_up(units=30)
    row = panel(frame, "d3", "2025-05").table.iloc[0]
    ends = np.log1p(row[["lower", "upper"]].to_numpy(dtype="float64") / 100)
    for end, outward in zip(ends, (-1, 1), strict=True):
        p_values = []
        for moved in (end + 0.02 * outward, end - 0.02 * outward):
            changed = frame.copy()
            changed.loc["2025-05":, "d3"] *= np.exp(-moved)
            p_values.append(panel(changed, "d3", "2025-05").table["p_value"].iloc[0])
        assert p_values[0] <= 0.05 < p_values[1]


def test_few_units_can_reject_nothing_and_say_so() -> None:
    result = panel(made_up(units=5), "d3", "2025-05")
    assert result.table.loc[0, ["lower", "upper"]].isna().all()
    assert result.floor == pytest.approx(1 / 5)
    assert "no 95 % interval with so few units" in result.sentence
    assert "5 units are too few for errors clustered by unit." in result.sentence
    assert "panel, clustered errors" not in set(result.table["estimator"])


@pytest.mark.parametrize(("units", "told"), [(9, False), (10, True)])
def test_clustered_errors_are_told_from_ten_units_on(units: int, told: bool) -> None:
    result = panel(made_up(units=units), "d3", "2025-05")
    assert ("panel, clustered errors" in set(result.table["estimator"])) == told
    assert (f"but the {units} clusters amount to" in result.sentence) == told


def test_units_that_are_zero_throughout_are_left_out_and_zeros_kept() -> None:
    frame = made_up().assign(nothing=0.0)
    frame.loc["2021-03", "d3"] = 0.0
    with_it, without = (panel(some, "d3", "2025-05") for some in (frame, frame.iloc[:, :-1]))
    assert with_it.left_out == ("nothing",)
    pd.testing.assert_frame_equal(with_it.table, without.table)


def changed(**cells: float) -> pd.DataFrame:
    """A made-up frame with `cells` of the last month changed."""
    frame = made_up(units=8)
    for unit, value in cells.items():
        frame.loc["2025-08", unit] = value
    return frame


def emptied(unit: str, first: str, last: str, value: float = np.nan) -> pd.DataFrame:
    """A made-up frame with one unit's months overwritten."""
    frame = made_up(units=8)
    frame.loc[first:last, unit] = value
    return frame


def apart() -> pd.DataFrame:
    """Two sets of units that share no month."""
    frame = made_up(units=8)
    frame.iloc[:30, 4:] = np.nan
    frame.iloc[30:, :4] = np.nan
    return frame


@pytest.mark.parametrize(
    ("frame", "treated", "start", "says"),
    [
        (changed(), "USA", "2025-05", "no observed unit 'USA' in the frame; it has d0, d1"),
        (changed()[["d3"]], "d3", "2025-05", "all units are exposed alike"),
        (changed(), "d3", "2031-01", "needs one that begins after 2020-01 and ends by 2025-08"),
        (changed(d1=-2), "d3", "2025-05", "d1, 2025-08: found -2; needs a finite number"),
        (changed() * np.nan, "d3", "2025-05", "holds no observed number"),
        (emptied("d3", "2025-05", "2025-08"), "d3", "2025-05", "is observed in the window"),
        (emptied("d3", "2025-05", "2025-08", 0), "d3", "2025-05", "zero throughout the window"),
        (emptied("d3", "2020-01", "2025-04", 0), "d3", "2025-05", "throughout before the window"),
        (emptied("d3", "2020-01", "2025-02"), "d3", "2025-05", "d3 is treated but observed in f"),
        (apart(), "d1", "2021-05", "shares no observed period with the others"),
        (changed() * 0 + 7, "d3", "2025-05", "move exactly as the others do"),
        (changed()[["d3", "d1"]].assign(d1=lambda f: f["d1"].where(f.index < "2025-05")),
         "d3", "2025-05", "cannot tell the effect from those of units and periods"),
    ],
)  # fmt: skip
def test_bad_input_is_one_plain_message(
    frame: pd.DataFrame, treated: str, start: str, says: str
) -> None:
    with pytest.raises(EffectError, match=says) as refusal:
        panel(frame, treated, start)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("factor", [1e-5, 1e-2, 30.0, 1e3])
def test_the_interval_of_a_multiple_is_that_multiple(factor: float) -> None:
    """Whether the treated unit all but vanishes in the window or grows beyond all others."""
    frame = made_up(units=24, unequal=0.5)
    more = frame.copy()
    more.loc["2025-05":, "d3"] *= factor
    ends = ["estimate", "lower", "upper"]
    before, after = (
        panel(some, "d3", "2025-05").table.loc[0, ends].to_numpy(dtype="float64")
        for some in (frame, more)
    )
    np.testing.assert_allclose(np.log1p(after / 100), np.log1p(before / 100) + np.log(factor), 1e-6)


def test_what_cannot_be_fitted_is_said_as_it_is() -> None:
    frame = made_up(units=24)
    frame.loc["2025-05":, "d3"] = 1e-100
    with pytest.raises(EffectError, match="or cells differ too much in size to be fitted together"):
        panel(frame, "d3", "2025-05")


def test_a_unit_named_twice_is_treated_once() -> None:
    frame = made_up(units=8)
    once, twice = (panel(frame, treated, "2025-05") for treated in ("d3", ["d3", "d3"]))
    pd.testing.assert_frame_equal(once.table, twice.table)


def test_a_control_uses_the_months_that_enough_donors_share() -> None:
    """Three donors: two times 12 months beat three times 8, and three times 9 beat them."""
    months = pd.period_range("2024-01", periods=12, freq="M")
    panel_of = pd.DataFrame(1.0, index=months, columns=["USA", "DEU", "JPN", "KOR"])
    panel_of.loc[months[:4], "KOR"] = float("nan")
    assert len(shared_periods(panel_of, "USA", "2024-12")) == 12
    panel_of.loc[months[3], "KOR"] = 1.0
    assert len(shared_periods(panel_of, "USA", "2024-12")) == 9
