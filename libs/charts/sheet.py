"""A figure and the sheet it is drawn on: title, units, axes, source line; months and tonnes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from textwrap import shorten, wrap
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from contracts import replacing
from contracts.contract import rounded
from effects.results import percent_of
from matplotlib.axes import Axes
from matplotlib.axis import XAxis, YAxis
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.dates import date2num, num2date
from matplotlib.figure import Figure as Drawing
from matplotlib.markers import TICKDOWN
from matplotlib.ticker import FixedFormatter, FixedLocator
from words import month as month_name

from charts.palette import GRID, INK, MUTED, load_style
from charts.svg import Value, Values, to_svg

WIDTH = 5.6
LEFT = 0.7
LETTERS, HEADING = 11.5, 13.0
"""Points of text and title: 11 pixels and more on a screen 390 pixels wide, where all fits."""


Bundle = tuple[dict[str, str], dict[str, dict[str, str]]]


@dataclass(frozen=True, eq=False)
class Figure:
    """A figure that a notebook can show, a page can hold and a reader can download.

    `finding` says in numbers what the figure shows, `alt` says that and what kind of chart it is;
    `data` are the numbers drawn.
    """

    stem: str
    title: str
    svg: str
    alt: str
    finding: str
    caption: str
    data: pd.DataFrame

    def _repr_mimebundle_(
        self, include: Collection[str] | None = None, exclude: Collection[str] | None = None
    ) -> Bundle:
        words = {"alt": self.alt, "caption": self.caption, "stem": self.stem}
        return {"image/svg+xml": self.svg, "text/plain": self.alt}, {"image/svg+xml": words}

    def save(self, folder: Path) -> list[Path]:
        """Write `<stem>.svg` and `.csv`, fractions rounded, each whole or not at all."""
        plain = self.data.map(lambda one: rounded(one) if isinstance(one, float) else one)
        numbers = plain.to_csv(index=False, date_format="%Y-%m-%d", lineterminator="\n")
        contents = {"svg": self.svg.encode(), "csv": numbers.encode()}
        for kind, content in contents.items():
            with replacing(folder / f"{self.stem}.{kind}") as aside:
                aside.write_bytes(content)
        return [folder / f"{self.stem}.{kind}" for kind in contents]


def save_figures(figures: Iterable[Figure], folder: Path) -> pd.DataFrame:
    """Save all `figures` into `folder` and list their files."""
    rows = [
        {"figure": figure.stem, "files": " ".join(path.name for path in figure.save(folder))}
        for figure in figures
    ]
    return pd.DataFrame(rows)


@dataclass(frozen=True)
class Sheet:
    """A drawing with one pair of axes under a title."""

    drawing: Drawing
    axes: Axes
    title: str

    def figure(
        self,
        stem: str,
        kind: str,
        finding: str,
        caption: str,
        data: pd.DataFrame,
        values: Values | None = None,
    ) -> Figure:
        """The figure that it is; `kind` of chart begins the text alternative."""
        alt = f"{kind}. {finding}"
        for axes in self.drawing.axes:
            axes.autoscale(False)
            axes.spines[:].set_position(("outward", 0))  # left undone without Matplotlib's ticks
            if axes.axison and axes.xaxis.get_visible():
                draw_ticks(axes, "x", "bottom", "top")
            if axes.axison and axes.yaxis.get_visible():
                draw_ticks(axes, "y", "left")
        svg = to_svg(self.axes, self.title, alt, values or {})
        return Figure(stem, self.title, svg, alt, finding, caption, data)

    def panel(self, bottom: float, height: float) -> Axes:
        """More axes as wide as the first, `bottom` inches above them."""
        box, whole = self.axes.get_position(), self.drawing.get_size_inches()[1]
        place = (box.x0, box.y1 + bottom / whole, box.width, height / whole)
        return self.drawing.add_axes(place, axes_class=BareAxes)


class BareAxes(Axes):
    """Axes without ticks of their own, which `draw_ticks` draws: half the time of making axes."""

    def _init_axis(self) -> None:
        super()._init_axis()  # type: ignore[misc]
        for axis in (self.xaxis, self.yaxis):
            axis.__class__ = _BARE[type(axis)]


_BARE = {one: type("_Bare", (one,), {"majorTicks": (), "minorTicks": ()}) for one in (XAxis, YAxis)}


@contextmanager
def sheet(
    title: str,
    units: str,
    *,
    source: str,
    tall: float = 2.1,
    above: float = 0.0,
    right: float = 1.1,
    left: float = LEFT,
) -> Iterator[Sheet]:
    """Open a styled drawing; in inches: axes `tall`, what stands above them, their margins."""
    texts = [
        (even_lines(plain(title, 200), int(610 / HEADING)), HEADING, "bold", INK),
        (wrap(units, int(700 / LETTERS)), LETTERS, "normal", MUTED),
    ]
    last = wrap(source, int(700 / LETTERS))
    bottom = (1.25 * len(last) * LETTERS + 3.1 * LETTERS) / 72 + 0.08
    top = 0.18 + above + sum((1.25 * len(lines) * points + 2) / 72 for lines, points, *_ in texts)
    height = top + tall + bottom
    style = {**load_style(), "font.size": LETTERS}
    with mpl.rc_context({key: one for key, one in style.items() if mpl.rcParams[key] != one}):
        drawing = Drawing(figsize=(WIDTH, height))
        FigureCanvasAgg(drawing)
        down = 0.06
        for lines, points, weight, colour in texts:
            text = drawing.text(0.012, 1 - down / height, "\n".join(lines), va="top", color=colour)
            text.set(fontsize=points, fontweight=weight)
            down += (1.25 * len(lines) * points + 2) / 72
        drawing.text(0.012, 0.05 / height, "\n".join(last), va="bottom", color=MUTED)
        place = (left / WIDTH, bottom / height, 1 - (left + right) / WIDTH, tall / height)
        yield Sheet(drawing, drawing.add_axes(place, axes_class=BareAxes), title)


def name_ticks(axis: Any, places: Iterable[float], labels: Iterable[str], ink: str = MUTED) -> None:
    """Have `labels` at `places` of an axis, instead of its own."""
    axis.set_major_locator(FixedLocator([*places]))
    axis.set_major_formatter(FixedFormatter([*labels]))
    axis.set_tick_params(labelcolor=ink)


TICK = 3.5
"""Points that a tick is long, and that its label stands away from it."""


def draw_ticks(axes: Any, name: str, *edges: str) -> None:
    """Draw the axis called `name`, whose limits stand: grid lines, ticks, labels at its `edges`.

    Matplotlib itself makes five artists of each tick, which takes half the time of a drawing.
    """
    axis = getattr(axes, f"{name}axis")
    style, places = axis.get_tick_params(), axis.get_majorticklocs()
    (low, high), labels = sorted(axis.get_view_interval()), axis.get_major_formatter()
    inside = np.abs(places - (low + high) / 2) <= (high - low) / 2 * (1 + 1e-9)
    told = np.array(labels.format_ticks(places), dtype=object)[inside]
    places, over = places[inside], getattr(axes, f"get_{name}axis_transform")()
    draw_lines = {"x": axes.vlines, "y": axes.hlines}[name]
    if style["gridOn"]:
        draw_lines(places, 0, 1, GRID, transform=over, linewidth=0.8, zorder=0.5)
    size = TICK if style.get("bottom") else 0.0
    if size:
        look = {"color": MUTED, "marker": TICKDOWN, "markersize": size, "markeredgewidth": 0.8}
        axes.plot(places, 0 * places, linestyle="", transform=over, clip_on=False, **look)
    for number, edge in enumerate(edges):
        beside = getattr(axes, f"get_{name}axis_text{number + 1}_transform")
        over, va, ha = beside(TICK + size)
        look = {"transform": over, "va": va, "ha": ha, "zorder": 0.5}
        look["color"] = style.get("labelcolor", MUTED)
        for place, label in zip(places, told, strict=True) if style[f"label{edge}"] else ():
            axes.text(*((place, number) if name == "x" else (number, place)), label, **look)
    axis.set_visible(False)


def plain(text: str, longest: int = 60) -> str:
    """Text fit for a label: one line, no control or direction marks, at most `longest` long."""
    kept = "".join(letter if letter.isprintable() else " " for letter in text)
    return shorten(kept, longest, placeholder="…")


def even_lines(text: str, longest: int) -> list[str]:
    """`text` in no more lines than `longest` letters a line need, the lines about as long."""
    text = text.replace(" %", "\u00a0%")
    lines = wrap(text, longest)
    least = max([len(text) // max(len(lines), 1), *map(len, text.split())])
    narrower = (wrap(text, width) for width in range(least, longest) if lines)
    return next((even for even in narrower if len(even) == len(lines)), lines)


def share(level: float) -> str:
    """A share as `95 %`."""
    return f"{percent_of(level)} %"


def days(months: list[pd.Timestamp] | pd.Series | pd.DatetimeIndex) -> np.ndarray:
    """The middle of each month as Matplotlib's day numbers."""
    starts = np.asarray(months, "datetime64[ns]").astype("datetime64[M]")
    return np.asarray(date2num(starts.astype("datetime64[D]")) + date2num(starts + 1)) / 2


def month_values(rows: pd.DataFrame, column: str, words: str) -> list[Value]:
    """The points of a line: `column` by `month`, each saying its month and `words` of its row."""
    known = rows[rows[column].notna()].to_dict("list")
    each = (dict(zip(known, row, strict=True)) for row in zip(*known.values(), strict=True))
    told = [f"{month_name(row['month'])}: {words.format_map(row)}" for row in each]
    return list(zip(days(known["month"]), known[column], told, strict=True))


STEPS = (1, 2, 3, 6, 12, 24, 60)
"""Months from one label of an axis to the next."""


def month_axis(axes: Axes, most: int = 7) -> None:
    """Label the x axis, whose limits stand, with at most some `most` months, each year once."""
    first, last = (pd.Timestamp(num2date(day)).tz_localize(None) for day in axes.get_xlim())
    months = pd.date_range(first, last, freq="MS")
    step = next((one for one in STEPS if len(months) <= one * most), STEPS[-1])
    shown = months[(12 * months.year + months.month - 1) % step == 0]
    if step >= 12:
        labels = [f"{month:%Y}" for month in shown]
    else:
        new = [True, *(np.diff(shown.year) > 0)]
        labels = [f"{m:%b}\n{m:%Y}" if n else f"{m:%b}" for m, n in zip(shown, new, strict=True)]
    name_ticks(axes.xaxis, date2num(shown), labels)


def month_limits(axes: Axes, months: pd.Series) -> None:
    """End the x axis with the data, so that later events do not stretch it, and label it."""
    x = days(months)
    axes.set_xlim(x[0] - 0.02 * (x[-1] - x[0]) - 15, x[-1] + 0.02 * (x[-1] - x[0]) + 15)
    month_axis(axes)


def tonnes_axis(axes: Axes) -> None:
    """Start the y axis at zero and write thousands with commas."""
    axes.set_ylim(bottom=0)
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")


TICKS = ((10, 25, 50, 100, 200, 400, 900, 1900, 4900), (-10, -25, -50, -75, -90, -95, -98))
"""Percent changes that a log axis may name, up and down."""


def change_ticks(low: float, high: float, least: float) -> tuple[list[float], list[str]]:
    """Places on an axis of log ratios from `low` to `high`, `least` apart, and their percents."""
    shown = [0.0]
    for ticks in TICKS:
        for tick in ticks:
            place = float(np.log1p(tick / 100))
            if low <= place <= high and min(abs(place - other) for other in shown) >= least:
                shown.append(place)
    return shown, [f"{100 * np.expm1(one):+g}".replace("-", "−") if one else "0" for one in shown]
