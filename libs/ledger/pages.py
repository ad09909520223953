"""From a number to the page it was printed on: tables of plain columns, and of cells of HTML.

`figures` and `pages` keep the contracts Figures and Sources; events come with the page of each.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any, TypeAlias
from urllib.parse import quote

import pandas as pd
from words.tables import iso_days

Traced: TypeAlias = tuple[pd.DataFrame, dict[str, Iterable[str]]]
"""Columns as they are, and by name those whose cells are HTML."""
MEASURE_WORDS = {
    "pct_change_month": "% on the month before",
    "pct_change_year": "% on the year",
    "share_pct": "% of the total",
    "rank": "by rank",
    "usd": "US dollars",
    "usd_per_kg": "US dollars a kilogram",
    "usd_per_tonne": "US dollars a tonne",
}
"""How the measure of a figure reads after its value, where that is not its unit."""
KEPT = ":/?#@!$&'()*+,;=%~"
"""What an address may hold as it is; all else is percent-encoded."""
MOST_CELLS = 500
"""Cells that a page lists; all are in the files beside it."""


def trace_cells(exports: pd.DataFrame, figures: pd.DataFrame, pages: pd.DataFrame) -> Traced:
    """The newest cells of `exports`, `MOST_CELLS` of them, with their figures and pages."""
    newest = exports.sort_values("month", ascending=False, kind="stable").head(MOST_CELLS)
    behind = _folded(newest["figure_ids"], figure_links(figures, pages))
    return newest.drop(columns="figure_ids"), {"figures": behind}


def trace_rejected(rejected: pd.DataFrame, figures: pd.DataFrame, pages: pd.DataFrame) -> Traced:
    """One row a doubted figure: what was printed, what the others imply, and which others."""
    links = figure_links(figures, pages)
    about = figures.set_index("figure_id").loc[rejected["figure_id"]].reset_index()
    first, last = (about[name].dt.strftime("%Y-%m") for name in ("period_start", "period_end"))
    period = first.where(first == last, first + " to " + last)
    told = ["verdict", "implied_lower", "implied_upper"]
    plain = about[["figure_id", "destination"]].assign(period=period)
    plain[told] = rejected[told].to_numpy()
    plain = plain.astype({name: float for name in told[1:]})
    return plain.rename(columns={"figure_id": "figure"}), {
        "printed": rejected["figure_id"].map(links),
        "conflicts with": _folded(rejected["conflicts_with"], links),
    }


def trace_pages(figures: pd.DataFrame, pages: pd.DataFrame) -> Traced:
    """One row a page that figures were read on, the newest first and those without a day last."""
    rows = pages.sort_values("published", ascending=False, kind="stable")
    read = rows["source_id"].map(figures["source_id"].value_counts()).fillna(0).astype(int)
    plain = rows[["newsroom", "grade", "published"]].replace("", "–").assign(figures=read)
    return plain, {"page": map(link, rows["url"], rows["publisher"])}


def trace_events(events: pd.DataFrame, disagreements: pd.DataFrame) -> Traced:
    """One row an event, in order of time, with what sources say otherwise."""
    told: Iterable[Any] = disagreements.itertuples()
    said = [
        f"{link(row.alternative_source_url, row.alternative)} "
        f"({escape(row.field.replace('_', ' '))}; {escape(row.note)})"
        for row in told
    ]
    others = pd.Series(said, disagreements["event_id"], dtype=str).groupby(level=0).agg("; ".join)
    rows = events.sort_values(["date_announced", "date_effective"], kind="stable")
    days = iso_days(rows[["date_announced", "date_effective", "date_suspended"]])
    return days.join(rows[["name", "actor", "kind", "targets", "summary"]]), {
        "source": map(link, rows["source_url"], rows["source_publisher"]),
        "otherwise": rows["event_id"].map(others).fillna(""),
    }


def rest_on(
    exports: pd.DataFrame, figures: pd.DataFrame, pages: pd.DataFrame, grade: str
) -> pd.DataFrame:
    """The months of destinations that rest on pages of one grade alone: rows of `exports`."""
    grades = figures.merge(pages, on="source_id").set_index("figure_id")["grade"]
    behind = exports["figure_ids"].str.split(";").explode().map(grades)
    return exports[(behind == grade).groupby(level=0).all()]


def figure_links(figures: pd.DataFrame, pages: pd.DataFrame) -> dict[str, str]:
    """By figure id, what was printed, as a link to the page it was read on."""
    known: Iterable[Any] = figures.merge(pages, on="source_id", how="left").itertuples()
    return {row.figure_id: link(row.url, f"{row.publisher}: {as_printed(row)}") for row in known}


def as_printed(row: Any) -> str:
    """What a row of Figures printed: about 12 % on the year."""
    about = "about " if row.approximate else ""
    return f"{about}{row.value} {MEASURE_WORDS.get(row.measure, row.unit)}"


def link(url: str, words: str) -> str:
    """`words` as a link, if `url` is one of the web."""
    if not url.startswith(("http://", "https://")):
        return escape(words)
    return f'<a href="{escape(quote(url, safe=KEPT))}">{escape(words)}</a>'


def _folded(joined: pd.Series, printed: Mapping[str, str]) -> Iterable[str]:
    """The figures of each cell, folded to their number; what is no figure stands as it is."""
    for names in joined.str.findall("[^;]+"):
        items = "".join(f"<li>{printed.get(name, escape(name))}</li>" for name in names)
        yield f"<details><summary>{len(names)}</summary><ul>{items}</ul></details>"
