"""The change of a total from one month to another, part by part, as a waterfall."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from effects import Bridge
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator
from words import month as month_name
from words import sentence_case, signed

from charts.marks import draw_intervals, name_rows, write_beside
from charts.palette import INK, MODEL, MUTED, OBSERVED
from charts.sheet import Figure, plain, sheet
from charts.svg import Value

SURE = 1.0
"""Tonnes that bounds must lie apart to be drawn."""
RIGHT = 0.85
"""The right margin in inches, where the changes stand in a column."""


def plot_bridge(bridge: Bridge, *, names: Callable[[str], str], name: str, source: str) -> Figure:
    """A waterfall from the total, in tonnes, over each part's change to the new total.

    names: what a part is called, `others` and the total among them; name: what the total is called
    in a sentence.
    """
    before = float(bridge.ends[bridge.base].iloc[-1])
    rows = bridge_steps(bridge, before, names)
    then, now = (month_name(period.to_timestamp()) for period in (bridge.base, bridge.period))
    change, after = float(bridge.change["estimate"]), rows["total"].iloc[-1]
    verb = "rose" if change > 0 else "fell"
    title = f"{sentence_case(name)} {verb} by {abs(change):,.0f} tonnes from {then} to {now}"
    units = f"Change in tonnes, from {before:,.0f} to {after:,.0f} tonnes a month"
    parts = rows.iloc[:-1]
    told = zip(parts["step"], parts["change"], strict=True)
    finding = (
        f"{sentence_case(name)} went from {after - rows['change'].iloc[-1]:,.0f} tonnes in {then} "
        f"to {after:,.0f} in {now}, a change of {signed(change)} tonnes: "
        f"{'; '.join(f'{step} {signed(part)}' for step, part in told)}."
    )
    known = len(bridge.parts) - 1
    each = f"each of the {known} destinations" if known > 1 else "the one destination"
    whole = f"and what {each} known in both months added or took away" if known else "as a whole"
    caption = (
        f"{sentence_case(name)} in {then} and {now}, {whole}. All others are the remainder. Thin "
        "bars show bounds where they are wider than a tonne."
    )
    with sheet(title, units, source=source, tall=0.3 * len(rows), left=1.75, right=RIGHT) as on:
        values = {"change": draw_steps(on.axes, rows)}
        return on.figure("bridge", "Waterfall chart", finding, caption, rows, values)


def bridge_steps(bridge: Bridge, before: float, names: Callable[[str], str]) -> pd.DataFrame:
    """One row a bar from top to bottom: step, start, change, lower, upper, total in tonnes.

    `start` counts from the total before; `total` is the world total a step leads to.
    """
    change = bridge.parts[["estimate", "lower", "upper"]]
    whole = bridge.change[["estimate", "lower", "upper"]].to_frame().T
    steps = pd.concat([change, whole], ignore_index=True).rename(columns={"estimate": "change"})
    ends = change["estimate"].cumsum().to_numpy()
    steps.insert(0, "step", [*map(names, bridge.parts.index), "in all"])
    steps.insert(1, "start", [0.0, *ends[:-1], 0.0])
    return steps.assign(total=before + steps["start"] + steps["change"])


def draw_steps(axes: Axes, rows: pd.DataFrame) -> list[Value]:
    """Bars named on the left, thin joints, bounds where they can be seen, changes on the right."""
    lines, end = np.arange(len(rows)), rows["start"] + rows["change"]
    colours = np.where(rows["change"] >= 0, OBSERVED, MODEL)
    colours[-1] = MUTED
    axes.barh(lines, rows["change"], left=rows["start"], height=0.66, color=colours)
    axes.vlines(end.iloc[:-1], lines[:-1] - 0.33, lines[:-1] + 1.33, MUTED, linewidth=0.6)
    wide = rows["upper"] - rows["lower"] > SURE
    low, high = (rows.loc[wide, "start"] + rows.loc[wide, side] for side in ("lower", "upper"))
    draw_intervals(axes, lines[wide], low, high, colour=INK, width=1.2, level=True)
    axes.axvline(0, color=MUTED, linewidth=0.8)
    name_rows(axes, lines, [plain(step, 26) for step in rows["step"]])
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.xaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))
    for line, change in enumerate(rows["change"]):
        write_beside(axes, line, signed(change), 72 * RIGHT - 6, ha="right", color=INK)
    return [
        (
            row["start"] + row["change"],
            line,
            f"{row['step']}: {signed(row['change'])} tonnes "
            f"({signed(row['lower'])} to {signed(row['upper'])})",
        )
        for line, row in enumerate(rows.to_dict("records"))
    ]
