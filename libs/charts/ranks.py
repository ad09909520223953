"""One unit among many: the ranked changes of all, the one asked about picked out."""

from __future__ import annotations

from textwrap import fill

import numpy as np
import pandas as pd
from effects.ranks import Ranked
from matplotlib.axes import Axes

from charts.figure import Figure
from charts.palette import INK, MUTED, OBSERVED
from charts.sheet import change_ticks, percent, plain, sheet, signed


def plot_ranks(found: Ranked, *, name: str, units: str, source: str) -> Figure:
    """Every unit's change in percent, largest fall at the top; the treated one is named.

    name: what the units are together; units: what the axis counts, with its unit.
    """
    rows = found.table.reset_index(names="unit")
    rows["change_pct"] = 100 * np.expm1(rows["change"])
    own = found.percent(found.treated)
    side = "fell" if own < 0 else "rose"
    further = int((rows["change"] * np.sign(own) > abs(np.log1p(own / 100))).sum())
    others = f"more than any other of {len(rows)}" if not further else f"as {further} others did"
    title = f"{found.treated} {side} {abs(own):.0f} %, {others} {name}"
    if further:
        title = f"{further} of {len(rows)} {name} {side} more than {found.treated.lower()}"
    with sheet(title, units, tall=3.4, right=0.35, left=0.35, source=source) as on:
        draw_ranks(on.axes, rows, found.treated)
        told = zip(rows["change"], rows["unit"], rows["change_pct"], strict=True)
        values = [(x, y, f"{unit}: {percent(size)}") for y, (x, unit, size) in enumerate(told)]
        caption = (
            "Each dot is one of the others; further down the page is a larger rise. "
            "Lines are sorted by their change; the axis is in logs."
        )
        kind = f"Dot chart, changes of {len(rows)} {name}"
        return on.figure("ranks", kind, describe_ranks(found), caption, rows, {name: values})


def draw_ranks(axes: Axes, rows: pd.DataFrame, treated: str) -> None:
    """A dot a unit, and the names of the treated one and of the farthest fall and rise."""
    mine = (rows["unit"] == treated).to_numpy()
    axes.axvline(0, color=MUTED, linewidth=0.8)
    axes.plot(rows["change"], rows.index, "o", color=MUTED, markersize=3)
    axes.plot(rows["change"][mine], rows.index[mine], "o", color=OBSERVED, markersize=7)
    axes.yaxis.set_visible(False)
    axes.set_ylim(len(rows), -5)
    low, high = axes.get_xlim()
    places, labels = change_ticks(low, high, 0.13 * (high - low))
    axes.set_xticks(places, [f"{label} %" for label in labels])
    others = rows.index[~mine]
    for place, (right, up) in zip(
        (rows.index[mine][0], others[0], others[-1]), ((8, 0), (-6, -42), (-30, 42)), strict=True
    ):
        words = fill(
            f"{plain(rows.loc[place, 'unit'], 40)} {percent(rows.loc[place, 'change_pct'])}", 24
        )
        axes.annotate(
            words,
            (rows.loc[place, "change"], place),
            (right, up),
            textcoords="offset points",
            va="center",
            ha="left" if right > -9 else "right",
            fontweight="bold" if mine[place] else "normal",
            color=INK if mine[place] else MUTED,
            arrowprops=None if mine[place] else {"arrowstyle": "-", "color": MUTED, "shrinkB": 4},
        )


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
