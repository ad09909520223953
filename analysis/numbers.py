"""The page of numbers: tables that lead to the printed page, and the codebook."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any
from urllib.parse import quote

import pandas as pd
from contracts.package import Columns, codebook_html, dictionary, html_table
from IPython.display import HTML

from analysis.article import WORDING
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
    behind = _folded(newest["figure_ids"], figure_links(figures, pages))
    caption = "Exports by destination and month, newest first"
    return listing(caption, newest.drop(columns="figure_ids"), {"figures": behind})


def rejected_table(rejected: pd.DataFrame, figures: pd.DataFrame, pages: pd.DataFrame) -> HTML:
    """One row a doubted figure: what was printed, what the others imply, and which others."""
    links = figure_links(figures, pages)
    about = figures.set_index("figure_id").loc[rejected["figure_id"]].reset_index()
    first, last = (about[name].dt.strftime("%Y-%m") for name in ("period_start", "period_end"))
    period = first.where(first == last, first + " to " + last)
    told = ["verdict", "implied_lower", "implied_upper"]
    plain = about[["figure_id", "destination"]].assign(period=period)
    plain[told] = rejected[told].to_numpy()
    html: Columns = {
        "printed": rejected["figure_id"].map(links),
        "conflicts with": _folded(rejected["conflicts_with"], links),
    }
    plain = plain.astype({name: float for name in told[1:]})
    caption = "Figures that the others contradict"
    return listing(caption, plain.rename(columns={"figure_id": "figure"}), html)


def timeline_table(events: pd.DataFrame, disagreements: pd.DataFrame) -> HTML:
    """One row an event, in order of time, with what sources say otherwise."""
    told: Iterable[Any] = disagreements.itertuples()
    said = [
        f"{_link(row.alternative_source_url, row.alternative)} "
        f"({escape(row.field.replace('_', ' '))}; {escape(row.note)})"
        for row in told
    ]
    others = pd.Series(said, disagreements["event_id"], dtype=str).groupby(level=0).agg("; ".join)
    rows = events.sort_values(["date_announced", "date_effective"], kind="stable")
    days = rows[["date_announced", "date_effective", "date_suspended"]]
    days = days.apply(lambda column: column.dt.strftime("%Y-%m-%d").fillna("–"))
    plain = days.rename(columns=lambda name: name.removeprefix("date_"))
    html: Columns = {
        "source": map(_link, rows["source_url"], rows["source_publisher"]),
        "otherwise": rows["event_id"].map(others).fillna(""),
    }
    plain = plain.join(rows[["name", "actor", "kind", "targets", "summary"]])
    return listing("Policy events", plain, html)


def sources_table(figures: pd.DataFrame, pages: pd.DataFrame) -> HTML:
    """One row a page that figures were read on, the newest first and those without a day last."""
    rows = pages.sort_values("published", ascending=False, kind="stable")
    read = rows["source_id"].map(figures["source_id"].value_counts()).fillna(0).astype(int)
    plain = rows[["newsroom", "grade", "published"]].replace("", "–").assign(figures=read)
    html: Columns = {"page": map(_link, rows["url"], rows["publisher"])}
    return listing("Pages that figures were read on, newest first", plain, html)


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


def _link(url: str, words: str) -> str:
    if not url.startswith(("http://", "https://")):
        return escape(words)
    return f'<a href="{escape(quote(url, safe=KEPT))}">{escape(words)}</a>'


def _folded(joined: pd.Series, printed: Mapping[str, str]) -> Iterable[str]:
    """The figures of each cell, folded to their number; what is no figure stands as it is."""
    for names in joined.str.findall("[^;]+"):
        items = "".join(f"<li>{printed.get(name, escape(name))}</li>" for name in names)
        yield f"<details><summary>{len(names)}</summary><ul>{items}</ul></details>"


def listing(caption: str, plain: pd.DataFrame, html: Columns) -> HTML:
    """A table that a page offers to sort: columns in words, then those of cells of HTML."""
    words = WORDING.of(plain, digits=1).map(escape).items()
    columns: Columns = {str(name): column for name, column in words} | dict(html)
    return HTML(html_table(caption, columns, "sortable"))  # type: ignore[no-untyped-call]


def data_dictionary() -> str:
    """The data dictionary of all files, in Markdown."""
    made = "Made by `python -m analysis.numbers` from `analysis/tables.yaml` and the libraries."
    return f"# Data dictionary\n\n{made}\n\n{dictionary(FILES)}"


if __name__ == "__main__":
    print(data_dictionary(), end="")
