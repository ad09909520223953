"""What new months change in the bulletin: values, units, and the list of lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
from contracts import TableError

from tradedata.bulletin.series import LINES
from tradedata.bulletin.units import WORDS, base_units

VALUES = ["quantity", "amount_10k_cny"]
AS_PRINTED = 1e-9
"""Values that differ by a smaller share are the same figure in another unit."""
FOUND_AND_USUAL = (("quantity", "unit"), ("quantity_usual", "unit_usual"))
FAR = 1000
"""A quantity so many times the line's usual one, or its inverse, was counted in another unit."""


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
