"""Rows added to raw tables by hand: given ids, checked, shown and put on record."""

from __future__ import annotations

import csv
import io
import re
import shutil
import subprocess
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import date
from pathlib import Path

from contracts.contract import Table, TableError
from contracts.documents import replacing
from contracts.raw import Origin, load_origin, origin_path, sha256, write_origin

MOST_SHOWN = 20

Row = dict[str, str]
Rows = Mapping[str, list[Row]]
"""Rows as text by the name of their file."""


def accept(
    raw: Path,
    check: Callable[[Path], object],
    give_ids: Callable[[Rows], None],
    tables: Mapping[str, Table],
    today: date | None = None,
) -> list[str]:
    """Accept the changed tables of the folder `raw`; what changed, a line each.

    `give_ids` fills empty ids in the rows, `check` loads all tables of a folder, `tables` are their
    contracts by file name. All is done on a copy first. Raises TableError, with nothing written,
    for a row that cannot be taken.
    """
    changed = [path for path in sorted(raw.glob("*.csv")) if _has_changed(path)]
    if not changed:
        check(raw)
        return []
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "raw"
        shutil.copytree(raw, copy)
        try:
            _fill(copy, give_ids)
            for path in changed:
                _put_on_record(copy / path.name, today or date.today())
            check(copy)
        except TableError as error:
            raise TableError(str(error).replace(str(copy), str(raw))) from None
        told = [
            line
            for path in changed
            for line in _told(path, _read(copy / path.name), tables.get(path.name))
        ]
        for name in [name for path in changed for name in (path, origin_path(path))]:
            with replacing(name) as aside:
                shutil.copyfile(copy / name.name, aside)
    return told


def number_rows(rows: list[Row], column: str, letter: str, digits: int) -> None:
    """Fill empty ids with the next numbers after the largest, as `letter` and `digits` digits."""
    ids = [row[column] for row in rows]
    taken = [int(name[1:]) for name in ids if re.fullmatch(rf"{letter}[0-9]+", name)]
    last = max(taken, default=0)
    for row in rows:
        if not row[column]:
            last += 1
            row[column] = f"{letter}{last:0{digits}}"


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
    record.write_text(re.sub(r"(?m)^sha256:.*$", f"sha256: {sha256(path)}", text), encoding="utf-8")
    days = {"date_published": today, "date_accessed": today}
    write_origin(path, load_origin(path).model_copy(update=days))


def _fill(raw: Path, give_ids: Callable[[Rows], None]) -> None:
    """Give ids, and write the tables in which that changed something; one that is not is empty."""
    rows, before = (
        defaultdict(list, {path.name: _read(path) for path in raw.glob("*.csv")}) for _ in range(2)
    )
    with suppress(KeyError):  # a column that is not there is named by the table's reader
        give_ids(rows)
    for name in [name for name in rows if rows[name] != before[name]]:
        with (raw / name).open("w", encoding="utf-8", newline="") as file:
            table = csv.DictWriter(file, list(rows[name][0]), lineterminator="\n")
            table.writeheader()
            table.writerows(rows[name])


def _read(content: Path | bytes) -> list[Row]:
    """The rows as text; a file that is no such table is left for its reader to refuse."""
    content = content if isinstance(content, bytes) else content.read_bytes()
    text = content.decode("utf-8-sig", errors="replace")
    rows = csv.DictReader(io.StringIO(text, newline=""), restval="", restkey="")
    return [{name: str(value) for name, value in row.items()} for row in rows]


def _told(path: Path, now: list[Row], table: Table | None) -> Iterator[str]:
    """What changed in a file since the last commit, a line a row."""
    command = ["git", "show", f"HEAD:./{path.name}"]
    try:
        shown = subprocess.run(command, cwd=path.parent, capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        yield f"{path.name}: taken in; the last commit has no such file to compare it with"
        return
    columns = table.columns.items() if table else ()
    key = next((name for name, column in columns if column.unique), "")
    old, new = (
        {row[key] if key in row else " ".join(row.values()): row for row in rows}
        for rows in (_read(shown.stdout), now)
    )
    changed = [name for name in new if name in old and old[name] != new[name]]
    lines = [
        *(f"added {name}: {_first(new[name])}" for name in new if name not in old),
        *(f"removed {name}: {_first(old[name])}" for name in old if name not in new),
        *(f"changed {name}: {_changes(old[name], new[name])}" for name in changed),
    ]
    differ = "1 row differs" if len(lines) == 1 else f"{len(lines)} rows differ"
    yield f"{path.name}: {differ} from the last commit"
    yield from (f"  {line}" for line in lines[:MOST_SHOWN])
    if len(lines) > MOST_SHOWN:
        yield f"  and {len(lines) - MOST_SHOWN} more"


def _first(row: Row) -> str:
    """The first cells that say something, without the id."""
    return ", ".join([value for value in row.values() if value][1:7])


def _changes(old: Row, new: Row) -> str:
    names = [name for name in {**old, **new} if old.get(name, "") != new.get(name, "")]
    return "; ".join(f"{name} {old.get(name, '')!r} → {new.get(name, '')!r}" for name in names)
