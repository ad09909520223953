"""Effects drawn: observed against expected, swings, the bridge of a change, breaks."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from effects import Bridge, Counterfactual
from effects.swing import too_few
from matplotlib.axes import Axes
from matplotlib.dates import date2num
from matplotlib.ticker import MaxNLocator
from matplotlib.transforms import Bbox

from charts.figure import Figure
from charts.palette import INK, MODEL, MUTED, OBSERVED
from charts.series import (
    PHASES_SHADED,
    caption_wide,
    draw_bounds,
    draw_observed,
    level_values,
    select_months,
    top_of,
)
from charts.sheet import (
    PHASES,
    days,
    draw_phases,
    label_ends,
    label_points,
    month_limits,
    month_name,
    percent,
    plain,
    sentence_case,
    share,
    sheet,
    signed,
    tonnes_axis,
)
from charts.svg import Value, render

LEAD = 24
"""Months shown before the event."""


def plot_counterfactual(
    table: pd.DataFrame, start: str, level: float, marks: pd.DataFrame, *, name: str, source: str
) -> Figure:
    """Observed and expected tonnes a month, with the interval and the effect shaded.

    table: month, observed, observed_lower, observed_upper, counterfactual, lower, upper, effect,
    effect_lower, effect_upper, in tonnes; the effect is drawn from `start` on. name: what the
    series is called in a sentence.
    """
    first = pd.Timestamp(start)
    rows = table[table["month"] >= first - pd.DateOffset(months=LEAD)].reset_index(drop=True)
    title = title_counterfactual(rows, first, name)
    finding = describe_counterfactual(rows, first, level)
    alt = f"Line chart, {name} by month, observed and expected. {finding}"
    with sheet(title, "Tonnes a month", source=source, above=PHASES, height=5.4) as (drawing, axes):
        draw_model(axes, rows, first)
        axes.plot(days(rows["month"]), rows["observed"], color=OBSERVED, marker="o")
        tonnes_axis(axes)
        axes.set_ylim(0, model_top(rows))
        month_limits(axes, rows["month"])
        label_lines(axes, rows, level)
        label_widest(axes, rows, first)
        draw_phases(axes, marks)
        picture = render(drawing, title, alt, model_values(rows, first))
    caption = caption_counterfactual(rows, name, first, level)
    return Figure("counterfactual", picture, alt, finding, caption, rows, source)


def told_months(rows: pd.DataFrame, first: pd.Timestamp) -> pd.DataFrame:
    """The months from `first` on whose effect can be told, by the size of the effect."""
    after = rows[(rows["month"] >= first) & rows["effect"].notna()]
    return after.loc[after["effect"].abs().sort_values().index]


def is_outside(rows: pd.DataFrame) -> pd.Series:
    """Which months were observed outside their interval."""
    return (rows["observed"] < rows["lower"]) | (rows["observed"] > rows["upper"])


def title_counterfactual(rows: pd.DataFrame, first: pd.Timestamp, name: str) -> str:
    """What the chart shows, in a line."""
    after = told_months(rows, first)
    widest = after.iloc[-1]
    if not is_outside(after).any():
        return f"{sentence_case(name)} stayed in the expected range from {month_name(first)} on"
    way = "below" if widest["effect"] < 0 else "above"
    return f"{sentence_case(name)} were furthest {way} normal in {month_name(widest['month'])}"


def label_widest(axes: Axes, rows: pd.DataFrame, first: pd.Timestamp) -> None:
    """Write what was observed and expected in the month of the widest gap at its points.

    Where every month lies inside its interval, no gap is worth a label.
    """
    told = told_months(rows, first)
    widest = told.iloc[-1]
    if not is_outside(told).any():
        return
    day = float(days([widest["month"]])[0])
    fell = widest["effect"] < 0
    points = [
        (widest["observed"], f"{widest['observed']:,.0f} in\n{widest['month']:%b %Y}", OBSERVED),
        (widest["counterfactual"], f"{widest['counterfactual']:,.0f} expected", MODEL),
    ]
    for value, words, colour in points:
        below = (colour == OBSERVED) == fell
        room = axes.get_window_extent()
        place = float(axes.transData.transform((day, value))[1]) - room.y0
        rise = max(-2.0, 18 - place) if below else min(62.0, room.height - place - 8)
        axes.annotate(
            words,
            (day, value),
            (-14, rise),
            textcoords="offset points",
            color=colour,
            ha="right",
            va="center",
            fontweight="bold",
            arrowprops={"arrowstyle": "-", "color": colour, "linewidth": 0.7, "shrinkB": 4},
        )


def model_values(rows: pd.DataFrame, first: pd.Timestamp) -> list[Value]:
    """What each month says when its observed value is pointed at."""
    seen = rows.dropna(subset="observed")
    values = []
    for x, row in zip(days(seen["month"]), seen.to_dict("records"), strict=True):
        words = f"{month_name(row['month'])}: {row['observed']:,.0f} observed"
        if row["month"] >= first and pd.notna(row["counterfactual"]):
            ends = f"{row['lower']:,.0f} to {row['upper']:,.0f}"
            words += f"; {row['counterfactual']:,.0f} expected ({ends})"
        values.append((x, row["observed"], words))
    return values


def model_top(rows: pd.DataFrame) -> float:
    """The top of the chart: twice the highest month observed, unless all lies lower."""
    everything = rows[["observed", "upper"]].max().max()
    return float(min(1.05 * everything, 2 * rows["observed"].max()))


def draw_model(axes: Axes, rows: pd.DataFrame, first: pd.Timestamp) -> None:
    """The counterfactual, its interval up to where the model ends, and the gap from `first` on."""
    after = (rows["month"] >= first).to_numpy()
    x = days(rows["month"])
    axes.fill_between(
        x, rows["lower"], rows["upper"], where=after, color=MODEL, alpha=0.16, linewidth=0
    )
    axes.fill_between(
        x,
        rows["observed"],
        rows["counterfactual"],
        where=after,
        color=OBSERVED,
        alpha=0.22,
        linewidth=0,
    )
    known = after & rows["counterfactual"].notna().to_numpy()
    lone = known & ~np.roll(known, 1) & ~np.roll(known, -1)
    axes.bar(
        x[lone],
        (rows["upper"] - rows["lower"])[lone],
        bottom=rows["lower"][lone],
        width=24,
        color=MODEL,
        alpha=0.16,
    )
    axes.plot(
        x[after], rows["counterfactual"][after], color=MODEL, linestyle=(0, (4, 2)), marker="_"
    )
    if known.any():
        end = np.flatnonzero(known)[-1]
        axes.vlines(x[end], rows["lower"][end], rows["upper"][end], color=MODEL, linewidth=1.2)


def label_lines(axes: Axes, rows: pd.DataFrame, level: float) -> None:
    """Name both lines at their ends."""
    x = days(rows["month"])
    seen, drawn = rows["observed"].last_valid_index(), rows["counterfactual"].last_valid_index()
    labels = [
        (rows["observed"][seen], "observed", OBSERVED),
        (rows["counterfactual"][drawn], f"expected,\n{share(level)}\ninterval", MODEL),
    ]
    label_ends(axes, x[-1], labels)


def describe_counterfactual(rows: pd.DataFrame, first: pd.Timestamp, level: float) -> str:
    """What the chart shows, in numbers."""
    after = told_months(rows, first)
    widest, outside = after.iloc[-1], int(is_outside(after).sum())
    return (
        f"{outside or 'None'} of the {len(after)} months observed from {month_name(first)} on "
        f"{'lies' if outside == 1 else 'lie'} outside the {share(level)} interval of what was "
        f"expected. The gap is widest in {month_name(widest['month'])}: {widest['observed']:,.0f} "
        f"tonnes observed against {widest['counterfactual']:,.0f} expected "
        f"({widest['lower']:,.0f} to {widest['upper']:,.0f})."
    )


def caption_counterfactual(rows: pd.DataFrame, name: str, first: pd.Timestamp, level: float) -> str:
    """What to read off the chart."""
    text = (
        f"{sentence_case(name)}: observed (solid) and what the model expects without the event "
        f"from {month_name(first)} on (dashed, with its {share(level)} interval). The shaded gap "
        f"between the lines is the estimated effect. {PHASES_SHADED}"
    )
    if rows["upper"].max() > model_top(rows):
        text += f" The interval is cut off; it reaches {rows['upper'].max():,.0f} tonnes."
    return text


RELATIVE_LEAD = 12
"""Months shown before the window."""


def plot_relative(
    effect: Counterfactual,
    start: str,
    level: float,
    marks: pd.DataFrame,
    *,
    name: str,
    source: str,
) -> Figure:
    """The ratio's path: observed, and what the baseline led one to expect from `start` on.

    effect: of the series of tonnes for every 100 to the rest; name: what the series is called.
    """
    first = pd.Timestamp(start)
    path = effect.path[["observed", "counterfactual", "lower", "upper"]]
    months = pd.PeriodIndex(path.index).to_timestamp()
    rows = path.set_axis(months, axis="index").rename_axis("month").reset_index()
    rows = rows[rows["month"] >= first - pd.DateOffset(months=RELATIVE_LEAD)].reset_index(drop=True)
    title, finding = describe_relative(rows, name, first, level)
    alt = f"Line chart, {name} against all others, by month. {title}. {finding}"
    units = "Tonnes for every 100 to the rest"
    with sheet(title, units, source=source, above=PHASES, height=5.2) as (drawing, axes):
        draw_model(axes, rows, first)
        axes.plot(days(rows["month"]), rows["observed"], color=OBSERVED, marker="o")
        tonnes_axis(axes)
        month_limits(axes, rows["month"])
        label_lines(axes, rows, level)
        draw_phases(axes, marks)
        picture = render(drawing, title, alt)
    return Figure("relative", picture, alt, finding, caption_relative(level), rows, source)


def describe_relative(
    rows: pd.DataFrame, name: str, first: pd.Timestamp, level: float
) -> tuple[str, str]:
    """What the chart shows, in a line and in numbers."""
    told = rows[(rows["month"] >= first) & rows[["observed", "counterfactual"]].notna().all(axis=1)]
    gap = 100 * (told["observed"] / told["counterfactual"] - 1)
    deepest = told.loc[gap.sort_values().index].iloc[0]
    lead = "fell furthest behind" if gap.min() < 0 else "were never behind, and least ahead of,"
    title = f"{sentence_case(name)} {lead} the rest in {month_name(deepest['month'])}"
    return title, (
        f"{title}: {deepest['observed']:.1f} tonnes for every 100 to all "
        f"others, where {deepest['counterfactual']:.1f} were to be expected "
        f"({signed(gap.min())} %). {int((told['observed'] < told['lower']).sum())} of {len(told)} "
        f"months lie below the {share(level)} interval."
    )


def caption_relative(level: float) -> str:
    """What to read off the chart."""
    return (
        "Tonnes for every 100 to the rest, in months in which both are known "
        f"(solid), and what the months of the baseline led one to expect (dashed, with its "
        f"{share(level)} interval). What hits all destinations alike does not show here. "
        f"{PHASES_SHADED}"
    )


TICKS_UP = (10.0, 33.0, 100.0, 300.0, 700.0, 1500.0)
TICKS_DOWN = (-10.0, -25.0, -50.0, -75.0, -87.5, -95.0)
MOST_LABELS = 6


def plot_swings(
    table: pd.DataFrame, focus: str, baseline_end: str, level: float, *, name: str, source: str
) -> Figure:
    """Change of each month on the month before; unusual ones and the month `focus` are named.

    table: month, change_pct, expected_pct, residual, p_value, unusual; its p-values are ranks at
    `level` among the changes up to `baseline_end`. name: what the series is called in a sentence.
    """
    rows = table.dropna(subset="change_pct").reset_index(drop=True)
    month = pd.Timestamp(focus)
    many = int(rows["unusual"].sum())
    told = f"{many} of {len(rows)}" if many else f"None of {len(rows)}"
    title = f"{told} monthly changes in {name} {'are' if many > 1 else 'is'} unusual"
    calm = int((rows["month"] <= pd.Timestamp(baseline_end)).sum())
    finding = describe_swings(rows, month) + too_few_to_mark(calm, level)
    alt = f"Dot chart on a log scale, {title}. {finding}"
    units = "Change on the month before, percent (log scale)"
    with sheet(title, units, source=source, right=0.95, height=4.2) as (drawing, axes):
        draw_swings(axes, rows, month)
        axes.margins(y=0.14)
        swing_axis(axes)
        month_limits(axes, rows["month"])
        label_points(axes, swing_labels(rows, month), stem_boxes(axes, rows))
        picture = render(drawing, title, alt, swing_values(rows))
    return Figure("swings", picture, alt, finding, caption_swings(calm, level), rows, source)


def swing_values(rows: pd.DataFrame) -> list[Value]:
    """What each change says when it is pointed at."""
    columns = (days(rows["month"]), log_change(rows["change_pct"]), rows.to_dict("records"))
    return [
        (
            x,
            y,
            f"{month_name(row['month'])}: {swing_percent(row['change_pct'])}; "
            f"{swing_percent(row['expected_pct'])} expected",
        )
        for x, y, row in zip(*columns, strict=True)
    ]


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
        (x, y, f"{month:%b %Y}\n{swing_percent(change)}", MODEL if unusual else INK)
        for x, y, month, change, unusual in zip(
            days(ordered["month"]),
            log_change(ordered["change_pct"]),
            ordered["month"],
            ordered["change_pct"],
            ordered["unusual"],
            strict=True,
        )
    ]


def swing_percent(change: float) -> str:
    """A percent change, to a tenth where it has fewer than three digits."""
    return percent(change, 0 if abs(change) >= 100 else 1)


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
        f"{text} {month_name(focus)}, the month asked about, changed by {swing_percent(change)}; "
        f"{swing_percent(expected)} was expected (p = {p_value:.3f})."
    )


def name_unusual(rows: pd.DataFrame) -> str:
    """How many changes are unusual, and which."""
    if rows.empty:
        return "none is unusual"
    pairs = zip(rows["month"], rows["change_pct"], strict=True)
    listed = ", ".join(f"{month_name(month)} ({swing_percent(change)})" for month, change in pairs)
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


SURE = 1.0
"""Tonnes that bounds must lie apart to be drawn."""
BRIDGE_RIGHT = 0.85
"""The right margin in inches, where the changes stand in a column."""


def plot_bridge(
    bridge: Bridge, before: float, *, names: Callable[[str], str], name: str, source: str
) -> Figure:
    """A waterfall from the total `before`, in tonnes, over each part's change to the new total.

    names: what a part is called, `others` and the total among them; name: what the total is called
    in a sentence.
    """
    rows = bridge_steps(bridge, before, names)
    then, now = (month_name(period.to_timestamp()) for period in (bridge.base, bridge.period))
    change = float(bridge.change["estimate"])
    verb = "rose" if change > 0 else "fell"
    title = f"{sentence_case(name)} {verb} by {abs(change):,.0f} tonnes from {then} to {now}"
    units = f"Change in tonnes, from {before:,.0f} to {rows['total'].iloc[-1]:,.0f} tonnes a month"
    finding = describe_bridge(bridge, rows, name)
    alt = f"Waterfall chart. {finding}"
    height = 1.9 + 0.3 * len(rows)
    with sheet(title, units, source=source, height=height, left=1.75, right=BRIDGE_RIGHT) as (
        drawing,
        axes,
    ):
        draw_steps(axes, rows)
        label_steps(axes, rows)
        label_changes(axes, rows)
        picture = render(drawing, title, alt)
    return Figure("bridge", picture, alt, finding, caption_bridge(bridge, name), rows, source)


def bridge_steps(bridge: Bridge, before: float, names: Callable[[str], str]) -> pd.DataFrame:
    """One row a bar from top to bottom: step, start, change, lower, upper, total in tonnes.

    `start` counts from the total before; `total` is the world total a step leads to.
    """
    change = bridge.parts[["estimate", "lower", "upper"]]
    whole = bridge.change[["estimate", "lower", "upper"]].to_frame().T
    steps = pd.concat([change, whole], ignore_index=True).rename(columns={"estimate": "change"})
    ends = change["estimate"].cumsum().to_numpy()
    steps.insert(0, "step", [*map(names, bridge.parts.index), "in all"])
    steps.insert(1, "start", [0.0, *ends[:-1], 0.0])
    return steps.assign(total=before + steps["start"] + steps["change"])


def draw_steps(axes: Axes, rows: pd.DataFrame) -> None:
    """Bars, thin joints between them, and the bounds of a change where they can be seen."""
    lines, end = np.arange(len(rows)), rows["start"] + rows["change"]
    world = lines == lines[-1]
    for some, colour in (
        (world, MUTED),
        (~world & (rows["change"] >= 0), OBSERVED),
        (~world & (rows["change"] < 0), MODEL),
    ):
        axes.barh(
            lines[some], rows["change"][some], left=rows["start"][some], height=0.66, color=colour
        )
    axes.vlines(end.iloc[:-1], lines[:-1] - 0.33, lines[:-1] + 1.33, MUTED, linewidth=0.6)
    wide = (rows["upper"] - rows["lower"] > SURE).to_numpy()
    low, high = rows["start"] + rows["lower"], rows["start"] + rows["upper"]
    axes.hlines(lines[wide], low[wide], high[wide], color=INK, linewidth=1.2)
    axes.axvline(0, color=MUTED, linewidth=0.8)


def label_steps(axes: Axes, rows: pd.DataFrame) -> None:
    """Name each bar on the left, and tonnes on the axis below, few enough to stand apart."""
    axes.set_yticks(range(len(rows)), [plain(step, 26) for step in rows["step"]], color=INK)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.grid(axis="y", visible=False)
    axes.grid(axis="x", visible=True)
    axes.spines["left"].set_visible(False)
    axes.xaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))
    axes.xaxis.set_major_formatter(lambda value, _: signed(value))


def label_changes(axes: Axes, rows: pd.DataFrame) -> None:
    """Write the tonnes of each bar in a column right of the axes, where no line runs."""
    for line, change in enumerate(rows["change"]):
        axes.annotate(
            signed(change),
            (1, line),
            (72 * BRIDGE_RIGHT - 6, 0),
            xycoords=axes.get_yaxis_transform(),
            textcoords="offset points",
            ha="right",
            va="center",
            color=INK,
            annotation_clip=False,
        )


def describe_bridge(bridge: Bridge, rows: pd.DataFrame, name: str) -> str:
    """What the chart shows, in numbers."""
    parts = rows.iloc[:-1]
    listed = "; ".join(
        f"{step} {signed(change)}"
        for step, change in zip(parts["step"], parts["change"], strict=True)
    )
    then, now = (month_name(period.to_timestamp()) for period in (bridge.base, bridge.period))
    world = rows.iloc[-1]
    return (
        f"{sentence_case(name)} went from {world['total'] - world['change']:,.0f} tonnes in {then} "
        f"to {rows['total'].iloc[-1]:,.0f} in {now}, a change of "
        f"{signed(bridge.change['estimate'])} tonnes: {listed}."
    )


def caption_bridge(bridge: Bridge, name: str) -> str:
    """What to read off the chart."""
    known = len(bridge.parts) - 1
    each = f"each of the {known} destinations" if known > 1 else "the one destination"
    parts = f"and what {each} known in both months added or took away" if known else "as a whole"
    return (
        f"{sentence_case(name)} in {month_name(bridge.base.to_timestamp())} and "
        f"{month_name(bridge.period.to_timestamp())}, {parts}. All others are the remainder. Thin "
        "bars show bounds where they are wider than a tonne."
    )


BREAK_UNITS = "Tonnes a month; the search was told nothing of policy"
FIRST_LABEL, STEP = 0.12, 0.1
"""Heights of the labels, from the bottom, as shares of the axes."""
ROOM = 0.045
"""How far labels stand from the nearest band, as a share of the axes."""


def plot_breaks(
    exports: pd.DataFrame,
    destination: str,
    shifts: pd.DataFrame,
    marks: pd.DataFrame,
    *,
    name: str,
    source: str,
) -> Figure:
    """Monthly exports with a band over the months in which each break may have come.

    shifts: the breaks of `destination`, as in the contract BreakShifts; marks: date and label.
    """
    rows = select_months(exports, destination)
    months = [month_name(pd.Timestamp(start)) for start in shifts["start"]]
    title = f"No break can be told in {name}"
    if months:
        title = f"{sentence_case(name)} change level in {' and in '.join(months)}"
    finding = describe_breaks(shifts, rows)
    alt = f"Line chart, {name} by month. {finding}"
    top = top_of(rows)
    with sheet(title, BREAK_UNITS, source=source, above=PHASES, height=5.3) as (drawing, axes):
        draw_bounds(axes, rows, top)
        tonnes_axis(axes)
        month_limits(axes, rows["month"])
        draw_bands(axes, shifts)
        draw_observed(axes, rows)
        label_bands(axes, shifts)
        draw_phases(axes, marks)
        picture = render(drawing, title, alt, level_values(rows))
    caption = caption_breaks(name) + caption_wide(rows, top)
    return Figure(f"breaks-{destination}", picture, alt, finding, caption, rows, source)


def draw_bands(axes: Axes, shifts: pd.DataFrame) -> None:
    """A band from the first day a break may have come to the last."""
    for first, last in zip(shifts["date_lower"], shifts["date_upper"], strict=True):
        after = pd.Timestamp(last) + pd.DateOffset(months=1)
        ends = date2num([pd.Timestamp(first), after])
        axes.axvspan(*ends, color=MODEL, alpha=0.35, linewidth=0)


def label_bands(axes: Axes, shifts: pd.DataFrame) -> None:
    """Each break's month and shift, low on the side of all bands that has more room."""
    if shifts.empty:
        return
    low, high = axes.get_xlim()
    x = days([pd.Timestamp(start) for start in shifts["start"]])
    leftward = x.mean() > (low + high) / 2
    edge = x.min() if leftward else x.max()
    for place, (day, start, shift) in enumerate(
        zip(x, shifts["start"], shifts["estimate"], strict=True)
    ):
        axes.annotate(
            f"{pd.Timestamp(start):%b %Y} {percent(shift)}",
            (day, FIRST_LABEL + STEP * place),
            (edge + (-1 if leftward else 1) * ROOM * (high - low), FIRST_LABEL + STEP * place),
            xycoords=axes.get_xaxis_transform(),
            color=MODEL,
            ha="right" if leftward else "left",
            va="center",
            arrowprops={"arrowstyle": "-", "color": MODEL, "linewidth": 0.9, "shrinkB": 0},
        )


def describe_breaks(shifts: pd.DataFrame, rows: pd.DataFrame) -> str:
    """What the chart shows, in numbers."""
    span = f"From {month_name(rows['month'].iloc[0])} to {month_name(rows['month'].iloc[-1])}"
    if shifts.empty:
        return f"{span} no break can be told from the wandering of the level."
    parts = [
        f"{month_name(pd.Timestamp(start))} ({percent(shift)})"
        for start, shift in zip(shifts["start"], shifts["estimate"], strict=True)
    ]
    return f"{span} the level breaks in {' and in '.join(parts)}."


def caption_breaks(name: str) -> str:
    """What to read off the chart."""
    return (
        f"Monthly {name}. Orange bands cover the months in which a break may have come, by its "
        "interval; beside them the month that fits best and the shift of the level. The search saw "
        f"the series alone; policy was drawn afterwards. {PHASES_SHADED}"
    )
