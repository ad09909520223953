"""A line of observed tonnes, small enough for a row of a table."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from markupsafe import Markup

from press.tables import Row, month_name, printed

MONTHS = 36
WIDTH, HEIGHT, MARGIN = 108.0, 26.0, 2.0

Point = tuple[float, float]


def sparkline(path: Sequence[Row], start: str, end: str) -> Markup:
    """The last months of `path` from zero up, gaps where a month is missing, the window marked."""
    rows = list(path)[-MONTHS:]
    seen = [float(row["observed"]) for row in rows if row["observed"]]
    if not seen:
        return Markup("")
    step = (WIDTH - 2 * MARGIN) / max(len(rows) - 1, 1)
    runs = _runs(rows, step, (HEIGHT - 2 * MARGIN) / max(seen))
    window = [place for place, row in enumerate(rows) if start <= row["month"][:7] <= end]
    lines = "".join(f'<path d="{_line(run)}"/>' for run in runs)
    return Markup(
        '<svg class="spark" role="img" viewBox="0 0 {:g} {:g}" aria-label="{}">{}{}</svg>'
    ).format(WIDTH, HEIGHT, _words(rows, seen), Markup(_band(window, step)), Markup(lines))


def _runs(rows: Sequence[Row], step: float, scale: float) -> list[list[Point]]:
    """Points of months without a gap between them."""
    points = [
        (MARGIN + place * step, HEIGHT - MARGIN - scale * float(row["observed"] or 0))
        for place, row in enumerate(rows)
    ]
    known = groupby(zip(rows, points, strict=True), key=lambda pair: bool(pair[0]["observed"]))
    return [[point for _, point in group] for observed, group in known if observed]


def _line(run: Sequence[Point]) -> str:
    corners = "L".join(f"{x:.1f} {y:.1f}" for x, y in run)
    return f"M{corners}h.1" if len(run) == 1 else f"M{corners}"


def _band(window: Sequence[int], step: float) -> str:
    if not window:
        return ""
    left = MARGIN + (window[0] - 0.5) * step
    width = len(window) * step
    return f'<rect x="{left:.1f}" y="0" width="{width:.1f}" height="{HEIGHT:g}"/>'


def _words(rows: Sequence[Row], seen: Sequence[float]) -> str:
    return (
        f"Tonnes by month, {month_name(rows[0]['month'])} to {month_name(rows[-1]['month'])}: "
        f"lowest {printed(min(seen))}, highest {printed(max(seen))}, last {printed(seen[-1])}"
    )
