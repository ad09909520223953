"""One unit among many: the ranked changes of all, gaps to their controls, a control's donors."""

from __future__ import annotations

from textwrap import fill
from typing import Any

import numpy as np
import pandas as pd
from effects import SyntheticControl
from effects.ranks import Ranked
from matplotlib.axes import Axes
from words import months, percent, signed

from charts.marks import LEADER, draw_window
from charts.palette import INK, MUTED, OBSERVED
from charts.sheet import (
    Figure,
    change_ticks,
    days,
    month_limits,
    month_values,
    name_ticks,
    plain,
    sheet,
)
from charts.svg import Value

MOST_DONORS = 15


def plot_ranks(found: Ranked, *, name: str, units: str, source: str) -> Figure:
    """Every unit's change in percent, largest fall at the top; the treated one is named.

    name: what the units are together; units: what the axis counts, with its unit.
    """
    rows = found.table.rename(columns={"change": "change_log", "error": "error_log"})
    rows = rows.reset_index(names="good")
    rows["change_pct"] = 100 * np.expm1(rows["change_log"])
    own, mine = found.percent(found.treated), found.table["change"][found.treated]
    side = "fell" if own < 0 else "rose"
    further = int((rows["change_log"] * np.sign(mine) > abs(mine)).sum())
    title = f"{further} of {len(rows)} {name} {side} more than {found.treated.lower()}"
    if not further:
        title = (
            f"{found.treated} {side} {abs(own):.0f} %, more than any other of {len(rows)} {name}"
        )
    falls = int((rows["change_log"] <= mine).sum())
    place = "the largest fall" if falls == 1 else f"number {falls} from the bottom"
    finding = (
        f"{found.treated} changed by {signed(own)} %, {place} of {len(rows)}; half of the "
        f"others changed by more than {signed(found.middle)} %."
    )
    with sheet(title, units, tall=3.4, right=0.35, left=0.35, source=source) as on:
        draw_ranks(on.axes, rows, found.treated)
        told = zip(rows["change_log"], rows["good"], rows["change_pct"], strict=True)
        values = [(x, y, f"{good}: {percent(size)}") for y, (x, good, size) in enumerate(told)]
        caption = (
            "A dot each, sorted by change, the largest fall at the top; grey dots are the others. "
            "The axis is in logs."
        )
        kind = f"Dot chart, changes of {len(rows)} {name}"
        return on.figure("ranks", kind, finding, caption, rows, {name: values})


def draw_ranks(axes: Axes, rows: pd.DataFrame, treated: str) -> None:
    """A dot a unit, and the names of the treated one and of the farthest fall and rise."""
    mine = (rows["good"] == treated).to_numpy()
    axes.vlines(0, 0, len(rows), MUTED, linewidth=0.8)  # below the name of the treated one
    axes.plot(rows["change_log"], rows.index, "o", color=MUTED, markersize=3)
    axes.plot(rows["change_log"][mine], rows.index[mine], "o", color=OBSERVED, markersize=7)
    axes.yaxis.set_visible(False)
    axes.set_ylim(len(rows), -12)
    low, high = axes.get_xlim()
    places, labels = change_ticks(low, high, 0.13 * (high - low))
    name_ticks(axes.xaxis, places, [f"{label} %" for label in labels])
    others = rows.index[~mine]
    picked = (
        (rows.index[mine][0], (-4, 14), "left", 60),
        (others[0], (-6, -42), "left", 24),
        (others[-1], (4, 60), "right", 14),
    )
    for place, offset, side, longest in picked:
        words = f"{plain(rows.loc[place, 'good'], 40)} {percent(rows.loc[place, 'change_pct'])}"
        colour = INK if mine[place] else MUTED
        axes.annotate(
            fill(words, longest),
            (rows.loc[place, "change_log"], place),
            offset,
            textcoords="offset points",
            va="center",
            ha=side,
            fontweight="bold" if mine[place] else "normal",
            color=colour,
            arrowprops=None if mine[place] else LEADER | {"color": colour},
        )


def plot_gaps(found: SyntheticControl, *, name: str, source: str) -> Figure:
    """Every unit's gap to its own control in percent by period, the treated one picked out.

    name: what the units are together. The frame that `found` was made from was in logs and months.
    """
    row, treated = found.table.iloc[0], str(found.gaps.columns[0])
    first, last = (pd.Period(row[end], freq="M") for end in ("start", "end"))
    far = int((found.placebos["ratio"] >= found.placebos["ratio"].iloc[0]).sum())
    side = "below" if row["estimate"] < 0 else "above"
    title = (
        f"{treated} lay {abs(row['estimate']):.0f} % {side} its control in {months(first, last)}"
    )
    finding = (
        f"The average gap of {treated} is {percent(row['estimate'])}; {far} of "
        f"{len(found.placebos)} {name}, itself among them, leave their control as far, against how "
        "closely it fitted before."
    )
    data = found.gaps.rename_axis("month").reset_index().rename(columns=str)
    caption = (
        f"{plain(treated, 40)} in colour, each of the others, as if it were the one asked about, "
        "in grey; the months asked about are shaded. The few largest gaps leave the picture."
    )
    with sheet(title, "Gap to the control, percent, in logs", source=source, right=0.3) as on:
        draw_window(on.axes, first, last)
        values = draw_gaps(on.axes, found.gaps)
        kind = f"Line chart, gaps of {name} to their controls, by month"
        told = data.astype({"month": str})
        return on.figure("gaps", kind, finding, caption, told, {treated: values})


def draw_gaps(axes: Axes, gaps: pd.DataFrame) -> list[Value]:
    """A line a unit, the first in colour; gives the points of that one."""
    months = pd.Series(pd.PeriodIndex(gaps.index).to_timestamp())
    logs, x = np.log1p(gaps.to_numpy() / 100), days(months)
    axes.plot(x, logs[:, 1:], color=MUTED, alpha=0.35, linewidth=0.7)
    axes.axhline(0, color=MUTED, linewidth=0.8)
    axes.plot(x, logs[:, 0], color=OBSERVED, linewidth=2.2)
    low, high = np.nanquantile(logs, [0.002, 0.998])
    low = min(float(low), float(np.nanmin(logs[:, 0])) - 0.1)
    axes.set_ylim(low, high)
    places, labels = change_ticks(low, high, 0.1 * (high - low))
    name_ticks(axes.yaxis, places, labels)
    month_limits(axes, months)
    told = gaps.iloc[:, 0].map(percent).to_numpy()
    own = pd.DataFrame({"month": months, "log": logs[:, 0], "gap": told})
    return month_values(own, "log", "{gap}")


def plot_weights(found: SyntheticControl, *, name: str, source: str) -> Figure:
    """The donors of a control by weight, the largest first; `name`: what the donors are."""
    rows = found.weights[found.weights > 0].sort_values(ascending=False, kind="stable")
    shown, left = 100 * rows.iloc[:MOST_DONORS], rows.iloc[MOST_DONORS:]
    treated = str(found.gaps.columns[0])
    title = f"{len(rows)} {name} stand in for {treated[:1].lower()}{treated[1:]}"
    finding = f"The largest weight, {shown.iloc[0]:.0f} %, has {rows.index[0]}" + (
        f"; {len(left)} not drawn have {100 * left.sum():.0f} % together." if len(left) else "."
    )
    caption = f"Weights add up to 100 %. They amount to {found.effective_donors:.1f} donors alike."
    tall = 0.5 + 0.27 * len(shown)
    with sheet(title, "Weight, percent", source=source, tall=tall, left=2.5, right=0.3) as on:
        values = draw_bars(on.axes, shown, "{:.0f} %")
        data, kind = rows.rename("weight").reset_index(), "Bar chart, donors by weight"
        return on.figure("weights", kind, finding, caption, data, {name: values})


def draw_bars(axes: Axes, sizes: pd.Series, form: str) -> list[Value]:
    """A bar a row, named on the left, the first at the top; its points, each told by `form`."""
    names = [plain(str(name), 30) for name in sizes.index]
    axes.barh(np.arange(len(sizes)), sizes, color=OBSERVED, height=0.6)
    name_ticks(axes.yaxis, np.arange(len(sizes)), names)
    axes.grid(visible=True, axis="x")
    axes.invert_yaxis()
    told = enumerate(zip(names, sizes, strict=True))
    return [(float(x), float(y), f"{name}: {form.format(x)}") for y, (name, x) in told]


def plot_tally(answers: pd.Series, *, stem: str, name: str, caption: str, source: str) -> Figure:
    """How many `name` got each of the `answers`, texts such as `refuted`, the commonest first."""
    counts = answers.value_counts().sort_index().sort_values(ascending=False, kind="stable")
    first, most = counts.index[0], int(counts.iloc[0])
    title = f"{most} of {len(answers)} {name} {'is' if most == 1 else 'are'} {first}"
    told = ", ".join(f"{answer} {many}" for answer, many in counts.items())
    room = {"tall": 0.2 + 0.34 * len(counts), "left": 1.3, "right": 0.5}
    with sheet(title, f"Number of {name}", source=source, **room) as on:
        values = draw_bars(on.axes, counts, "{:.0f}")
        on.axes.set_xlim(0, most)
        on.axes.xaxis.set_visible(False)
        on.axes.grid(visible=False)
        on.axes.spines["bottom"].set_visible(False)
        for line, many in enumerate(counts):
            style: dict[str, Any] = {"color": INK, "va": "center", "annotation_clip": False}
            on.axes.annotate(f"{many}", (many, line), (6, 0), textcoords="offset points", **style)
        data = counts.rename_axis(str(answers.name)).rename(name).reset_index()
        kind = f"Bar chart, {name} by {answers.name}"
        return on.figure(stem, kind, f"{told}.", caption, data, {name: values})
