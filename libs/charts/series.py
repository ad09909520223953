"""Monthly series as they are known: levels with bounds, coverage, intake, both sides of a trade."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.dates import date2num
from matplotlib.figure import Figure as Drawing

from charts.figure import Figure
from charts.palette import INK, MODEL, MUTED, OBSERVED
from charts.sheet import (
    PHASES,
    days,
    draw_phases,
    label_ends,
    month_axis,
    month_limits,
    month_name,
    sentence_case,
    sheet,
    tonnes_axis,
)
from charts.svg import Value, render

PHASES_SHADED = "Shaded spans are phases of policy; ticks on the axis are single events."
HEADROOM = 1.12
"""The top of the chart over the highest month observed."""


RECENT = 48
"""Months that are drawn large; what came before stands small above them."""
HISTORY = 0.75
"""Height in inches of the whole series."""


def plot_series(
    exports: pd.DataFrame, destination: str, marks: pd.DataFrame, *, name: str, source: str
) -> Figure:
    """Monthly levels with bounds, the last years large; `marks` has `date` and `label`.

    A month whose bounds are too wide to count as data is a gap in the line and a pale bar over
    what it can have been. name: what the series is called in a sentence.
    """
    rows = select_months(exports, destination)
    recent = rows.tail(RECENT).reset_index(drop=True)
    seen = rows.dropna(subset="tonnes").sort_values("tonnes")["month"]
    title = (
        f"{sentence_case(name)}: lowest in {month_name(seen.iloc[0])}, highest in "
        f"{month_name(seen.iloc[-1])}"
    )
    finding = describe_series(rows)
    alt = f"Line chart, {name} by month. {finding}"
    top = top_of(rows)
    past = HISTORY + 0.3 if len(rows) > RECENT else 0.0
    above = PHASES + past
    units = units_of(rows, top)
    with sheet(title, units, source=source, above=above, height=5.3 + past) as (drawing, axes):
        if past:
            draw_history(drawing, axes, rows, recent["month"].iloc[0])
        draw_bounds(axes, recent, top)
        draw_observed(axes, recent)
        tonnes_axis(axes)
        month_limits(axes, recent["month"])
        draw_phases(axes, marks)
        picture = render(drawing, title, alt, level_values(recent))
    return Figure("series", picture, alt, finding, caption_series(rows, name, top), rows, source)


def draw_history(drawing: Drawing, axes: Axes, rows: pd.DataFrame, since: pd.Timestamp) -> None:
    """The whole series, small, over the axes; what they show of it is shaded."""
    box, height = axes.get_position(), drawing.get_size_inches()[1]
    bottom = box.y1 + (PHASES + 0.25) / height
    small = drawing.add_axes((box.x0, bottom, box.width, HISTORY / height))
    x = days(rows["month"])
    small.plot(x, rows["tonnes"], color=OBSERVED, linewidth=1.0, marker="o", markersize=1.2)
    small.axvspan(float(date2num(since)), x[-1], color=MUTED, alpha=0.15, linewidth=0)
    small.set_yticks([])
    small.spines["left"].set_visible(False)
    month_limits(small, rows["month"])


def level_values(rows: pd.DataFrame) -> list[Value]:
    """What each observed month says when it is pointed at."""
    known = rows.dropna(subset="tonnes")
    return [
        (x, tonnes, f"{month_name(month)}: {tonnes:,.0f} tonnes")
        for x, month, tonnes in zip(
            days(known["month"]), known["month"], known["tonnes"], strict=True
        )
    ]


def select_months(exports: pd.DataFrame, destination: str) -> pd.DataFrame:
    """Every month from the first observed to the last one, missing ones empty."""
    rows = exports[exports["destination"] == destination].set_index("month").sort_index()
    seen = rows.index[rows["tonnes"].notna()]
    if not len(seen):
        raise ValueError(f"exports holds no observed month of {destination}; nothing to draw")
    months = pd.date_range(seen[0], seen[-1], freq="MS", name="month")
    columns = ["tonnes", "lower", "upper", "status", "newsrooms"]
    return rows.reindex(months)[columns].reset_index()


def top_of(rows: pd.DataFrame) -> float:
    """The top of the chart: months known only loosely would flatten the line if they set it."""
    return HEADROOM * float(rows.loc[rows["tonnes"].notna(), "upper"].max())


def cut_months(rows: pd.DataFrame, top: float) -> pd.Series:
    """Marks the months known only loosely whose bounds reach beyond `top`."""
    return rows["tonnes"].isna() & (rows["upper"] > top)


def units_of(rows: pd.DataFrame, top: float) -> str:
    """The units, and how far bars reach that are cut off."""
    cut = rows["upper"][cut_months(rows, top)]
    told = f"; bars with an arrow are cut off and reach up to {cut.max():,.0f}" if len(cut) else ""
    return f"Tonnes a month{told}"


def draw_bounds(axes: Axes, rows: pd.DataFrame, top: float) -> None:
    """Bars from bound to bound: over observed months, paler over those known only loosely."""
    known = rows["tonnes"].notna()
    wide = ~known & rows["upper"].notna()
    for some, colour, alpha in ((known, OBSERVED, 0.35), (wide, MUTED, 0.3)):
        low, high = (rows[bound][some].clip(upper=top) for bound in ("lower", "upper"))
        x = days(rows["month"][some])
        axes.bar(x, high - low, bottom=low, width=24, color=colour, alpha=alpha)
    x = days(rows["month"][cut_months(rows, top)])
    axes.plot(x, np.full(len(x), top), "^", color=MUTED, markersize=3, clip_on=False)
    axes.set_ylim(0, top)


def draw_observed(axes: Axes, rows: pd.DataFrame) -> None:
    """The line of observed months, broken where a month is missing, with its last value."""
    x = days(rows["month"])
    axes.plot(x, rows["tonnes"], color=OBSERVED, marker="o", markersize=2.6)
    last = rows.iloc[-1]
    words = f"{last['tonnes']:,.0f} t\n{last['month']:%b %Y}"
    label_ends(axes, x[-1], [(last["tonnes"], words, INK)])


def describe_series(rows: pd.DataFrame) -> str:
    """What the chart shows, in numbers."""
    seen = rows.dropna(subset="tonnes")
    ranked = seen.sort_values("tonnes")
    low, high = ranked.iloc[0], ranked.iloc[-1]
    last = seen.iloc[-1]
    return (
        f"From {month_name(seen['month'].iloc[0])} to {month_name(last['month'])}, the lowest "
        f"month is {low['tonnes']:,.0f} tonnes in "
        f"{month_name(low['month'])} and the highest {high['tonnes']:,.0f} tonnes in "
        f"{month_name(high['month'])}; the last is {last['tonnes']:,.0f} tonnes. "
        f"{len(rows) - len(seen)} of {len(rows)} months are missing and drawn as gaps."
    )


def caption_series(rows: pd.DataFrame, name: str, top: float) -> str:
    """What to read off the chart."""
    return (
        f"Monthly {name}. Bars hold the bounds of each observed month; narrow ones cannot be "
        f"seen.{caption_wide(rows, top)} {PHASES_SHADED}"
    )


def caption_wide(rows: pd.DataFrame, top: float) -> str:
    """What pale bars span and how far those reach that are cut; nothing where there are none."""
    missing = rows["tonnes"].isna()
    wide = int((missing & rows["upper"].notna()).sum())
    if not wide:
        return ""
    rest = "" if wide == missing.sum() else "; no published figure bounds the others"
    text = (
        f" Pale bars span what {wide} of the {missing.sum()} months without an observation can "
        f"have been{rest}."
    )
    cut = rows["upper"][cut_months(rows, top)]
    if len(cut):
        text += f" Bars with an arrow are cut off: they reach up to {cut.max():,.0f} tonnes."
    return text


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


def plot_coverage(exports: pd.DataFrame, *, names: Callable[[str], str], source: str) -> Figure:
    """A line of months a destination: solid where they are data, pale where roughly known.

    names: what a destination is called.
    """
    counts = count_coverage(exports)
    title = f"{counts['narrow'].sum()} months of {len(counts)} destinations are known sharply"
    finding = describe_coverage(exports, counts, names)
    alt = f"Chart of months known by destination. {finding}"
    units = "Solid: bounds narrow enough to count as data. Pale: wider bounds. Blank: nothing known"
    height = 1.35 + 0.2 * len(counts)
    with sheet(title, units, source=source, height=height, left=2.65, right=0.7, dense=True) as (
        drawing,
        axes,
    ):
        known = zip(counts["destination"], counts["narrow"], counts["wide"], strict=True)
        for line, (destination, narrow, wide) in enumerate(known):
            draw_months(axes, exports[exports["destination"] == destination], line)
            label_counts(axes, line, narrow, wide)
        axes.set_yticks(range(len(counts)), counts["destination"].map(names), color=INK)
        axes.set_ylim(len(counts) - 0.5, -0.5)
        axes.tick_params(axis="y", length=0)
        axes.grid(False)
        axes.autoscale_view()
        month_axis(axes, 9)
        picture = render(drawing, title, alt)
    caption = (
        "Months known by destination, the best known first. Right of each line: how many months "
        "count as data and, after the plus, how many are known only within wide bounds."
    )
    data = exports[exports["destination"].isin(counts["destination"])]
    columns = ["destination", "month", "tonnes", "lower", "upper", "status", "newsrooms"]
    return Figure(
        "coverage", picture, alt, finding, caption, data[columns].reset_index(drop=True), source
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
    axes.text(1.01, line, words, transform=place, va="center", color=MUTED)


def describe_coverage(
    exports: pd.DataFrame, counts: pd.DataFrame, names: Callable[[str], str]
) -> str:
    """What the chart shows, in numbers."""
    known = zip(counts["destination"].map(names), counts["narrow"], strict=True)
    named = [f"{name} {narrow}" for name, narrow in known]
    first, last = exports["month"].min(), exports["month"].max()
    return (
        f"{counts['narrow'].sum()} months of {len(counts)} destinations from {first:%B %Y} to "
        f"{last:%B %Y} are known sharply, {counts['wide'].sum()} more within wide bounds. Known "
        f"sharply: {', '.join(named)}."
    )


MOST_DESTINATIONS = 9


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
    rest.index = pd.Index(
        [
            f"other series: {neighbours.get(str(one), str(one).replace('_', ' '))}"
            for one in rest.index
        ]
    )
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
    title = f"{len(figures):,} published figures, by destination and year"
    finding = describe_intake(figures, rows)
    alt = f"Grid of counts. {finding}"
    units = "Figures printed about each year; the stronger the colour, the more"
    room = {"height": 1.3 + 0.235 * len(rows), "left": 2.1, "right": 0.15, "above": 0.2}
    with sheet(title, units, source=source, dense=True, **room) as (drawing, axes):
        draw_grid(axes, rows)
        picture = render(drawing, title, alt)
    caption = (
        "Published figures by destination and by the year their period ends in. Destinations "
        "belong to the series studied; the last rows are neighbouring series, kept because "
        "figures are printed under the wrong name."
    )
    return Figure("intake", picture, alt, finding, caption, counts, source)


def draw_grid(axes: Axes, rows: pd.DataFrame) -> None:
    """One cell a row and year, shaded by its count on a root scale, with the count in it."""
    most = rows.to_numpy().max()
    for line, (_, counts) in enumerate(rows.iterrows()):
        for column, count in enumerate(counts):
            if count:
                shade = 0.55 * (count / most) ** 0.5
                axes.barh(line, 0.94, left=column - 0.47, height=0.88, color=OBSERVED, alpha=shade)
                axes.text(column, line, f"{count}", ha="center", va="center", color=INK)
    axes.set_yticks(range(len(rows)), rows.index, color=INK)
    years = [f"{year}" if place % 2 == 0 else "" for place, year in enumerate(rows.columns)]
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
        f"{rows.columns[0]} to {rows.columns[-1]}. The largest numbers are about "
        f"{totals.idxmax()} ({totals.max():,}) and about {years.idxmax()} ({years.max():,})."
    )


BOTH_SIDES = {"exporter_tonnes": ("sent", OBSERVED), "importer_tonnes": ("received", MODEL)}


def plot_mirror(rows: pd.DataFrame, *, stem: str, name: str, caution: str, source: str) -> Figure:
    """What an exporter reports sent, with bounds, and the importer received, by month.

    rows: month, exporter_tonnes, exporter_lower, exporter_upper, importer_tonnes, ratio. name:
    what is traded with whom; caution: what not to read off the chart.
    """
    middle = rows["ratio"].median()
    title = f"{sentence_case(name)}: the importer reports {middle:.2f} of what the exporter does"
    finding = describe_sides(rows)
    alt = f"Line chart, {name} as both sides report them, by month. {finding}"
    top = HEADROOM * float(rows[["exporter_upper", "importer_tonnes"]].max().max())
    with sheet(title, "Tonnes a month", source=source, height=4.2) as (drawing, axes):
        draw_bounds(axes, _as_series(rows), top)
        draw_sides(axes, rows)
        tonnes_axis(axes)
        month_limits(axes, rows["month"])
        picture = render(drawing, title, alt)
    caption = f"{sentence_case(name)}, as both sides report them; bars hold bounds. {caution}"
    return Figure(stem, picture, alt, finding, caption, rows, source)


def _as_series(rows: pd.DataFrame) -> pd.DataFrame:
    names = {f"exporter_{name}": name for name in ("tonnes", "lower", "upper")}
    return rows.rename(columns=names)


def draw_sides(axes: Axes, rows: pd.DataFrame) -> None:
    """A line a side, broken where a month is missing, each named at its last value."""
    x = days(rows["month"])
    labels = []
    for column, (word, colour) in BOTH_SIDES.items():
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
        f"{known['ratio'].median():.2f} of what the exporter reports. The ratio is least in "
        f"{month_name(low['month'])} ({low['ratio']:.2f}) and greatest in "
        f"{month_name(high['month'])} ({high['ratio']:.2f})."
    )
