"""What China reports sent to a destination and what it reports received."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from tradedata.destinations import destination_name

from charts.figure import Figure
from charts.palette import MODEL, OBSERVED
from charts.series import HEADROOM, draw_bounds
from charts.sheet import (
    days,
    label_ends,
    month_axis,
    month_limits,
    month_name,
    sheet,
    tonnes_axis,
)
from charts.svg import render

SIDES = {"exporter_tonnes": ("sent", OBSERVED), "importer_tonnes": ("received", MODEL)}
SOURCE = "Source: China's customs statistics reconciled into bounds; customs of the importer."


def plot_mirror(rows: pd.DataFrame, destination: str) -> Figure:
    """Rare-earth magnets sent to `destination`, with bounds, and received there, by month.

    rows: month, exporter_tonnes, exporter_lower, exporter_upper, importer_tonnes, ratio.
    """
    title = f"Magnets to {destination_name(destination)}, as both sides report them"
    finding = describe_sides(rows)
    alt = f"Line chart, {title}, by month. {finding}"
    top = HEADROOM * float(rows[["exporter_upper", "importer_tonnes"]].max().max())
    with sheet(title, "Tonnes a month", right=1.15, source=SOURCE) as (drawing, axes):
        draw_bounds(axes, _as_series(rows), top)
        draw_sides(axes, rows)
        tonnes_axis(axes)
        month_axis(axes)
        month_limits(axes, rows["month"])
        picture = render(drawing, title, alt)
    stem = f"mirror-{destination.lower()}"
    return Figure(stem, picture, alt, finding, caption_sides(destination), rows, SOURCE)


def _as_series(rows: pd.DataFrame) -> pd.DataFrame:
    names = {f"exporter_{name}": name for name in ("tonnes", "lower", "upper")}
    return rows.rename(columns=names)


def draw_sides(axes: Axes, rows: pd.DataFrame) -> None:
    """A line a side, broken where a month is missing, each named at its last value."""
    x = days(rows["month"])
    labels = []
    for column, (word, colour) in SIDES.items():
        axes.plot(x, rows[column], color=colour, marker="o", markersize=2.6)
        last = rows[column].dropna().iloc[-1]
        labels.append((last, f"{word}\n{last:,.0f} t", colour))
    label_ends(axes, x[-1], labels)


def describe_sides(rows: pd.DataFrame) -> str:
    """What the chart shows, in numbers."""
    known = rows.dropna(subset=["ratio"])
    ranked = known.sort_values("ratio", kind="stable")
    low, high = ranked.iloc[0], ranked.iloc[-1]
    return (
        f"{len(known)} months are known from both sides; in the median month the importer reports "
        f"{known['ratio'].median():.2f} of what China reports. The ratio is least in "
        f"{month_name(low['month'])} ({low['ratio']:.2f}) and greatest in "
        f"{month_name(high['month'])} ({high['ratio']:.2f})."
    )


def caption_sides(destination: str) -> str:
    """What to read off the chart, and what not."""
    return (
        f"Rare-earth magnets to {destination_name(destination)}: what China reports sent (bars "
        "hold its bounds) and what the importer reports received from China. Goods arrive weeks "
        "later; exporters name the last known destination, importers the country of origin, so "
        "goods through entrepôts such as the Netherlands and Hong Kong are counted differently."
    )
