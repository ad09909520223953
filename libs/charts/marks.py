"""Event marks above a monthly chart, labelled directly and never on top of each other."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.dates import date2num
from matplotlib.text import Text

from charts.palette import EVENT
from charts.sheet import extent, plain

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
