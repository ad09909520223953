"""The part of the ledger: are wrong figures found, and true ones left alone?

Errors are planted in the shipped ledger, and every accepted figure is left out once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
from ledger.constraints import Level, System, build_system
from ledger.doubt import Demand, Doubt, cheapest_doubt
from ledger.printed import Printed, distinct_figures, slips
from ledger.reconciliation import implied

from analysis.sources import load_figures, load_sources
from analysis.study import ROOT
from benchmarks.calibration.part import Part, markdown

SERIES, SEED = "magnets_85051110", 20261122
PLANTED = (1, 3, 9)
PART_DRAWS, PARTS = 50, {1: 8, 3: 8, 9: 4}
LEFT_OUT_PARTS = 8
TEST_NAMES = {
    "found": "planted errors that are doubted",
    "found, excluded": "those that the bounds without them exclude",
    "true rejected": "true figures rejected",
    "true rejected, no conflict": "those that no contradiction joins to a planted error",
    "contained": "left out, the bounds from the others hold what it prints",
    "within 5 %": "left out, known to 5 % from the others",
}


@dataclass(frozen=True)
class LedgerCase:
    """So many errors at a time, one part of the draws; none: a part of the leave-one-out."""

    planted: int
    part: int


@cache
def shipped() -> tuple[System, Doubt]:
    """The shipped ledger of one series and what of it is doubted."""
    raw = ROOT / "data" / "raw"
    system = build_system(distinct_figures(load_figures(raw), load_sources(raw), SERIES))
    return system, cheapest_doubt(system)


def misprint(figures: Sequence[Printed], index: int, random: np.random.Generator) -> Printed:
    """A figure as it is printed wrongly: a slip of the pen, another figure's value, or a half more
    or less of its own.
    """
    figure = figures[index]
    pool = [other.value for other in figures if other.measure == figure.measure]
    others = [value for value in pool if float(value) != float(figure.value)]
    slipped = [
        value for _, value in slips(figure.value) if figure.measure != "tonnes" or "-" not in value
    ]
    kind = random.integers(3)
    if kind == 0 and slipped:
        return replace(figure, value=str(random.choice(slipped)))
    if kind == 1:
        return replace(figure, value=str(random.choice(others)))
    decimals = len(figure.value.partition(".")[2])
    times = random.choice([0.5, 0.8, 0.9, 1.1, 1.25, 2.0])
    return replace(figure, value=f"{float(figure.value) * times:.{decimals}f}")


def excluded(figure: Printed, ends: tuple[float, float]) -> bool:
    """Whether no truth within the figure's width lies within the ends that others imply."""
    truth = figure.truth("kept")
    below, above = truth.upper < ends[0], ends[1] < truth.lower
    return bool(below or above)


def plant(planted: int, random: np.random.Generator) -> dict[str, list[bool]]:
    """One draw: by test, whether each planted error is found and each true figure rejected."""
    system, doubt = shipped()
    kept = [index for index, level in doubt.kept.items() if level == "kept"]
    chosen = random.choice(kept, planted, replace=False).tolist()
    wrong = {index: misprint(system.printed, index, random) for index in chosen}
    printed = [wrong.get(index, figure) for index, figure in enumerate(system.printed)]
    known = [demand for demand in doubt.demands if not dict(demand).keys() & wrong.keys()]
    after = cheapest_doubt(build_system(printed), known=known)
    others = {index: level for index, level in doubt.kept.items() if index not in wrong}
    ends = implied(system, others, list(wrong.values()))
    found = [after.verdicts[index] != "kept" for index in wrong]
    out = [excluded(*pair) for pair in zip(wrong.values(), ends, strict=True)]
    true = [after.verdicts[index] == "rejected" for index in others]
    apart = [
        rejected
        and not any(index in dict(d) and wrong.keys() & dict(d).keys() for d in after.demands)
        for index, rejected in zip(others, true, strict=True)
    ]
    return {
        "found": found,
        "found, excluded": [hit for hit, can in zip(found, out, strict=True) if can],
        "true rejected": true,
        "true rejected, no conflict": apart,
    }


def leave_out(index: int) -> dict[str, list[bool]]:
    """Whether the bounds from all others, doubted anew, hold an accepted figure, and closely."""
    system, doubt = shipped()
    printed = [figure for at, figure in enumerate(system.printed) if at != index]
    less = System(system.cells, tuple(printed), system.always, _without(system, index))
    known = [_renumbered(d, index) for d in doubt.demands if index not in dict(d)]
    kept: Level = cheapest_doubt(less, known=known).kept
    figure = system.printed[index]
    [ends] = implied(less, kept, [figure])
    wide = float(figure.value) if figure.measure == "tonnes" else 100.0
    bounded = bool(np.isfinite(ends).all())
    return {
        "contained": [not excluded(figure, ends)],
        "within 5 %": [bounded and ends[1] - ends[0] <= 0.05 * max(abs(wide), 1.0)],
    }


def _without(system: System, index: int) -> dict[str, list[Any]]:
    return {level: rows[:index] + rows[index + 1 :] for level, rows in system.levels.items()}


def _renumbered(demand: Demand, index: int) -> Demand:
    return frozenset((at - (at > index), level) for at, level in demand)


def rates(case: LedgerCase) -> list[dict[str, Any]]:
    """How often each thing happens in one case."""
    random = np.random.default_rng([SEED, case.planted, case.part])
    if case.planted:
        draws = [plant(case.planted, random) for _ in range(PART_DRAWS)]
    else:
        accepted = sorted(shipped()[1].kept)
        draws = [leave_out(index) for index in accepted[case.part :: LEFT_OUT_PARTS]]
    rows = []
    for test in draws[0]:
        seen = [hit for draw in draws for hit in draw[test]]
        share = float(np.mean(seen)) if seen else 0.0
        rows.append(
            {"planted": case.planted, "part": case.part, "test": test}
            | {"draws": len(seen), "rejected": share}
        )
    return rows


def report(table: pd.DataFrame, when: str) -> str:
    """The page: what was planted, and the rates."""
    table = table.assign(hits=table["rejected"] * table["draws"])
    sums = table.groupby(["test", "planted"], sort=False)[["hits", "draws"]].sum()
    rows = [
        (
            str(planted or "none"),
            TEST_NAMES[test],
            f"{row.draws:,.0f}",
            f"{100 * row.hits / row.draws:.2f} %" if row.draws else "",
        )
        for (test, planted), row in sums.sort_index(
            level="planted", sort_remaining=False
        ).iterrows()
    ]
    told = ", ".join(f"{PART_DRAWS * parts} times {planted}" for planted, parts in PARTS.items())
    lines = [
        "# Calibration of the ledger",
        f"Made by `make calibrate` on {when}, seed {SEED}, `benchmarks/calibration/ledger.py`. "
        "Rates by part are in [calibration-ledger.csv](calibration-ledger.csv), the method is in "
        "[method-reconciliation.md](method-reconciliation.md).",
        f"Errors are planted in kept figures of the shipped ledger, {told} at a time: a slip of "
        "the pen (digits swapped, a factor of ten, the sign), the value of another figure, or half "
        "to twice the value. An error is *excluded* if the other true figures leave no room for it "
        "within its first width. Each accepted figure is also left out once and the rest doubted "
        "anew.",
        markdown(["planted", "what is counted", "of", "rate"], rows),
    ]
    return "\n\n".join(lines) + "\n"


CASES = [LedgerCase(planted, part) for planted in PLANTED for part in range(PARTS[planted])]
CASES += [LedgerCase(0, part) for part in range(LEFT_OUT_PARTS)]
LEDGER = Part("ledger", CASES, rates, report, "calibration-ledger")
