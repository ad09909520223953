"""What changed between two copies of the repository, in Markdown: rows of raw data, and answers.

`python .github/moved.py BEFORE AFTER`; each folder holds `data/raw` and `reports`.
"""

from __future__ import annotations

import csv
import json
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

MOST_ROWS = 60
"""Rows of a file that are shown; the rest is counted."""


def main() -> None:
    """Print rows and answers that differ."""
    before, after = (Path(folder) for folder in sys.argv[1:])
    print("\n".join(["## Rows", "", *changed_rows(before, after), "", "## Answers that moved", ""]))
    moved = list(moved_answers(before / "reports", after / "reports"))
    print("\n".join(moved or ["None."]))


def changed_rows(before: Path, after: Path) -> Iterator[str]:
    """A heading and a diff for each CSV of the raw data that differs."""
    names = {
        path.relative_to(folder)
        for folder in (before, after)
        for path in (folder / "data" / "raw").rglob("*.csv")
    }
    for name in sorted(names):
        old, new = (Counter(_lines(folder / name)) for folder in (before, after))
        rows = [f"-{row}" for row in (old - new).elements()]
        rows += [f"+{row}" for row in (new - old).elements()]
        if rows:
            more = [f"… and {len(rows) - MOST_ROWS} more"] if len(rows) > MOST_ROWS else []
            count = f"{(new - old).total()} came, {(old - new).total()} went"
            yield from (f"`{name}`: {count}", "", "```diff", *rows[:MOST_ROWS], *more, "```", "")


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


def moved_answers(before: Path, after: Path) -> Iterator[str]:
    """A line for each finding, answer and verdict that is another one than before."""
    old, new = _answers(before), _answers(after)
    for name in sorted({*old, *new}):
        if old.get(name) != new.get(name):
            yield f"- {name}: {new.get(name, 'gone')} (was: {old.get(name, 'not there')})"


def _answers(reports: Path) -> dict[str, str]:
    found = {
        f"study `{path.parent.name}`": json.loads(path.read_text(encoding="utf-8"))["finding"]
        for path in reports.glob("*/headline.json")
    }
    for path in reports.glob("data/*-answers.json"):
        for row in json.loads(path.read_text(encoding="utf-8")):
            found[f"*{row['question']}*"] = row["answer"]
    with (reports / "claims.csv").open(encoding="utf-8", newline="") as file:
        return found | {f"claim {row['claim_id']}": row["verdict"] for row in csv.DictReader(file)}


if __name__ == "__main__":
    main()
