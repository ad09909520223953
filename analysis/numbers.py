"""The page of numbers: tables that lead to the printed page, and the codebook."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from html import escape
from typing import Any
from urllib.parse import quote

import pandas as pd
from contracts.package import Columns, codebook_html, dictionary, html_table
from IPython.display import HTML
from tradedata.destinations import destination_name

from analysis.tables import FILES

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
"""Cells that the page lists; all are in the files beside it."""


def cells_table(exports: pd.DataFrame, figures: pd.DataFrame, pages: pd.DataFrame) -> HTML:
    """The newest cells of `exports`, `MOST_CELLS` of them, with their figures and pages."""
    newest = exports.sort_values("month", ascending=False, kind="stable").head(MOST_CELLS)
    columns: Columns = {
        "Destination": newest["destination"].map(_destination),
        "Month": _told(newest["month"], "%Y-%m"),
        **{name.capitalize(): _told(newest[name], ",.1f") for name in ("tonnes", "lower", "upper")},
        "Status": newest["status"].map(escape),
        "Newsrooms": newest["newsrooms"],
        "Figures": newest["figure_ids"].map(_folded(figure_links(figures, pages))),
    }
    return listing("Exports by destination and month, newest first", columns)


def rejected_table(rejected: pd.DataFrame, figures: pd.DataFrame, pages: pd.DataFrame) -> HTML:
    """One row a doubted figure: what was printed, what the others imply, and which others."""
    printed = figure_links(figures, pages)
    about = figures.set_index("figure_id").loc[rejected["figure_id"]]
    first, last = (_told(about[name], "%Y-%m") for name in ("period_start", "period_end"))
    ends = (_told(rejected[name], ",.6g") for name in ("implied_lower", "implied_upper"))
    columns: Columns = {
        "Figure": rejected["figure_id"].map(escape),
        "Printed": rejected["figure_id"].map(printed),
        "Destination": about["destination"].map(_destination),
        "Period": [a if a == b else f"{a} to {b}" for a, b in zip(first, last, strict=True)],
        "Verdict": rejected["verdict"].map(escape),
        "Implied": [f"{lower} to {upper}" for lower, upper in zip(*ends, strict=True)],
        "Conflicts with": rejected["conflicts_with"].map(_folded(printed)),
    }
    return listing("Figures that the others contradict", columns)


def timeline_table(events: pd.DataFrame, disagreements: pd.DataFrame) -> HTML:
    """One row an event, in order of time, with what sources say otherwise."""
    others: dict[str, list[str]] = {}
    said_otherwise: Iterable[Any] = disagreements.itertuples()
    for row in said_otherwise:
        said = _link(row.alternative_source_url, row.alternative)
        why = f"({escape(row.field.replace('_', ' '))}; {escape(row.note)})"
        others.setdefault(row.event_id, []).append(f"{said} {why}")
    rows = events.sort_values(["date_announced", "date_effective"], kind="stable")
    days = {name: f"date_{name.lower()}" for name in ("Announced", "Effective", "Suspended")}
    columns: Columns = {
        **{name: _told(rows[column], "%Y-%m-%d") for name, column in days.items()},
        "Event": rows["name"].map(escape),
        "By": rows["actor"].map(escape),
        "What": rows["kind"].str.replace("_", " ").map(escape),
        "Aimed at": rows["targets"].str.replace(";", ", ").map(escape),
        "Summary": rows["summary"].map(escape),
        "Source": map(_link, rows["source_url"], rows["source_publisher"]),
        "Otherwise": ["; ".join(others.get(event, ())) for event in rows["event_id"]],
    }
    return listing("Policy events", columns)


def sources_table(figures: pd.DataFrame, pages: pd.DataFrame) -> HTML:
    """One row a page that figures were read on, the newest first and those without a day last."""
    rows = pages.sort_values("published", ascending=False, kind="stable")
    read = figures["source_id"].value_counts()
    columns: Columns = {
        "Publisher": map(_link, rows["url"], rows["publisher"]),
        "Newsroom behind it": rows["newsroom"].map(escape),
        "Grade": rows["grade"].map(escape),
        "Published": rows["published"].replace("", "–"),
        "Figures": rows["source_id"].map(read).fillna(0).astype(int),
    }
    return listing("Pages that figures were read on, newest first", columns)


def rest_on(exports: pd.DataFrame, figures: pd.DataFrame, pages: pd.DataFrame, grade: str) -> int:
    """How many months of destinations rest on pages of one grade alone."""
    grades = figures.merge(pages, on="source_id").set_index("figure_id")["grade"]
    behind = exports["figure_ids"].str.split(";").explode().map(grades)
    return int((behind == grade).groupby(level=0).all().sum())


def codebook() -> HTML:
    """The columns of every table of the repository."""
    return HTML(codebook_html(FILES))  # type: ignore[no-untyped-call]


def figure_links(figures: pd.DataFrame, pages: pd.DataFrame) -> dict[str, str]:
    """By figure id, what was printed, as a link to the page it was read on."""
    known: Iterable[Any] = figures.merge(pages, on="source_id", how="left").itertuples()
    return {row.figure_id: _link(row.url, f"{row.publisher}: {printed(row)}") for row in known}


def printed(row: Any) -> str:
    """What a row of Figures printed: about 12 % on the year."""
    about = "about " if row.approximate else ""
    return f"{about}{row.value} {MEASURE_WORDS.get(row.measure, row.unit)}"


def _destination(code: str) -> str:
    """A destination's code and name; a group's name alone."""
    name = escape(destination_name(code))
    return name if code.startswith("GRP_") else f"{escape(code)} <small>{name}</small>"


def _link(url: str, words: str) -> str:
    if not url.startswith(("http://", "https://")):
        return escape(words)
    return f'<a href="{escape(quote(url, safe=KEPT))}">{escape(words)}</a>'


def _folded(printed: Mapping[str, str]) -> Callable[[str], str]:
    """The figures of a cell, folded to their number; a name that is no figure stands as it is."""

    def fold(figure_ids: str) -> str:
        names = [name for name in figure_ids.split(";") if name]
        items = "".join(f"<li>{printed.get(name, escape(name))}</li>" for name in names)
        return f"<details><summary>{len(names)}</summary><ul>{items}</ul></details>"

    return fold


def _told(values: pd.Series, form: str) -> list[str]:
    return ["–" if pd.isna(value) else format(value, form) for value in values]


def listing(caption: str, columns: Columns) -> HTML:
    """A table of cells that are HTML already, which a page may offer to sort."""
    return HTML(html_table(caption, columns, "sortable"))  # type: ignore[no-untyped-call]


def data_dictionary() -> str:
    """The data dictionary of all files, in Markdown."""
    made = "Made by `python -m analysis.numbers` from `analysis/tables.yaml` and the libraries."
    return f"# Data dictionary\n\n{made}\n\n{dictionary(FILES)}"


if __name__ == "__main__":
    print(data_dictionary(), end="")
