"""The sheet a figure is drawn on: title, units, axes, source line, months and direct labels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from textwrap import shorten, wrap

import matplotlib as mpl
import numpy as np
import pandas as pd
from effects.results import percent_of
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter, date2num
from matplotlib.figure import Figure as Drawing
from matplotlib.text import Annotation, Text
from matplotlib.transforms import Bbox

from charts.palette import EVENT, INK, MUTED, load_style

WIDTH = 5.6
LEFT = 0.62
SOURCE = "Source: China's customs statistics (HS 85051110), reconciled into bounds."


@contextmanager
def sheet(
    title: str,
    units: str,
    *,
    height: float = 3.6,
    above: float = 0.0,
    right: float = 0.9,
    left: float = LEFT,
    source: str = SOURCE,
) -> Iterator[tuple[Drawing, Axes]]:
    """Open a styled drawing with one pair of axes; `above` and the margins are inches."""
    with mpl.rc_context(load_style()):
        drawing = Drawing(figsize=(WIDTH, height))
        FigureCanvasAgg(drawing)
        heading = even_lines(plain(title, 200), 58)
        top = 0.30 + 0.17 * len(heading) + above
        bottom = 0.62
        axes = drawing.add_axes(
            (left / WIDTH, bottom / height, 1 - (left + right) / WIDTH, 1 - (top + bottom) / height)
        )
        drawing.text(
            0.012,
            1 - 0.06 / height,
            "\n".join(heading),
            va="top",
            fontsize=10.5,
            fontweight="bold",
            color=INK,
        )
        drawing.text(
            0.012,
            1 - (0.09 + 0.17 * len(heading)) / height,
            units,
            va="top",
            fontsize=8.5,
            color=MUTED,
        )
        drawing.text(0.012, 0.07 / height, source, va="bottom", fontsize=7.5, color=MUTED)
        yield drawing, axes


def plain(text: str, longest: int = 60) -> str:
    """Text fit for a label: one line, no control or direction marks, at most `longest` long."""
    kept = "".join(letter if letter.isprintable() else " " for letter in text)
    return shorten(kept, longest, placeholder="…")


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


def month_axis(axes: Axes, most: int = 9) -> None:
    """Label the x axis with years and months, `most` of them at most."""
    locator = AutoDateLocator(minticks=min(4, (most - 1) // 2), maxticks=most)
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(locator, show_offset=False))


def month_limits(axes: Axes, months: pd.Series) -> None:
    """End the x axis with the data, so that later events do not stretch it."""
    x = days(months)
    axes.set_xlim(x[0] - 0.02 * (x[-1] - x[0]) - 15, x[-1] + 0.02 * (x[-1] - x[0]) + 15)


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
    axes: Axes, day: float, labels: Sequence[tuple[float, str, str]], gap: float = 11.0
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
            fontsize=8.5,
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
        fontsize=8.5,
        ha=across,
        va=along,
        arrowprops=leader if side.startswith(FAR) else None,
    )


def _fits(box: Bbox, room: Bbox) -> bool:
    return bool(room.x0 <= box.x0 and box.x1 <= room.x1 and room.y0 <= box.y0 and box.y1 <= room.y1)


ROW = 11.5
"""Points from one row of labels to the next."""
GAP = 5.0
"""Points between neighbours in a row."""


def marks_height(rows: int) -> float:
    """Inches that `rows` rows of labels need above the axes."""
    return (rows * ROW + 4) / 72


def draw_marks(axes: Axes, marks: pd.DataFrame, rows: int) -> int:
    """Draw a line at each `date` up to its `label`; return how many labels found no row.

    Labels lie on the side of their lines that has more room. Rows fill from that side's far end,
    so that no line crosses a label.
    """
    low, high = axes.get_xlim()
    inside = marks[marks["date"].map(date2num).between(low, high)]
    if inside.empty:
        return 0
    leftward = float(inside["date"].map(date2num).mean()) > (low + high) / 2
    nearest = np.full(rows, -np.inf)
    unlabelled = 0
    for mark in inside.sort_values("date", ascending=leftward).itertuples():
        day = float(date2num(mark.date))
        row = -1
        if mark.label:
            row = _place(axes, _write(axes, day, str(mark.label), leftward), nearest, leftward)
            unlabelled += row < 0
        _draw_line(axes, day, row)
    return unlabelled


def _write(axes: Axes, day: float, words: str, leftward: bool) -> Text:
    return axes.annotate(
        plain(words, 40),
        (day, 1),
        (0, 0),
        xycoords=axes.get_xaxis_transform(),
        textcoords="offset points",
        color=EVENT,
        fontsize=8,
        ha="right" if leftward else "left",
        va="bottom",
        annotation_clip=False,
    )


def _place(axes: Axes, text: Text, nearest: np.ndarray, leftward: bool) -> int:
    """Lift the label to the lowest row with room and return the row; -1 if none has any.

    `nearest` holds how far each row is taken, measured along the direction of filling.
    """
    box = extent(axes, text)
    start, end = (box.x0, box.x1) if leftward else (-box.x1, -box.x0)
    room = np.flatnonzero(nearest + GAP < start)
    if not len(room):
        text.remove()
        return -1
    row = int(room[0])
    text.set_position((1 if leftward else -1, row * ROW + 3))
    nearest[: row + 1] = np.maximum(nearest[: row + 1], end)
    return row


def _draw_line(axes: Axes, day: float, row: int) -> None:
    points = axes.get_window_extent().height
    axes.plot(
        [day, day],
        [0, 1 + (row * ROW + 2) / points if row >= 0 else 0.04],
        transform=axes.get_xaxis_transform(),
        color=EVENT,
        linewidth=0.7,
        clip_on=False,
    )
