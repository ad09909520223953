"""Studies side by side: the table of all, and estimates of one kind sorted with their choices."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from charts import compare_choices
from contracts import TableError, validate, write_table

from analysis.specifications import (
    CHOICES,
    gather_effects,
    list_studies,
    specification_curves,
)
from analysis.study import Batch, Folders, Study
from analysis.tables import BatchEffects, Effects

ROWS = (
    ("counterfactual", "average effect", "%", 0.0),
    ("placebo dates", "average effect", "%", 0.0),
    ("counterfactual", "cumulative effect", "tonnes", 5000.0),
    ("swing", "change against months to 2024-12", "%", 1.0),
    ("swing", "change against all earlier months", "%", 1.0),
)
"""Estimator, estimand, unit, and what is added to the study's estimate."""

MakeStudy = Callable[..., None]


@pytest.fixture
def batch(tmp_path: Path) -> Batch:
    return Batch(reports_dir=str(tmp_path), batch="spring")


@pytest.fixture
def make_study(batch: Batch) -> MakeStudy:
    """Writes the results of a study whose interval reaches 10 to either side."""

    def make(name: str, estimate: float | None, **asked: object) -> None:
        study = Study.model_validate({"study": name, "reports_dir": batch.reports_dir, **asked})
        effects = pd.DataFrame(ROWS, columns=["estimator", "estimand", "unit", "estimate"])
        effects["estimate"] = effects["estimate"] + (float("nan") if estimate is None else estimate)
        effects = effects.assign(
            study=name,
            destination=study.destination,
            event_id=study.event_id,
            start=study.start,
            end=study.end,
            lower=effects["estimate"] - 10,
            upper=effects["estimate"] + 10,
            level=study.level,
            p_value=0.5,
            n_pre=40,
            n_post=2,
        )
        folder = batch.reports / name
        write_table(effects[list(Effects.columns)], folder / "effects.csv", Effects)
        told = {"study": name, "parameters": study.model_dump()}
        (folder / "headline.json").write_text(json.dumps(told))

    return make


@pytest.fixture
def spring(batch: Batch, make_study: MakeStudy) -> pd.DataFrame:
    """Effects of four studies of a window and two of a month, one of those without an estimate."""
    make_study("low", -60.0, destination="USA")
    make_study("lower", -80.0, destination="USA", baseline_end="2023-12")
    make_study("none", 5.0, event_id="another")
    make_study("high", 30.0, start="2025-10", end="2025-10")
    make_study("month", -5.0, headline="swing", start="2025-09", end="2025-09")
    make_study("gap", None, headline="swing")
    return gather_effects(batch, list_studies(batch))


def test_every_estimate_stands_beside_what_was_asked(spring: pd.DataFrame) -> None:
    assert len(validate(spring, BatchEffects, "spring")) == 6 * len(ROWS)
    asked = spring[spring["study"] == "lower"].iloc[0]
    assert (asked["asked_baseline_end"], asked["asked_level"]) == ("2023-12", 0.95)
    headline = spring[spring["is_headline"]].set_index("study")
    assert headline.loc["low", ["estimator", "estimate"]].tolist() == ["counterfactual", -60.0]
    month = headline.loc["month", ["estimator", "estimand", "estimate"]].tolist()
    assert month == ["swing", "change against months to 2024-12", -4.0]
    assert len(headline) == 6


def test_all_parameters_of_a_study_are_in_the_table() -> None:
    asked = set(Study.model_fields) - set(Folders.model_fields)
    columns = set(BatchEffects.columns)
    beside = {"study", "destination", "event_id"}
    assert beside < columns
    assert {f"asked_{name}" for name in asked - beside} < columns
    known = {name for names in CHOICES.values() for name in names} - {"window"}
    assert known < asked


def test_kinds_are_not_mixed_and_a_curve_needs_two(spring: pd.DataFrame) -> None:
    (curve,) = specification_curves(spring)
    assert (curve.kind, curve.unit, curve.untold) == ("counterfactual", "%", ())
    assert curve.rows["study"].tolist() == ["lower", "low", "none", "high"]
    assert curve.rows["estimate"].tolist() == [-80.0, -60.0, 5.0, 30.0]
    assert curve.side.tolist() == [-1, -1, 0, 1]
    assert curve.choices == ("destination", "window", "baseline_end")
    assert curve.rows["destination"].tolist() == ["the United States"] * 2 + ["the world"] * 2
    assert curve.rows["window"].tolist() == ["April to May 2025"] * 3 + ["October 2025"]
    assert curve.sentence == (
        "Average effect over the window: 4 estimates run from −80 to +30 %, median −28 %. "
        "Intervals wholly below zero: 2, wholly above: 1, across it: 1."
    )


def test_a_study_without_an_estimate_is_named(batch: Batch, make_study: MakeStudy) -> None:
    for name, estimate in (("one", 1.0), ("two", 2.0), ("no-one", None)):
        make_study(name, estimate, headline="swing", swing_month="2025-0" + str(len(name)))
    (curve,) = specification_curves(gather_effects(batch, list_studies(batch)))
    assert curve.sentence.endswith(" Without an estimate: no-one.")
    assert (curve.choices, len(curve.rows)) == ((), 2)


def test_values_of_a_choice_are_compared(spring: pd.DataFrame) -> None:
    compared = compare_choices(specification_curves(spring))
    destinations = compared[compared["choice"] == "destination"].set_index("value")
    assert destinations.loc["the United States"].tolist() == ["destination", 2, -70.0, -80, -60, 2]
    assert destinations.loc["the world"].tolist() == ["destination", 2, 17.5, 5, 30, 1]
    assert set(compared["choice"]) == {"destination", "window", "baseline end"}


def test_studies_that_failed_are_counted_but_not_read(batch: Batch, make_study: MakeStudy) -> None:
    make_study("good", -5.0)
    make_study("stale", -90.0)
    batch.folder.mkdir(parents=True)
    listed = "study,file,trouble\ngood,a.yaml,\nstale,a.yaml,it failed\n"
    (batch.folder / "studies.csv").write_text(listed)
    studies = list_studies(batch)
    effects = gather_effects(batch, studies)
    assert set(effects["study"]) == {"good"}
    assert len(effects) == 5
    assert studies["trouble"].tolist() == ["", "it failed"]


def test_without_results_there_is_a_plain_word(batch: Batch) -> None:
    with pytest.raises(
        TableError, match="no study of the batch 'spring' has results; run 03_model"
    ):
        list_studies(batch)


def test_results_under_another_name_are_refused(batch: Batch, make_study: MakeStudy) -> None:
    make_study("one", 1.0)
    (batch.reports / "one").rename(batch.reports / "two")
    with pytest.raises(TableError, match=r"two/headline.json: found study 'one'; run it again"):
        gather_effects(batch, list_studies(batch))
