"""Synthetic control: Proposition 99 against other software and print, and planted effects."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from effects import EffectError, SyntheticControl, synthetic_control

REFERENCE = Path(__file__).parents[1] / "reference"
STATE = "California"


def packs() -> pd.DataFrame:
    """Packs of cigarettes a head by year and state."""
    frame = pd.read_csv(REFERENCE / "proposition99.csv", index_col="Year", dtype={"Year": str})
    return frame.set_axis(pd.PeriodIndex(frame.index, freq="Y"), axis="index")


@pytest.fixture(scope="module")
def law() -> SyntheticControl:
    """Proposition 99, in force from 1989."""
    return synthetic_control(packs(), STATE, "1989", logs=False, unit="packs", name=STATE)


@pytest.fixture(scope="module")
def expected() -> dict[str, float]:
    """What proposition99.py printed."""
    lines = (REFERENCE / "proposition99.out").read_text().splitlines()
    return {name: float(value) for name, value in (line.split("\t") for line in lines)}


def made_up(units: int = 12, periods: int = 48, seed: int = 1) -> pd.DataFrame:
    """Units that share two factors, positive, in months."""
    random = np.random.default_rng(seed)
    factors = np.cumsum(0.1 * random.standard_normal((periods, 2)), axis=0)
    logs = 5 + factors @ random.uniform(0, 1, (2, units))
    index = pd.period_range("2021-01", periods=periods, freq="M")
    names = [f"u{place}" for place in range(units)]
    return pd.DataFrame(
        np.exp(logs + 0.05 * random.standard_normal(logs.shape)), index=index, columns=names
    )


def test_weights_agree_with_quadratic_programming(
    law: SyntheticControl, expected: dict[str, float]
) -> None:
    weights = {donor: expected[f"weight {donor}"] for donor in law.weights.index}
    assert law.weights.to_numpy() == pytest.approx(np.array(list(weights.values())), abs=1e-6)
    assert law.table["estimate"].iloc[0] == pytest.approx(expected[f"average {STATE}"], abs=1e-5)
    assert law.unique


def test_every_placebo_agrees_with_quadratic_programming(
    law: SyntheticControl, expected: dict[str, float]
) -> None:
    for column in ("misfit", "gap"):
        printed = [expected[f"{column} {state}"] for state in law.placebos.index]
        assert law.placebos[column].to_numpy() == pytest.approx(np.array(printed), abs=1e-5)
    ratios = {name: expected[f"gap {name}"] / expected[f"misfit {name}"] for name in packs()}
    larger = sum(ratio >= ratios[STATE] for ratio in ratios.values())
    assert law.table["p_value"].iloc[0] == pytest.approx(larger / 39)


def test_the_published_demeaned_control_of_proposition_99(law: SyntheticControl) -> None:
    """Arkhangelsky et al. (2021), American Economic Review 111, table 1, column DIFP: −11.1.

    Abadie, Diamond and Hainmueller (2010) find −19 in levels, where California must lie among
    its donors; less its own mean it need only move with them, so the donors differ.
    """
    assert round(law.table["estimate"].iloc[0], 1) == -11.1
    assert law.floor == pytest.approx(1 / 39)


def test_the_sentence_says_on_what_it_rests(law: SyntheticControl) -> None:
    low, high = law.without.min(), law.without.max()
    assert f"between −{abs(low):.1f} and −{abs(high):.1f}" in law.sentence
    assert f"{law.effective_donors:.1f} donors alike" in law.sentence
    assert set(law.without.index) == set(law.weights.index[law.weights > 0])


def test_a_planted_effect_lies_in_the_interval_and_no_effect_does_not() -> None:
    frame = made_up(units=30)
    frame.loc["2024-07":, "u4"] *= 0.4
    result = synthetic_control(frame, "u4", "2024-07")
    row = result.table.iloc[0]
    assert row["lower"] < -60 < row["upper"] < 0
    assert row["p_value"] == pytest.approx(1 / 30)


def test_the_interval_ends_where_the_test_rejects() -> None:
    frame = made_up(units=25, seed=5)
    row = synthetic_control(frame, "u3", "2024-12", "2024-12").table.iloc[0]
    ends = np.log1p(row[["lower", "upper"]].to_numpy(dtype="float64") / 100)
    for end, outward in zip(ends, (-1, 1), strict=True):
        p_values = []
        for moved in (end + 0.05 * outward, end - 0.05 * outward):
            changed = frame.copy()
            changed.loc["2024-12", "u3"] *= np.exp(-moved)
            p_values.append(synthetic_control(changed, "u3", "2024-12").table["p_value"].iloc[0])
        assert p_values[0] <= 0.05 < p_values[1]


def test_few_donors_can_reject_nothing_and_say_so() -> None:
    result = synthetic_control(made_up(units=6), "u0", "2024-10")
    assert result.table[["lower", "upper"]].iloc[0].isna().all()
    assert "no 95 % interval with so few units" in result.sentence
    assert result.floor == pytest.approx(1 / 6)


def test_weights_of_twins_are_not_unique() -> None:
    frame = made_up(units=6)
    alone = synthetic_control(frame, "u0", "2024-10")
    twin = alone.weights.idxmax()
    doubled = synthetic_control(frame.assign(twin=frame[twin] * 3), "u0", "2024-10")
    assert alone.unique
    assert not doubled.unique
    assert "not unique" in doubled.sentence
    assert doubled.table["estimate"].iloc[0] == pytest.approx(alone.table["estimate"].iloc[0])


def test_a_donor_with_a_gap_is_left_out_and_named() -> None:
    frame = made_up(units=6)
    frame.loc["2022-03", "u2"] = np.nan
    assert synthetic_control(frame, "u0", "2024-10").left_out == ("u2",)
    frame.loc["2022-03", "u0"] = np.nan
    assert synthetic_control(frame, "u0", "2024-10").left_out == ()


def test_early_periods_go_where_only_so_donors_are_enough() -> None:
    frame = made_up(units=25)
    late = frame.copy()
    late.loc[:"2022-12", "u3":] = np.nan
    cut = synthetic_control(late, "u0", "2024-10")
    whole = synthetic_control(frame.loc["2023-01":], "u0", "2024-10")
    pd.testing.assert_frame_equal(cut.table, whole.table)
    assert cut.floor == pytest.approx(1 / 25)
    assert cut.gaps.index[0] == pd.Period("2023-01", freq="M")


def test_few_donors_with_a_short_past_are_better_than_none() -> None:
    frame = made_up(units=4)
    frame.loc[:"2022-12", "u1":] = np.nan
    cut = synthetic_control(frame, "u0", "2024-10")
    assert cut.floor == pytest.approx(1 / 4)
    assert cut.gaps.index[0] == pd.Period("2023-01", freq="M")


def broken(**cells: float) -> pd.DataFrame:
    """A made-up frame with `cells` of December 2024 changed."""
    frame = made_up(units=4)
    for unit, value in cells.items():
        frame.loc["2024-12", unit] = value
    return frame


@pytest.mark.parametrize(
    ("frame", "treated", "start", "says"),
    [
        (broken(), "USA", "2024-10", "no observed unit 'USA' in the frame; it has u0, u1, u2, u3"),
        (broken()[["u0"]], "u0", "2024-10", r"none of the donors \(0\) is observed"),
        (broken(u1=np.nan)[["u0", "u1"]], "u0", "2024-10", r"none of the donors \(1\) is observed"),
        (broken(), "u0", "2030-01", "needs one that begins after 2021-01 and ends by 2024-12"),
        (broken(u1=-3), "u0", "2024-10", "u1, 2024-12: found -3; needs a finite number"),
        (broken(u1=0), "u0", "2024-10", "u1, 2024-12: found 0, which has no logarithm"),
        (broken().assign(u0=7.0), "u0", "2024-10", "u0 is constant before the window"),
        (broken(), "u0", "2021-04", "u0 is observed in 3 periods before 2021-04"),
        (broken(u0=np.nan), "u0", "2024-12", "and 0 from then to"),
        (broken().astype(str) + "t", "u0", "2024-10", "t', which is no number"),
        (broken().assign(u1=lambda f: 2 * f["u0"]), "u0", "2024-10", "reproduce u0 exactly"),
    ],
)
def test_bad_input_is_one_plain_message(
    frame: pd.DataFrame, treated: str, start: str, says: str
) -> None:
    with pytest.raises(EffectError, match=says) as refusal:
        synthetic_control(frame, treated, start)
    assert "\n" not in str(refusal.value)


def test_a_unit_is_no_donor_to_itself() -> None:
    with pytest.raises(EffectError, match="cannot be a donor to itself"):
        synthetic_control(made_up(), "u0", "2024-10", donors=["u0", "u1"])


def test_a_donor_named_twice_counts_once() -> None:
    frame = made_up(units=6)
    once = synthetic_control(frame, "u0", "2024-10", donors=["u1", "u2", "u3"])
    twice = synthetic_control(frame, "u0", "2024-10", donors=["u1", "u2", "u1", "u3"])
    pd.testing.assert_frame_equal(once.table, twice.table)
    assert twice.floor == pytest.approx(1 / 4)


def test_one_donor_may_be_named_alone() -> None:
    found = synthetic_control(made_up(units=6), "u0", "2024-10", donors="u1")
    assert found.weights.to_dict() == {"u1": 1.0}


def penalised(weights: np.ndarray) -> float:
    """What algorithm 1 minimises over weights on the states other than California."""
    early = packs().loc[:"1988"]
    others = early.drop(columns=STATE)
    misfit = others.to_numpy() @ weights - early[STATE].to_numpy()
    zeta = 12**0.25 * np.diff(others.to_numpy(), axis=0).std(ddof=1)
    return float(((misfit - misfit.mean()) ** 2).sum() + zeta**2 * 19 * (weights**2).sum())


def test_synthetic_difference_in_differences_of_proposition_99() -> None:
    """Arkhangelsky et al. (2021), table 1, column SDID: −15.6; digits by proposition99_did.py.

    That software stops its iterations early, ours solves the same problems exactly.
    """
    law = synthetic_control(packs(), STATE, "1989", logs=False, unit="packs", differences=True)
    lines = (REFERENCE / "proposition99_did.out").read_text().splitlines()
    printed = {name: float(value) for name, value in (line.split("\t") for line in lines)}
    assert law.table["estimate"].iloc[0] == pytest.approx(printed["estimate"], abs=0.005)
    states = np.array([printed[f"weight {state}"] for state in law.weights.index])
    assert law.weights.to_numpy() == pytest.approx(states, abs=0.004)
    assert penalised(law.weights.to_numpy()) <= penalised(states / states.sum())
    years = np.array([printed[f"year {year}"] for year in law.times.index])
    assert law.times.to_numpy() == pytest.approx(years, abs=0.001)


def test_donors_that_are_chosen_are_chosen_anew_for_every_placebo() -> None:
    """A unit's donors are the ones nearest to it: placebos do as a fit of their own would."""
    frame = made_up(units=20, seed=3)
    found = synthetic_control(frame, "u4", "2024-10", nearest=5)
    assert (found.weights > 0).sum() <= 5
    for unit in ("u0", "u11"):
        alone = synthetic_control(frame, unit, "2024-10", nearest=5)
        expected = alone.table["estimate"].iloc[0]
        assert found.placebos.loc[unit, "average"] == pytest.approx(expected)


def test_placebos_reject_as_often_as_they_should_with_chosen_donors() -> None:
    """Every unit in turn as the treated one: the p-values are the ranks 1/n to 1, each once."""
    frame = made_up(units=20, seed=3)
    p_values = [
        synthetic_control(frame, unit, "2024-10", nearest=5).table["p_value"].iloc[0]
        for unit in frame
    ]
    assert sorted(p_values) == pytest.approx(np.arange(1, 21) / 20)
