"""What a download holds and what it changes, in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pandas as pd
from ledger.constraints import WORLD

from analysis.sources import load_figures, load_sources
from analysis.study import ROOT
from tradedata.customs.adding import Addition
from tradedata.customs.comparing import changes, compare_figures
from tradedata.customs.vintages import CODES_IN_A_QUERY, WORLD_PARTNERS, whole_months

MOST_LISTED = 40
ENOUGH_FIGURES = 5
"""With so many printed figures compared and most of them contradicted, the file is suspect."""


def describe_addition(addition: Addition, raw: Path) -> str:
    """What the file holds, adds, revises and contradicts, a line each."""
    lines = list(_holds(addition))
    if addition.is_new:
        lines += [*_brings(addition), *_contradicts(_compared(addition, raw))]
        lines.append(f"kept unchanged as {_shown(addition.kept)}")
    else:
        lines.append(f"already kept as {_shown(addition.kept)}; nothing changed")
    return "\n  ".join(lines)


def describe_official(official: pd.DataFrame) -> str:
    """What customs say of the exports, as a sentence; `official` is from load_customs."""
    if official.empty:
        return (
            "No download from customs has been added, so the published figures stand alone; "
            "`docs/customs.md` says how to add one."
        )
    files, months = official["file"].nunique(), official["month"]
    whole = official.loc[official["destination"] == WORLD, "month"].nunique()
    return (
        f"Customs themselves give {len(official):,} values in {files} downloads, "
        f"{months.min():%B %Y} to {months.max():%B %Y}; for {whole} of {months.nunique()} months "
        "they add up to the world."
    )


def _shown(path: Path) -> str:
    return str(path.relative_to(ROOT) if path.is_relative_to(ROOT) else path)


def _holds(addition: Addition) -> Iterator[str]:
    rows = addition.vintage.rows
    first, last = rows["month"].min(), rows["month"].max()
    yield (
        f"{addition.vintage.file}: {first:%Y-%m} to {last:%Y-%m} (months: "
        f"{rows['month'].nunique()}, partners: {rows['partner_code'].nunique()}, "
        f"rows: {len(rows):,})"
    )
    unplaced = addition.after[addition.after["destination"].str.startswith("GRP_GACC")]
    unplaced = unplaced[unplaced["partner"].isin(rows["partner"])].drop_duplicates("destination")
    for cell in unplaced.itertuples():
        yield f"no ISO code for {cell.partner}: kept as {cell.destination}"
    for name in ("mode", "province"):
        if name in rows and rows[name].nunique() <= CODES_IN_A_QUERY:
            found = ", ".join(sorted(rows[name].unique()))
            yield (
                f"CAUTION: split by {name}, and holds only {found}; if the query was limited to "
                "them these are not whole exports, and the file must not be kept"
            )
    yield from _world(rows)


def _world(rows: pd.DataFrame) -> Iterator[str]:
    whole, months = whole_months(rows), rows["month"].nunique()
    if whole:
        yield f"the world's total follows for {len(whole)} of {months} months"
    else:
        yield (
            f"no total for the world: no month holds {WORLD_PARTNERS} partners, and a file does "
            "not say whether its query was limited to some"
        )


def _brings(addition: Addition) -> Iterator[str]:
    changed = changes(addition.before, addition.after)
    added, gone = changed[changed["old"].isna()], changed[changed["new"].isna()]
    revised = changed.drop([*added.index, *gone.index])
    yield from _listed(added, "adds", "month destination tonnes", "{cell.new:,.3f}")
    yield from _listed(
        revised, "revises", "month destination old new", "{cell.old:,.3f} {cell.new:,.3f}"
    )
    yield from _listed(gone, "takes back", "month destination old", "{cell.old:,.3f}")
    if changed.empty:
        yield "adds and revises nothing"


def _listed(cells: pd.DataFrame, verb: str, columns: str, values: str) -> Iterator[str]:
    if cells.empty:
        return
    yield f"{verb} {len(cells):,} values ({columns}; tonnes):"
    template = "  {cell.month:%Y-%m} {cell.destination} " + values
    yield from _shortened([template.format(cell=cell) for cell in cells.itertuples()])


def _shortened(lines: Sequence[str]) -> Sequence[str]:
    more = len(lines) - MOST_LISTED
    return [*lines[:MOST_LISTED], f"  and {more:,} more"] if more > 0 else lines


def _compared(addition: Addition, raw: Path) -> pd.DataFrame:
    """The published figures that this download is the first to settle, or settles anew."""
    figures, sources = load_figures(raw), load_sources(raw)
    now = compare_figures(figures, sources, addition.after)
    then = compare_figures(figures, sources, addition.before)
    known = set(zip(then["figure_ids"], then["customs"], strict=True))
    new = [pair not in known for pair in zip(now["figure_ids"], now["customs"], strict=True)]
    return now[new]


def _contradicts(compared: pd.DataFrame) -> Iterator[str]:
    wrong = compared[compared["verdict"] == "contradicted"]
    if len(compared):
        yield (
            f"settles {len(compared)} published figures and contradicts {len(wrong)}"
            + (" (period destination measure: printed, customs):" if len(wrong) else "")
        )
    yield from _shortened(
        [
            f"  {row.period} {row.destination} {row.measure}: {row.printed}, {row.customs:,.4g} "
            f"({row.figure_ids})"
            for row in wrong.itertuples()
        ]
    )
    if len(compared) >= ENOUGH_FIGURES and 2 * len(wrong) > len(compared):
        yield (
            "CAUTION: most published figures disagree with this file; are these imports, or was "
            "the query limited to a trade mode or province? If so, delete the kept file and record"
        )
