"""All variants of a model together: sorted with what each changed, and tested as one."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analysis.curve import joint_test, variant_curve
from analysis.sensitivity import HEADLINE, Variant, sensitivity_table
from analysis.study import Study

MONTHS = pd.period_range("2018-01", "2025-12", freq="M")
STUDY = Study()


def variant(loss: float, name: str, aspect: str = "bounds", months: int = 96) -> Variant:
    """5,000 tonnes a month with noise of 5 %, less a share of April and May 2025."""
    tonnes = 5000 * np.exp(0.05 * np.random.default_rng(1).standard_normal(len(MONTHS)))
    series = pd.Series(tonnes, MONTHS)
    series["2025-04":"2025-05"] *= 1 - loss
    kept = series.where(np.arange(len(series)) >= len(series) - months)
    return Variant(aspect, name, kept, STUDY.baseline_end, pd.DataFrame(index=MONTHS))


@pytest.fixture(scope="module")
def tried() -> list[Variant]:
    return [
        variant(0.5, "as reported", HEADLINE),
        variant(0.6, "deeper"),
        variant(0.4, "shallower"),
        variant(0.4, "too short", "baseline", 14),
    ]


def test_variants_stand_over_what_each_changed(tried: list[Variant]) -> None:
    curve = variant_curve(sensitivity_table(STUDY, tried))
    assert curve.rows["variant"].tolist() == ["deeper", "as reported", "shallower"]
    assert curve.choices == (HEADLINE, "bounds")
    assert curve.rows["bounds"].fillna("–").tolist() == ["deeper", "–", "shallower"]
    assert curve.untold == ("too short",)
    assert curve.side.tolist() == [-1, -1, -1]


def test_a_loss_in_all_variants_has_the_least_p_value_there_could_be(tried: list[Variant]) -> None:
    sentence = joint_test(STUDY, tried, sensitivity_table(STUDY, tried))
    observed = 84 + 2
    assert sentence.startswith("Over 3 specifications the median t is −")
    assert f"by {observed} common shifts (p could not be less than {1 / observed:.3f})" in sentence
    assert f"(p = {1 / observed:.3f}), and 100% are significant" in sentence


def test_no_loss_is_not_told_from_noise() -> None:
    tried = [variant(0, "as reported", HEADLINE), variant(0.01, "bounds")]
    sentence = joint_test(STUDY, tried, sensitivity_table(STUDY, tried))
    p_value = float(sentence.partition("(p = ")[2][:5])
    assert p_value > 0.05


def test_too_few_shifts_are_said_to_be(tried: list[Variant]) -> None:
    sharp = STUDY.model_copy(update={"level": 0.995})
    sentence = joint_test(sharp, tried, sensitivity_table(sharp, tried))
    assert sentence == (
        "All variants cannot be tested together: 86 shifts cannot show an effect at the 100% level."
    )
