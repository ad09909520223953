"""Customs' own values settle the ledger: exact, never doubted, and the doubtful figures fall."""

import pandas as pd
import pytest
from contracts import validate
from ledger import reconcile
from ledger.tables import UNITS, Exports, Figures, RejectedFigures, Sources
from tradedata.customs.vintages import Vintage, official_exports

SERIES = "magnets_85051110"
LEDGER = [
    # two newsrooms against one: without customs the larger number would win
    ("USA", "2025-04", "tonnes", "264", "A"),
    ("USA", "2025-04", "tonnes", "264", "B"),
    ("USA", "2025-04", "tonnes", "246", "C"),
    ("USA", "2025-05", "tonnes", "46", "A"),
    ("USA", "2025-05", "pct_change_month", "-81.3", "C"),
    ("WLD", "2025-05", "tonnes", "1238", "A"),
    ("KOR", "2025-05", "tonnes", "108", "A"),
]


def ledger():
    figures = [
        (f"f{n}", SERIES, place, month, month, measure, value, UNITS[measure], False, room, "")
        for n, (place, month, measure, value, room) in enumerate(LEDGER)
    ]
    frame = pd.DataFrame(figures, columns=list(Figures.columns))
    for column in ("period_start", "period_end"):
        frame[column] = pd.to_datetime(frame[column])
    pages = pd.DataFrame(
        [(room, "publisher", room, "", "", "press") for room in "ABC"],
        columns=list(Sources.columns),
    )
    return validate(frame, Figures, "figures"), validate(pages, Sources, "sources")


def official(cells):
    rows = pd.DataFrame(
        [(pd.Timestamp(month), code, name, kilograms) for month, code, name, kilograms in cells],
        columns=["month", "partner_code", "partner", "kilograms"],
    )
    return official_exports([Vintage("a.csv", None, rows)])


CELLS = [
    ("2025-04", "502", "美国", 246_370.0),
    ("2025-05", "502", "美国", 46_100.0),
    ("2025-05", "304", "德国", 99_999.0),
    ("2025-05", "701", "国(地)别不详的", 5.0),
]


@pytest.fixture(scope="module")
def settled():
    return reconcile(*ledger(), SERIES, official=official(CELLS))


def test_without_customs_the_majority_wins():
    alone = reconcile(*ledger(), SERIES)
    assert set(alone.rejected_figures["figure_id"]) >= {"f2"}
    assert "official" not in set(alone.exports["status"])


def test_the_figures_that_customs_contradict_are_doubted(settled):
    rejected = validate(settled.rejected_figures, RejectedFigures, "rejected")
    assert rejected["figure_id"].tolist() == ["f0", "f1"]
    assert set(rejected["verdict"]) == {"rejected"}
    assert set(rejected["conflicts_with"]) == {"customs"}
    assert rejected["implied_lower"].tolist() == pytest.approx([246.37, 246.37])


def test_official_values_are_exact(settled):
    table = validate(settled.exports, Exports, "exports").set_index(["destination", "month"])
    for (_, _, _, kilograms), destination in zip(
        CELLS, ("USA", "USA", "DEU", "GRP_GACC701"), strict=True
    ):
        rows = table.loc[destination]
        row = rows[rows["tonnes"] == kilograms / 1000].iloc[0]
        assert row["lower"] == row["upper"] == kilograms / 1000
        assert row["status"] == "official"
    assert table.loc[("USA", pd.Timestamp("2025-04")), "figure_ids"] == "f2"
    assert table.loc[("DEU", pd.Timestamp("2025-05")), "newsrooms"] == 0


def test_what_customs_do_not_give_stays_as_printed(settled):
    table = settled.exports.set_index(["destination", "month"])["status"]
    assert table[("WLD", pd.Timestamp("2025-05"))] == "stated"
    assert table[("KOR", pd.Timestamp("2025-05"))] == "stated"


def test_a_group_is_official_where_all_its_parts_are():
    figures, sources = ledger()
    group = figures.iloc[[0]].assign(
        figure_id="f99",
        destination="GRP_DEU+USA",
        period_start=pd.Timestamp("2025-05"),
        period_end=pd.Timestamp("2025-05"),
        value="146",
    )
    both = reconcile(pd.concat([figures, group]), sources, SERIES, official=official(CELLS)).exports
    found = both[both["destination"] == "GRP_DEU+USA"].set_index("month")
    assert found["status"].tolist() == ["official"]
    assert found["tonnes"].tolist() == pytest.approx([146.099])
