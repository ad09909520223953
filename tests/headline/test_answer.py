"""A study's tables keep their contracts, and its sentences say what the tables say."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from contracts import validate, write_json
from effects import Counterfactual, Swing, counterfactual, swing

from analysis import sources
from analysis.events import policy_regimes, quiet_end, regime_exposure
from analysis.headline import answer, caveats
from analysis.study import Study
from analysis.tables import CounterfactualPath, Effects, Swings

STUDY = Study()


@pytest.fixture(scope="module")
def catalogue() -> pd.DataFrame:
    return sources.load_events(STUDY.raw)


@pytest.fixture(scope="module")
def exports() -> pd.DataFrame:
    """Made-up exports: 5,000 tonnes a month, a tenth of them in April and May 2025."""
    months = pd.date_range("2020-01-01", "2025-12-01", freq="MS", unit="ns")
    tonnes = 5000 * np.exp(0.05 * np.random.default_rng(1).standard_normal(len(months)))
    tonnes[(months >= "2025-04-01") & (months <= "2025-05-01")] *= 0.1
    frame = pd.DataFrame({"destination": "WLD", "month": months, "tonnes": tonnes})
    frame.loc[3, "tonnes"] = np.nan
    return frame.assign(lower=tonnes - 1, upper=tonnes + 1)


@pytest.fixture(scope="module")
def results(exports: pd.DataFrame) -> tuple[Counterfactual, Swing]:
    index = pd.PeriodIndex(exports["month"], freq="M")
    series = pd.Series(exports["tonnes"].to_numpy(), index=index)
    effect = counterfactual(series, STUDY.start, STUDY.end, baseline_end=STUDY.baseline_end)
    return effect, swing(series, STUDY.swing_month, baseline_end=STUDY.baseline_end)


def test_tables_keep_their_contracts(
    exports: pd.DataFrame, results: tuple[Counterfactual, Swing]
) -> None:
    validate(answer.effects_table(STUDY, results), Effects, "effects.csv")
    path = answer.path_table(results[0], exports, "WLD")
    validate(path, CounterfactualPath, "counterfactual.csv")
    validate(answer.swings_table(results[1]), Swings, "swings.csv")
    seen = path[path["observed"].notna()]
    assert (seen["observed_upper"] - seen["observed"]).to_numpy() == pytest.approx(1)
    assert np.isnan(path.loc[3, "observed_lower"])
    assert path["counterfactual"].first_valid_index() == 60


def test_quiet_months_end_before_the_first_regime(catalogue: pd.DataFrame) -> None:
    policy = policy_regimes(catalogue)
    assert str(quiet_end(policy)) == str(quiet_end(policy, "2025-09")) == "2024-12"
    assert str(quiet_end(policy, "2024-06")) == "2024-05"


def test_a_series_that_ends_before_every_regime_has_none(catalogue: pd.DataFrame) -> None:
    months = pd.period_range("2020-01", "2024-12", freq="M")
    series = pd.Series(np.exp(np.random.default_rng(1).standard_normal(60)), index=months)
    exposure = regime_exposure(months, policy_regimes(catalogue))
    found = answer.all_regimes(series, exposure, pd.DataFrame(index=months), 0.95, "exports")
    assert found.table.empty
    assert found.sentence == "No month under a regime of 2025 is observed."


def test_length_of_a_regime_by_hand(catalogue: pd.DataFrame) -> None:
    end = pd.Period("2026-03", freq="M")
    package = answer.regime_months(catalogue, "cn-ann57-2025-five-ree", end)
    assert package == pytest.approx(23 / 31 + 6 / 30)
    licensing = answer.regime_months(catalogue, "cn-ann18-2025-seven-ree", end)
    assert licensing == pytest.approx(27 / 30 + 1 + 9 / 30)
    assert answer.regime_months(catalogue, "uscn-geneva-truce", end) is None


def test_a_regime_of_a_month_only_describes(
    catalogue: pd.DataFrame, results: tuple[Counterfactual, Swing]
) -> None:
    short = STUDY.model_copy(update={"event_id": "cn-ann57-2025-five-ree"})
    words = "describes and cannot test"
    assert words in str(answer.headline(short, *results, catalogue)["headline"])
    assert words not in str(answer.headline(STUDY, *results, catalogue)["headline"])


def test_headline_follows_the_estimator_asked_for(
    tmp_path: Path, catalogue: pd.DataFrame, results: tuple[Counterfactual, Swing]
) -> None:
    asked = STUDY.model_copy(update={"headline": "swing"})
    found = answer.headline(asked, *results, catalogue)
    written = write_json(found, tmp_path / "headline.json")
    read = json.loads(written.read_text(encoding="utf-8"))
    assert read["headline"] == results[1].sentence
    assert read["parameters"]["study"] == "april-2025-world"


def test_what_would_overturn_it(results: tuple[Counterfactual, Swing]) -> None:
    table = results[0].table
    row = table[table["estimand"] == "cumulative effect"].iloc[0]
    assert answer.needed_to_overturn(results[0]) == pytest.approx(-row["upper"])
    assert f"{-row['upper']:,.0f} tonnes nearer" in caveats.overturned_by(results[0], STUDY)


def test_the_net_loss_of_two_months_is_not_made_good(
    results: tuple[Counterfactual, Swing],
) -> None:
    """Nine thousand tonnes lost, and months at the old level after: nothing makes it good."""
    told = caveats.net_sum(results[0], STUDY)
    assert "tonnes by May 2025" in told
    assert "tonnes by December 2025" in told
    assert "has not been made good" in told


def test_no_effect_overturns_nothing(exports: pd.DataFrame) -> None:
    index = pd.PeriodIndex(exports["month"], freq="M")
    series = pd.Series(exports["tonnes"].to_numpy(), index=index)
    calm = counterfactual(series, "2025-09", "2025-10", baseline_end="2024-12")
    study = STUDY.model_copy(update={"start": "2025-09", "end": "2025-10"})
    assert answer.needed_to_overturn(calm) == 0
    assert "no effect is claimed for September to October 2025" in caveats.overturned_by(
        calm, study
    )


def test_assumptions_and_tests_are_told_in_numbers(
    results: tuple[Counterfactual, Swing],
) -> None:
    effect = results[0]
    told = caveats.assumptions(effect, STUDY)
    assert "The baseline is 59 observed months; 12 coefficients leave 47" in told
    assert "one effect a calendar month" in told
    assert f"not less than {effect.conformal.floor:.3f}" in caveats.tests(effect)


def test_events_of_the_window(catalogue: pd.DataFrame) -> None:
    """Seven between 2 April and 12 May 2025, counted by hand in the catalogue."""
    assert len(caveats.window_events(catalogue, STUDY)) == 7
    assert "13 catalogued events" in caveats.inseparable(catalogue, STUDY)


@pytest.mark.parametrize(
    ("level", "words"),
    [
        (0.95, "0 of these 15 changes are unusual; by chance alone one expects 0.8."),
        (
            0.999,
            "None of these 15 changes can be called unusual at the 99.9 % level: a rank among 60 "
            "calm changes gives no p-value below 0.016.",
        ),
    ],
)
def test_too_few_changes_to_call_one_unusual_are_said_to_be(level: float, words: str) -> None:
    """By hand: 1 / 61 is more than a thousandth and less than a twentieth."""
    later = pd.DataFrame({"p_value": 1 / 61, "unusual": [False] * 15})
    assert caveats.by_chance(later, level, 60) == words
