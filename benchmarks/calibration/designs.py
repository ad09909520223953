"""The studies' own designs: their months, gaps, windows and printed totals, on made-up series.

Needs the report's tables: which months are observed, and which totals are printed, are read there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from contracts import read_table
from effects import EffectError, average_effect, swing
from effects.level import Array
from effects.samples import ordinals
from effects.season import make_terms
from ledger.series import monthly_series
from ledger.settled import load_ledger

from analysis.regressors import new_year_regressors
from analysis.study import Study
from analysis.tables import Exports
from benchmarks.calibration.nulls import NOISES, Case, Layout, draw
from benchmarks.calibration.part import Part, markdown

SEED, SIZE, DRAWS = 20261126, 0.05, 200
DEVIATION = 0.06
"""Standard deviation of a month's noise in logs, near what the world's baseline shows."""
EFFECTS = (0.0, -0.10, -0.25, -0.50)
TOTALS, SWING = "WLD, with printed totals", "WLD, swing"
DESIGN = {
    "WLD": Study(),
    "USA": Study(destination="USA"),
    "GRP_WLD-USA": Study(destination="GRP_WLD-USA"),
    TOTALS: Study(),
    SWING: Study(start="2025-09", end="2025-09", baseline_end="2025-08", swing_month="2025-09"),
}


@dataclass(frozen=True)
class Design:
    """One study's question put to series of one kind of noise."""

    name: str
    noise: str


def rates(case: Design) -> list[dict[str, Any]]:
    """How often the question is refused and, with each effect, its test rejects."""
    study = DESIGN[case.name]
    seen = monthly_series(read_table(study.vintage / "exports.parquet", Exports), study.destination)
    seen = seen.loc[: study.end]
    found = [_answer(case, study, logs) for logs in _series(case, study, seen)]
    told = [one for one in found if one]
    return [
        {
            "design": case.name,
            "noise": case.noise,
            "effect_pct": round(100 * size),
            "draws": len(told),
            "rejected": float(np.mean([one[size] for one in told])),
            "half_width": float(np.median([one["half"] for one in told])),
            "refused": 1 - len(told) / len(found),
        }
        for size in EFFECTS
        if told
    ]


def _series(case: Design, study: Study, seen: pd.Series) -> Iterator[tuple[pd.Series, Any]]:
    """Made-up series at the observed months, and the printed totals of their own months."""
    every = pd.PeriodIndex(seen.index)
    times = ordinals(every)
    layout = Layout(times, times[:0], make_terms(every, None, "none"), every)
    random = np.random.default_rng([SEED, *map(ord, case.noise)])
    logs = draw(Case(case.noise, "", len(every), 0), layout, DRAWS, random, DEVIATION)
    spans = None
    if case.name == TOTALS:
        spans = load_ledger(study.vintage, study.series).totals(study.destination)
    for column in logs.T:
        whole = pd.Series(1000 * np.exp(column), every)
        totals = None
        if spans is not None:
            sums = [whole[row.start : row.end].sum() for row in spans.itertuples()]
            totals = spans.assign(lower=sums, upper=sums)
        yield whole.where(seen.notna()), totals


def _answer(case: Design, study: Study, given: tuple[pd.Series, Any]) -> dict[Any, float]:
    """Half the interval's width in logs, and by effect whether the test rejects; empty if refused.

    An effect moves a window's estimate and interval alike.
    """
    series, totals = given
    terms = {"regressors": new_year_regressors(pd.PeriodIndex(series.index))}
    try:
        if case.name == SWING:
            table = swing(series, study.swing_month, baseline_end="2024-12", **terms).table
        else:
            window = {"baseline_end": study.baseline_end, "totals": totals, **terms}
            table = average_effect(series, study.start, study.end, **window).table
    except EffectError:
        return {}
    lower, upper = np.log1p(table.iloc[0][["lower", "upper"]].to_numpy(dtype="float64") / 100)
    ends: Array = np.array([lower, upper])
    rejects = {size: float(np.prod(np.sign(ends + np.log1p(size))) > 0) for size in EFFECTS}
    return {"half": (upper - lower) / 2, **rejects}


def report(table: pd.DataFrame, when: str) -> str:
    """The page: size, power and width by design and kind of noise."""
    index = ["design", "noise"]
    wide = table.pivot(index=index, columns="effect_pct", values="rejected")[
        [round(100 * size) for size in EFFECTS]
    ]
    beside = table.drop_duplicates(index).set_index(index)
    rows = [
        (
            design,
            noise,
            *(f"{100 * rate:.1f}" for rate in wide.loc[(design, noise)]),
            f"{100 * beside.loc[(design, noise), 'half_width']:.0f}",
            f"{100 * beside.loc[(design, noise), 'refused']:.0f}",
        )
        for design in DESIGN
        for noise in NOISES
        if (design, noise) in wide.index
    ]
    heads = ["design", "noise", "size", *(f"−{-100 * size:.0f} %" for size in EFFECTS[1:])]
    error = 100 * (SIZE * (1 - SIZE) / DRAWS) ** 0.5
    return (
        "# Calibration of the studies' own designs\n\n"
        f"Made by `make calibrate` on {when}, seed {SEED}; all rates are in "
        "[calibration-designs.csv](calibration-designs.csv). Made-up series as in "
        f"[calibration.md](calibration.md), noise of {100 * DEVIATION:.0f} % a month, observed in "
        "the months that the published figures show: April and May 2025 against a baseline to "
        "December 2024, for the world, the United States and the rest; the world with the printed "
        "totals as observations of the likelihood; and the change of September 2025 ranked among "
        f"those to December 2024. Percent of {DRAWS} series in which a 5 % test rejects, without "
        f"an effect (a rate of 5 % has a standard error of {error:.1f}) and with one; half the "
        "interval's median width, in log points; and percent of series refused.\n\n"
        + markdown([*heads, "half width", "refused"], rows)
        + "\n"
    )


CASES = [Design(name, noise) for name in DESIGN for noise in NOISES]
DESIGNS = Part("designs", CASES, rates, report, "calibration-designs")
