"""Published figures against customs; the expected verdicts are arithmetic by hand."""

import pandas as pd
import pytest
from contracts import validate
from ledger import compare_figures, score_sources
from ledger.tables import UNITS, Figures, Sources
from official_cells import official

SERIES = "magnets_85051110"


def ledger(rows):
    """(destination, first, last, measure, value, newsroom) → figures and sources."""
    figures = [
        (
            f"f{n}",
            SERIES,
            place,
            pd.Timestamp(first),
            pd.Timestamp(last),
            measure,
            value,
            UNITS[measure],
            False,
            f"s{n}",
            "",
        )
        for n, (place, first, last, measure, value, _) in enumerate(rows)
    ]
    pages = [(f"s{n}", "publisher", row[-1], "", "", "press") for n, row in enumerate(rows)]
    figures = pd.DataFrame(figures, columns=list(Figures.columns))
    pages = pd.DataFrame(pages, columns=list(Sources.columns))
    return validate(figures, Figures, "figures"), validate(pages, Sources, "sources")


CUSTOMS = official(
    {
        ("USA", "2025-03"): 584.2,
        ("USA", "2025-04"): 246.4,
        ("WLD", "2025-03"): 5_300.0,
        ("WLD", "2025-04"): 2_600.0,
        ("WLD", "2024-04"): 5_200.0,
    }
)


@pytest.mark.parametrize(
    ("place", "first", "last", "measure", "printed", "customs", "verdict"),
    [
        ("USA", "2025-04", "2025-04", "tonnes", "246", 246.4, "agrees"),
        ("USA", "2025-04", "2025-04", "tonnes", "247", 246.4, "close"),
        ("USA", "2025-04", "2025-04", "tonnes", "264", 246.4, "contradicted"),
        ("USA", "2025-03", "2025-04", "tonnes", "831", 830.6, "agrees"),
        ("USA", "2025-04", "2025-04", "pct_change_month", "-57.8", -57.8226, "agrees"),
        ("WLD", "2025-04", "2025-04", "pct_change_year", "-50", -50.0, "agrees"),
        ("WLD", "2025-04", "2025-04", "pct_change_year", "50", -50.0, "contradicted"),
        ("USA", "2025-04", "2025-04", "share_pct", "9.5", 9.4769, "agrees"),
        ("GRP_WLD-USA", "2025-03", "2025-03", "tonnes", "4716", 4715.8, "agrees"),
    ],
)
def test_a_figure_is_compared_in_its_own_unit(
    place, first, last, measure, printed, customs, verdict
):
    table = compare_figures(*ledger([(place, first, last, measure, printed, "A")]), CUSTOMS, SERIES)
    assert table["customs"].tolist() == pytest.approx([customs], abs=1e-4)
    assert table["verdict"].tolist() == [verdict]


def test_what_customs_do_not_tell_is_not_compared():
    rows = [
        ("DEU", "2025-04", "2025-04", "tonnes", "100", "A"),
        ("USA", "2025-03", "2025-05", "tonnes", "100", "A"),
        ("WLD", "2025-03", "2025-03", "pct_change_year", "1", "A"),
    ]
    assert compare_figures(*ledger(rows), CUSTOMS, SERIES).empty
    assert score_sources(*ledger(rows), CUSTOMS, SERIES).empty


def test_the_score_counts_distinct_figures_by_newsroom():
    rows = [
        ("USA", "2025-04", "2025-04", "tonnes", "246", "A"),
        ("USA", "2025-04", "2025-04", "tonnes", "246", "A"),
        ("USA", "2025-04", "2025-04", "tonnes", "246", "B"),
        ("USA", "2025-03", "2025-03", "tonnes", "600", "A"),
        ("USA", "2025-03", "2025-03", "tonnes", "585", "A"),
    ]
    score = score_sources(*ledger(rows), CUSTOMS, SERIES).set_index("newsroom")
    assert score.loc["A"].to_dict() == {
        **{"compared": 3, "agrees": 1, "close": 1, "contradicted": 1},
        "share_agrees": pytest.approx(1 / 3),
    }
    assert score.loc["B", "compared"] == 1
    assert score.loc["B", "share_agrees"] == 1.0
