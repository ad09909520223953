"""The sheet a figure is drawn on: title, units, axes, source line, months and direct labels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from textwrap import shorten, wrap

import matplotlib as mpl
import numpy as np
import pandas as pd
from effects.results import percent_of
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.dates import date2num, num2date
from matplotlib.figure import Figure as Drawing
from matplotlib.text import Annotation, Text
from matplotlib.transforms import Bbox

from charts.palette import EVENT, INK, MUTED, load_style

WIDTH = 5.6
LEFT = 0.7
LETTERS, HEADING = 11.5, 13.0
"""Points of text and title: 11 pixels and more on a screen 390 pixels wide, where all fits."""
DENSE, DENSE_HEADING = 8.0, 10.5
"""The same on a dense sheet, which scrolls on such a screen."""


@contextmanager
def sheet(
    title: str,
    units: str,
    *,
    source: str,
    height: float = 3.6,
    above: float = 0.0,
    right: float = 1.1,
    left: float = LEFT,
    dense: bool = False,
) -> Iterator[tuple[Drawing, Axes]]:
    """Open a styled drawing with one pair of axes; `above` and the margins are inches."""
    size, heading = (DENSE, DENSE_HEADING) if dense else (LETTERS, HEADING)
    with mpl.rc_context({**load_style(), "font.size": size}):
        drawing = Drawing(figsize=(WIDTH, height))
        FigureCanvasAgg(drawing)
        texts = [
            (even_lines(plain(title, 200), int(610 / heading)), heading, "bold", INK),
            (wrap(units, int(700 / size)), size, "normal", MUTED),
        ]
        top = 0.06
        for lines, points, weight, colour in texts:
            text = drawing.text(0.012, 1 - top / height, "\n".join(lines), va="top", color=colour)
            text.set(fontsize=points, fontweight=weight)
            top += (1.25 * len(lines) * points + 2) / 72
        lines = wrap(source, int(700 / size))
        drawing.text(0.012, 0.05 / height, "\n".join(lines), va="bottom", color=MUTED)
        bottom = (1.25 * len(lines) * size + 3.1 * size) / 72 + 0.08
        top += 0.12 + above
        wide, tall = 1 - (left + right) / WIDTH, 1 - (top + bottom) / height
        axes = drawing.add_axes((left / WIDTH, bottom / height, wide, tall))
        yield drawing, axes


def plain(text: str, longest: int = 60) -> str:
    """Text fit for a label: one line, no control or direction marks, at most `longest` long."""
    kept = "".join(letter if letter.isprintable() else " " for letter in text)
    return shorten(kept, longest, placeholder="…")


def sentence_case(text: str) -> str:
    """`text` as the beginning of a sentence."""
    return text[:1].upper() + text[1:]


def even_lines(text: str, longest: int) -> list[str]:
    """`text` in no more lines than `longest` letters a line need, the lines about as long."""
    lines = wrap(text, longest)
    least = max([len(text) // max(len(lines), 1), *map(len, text.split())])
    narrower = (wrap(text, width) for width in range(least, longest) if lines)
    return next((even for even in narrower if len(even) == len(lines)), lines)


def share(level: float) -> str:
    """A share as `95 %`."""
    return f"{percent_of(level)} %"


def signed(value: float, digits: int = 0) -> str:
    """A number with its sign, thousands apart and a true minus; what rounds to nothing is 0."""
    return f"{value:+,.{digits}f}".replace("-", "−") if round(value, digits) else "0"


def percent(change: float, digits: int = 0) -> str:
    """A percent change with its sign: `−6.1 %`."""
    return f"{signed(change, digits)} %"


def days(months: list[pd.Timestamp] | pd.Series) -> np.ndarray:
    """The middle of each month as Matplotlib's day numbers."""
    starts = pd.DatetimeIndex(months)
    return np.asarray(date2num(starts) + starts.days_in_month.to_numpy() / 2)


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
    axes.set_xticks(date2num(shown), labels)


STEPS = (1, 2, 3, 6, 12, 24, 60)
"""Months from one label of an axis to the next."""


def month_limits(axes: Axes, months: pd.Series) -> None:
    """End the x axis with the data, so that later events do not stretch it, and label it."""
    x = days(months)
    axes.set_xlim(x[0] - 0.02 * (x[-1] - x[0]) - 15, x[-1] + 0.02 * (x[-1] - x[0]) + 15)
    month_axis(axes)


def tonnes_axis(axes: Axes) -> None:
    """Start the y axis at zero and write thousands with commas."""
    axes.set_ylim(bottom=0)
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")


def month_name(month: pd.Timestamp) -> str:
    """A month as `May 2025`."""
    return f"{month:%B %Y}"


def extent(axes: Axes, text: Text) -> Bbox:
    """Where a text lies on the drawing, in points, without its leader."""
    canvas = axes.figure.canvas
    assert isinstance(canvas, FigureCanvasAgg)
    renderer = canvas.get_renderer()
    if isinstance(text, Annotation):
        text.update_positions(renderer)
    return Text.get_window_extent(text, renderer)


def label_ends(
    axes: Axes, day: float, labels: Sequence[tuple[float, str, str]], gap: float = 14.0
) -> None:
    """Write (value, text, colour) labels right of `day`; a line of text is `gap` points high."""
    free = -np.inf
    for value, text, colour in sorted(labels):
        height = float(axes.transData.transform((day, value))[1])
        half = gap * (1 + text.count("\n")) / 2
        middle = max(height, free + half)
        free = middle + half
        axes.annotate(
            text,
            (day, value),
            (7, middle - height),
            textcoords="offset points",
            color=colour,
            va="center",
            annotation_clip=False,
        )


FAR = ("far", "farther")
SIDES = {
    "right": (6, 0, "left", "center"),
    "above": (0, 6, "center", "bottom"),
    "below": (0, -6, "center", "top"),
    "left": (-6, 0, "right", "center"),
    "far below": (10, -32, "left", "center"),
    "farther below": (10, -50, "left", "center"),
    "far above": (10, 32, "left", "center"),
    "farther above": (10, 50, "left", "center"),
}
"""Offset in points and alignment of a label, by the side of its point it lies on."""


def label_points(
    axes: Axes, points: Sequence[tuple[float, float, str, str]], avoid: Sequence[Bbox] = ()
) -> None:
    """Write (day, value, text, colour) labels beside their points, first come first served.

    A label that would leave the sheet or lie on an earlier one or on a box to `avoid`, whichever
    side of its point it took, is left out.
    """
    taken = list(avoid)
    room = axes.get_window_extent()
    sheet_box = Bbox([[room.x0 + 2, room.y0 + 2], [WIDTH * 72, room.y1 + 8]])
    for day, value, words, colour in points:
        for side in _sides(value):
            text = _beside(axes, (day, value), words, colour, side)
            box = extent(axes, text)
            if _fits(box, sheet_box) and not any(box.overlaps(other) for other in taken):
                taken.append(box)
                break
            text.remove()


def _sides(value: float) -> tuple[str, ...]:
    """The sides of a point to try, outward ones first."""
    out, back = ("above", "below") if value > 0 else ("below", "above")
    return ("right", out, "left", back, *(f"{far} {side}" for side in (out, back) for far in FAR))


def _beside(
    axes: Axes, point: tuple[float, float], words: str, colour: str, side: str
) -> Annotation:
    right, up, across, along = SIDES[side]
    leader = {"arrowstyle": "-", "color": colour, "linewidth": 0.7, "shrinkA": 1, "shrinkB": 3}
    return axes.annotate(
        words,
        point,
        (right, up),
        textcoords="offset points",
        color=colour,
        ha=across,
        va=along,
        arrowprops=leader if side.startswith(FAR) else None,
    )


def _fits(box: Bbox, room: Bbox) -> bool:
    return bool(room.x0 <= box.x0 and box.x1 <= room.x1 and room.y0 <= box.y0 and box.y1 <= room.y1)


PHASES = 1.62
"""Inches above the axes in which the names of phases stand upright."""
SHADES = (0.16, 0.07)
"""How strongly one phase and the next are shaded."""


def draw_phases(axes: Axes, marks: pd.DataFrame) -> None:
    """Shade each phase from its `date` to the next with a `label`, its name inside, above the axes.

    A mark without a label is a tick on the axis. A name stands upright where its phase is too
    narrow; it is left out where it would touch another.
    """
    low, high = axes.get_xlim()
    named = marks[marks["label"] != ""].sort_values("date")
    starts = date2num(named["date"]) if len(named) else np.array([])
    lifted = 1 + (PHASES - 0.1) * 72 / axes.get_window_extent().height
    taken: list[Bbox] = []
    for place, (start, end) in enumerate(pairwise([*starts, high])):
        first, last = max(start, low), min(end, high)
        if first < last:
            style = {"color": EVENT, "alpha": SHADES[place % 2], "linewidth": 0}
            axes.axvspan(first, last, 0, lifted, clip_on=False, zorder=0, **style)
            _name_phase(axes, (first, last), str(named["label"].iloc[place]), taken)
    days_of = date2num(marks.loc[marks["label"] == "", "date"]) if len(marks) else np.array([])
    inside = days_of[(days_of >= low) & (days_of <= high)]
    rise = axes.get_xaxis_transform()
    axes.vlines(inside, 0, 0.03, transform=rise, color=EVENT, linewidth=0.7)


def _name_phase(axes: Axes, ends: tuple[float, float], name: str, taken: list[Bbox]) -> None:
    """Write a name over the axes in its phase, along or upright, unless one is in its way."""
    place = axes.get_xaxis_transform()
    room = np.ptp(axes.transData.transform([(ends[0], 0), (ends[1], 0)])[:, 0])
    for angle in (0, 90):
        text = axes.annotate(
            plain(name, 40),
            (sum(ends) / 2, 1),
            (0, 4),
            xycoords=place,
            textcoords="offset points",
            color=EVENT,
            rotation=angle,
            ha="center",
            va="bottom",
            annotation_clip=False,
        )
        box = extent(axes, text)
        if box.width <= (room if angle == 0 else 2.2 * room) and not any(map(box.overlaps, taken)):
            taken.append(box)
            return
        text.remove()
