"""What the reconciliation knows: every destination and month, sharply, roughly or not at all."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from tradedata.destinations import destination_name

from charts.figure import Figure
from charts.palette import INK, MUTED, OBSERVED
from charts.sheet import SOURCE, days, month_axis, sheet
from charts.svg import render

WIDE_ALPHA = 0.42


def count_coverage(exports: pd.DataFrame) -> pd.DataFrame:
    """Months known by destination, sums of destinations left out, the best known first.

    Columns: destination, narrow (months that count as data), wide (bounded, but wider).
    """
    single = exports[~exports["destination"].str.contains("+", regex=False)]
    narrow = single["tonnes"].notna().groupby(single["destination"]).sum()
    counts = pd.DataFrame({"narrow": narrow, "wide": single.groupby("destination").size() - narrow})
    counts = counts.sort_values(["narrow", "wide"], ascending=False, kind="stable")
    return counts.rename_axis("destination").reset_index()


def plot_coverage(exports: pd.DataFrame) -> Figure:
    """A line of months a destination: solid where they are data, pale where roughly known."""
    counts = count_coverage(exports)
    title = f"{counts['narrow'].sum()} months of {len(counts)} destinations are known sharply"
    finding = describe_coverage(exports, counts)
    alt = f"Chart of months known by destination. {finding}"
    units = "Solid: bounds narrow enough to count as data. Pale: wider bounds. Blank: nothing known"
    height = 1.35 + 0.2 * len(counts)
    with sheet(title, units, height=height, left=2.65, right=0.7) as (drawing, axes):
        known = zip(counts["destination"], counts["narrow"], counts["wide"], strict=True)
        for line, (destination, narrow, wide) in enumerate(known):
            draw_months(axes, exports[exports["destination"] == destination], line)
            label_counts(axes, line, narrow, wide)
        axes.set_yticks(range(len(counts)), counts["destination"].map(destination_name), color=INK)
        axes.set_ylim(len(counts) - 0.5, -0.5)
        axes.tick_params(axis="y", length=0)
        axes.grid(False)
        month_axis(axes)
        picture = render(drawing, title, alt)
    caption = (
        "Months known by destination, the best known first. Right of each line: how many months "
        "count as data and, after the plus, how many are known only within wide bounds."
    )
    data = exports[exports["destination"].isin(counts["destination"])]
    columns = ["destination", "month", "tonnes", "lower", "upper", "status", "newsrooms"]
    return Figure(
        "coverage", picture, alt, finding, caption, data[columns].reset_index(drop=True), SOURCE
    )


def draw_months(axes: Axes, rows: pd.DataFrame, line: int) -> None:
    """One mark a month on a line."""
    for known, alpha in ((True, 1.0), (False, WIDE_ALPHA)):
        months = rows.loc[rows["tonnes"].notna() == known, "month"]
        axes.bar(days(months), 0.74, 27, line - 0.37, color=OBSERVED, alpha=alpha)


def label_counts(axes: Axes, line: int, narrow: int, wide: int) -> None:
    """Write the counts of a line right of it."""
    words = f"{narrow} + {wide}" if wide else f"{narrow}"
    place = axes.get_yaxis_transform()
    axes.text(1.01, line, words, transform=place, va="center", fontsize=8, color=MUTED)


def describe_coverage(exports: pd.DataFrame, counts: pd.DataFrame) -> str:
    """What the chart shows, in numbers."""
    known = zip(counts["destination"].map(destination_name), counts["narrow"], strict=True)
    named = [f"{name} {narrow}" for name, narrow in known]
    first, last = exports["month"].min(), exports["month"].max()
    return (
        f"{counts['narrow'].sum()} months of {len(counts)} destinations from {first:%B %Y} to "
        f"{last:%B %Y} are known sharply, {counts['wide'].sum()} more within wide bounds. Known "
        f"sharply: {', '.join(named)}."
    )
