"""What importers report by month, with the months of a window shaded."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.dates import date2num

from charts.figure import Figure
from charts.palette import EVENT, INK, MODEL, MUTED, OBSERVED
from charts.sheet import days, label_ends, month_limits, month_name, sheet, tonnes_axis
from charts.svg import render

COLOURS = (OBSERVED, MODEL, INK, MUTED)


def plot_arrivals(
    lines: Mapping[str, pd.Series],
    window: tuple[pd.Period, pd.Period],
    *,
    title: str,
    stem: str,
    source: str,
) -> Figure:
    """Tonnes by month, a line a name, four at most; each series is indexed by first days."""
    rows = pd.DataFrame(lines).sort_index()
    rows = rows.reindex(pd.date_range(rows.index[0], rows.index[-1], freq="MS", name="month"))
    finding = describe_arrivals(rows)
    alt = f"Line chart, {title}, by month. {finding}"
    with sheet(title, "Tonnes a month", source=source, right=1.75) as (drawing, axes):
        draw_window(axes, window)
        x = days(pd.Series(rows.index))
        for name, colour in zip(rows, COLOURS, strict=False):
            axes.plot(x, rows[name], color=colour, marker="o", markersize=2.6)
        tonnes_axis(axes)
        month_limits(axes, pd.Series(rows.index))
        label_ends(axes, x[-1], end_labels(rows))
        picture = render(drawing, title, alt)
    caption = f"{title}. Shaded: {window[0].strftime('%B %Y')} to {window[1].strftime('%B %Y')}."
    return Figure(stem, picture, alt, finding, caption, rows.reset_index(), source)


def draw_window(axes: Axes, window: tuple[pd.Period, pd.Period]) -> None:
    """Shade the months of the window."""
    first, last = (date2num(when) for when in (window[0].start_time, window[1].end_time))
    axes.axvspan(first, last, color=EVENT, alpha=0.12, linewidth=0, zorder=0)


def end_labels(rows: pd.DataFrame) -> list[tuple[float, str, str]]:
    """The height, name and colour of each line's end; a comma breaks a name in two lines."""
    return [
        (float(rows[name].dropna().iloc[-1]), str(name).replace(", ", "\n"), colour)
        for name, colour in zip(rows, COLOURS, strict=False)
    ]


def describe_arrivals(rows: pd.DataFrame) -> str:
    """What the chart shows, in numbers."""
    told = []
    for name in rows:
        known = rows[name].dropna()
        least, most = (pd.Timestamp(str(month)) for month in (known.idxmin(), known.idxmax()))
        told.append(
            f"{name}: {len(known)} months, least {known.min():,.0f} t ({month_name(least)}), "
            f"greatest {known.max():,.0f} t ({month_name(most)})"
        )
    return f"{'; '.join(told)}."
