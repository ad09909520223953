"""A study's tables keep their contracts, and its sentences say what the tables say."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from contracts import validate, write_json
from effects import Counterfactual, Swing, counterfactual, swing
from effects.counterfactual import WINDOW_SHARE
from effects.regimes import Policy
from effects.results import ASKED, FAR, LABELS, UNTOLD, UNUSUAL, USUAL, JudgedEffect

from analysis import answer, events, prose, sources, words
from analysis.events import policy_regimes
from analysis.study import ROOT, Study
from analysis.tables import CounterfactualPath, Effects, Swings

STUDY = Study()
NONE_TRIED = pd.DataFrame(columns=["aspect", "conclusion"])


@pytest.fixture(scope="module")
def catalogue() -> pd.DataFrame:
    return sources.load_events(ROOT / "tests" / "reference" / "raw-2026-11-22")


@pytest.fixture(scope="module")
def policy(catalogue: pd.DataFrame) -> Policy:
    return policy_regimes(catalogue)


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
    path = answer.path_table(results[0], results[0].path["observed"], exports, "WLD")
    validate(path, CounterfactualPath, "counterfactual.csv")
    seen = path[path["observed"].notna()]
    assert (seen["observed_upper"] - seen["observed"]).to_numpy() == pytest.approx(1)
    assert np.isnan(path.loc[3, "observed_lower"])
    assert path["counterfactual"].first_valid_index() == 60


def test_quiet_months_end_before_the_first_regime(catalogue: pd.DataFrame) -> None:
    policy = policy_regimes(catalogue)
    assert str(policy.quiet_end()) == str(policy.quiet_end("2025-09")) == "2024-12"
    assert str(policy.quiet_end("2024-06")) == "2024-05"


def test_known_swings_keep_their_contract(exports: pd.DataFrame, policy: Policy) -> None:
    series = pd.Series(
        exports["tonnes"].to_numpy(), index=pd.PeriodIndex(exports["month"], freq="M")
    )
    known = answer.known_swings(STUDY, series, policy)
    validate(known, Swings, "swings.csv")
    assert pd.Timestamp(2025, 5, 1) in set(known["month"])
    few = answer.known_swings(STUDY, series["2025-01":], policy)
    assert validate(few.astype({"month": "datetime64[ns]"}), Swings, "swings.csv").empty


def test_what_cannot_be_told_is_a_reason_and_a_row_without_numbers(
    exports: pd.DataFrame, policy: Policy
) -> None:
    index = pd.PeriodIndex(exports["month"], freq="M")
    series = pd.Series(exports["tonnes"].to_numpy(), index=index)[:"2025-03"]
    effect, why = answer.attempt(answer.fit_effect, STUDY, series, policy)
    assert effect is None
    assert "2025-04" in why
    change, _ = answer.attempt(answer.fit_change, STUDY, series, policy)
    assert change is None
    table = validate(answer.effects_table(STUDY, [effect, change]), Effects, "effects.csv")
    assert table["estimate"].isna().all()
    assert prose.headline_rows(STUDY, table)[0]["estimand"] == "average effect"
    path = answer.path_table(None, series, exports, "WLD")
    validate(path, CounterfactualPath, "counterfactual.csv")
    assert path["counterfactual"].isna().all()
    found = answer.headline(STUDY, effect, why, policy, index[-1], NONE_TRIED)
    assert found["headline"] == why
    assert found["estimate"] is None
    assert (found["label"], found["estimate"]) == ("cannot be told", None)
    assert found["finding"] == "What exports to the world did in April and May 2025 cannot be told"
    assert json.loads(json.dumps(found, allow_nan=False))["next_due"] == "2026-02-20"


def test_a_series_that_ends_before_every_regime_has_none(policy: Policy) -> None:
    months = pd.period_range("2020-01", "2024-12", freq="M")
    series = pd.Series(np.exp(np.random.default_rng(1).standard_normal(60)), index=months)
    found, why = answer.attempt(answer.fit_regimes, STUDY, series, policy)
    assert found is None
    assert "no regime" in why


def test_length_of_a_regime_by_hand(policy: Policy) -> None:
    end = pd.Period("2026-03", freq="M")
    package = policy.months("cn-ann57-2025-five-ree", end)
    assert package == pytest.approx(23 / 31 + 6 / 30)
    licensing = policy.months("cn-ann18-2025-seven-ree", end)
    assert licensing == pytest.approx(27 / 30 + 1 + 9 / 30)
    assert policy.months("uscn-geneva-truce", end) is None


def test_a_regime_of_a_month_only_describes(
    policy: Policy, results: tuple[Counterfactual, Swing]
) -> None:
    short = STUDY.model_copy(update={"event_id": "cn-ann57-2025-five-ree"})
    last, words = pd.Period("2025-12", freq="M"), "of which months cannot tell"
    told = [
        answer.headline(asked, results[0], "", policy, last, NONE_TRIED)["headline"]
        for asked in (short, STUDY)
    ]
    assert [words in str(one) for one in told] == [True, False]


def test_headline_follows_the_estimator_asked_for(
    tmp_path: Path, policy: Policy, results: tuple[Counterfactual, Swing]
) -> None:
    asked = STUDY.model_copy(update={"headline": "swing"})
    found = answer.headline(
        asked, results[1], "", policy, pd.Period("2025-12", freq="M"), NONE_TRIED
    )
    written = write_json(found, tmp_path / "headline.json")
    read = json.loads(written.read_text(encoding="utf-8"))
    assert read["headline"] == results[1].sentence
    assert read["parameters"]["study"] == "april-2025-world"
    row = results[1].table.iloc[0]
    for name in ("estimate", "p_value"):
        assert read[name] == float(f"{row[name]:.6g}")


def test_what_would_overturn_it(results: tuple[Counterfactual, Swing]) -> None:
    table = results[0].table
    row = table[table["estimand"] == "cumulative effect"].iloc[0]
    assert results[0].needed_to_overturn == pytest.approx(-row["upper"])


def test_no_effect_overturns_nothing(exports: pd.DataFrame) -> None:
    index = pd.PeriodIndex(exports["month"], freq="M")
    series = pd.Series(exports["tonnes"].to_numpy(), index=index)
    calm = counterfactual(series, "2025-09", "2025-10", baseline_end="2024-12")
    assert calm.needed_to_overturn == 0


def test_events_of_the_window(catalogue: pd.DataFrame) -> None:
    """Seven between 2 April and 12 May 2025, counted by hand in the catalogue."""
    assert len(events.month_events(catalogue, STUDY.start, STUDY.end)) == 7


def answered(estimate: float, lower: float, upper: float, p: float, missed: float) -> JudgedEffect:
    """What a label is made from: an average effect, its share of the sum, what could be missed."""
    numbers = {"lower": lower, "upper": upper, "p_value": p, "estimator": "counterfactual"}
    numbers |= {"level": 0.95}
    row = numbers | {"start": "2025-04", "end": "2025-05", "estimate": estimate}
    rows = [row | {"estimand": name} for name in ("average effect", WINDOW_SHARE)]
    return JudgedEffect(pd.DataFrame(rows), "", missed, (np.nan, np.nan))


@pytest.mark.parametrize(
    ("numbers", "called", "said"),
    [
        ((-67, -74, -57, 1e-9, -29), FAR, "were about two thirds below normal"),
        ((-60, -73, -39, 2e-4, -44), UNUSUAL, "were about three fifths below normal"),
        ((150, 90, 230, 1e-9, -44), FAR, "were 150 % above normal"),
        ((70, 50, 93, 1e-9, -44), UNUSUAL, "were about two thirds above normal"),
        ((2, -4, 8, 0.5, -9), USUAL, "were within the usual range"),
        (
            (12, -12, 42, 0.36, -29),
            UNTOLD,
            "did not stand out; a fall of less than 29 % could have been missed",
        ),
    ],
)
def test_labels_and_findings_by_hand(numbers: tuple[float, ...], called: str, said: str) -> None:
    """A rise of 79 % is as far as a fall of 44 % in logs: 1 / (1 - 0.44) = 1.79."""
    found = answered(*numbers)
    assert found.label == called
    finding = prose.finding(STUDY, found.table, called, found.minimum_detectable)
    assert finding == f"In April and May 2025 exports to the world {said}"


@pytest.mark.parametrize(
    ("value", "said"),
    [
        *((-64.2, "about two thirds"), (-12, "12 %"), (5.2, "5 %"), (9.6, "about a tenth")),
        *((-45, "45 %"), (150, "150 %"), (-97, "97 %"), (-50, "about half")),
    ],
)
def test_sizes_as_one_says_them(value: float, said: str) -> None:
    assert words.roughly(value) == said


def test_every_label_is_in_the_glossary() -> None:
    glossary = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    assert [one for one in LABELS if f"- **{one}**:" not in glossary] == []
    assert ASKED == 10
    assert glossary.count("a fall of a tenth") == 2


def test_how_sure_counts_the_choices_that_agree(results: tuple[Counterfactual, Swing]) -> None:
    varied = pd.DataFrame(
        {
            "aspect": ["headline", "bounds", "drift", "season"],
            "conclusion": ["survives", "survives", "changes", "not told"],
            "estimate": [-60.0, -61.0, -20.0, float("nan")],
        }
    )
    told = prose.how_sure(STUDY, results[0], varied)
    size = prose.headline_rows(STUDY, results[0].table)[1]
    assert size["estimand"] == WINDOW_SHARE
    ends = f"from {size['lower']:.0f} % to {size['upper']:.0f} % (p < 0.001)".replace("-", "−")
    assert told.startswith(
        f"The 95 % interval runs {ends}. For 1 of 2 other choices of data, baseline and model the "
        "interval lies on the same side too; the average effects run from −61 to −20 %."
    )
    unsure = replace(results[0], table=results[0].table.assign(p_value=0.5))
    assert unsure.label == UNTOLD
    assert "other choices" not in prose.how_sure(STUDY, unsure, varied)
