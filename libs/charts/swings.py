"""Monthly swings, with the unusual ones marked."""

from __future__ import annotations

import numpy as np
import pandas as pd
from effects.swing import too_few
from matplotlib.axes import Axes
from matplotlib.transforms import Bbox
from tradedata.destinations import destination_name

from charts.figure import Figure
from charts.palette import INK, MODEL, MUTED, OBSERVED
from charts.sheet import (
    SOURCE,
    days,
    label_points,
    month_axis,
    month_name,
    share,
    sheet,
)
from charts.svg import render

TICKS_UP = (10.0, 33.0, 100.0, 300.0, 700.0, 1500.0)
TICKS_DOWN = (-10.0, -25.0, -50.0, -75.0, -87.5, -95.0)
MOST_LABELS = 9


def plot_swings(
    table: pd.DataFrame, destination: str, focus: str, baseline_end: str, level: float
) -> Figure:
    """Change of each month on the month before; unusual ones and the month `focus` are named.

    table: month, change_pct, expected_pct, residual, p_value, unusual; its p-values are ranks at
    `level` among the changes up to `baseline_end`.
    """
    rows = table.dropna(subset="change_pct").reset_index(drop=True)
    month = pd.Timestamp(focus)
    title = f"Monthly swings in magnet exports to {destination_name(destination)}"
    calm = int((rows["month"] <= pd.Timestamp(baseline_end)).sum())
    finding = describe_swings(rows, month) + too_few_to_mark(calm, level)
    alt = f"Dot chart on a log scale, {title}. {finding}"
    with sheet(title, "Change on the month before, percent (log scale)", right=1.2) as (
        drawing,
        axes,
    ):
        draw_swings(axes, rows, month)
        swing_axis(axes)
        month_axis(axes)
        label_points(axes, swing_labels(rows, month), stem_boxes(axes, rows))
        picture = render(drawing, title, alt)
    return Figure("swings", picture, alt, finding, caption_swings(calm, level), rows, SOURCE)


def log_change(percent: pd.Series | list[float]) -> np.ndarray:
    """Percent changes as logs of the ratio of the two months."""
    return np.log1p(np.asarray(percent, dtype="float64") / 100)


def draw_swings(axes: Axes, rows: pd.DataFrame, focus: pd.Timestamp) -> None:
    """Each change as a dot on a stem from the change expected; a ring around the focus."""
    x, change = days(rows["month"]), log_change(rows["change_pct"])
    expected = log_change(rows["expected_pct"].fillna(0.0))
    for unusual, colour in ((False, OBSERVED), (True, MODEL)):
        some = (rows["unusual"] == unusual).to_numpy()
        axes.vlines(x[some], expected[some], change[some], color=colour, linewidth=1.0)
        axes.plot(
            x[some],
            change[some],
            color=colour,
            linestyle="none",
            marker="D" if unusual else "o",
            markersize=4.5 if unusual else 3.2,
        )
    asked = (rows["month"] == focus).to_numpy()
    axes.plot(
        x[asked],
        change[asked],
        color=INK,
        linestyle="none",
        marker="o",
        markersize=8,
        fillstyle="none",
        markeredgewidth=1,
    )
    axes.axhline(0, color=MUTED, linewidth=0.8)


def swing_axis(axes: Axes) -> None:
    """Label a log axis with the percent changes it stands for, none too close to the next."""
    low, high = axes.get_ylim()
    least = 0.075 * (high - low)
    shown = [0.0]
    for ticks in (TICKS_UP, TICKS_DOWN):
        last = 0.0
        for tick, place in zip(ticks, log_change(list(ticks)), strict=True):
            if low <= place <= high and abs(place - last) >= least:
                shown.append(tick)
                last = float(place)
    axes.set_yticks(
        list(log_change(shown)),
        [f"{tick:+g}".replace("-", "−") if tick else "0" for tick in shown],
    )


def stem_boxes(axes: Axes, rows: pd.DataFrame) -> list[Bbox]:
    """Boxes around the stems and their markers, for labels to keep clear of."""
    x = days(rows["month"])
    ends = (log_change(rows["expected_pct"]), log_change(rows["change_pct"]))
    low, high = (axes.transData.transform(np.column_stack([x, end])) for end in ends)
    return [
        Bbox([np.minimum(a, b) - 5, np.maximum(a, b) + 5]) for a, b in zip(low, high, strict=True)
    ]


def swing_labels(rows: pd.DataFrame, focus: pd.Timestamp) -> list[tuple[float, float, str, str]]:
    """Labels of the month asked about and of the unusual ones, the least likely first."""
    wanted = rows[(rows["month"] == focus) | rows["unusual"]].assign(
        first=lambda frame: frame["month"] != focus
    )
    ordered = wanted.sort_values(["first", "p_value", "month"]).head(MOST_LABELS)
    return [
        (x, y, f"{month:%b %Y} {percent(change)}", MODEL if unusual else INK)
        for x, y, month, change, unusual in zip(
            days(ordered["month"]),
            log_change(ordered["change_pct"]),
            ordered["month"],
            ordered["change_pct"],
            ordered["unusual"],
            strict=True,
        )
    ]


def percent(change: float) -> str:
    """A percent change with its sign and a true minus."""
    return f"{change:+,.{0 if abs(change) >= 100 else 1}f} %".replace("-", "−")


def describe_swings(rows: pd.DataFrame, focus: pd.Timestamp) -> str:
    """What the chart shows, in numbers."""
    text = (
        f"Of {len(rows)} known changes from {month_name(rows['month'].iloc[0])} to "
        f"{month_name(rows['month'].iloc[-1])}, {name_unusual(rows[rows['unusual']])}."
    )
    asked = rows[rows["month"] == focus]
    if asked.empty:
        return f"{text} {month_name(focus)}, the month asked about, has no observed change."
    change, expected, p_value = asked[["change_pct", "expected_pct", "p_value"]].iloc[0]
    return (
        f"{text} {month_name(focus)}, the month asked about, changed by {percent(change)}; "
        f"{percent(expected)} was expected (p = {p_value:.3f})."
    )


def name_unusual(rows: pd.DataFrame) -> str:
    """How many changes are unusual, and which."""
    if rows.empty:
        return "none is unusual"
    pairs = zip(rows["month"], rows["change_pct"], strict=True)
    listed = ", ".join(f"{month_name(month)} ({percent(change)})" for month, change in pairs)
    return f"{'one is' if len(rows) == 1 else f'{len(rows)} are'} unusual: {listed}"


def too_few_to_mark(calm: int, level: float) -> str:
    """Why no change can be unusual, where a rank among `calm` changes cannot be so low."""
    why = too_few(calm, level)
    return f" None could be called unusual: {why}." if why else ""


def caption_swings(calm: int, level: float) -> str:
    """What to read off the chart."""
    marked = (
        " Diamonds are unusual: their stems, each over its own standard deviation, are longer than "
        f"{share(level)} of the {calm} of the calm past. So a small rise can be unusual where a "
        f"fall was due, and {100 * (1 - level):.2g} in a hundred are by chance alone."
    )
    return (
        "Change of each month on the month before. A stem runs from the change that season and "
        "Lunar New Year led to expect to the change that came."
        f"{too_few_to_mark(calm, level) or marked} On the log scale a halving is as long as a "
        "doubling."
    )
