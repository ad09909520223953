"""Magnets among China's other export goods: a control group that met no licence."""

from __future__ import annotations

import numpy as np
import pandas as pd
from effects import EffectError
from effects.ranks import Ranked, rank_among
from ledger.series import mean_over
from tradedata.bulletin import difference_changes, year_changes
from words import percent

from analysis.study import Goods

MAGNETS = "Rare-earth magnets (wider series)"
WHOLE, PART = "Rare earths and products", "Rare earths"
NAMES = {"quantity": "quantity", "amount": "value"}
BASE = 3
"""Months before a window that it is set against."""
COLUMNS = [
    *("measure", "start", "end", "change_pct", "rank", "goods", "p_value", "p_value_scaled"),
    "other_dates",
]


def goods_changes(bulletin: pd.DataFrame, measure: str, with_controlled: bool) -> pd.DataFrame:
    """Log changes on the year before, months × goods, magnets among them.

    Goods are lines without parts of their own; those that China itself licenses or rations only
    `with_controlled`. The wider series of magnets is rare earths with products less rare earths.
    """
    leaves = bulletin[bulletin["is_leaf"] & ~bulletin["line"].isin([WHOLE, PART])]
    kept = leaves if with_controlled else leaves[leaves["control"] == ""]
    every = year_changes(bulletin, measure)
    goods = every[[name for name in every.columns if name in set(kept["line"])]]
    magnets = difference_changes(bulletin, WHOLE, PART, measure)
    return goods.assign(**{MAGNETS: magnets})


def rank_magnets(changes: pd.DataFrame, start: str, end: str, base_end: str) -> Ranked:
    """Magnets' change from the months to `base_end` to the window, among all goods'."""
    base = pd.period_range(end=base_end, periods=BASE, freq="M")
    return rank_among(changes, MAGNETS, base, pd.period_range(start, end, freq="M"))


def goods_table(bulletin: pd.DataFrame, asked: Goods) -> pd.DataFrame:
    """The rank in the window, and in the months after it, by quantity and by value.

    Months a year after the window are left out: their change on the year before echoes it.

    All are set against the months before the window. Months for which too few other dates are
    left to tell goods' own errors are missing.
    """
    last = min(bulletin["month"].max().to_period("M"), pd.Period(asked.start, freq="M") + 11)
    after = pd.period_range(pd.Period(asked.end, freq="M") + 1, last, freq="M")
    windows = [(asked.start, asked.end), *((str(month), str(month)) for month in after)]
    rows = []
    for measure in ("quantity", "amount"):
        changes = goods_changes(bulletin, measure, asked.with_controlled)
        for start, end in windows:
            try:
                found = rank_magnets(changes, start, end, asked.base_end)
            except EffectError:
                continue
            rows.append({"measure": measure, "start": start, "end": end, **_numbers(found)})
    return pd.DataFrame(rows, columns=COLUMNS)


def _numbers(found: Ranked) -> dict[str, object]:
    return {
        "change_pct": found.percent(MAGNETS),
        "rank": found.rank("change"),
        "goods": len(found.table),
        "p_value": found.p_value("change"),
        "p_value_scaled": found.p_value("score"),
        "other_dates": found.dates,
    }


def attempt_rank(bulletin: pd.DataFrame, measure: str, asked: Goods) -> tuple[list[Ranked], str]:
    """The rank in the window, in a list, or none and why it cannot be told."""
    changes = goods_changes(bulletin, measure, asked.with_controlled)
    try:
        return [rank_magnets(changes, asked.start, asked.end, asked.base_end)], ""
    except EffectError as reason:
        return [], f"By {NAMES[measure]} this cannot be told: {reason}."


def compare_means(series: pd.Series, asked: Goods) -> tuple[float, float]:
    """The means of a monthly series over the months before the window, and over the window."""
    base = pd.period_range(end=asked.base_end, periods=BASE, freq="M")
    window = pd.period_range(asked.start, asked.end, freq="M")
    return mean_over(series, base), mean_over(series, window)


def controlled(bulletin: pd.DataFrame) -> list[str]:
    """The goods that China itself licenses or rations, by name."""
    marked = bulletin[(bulletin["control"] != "") & bulletin["is_leaf"]]
    return sorted(marked["line"].str.lower().unique())


def says(found: Ranked, measure: str, window: str) -> str:
    """Where magnets stand in a window, in a sentence."""
    change = found.percent(MAGNETS)
    middle = 100 * float(np.expm1(found.table["change"].drop(MAGNETS).median()))
    place = found.rank("change")
    which = "the largest change" if place == 1 else f"change number {place} by size"
    return (
        f"In {window} magnets changed by {percent(change)} in {NAMES[measure]} against the months "
        f"before, the middle one of the other goods by {percent(middle)}: {which} of "
        f"{len(found.table)} (p = {found.p_value('change'):.3f}; set against each good's own past "
        f"error p = {found.p_value('score'):.3f})."
    )


def largest(found: Ranked, most: int = 10) -> pd.DataFrame:
    """The goods that changed most, either way, in percent, magnets among them."""
    order = found.table["change"].abs().sort_values(ascending=False).index
    shown = dict.fromkeys([*order[:most], MAGNETS])
    rows = found.table.loc[list(shown)]
    return pd.DataFrame(
        {
            "good": rows.index,
            "change, %": 100 * np.expm1(rows["change"]),
            "over own error": rows["score"],
        }
    )
