"""The specification curve: estimates sorted, above the choices that made each of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from textwrap import wrap
from typing import Protocol

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from charts.figure import Figure
from charts.palette import GRID, INK, MUTED, OBSERVED
from charts.sheet import WIDTH, plain, sheet, signed
from charts.svg import render

LEFT, RIGHT = 2.2, 0.15
"""Margins of the axes in inches: names of values stand in the left one."""
ABOVE, CURVE, BETWEEN, BELOW = 0.75, 2.1, 0.1, 0.4
"""Heights in inches: the title, the curve, the space under it, the source."""
ROW = 11.0
"""Points from one value of a choice to the next."""
TALLEST = 40
"""Rows beyond which the values of a choice move closer and not all are named."""
POINTS = 72
NAME = 36
"""Letters of a value's name on one line."""


class Curve(Protocol):
    """What a specification curve needs: a row an estimate, the least first, and words for them.

    rows: estimate, lower, upper and a column for each of the `choices`; side: -1, 0 or 1 a row.
    """

    @property
    def kind(self) -> str: ...
    @property
    def estimand(self) -> str: ...
    @property
    def unit(self) -> str: ...
    @property
    def each(self) -> str: ...
    @property
    def caution(self) -> str: ...
    @property
    def sentence(self) -> str: ...
    @property
    def choices(self) -> tuple[str, ...]: ...
    @property
    def rows(self) -> pd.DataFrame: ...
    @property
    def side(self) -> pd.Series: ...


@dataclass(frozen=True)
class Band:
    """One choice in the matrix: its values from the top, and where they lie, in points downwards.

    `step` is the distance from one to the next where their names take a line each; `heading` is
    where the choice is named, `bottom` where the next one may begin.
    """

    choice: str
    values: list[str]
    heights: np.ndarray
    step: float
    heading: float
    bottom: float


def plot_specification(curve: Curve, *, source: str) -> Figure:
    """Estimates with their intervals from left to right, and under each the choices behind it."""
    bands = list(place_bands(curve))
    matrix = bands[-1].bottom / POINTS if bands else 0.0
    height = ABOVE + CURVE + BETWEEN + matrix + BELOW
    clear = int((curve.side != 0).sum())
    verb = "is" if clear == 1 else "are"
    title = f"{clear} of {len(curve.rows)} estimates {verb} clear of zero"
    units = f"{curve.estimand}, in {curve.unit}, with intervals; one column a {curve.each}"
    alt = f"Specification curve. {curve.sentence}"
    with sheet(title, units, source=source, height=height, left=LEFT, right=RIGHT, dense=True) as (
        drawing,
        axes,
    ):
        wide = 1 - (LEFT + RIGHT) / WIDTH
        bottom = (BELOW + matrix + BETWEEN) / height
        axes.set_position((LEFT / WIDTH, bottom, wide, CURVE / height))
        draw_curve(axes, curve)
        if bands:
            place = (LEFT / WIDTH, BELOW / height, wide, matrix / height)
            draw_matrix(drawing.add_axes(place), curve, bands)
        picture = render(drawing, title, alt)
    stem = f"specifications-{curve.kind}"
    return Figure(stem, picture, alt, curve.sentence, caption_curve(curve), curve.rows, source)


def place_bands(curve: Curve) -> Iterator[Band]:
    """The choices one under the other, the values of each by their median estimate."""
    top = 0.0
    for choice in curve.choices:
        medians = curve.rows.groupby(choice)["estimate"].median().sort_values(kind="stable")
        step = ROW * min(1.0, TALLEST / len(medians))
        values = [str(value) for value in medians.index]
        lines = np.array([len(name_lines(value)) if step == ROW else 1 for value in values])
        ends = top + ROW * 1.1 + step * np.cumsum(lines)
        yield Band(choice, values, ends - step * lines / 2, step, top + ROW * 0.6, ends[-1])
        top = ends[-1] + ROW * 0.3


def name_lines(value: str) -> list[str]:
    """A value's name in lines that fit into the margin."""
    return wrap(plain(value), NAME) or [""]


def column_points(curve: Curve) -> float:
    """How wide the column of a study is."""
    return (WIDTH - LEFT - RIGHT) * POINTS / len(curve.rows)


def draw_curve(axes: Axes, curve: Curve) -> None:
    """Intervals as lines, estimates as dots, the colour by whether the interval holds zero."""
    width = column_points(curve)
    for clear, colour in ((False, MUTED), (True, OBSERVED)):
        rows = curve.rows[(curve.side != 0) == clear]
        draw_strokes(axes, rows.index, rows["lower"], rows["upper"], colour, min(1.0, 0.5 * width))
        size = float(np.clip(0.6 * width, 1.2, 4.0))
        axes.plot(rows.index, rows["estimate"], "o", color=colour, markersize=size, linestyle="")
    axes.axhline(0, color=INK, linewidth=0.8)
    axes.set_xlim(-0.5, len(curve.rows) - 0.5)
    axes.xaxis.set_visible(False)
    axes.spines["bottom"].set_visible(False)
    axes.yaxis.set_major_formatter(lambda value, _: signed(value))
    label_colours(axes, curve)


def draw_strokes(
    axes: Axes, places: pd.Index, low: pd.Series, high: pd.Series, colour: str, width: float
) -> None:
    """Upright strokes as one path, which keeps a page of hundreds of studies light."""
    apart = np.full(len(places), np.nan)
    x = np.column_stack([places, places, apart]).ravel()
    y = np.column_stack([low, high, apart]).ravel()
    axes.plot(x, y, color=colour, linewidth=width, solid_capstyle="butt")


def label_colours(axes: Axes, curve: Curve) -> None:
    """Say above the curve what its colours mean."""
    clear = int((curve.side != 0).sum())
    holding = len(curve.rows) - clear
    told = ((f"interval clear of zero: {clear}", OBSERVED), (f"zero within: {holding}", MUTED))
    for (words, colour), right in zip(told, (0, 150), strict=True):
        axes.annotate(
            words,
            (0, 1),
            (right, 5),
            xycoords="axes fraction",
            textcoords="offset points",
            color=colour,
        )


def draw_matrix(axes: Axes, curve: Curve, bands: list[Band]) -> None:
    """A stroke where a study has a value of a choice, its colour that of the estimate above."""
    axes.set_xlim(-0.5, len(curve.rows) - 0.5)
    axes.set_ylim(bands[-1].bottom, 0)
    axes.axis("off")
    width = float(np.clip(0.7 * column_points(curve), 0.5, 5.0))
    for band in bands:
        half = 0.34 * band.step
        axes.hlines(band.heights, -0.5, len(curve.rows) - 0.5, color=GRID, linewidth=0.6)
        at = curve.rows[band.choice].map(dict(zip(band.values, band.heights, strict=True)))
        for clear, colour in ((False, MUTED), (True, OBSERVED)):
            some = at[(curve.side != 0) == clear]
            draw_strokes(axes, some.index, some - half, some + half, colour, width)
        label_band(axes, band)


def label_band(axes: Axes, band: Band) -> None:
    """The choice above its values; of many values every second, third or so is named."""
    place = axes.get_yaxis_transform()
    named = -(-len(band.values) // TALLEST)
    left = -LEFT / (WIDTH - LEFT - RIGHT) + 0.02
    heading = band.choice.replace("_", " ").capitalize()
    axes.text(left, band.heading, heading, transform=place, va="center", color=MUTED)
    for value, height in list(zip(band.values, band.heights, strict=True))[::named]:
        axes.text(
            -0.015,
            height,
            "\n".join(name_lines(value)) if band.step == ROW else plain(value, NAME),
            transform=place,
            ha="right",
            va="center",
            color=INK,
        )


def caption_curve(curve: Curve) -> str:
    """What to read off the chart, and what not."""
    return (
        f"Each column is one {curve.each}: {curve.estimand.lower()}, least first; a stroke below "
        "it marks the value that it has of each choice. Choices in which they do not differ are "
        f"left out. {curve.caution}"
    )
