"""What a download from China's customs holds, changes and contradicts; and the `add` command.

`python -m analysis.customs FILE` takes in a download of the query page, or months of customs'
monthly bulletin: an .xls or .xlsx of 出口主要商品量值表, or what `fetch gacc` kept. Without FILE it
takes in what was dropped in data/raw/customs.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
from contracts import Parser, TableError
from ledger.constraints import Cells, Row, cells_of, figure_rows, multiplier, official_cells, ratio
from ledger.printed import Printed, distinct_figures
from tradedata.bulletin.adding import add_bulletin, is_bulletin
from tradedata.customs.adding import Addition, add_download, in_order
from tradedata.customs.vintages import (
    CODES_IN_A_QUERY,
    WORLD_PARTNERS,
    dropped,
    is_dropped,
    whole_months,
)
from tradedata.destinations import WORLD

from analysis.sources import load_figures, load_sources
from analysis.study import ROOT, SERIES, Folders

MOST_LISTED = 40
ENOUGH_FIGURES = 5
"""With so many printed figures compared and most of them contradicted, the file is suspect."""
FEW_FIGURES = 3
"""So is it with so many, if all of them are contradicted."""
KEY = ["destination", "month"]
ROUNDING_TONNES = 1e-6
"""Sums of kilograms divided by 1,000 differ by less."""
VERDICTS = {"kept": "agrees", "mismatch": "close"}


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


def _added(path: Path, raw: Path, saved: date | None, revise: bool) -> str:
    if not path.is_file() or not is_bulletin(path):
        return describe_addition(add_download(path, raw, saved), raw)
    said = add_bulletin(path, raw, saved, revise).describe()
    if is_dropped(path, raw):
        path.unlink()
    return said


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


def describe_addition(addition: Addition, raw: Path) -> str:
    """What the file holds, adds, revises and contradicts, a line each."""
    lines = list(_holds(addition))
    if addition.is_new:
        lines += [*_brings(addition), *_settles(addition, raw)]
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
        f"{addition.vintage.file}: kilograms by partner, {first:%Y-%m} to {last:%Y-%m} (months: "
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


def _settles(addition: Addition, raw: Path) -> list[str]:
    try:
        return list(_contradicts(_newly_settled(addition, raw)))
    except (TableError, OSError) as error:
        return [f"not compared with the published figures: {error}"]


def _newly_settled(addition: Addition, raw: Path) -> pd.DataFrame:
    """The published figures that this download is the first to settle, or settles anew."""
    figures, sources = load_figures(raw), load_sources(raw)
    now = compare_figures(figures, sources, addition.after)
    then = compare_figures(figures, sources, addition.before)
    known = set(zip(then["figure_ids"], then["customs"], strict=True))
    new = [pair not in known for pair in zip(now["figure_ids"], now["customs"], strict=True)]
    return now.loc[np.array(new, dtype=bool)]


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
    old = before[[*KEY, "tonnes"]].rename(columns={"tonnes": "old"})
    new = after[[*KEY, "tonnes"]].rename(columns={"tonnes": "new"})
    both = old.merge(new, on=KEY, how="outer")
    same = np.isclose(both["old"], both["new"], rtol=0, atol=ROUNDING_TONNES)
    differing = both.assign(size=both[["old", "new"]].max(axis=1)).loc[~same]
    order = differing.sort_values(["month", "size"], ascending=[True, False], ignore_index=True)
    return order[[*KEY, "old", "new"]]


def compare_figures(
    figures: pd.DataFrame, sources: pd.DataFrame, official: pd.DataFrame, series: str = SERIES
) -> pd.DataFrame:
    """The distinct printed figures of which customs tell the truth, one row each.

    Columns: figure_ids, destination, period (2025-04 or 2025-01..2025-09), measure, printed,
    customs (in the figure's unit), verdict: `agrees` within the rounding of its digits, `close`
    within the looser tolerance of a mismatch, else `contradicted`.
    """
    tonnes = official_cells(official)
    rows = [
        _compared(figure, truth)
        for figure in distinct_figures(figures, sources, series)
        if (truth := _unknowns(figure, tonnes)) is not None
    ]
    columns = ["figure_ids", "destination", "period", "measure", "printed", "customs", "verdict"]
    return pd.DataFrame(rows, columns=columns)


def score_sources(
    figures: pd.DataFrame,
    sources: pd.DataFrame,
    official: pd.DataFrame,
    series: str = SERIES,
    by: str = "newsroom",
) -> pd.DataFrame:
    """How often each newsroom (or `by="source_id"`: each page) printed what customs say.

    Columns: `by`, compared, agrees, close, contradicted (counts of distinct figures) and
    share_agrees; the most compared first.
    """
    compared = compare_figures(figures, sources, official, series)
    behind = figures[["figure_id", "source_id"]].merge(sources, on="source_id")
    told = compared.assign(
        distinct=range(len(compared)), figure_id=compared["figure_ids"].str.split(";")
    )
    told = told.explode("figure_id").merge(behind[["figure_id", by]], on="figure_id")
    told = told.drop_duplicates(["distinct", by])
    verdicts = [*VERDICTS.values(), "contradicted"]
    counts = pd.crosstab(told[by], told["verdict"]).reindex(columns=verdicts, fill_value=0)
    counts.insert(0, "compared", counts.sum(axis=1))
    counts["share_agrees"] = counts["agrees"] / counts["compared"]
    counts = counts.rename_axis(columns=None).reset_index()
    return counts.sort_values(["compared", by], ascending=[False, True], ignore_index=True)


def _unknowns(
    figure: Printed, tonnes: dict[tuple[str, int], float]
) -> tuple[Cells, np.ndarray] | None:
    cells = cells_of([figure])
    values = [tonnes.get((name, month)) for _, name, month in cells.names]
    known = [value for value in values if value is not None]
    return (cells, np.array([1.0, *known])) if len(known) == len(values) else None


def _compared(figure: Printed, truth: tuple[Cells, np.ndarray]) -> dict[str, object]:
    cells, unknowns = truth
    amount, base = (_value(row, unknowns) for row in ratio(figure, cells))
    per_unit = multiplier(figure, 1.0) - multiplier(figure, 0.0)
    first, last = (pd.Period(ordinal=at, freq="M") for at in (figure.start, figure.end))
    return {
        "figure_ids": ";".join(figure.figure_ids),
        "destination": figure.destination,
        "period": str(first) if first == last else f"{first}..{last}",
        "measure": figure.measure,
        "printed": figure.value,
        "customs": (amount / base - multiplier(figure, 0.0)) / per_unit if base else np.nan,
        "verdict": next(_verdicts(figure, cells, unknowns), "contradicted"),
    }


def _verdicts(figure: Printed, cells: Cells, unknowns: np.ndarray) -> Iterator[str]:
    for level, verdict in VERDICTS.items():
        rows = figure_rows(figure, cells, level)
        if all(_value(row, unknowns) <= ROUNDING_TONNES for row in rows):
            yield verdict


def _value(row: Row, unknowns: np.ndarray) -> float:
    return float(sum(value * unknowns[column] for column, value in row.items()))


if __name__ == "__main__":
    sys.exit(main())
