"""The part of `breaks`: how often it finds a break where there is none, and one where there is."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import product
from typing import Any

import numpy as np
from effects import EffectError
from effects.breaks import (
    ONE_IN,
    PAIR,
    SHORTEST,
    SINGLE,
    Sample,
    Scan,
    criteria,
    critical_ratio,
    pair_ratio,
    single_ratio,
    step_columns,
)
from effects.level import Array

from benchmarks.calibration.breaks_report import report
from benchmarks.calibration.nulls import (
    BURSTS,
    DRIFTING,
    END,
    LENGTHS,
    NOISES,
    PATTERNS,
    Case,
    Layout,
    draw,
    lay_out,
)
from benchmarks.calibration.part import Part

SEED = 20261123
LEVEL = 0.95
DRAWS = 500
NULL_DRAWS = 999
TEXTBOOK_DRAWS = 40
NEAR = 2
"""Months from the truth within which a date counts as found."""
HORIZON = 8
"""Months after the last gap; breaks are looked for in all months alike."""
LEAD = 8
"""Months before the last gap at which a true shift begins, so that it is seen at once."""
EFFECTS = (-0.25, -0.50, -0.75)
SHIFTS = {"for good": (0,), "three months": (0, 3)}
"""Observed months after a shift's first at which the level moves, and moves back."""
CHUNK = 100
"""Series handled at once, to bound memory."""

Places = tuple[int, ...]


@dataclass(frozen=True)
class Setting:
    """Months and terms shared by series, and what ratios come by chance under each share."""

    layout: Layout
    sample: Sample
    scan: Scan
    chance: dict[int, tuple[Array, Array]] = field(default_factory=dict)

    def by_chance(self, place: int) -> tuple[Array, Array]:
        """Sorted ratios of one and of two steps under the share at `place`."""
        if place not in self.chance:
            random = np.random.default_rng([SEED, place])
            drawn = self.scan.wander(place, NULL_DRAWS, random)
            single, pair = single_ratio(self.scan, drawn), pair_ratio(self.scan, drawn)
            self.chance[place] = (np.sort(single), np.sort(pair))
        return self.chance[place]


def settle(pattern: str, length: int, noise: str) -> Setting:
    """The months of a pattern and length; EffectError if they are too few."""
    layout = lay_out(Case(noise, pattern, length, HORIZON))
    times = np.concatenate([layout.before, layout.within])
    rows = layout.terms.rows(times)
    trim = max(SHORTEST, len(times) // ONE_IN)
    sample = Sample(times, np.zeros(len(times)), rows[:, rows.any(axis=0)], trim)
    return Setting(layout, sample, Scan(sample, ()))


def _judge(setting: Setting, logs: Array, truth: Places) -> tuple[Array, Array, Array]:
    scan, times = setting.scan, setting.sample.times
    found, pair = _found(setting, logs)
    heights = scan.singles(logs)
    single = scan.candidates[heights.argmax(axis=0)]
    dates = times[np.where(pair, scan.pairs(logs)[1], single)]
    near = [np.abs(dates - times[place]) <= NEAR for place in truth]
    dated = np.array(near).any(axis=(0, 1)) if truth else np.zeros(len(found), dtype=bool)
    true = heights[np.isin(scan.candidates, truth)].max(axis=0, initial=-np.inf)
    held = 2 * (heights.max(axis=0) - true) <= critical_ratio(LEVEL)
    return found, dated, held


def _found(setting: Setting, logs: Array) -> tuple[Array, Array]:
    """Whether `step_test` rejects, and whether it is two steps that do."""
    scan = setting.scan
    shares = scan.none(logs).argmax(axis=0)
    observed = np.array([single_ratio(scan, logs), pair_ratio(scan, logs)])
    p_values = np.empty_like(observed)
    for column, share in enumerate(shares):
        for row, drawn in enumerate(setting.by_chance(int(share))):
            larger = len(drawn) - np.searchsorted(drawn, observed[row, column])
            p_values[row, column] = (1 + larger) / (1 + len(drawn))
    weighted = p_values / np.array([[SINGLE], [PAIR]])
    return weighted.min(axis=0) <= 1 - LEVEL, weighted[1] < weighted[0]


def found_where(setting: Setting, logs: Array, truth: Places) -> dict[str, float]:
    """Shares of series: in which a break is found; found and dated within NEAR months of a truth.

    With one true break, `held` is how often, of those found, the interval of its date holds it.
    """
    parts = [_judge(setting, logs[:, i : i + CHUNK], truth) for i in range(0, logs.shape[1], CHUNK)]
    found, dated, held = (np.concatenate(part) for part in zip(*parts, strict=True))
    told = {"found": float(found.mean())}
    if truth:
        told["dated"] = float((found & dated).mean())
    if len(truth) == 1 and found.any():
        told["held"] = float(held[found].mean())
    return told


def noise_rows(case: Case, setting: Setting) -> list[dict[str, Any]]:
    """Rates without a break, and with shifts that last or pass."""
    logs = draw(case, setting.layout, DRAWS, np.random.default_rng([SEED, *map(ord, repr(case))]))
    first = int(np.searchsorted(setting.sample.times, END.ordinal + 1 - LEAD))
    rows = _rows("none", 0.0, found_where(setting, logs, ()))
    rows += _rows("none", 0.0, {"textbook": textbook_rate(setting, logs)}, TEXTBOOK_DRAWS)
    for (shift, moves), effect in product(SHIFTS.items(), EFFECTS):
        truth = tuple(first + move for move in moves)
        inside = step_columns(len(logs), truth) @ np.array([1.0, -1.0])[: len(truth)]
        told = found_where(setting, logs + np.log1p(effect) * inside[:, None], truth)
        rows += _rows(shift, effect, told)
    series = {"noise": case.noise, "pattern": case.pattern, "length": case.length}
    return [series | row for row in rows]


def _rows(
    shift: str, effect: float, told: dict[str, float], draws: int = DRAWS
) -> list[dict[str, Any]]:
    """One row a rate; `held` is of the series in which the break is found."""
    counts = {"held": round(draws * told.get("found", 1.0))}
    return [
        {
            "shift": shift,
            "effect_pct": round(100 * effect),
            "rate": rate,
            "draws": counts.get(rate, draws),
            "rejected": share,
        }
        for rate, share in told.items()
    ]


def textbook_rate(setting: Setting, logs: Array) -> float:
    """Share of series in which BIC finds a break, taking the level to stand still."""
    samples = (replace(setting.sample, values=column) for column in logs.T[:TEXTBOOK_DRAWS])
    return float(np.mean([criteria(sample, 2)["bic"].argmin() > 0 for sample in samples]))


@dataclass(frozen=True)
class Cell:
    """Series of one pattern and length, whose noises share all but their numbers."""

    pattern: str
    length: int
    noises: tuple[str, ...] = NOISES


def rates(cell: Cell) -> list[dict[str, Any]]:
    """All rates of a cell; none where it is refused."""
    try:
        setting = settle(cell.pattern, cell.length, cell.noises[0])
    except EffectError:
        return []
    cases = [Case(noise, cell.pattern, cell.length, HORIZON) for noise in cell.noises]
    return [row for case in cases for row in noise_rows(case, setting)]


CELLS = [Cell(*one) for one in product(PATTERNS, LENGTHS)]
CELLS += [Cell("complete", 68, (noise,)) for noise in (BURSTS, "growth", DRIFTING)]
BREAKS = Part("breaks", CELLS, rates, report, "calibration-breaks")
