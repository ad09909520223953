"""The specification curve: estimates sorted, beside the choices that made each of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.axes import Axes
from words import count, signed

from charts.marks import draw_intervals, name_rows
from charts.palette import GRID, INK, MUTED, OBSERVED
from charts.sheet import WIDTH, Figure, Sheet, plain, sheet
from charts.svg import Value

LEFT, RIGHT = 2.5, 0.15
"""Margins of the axes in inches: names of values stand in the left one."""
CURVE, BETWEEN = 2.1, 0.1
"""Heights in inches: the curve, the space under it."""
ROW = 15.5
"""Points from one value of a choice to the next."""
TALLEST = 40
"""Rows beyond which the values of a choice move closer and not all are named."""
POINTS = 72
NAME = 26
"""Letters of a value's name."""


@dataclass(frozen=True, eq=False)
class Curve:
    """Estimates of one estimand, least first.

    `rows` has a row an estimate: its name, estimate, lower, upper, p_value, and a column of text
    for each of `choices`, those in which they differ, empty where one has no part in a choice.
    `untold` are those without an estimate; `each` says what one is, `caution` what many do not
    tell.
    """

    kind: str
    estimand: str
    unit: str
    rows: pd.DataFrame
    choices: tuple[str, ...]
    untold: tuple[str, ...]
    each: str
    caution: str

    @property
    def side(self) -> pd.Series:
        """−1, 0 or 1 by row: the interval lies below zero, holds it, or lies above it."""
        above, below = self.rows["lower"] > 0, self.rows["upper"] < 0
        return above.astype(int) - below.astype(int)

    @property
    def sentence(self) -> str:
        """The curve in a sentence or two."""
        estimates, side = self.rows["estimate"], self.side
        least, median, greatest = map(
            signed, (estimates.min(), estimates.median(), estimates.max())
        )
        many = count(len(estimates), "estimate runs", "estimates run")
        text = (
            f"{self.estimand}: {many} from {least} to {greatest} "
            f"{self.unit}, median {median} {self.unit}. Intervals wholly below zero: "
            f"{(side < 0).sum()}, wholly above: {(side > 0).sum()}, across it: {(side == 0).sum()}."
        )
        return f"{text} Without an estimate: {', '.join(self.untold)}." if self.untold else text


ONE_THING_EACH = (
    "Every variant changes one thing and is fitted to nearly the same months, so they are not "
    "independent: how many intervals leave out zero is a count, and the test of all together is "
    "in the text."
)


def variant_curve(table: pd.DataFrame, estimand: str) -> Curve:
    """The variants that could be estimated, sorted, over what was changed.

    table: aspect, variant, estimate, lower, upper and p_value, a row a variant, in percent.
    """
    told = table.dropna(subset="estimate").sort_values(["estimate", "variant"], ignore_index=True)
    aspects = tuple(dict.fromkeys(table["aspect"]))
    changed = {aspect: told["variant"].where(told["aspect"] == aspect) for aspect in aspects}
    return Curve(
        "variants",
        estimand,
        "%",
        told[["variant", "estimate", "lower", "upper", "p_value"]].assign(**changed),
        tuple(aspect for aspect in aspects if changed[aspect].notna().any()),
        tuple(table.loc[table["estimate"].isna(), "variant"]),
        "variant",
        ONE_THING_EACH,
    )


def choice_curve(
    rows: pd.DataFrame,
    chosen: pd.DataFrame,
    *,
    kind: str,
    estimand: str,
    unit: str,
    each: str,
    caution: str,
) -> Curve:
    """Estimates sorted, over what was chosen where they differ in it.

    rows: estimate, lower, upper, p_value and the column `each`, their names; chosen: of the same
    rows, a column of text a choice.
    """
    told = rows.dropna(subset="estimate").sort_values(["estimate", each])
    values = chosen.loc[told.index]
    differ = tuple(str(name) for name in values if values[name].nunique() > 1)
    numbers = told[[each, "estimate", "lower", "upper", "p_value"]]
    curve = numbers.join(values[list(differ)]).reset_index(drop=True)
    untold = tuple(rows.loc[rows["estimate"].isna(), each])
    return Curve(kind, estimand, unit, curve, differ, untold, each, caution)


def compare_choices(curves: Sequence[Curve]) -> pd.DataFrame:
    """One row a value of a choice: how many estimates it has, their median, how many are clear.

    The estimand is named where there are several.
    """
    rows = [
        {
            "estimand": curve.estimand,
            "choice": name.replace("_", " "),
            "value": value,
            "studies": len(some),
            "median": some["estimate"].median(),
            "least": some["estimate"].min(),
            "greatest": some["estimate"].max(),
            "exclude zero": int((curve.side[some.index] != 0).sum()),
        }
        for curve in curves
        for name in curve.choices
        for value, some in curve.rows.groupby(name, sort=False)
    ]
    table = pd.DataFrame(rows)
    return table.drop(columns="estimand") if len(curves) == 1 else table


def plot_specification(curve: Curve, *, source: str) -> Figure:
    """Estimates with their intervals, and the choices behind each.

    Where each estimate has a value of one choice alone, its name stands beside it; where they
    differ in several, a matrix under the curve marks the values of each.
    """
    named = curve.rows[list(curve.choices)].notna().sum(axis=1).eq(1).all()
    if named and len(curve.rows) <= TALLEST:
        return plot_named(curve, source)
    return plot_matrix(curve, source)


def by_side(curve: Curve) -> list[tuple[npt.NDArray[np.bool_], str]]:
    """Which intervals hold zero and which exclude it, and the colour of each."""
    clear = (curve.side != 0).to_numpy()
    return [(~clear, MUTED), (clear, OBSERVED)]


def title_of(curve: Curve) -> str:
    """How many intervals exclude zero, and where the estimates lie."""
    clear, estimates = int((curve.side != 0).sum()), curve.rows["estimate"]
    verb = "excludes" if clear == 1 else "exclude"
    span = f"{signed(estimates.min())} to {signed(estimates.max())} {curve.unit}"
    return f"{clear} of {len(curve.rows)} intervals {verb} zero; estimates run from {span}"


def finished(on: Sheet, curve: Curve, how: str, values: list[Value]) -> Figure:
    """The figure of a curve; `how` says where the choices stand."""
    caption = (
        f"{how} Choices in which they do not differ are left out. Blue intervals exclude "
        f"zero, grey ones hold it. {curve.caution}"
    )
    stem = f"specifications-{curve.kind}"
    told = {curve.estimand: values}
    return on.figure(stem, "Specification curve", curve.sentence, caption, curve.rows, told)


def words_of(curve: Curve) -> list[str]:
    """What each estimate says when it is pointed at."""
    return [
        f"{', '.join(str(row[one]) for one in curve.choices if pd.notna(row[one]))}: "
        f"{signed(row['estimate'])} {curve.unit} ({signed(row['lower'])} to {signed(row['upper'])})"
        for row in curve.rows.to_dict("records")
    ]


def plot_named(curve: Curve, source: str) -> Figure:
    """One line an estimate, its name on the left, its number on the right."""
    rows = curve.rows.reset_index(drop=True)
    names = rows[list(curve.choices)].bfill(axis=1).iloc[:, 0]
    labels = ["\n".join(wrap(plain(str(name)), 25)) for name in names]
    extra = np.array([label.count("\n") for label in labels])
    tall = 0.2 * (1.25 * len(rows) + 1 + extra.sum())
    units = f"{curve.estimand}, in {curve.unit}, with intervals; one line a {curve.each}"
    with sheet(title_of(curve), units, source=source, tall=tall, left=2.35, right=0.6) as on:
        heights = np.cumsum(1.25 + extra)
        middles = heights - extra / 2
        for some, colour in by_side(curve):
            ends = (rows.loc[some, side] for side in ("lower", "upper"))
            draw_intervals(on.axes, middles[some], *ends, colour=colour, level=True)
            on.axes.plot(rows.loc[some, "estimate"], middles[some], "o", color=colour, markersize=5)
        on.axes.axvline(0, color=INK, linewidth=0.8)
        name_rows(on.axes, middles, labels)
        on.axes.set_ylim(heights[-1] + 1, 0)
        on.axes.locator_params(axis="x", nbins=4)
        right = on.axes.get_yaxis_transform()
        for middle, estimate in zip(middles, rows["estimate"], strict=True):
            on.axes.text(1.04, middle, signed(estimate), transform=right, va="center", color=INK)
        values = list(zip(rows["estimate"], middles, words_of(curve), strict=True))
        how = f"Each line is one {curve.each}: {curve.estimand.lower()}, least first."
        return finished(on, curve, how, values)


@dataclass(frozen=True)
class Band:
    """One choice in the matrix: its values from the top, and where they lie, in points downwards.

    `step` is the distance from one to the next; `heading` is where the choice is named.
    """

    choice: str
    values: list[str]
    heights: np.ndarray
    step: float
    heading: float


def plot_matrix(curve: Curve, source: str) -> Figure:
    """Estimates with their intervals from left to right, and under each the choices behind it."""
    bands = list(place_bands(curve))
    matrix = (bands[-1].heights[-1] + ROW / 2) / POINTS if bands else 0.0
    units = f"{curve.estimand}, in {curve.unit}, with intervals; one column a {curve.each}"
    room = {"tall": matrix, "above": CURVE + BETWEEN, "left": LEFT, "right": RIGHT}
    with sheet(title_of(curve), units, source=source, **room) as on:
        draw_matrix(on.axes, curve, bands)
        upper = on.panel(BETWEEN, CURVE)
        draw_curve(upper, curve)
        heights = on.axes.transData.inverted().transform(
            upper.transData.transform(np.column_stack([curve.rows.index, curve.rows["estimate"]]))
        )
        values = [(x, y, words) for (x, y), words in zip(heights, words_of(curve), strict=True)]
        how = (
            f"Each column is one {curve.each}: {curve.estimand.lower()}, least first; a stroke "
            "below it marks the value that it has of each choice."
        )
        return finished(on, curve, how, values)


def place_bands(curve: Curve) -> Iterator[Band]:
    """The choices one under the other, the values of each by their median estimate."""
    top = 0.0
    for choice in curve.choices:
        medians = curve.rows.groupby(choice)["estimate"].median().sort_values(kind="stable")
        step = ROW * min(1.0, TALLEST / len(medians))
        heights = top + ROW * 1.1 + step * (np.arange(len(medians)) + 0.5)
        yield Band(choice, [*map(str, medians.index)], heights, step, top + ROW * 0.6)
        top = heights[-1] + step / 2 + ROW * 0.3


def column_points(curve: Curve) -> float:
    """How wide the column of a study is."""
    return (WIDTH - LEFT - RIGHT) * POINTS / len(curve.rows)


def draw_curve(axes: Axes, curve: Curve) -> None:
    """Intervals as strokes, estimates as dots, the colour by whether the interval holds zero."""
    width = column_points(curve)
    size = float(np.clip(0.6 * width, 1.2, 4.0))
    thin = min(1.0, width / 2)
    for some, colour in by_side(curve):
        rows = curve.rows[some]
        draw_intervals(axes, rows.index, rows["lower"], rows["upper"], colour=colour, width=thin)
        axes.plot(rows.index, rows["estimate"], "o", color=colour, markersize=size)
    axes.axhline(0, color=INK, linewidth=0.8)
    axes.set_xlim(-0.5, len(curve.rows) - 0.5)
    axes.xaxis.set_visible(False)
    axes.spines["bottom"].set_visible(False)
    axes.yaxis.set_major_formatter(lambda value, _: signed(value))


def draw_matrix(axes: Axes, curve: Curve, bands: list[Band]) -> None:
    """A stroke where a study has a value of a choice, its colour that of the estimate above."""
    axes.set_xlim(-0.5, len(curve.rows) - 0.5)
    axes.axis("off")
    if bands:
        axes.set_ylim(bands[-1].heights[-1] + ROW / 2, 0)
    width = float(np.clip(0.7 * column_points(curve), 0.5, 5.0))
    for band in bands:
        half = 0.34 * band.step
        axes.hlines(band.heights, -0.5, len(curve.rows) - 0.5, color=GRID, linewidth=0.6)
        at = curve.rows[band.choice].map(dict(zip(band.values, band.heights, strict=True)))
        for some, colour in by_side(curve):
            marks = at[some]
            draw_intervals(
                axes, marks.index, marks - half, marks + half, colour=colour, width=width
            )
        label_band(axes, band)


def label_band(axes: Axes, band: Band) -> None:
    """The choice above its values; of many values every second, third or so is named."""
    place = axes.get_yaxis_transform()
    named = -(-len(band.values) // TALLEST)
    left = -LEFT / (WIDTH - LEFT - RIGHT) + 0.02
    heading = band.choice.replace("_", " ").capitalize()
    axes.text(left, band.heading, heading, transform=place, va="center", color=MUTED)
    for value, height in list(zip(band.values, band.heights, strict=True))[::named]:
        style: dict[str, Any] = {"transform": place, "ha": "right", "va": "center", "color": INK}
        axes.text(-0.015, height, plain(value, NAME), **style)
