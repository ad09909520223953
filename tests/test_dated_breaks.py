"""Breaks beside the catalogue: the table's contract, and the events of each date's interval."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from contracts import TableError, read_table, write_table
from effects import Breaks, EffectError, Volatility

from analysis.dated_breaks import (
    breaks_table,
    compare_swings,
    events_beside,
    other_trims,
    search_breaks,
    sequence_table,
    textbook_counts,
)
from analysis.events import policy_regimes
from analysis.sources import load_events
from analysis.study import ROOT, BreakSearch
from analysis.tables import BreakShifts

ASKED = BreakSearch()


@pytest.fixture(scope="module")
def events() -> pd.DataFrame:
    return load_events(ROOT / "data" / "raw")


@pytest.fixture(scope="module")
def exports() -> pd.DataFrame:
    """Seven years of noise for the world; the United States lose half from May to August 2025."""
    months = pd.date_range("2019-04-01", "2026-03-01", freq="MS").as_unit("ns")
    random = np.random.default_rng(7)
    rows = []
    for code, effect in (("WLD", 1.0), ("USA", 0.5)):
        inside = (months >= "2025-05-01") & (months <= "2025-08-01")
        tonnes = (
            1000
            * np.exp(0.05 * random.standard_normal(len(months)))
            * np.where(inside, effect, 1.0)
        )
        rows.append(pd.DataFrame({"destination": code, "month": months, "tonnes": tonnes}))
    return pd.concat(rows, ignore_index=True)


@pytest.fixture(scope="module")
def found(exports: pd.DataFrame) -> dict[str, Breaks]:
    return {code: search_breaks(exports, code, ASKED) for code in ("WLD", "USA")}


@pytest.fixture(scope="module")
def swings(exports: pd.DataFrame, events: pd.DataFrame) -> dict[str, Volatility]:
    policy = policy_regimes(events)
    return {code: compare_swings(exports, policy, code, ASKED) for code in ("WLD", "USA")}


def test_the_table_keeps_its_contract(
    found: dict[str, Breaks], swings: dict[str, Volatility], tmp_path: Path
) -> None:
    path = write_table(breaks_table(found, swings), tmp_path / "breaks.csv", BreakShifts)
    table = read_table(path, BreakShifts)
    dated = table[table["estimator"] == "breaks"]
    assert dated[["destination", "start"]].to_numpy().tolist() == [
        ["USA", "2025-05"],
        ["USA", "2025-09"],
    ]
    assert (dated["date_lower"] <= dated["start"]).all()
    assert (table.loc[table["estimator"] == "volatility", "date_lower"] == "").all()
    assert list(table.loc[table["estimator"] == "volatility", "destination"]) == ["WLD", "USA"]


def test_events_lie_in_the_interval_of_the_date(
    found: dict[str, Breaks], events: pd.DataFrame
) -> None:
    """The catalogue's Geneva truce of 12 May 2025 lies beside the first break."""
    beside = events_beside(found, events)
    assert set(beside["destination"]) == {"USA"}
    assert "uscn-geneva-truce" in set(beside.loc[beside["start"] == "2025-05", "event_id"])


def test_regimes_are_no_swings(swings: dict[str, Volatility]) -> None:
    """Half a year without half of the exports is a shift that the regimes take up in part."""
    assert swings["WLD"].table["p_value"].iloc[0] > 0.05
    assert swings["WLD"].table["start"].iloc[0] == "2025-01"


def test_words_and_counts(found: dict[str, Breaks]) -> None:
    counts = textbook_counts(found).set_index("destination")
    assert counts["ours"].to_dict() == {"WLD": 0, "USA": 2}
    assert found["WLD"].table.empty
    tests = sequence_table(found)
    assert list(tests.columns[:2]) == ["destination", "breaks"]
    assert tests["destination"].value_counts()["USA"] == 2
    assert sequence_table({}).empty


def test_a_spell_of_four_months_is_not_found_where_stretches_must_be_longer(
    exports: pd.DataFrame, found: dict[str, Breaks]
) -> None:
    """84 months: three, four (a twentieth), six, thirteen (15 %) at least; the spell has four."""
    table = other_trims(exports, {"USA": found["USA"]}, ASKED)
    assert list(table["trim"]) == [3, 4, 6, 13]
    both = table["new levels from"] == "May 2025, September 2025"
    assert both.tolist() == [True, True, False, False]


def test_what_cannot_be_told_is_refused(exports: pd.DataFrame) -> None:
    with pytest.raises(EffectError):
        search_breaks(exports[exports["month"] >= "2026-01-01"], "WLD", ASKED)
    with pytest.raises(TableError, match="no observed month of 'USA'"):
        search_breaks(exports[exports["destination"] == "WLD"], "USA", ASKED)
    assert breaks_table({}, {}).empty
