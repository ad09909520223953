"""Taking a download in: check it, say what it brings, keep it unchanged under a dated name."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
from contracts import Origin, TableError, load_origin, origin_path, sha256

from tradedata.customs.reading import HS, read_customs
from tradedata.customs.vintages import (
    CODES_IN_A_QUERY,
    FOLDER,
    WORLD_PARTNERS,
    Vintage,
    downloads,
    is_dropped,
    load_vintages,
    official_exports,
    whole_months,
)
from tradedata.keeping import keep

PAGE = "http://stats.customs.gov.cn/"
PRODUCER = "General Administration of Customs of the People's Republic of China"
MOST_LISTED = 40
ROUNDING_TONNES = 1e-6
"""Sums of kilograms divided by 1,000 differ by less."""


@dataclass(frozen=True)
class Addition:
    """A download taken in: where it is kept, its rows, and customs' cells before and after."""

    kept: Path
    vintage: Vintage
    is_new: bool
    before: pd.DataFrame
    after: pd.DataFrame

    def describe(self) -> Iterator[str]:
        """What the download holds and, if it is new, adds, revises and takes back, a line each."""
        yield from _holds(self)
        if self.is_new:
            yield from _brings(self)


def add_download(path: Path, raw: Path, saved: date | None = None) -> Addition:
    """Check the download at `path` and keep it in `raw`/customs, or raise TableError.

    A download saved on the same day as another counts as the newer one; `saved` defaults to the
    day the file was last written. A file that lies in that folder already is renamed there. The
    same content twice changes nothing. Nothing is written unless all of it is in order.
    """
    if not path.is_file():
        raise TableError(f"{path}: no such file")
    lies_there = is_dropped(path, raw)
    vintages = [kept for kept in load_vintages(raw) if not (lies_there and kept.file == path.name)]
    before, digest = official_exports(vintages), sha256(path)
    recorded = (kept for kept in downloads(raw) if origin_path(kept).exists())
    if twin := next((kept for kept in recorded if load_origin(kept).sha256 == digest), None):
        if lies_there:
            path.unlink()
        vintage = next(kept for kept in vintages if kept.file == twin.name)
        return Addition(twin, vintage, False, before, before)
    day = saved or date.fromtimestamp(path.stat().st_mtime)
    vintage = Vintage(path.name, day, read_customs(path))
    later = [kept for kept in vintages if kept.saved is None or kept.saved > day]
    earlier = [kept for kept in vintages if kept not in later]
    after = official_exports([*earlier, vintage, *later])
    origin = _origin(vintage, day, digest)
    kept = keep(raw / FOLDER, "customs", ".csv", origin, lambda to: shutil.copyfile(path, to))
    if lies_there:
        path.unlink()
    return Addition(kept, vintage, True, before, after)


def changes(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """The cells that differ between two tables OfficialExports, month by month, largest first.

    Columns: destination, month, old, new (tonnes; NaN where there is none).
    """
    key = ["destination", "month"]
    old, new = (table.set_index(key)["tonnes"] for table in (before, after))
    both = pd.concat({"old": old, "new": new}, axis=1).sort_index()
    same = np.isclose(both["old"], both["new"], rtol=0, atol=ROUNDING_TONNES)
    differing = both.assign(size=both.max(axis=1)).loc[~same].reset_index()
    order = differing.sort_values(["month", "size"], ascending=[True, False], ignore_index=True)
    return order[[*key, "old", "new"]]


def shortened(lines: Iterable[str]) -> list[str]:
    """The first of many lines, and how many more there are."""
    first, more = (told := list(lines))[:MOST_LISTED], len(told) - MOST_LISTED
    return [*first, f"  and {more:,} more"] if more > 0 else first


def _origin(vintage: Vintage, day: date, digest: str) -> Origin:
    months = vintage.rows["month"]
    what = f"exports of {HS} by partner, {months.min():%Y-%m} to {months.max():%Y-%m}"
    return Origin(
        title=f"China's {what}",
        description=(
            f"Download from the customs query page, kept unchanged; it came as {vintage.file}. "
            "The page prints no date of publication: both dates are the day the file was saved."
        ),
        producer=PRODUCER,
        citation_full=f"{PRODUCER}. Customs statistics, online query, {what}. Saved {day}.",
        url_main=PAGE,
        date_published=day,
        date_accessed=day,
        license="Public statistics of China's customs; the query page states no licence",
        sha256=digest,
    )


def _holds(addition: Addition) -> Iterator[str]:
    rows = addition.vintage.rows
    first, last, months = rows["month"].min(), rows["month"].max(), rows["month"].nunique()
    yield (
        f"{addition.vintage.file}: kilograms by partner, {first:%Y-%m} to {last:%Y-%m} (months: "
        f"{months}, partners: {rows['partner_code'].nunique()}, rows: {len(rows):,})"
    )
    unplaced = addition.after[addition.after["destination"].str.startswith("GRP_GACC")]
    unplaced = unplaced[unplaced["partner"].isin(rows["partner"])].drop_duplicates("destination")
    for cell in unplaced.itertuples():
        yield f"no ISO code for {cell.partner}: kept as {cell.destination}"
    for name in ("mode", "province"):
        if name in rows and rows[name].nunique() <= CODES_IN_A_QUERY:
            yield (
                f"CAUTION: split by {name}, and holds only {', '.join(sorted(rows[name].unique()))}"
                "; if the query was limited to them these are not whole exports, and the file must "
                "not be kept"
            )
    if whole := whole_months(rows):
        yield f"the world's total follows for {len(whole)} of {months} months"
    else:
        yield (
            f"no total for the world: no month holds {WORLD_PARTNERS} partners, and a file does "
            "not say whether its query was limited to some"
        )


def _brings(addition: Addition) -> Iterator[str]:
    changed = changes(addition.before, addition.after)
    if changed.empty:
        yield "adds and revises nothing"
    added, gone = changed["old"].isna(), changed["new"].isna()
    kinds = (("adds", added, ["new"]), ("revises", ~(added | gone), ["old", "new"]))
    for verb, which, columns in (*kinds, ("takes back", gone, ["old"])):
        cells = changed[which]
        named = " ".join(columns if len(columns) > 1 else ["tonnes"])
        if len(cells):
            yield f"{verb} {len(cells):,} values (month destination {named}; tonnes):"
        yield from shortened(
            f"  {month:%Y-%m} {place} {' '.join(f'{value:,.3f}' for value in values)}"
            for month, place, *values in cells[["month", "destination", *columns]].to_numpy()
        )
