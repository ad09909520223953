"""Every number with the page it was printed on, as tables that a reader can sort and follow."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import Any
from urllib.parse import quote

import pandas as pd
from IPython.display import HTML
from tradedata.destinations import destination_name

from analysis.numbers.codebook import FILES, describe_columns

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


def cells_table(exports: pd.DataFrame, figures: pd.DataFrame, pages: pd.DataFrame) -> HTML:
    """One row a destination and month of `exports`, with the figures behind it and their pages."""
    printed = figure_links(figures, pages)
    rows = [
        [
            f"{escape(row.destination)} <small>{escape(destination_name(row.destination))}</small>",
            f"{row.month:%Y-%m}",
            *(_tonnes(value) for value in (row.tonnes, row.lower, row.upper)),
            escape(row.status),
            str(row.newsrooms),
            _folded(row.figure_ids, printed),
        ]
        for row in _rows(exports)
    ]
    head = ["Destination", "Month", "Tonnes", "Lower", "Upper", "Status", "Newsrooms", "Figures"]
    return sortable("Exports by destination and month", head, rows)


def rejected_table(rejected: pd.DataFrame, figures: pd.DataFrame, pages: pd.DataFrame) -> HTML:
    """One row a doubted figure: what was printed, what the others imply, and which others."""
    printed = figure_links(figures, pages)
    about = figures.set_index("figure_id")
    rows = [
        [
            escape(row.figure_id),
            printed[row.figure_id],
            escape(str(about.loc[row.figure_id, "destination"])),
            _period(about.loc[row.figure_id]),
            escape(row.verdict),
            f"{_plain(row.implied_lower)} to {_plain(row.implied_upper)}",
            _folded(row.conflicts_with, printed),
        ]
        for row in _rows(rejected)
    ]
    head = ["Figure", "Printed", "Destination", "Period", "Verdict", "Implied", "Conflicts with"]
    return sortable("Figures that the others contradict", head, rows)


def timeline_table(events: pd.DataFrame, disagreements: pd.DataFrame) -> HTML:
    """One row an event, in order of time, with what sources say otherwise."""
    others = {name: group for name, group in disagreements.groupby("event_id")}
    ordered = events.sort_values(["date_announced", "date_effective"], kind="stable")
    rows = [
        [
            _date(row.date_announced),
            _date(row.date_effective),
            _date(row.date_suspended),
            escape(row.name),
            escape(row.actor),
            escape(row.kind.replace("_", " ")),
            escape(row.targets.replace(";", ", ")),
            escape(row.summary),
            _link(row.source_url, row.source_publisher),
            _otherwise(others.get(row.event_id)),
        ]
        for row in _rows(ordered)
    ]
    head = ["Announced", "Effective", "Suspended", "Event", "By", "What", "Aimed at", "Summary"]
    head += ["Source", "Otherwise"]
    return sortable("Policy events", head, rows)


def codebook_table(file: str) -> HTML:
    """Column, type and meaning of the table in `file`."""
    columns = describe_columns(FILES[file])
    rows = [
        [f"<code>{escape(row.column)}</code>", escape(row.type), escape(row.meaning)]
        for row in _rows(columns)
    ]
    return plain_table(file, ["Column", "Type", "Meaning"], rows)


def codebook() -> HTML:
    """The columns of every table of the repository."""
    parts = [
        f"<h3>{escape(file)}</h3><p>{escape(str(table.__doc__))}</p>{codebook_table(file).data}"
        for file, table in FILES.items()
    ]
    return HTML("".join(parts))  # type: ignore[no-untyped-call]


def figure_links(figures: pd.DataFrame, pages: pd.DataFrame) -> dict[str, str]:
    """By figure id, what was printed, as a link to the page it was read on."""
    known = figures.merge(pages, on="source_id", how="left")
    return {
        row.figure_id: _link(row.url, f"{row.publisher}: {_words(row)}") for row in _rows(known)
    }


def _rows(frame: pd.DataFrame) -> list[Any]:
    return list(frame.itertuples())


def _words(row: Any) -> str:
    about = "about " if row.approximate else ""
    unit = MEASURE_WORDS.get(row.measure, row.unit)
    return f"{about}{row.value} {unit}"


def _link(url: str, words: str) -> str:
    if not url.startswith(("http://", "https://")):
        return escape(words)
    return f'<a href="{escape(quote(url, safe=KEPT))}">{escape(words)}</a>'


def _folded(figure_ids: str, printed: dict[str, str]) -> str:
    """The figures of a cell, folded to their number; a name that is no figure stands as it is."""
    names = [name for name in figure_ids.split(";") if name]
    items = "".join(f"<li>{printed.get(name, escape(name))}</li>" for name in names)
    return f"<details><summary>{len(names)}</summary><ul>{items}</ul></details>"


def _otherwise(others: pd.DataFrame | None) -> str:
    if others is None:
        return ""
    items = (
        f"{_link(row.alternative_source_url, row.alternative)} "
        f"({escape(row.field.replace('_', ' '))}; {escape(row.note)})"
        for row in _rows(others)
    )
    return "; ".join(items)


def _tonnes(value: float) -> str:
    return "–" if pd.isna(value) else f"{value:,.1f}"


def _plain(value: float) -> str:
    return "–" if pd.isna(value) else f"{value:,.6g}"


def _date(value: pd.Timestamp) -> str:
    return "–" if pd.isna(value) else f"{value:%Y-%m-%d}"


def _period(row: pd.Series) -> str:
    first, last = f"{row['period_start']:%Y-%m}", f"{row['period_end']:%Y-%m}"
    return first if first == last else f"{first} to {last}"


def sortable(caption: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> HTML:
    """A table that a page may offer to sort and filter; cells are HTML."""
    return plain_table(caption, head, rows, "sortable")


def plain_table(
    caption: str, head: Sequence[str], rows: Iterable[Sequence[str]], kind: str = "listed"
) -> HTML:
    """A table of cells that are HTML already."""
    heads = "".join(f"<th>{escape(name)}</th>" for name in head)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return HTML(  # type: ignore[no-untyped-call]
        f'<table class="{kind}"><caption>{escape(caption)}</caption>'
        f"<thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>"
    )
