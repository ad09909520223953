"""Rows added to the raw files by hand: given ids, checked, shown and put on record.

`python -m pipeline accept` does for all of data/raw what a person would forget: it gives ids to new
rows, checks every file and every reference between them, says row by row what changed since the
last commit, and writes hash and date into the origin records. A row that cannot be taken is named
first, and then nothing is written.

A new row's own id may be left empty. A new figure may name its page by address in `source_id`.
"""

from __future__ import annotations

import copy
import csv
import hashlib
import io
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from datetime import date
from itertools import count as counting
from pathlib import Path

from contracts import Parser, Table, TableError
from contracts.documents import replacing
from contracts.raw import Origin, load_origin, origin_path, sha256, write_origin
from tradedata.bulletin import load_bulletin
from words import count

from analysis.events import load_regimes, policy_regimes
from analysis.sources import load_raw_tables
from analysis.study import Folders
from analysis.tables import FILES

MOST_SHOWN = 20

Rows = list[dict[str, str]]


def main(arguments: list[str] | None = None) -> int:
    """Accept what changed and say so; the exit status is 1 if a row cannot be taken."""
    parser = Parser(
        prog="python -m pipeline accept", description="take in rows changed in the raw files"
    )
    parser.add_argument("--raw-dir", type=Path, default=Folders().raw, help="folder of raw data")
    raw = parser.parse_args(arguments).raw_dir
    try:
        changed = accept(raw)
    except TableError as error:
        print(f"{error}\nnothing was written", file=sys.stderr)
        return 1
    print("\n".join(changed) or "no raw file has changed; nothing was written")
    return 0


def accept(raw: Path, today: date | None = None) -> list[str]:
    """Accept the changed tables of the folder `raw`; what changed, a line each.

    All is done on a copy first. Raises TableError, with nothing written, for a row that cannot
    be taken.
    """
    changed = [path for path in sorted(raw.glob("*.csv")) if _has_changed(path)]
    if not changed:
        check_raw(raw)
        return []
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "raw"
        shutil.copytree(raw, copy)
        try:
            _give_ids(copy)
            for path in changed:
                _put_on_record(copy / path.name, today or date.today())
            check_raw(copy)
        except TableError as error:
            raise TableError(str(error).replace(str(copy), str(raw))) from None
        told = [line for path in changed for line in _differences(path, copy / path.name)]
        for path in changed:
            for name in (path, origin_path(path)):
                with replacing(name) as aside:
                    shutil.copyfile(copy / name.name, aside)
    return told


def check_raw(raw: Path) -> None:
    """Load every raw table, with what they say of each other; TableError for what is wrong."""
    tables = load_raw_tables(raw)
    policy_regimes(tables.events, load_regimes(raw))
    load_bulletin(raw)


def _has_changed(path: Path) -> bool:
    record = origin_path(path)
    if not record.exists():
        raise TableError(
            f"{path}: no origin record; write {record.name} beside it, with the lines "
            f"{', '.join(Origin.model_fields)} (any sha256: it is put right here)"
        )
    return f"sha256: {sha256(path)}" not in record.read_text(encoding="utf-8")


def _put_on_record(path: Path, today: date) -> None:
    """Write the file's hash and the day into its origin record."""
    record = origin_path(path)
    text = record.read_text(encoding="utf-8")
    text = re.sub(r"(?m)^sha256:.*$", f"sha256: {sha256(path)}", text)
    with replacing(record) as aside:
        aside.write_text(text, encoding="utf-8")
    days = {"date_published": today, "date_accessed": today}
    write_origin(path, load_origin(path).model_copy(update=days))


def _give_ids(raw: Path) -> None:
    """Fill empty ids: the next number, a digest of the address, or a name made of words."""
    names = ("sources", "figures", "claims", "events")
    pages, figures, claims, events = (_read(raw / f"{name}.csv") for name in names)
    before = copy.deepcopy((pages, figures, claims, events))
    for row in pages:
        digest = hashlib.sha256(row["url"].encode()).hexdigest()[:8]
        row["source_id"] = row["source_id"] or f"s{digest}"
    addresses = {row["url"]: row["source_id"] for row in pages}
    _number(figures, "figure_id", "f", 4)
    for row in figures:
        row["source_id"] = addresses.get(row["source_id"], row["source_id"])
    _number(claims, "claim_id", "c", 2)
    for row in events:
        words = re.findall(r"[a-z0-9]+", f"{row['actor']} {row['name']}".lower())
        row["event_id"] = row["event_id"] or "-".join(words)
    after = (pages, figures, claims, events)
    for name, old, new in zip(names, before, after, strict=True):
        if new != old:
            with (raw / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
                table = csv.DictWriter(file, list(new[0]), lineterminator="\n")
                table.writeheader()
                table.writerows(new)


def _number(rows: Rows, key: str, letter: str, digits: int) -> None:
    taken = [int(row[key][1:]) for row in rows if re.fullmatch(rf"{letter}[0-9]+", row[key])]
    free = counting(max(taken, default=0) + 1)
    for row in rows:
        row[key] = row[key] or f"{letter}{next(free):0{digits}}"


def _read(content: Path | bytes) -> Rows:
    """The rows as text; a file that is no such table is left for its reader to refuse."""
    content = content if isinstance(content, bytes) else content.read_bytes()
    text = content.decode("utf-8-sig", errors="replace")
    rows = csv.DictReader(io.StringIO(text, newline=""), restval="", restkey="")
    return [{name: str(value) for name, value in row.items()} for row in rows]


def _differences(path: Path, now: Path) -> Iterator[str]:
    """What changed in a file since the last commit, a line a row."""
    command = ["git", "show", f"HEAD:./{path.name}"]
    try:
        shown = subprocess.run(command, cwd=path.parent, capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        yield f"{path.name}: taken in; the last commit has no such file to compare it with"
        return
    table = FILES.get(f"data/raw/{path.name}", Table)
    named = (column.name for column in table.to_schema().columns.values() if column.unique)
    key = next(named, "")
    old, new = (
        {row[key] if key in row else " ".join(row.values()): row for row in _read(content)}
        for content in (shown.stdout, now)
    )
    lines = [
        *(f"added {name}: {_told(row)}" for name, row in new.items() if name not in old),
        *(f"removed {name}: {_told(row)}" for name, row in old.items() if name not in new),
        *(
            f"changed {name}: {_changes(old[name], row)}"
            for name, row in new.items()
            if name in old and old[name] != row
        ),
    ]
    differ = count(len(lines), "row differs", "rows differ")
    yield f"{path.name}: {differ} from the last commit"
    yield from (f"  {line}" for line in lines[:MOST_SHOWN])
    if len(lines) > MOST_SHOWN:
        yield f"  and {len(lines) - MOST_SHOWN} more"


def _told(row: Mapping[str, str]) -> str:
    """The first cells that say something, without the id."""
    return ", ".join([value for value in row.values() if value][1:7])


def _changes(old: Mapping[str, str], new: Mapping[str, str]) -> str:
    names = [name for name in {**old, **new} if old.get(name, "") != new.get(name, "")]
    return "; ".join(f"{name} {old.get(name, '')!r} → {new.get(name, '')!r}" for name in names)


if __name__ == "__main__":
    sys.exit(main())
