"""A line of customs' bulletin asked about like any series: what it becomes, what is refused."""

from __future__ import annotations

import pytest
from contracts import ParameterError, TableError, check
from ledger.lines import line_figures

from analysis.study import ROOT, Cleaning, Study
from analysis.vintages import reconcile_known

RAW = ROOT / "data" / "raw"


@pytest.mark.parametrize("name", ["Tungsten products", "tungsten products", "钨品"])
def test_a_line_goes_by_any_of_its_names(name: str) -> None:
    figures, sources = line_figures(RAW, name, f"gacc:{name}")
    assert set(figures["measure"]) == {"tonnes", "pct_change_year"}
    assert set(figures["source_id"]) == set(sources["source_id"])


def test_months_of_the_year_before_follow_from_printed_changes() -> None:
    """January 2024 printed 1,175 tonnes, 22.1 % less: 1,508.3 of 2023, within what was rounded."""
    figures, sources = line_figures(RAW, "钨品", "gacc:钨品")
    month = figures["period_start"] == "2024-01-01"
    tonnes, change = figures.loc[month, "value"].astype(float)
    own = Cleaning(series="gacc:钨品", groups=[])
    exports = reconcile_known(figures, sources, own).exports.set_index("month")
    before = exports.loc["2023-01-01"]
    assert before["lower"] <= tonnes / (1 + change / 100) <= before["upper"]
    assert before["upper"] / before["lower"] < 1.01
    assert set(exports["destination"]) == {"WLD"}


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("Tungst", "has no line 'Tungst'; near it are Tungsten products"),
        ("Mobile phones", "'Mobile phones' is counted in .*; a study needs tonnes"),
    ],
)
def test_a_line_that_cannot_be_asked_about_is_refused_in_a_line(name: str, says: str) -> None:
    with pytest.raises(TableError, match=says):
        line_figures(RAW, name, f"gacc:{name}")


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"destination": "USA"}, "for WLD and as of today alone; found destination USA"),
        ({"as_of": "2026-01-31"}, "for WLD and as of today alone; found as_of 2026-01-31"),
        ({"series": "gacc:../up"}, "needs a series of the products table, or gacc: and a line"),
    ],
)
def test_what_the_bulletin_does_not_have_is_refused(asked: dict[str, str], says: str) -> None:
    with pytest.raises(ParameterError, match=says):
        check(Study, {"series": "gacc:钨品"} | asked, "odd.yaml")
