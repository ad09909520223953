"""Both sides of a trade, and what importers report: a line each, by month."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
from matplotlib.axes import Axes
from words import month as month_name
from words import months

from charts.figure import Figure
from charts.marks import LINE, draw_window, label_ends
from charts.palette import INK, MODEL, MUTED, OBSERVED
from charts.series import HEADROOM, draw_bounds
from charts.sheet import days, month_limits, month_values, sentence_case, sheet, tonnes_axis
from charts.svg import Values

COLOURS = (OBSERVED, MODEL, INK, MUTED)
SIDES = {"exporter_tonnes": "sent", "importer_tonnes": "received"}


def draw_lines(axes: Axes, months: pd.Series, lines: Mapping[str, pd.Series]) -> Values:
    """A line of tonnes a name, four at most, broken where a month is missing, named at its end.

    A comma breaks a name in two lines. Gives the points to read.
    """
    x = days(months)
    labels = []
    for (name, tonnes), colour in zip(lines.items(), COLOURS, strict=False):
        axes.plot(x, tonnes, color=colour, **LINE)
        words = name.replace(", ", "\n")
        last = tonnes.dropna().iloc[-1]
        labels.append((float(last), f"{words}\n{last:,.0f} t", colour))
    tonnes_axis(axes)
    month_limits(axes, months)
    label_ends(axes, x[-1], labels)
    return {
        name: month_values(
            pd.DataFrame({"month": months, "tonnes": tonnes}),
            "tonnes",
            "{tonnes:,.0f} tonnes " + name,
        )
        for name, tonnes in lines.items()
    }


def plot_mirror(rows: pd.DataFrame, *, stem: str, name: str, caution: str, source: str) -> Figure:
    """What an exporter reports sent, with bounds, and the importer received, by month.

    rows: month, exporter_tonnes, exporter_lower, exporter_upper, importer_tonnes, ratio. name:
    what is traded with whom; caution: what not to read off the chart.
    """
    known = rows.dropna(subset=["ratio"]).sort_values("ratio", kind="stable")
    middle, low, high = known["ratio"].median(), known.iloc[0], known.iloc[-1]
    title = f"{sentence_case(name)}: the importer reports {middle:.2f} of what the exporter does"
    finding = (
        f"{len(known)} months are known from both sides; in the median month the importer reports "
        f"{middle:.2f} of what the exporter reports. The ratio is least in "
        f"{month_name(low['month'])} ({low['ratio']:.2f}) and greatest in "
        f"{month_name(high['month'])} ({high['ratio']:.2f})."
    )
    top = HEADROOM * float(rows[["exporter_upper", "importer_tonnes"]].max().max())
    caption = f"{sentence_case(name)}, as both sides report them; bars hold bounds. {caution}"
    with sheet(title, "Tonnes a month", source=source, tall=2.7) as on:
        draw_bounds(on.axes, rows.rename(columns=lambda one: one.removeprefix("exporter_")), top)
        lines = {word: rows[column] for column, word in SIDES.items()}
        values = draw_lines(on.axes, rows["month"], lines)
        kind = f"Line chart, {name} as both sides report them, by month"
        return on.figure(stem, kind, finding, caption, rows, values)


def plot_arrivals(
    lines: Mapping[str, pd.Series],
    window: tuple[pd.Period, pd.Period],
    *,
    name: str,
    stem: str,
    source: str,
) -> Figure:
    """Tonnes by month, a line a name, four at most; each series is indexed by first days.

    name: what the lines are together, in a sentence.
    """
    rows = pd.DataFrame(lines).sort_index()
    rows = rows.reindex(pd.date_range(rows.index[0], rows.index[-1], freq="MS", name="month"))
    when = months(*window)
    inside = rows.loc[window[0].start_time : window[1].end_time]
    below = int((inside.mean() < rows.drop(index=inside.index).median()).sum())
    told = []
    for one, known in ((one, rows[one].dropna()) for one in rows):
        least, most = (
            month_name(pd.Timestamp(str(day))) for day in (known.idxmin(), known.idxmax())
        )
        told.append(
            f"{one}: {len(known)} months, least {known.min():,.0f} t ({least}), "
            f"greatest {known.max():,.0f} t ({most})"
        )
    title = f"{below} of {len(lines)} series lay below their usual month in {when}"
    with sheet(title, "Tonnes a month", source=source, right=1.75) as on:
        draw_window(on.axes, *window)
        drawn = rows.reset_index()
        values = draw_lines(on.axes, drawn["month"], {one: drawn[one] for one in lines})
        caption = (
            f"{sentence_case(name)}. Shaded: {when}; the usual month is the median of the others."
        )
        kind = f"Line chart, {name}, by month"
        return on.figure(stem, kind, f"{'; '.join(told)}.", caption, drawn, values)
