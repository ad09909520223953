"""One unit among many: the ranked changes of all, gaps to their controls, a control's donors."""

from __future__ import annotations

import numpy as np
import pandas as pd
from effects import SyntheticControl
from effects.ranks import Ranked
from matplotlib.axes import Axes

from charts.arrivals import draw_window
from charts.figure import Figure
from charts.palette import GRID, INK, MUTED, OBSERVED
from charts.sheet import days, month_limits, sheet, signed
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
        axes.set_xticks(*_percents(rows["change"].min(), rows["change"].max()))
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


def _percents(low: float, high: float) -> tuple[list[float], list[str]]:
    """Where the percents of an axis in logs stand, and their labels."""
    every = [(float(np.log1p(percent / 100)), percent) for percent in PERCENTS]
    shown = [(place, percent) for place, percent in every if low - 0.2 <= place <= high + 0.2]
    return [place for place, _ in shown], [f"{signed(percent)} %" for _, percent in shown]


PERCENTS = (-80, -60, -30, 0, 50, 100, 200, 400)
MOST_DONORS = 15


def plot_gaps(found: SyntheticControl, title: str, source: str) -> Figure:
    """Every unit's gap to its own control in percent by period, the treated one picked out.

    The frame that `found` was made from was in logs and months.
    """
    months = pd.Series(pd.PeriodIndex(found.gaps.index).to_timestamp())
    logs = np.log1p(found.gaps.to_numpy() / 100)
    row, name = found.table.iloc[0], str(found.gaps.columns[0])
    finding = (
        f"The average gap of {name} in the window is {signed(row['estimate'])} %; "
        f"{int((found.placebos['ratio'] >= found.placebos['ratio'].iloc[0]).sum())} of "
        f"{len(found.placebos)} units, itself among them, leave their control as far, against how "
        "closely it fitted before."
    )
    alt = f"Line chart, {title}. {finding}"
    with sheet(title, "Gap to the control, percent", source=source, left=0.8, right=0.3) as (
        drawing,
        axes,
    ):
        x = days(months)
        first, last = (pd.Period(row[end], freq="M") for end in ("start", "end"))
        draw_window(axes, (first, last))
        axes.plot(x, logs[:, 1:], color=MUTED, alpha=0.35, linewidth=0.7)
        axes.axhline(0, color=MUTED, linewidth=0.8)
        axes.plot(x, logs[:, 0], color=OBSERVED, linewidth=2.2)
        low, high = np.nanquantile(logs, [0.002, 0.998])
        low = min(float(low), float(logs[:, 0].min()) - 0.1)
        axes.set_ylim(low, high)
        axes.set_yticks(*_percents(low + 0.2, high - 0.2))
        month_limits(axes, months)
        picture = render(drawing, title, alt)
    caption = (
        f"{name} in colour, each of the others, as if it were the one asked about, in grey; the "
        "window is shaded. The few largest gaps leave the picture."
    )
    data = found.gaps.rename_axis("month").reset_index().rename(columns=str)
    return Figure("gaps", picture, alt, finding, caption, data.astype({"month": str}), source)


def plot_weights(found: SyntheticControl, title: str, source: str) -> Figure:
    """The donors of a control by weight, the largest first."""
    rows = found.weights[found.weights > 0].sort_values(ascending=False, kind="stable")
    shown, left = 100 * rows.iloc[:MOST_DONORS], rows.iloc[MOST_DONORS:]
    finding = (
        f"{len(rows)} donors have weight, the largest {rows.index[0]} with {shown.iloc[0]:.0f} %"
        + (f"; {len(left)} not drawn have {100 * left.sum():.0f} % together." if len(left) else ".")
    )
    alt = f"Bar chart, {title}. {finding}"
    with sheet(
        title, "Weight, percent", source=source, height=1.6 + 0.24 * len(shown), left=2.3, right=0.4
    ) as (drawing, axes):
        _bars(axes, shown)
        picture = render(drawing, title, alt)
    caption = f"Weights add up to 100 %. They amount to {found.effective_donors:.1f} donors alike."
    data = rows.rename("weight").reset_index()
    return Figure("weights", picture, alt, finding, caption, data, source)


def _bars(axes: Axes, shown: pd.Series) -> None:
    places = np.arange(len(shown))
    axes.barh(places, shown, color=OBSERVED, height=0.6)
    axes.set_yticks(places, [str(name) for name in shown.index])
    axes.grid(visible=True, axis="x", color=GRID)
    axes.invert_yaxis()
