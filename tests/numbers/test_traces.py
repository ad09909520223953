"""Tables that lead from a number to the page it was printed on."""

from __future__ import annotations

import pandas as pd
from bs4 import BeautifulSoup
from contracts.package import table_schema
from ledger.pages import MOST_CELLS, figure_links, trace_cells, trace_events, trace_rejected
from ledger.tables import Exports, Figures

from analysis.article import codebook, listing

HOSTILE = "<script>alert(1)</script>"
MONTH = pd.Timestamp("2025-05-01")

FIGURES = pd.DataFrame(
    {
        "figure_id": ["f1", "f2"],
        "destination": ["WLD", "WLD"],
        "period_start": [MONTH, MONTH],
        "period_end": [MONTH, pd.Timestamp("2025-06-01")],
        "measure": ["tonnes", "pct_change_month"],
        "value": ["1238", "-52.9"],
        "unit": ["tonnes", "percent"],
        "approximate": [False, True],
        "source_id": ["s1", "s2"],
    }
)
PAGES = pd.DataFrame(
    {
        "source_id": ["s1", "s2"],
        "publisher": ["Reuters", HOSTILE],
        "url": ["https://example.org/?a=1&b='2", "javascript:alert(1)"],
    }
)
EXPORTS = pd.DataFrame(
    {
        "destination": ["WLD", "WLD"],
        "month": [MONTH, pd.Timestamp("2025-06-01")],
        "tonnes": [1238.1, float("nan")],
        "lower": [1238.0, 100.0],
        "upper": [1238.2, 4000.0],
        "status": ["stated", "derived"],
        "newsrooms": [2, 1],
        "figure_ids": ["f1;f2", "f2"],
    }
)


def cells(html: str) -> list[list[str]]:
    rows = BeautifulSoup(html, "html.parser").select("tbody tr")
    return [[cell.get_text() for cell in row.select("td")] for row in rows]


def test_a_cell_has_its_bounds_and_its_figures() -> None:
    html = str(listing("Exports", trace_cells(EXPORTS, FIGURES, PAGES)).data)
    second, first = cells(html)
    assert first[:7] == [
        "the world",
        "May\u00a02025",
        "1,238.1",
        "1,238.0",
        "1,238.2",
        "stated",
        "2",
    ]
    assert first[7] == f"2Reuters: 1238 tonnes{HOSTILE}: about -52.9 % on the month before"
    assert second[2] == "–"
    assert "<script" not in html


def test_a_figure_links_to_its_page_if_that_is_on_the_web() -> None:
    links = figure_links(FIGURES, PAGES)
    anchor = BeautifulSoup(links["f1"], "html.parser").a
    assert anchor is not None
    assert anchor["href"] == "https://example.org/?a=1&b='2"
    assert "href" not in links["f2"]


def test_a_rejected_figure_names_what_contradicts_it() -> None:
    rejected = pd.DataFrame(
        {
            "figure_id": ["f2"],
            "verdict": ["rejected"],
            "implied_lower": [-60.0],
            "implied_upper": [float("nan")],
            "conflicts_with": ["f1;customs"],
        }
    )
    ((name, _, period, verdict, lower, upper, _, conflicts),) = cells(
        str(listing("Doubted", trace_rejected(rejected, FIGURES, PAGES)).data)
    )
    assert (name, period, verdict) == ("f2", "May\u00a02025 to Jun\u00a02025", "rejected")
    assert (lower, upper) == ("−60.0", "–")
    assert conflicts == "2Reuters: 1238 tonnescustoms"


def test_events_stand_in_order_of_time_with_what_is_said_otherwise() -> None:
    event = {"actor": "CN", "kind": "control_easing", "targets": "USA;EU27", "summary": HOSTILE}
    page = {"source_url": "", "source_publisher": "AP"}
    dates = {"late": ("2025-11-07", "2025-11-10"), "early": ("2025-04-04", None)}

    def when(announced: str, effective: str | None) -> dict[str, pd.Timestamp]:
        suspended = "2025-11-08" if effective else None
        found = {"announced": announced, "effective": effective, "suspended": suspended}
        return {f"date_{name}": pd.Timestamp(day) for name, day in found.items()}

    events = pd.DataFrame(
        [
            {"event_id": name, "name": f"{name} event", **when(a, b), **event, **page}
            for name, (a, b) in dates.items()
        ]
    )
    otherwise = {"alternative": "2025-04-05", "alternative_source_url": "", "note": "time zone"}
    disagreements = pd.DataFrame([{"event_id": "early", "field": "date_announced", **otherwise}])
    early, late = cells(str(listing("Events", trace_events(events, disagreements)).data))
    assert early[:4] == ["4\u00a0Apr\u00a02025", "–", "–", "early event"]
    assert early[4:7] == ["China", "control easing", "the United States and the European Union"]
    assert early[9] == "2025-04-05 (date announced; time zone)"
    assert late[:3] == ["7\u00a0Nov\u00a02025", "10\u00a0Nov\u00a02025", "8\u00a0Nov\u00a02025"]
    assert (late[7], late[9]) == (HOSTILE, "")


def test_the_codebook_has_every_column() -> None:
    text = BeautifulSoup(str(codebook().data), "html.parser").get_text()
    for name in (*Exports.columns, *Figures.columns):
        assert name in text


def test_a_schema_tells_types_keys_and_meanings() -> None:
    schema = table_schema(Exports)
    types = {field["name"]: field["type"] for field in schema["fields"]}
    assert (types["month"], types["tonnes"], types["newsrooms"]) == ("date", "number", "integer")
    assert schema["primaryKey"] == ["destination", "month"]
    assert table_schema(Figures)["primaryKey"] == ["figure_id"]
    assert all(field["description"] for field in schema["fields"])


def test_the_page_lists_the_newest_cells_and_names_groups() -> None:
    many = pd.concat([EXPORTS.assign(destination="GRP_DEU+USA")] * MOST_CELLS, ignore_index=True)
    listed = cells(str(listing("Exports", trace_cells(many, FIGURES, PAGES)).data))
    assert len(listed) == MOST_CELLS
    assert {row[1] for row in listed} == {"Jun\u00a02025"}
    assert listed[0][0] == "Germany and the United States together"
