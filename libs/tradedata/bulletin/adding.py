"""Taking months into the bulletin: all of a file or nothing, and no value is lost.

The bulletin holds every line as first printed. A file whose months are new is added; one that
changes what is there, or in which lines vanish or appear within a year, is taken only if that is
asked for, and the table it replaces is kept under a dated name.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
from contracts import (
    TableError,
    check_references,
    load_origin,
    load_raw,
    replacing,
    sha256,
    validate,
    write_origin,
)

from tradedata.bulletin.printed import ASKED, known_name, name_key, read_workbook
from tradedata.bulletin.series import LINES, NAME, SPELLINGS
from tradedata.bulletin.units import WORDS, base_units
from tradedata.keeping import keep
from tradedata.tables import Bulletin, BulletinLines, BulletinSpellings

COLUMNS = list(Bulletin.columns)
PRINTED = {
    "printed": "name",
    "month_quantity": "quantity",
    "month_amount": "amount_10k_cny",
    "change_quantity": "pct_change_year_quantity",
    "change_amount": "pct_change_year_amount",
}
"""The columns of a printed table, as the bulletin names them."""
WORKBOOKS = {b"\xd0\xcf\x11\xe0": ".xls", b"PK\x03\x04": ".xlsx"}
"""How the files begin that spreadsheets write."""
VALUES = ["quantity", "amount_10k_cny"]
AS_PRINTED = 1e-9
"""Values that differ by a smaller share are the same figure in another unit."""
FOUND_AND_USUAL = (("quantity", "unit"), ("quantity_usual", "unit_usual"))
FAR = 1000
"""A quantity so many times the line's usual one, or its inverse, was counted in another unit."""
REVISE = "if that is right, add the file with --revise"
JANUARY = 1
"""Customs redo the list of lines in January."""
TITLE = "Major export commodities in quantity and value, China"
FILE = "The file that months of bulletin.csv come from, kept unchanged."


@dataclass(frozen=True)
class BulletinAddition:
    """Months taken in: of what file, kept where, what they add, fill, revise and leave out."""

    file: str
    kept: Path | None
    months: tuple[str, ...]
    filled: int
    revised: int
    lines: tuple[str, ...]

    @property
    def is_new(self) -> bool:
        """Whether the file brought anything."""
        return bool(self.months or self.filled or self.revised)

    def describe(self) -> str:
        """What the file brought, a line each."""
        if not self.is_new:
            return f"{self.file}: the bulletin holds all of it already; nothing changed"
        said = [
            (self.months, f"adds {len(self.months)} months: {', '.join(self.months)}"),
            (self.filled, f"fills {self.filled:,} values that were empty"),
            (self.revised, f"revises {self.revised:,} values; the table before is kept beside it"),
            *((True, line) for line in self.lines),
        ]
        told = [words for holds, words in said if holds]
        return "\n  ".join(
            [f"{self.file}: customs' bulletin", *told, f"kept unchanged as {self.kept}"]
        )


def is_bulletin(path: Path) -> bool:
    """Whether a file looks like a table of the bulletin: a workbook, or a CSV of its columns."""
    with path.open("rb") as file:
        start = file.read(400)
    head = start.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "ignore").split("\n")[0]
    return start[:4] in WORKBOOKS or head.strip().split(",")[: len(COLUMNS)] == COLUMNS


def load_names(raw: Path) -> dict[str, str]:
    """The line of each known spelling, by `name_key`: Chinese, our English, customs' English."""
    lines = load_raw(raw, LINES, BulletinLines)
    spellings = dict(zip(lines["english"], lines["name"], strict=True))
    spellings |= dict(zip(lines["name"], lines["name"], strict=True))
    if (raw / SPELLINGS).exists():
        table = load_raw(raw, SPELLINGS, BulletinSpellings)
        check_references(table, "name", lines, "printed", SPELLINGS)
        spellings |= dict(zip(table["printed"], table["name"], strict=True))
    keys = {name_key(text): name for text, name in spellings.items()}
    return {key.rstrip("*"): name for key, name in keys.items()} | keys


def add_bulletin(
    path: Path, raw: Path, saved: date | None = None, revise: bool = False
) -> BulletinAddition:
    """Take the months of the file at `path` into `raw`/bulletin.csv, or raise TableError.

    An .xls or .xlsx of the Chinese table, or a CSV of the bulletin's columns, such as a fetched
    snapshot. The file is kept unchanged in `raw`/bulletin. With `revise` a month that is there may
    change, and lines may vanish, appear or change their unit; the table that was there is then kept
    beside it.
    """
    if not path.is_file():
        raise TableError(f"{path}: no such file")
    old = load_raw(raw, NAME, Bulletin)
    new = _months_of(path, load_names(raw), old)
    english = load_raw(raw, LINES, BulletinLines).set_index("name")["english"]
    before, after = (by_line(table, english, path) for table in (old, new))
    values = compared(before, after)
    months = sorted(set(new["month"]) - set(old["month"]))
    problems = [*changes(values), *odd_units(before, after, months)]
    lines = list(line_changes(before, after, months))
    problems += [line for line, month in lines if month != JANUARY]
    if problems and not revise:
        more = f" (and {len(problems) - 1} more like it)" if len(problems) > 1 else ""
        raise TableError(f"{path}: {problems[0]}{more}; {REVISE}")
    moved = values[values["fills"] | values["differs"]]
    touched = {*months, *moved.index.get_level_values("month")}
    filled, revised = int(values["fills"].sum()), int(values["differs"].sum())
    if touched:
        both = after.combine_first(before).reset_index()
        changed = both[both["month"].isin(touched)].sort_values(["month", "order"])
        table = pd.concat([old[~old["month"].isin(touched)], changed[COLUMNS]])
        table = validate(table.sort_values("month", kind="stable"), Bulletin, str(path))
        day = saved or date.fromtimestamp(path.stat().st_mtime)
        kept = _write(path, raw / NAME, day, table, _listed(touched), replaces=bool(revised))
    return BulletinAddition(
        file=path.name,
        kept=kept if touched else None,
        months=tuple(f"{month:%Y-%m}" for month in months),
        filled=filled,
        revised=revised,
        lines=tuple(line for line, _ in lines),
    )


def by_line(table: pd.DataFrame, english: pd.Series, path: Path) -> pd.DataFrame:
    """Rows by month and English line, quantities in base units, with their printed order."""
    try:
        base, times = base_units(table["unit"])
    except TableError as error:
        raise TableError(f"{path}: {error}") from None
    rows = table.assign(
        line=table["name"].map(english),
        order=table.groupby("month").cumcount(),
        quantity=table["quantity"] * times,
        unit=base,
    )
    if (again := rows.duplicated(["month", "line"])).any():
        month, line = rows.loc[again, ["month", "line"]].iloc[0]
        raise TableError(f"{path}: {month:%Y-%m}: two lines are both {line!r}; see {LINES}")
    return rows.set_index(["month", "line"])


def compared(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """The values of both tables by month, line and measure: had, has, and how they are apart.

    `fills` says that an empty one is filled, `differs` that one is replaced.
    """
    sides = {"had": before, "has": after}
    values = {name: pd.Series(it[VALUES].stack(future_stack=True)) for name, it in sides.items()}
    both = pd.concat(values, axis=1, join="inner").rename_axis(["month", "line", "measure"])
    same = np.isclose(both["had"], both["has"], rtol=AS_PRINTED, atol=0)
    filled = both["had"].isna() & both["has"].notna()
    return both.assign(fills=filled, differs=both.notna().all(axis=1) & ~same)


def changes(values: pd.DataFrame) -> Iterator[str]:
    """Values of months that are there already and say otherwise."""
    for row in values[values["differs"]].reset_index().itertuples():
        yield (
            f"{row.month:%Y-%m} is there already and differs: {row.line}, {row.measure}, found "
            f"{row.has:,.10g}, the bulletin says {row.had:,.10g}"
        )


def odd_units(
    before: pd.DataFrame, after: pd.DataFrame, months: Sequence[pd.Timestamp]
) -> Iterator[str]:
    """Lines of new months that are counted in another unit than the bulletin's newest."""
    counted = before[(before["unit"] != "") & (before["quantity"] > 0)].groupby("line")
    usual = counted.agg(unit_usual=("unit", "last"), quantity_usual=("quantity", "median"))
    rows = after[after.index.isin(months, level="month")].join(usual, on="line")
    rows = rows[(rows["unit"] != "") & (rows["quantity"] > 0) & rows["unit_usual"].notna()]
    other = rows["unit"] != rows["unit_usual"]
    ratio = rows["quantity"] / rows["quantity_usual"]
    far = (ratio > FAR) | (ratio < 1 / FAR)
    for _, row in rows[other | far].reset_index().iterrows():
        found, known = (f"{row[q]:,.10g} {WORDS[row[u]]}" for q, u in FOUND_AND_USUAL)
        yield (
            f"{row['month']:%Y-%m}: {row['line']}: found {found}, usual are {known}; the line is "
            "counted in another unit, or it is another line"
        )


def line_changes(
    before: pd.DataFrame, after: pd.DataFrame, months: Sequence[pd.Timestamp]
) -> Iterator[tuple[str, int]]:
    """In what new months lines vanish or appear, and the number of that month in the year."""
    rows = pd.concat([before, after]).index.to_frame(index=False)
    listed = rows.groupby("month")["line"].agg(set)
    for earlier, later in pairwise(listed.index):
        gone, come = listed[earlier] - listed[later], listed[later] - listed[earlier]
        if (gone or come) and {earlier, later} & set(months):
            parts = [("vanish", gone), ("appear", come)]
            words = [
                f"lines that {verb}: {'; '.join(sorted(found))}" for verb, found in parts if found
            ]
            yield f"{later:%Y-%m}: {', '.join(words)}", later.month


def _listed(months: Iterable[pd.Timestamp]) -> str:
    return ", ".join(f"{month:%Y-%m}" for month in sorted(months))


def _suffix(path: Path) -> str:
    with path.open("rb") as file:
        return WORKBOOKS.get(file.read(4), ".csv")


def _months_of(path: Path, names: Mapping[str, str], old: pd.DataFrame) -> pd.DataFrame:
    """The months of a file in the shape of Bulletin, lines by the names the bulletin has."""
    if _suffix(path) == ".csv":
        rows = _read_csv(path)
        levels = rows["level"]
    else:
        rows = _read_printed(path)
        newest = old.drop_duplicates("name", keep="last").set_index("name")["level"]
        levels = rows["name"].map(name_key).map(names).map(newest)  # workbooks lose their indents
    named = rows["name"].map({name: known_name(name, names) for name in rows["name"].unique()})
    if (lost := rows.loc[named.isna(), "name"].unique()).size:
        shown = ", ".join(repr(name) for name in lost[:5])
        raise TableError(
            f"{path}: {len(lost)} lines have no row in {LINES} or {SPELLINGS}, the first {shown}; "
            "add what they are called there"
        )
    rows = rows.assign(name=named, level=levels.fillna(rows["level"]).astype(int))
    return validate(rows, Bulletin, str(path))


def _read_csv(path: Path) -> pd.DataFrame:
    try:
        table = pd.read_csv(path, dtype=str, keep_default_na=False)
    except ValueError as error:  # what pandas raises for a CSV it cannot read
        raise TableError(f"{path}: not a CSV of the bulletin: {error}") from None
    if "flow" in table and set(table["flow"]) != {"export"}:
        raise _of_imports(path)
    rows = table[COLUMNS]
    numbers = [name for name in COLUMNS if name not in ("month", "name", "unit")]
    rows = rows.assign(**rows[numbers].replace("", None))
    return validate(rows, Bulletin, str(path))


def _read_printed(path: Path) -> pd.DataFrame:
    """A workbook's table of exports in yuan as rows of Bulletin, under the names it prints."""
    table = read_workbook(path)
    if table.flow != "export":
        raise _of_imports(path)
    if table.money != "amount_10k_cny":
        raise TableError(
            f"{path}: values in US dollars (美元值); save the table in yuan (人民币值)"
        )
    if table.lines["month_amount"].isna().all():
        raise TableError(
            f"{path}: {table.month} is printed together with the months before it; the table of "
            "one month is needed, or `fetch gacc`, which takes differences"
        )
    rows = table.lines.rename(columns=PRINTED).assign(month=pd.Timestamp(table.month))
    return rows[COLUMNS]


def _of_imports(path: Path) -> TableError:
    return TableError(
        f"{path}: a table of imports (进口); the bulletin here needs exports: {ASKED}"
    )


def _write(
    path: Path, target: Path, day: date, table: pd.DataFrame, months: str, replaces: bool
) -> Path:
    """Keep the file, the table before if values of it are replaced, and write the new one."""
    folder, record = target.parent / "bulletin", load_origin(target)
    told = {"date_published": day, "date_accessed": day}
    file = {"title": f"{TITLE}, {months}", "description": FILE, "sha256": sha256(path)}
    origin = record.model_copy(update=told | file)
    first, last = table["month"].min(), table["month"].max()
    with replacing(target) as aside:
        form = {"date_format": "%Y-%m", "float_format": "%.10g", "lineterminator": "\n"}
        table.to_csv(aside, index=False, **form)  # type: ignore[call-overload]
        if replaces:
            keep(folder, "replaced", ".csv", record, lambda to: shutil.copyfile(target, to))
        kept = keep(folder, "bulletin", _suffix(path), origin, lambda to: shutil.copyfile(path, to))
        now = {
            "title": f"{TITLE}, {first:%B %Y} to {last:%B %Y}",
            "description": f"{record.description} {months}: from {kept.name}.",
            "sha256": sha256(aside),
        }
        write_origin(target, record.model_copy(update=told | now))
    return kept
