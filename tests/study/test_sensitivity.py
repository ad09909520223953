"""Variants of a headline: what is changed, and when a conclusion survives."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from contracts import validate, write_table
from effects.regimes import Policy
from effects.variants import Variant
from ledger.series import monthly_series
from ledger.settled import make_ledger
from ledger.tables import Figures, RejectedFigures, Sources
from tradedata.tables import OfficialExports

from analysis import sources
from analysis.answer import fit_effect
from analysis.events import policy_regimes
from analysis.sensitivity import sensitivity_table, variants
from analysis.study import Study
from analysis.tables import Nowcast, Sensitivity

MONTHS = pd.date_range("2018-01-01", "2025-12-01", freq="MS", unit="ns")


@pytest.fixture(scope="module")
def policy() -> Policy:
    return policy_regimes(sources.load_events(Study().raw))


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """The default study on a ledger of two figures: f1 is of 2018, f2 of September 2025."""
    asked = Study(processed_dir=str(tmp_path_factory.mktemp("processed")))
    figures = sources.load_figures(asked.raw).head(2)
    months = pd.to_datetime(["2018-01-01", "2025-09-01"])
    figures = figures.assign(figure_id=["f1", "f2"], period_start=months, period_end=months)
    write_table(figures, asked.processed / "figures.parquet", Figures)
    pages = sources.load_sources(asked.raw)
    write_table(pages, asked.processed / "sources.parquet", Sources)
    empty = {"rejected_figures.csv": RejectedFigures, "official_exports.parquet": OfficialExports}
    for file, contract in empty.items():
        columns: dict[str, list[object]] = {name: [] for name in contract.columns}
        write_table(pd.DataFrame(columns), asked.processed / file, contract)
    write_table(Nowcast.empty(), asked.processed / "nowcast.csv", Nowcast)
    return asked


def made_up(loss: float, width: float = 2.0) -> pd.DataFrame:
    """5,000 tonnes a month with noise of 5 %, less a share of April and May 2025."""
    tonnes = 5000 * np.exp(0.05 * np.random.default_rng(1).standard_normal(len(MONTHS)))
    tonnes[(MONTHS >= "2025-04-01") & (MONTHS <= "2025-05-01")] *= 1 - loss
    frame = pd.DataFrame({"destination": "WLD", "month": MONTHS, "tonnes": tonnes})
    bounds = {"lower": tonnes - width / 2, "upper": tonnes + width / 2}
    return frame.assign(**bounds, figure_ids="f1")


def named(tried: list[Variant], name: str) -> Variant:
    return next(variant for variant in tried if variant.name == name)


def test_an_effect_that_is_known_is_that_of_the_first_variant(study: Study, policy: Policy) -> None:
    exports = made_up(0.5)
    found = fit_effect(study, monthly_series(exports, "WLD"), policy)
    known, again = variants(study, exports, policy, found=found), variants(study, exports, policy)
    assert known[0].effect is found.fitted
    assert known[0].effect.row() == again[0].effect.row()
    assert {one.fitted for one in known[1:]} == {None}


def test_every_variant_changes_one_thing(study: Study, policy: Policy) -> None:
    tried = variants(study, made_up(0.5), policy)
    gone = named(tried, "without 2020 and 2021").series.isna()
    assert gone.sum() == 24
    assert gone.loc["2020-01":"2021-12"].all()
    assert named(tried, "baseline to March 2025").terms["regressors"].columns[-1] == "stockpiling"
    assert {variant.terms["baseline_end"] for variant in tried} == {
        "2023-12", "2024-06", "2024-09", "2024-12", "2025-03"
    }  # fmt: skip


def test_a_series_that_begins_later_is_not_said_to_be_without_the_pandemic(
    study: Study, policy: Policy
) -> None:
    exports = made_up(0.5)
    tried = variants(study, exports[exports["month"] >= "2022-01-01"], policy)
    assert "without 2020 and 2021" not in {variant.name for variant in tried}


def test_regimes_of_the_baseline_are_left_out_one_by_one(study: Study, policy: Policy) -> None:
    later = study.model_copy(
        update={"start": "2025-10", "end": "2025-11", "baseline_end": "2025-09"}
    )
    tried = variants(later, made_up(0.5), policy)
    left_out = [variant.name for variant in tried if variant.aspect == "regime"]
    assert left_out == [
        "without stockpiling", "without tight licensing", "without licences flowing"
    ]  # fmt: skip


def test_a_large_loss_survives_and_keeps_the_contract(study: Study, policy: Policy) -> None:
    table = sensitivity_table(study, variants(study, made_up(0.5), policy))
    validate(table, Sensitivity, "sensitivity.csv")
    assert (table["conclusion"] == "survives").all()
    assert table["estimate"].between(-60, -40).all()
    assert "regime" not in set(table["aspect"])


def test_bounds_wide_enough_change_the_conclusion(study: Study, policy: Policy) -> None:
    """A tenth is lost; 600 tonnes up in the window and down elsewhere are more than that."""
    exports = made_up(0.15, width=1200.0)
    table = sensitivity_table(study, variants(study, exports, policy))
    found = table.set_index("variant")["conclusion"]
    assert found["as reported"] == "survives"
    assert found["lowest estimate that the figures allow"] == "survives"
    assert found["highest estimate that the figures allow"] == "changes"


def test_what_is_not_clear_of_zero_does_not_survive(study: Study, policy: Policy) -> None:
    table = sensitivity_table(study, variants(study, made_up(0.0), policy))
    assert table["conclusion"].iloc[0] == "cannot be told"
    assert "survives" not in set(table["conclusion"])


def test_a_window_no_longer_observed_is_not_told(study: Study, policy: Policy) -> None:
    """The Gazette alone printed May, and the sum that still bounds it is of a whole year."""
    months = ["2025-04-01", "2025-05-01", "2025-01-01"]
    common = {"series": study.series, "destination": "WLD", "measure": "tonnes", "unit": "t"}
    figures = pd.DataFrame(common, index=range(3)).assign(
        figure_id=["f0", "f1", "f2"],
        value=["2500", "2500", "50000"],
        source_id=["Gazette", "Gazette", "Herald"],
        period_start=pd.to_datetime(months),
        period_end=pd.to_datetime([*months[:2], "2025-12-01"]),
        approximate=False,
        note="",
    )
    pages = pd.DataFrame({"source_id": ["Gazette", "Herald"], "newsroom": ["Gazette", "Herald"]})
    nothing = pd.DataFrame({"figure_id": [], "verdict": []})
    official = pd.DataFrame({"destination": [], "month": [], "tonnes": []})
    ledger = make_ledger(figures, pages, nothing, official, study.series)
    table = sensitivity_table(study, variants(study, made_up(0.5), policy, ledger))
    row = table.set_index("variant").loc["without Gazette"]
    assert row["conclusion"] == "not told"
    assert "no period from 2025-04 to 2025-05 is observed" in row["reason"]


def test_months_reckoned_back_from_later_figures_are_left_out(study: Study, policy: Policy) -> None:
    exports = made_up(0.5)
    assert "hindsight" not in {one.aspect for one in variants(study, exports, policy)}
    exports.loc[exports["month"].between("2024-07-01", "2024-09-01"), "figure_ids"] = "f2"
    exports.loc[exports["month"] == "2024-10-01", "figure_ids"] = "f1;f2"
    exports.loc[exports["month"] == "2025-09-01", "figure_ids"] = "f2"
    tried = variants(study, exports, policy)
    gone = named(tried, "without months reckoned back from later figures").series.isna()
    assert list(gone.index[gone].astype(str)) == ["2024-07", "2024-08", "2024-09"]


def test_estimated_months_are_a_variant(study: Study, policy: Policy) -> None:
    exports = made_up(0.5)
    exports.loc[exports["month"] == "2024-03-01", "tonnes"] = np.nan
    told = {"wider": 6000.0, "tonnes": 5100.0, "lower": 4900.0, "upper": 5300.0, "known": np.nan}
    row = pd.DataFrame([{"destination": "WLD", "month": pd.Timestamp("2024-03-01"), **told}])
    write_table(row.assign(status="estimated"), study.processed / "nowcast.csv", Nowcast)
    tried = variants(study, exports, policy)
    estimated = named(tried, "with months estimated from customs' wider series").series
    assert tried[0].series.isna().sum() == 1
    assert estimated["2024-03"] == 5100
    write_table(Nowcast.empty(), study.processed / "nowcast.csv", Nowcast)
