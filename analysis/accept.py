"""Rows added to the raw files by hand: which tables there are, and the form of their ids.

`python -m pipeline accept` does for all of data/raw what a person would forget: it gives ids to new
rows, checks every file and every reference between them, says row by row what changed since the
last commit, and writes hash and date into the origin records. A row that cannot be taken is named
first, and then nothing is written.

A new row's own id may be left empty. A new figure may name its page by address in `source_id`.
"""

from __future__ import annotations

import hashlib
import re
import sys
from datetime import date
from pathlib import Path

import contracts.accepting
from contracts import TableError
from contracts.accepting import Rows, number_rows
from contracts.parameters import run
from tradedata.bulletin import load_bulletin

from analysis.events import policy_regimes
from analysis.sources import load_raw_tables, load_regimes
from analysis.study import Folders
from analysis.tables import FILES


def main(arguments: list[str] | None = None) -> int:
    """Accept what changed and say so; the exit status is 1 if a row cannot be taken."""
    options = Folders, ["raw_dir"]
    return run("accept", "take in rows changed in the raw files", options, _accepted, arguments)


def _accepted(asked: Folders) -> str:
    try:
        return "\n".join(accept(asked.raw)) or "no raw file has changed; nothing was written"
    except TableError as error:
        raise TableError(f"{error}\nnothing was written") from None


def accept(raw: Path, today: date | None = None) -> list[str]:
    """Accept the changed tables of the folder `raw`, or raise TableError; what changed."""
    tables = {Path(name).name: table for name, table in FILES.items() if "data/raw/" in name}
    return contracts.accepting.accept(raw, check_raw, _give_ids, tables, today)


def check_raw(raw: Path) -> None:
    """Load every raw table, with what they say of each other; TableError for what is wrong."""
    tables = load_raw_tables(raw)
    policy_regimes(tables["events"], load_regimes(raw))
    load_bulletin(raw)


def _give_ids(rows: Rows) -> None:
    """Fill empty ids: the next number, a digest of the address, or a name made of words."""
    for page in rows["sources.csv"]:
        digest = hashlib.sha256(page["url"].encode()).hexdigest()[:8]
        page["source_id"] = page["source_id"] or f"s{digest}"
    addresses = {page["url"]: page["source_id"] for page in rows["sources.csv"]}
    for figure in rows["figures.csv"]:
        figure["source_id"] = addresses.get(figure["source_id"], figure["source_id"])
    number_rows(rows["figures.csv"], "figure_id", "f", 4)
    number_rows(rows["claims.csv"], "claim_id", "c", 2)
    for event in rows["events.csv"]:
        words = re.findall(r"[a-z0-9]+", f"{event['actor']} {event['name']}".lower())
        event["event_id"] = event["event_id"] or "-".join(words)


if __name__ == "__main__":
    sys.exit(main())
