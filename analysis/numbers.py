"""The page of numbers: the events with their sources, tables to be sorted, and the codebook."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Any

import pandas as pd
from contracts.package import Columns, codebook_html, dictionary, html_table
from IPython.display import HTML
from ledger.pages import Traced, link

from analysis.article import WORDING
from analysis.tables import FILES


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
    days = rows[["date_announced", "date_effective", "date_suspended"]]
    days = days.apply(lambda column: column.dt.strftime("%Y-%m-%d").fillna("–"))
    plain = days.rename(columns=lambda name: name.removeprefix("date_"))
    return plain.join(rows[["name", "actor", "kind", "targets", "summary"]]), {
        "source": map(link, rows["source_url"], rows["source_publisher"]),
        "otherwise": rows["event_id"].map(others).fillna(""),
    }


def codebook() -> HTML:
    """The columns of every table of the repository."""
    return HTML(codebook_html(FILES))  # type: ignore[no-untyped-call]


def listing(caption: str, traced: Traced) -> HTML:
    """A table that a page offers to sort: columns in words, then those of cells of HTML."""
    plain, html = traced
    words = WORDING.of(plain, digits=1).map(escape).items()
    columns: Columns = {str(name): column for name, column in words} | html
    return HTML(html_table(caption, columns, "sortable"))  # type: ignore[no-untyped-call]


def data_dictionary() -> str:
    """The data dictionary of all files, in Markdown."""
    made = "Made by `python -m analysis.numbers` from `analysis/tables.yaml` and the libraries."
    return f"# Data dictionary\n\n{made}\n\n{dictionary(FILES)}"


if __name__ == "__main__":
    print(data_dictionary(), end="")
