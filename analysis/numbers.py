"""The page of numbers: tables that lead to the printed page, and the codebook."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import Any
from urllib.parse import quote

import pandas as pd
from contracts import Table
from contracts.package import describe_columns, dictionary
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
LICENSE = {
    "name": "CC-BY-4.0",
    "title": "Creative Commons Attribution 4.0",
    "path": "https://creativecommons.org/licenses/by/4.0/",
}
ABOUT = {
    "name": "magnet-swings",
    "title": "China's exports of rare-earth magnets by destination and month, with bounds",
    "description": (
        "Published figures on China's exports of rare-earth magnets (HS 85051110), reconciled into "
        "monthly tonnes by destination with hard bounds; the figures that cannot be true; and the "
        "policy events around them."
    ),
    "licenses": [LICENSE],
    "contributors": [{"title": "The magnet-swings maintainers", "role": "author"}],
    "keywords": ["rare earths", "permanent magnets", "export controls", "international trade"],
}


def cells_table(exports: pd.DataFrame, figures: pd.DataFrame, pages: pd.DataFrame) -> HTML:
    """The newest cells of `exports`, `MOST_CELLS` of them, with their figures and pages."""
    printed = figure_links(figures, pages)
    newest = exports.sort_values("month", ascending=False, kind="stable").head(MOST_CELLS)
    rows = [
        [
            _destination(row.destination),
            f"{row.month:%Y-%m}",
            *(_told(value, ",.1f") for value in (row.tonnes, row.lower, row.upper)),
            escape(row.status),
            str(row.newsrooms),
            _folded(row.figure_ids, printed),
        ]
        for row in _rows(newest)
    ]
    head = ["Destination", "Month", "Tonnes", "Lower", "Upper", "Status", "Newsrooms", "Figures"]
    return listing("Exports by destination and month, newest first", head, rows)


def rejected_table(rejected: pd.DataFrame, figures: pd.DataFrame, pages: pd.DataFrame) -> HTML:
    """One row a doubted figure: what was printed, what the others imply, and which others."""
    printed = figure_links(figures, pages)
    about = figures.set_index("figure_id")
    rows = [
        [
            escape(row.figure_id),
            printed[row.figure_id],
            _destination(str(about.loc[row.figure_id, "destination"])),
            _period(about.loc[row.figure_id]),
            escape(row.verdict),
            f"{_told(row.implied_lower, ',.6g')} to {_told(row.implied_upper, ',.6g')}",
            _folded(row.conflicts_with, printed),
        ]
        for row in _rows(rejected)
    ]
    head = ["Figure", "Printed", "Destination", "Period", "Verdict", "Implied", "Conflicts with"]
    return listing("Figures that the others contradict", head, rows)


def timeline_table(events: pd.DataFrame, disagreements: pd.DataFrame) -> HTML:
    """One row an event, in order of time, with what sources say otherwise."""
    others = {name: group for name, group in disagreements.groupby("event_id")}
    ordered = events.sort_values(["date_announced", "date_effective"], kind="stable")
    rows = [
        [
            _told(row.date_announced, "%Y-%m-%d"),
            _told(row.date_effective, "%Y-%m-%d"),
            _told(row.date_suspended, "%Y-%m-%d"),
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
    return listing("Policy events", head, rows)


def sources_table(figures: pd.DataFrame, pages: pd.DataFrame) -> HTML:
    """One row a page that figures were read on, the newest first and those without a day last."""
    read = figures["source_id"].value_counts()
    rows = [
        [
            _link(row.url, row.publisher),
            escape(row.newsroom),
            escape(row.grade),
            row.published or "–",
            str(read.get(row.source_id, 0)),
        ]
        for row in _rows(pages.sort_values("published", ascending=False, kind="stable"))
    ]
    head = ["Publisher", "Newsroom behind it", "Grade", "Published", "Figures"]
    return listing("Pages that figures were read on, newest first", head, rows)


def rest_on(exports: pd.DataFrame, figures: pd.DataFrame, pages: pd.DataFrame, grade: str) -> int:
    """How many months of destinations rest on pages of one grade alone."""
    grades = figures.merge(pages, on="source_id").set_index("figure_id")["grade"]
    behind = exports["figure_ids"].str.split(";").explode().map(grades)
    return int((behind == grade).groupby(level=0).all().sum())


def codebook() -> HTML:
    """The columns of every table of the repository."""
    parts = [
        f"<h3>{escape(file)}</h3><p>{escape(str(table.__doc__))}</p>{_columns(file, table)}"
        for file, table in FILES.items()
    ]
    return HTML("".join(parts))  # type: ignore[no-untyped-call]


def _columns(file: str, table: type[Table]) -> str:
    rows = (
        [f"<code>{escape(row.column)}</code>", escape(row.type), escape(row.meaning)]
        for row in _rows(describe_columns(table))
    )
    return str(listing(file, ["Column", "Type", "Meaning"], rows, "listed").data)


def figure_links(figures: pd.DataFrame, pages: pd.DataFrame) -> dict[str, str]:
    """By figure id, what was printed, as a link to the page it was read on."""
    known = figures.merge(pages, on="source_id", how="left")
    return {
        row.figure_id: _link(row.url, f"{row.publisher}: {printed(row)}") for row in _rows(known)
    }


def _rows(frame: pd.DataFrame) -> list[Any]:
    return list(frame.itertuples())


def _destination(code: str) -> str:
    """A destination's code and name; a group's name alone."""
    name = escape(destination_name(code))
    return name if code.startswith("GRP_") else f"{escape(code)} <small>{name}</small>"


def printed(row: Any) -> str:
    """What a row of Figures printed: about 12 % on the year."""
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


def _told(value: Any, form: str) -> str:
    return "–" if pd.isna(value) else format(value, form)


def _period(row: pd.Series) -> str:
    first, last = f"{row['period_start']:%Y-%m}", f"{row['period_end']:%Y-%m}"
    return first if first == last else f"{first} to {last}"


def listing(
    caption: str, head: Sequence[str], rows: Iterable[Sequence[str]], kind: str = "sortable"
) -> HTML:
    """A table of cells that are HTML already; a page may offer to sort one that is `sortable`."""
    heads = "".join(f"<th>{escape(name)}</th>" for name in head)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return HTML(  # type: ignore[no-untyped-call]
        f'<table class="{kind}"><caption>{escape(caption)}</caption>'
        f"<thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>"
    )


def data_dictionary() -> str:
    """The data dictionary of all files, in Markdown."""
    made = "Made by `python -m analysis.numbers` from `analysis/tables.yaml` and the libraries."
    return f"# Data dictionary\n\n{made}\n\n{dictionary(FILES)}"


if __name__ == "__main__":
    print(data_dictionary(), end="")
