"""One unit among many: the ranked changes of all, the one asked about picked out."""

from __future__ import annotations

import numpy as np
from effects.ranks import Ranked

from charts.figure import Figure
from charts.palette import INK, MUTED, OBSERVED
from charts.sheet import sheet, signed
from charts.svg import render


def plot_ranks(found: Ranked, title: str, units: str, source: str) -> Figure:
    """Every unit's change in percent, largest fall at the top; the treated one is named.

    units: what the axis counts, with its unit.
    """
    rows = found.table.reset_index(names="unit")
    rows["change_pct"] = 100 * np.expm1(rows["change"])
    finding = describe_ranks(found)
    alt = f"Dot chart, {title}. {finding}"
    with sheet(title, units, height=5.2, right=0.35, left=0.35, source=source) as (drawing, axes):
        places = np.arange(len(rows))
        mine = rows["unit"] == found.treated
        axes.axvline(0, color=MUTED, linewidth=0.8)
        axes.scatter(rows["change"], places, s=9, color=MUTED, linewidths=0)
        axes.scatter(rows.loc[mine, "change"], places[mine], s=46, color=OBSERVED, zorder=3)
        axes.yaxis.set_visible(False)
        ticks = [-80, -60, -30, 0, 50, 100, 200, 400]
        low, high = rows["change"].min(), rows["change"].max()
        shown = [tick for tick in ticks if low - 0.2 <= np.log1p(tick / 100) <= high + 0.2]
        axes.set_xticks([np.log1p(tick / 100) for tick in shown], [f"{signed(t)} %" for t in shown])
        axes.set_ylim(len(rows) + 1, -7)
        first_other = rows.index[~mine][0]
        for place, offset in ((rows.index[mine][0], (8, 5)), (first_other, (8, -14))):
            picked = bool(mine[place])
            axes.annotate(
                f"{rows.loc[place, 'unit']} {signed(rows.loc[place, 'change_pct'])} %",
                (rows.loc[place, "change"], place),
                xytext=offset,
                textcoords="offset points",
                va="center",
                ha="left",
                fontweight="bold" if picked else "normal",
                color=INK if picked else MUTED,
            )
        picture = render(drawing, title, alt)
    caption = (
        "Each dot is one of the others; further down the page is a larger rise. "
        "Lines are sorted by their change."
    )
    return Figure("ranks", picture, alt, finding, caption, rows, source)


def describe_ranks(found: Ranked) -> str:
    """Where the treated unit stands among the others, in numbers."""
    falls = int((found.table["change"] <= found.table.loc[found.treated, "change"]).sum())
    own = found.percent(found.treated)
    middle = 100 * np.expm1(found.table["change"].drop(found.treated).median())
    place = "the largest fall" if falls == 1 else f"number {falls} from the bottom"
    return (
        f"{found.treated} changed by {signed(own)} %, {place} of {len(found.table)}; half of the "
        f"others changed by more than {signed(middle)} %."
    )
