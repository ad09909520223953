"""What charts have in common inside their axes: lines, bands, intervals, labels, phases."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.dates import date2num
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path
from matplotlib.text import Annotation, Text
from matplotlib.transforms import Bbox
from words import signed

from charts.palette import EVENT, INK, MUTED, OBSERVED
from charts.sheet import WIDTH, Sheet, days, month_limits, name_ticks, plain

LINE: dict[str, Any] = {"marker": "o", "markersize": 3}
"""How an observed line is drawn, besides its colour."""
RECENT = 48
"""Months that are drawn large; the whole series stands small above them."""
HISTORY = 0.62
"""Height in inches of the whole series."""


def draw_spans(
    axes: Axes,
    months: pd.Series,
    low: npt.ArrayLike,
    high: npt.ArrayLike,
    colour: str,
    alpha: float,
    wide: float | None = None,
) -> None:
    """Bars from `low` to `high` as one path: as wide as their month, or `wide` days.

    There is none where either end is missing.
    """
    width = pd.DatetimeIndex(months).days_in_month if wide is None else wide
    x, low, high, half = np.broadcast_arrays(days(months), low, high, np.divide(width, 2))
    corners = np.array([(x - half, low), (x + half, low), (x + half, high), (x - half, high)])
    bars = corners.astype(float).transpose(2, 0, 1)[np.isfinite(high - low)]
    if len(bars):
        outline = Path.make_compound_path_from_polys(bars)
        axes.add_artist(PathPatch(outline, color=colour, alpha=alpha, linewidth=0))
        axes.update_datalim(bars.reshape(-1, 2))


def draw_window(axes: Axes, first: pd.Period, last: pd.Period) -> None:
    """Shade the months asked about, from the first to the last."""
    ends = date2num(first.start_time), date2num(last.end_time)
    axes.axvspan(*ends, color=EVENT, alpha=0.12, linewidth=0, zorder=0)


def draw_intervals(
    axes: Axes,
    places: npt.ArrayLike,
    low: npt.ArrayLike,
    high: npt.ArrayLike,
    *,
    colour: str,
    width: float = 1.4,
    alpha: float = 1.0,
    level: bool = False,
    **more: Any,
) -> None:
    """Upright strokes, or `level` ones, as one path, which keeps a page of hundreds light."""
    apart = np.full(np.size(places), np.nan)
    along = np.column_stack([places, places, apart]).ravel()
    ends = np.column_stack([low, high, apart]).ravel()
    x, y = (ends, along) if level else (along, ends)
    style: dict[str, Any] = {"color": colour, "linewidth": width, "alpha": alpha, **more}
    axes.plot(x, y, solid_capstyle="butt", **style)


def draw_history(
    on: Sheet, bottom: float, months: pd.Series, heights: npt.ArrayLike, since: pd.Timestamp
) -> Axes:
    """The whole series, small, `bottom` inches above the axes; what these show is shaded."""
    small = on.panel(bottom + 0.3, HISTORY)
    x = days(months)
    small.plot(x, heights, color=OBSERVED, linewidth=1.0, marker="o", markersize=1.2)
    small.axvspan(float(date2num(since)), x[-1], color=MUTED, alpha=0.15, linewidth=0)
    small.set_yticks([])
    small.spines["left"].set_visible(False)
    month_limits(small, months)
    return small


def history_inches(months: pd.Series) -> float:
    """Inches that the history takes, none where all months are drawn large."""
    return HISTORY + 0.35 if len(months) > RECENT else 0.0


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
        offset: dict[str, Any] = {"textcoords": "offset points", "annotation_clip": False}
        axes.annotate(text, (day, value), (7, middle - height), color=colour, va="center", **offset)


def write_beside(
    axes: Axes, height: float, words: str, points: float, *, side: int = 1, **style: Any
) -> None:
    """Write `points` right of the left (0) or the right (1) `side` of the axes, at `height`."""
    place: dict[str, Any] = {"xycoords": axes.get_yaxis_transform(), "annotation_clip": False}
    offset: dict[str, Any] = {"textcoords": "offset points", "va": "center"}
    axes.annotate(words, (side, height), (points, 0), **place, **offset, **style)


def name_rows(axes: Axes, places: Iterable[float], names: Sequence[str]) -> None:
    """Name rows on the left of the axes, whose x axis counts signed numbers."""
    name_ticks(axes.yaxis, places, names, INK)
    axes.grid(axis="y", visible=False)
    axes.grid(axis="x", visible=True)
    axes.spines["left"].set_visible(False)
    axes.xaxis.set_major_formatter(lambda value, _: signed(value))


LEADER: dict[str, Any] = {"arrowstyle": "-", "linewidth": 0.8, "shrinkA": 1, "shrinkB": 3}
SIDES = {
    "left": (-7, 0, "right", "center"),
    "right": (7, 0, "left", "center"),
    "above": (0, 7, "center", "bottom"),
    "below": (0, -7, "center", "top"),
    "far above": (-14, 34, "right", "center"),
    "far below": (-14, -34, "right", "center"),
    "farther above": (-24, 60, "right", "center"),
}
"""Offset in points and alignment of a label, by the side of its point it lies on."""
SHARE_BEFORE = {"left": 0, "right": 1, "bottom": 0, "top": 1, "center": 0.5}
"""How much of a label lies left of where it is aligned, or below."""


def label_points(
    axes: Axes, points: Sequence[tuple[float, float, str, str]], avoid: npt.ArrayLike = ()
) -> None:
    """Write (day, value, text, colour) labels beside their points, first come first served.

    A label that would leave the axes or lie on an earlier one or on a box to `avoid`, whichever
    side of its point it took, is left out. Boxes: n × (left, bottom, right, top), in points.
    """
    taken, room = np.reshape(avoid, (-1, 4)), axes.get_window_extent().padded(2)
    for day, value, words, colour in points:
        style: dict[str, Any] = {"color": colour, "fontweight": "bold"}
        text = axes.text(day, value, words, va="bottom", **style)
        there = extent(axes, text)
        text.remove()
        for side, (right, up, across, along) in SIDES.items():
            box = there.translated(
                right - SHARE_BEFORE[across] * there.width, up - SHARE_BEFORE[along] * there.height
            )
            inside = room.count_contains(box.corners()) == 4
            apart = (taken[:, :2] > box.max) | (taken[:, 2:] < box.min)
            if inside and apart.any(axis=1).all():
                taken = np.vstack([taken, box.extents])
                leader = LEADER | {"color": colour} if "far" in side else None
                style |= {"ha": across, "va": along, "textcoords": "offset points"}
                axes.annotate(words, (day, value), (right, up), arrowprops=leader, **style)
                break


def line_boxes(axes: Axes, x: npt.ArrayLike, heights: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Boxes along a line and its dots, for `label_points` to keep clear of."""
    dots = axes.transData.transform(np.column_stack([x, heights]))
    between = np.linspace(dots[:-1], dots[1:], 24).reshape(-1, 2)  # nearer than a label is high
    places = np.concatenate([dots, between])
    known = places[np.isfinite(places).all(axis=1)]
    return np.column_stack([known - 2.5, known + 2.5])


TICKS = 0.03
"""Share of the axes' height that the ticks of `draw_phases` take."""


def phased_boxes(axes: Axes, x: npt.ArrayLike, heights: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """`line_boxes` of a line, and the strip of the ticks of `draw_phases`."""
    room = axes.get_window_extent()
    strip = (room.x0, room.y0, room.x1, room.y0 + TICKS * room.height)
    return np.vstack([line_boxes(axes, x, heights), strip])


FLAG = 0.21
"""Inches above the axes that the name of a phase takes."""
SHADES = (0.13, 0.06)
"""How strongly one phase and the next are shaded."""


def phases_within(marks: pd.DataFrame, months: pd.Series) -> list[tuple[float, float, str]]:
    """Beginning and end of each phase that touches `months`, as day numbers, and its name.

    A phase runs from the `date` of a mark with a `label` to that of the next.
    """
    named = marks[marks["label"] != ""].sort_values("date")
    low, high = days(months)[[0, -1]] + (-15, 15)
    ends = [*date2num(named["date"]), np.inf] if len(named) else []
    spans = zip(pairwise(ends), named["label"], strict=True)
    return [
        (max(start, low), min(end, high), plain(str(label), 40))
        for (start, end), label in spans
        if start < high and end > low
    ]


def phase_inches(marks: pd.DataFrame, months: pd.Series) -> float:
    """Inches above the axes that the names of phases take."""
    return FLAG * len(phases_within(marks, months)) + 0.1


def draw_phases(axes: Axes, marks: pd.DataFrame, months: pd.Series) -> None:
    """Shade the phases, each up to its name: a staircase over the axes, later ones higher.

    A name stands left of its phase, where the earlier ones no longer reach, or within where the
    axes begin; one too long for the sheet is left out. A mark without a label is a tick on the
    axis.
    """
    low, high = axes.get_xlim()
    inch = 72 / axes.get_window_extent().height
    place = axes.get_xaxis_transform()
    for step, (start, end, name) in enumerate(phases_within(marks, months)):
        start, end, top = max(start, low), min(end, high), 1 + FLAG * (step + 1) * inch
        shade: dict[str, Any] = {"color": EVENT, "alpha": SHADES[step % 2], "linewidth": 0}
        span = Rectangle((start, 0), end - start, top, transform=place, zorder=0, **shade)
        axes.add_artist(span).set_clip_on(False)
        at: dict[str, Any] = {"xycoords": place, "textcoords": "offset points", "va": "center"}
        beside = (start, top - FLAG * inch / 2)
        text = axes.annotate(name, beside, (-4, 0), color=EVENT, ha="right", **at)
        box = extent(axes, text)
        if box.x0 < 0:
            text.set(x=4, ha="left")
            if box.x1 + 8 + box.width > WIDTH * 72:
                text.remove()
    dates = date2num(marks.loc[marks["label"] == "", "date"]) if len(marks) else np.array([])
    inside = dates[(dates >= low) & (dates <= high)]
    draw_intervals(
        axes, inside, 0 * inside, 0 * inside + TICKS, colour=EVENT, width=0.7, transform=place
    )
