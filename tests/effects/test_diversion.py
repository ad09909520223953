"""Direct effect and spill-over: they add up, come back where planted, and refuse what overlaps."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from effects import EffectError, diversion

WINDOW = ("2025-07", "2025-09")


def made_up(seed: int = 1, rest: float = 0.0) -> pd.DataFrame:
    """Two treated units and three others whose levels wander together, with the world's total."""
    random = np.random.default_rng(seed)
    index = pd.period_range("2019-01", "2025-12", freq="M")
    shared = 0.02 * np.cumsum(random.standard_normal(len(index)))
    sizes = np.array([300.0, 100.0, 900.0, 500.0, 200.0])
    noise = 0.03 * random.standard_normal((len(index), 5))
    values = sizes * np.exp(shared[:, None] + noise)
    frame = pd.DataFrame(values, index=index, columns=["a", "b", "c", "d", "e"])
    return frame.assign(all=frame.sum(axis="columns") * (1 + rest))


def moved(frame: pd.DataFrame) -> tuple[pd.DataFrame, float, float]:
    """Half of what `a` gets in the window goes to `c`, and a tenth is lost on the way."""
    frame, inside = frame.copy(), slice(*WINDOW)
    lost = frame.loc[inside, "a"] * 0.5
    frame.loc[inside, "a"] -= lost
    frame.loc[inside, "c"] += 0.9 * lost
    frame.loc[inside, "all"] -= 0.1 * lost
    return frame, -lost.sum(), 0.9 * lost.sum()


def test_planted_effects_lie_in_their_intervals_and_add_up() -> None:
    frame, direct, spill = moved(made_up(rest=0.2))
    result = diversion(frame, ["a", "b"], *WINDOW, total="all", baseline_end="2025-06")
    rows = result.table.set_index("estimand")
    planted = {"direct effect": direct, "spill-over": spill, "remainder": 0.0}
    for estimand, truth in (planted | {"total": direct + spill}).items():
        assert rows.loc[estimand, "lower"] < truth < rows.loc[estimand, "upper"]
    parts = rows.loc[list(planted), "estimate"].sum()
    assert rows.loc["total", "estimate"] == pytest.approx(parts, abs=1e-9)
    assert rows.loc["direct effect", "upper"] < 0


def test_the_total_is_observed_less_counterfactual_by_arithmetic() -> None:
    """Constant parts but for noise of a thousandth: the effect is what was taken away."""
    random = np.random.default_rng(0)
    index = pd.period_range("2019-01", "2025-12", freq="M")
    values = np.exp(1e-3 * random.standard_normal((len(index), 2))) * [100.0, 400.0]
    frame = pd.DataFrame(values, index=index, columns=["a", "b"])
    frame.loc["2025-07":"2025-09", "a"] *= 0.7
    frame.loc["2025-07":"2025-09", "b"] *= 1.05
    result = diversion(frame, ["a"], *WINDOW)
    estimates = result.table.set_index("estimand")["estimate"]
    assert estimates["direct effect"] == pytest.approx(-90, abs=0.5)
    assert estimates["spill-over"] == pytest.approx(60, abs=2)
    assert estimates["diverted share of the direct effect"] == pytest.approx(200 / 3, abs=2)
    assert "The others made up for 6" in result.sentence


def test_others_that_fall_too_are_no_diversion() -> None:
    frame = made_up()
    frame.loc[slice(*WINDOW)] *= 0.4
    result = diversion(frame.drop(columns="all"), ["a"], *WINDOW)
    assert "the others fell as well, so in net no diversion shows; single ones" in result.sentence
    assert "diverted share of the direct effect" not in set(result.table["estimand"])


def test_a_share_that_may_be_nothing_is_told_with_its_interval() -> None:
    """What the others did may be zero: the share's interval holds zero."""
    frame = made_up(seed=3).drop(columns="all")
    frame.loc[slice(*WINDOW), "a"] *= 0.4
    result = diversion(frame, ["a"], *WINDOW)
    row = result.table.set_index("estimand").loc["diverted share of the direct effect"]
    assert row["lower"] < 0 < row["upper"]
    assert "Whether the others made up for any of it cannot be told." in result.sentence


def test_without_an_effect_nothing_is_called_diverted() -> None:
    result = diversion(made_up(seed=4).drop(columns="all"), ["a"], *WINDOW)
    assert "may be zero" in result.sentence
    assert "diverted share of the direct effect" not in set(result.table["estimand"])


@pytest.mark.parametrize(
    ("columns", "treated", "total", "says"),
    [
        (["a", "c"], ["USA"], None, "no observed unit 'USA'"),
        (["a", "c"], ["a"], "all", "no observed unit 'all'"),
        (["a"], ["a"], None, "at least one treated unit and one that is not"),
        (["a", "b", "c", "d", "e", "all"], ["a"], "all", "so there is no remainder"),
    ],
)
def test_bad_input_is_one_plain_message(
    columns: list[str], treated: list[str], total: str | None, says: str
) -> None:
    frame = made_up()
    frame["all"] = frame["all"].round(-2)
    with pytest.raises(EffectError, match=says):
        diversion(frame[columns], treated, *WINDOW, total=total)


def test_parts_never_seen_together_are_refused() -> None:
    frame = made_up()[["a", "c"]]
    frame.loc["2025-07":"2025-08", "a"] = np.nan
    frame.loc["2025-09":"2025-12", "c"] = np.nan
    with pytest.raises(EffectError, match="no period of the window has all parts"):
        diversion(frame, ["a"], *WINDOW)


@pytest.mark.parametrize("treated", ["a", ["a", "a"]])
def test_a_unit_named_alone_or_twice_counts_once(treated: str | list[str]) -> None:
    frame, _, _ = moved(made_up())
    frame = frame.drop(columns="all")
    expected = diversion(frame, ["a"], *WINDOW)
    found = diversion(frame, treated, *WINDOW)
    pd.testing.assert_frame_equal(found.table, expected.table)
    assert found.sentence == expected.sentence


def test_a_part_that_ends_within_the_window_ends_the_sums() -> None:
    frame = made_up()[["a", "c"]]
    frame.loc["2025-09":, "c"] = np.nan
    found = diversion(frame, "a", *WINDOW)
    assert [str(period) for period in found.periods] == ["2025-07", "2025-08"]
