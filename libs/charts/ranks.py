"""One unit among many: the ranked changes of all, the one asked about picked out."""

from __future__ import annotations

from textwrap import fill

import numpy as np
import pandas as pd
from effects.ranks import Ranked
from matplotlib.axes import Axes
from words import percent, signed

from charts.figure import Figure
from charts.marks import LEADER
from charts.palette import INK, MUTED, OBSERVED
from charts.sheet import change_ticks, plain, sheet


def plot_ranks(found: Ranked, *, name: str, units: str, source: str) -> Figure:
    """Every unit's change in percent, largest fall at the top; the treated one is named.

    name: what the units are together; units: what the axis counts, with its unit.
    """
    rows = found.table.reset_index(names="unit")
    rows["change_pct"] = 100 * np.expm1(rows["change"])
    own, mine = found.percent(found.treated), found.table["change"][found.treated]
    side = "fell" if own < 0 else "rose"
    further = int((rows["change"] * np.sign(mine) > abs(mine)).sum())
    title = f"{further} of {len(rows)} {name} {side} more than {found.treated.lower()}"
    if not further:
        title = (
            f"{found.treated} {side} {abs(own):.0f} %, more than any other of {len(rows)} {name}"
        )
    falls = int((rows["change"] <= mine).sum())
    middle = 100 * np.expm1(found.table["change"].drop(found.treated).median())
    place = "the largest fall" if falls == 1 else f"number {falls} from the bottom"
    finding = (
        f"{found.treated} changed by {signed(own)} %, {place} of {len(rows)}; half of the "
        f"others changed by more than {signed(middle)} %."
    )
    with sheet(title, units, tall=3.4, right=0.35, left=0.35, source=source) as on:
        draw_ranks(on.axes, rows, found.treated)
        told = zip(rows["change"], rows["unit"], rows["change_pct"], strict=True)
        values = [(x, y, f"{unit}: {percent(size)}") for y, (x, unit, size) in enumerate(told)]
        caption = (
            "Each dot is one of the others; further down the page is a larger rise. "
            "Lines are sorted by their change; the axis is in logs."
        )
        kind = f"Dot chart, changes of {len(rows)} {name}"
        return on.figure("ranks", kind, finding, caption, rows, {name: values})


def draw_ranks(axes: Axes, rows: pd.DataFrame, treated: str) -> None:
    """A dot a unit, and the names of the treated one and of the farthest fall and rise."""
    mine = (rows["unit"] == treated).to_numpy()
    axes.axvline(0, color=MUTED, linewidth=0.8)
    axes.plot(rows["change"], rows.index, "o", color=MUTED, markersize=3)
    axes.plot(rows["change"][mine], rows.index[mine], "o", color=OBSERVED, markersize=7)
    axes.yaxis.set_visible(False)
    axes.set_ylim(len(rows), -12)
    low, high = axes.get_xlim()
    places, labels = change_ticks(low, high, 0.13 * (high - low))
    axes.set_xticks(places, [f"{label} %" for label in labels])
    others = rows.index[~mine]
    picked = (
        (rows.index[mine][0], (-4, 14), "left", 60),
        (others[0], (-6, -42), "left", 24),
        (others[-1], (4, 60), "right", 14),
    )
    for place, offset, side, longest in picked:
        words = f"{plain(rows.loc[place, 'unit'], 40)} {percent(rows.loc[place, 'change_pct'])}"
        colour = INK if mine[place] else MUTED
        axes.annotate(
            fill(words, longest),
            (rows.loc[place, "change"], place),
            offset,
            textcoords="offset points",
            va="center",
            ha=side,
            fontweight="bold" if mine[place] else "normal",
            color=colour,
            arrowprops=None if mine[place] else LEADER | {"color": colour},
        )
