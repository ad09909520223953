"""What a download from China's customs holds, changes and contradicts; and the `add` command.

`python -m analysis.customs FILE` takes in a download of the query page, or months of customs'
monthly bulletin: an .xls or .xlsx of 出口主要商品量值表, or what `fetch gacc` kept. Without FILE it
takes in what was dropped in data/raw/customs.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
from contracts import Parser, TableError
from ledger import compare_figures
from tradedata.bulletin.adding import add_bulletin, is_bulletin
from tradedata.customs.adding import Addition, add_download, in_order
from tradedata.customs.vintages import (
    CODES_IN_A_QUERY,
    WORLD_PARTNERS,
    dropped,
    is_dropped,
    whole_months,
)

from analysis.sources import load_figures, load_sources
from analysis.study import ROOT, SERIES, Folders

MOST_LISTED = 40
ENOUGH_FIGURES = 5
"""With so many printed figures compared and most of them contradicted, the file is suspect."""
FEW_FIGURES = 3
"""So is it with so many, if all of them are contradicted."""
ROUNDING_TONNES = 1e-6
"""Sums of kilograms divided by 1,000 differ by less."""


def main(arguments: list[str] | None = None) -> int:
    """Add each file and say what it brings; the exit status is 1 if one of them was refused."""
    given = _parser().parse_args(arguments)
    raw, status = given.raw_dir, 0
    for path in given.file or in_order(dropped(raw)):
        try:
            print(_added(path, raw, given.saved, given.revise))
        except TableError as error:
            print(error, file=sys.stderr)
            status = 1
        except Exception as error:  # whatever is wrong with one file, the next is still taken in
            print(f"{path}: cannot be taken ({type(error).__name__}: {error})", file=sys.stderr)
            status = 1
    return status


def _parser() -> Parser:
    parser = Parser(prog="python -m pipeline add", description=__doc__)
    parser.add_argument(
        "file", nargs="*", type=Path, help="a CSV from the query page, or a table of the bulletin"
    )
    parser.add_argument(
        "--revise", action="store_true", help="let the bulletin's values, lines and units change"
    )
    parser.add_argument("--raw-dir", type=Path, default=Folders().raw, help="folder of raw data")
    parser.add_argument(
        "--saved", type=date.fromisoformat, help="day it was downloaded, if not the file's own date"
    )
    return parser


def _added(path: Path, raw: Path, saved: date | None, revise: bool) -> str:
    """Take one file in; what it holds, adds, revises and contradicts, a line each."""
    if path.is_file() and is_bulletin(path):
        said = add_bulletin(path, raw, saved, revise).describe()
        if is_dropped(path, raw):
            path.unlink()
        return said
    addition = add_download(path, raw, saved)
    lines = list(_holds(addition))
    kept = addition.kept.relative_to(ROOT) if addition.kept.is_relative_to(ROOT) else addition.kept
    if addition.is_new:
        lines += [*_brings(addition), *_settles(addition, raw), f"kept unchanged as {kept}"]
    else:
        lines.append(f"already kept as {kept}; nothing changed")
    return "\n  ".join(lines)


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
        yield from _shortened(
            f"  {month:%Y-%m} {place} {' '.join(f'{value:,.3f}' for value in values)}"
            for month, place, *values in cells[["month", "destination", *columns]].to_numpy()
        )


def _shortened(lines: Iterable[str]) -> list[str]:
    first, more = (told := list(lines))[:MOST_LISTED], len(told) - MOST_LISTED
    return [*first, f"  and {more:,} more"] if more > 0 else first


def _settles(addition: Addition, raw: Path) -> Iterator[str]:
    """The published figures that this download is the first to settle, or settles anew."""
    try:
        figures, sources = load_figures(raw), load_sources(raw)
    except (TableError, OSError) as error:
        yield f"not compared with the published figures: {error}"
        return
    then, now = (
        compare_figures(figures, sources, official, SERIES).set_index(["figure_ids", "customs"])
        for official in (addition.before, addition.after)
    )
    compared = now[~now.index.isin(then.index)].reset_index()
    wrong = compared[compared["verdict"] == "contradicted"]
    if len(compared):
        yield (
            f"settles {len(compared)} published figures and contradicts {len(wrong)}"
            + (" (period destination measure: printed, customs):" if len(wrong) else "")
        )
    yield from _shortened(
        f"  {row.period} {row.destination} {row.measure}: {row.printed}, {row.customs:,.4g} "
        f"({row.figure_ids})"
        for row in wrong.itertuples()
    )
    most_wrong = len(compared) >= ENOUGH_FIGURES and 2 * len(wrong) > len(compared)
    if most_wrong or len(compared) == len(wrong) >= FEW_FIGURES:
        yield (
            "CAUTION: most published figures disagree with this file; are these imports, or was "
            "the query limited to a trade mode or province? If so, delete the kept file and record"
        )


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


if __name__ == "__main__":
    sys.exit(main())
