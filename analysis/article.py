"""How a table stands in an article, and what an article answers on the front page."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date
from html import escape
from pathlib import Path
from types import MappingProxyType

import pandas as pd
from contracts import load_beside, write_json
from contracts.package import Columns, codebook_html, html_table
from IPython.display import HTML
from ledger.pages import Traced
from tradedata.destinations import actor_name, destination_name
from words import TIMES, listed
from words.tables import Wording

from analysis.tables import FILES

HEADS: dict[str, str] = load_beside(__file__)
"""What columns are called that are not called what they are."""


def _targets(codes: str) -> str:
    return listed(destination_name(code) for code in codes.split(";"))


NAMED: dict[str, Callable[[str], str]] = {
    "destination": destination_name,
    "country": destination_name,
    "actor": actor_name,
    "targets": _targets,
}
"""How the codes of some columns are said."""
WORDING = Wording(HEADS, NAMED, re.compile(r"(?:GRP|REG)_[A-Z0-9+-]+|EU27|WLD"), destination_name)


def show_table(table: pd.DataFrame, digits: int = 0) -> HTML:
    """A table without its index, every cell in full and every tag in it as text.

    Numbers that are not whole by type have `digits` decimals (p-values and levels their own) and
    thousands separators; what is missing is a dash. Columns, months, destinations and yes or no
    are in words; the code of an event or a destination is left out beside its name. Of months in
    order, the newest comes first.
    """
    for code, name in (("event_id", "name"), ("destination", "destination_name")):
        if {code, name} <= set(table.columns):
            table = table.drop(columns=code)
    if len(table) and table.columns[0] in TIMES and table.iloc[:, 0].is_monotonic_increasing:
        table = table.iloc[::-1]
    worded = WORDING.of(table, digits)
    with pd.option_context("display.max_colwidth", None, "display.max_rows", None):
        html = worded.to_html(index=False, escape=True, border=0, na_rep="–")
    return HTML(html)  # type: ignore[no-untyped-call]


def listing(caption: str, traced: Traced) -> HTML:
    """A table that a page offers to sort: columns in words, then those of cells of HTML."""
    plain, html = traced
    words = WORDING.of(plain, digits=1).map(escape).items()
    columns: Columns = {str(name): column for name, column in words} | html
    return HTML(html_table(caption, columns, "sortable"))  # type: ignore[no-untyped-call]


def codebook() -> HTML:
    """The columns of every table of the repository."""
    return HTML(codebook_html(FILES))  # type: ignore[no-untyped-call]


def write_answers(
    answers: Mapping[str, str],
    path: Path,
    tables: Mapping[str, pd.DataFrame] = MappingProxyType({}),
    news: Iterable[tuple[date, str, str]] = (),
    unfolded: Collection[str] = (),
) -> Path:
    """Write answers by question as a list of {"question", "answer"}, whole or not at all.

    `tables` are small tables that belong to an answer, by question: "rows" of it, as text. `news`
    are answers with the day from which each held, {"question", "answer", "day"}: they stand in
    the site's feed. The front page folds answers away, but those to the questions `unfolded`.
    """
    rows = {
        question: {"rows": WORDING.of(table).to_dict("records")}
        for question, table in tables.items()
        if len(table)
    }
    told = [
        {"question": one, "answer": it, **rows.get(one, {})}
        | ({"unfolded": True} if one in unfolded else {})
        for one, it in answers.items()
    ]
    dated = [{"question": one, "answer": it, "day": f"{day:%Y-%m-%d}"} for day, one, it in news]
    return write_json([*told, *dated], path)
