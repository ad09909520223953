"""What came in: published figures by series, destination and year."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from tradedata.destinations import destination_name

from charts.figure import Figure
from charts.palette import INK, MUTED, OBSERVED
from charts.sheet import sheet
from charts.svg import render

STUDIED = "magnets_85051110"
MOST_DESTINATIONS = 9
NEIGHBOURS = {
    "rare_earths_raw": "other series: raw rare earths",
    "magnets_ndfeb_broad": "other series: all NdFeB magnets",
    "rare_earths_and_products": "other series: with products",
}
"""How the series that are not studied are called in the chart."""
SOURCE = "Source: data/raw/figures.csv, one row a printed number."


def count_figures(figures: pd.DataFrame) -> pd.DataFrame:
    """Published figures by series, destination and the year their period ends in.

    Columns: series, destination, then one a year; figures counted, rows by their total.
    """
    years = figures["period_end"].dt.year.rename("year")
    counts = figures.groupby(["series", "destination", years]).size().unstack(fill_value=0)
    every = range(figures["period_end"].dt.year.min(), figures["period_end"].dt.year.max() + 1)
    counts = counts.reindex(columns=list(every), fill_value=0)
    order = counts.sum(axis=1).sort_values(ascending=False, kind="stable").index
    counts = counts.loc[order].reset_index()
    return counts.rename(columns={year: str(year) for year in every})


def rows_shown(counts: pd.DataFrame) -> pd.DataFrame:
    """The rows of the chart: leading destinations, all others together, the other series."""
    studied = counts[counts["series"] == STUDIED].drop(columns="series")
    lead = studied.head(MOST_DESTINATIONS).assign(
        row=lambda frame: frame["destination"].map(destination_name)
    )
    rest = studied.iloc[MOST_DESTINATIONS:].drop(columns="destination").sum()
    rows = lead.drop(columns="destination").set_index("row")
    rows.loc[f"{len(studied) - len(lead)} other destinations"] = rest
    others = counts[counts["series"] != STUDIED].drop(columns="destination")
    named = others.groupby("series", sort=False).sum()
    named.index = pd.Index([NEIGHBOURS[str(name)] for name in named.index])
    return pd.concat([rows, named]).astype("int64")


def plot_intake(figures: pd.DataFrame) -> Figure:
    """A grid of counts: destinations of the series studied, then the neighbouring series."""
    counts = count_figures(figures)
    rows = rows_shown(counts)
    title = f"{len(figures):,} published figures, by destination and year"
    finding = describe_intake(figures, rows)
    alt = f"Grid of counts. {finding}"
    units = "Figures printed about each year; the stronger the colour, the more"
    height = 1.3 + 0.235 * len(rows)
    with sheet(title, units, height=height, left=2.1, right=0.15, above=0.2, source=SOURCE) as (
        drawing,
        axes,
    ):
        draw_grid(axes, rows)
        picture = render(drawing, title, alt)
    caption = (
        "Published figures by destination and by the year their period ends in. Destinations "
        "belong to the series studied; the last rows are neighbouring series, kept because "
        "figures are printed under the wrong name."
    )
    return Figure("intake", picture, alt, finding, caption, counts, SOURCE)


def draw_grid(axes: Axes, rows: pd.DataFrame) -> None:
    """One cell a row and year, shaded by its count on a root scale, with the count in it."""
    most = rows.to_numpy().max()
    for line, (_, counts) in enumerate(rows.iterrows()):
        for column, count in enumerate(counts):
            if count:
                shade = 0.55 * (count / most) ** 0.5
                axes.barh(line, 0.94, left=column - 0.47, height=0.88, color=OBSERVED, alpha=shade)
                axes.text(column, line, f"{count}", ha="center", va="center", fontsize=8, color=INK)
    axes.set_yticks(range(len(rows)), rows.index, color=INK)
    years = [f"’{year[-2:]}" for year in rows.columns]
    axes.set_xticks(range(rows.shape[1]), years, color=MUTED)
    axes.set_xlim(-0.5, rows.shape[1] - 0.5)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.grid(False)
    axes.xaxis.tick_top()
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)


def describe_intake(figures: pd.DataFrame, rows: pd.DataFrame) -> str:
    """What the grid shows, in numbers."""
    totals, years = rows.sum(axis=1), rows.sum()
    return (
        f"{len(figures):,} published figures by destination and year, "
        f"{rows.columns[0]} to {rows.columns[-1]}. Most are about {totals.idxmax()} "
        f"({totals.max():,}) and about {years.idxmax()} ({years.max():,})."
    )
