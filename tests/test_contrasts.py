"""One destination against the others: made-up exports with a planted gap, and what is refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from effects import (
    EffectError,
    average_effect,
    bridge,
    counterfactual,
    panel,
    synthetic_control,
)
from effects.average import influence
from effects.samples import ask
from effects.season import question_terms
from ledger.series import monthly_panel, months_known

from analysis import contrasts, sources
from analysis import plan as planned
from analysis.events import policy_regimes
from analysis.study import Contrast, Study

SHARES = {"USA": 0.12, "DEU": 0.2, "JPN": 0.05, "KOR": 0.08, "VNM": 0.06}
LOST = -0.6


def made_up(countries: int = 5) -> pd.DataFrame:
    """Exports from 2020 on; in April and May 2025 all lose a half and the United States more."""
    random = np.random.default_rng(2)
    months = pd.period_range("2020-01", "2025-12", freq="M")
    world = 5000 * np.exp(0.02 * np.cumsum(random.standard_normal(len(months))))
    inside = (months >= "2025-04") & (months <= "2025-05")
    world[inside] *= 0.5
    parts = {
        code: world * share * np.exp(0.05 * random.standard_normal(len(months)))
        for code, share in list(SHARES.items())[:countries]
    }
    parts["USA"][inside] *= 1 + LOST
    wide = pd.DataFrame(parts | {"WLD": world, "GRP_WLD-USA": world - parts["USA"]}, index=months)
    long = wide.rename_axis("month").reset_index().melt("month", var_name="destination")
    long["month"] = long["month"].dt.to_timestamp()
    bounds = {"lower": long["value"] * 0.999, "upper": long["value"] * 1.001}
    return long.rename(columns={"value": "tonnes"}).assign(**bounds)


@pytest.fixture(scope="module")
def exports() -> pd.DataFrame:
    """The made-up exports."""
    return made_up()


def test_a_planted_gap_is_found_from_its_month_on(exports: pd.DataFrame) -> None:
    asked = Contrast()
    pair = monthly_panel(exports, [asked.destination, asked.rest])
    ratio = contrasts.relative_exports(pair, asked)
    effect = counterfactual(ratio, asked.start, asked.end, baseline_end=asked.baseline_end)
    row = effect.table.iloc[0]
    assert row["lower"] < 100 * LOST < row["upper"] < 0
    below = contrasts.months_below(effect, asked)
    assert list(below["below"][:2]) == [True, True]
    assert below["month"].iloc[0] == pd.Period("2025-04", freq="M")
    assert contrasts.months_below(None, asked).empty


def test_a_panel_has_every_month_and_the_columns_asked_for(exports: pd.DataFrame) -> None:
    kept = exports["month"].isin(pd.to_datetime(["2020-02-01", "2020-04-01"]))
    gone = (exports["destination"] == "DEU") & (exports["month"] == "2020-04-01")
    rows = exports.assign(tonnes=exports["tonnes"].mask(gone)).loc[kept].iloc[::-1]
    panel = monthly_panel(rows, ["WLD", "DEU"], "lower")
    wide = exports[kept & ~gone].pivot(index="month", columns="destination", values="lower")
    expected = wide[["WLD", "DEU"]].asfreq("MS").to_period("M")
    pd.testing.assert_frame_equal(panel, expected, check_names=False)
    assert panel["DEU"].isna().tolist() == [False, True, True]


def test_every_month_lies_where_its_bounds_move_the_estimate_farthest(
    exports: pd.DataFrame,
) -> None:
    """Bounds 0.2 % either way of a ratio move it by that times the months' weights, size only."""
    asked = Contrast()
    pair = contrasts.pair_of(exports, asked)
    ratio = contrasts.relative_exports(pair, asked)
    regress = {"baseline_end": asked.baseline_end, "regressors": None, "level": 0.95}
    low, high = contrasts.within_bounds(exports, asked, regress).values()
    window = (asked.start, asked.end)
    question = ask(ratio, *window, asked.baseline_end, 0.95)
    pull = influence(question, question_terms(question, None))
    wider = 1.001 / 0.999
    assert high["2025-05"] == pytest.approx(ratio["2025-05"] * wider)
    assert low["2025-05"] == pytest.approx(ratio["2025-05"] / wider)
    np.testing.assert_allclose(np.abs(np.log(low / ratio)[pull.index]), np.log(wider))

    logs = [
        np.log1p(average_effect(one, *window, **regress).table["estimate"].iloc[0] / 100)
        for one in (low, ratio, high)
    ]
    np.testing.assert_allclose(np.diff(logs), pull.abs().sum() * np.log(wider), rtol=0.02)


def test_a_total_that_hardly_moves_shows_what_moved_within() -> None:
    """100 to 101: A −30, B +25, C −4, and what no one printed 10; bounds of one either way."""
    cells = {"WLD": (100, 101), "USA": (40, 10), "DEU": (10, 35), "JPN": (20, 16)}
    rows = [
        (code, month, tonnes, tonnes - 1, tonnes + 1)
        for code, ends in cells.items()
        for month, tonnes in zip(pd.to_datetime(["2025-08-01", "2025-09-01"]), ends, strict=True)
    ]
    columns = ["destination", "month", "tonnes", "lower", "upper"]
    split = contrasts.split(pd.DataFrame(rows, columns=columns), "2025-09")
    table = contrasts.named(split.largest(contrasts.MOVED)).set_index("destination")
    assert table["change"].to_dict() == {
        "the United States": -30, "Japan": -4, "Germany": 25, "all others": 10, "the world": 1,
    }  # fmt: skip
    assert table.loc["all others", ["lower", "upper"]].tolist() == [2, 18]


def test_months_known_are_counted(exports: pd.DataFrame) -> None:
    known = months_known(exports, "2025-04", "2025-05", "2024-12").set_index("destination")
    counts = known.loc["JPN", ["before", "in the window", "after"]]
    assert list(counts) == [60, 2, 7]


def test_a_panel_takes_the_countries_it_can_and_says_which(exports: pd.DataFrame) -> None:
    asked = Contrast()
    thin = (exports["destination"] == "VNM") & (exports["month"] > "2020-03-01")
    unseen = (exports["destination"] == "KOR") & exports["month"].between(
        "2025-04-01", "2025-05-01"
    )
    countries = contrasts.comparable(exports[~thin & ~unseen], asked)
    assert set(countries) == {"Germany", "the United States", "Japan"}
    assert countries.index.max() == pd.Period("2025-05", freq="M")
    assert pd.Period("2025-02", freq="M") not in countries.index
    with pytest.raises(
        EffectError, match="United States is observed in 0 periods before and 0 in the window"
    ):
        contrasts.comparable(exports[exports["destination"] != "USA"], asked)


def test_both_estimators_find_the_gap_among_countries(exports: pd.DataFrame) -> None:
    asked = Contrast()
    countries = contrasts.comparable(exports, asked)
    for estimator in (panel, synthetic_control):
        found = estimator(countries, "the United States", asked.start, asked.end)
        assert abs(found.table["estimate"].iloc[0] - 100 * LOST) < 10


def test_the_largest_of_many_countries_stand_in_a_split(
    exports: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of five countries the three with most tonnes in the base: Germany, America, South Korea."""
    monkeypatch.setattr(contrasts, "SHOWN", 3)
    split = contrasts.split(exports, "2025-05", "2024-12")
    assert set(split.parts.index) == {"DEU", "USA", "KOR", "all others"}
    assert split.base == pd.Period("2024-05", freq="M")
    said = contrasts.spared(split)
    assert "Of the 3 largest of 5 known in both months" in said


def test_months_after_the_window_are_a_run_without_a_gap() -> None:
    asked = Contrast()
    months = [pd.Period(month) for month in ("2025-05", "2025-06", "2025-07", "2025-09")]
    below = pd.DataFrame({"month": months})
    assert contrasts.after_window(below, asked) == (months[1], months[2])
    with pytest.raises(EffectError, match="no month after the window can be told"):
        contrasts.after_window(below.iloc[:1], asked)


def test_who_was_spared_is_read_against_the_world() -> None:
    months = pd.period_range("2024-12", "2025-05", freq="M")
    best = pd.DataFrame({"WLD": 100.0, "USA": 20.0, "DEU": 40.0}, index=months)
    best.loc["2025-05"] = [50.0, 5.0, 30.0]
    split = bridge(best, best, best, "2025-05", total="WLD", base="2024-12")
    assert list(split.table["change_pct"]) == [-75, -25, -50]
    said = contrasts.spared(split)
    assert "Of the 2 countries known in both months" in said
    assert "worse than that: the United States (−75 %); better: Germany (−25 %)" in said
    assert said.startswith("From December 2024 to May 2025")
    assert said.count("no test") == 1


@pytest.fixture(scope="module")
def events() -> pd.DataFrame:
    """The catalogue of events."""
    return sources.load_events(Contrast().raw)


def test_the_five_planned_tests_are_read_by_holm(
    exports: pd.DataFrame, events: pd.DataFrame
) -> None:
    table = planned.planned_family(exports, policy_regimes(events), 0.95).table
    assert list(table["test"]) == [
        "the world, April to May 2025",
        "the United States, April to May 2025",
        "the world without the United States, April to May 2025",
        "the world, October to November 2025",
        "the world, change of September 2025",
    ]
    ordered = table.sort_values("p_value")
    by_hand = (ordered["p_value"] * [5, 4, 3, 2, 1]).cummax().clip(upper=1)
    assert ordered["adjusted_p_value"].to_numpy() == pytest.approx(by_hand.to_numpy())
    assert (ordered["adjusted_p_value"].iloc[:3] < 0.05).all()
    beside = table[["p_value_by_rank", "p_value_by_permutation"]]
    assert beside.iloc[:4].gt(0).all(axis=None)
    assert beside.iloc[4].isna().all()


def test_destinations_without_a_model_are_named(
    exports: pd.DataFrame, events: pd.DataFrame
) -> None:
    thin = (exports["destination"] == "VNM") & (exports["month"] > "2020-03-01")
    family, refused = planned.destination_family(exports[~thin], policy_regimes(events), Contrast())
    assert list(refused) == ["Vietnam"]
    assert len(family.table) == 5


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({}, True),
        ({"destination": "USA"}, True),
        ({"destination": "DEU"}, False),
        ({"end": "2025-06"}, False),
        ({"baseline_end": "2024-06"}, False),
        ({"value": "lower"}, False),
        ({"as_of": "2025-12-31"}, False),
        ({"nowcast": True}, False),
        ({"level": 0.9}, False),
        ({"series": "gacc:Rare earths"}, False),
        ({"study": "a-copy", "event_id": ""}, True),
        ({"headline": "swing"}, False),
        ({"headline": "swing", "swing_month": "2025-09"}, True),
    ],
)
def test_a_study_outside_the_plan_is_exploratory(changed: dict[str, object], named: bool) -> None:
    assert Study().model_copy(update=changed).is_planned == named
