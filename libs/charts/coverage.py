"""What is known: the months of every destination, the figures printed about each year."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from textwrap import fill
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from words import count, sentence_case
from words import month as month_name

from charts.marks import draw_spans, write_beside
from charts.palette import GRID, INK, MUTED, OBSERVED
from charts.sheet import Figure, days, month_axis, month_values, name_ticks, sheet
from charts.svg import Value

WIDE_ALPHA = 0.35
ROW = 0.42
"""Inches of one destination."""
HIGH = 0.8
"""The highest month of a destination, as a share of its row."""


def count_coverage(exports: pd.DataFrame) -> pd.DataFrame:
    """Months known by destination, sums of destinations left out, the best known first.

    Columns: destination, narrow (months that count as data), wide (bounded, but wider), top (the
    greatest tonnes of a month that counts; missing where none does).
    """
    single = exports[~exports["destination"].str.contains("+", regex=False)]
    months = single.groupby("destination")["tonnes"].agg(narrow="count", wide="size", top="max")
    counts = pd.DataFrame(months.assign(wide=months["wide"] - months["narrow"]))
    counts = counts.sort_values(["narrow", "wide"], ascending=False, kind="stable")
    return counts.rename_axis("destination").reset_index()


def plot_coverage(exports: pd.DataFrame, *, names: Callable[[str], str], source: str) -> Figure:
    """Small multiples of destinations: tonnes a month on a scale of their own, with their gaps.

    Pale bars are months known only within wide bounds. names: what a destination is called.
    """
    counts = count_coverage(exports)
    sharp, whose = int(counts["narrow"].sum()), count(len(counts), "destination")
    title = f"{count(sharp, 'month')} of {whose} {'is' if sharp == 1 else 'are'} known sharply"
    known = zip(counts["destination"].map(names), counts["narrow"], strict=True)
    first, last = month_name(exports["month"].min()), month_name(exports["month"].max())
    finding = (
        f"From {first} to {last} {title}, {counts['wide'].sum()} more within wide bounds. Known: "
        f"{', '.join(f'{called} {narrow}' for called, narrow in known)}."
    )
    units = "Tonnes a month, each line on its own scale from zero to its highest month (right)"
    room = {"tall": ROW * len(counts), "left": 1.85, "right": 1.6, "above": 0.25}
    data = exports[exports["destination"].isin(counts["destination"])]
    with sheet(title, units, source=source, **room) as on:
        values = {
            names(str(row["destination"])): draw_destination(on.axes, data, line, row)
            for line, row in enumerate(counts.to_dict("records"))
        }
        labels = [fill(sentence_case(names(one)), 18) for one in counts["destination"]]
        name_ticks(on.axes.yaxis, range(len(counts)), labels, INK)
        on.axes.set_ylim(len(counts) - 0.5, -0.5)
        on.axes.grid(False)
        label_right(on.axes, -0.6, "months", "most, t")
        month_axis(on.axes, 4)
        caption = (
            "Tonnes a month by destination, the best known first; a gap is a month that no figure "
            "pins down, a pale bar what one can have been. Right of each line: how many months "
            "count as data and, after the plus, how many are known only within wide bounds."
        )
        columns = ["destination", "month", "tonnes", "lower", "upper", "status", "newsrooms"]
        numbers = data[columns].reset_index(drop=True)
        kind = "Small multiples of monthly tonnes by destination"
        numbers.insert(1, "destination_name", numbers["destination"].map(names))
        return on.figure("coverage", kind, finding, caption, numbers, values)


def draw_destination(
    axes: Axes, exports: pd.DataFrame, line: int, about: dict[Hashable, Any]
) -> list[Value]:
    """The months of a destination on its line: dots, gaps, pale bars; its points to read."""
    own = exports[exports["destination"] == about["destination"]].set_index("month")
    own = own[["tonnes", "lower", "upper"]].sort_index().asfreq("MS").reset_index()
    top = about["top"] if about["narrow"] else own["upper"].max()
    heights = line + HIGH * (0.5 - own[["tonnes", "lower", "upper"]].clip(upper=top) / top)
    axes.axhline(line + HIGH / 2, color=GRID, linewidth=0.6)
    wide = heights.where(own["tonnes"].isna())
    draw_spans(axes, own["month"], wide["upper"], wide["lower"], MUTED, WIDE_ALPHA, 27)
    axes.plot(days(own["month"]), heights["tonnes"], "o-", color=OBSERVED, markersize=1.7, lw=0.9)
    words = f"{about['narrow']} + {about['wide']}" if about["wide"] else f"{about['narrow']}"
    label_right(axes, line, words, f"{about['top']:,.0f}" if about["narrow"] else "–")
    return month_values(own.assign(height=heights["tonnes"]), "height", "{tonnes:,.0f} tonnes")


def label_right(axes: Axes, line: float, *words: str) -> None:
    """Write two columns right of the axes."""
    for right, word in zip((60, 112), words, strict=True):
        write_beside(axes, line, word, right, ha="right", color=MUTED)


MOST_DESTINATIONS, MOST_YEARS = 9, 12
"""Rows and columns of the grid that stand by themselves; what is beyond is summed in one."""


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


def rows_shown(
    counts: pd.DataFrame, names: Callable[[str], str], studied: str, neighbours: Mapping[str, str]
) -> pd.DataFrame:
    """The rows of the chart: leading destinations, all others together, the other series."""
    mine = counts["series"] == studied
    own = counts[mine].drop(columns="series").set_index("destination")
    rows = own.head(MOST_DESTINATIONS).rename(index=names)
    if len(own) > len(rows):
        others = f"{len(own) - len(rows)} other destinations"
        rows.loc[others] = own.iloc[MOST_DESTINATIONS:].sum()
    rest = counts[~mine].drop(columns="destination").groupby("series", sort=False).sum()
    called = [neighbours.get(str(one), str(one).replace("_", " ")) for one in rest.index]
    rest.index = pd.Index([f"other series: {one}" for one in called])
    return pd.concat([rows, rest]).astype("int64")


def plot_intake(
    figures: pd.DataFrame,
    *,
    names: Callable[[str], str],
    studied: str,
    neighbours: Mapping[str, str],
    source: str,
) -> Figure:
    """A grid of counts: destinations of the series `studied`, then the neighbouring series.

    names, neighbours: what destinations and the other series are called.
    """
    counts = count_figures(figures)
    rows = rows_shown(counts, names, studied, neighbours)
    totals, years = rows.sum(axis=1), rows.sum()
    most, year = totals.idxmax(), years.idxmax()
    finding = (
        f"{len(figures):,} published figures by destination and year, {rows.columns[0]} to "
        f"{rows.columns[-1]}. The largest numbers are about {most} ({totals.max():,}) and about "
        f"{year} ({years.max():,})."
    )
    title = f"{len(figures):,} published figures, most often about {most} and about {year}"
    units = "Figures printed about each year; the stronger the colour, the more"
    room = {"tall": 0.4 * len(rows), "left": 1.85, "right": 0.1, "above": 0.25}
    with sheet(title, units, source=source, **room) as on:
        draw_grid(on.axes, fold_years(rows))
        caption = (
            "Published figures by destination and by the year their period ends in. Destinations "
            "belong to the series studied; the last rows are neighbouring series, kept because "
            "figures are printed under the wrong name."
        )
        counts.insert(2, "destination_name", counts["destination"].map(names))
        return on.figure("intake", "Grid of counts", finding, caption, counts)


def fold_years(rows: pd.DataFrame) -> pd.DataFrame:
    """The last years by themselves, all before them in one column."""
    early = rows.columns[: 1 - MOST_YEARS]
    names = dict.fromkeys(early, f"to {early[-1]}") if len(early) > 1 else {}
    return rows.rename(columns=names).T.groupby(level=0, sort=False).sum().T


def draw_grid(axes: Axes, rows: pd.DataFrame) -> None:
    """One cell a row and year, shaded by its count on a root scale, with the count in it."""
    most = rows.to_numpy().max()
    for line, (_, counts) in enumerate(rows.iterrows()):
        for column, many in enumerate(counts):
            if many:
                shade = 0.55 * (many / most) ** 0.5
                axes.barh(line, 0.94, left=column - 0.47, height=0.88, color=OBSERVED, alpha=shade)
                axes.text(column, line, f"{many}", ha="center", va="center", color=INK)
    name_ticks(axes.yaxis, range(len(rows)), [fill(name, 18) for name in rows.index], INK)
    name_ticks(axes.xaxis, range(0, rows.shape[1], 2), rows.columns[::2])
    axes.set_xlim(-0.5, rows.shape[1] - 0.5)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.grid(False)
    axes.xaxis.tick_top()
    axes.spines[:].set_visible(False)
