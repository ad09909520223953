"""All variants of a model together: sorted with what each changed, and tested as one."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from charts import variant_curve
from effects import EffectError, EffectResult
from effects.variants import Variant, joint_test, of_bounds, variants_table

MONTHS = pd.period_range("2018-01", "2025-12", freq="M")
WINDOW = {"start": "2025-04", "end": "2025-05", "baseline_end": "2024-12"}
HEADLINE = "headline"


def variant(
    loss: float, name: str, aspect: str = "bounds", months: int = 96, level: float = 0.95
) -> Variant:
    """5,000 tonnes a month with noise of 5 %, less a share of April and May 2025."""
    tonnes = 5000 * np.exp(0.05 * np.random.default_rng(1).standard_normal(len(MONTHS)))
    series = pd.Series(tonnes, MONTHS)
    series["2025-04":"2025-05"] *= 1 - loss
    kept = series.where(np.arange(len(series)) >= len(series) - months)
    return Variant(aspect, name, kept, {**WINDOW, "level": level})


def together(tried: list[Variant]) -> EffectResult:
    return joint_test(tried, variants_table(tried))


@pytest.fixture(scope="module")
def tried() -> list[Variant]:
    return [
        variant(0.5, "as reported", HEADLINE),
        variant(0.6, "deeper"),
        variant(0.4, "shallower"),
        variant(0.4, "too short", "baseline", 14),
    ]


def test_variants_stand_over_what_each_changed(tried: list[Variant]) -> None:
    curve = variant_curve(variants_table(tried), "Average effect")
    assert curve.rows["variant"].tolist() == ["deeper", "as reported", "shallower"]
    assert curve.choices == (HEADLINE, "bounds")
    assert curve.rows["bounds"].fillna("–").tolist() == ["deeper", "–", "shallower"]
    assert curve.untold == ("too short",)
    assert curve.side.tolist() == [-1, -1, -1]


def test_a_loss_in_all_variants_has_the_least_p_value_there_could_be(tried: list[Variant]) -> None:
    found = together(tried)
    sentence = found.sentence
    observed = 84 + 2
    assert sentence.startswith("Over 3 specifications the median t is −")
    least = f"{1 / observed:.3f}"
    assert f"(p = {least}) by {observed} common shifts" in sentence
    assert f"(p could not be less than {least})" in sentence
    assert "100 % are significant in its direction" in sentence
    row = found.table.iloc[0]
    assert row["estimate"] < -3
    assert row["p_value"] == pytest.approx(1 / observed)


def test_no_loss_is_not_told_from_noise() -> None:
    tried = [variant(0, "as reported", HEADLINE), variant(0.01, "bounds")]
    found = together(tried)
    assert found.table["p_value"].iloc[0] > 0.05


def test_too_few_shifts_are_said_to_be() -> None:
    tried = [variant(0.5, "as reported", HEADLINE, level=0.995)]
    with pytest.raises(EffectError, match=r"86 shifts cannot show an effect at the 99\.5 % level"):
        together(tried)


def test_extremes_lie_either_side_and_are_refused_with_what_they_are_of(
    tried: list[Variant],
) -> None:
    for own, told in ((tried[0], True), (tried[3], False)):
        low, high = of_bounds(own, _about(own))
        assert own.refused == low.refused == high.refused
        assert (own.refused == "") == told
    sizes = [one.effect.row()["estimate"] for one in of_bounds(tried[0], _about(tried[0]))]
    assert sizes[0] < tried[0].effect.row()["estimate"] < sizes[1]


def _about(own: Variant) -> tuple[pd.Series, pd.Series]:
    return 0.99 * own.series, 1.01 * own.series
