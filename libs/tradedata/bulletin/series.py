"""Customs' monthly bulletin: the table of major export commodities, all its lines.

A line is part of the nearest line above it with a lower level. The groups at the end of the table,
marked with an asterisk, gather lines that stand above once more. Units vary from month to month
(tonnes, ten thousand tonnes): they are brought to one when the table is read.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd
from contracts import TableError, load_raw

from tradedata.bulletin.units import WORDS, base_units
from tradedata.tables import Bulletin, BulletinLines

NAME, LINES, SPELLINGS = "bulletin.csv", "bulletin_lines.csv", "bulletin_spellings.csv"
GATHERING = ("农产品*", "机电产品*")
"""Lines with an asterisk whose parts stand nowhere else."""


def load_bulletin(folder: Path) -> pd.DataFrame:
    """The bulletin of a folder of raw files, under English names.

    Columns: those of `Bulletin`, `line` (English), `control`, `section` and `is_leaf`: whether the
    line has no parts and gathers none. `unit` is tonnes, pieces, pairs or litres, or empty, and
    `quantity` counts it. Raises TableError for a line without an English name, or an unknown unit.
    """
    printed = load_raw(folder, NAME, Bulletin)
    names = load_raw(folder, LINES, BulletinLines)
    unknown = sorted(set(printed["name"]) - set(names["name"]))
    if unknown:
        raise TableError(
            f"{folder / LINES}: no row for the line {unknown[0]!r} of {NAME}; add its English name"
        )
    named = printed.merge(names, on="name", how="left").rename(columns={"english": "line"})
    leaves = [_leaves(month["name"], month["level"]) for _, month in named.groupby("month")]
    base, times = base_units(named["unit"])
    return named.assign(
        is_leaf=np.concatenate(leaves),
        quantity=named["quantity"] * times,
        unit=base.map(WORDS),
    )


def _leaves(names: pd.Series, levels: pd.Series) -> np.ndarray:
    """Which lines of one month, in printed order, have no parts and gather none."""
    gathers = names.str.endswith("*") & ~names.isin(GATHERING)
    below = levels.shift(-1, fill_value=0) > levels
    return (~below & ~gathers.cummax()).to_numpy()


def year_changes(bulletin: pd.DataFrame, measure: str = "quantity") -> pd.DataFrame:
    """The log changes on the year before, months × lines, as printed beside `measure`.

    measure: `quantity` or `amount`. A month without a number, or with a zero, is missing.
    """
    amount = "quantity" if measure == "quantity" else "amount_10k_cny"
    known = bulletin[bulletin[amount] > 0]
    changes = known.pivot(index="month", columns="line", values=f"pct_change_year_{measure}")
    changes.index = pd.DatetimeIndex(changes.index).to_period("M")
    logs: pd.DataFrame = np.log1p(changes.where(changes > -100) / 100)  # type: ignore[assignment]
    return logs


def _difference(
    bulletin: pd.DataFrame, whole: str, part: str, measure: str
) -> tuple[pd.Series, pd.Series]:
    """`whole` less `part` by month, and the same a year before.

    The year before a month is the bulletin's own where it has it, else what the month and its
    printed change imply.
    """
    amount = "quantity" if measure == "quantity" else "amount_10k_cny"
    now = bulletin.pivot(index="month", columns="line", values=amount)[[whole, part]]
    now.index = pd.DatetimeIndex(now.index).to_period("M")
    printed = year_changes(bulletin, measure)[[whole, part]].reindex(now.index).map(math.exp)
    before = now.shift(12, freq="M").reindex(now.index).fillna(now / printed)
    return now[whole] - now[part], before[whole] - before[part]


def difference_changes(
    bulletin: pd.DataFrame, whole: str, part: str, measure: str = "quantity"
) -> pd.Series:
    """The log changes on the year before of `whole` less `part`, two lines of one unit.

    By month; missing where either line is.
    """
    rest, before = _difference(bulletin, whole, part, measure)
    ratio = (rest / before).where((rest > 0) & (before > 0))
    return pd.Series(np.log(ratio.to_numpy(dtype="float64")), index=ratio.index)


def difference_quantities(bulletin: pd.DataFrame, whole: str, part: str) -> pd.Series:
    """`whole` less `part` by month in their unit, the year before the first month included.

    That year follows from the printed changes, within their rounding.
    """
    rest, before = _difference(bulletin, whole, part, "quantity")
    earlier = before.set_axis(pd.PeriodIndex(before.index) - 12, axis="index")
    return rest.combine_first(earlier)


def unit_values(bulletin: pd.DataFrame, whole: str, part: str = "") -> pd.Series:
    """Yuan per kilogram of a line counted in tonnes, or of it less its `part`, by month.

    Missing where quantity or value is, or where nothing is left of either. Values are f.o.b. and
    mix grades: a unit value moves with prices and with what is shipped.
    """
    lines = [whole, *([part] if part else [])]
    rows = bulletin[bulletin["line"].isin(lines)]
    if set(rows["unit"]) != {"tonnes"}:
        raise TableError(f"a value per kilogram needs lines in tonnes, found {lines}")
    signed = rows.assign(sign=rows["line"].map(dict(zip(lines, (1.0, -1.0), strict=False))))
    signed = signed[["quantity", "amount_10k_cny"]].mul(signed["sign"], axis=0)
    sums = signed.groupby(rows["month"].dt.to_period("M")).sum(min_count=len(lines))
    tonnes, yuan = sums["quantity"], sums["amount_10k_cny"] * 10_000
    return (yuan / (1_000 * tonnes)).where((tonnes > 0) & (yuan > 0))
