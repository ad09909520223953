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
from ledger.programmes import Programme
from ledger.reconciliation import conflict_of, implied

from analysis.sources import load_figures, load_sources
from analysis.study import ROOT
from benchmarks.calibration.part import Part, markdown

SERIES, SEED = "magnets_85051110", 20261122
SHARED = -1
"""In place of a number of errors: one, which all newsrooms behind a figure share."""
PLANTED_NAMES = {0: "none", SHARED: "1, by all its newsrooms"}
PART_DRAWS, PARTS = 50, {1: 8, 3: 8, 9: 4, SHARED: 4}
LEFT_OUT_PARTS = 8
TEST_NAMES = {
    "found": "planted errors that are doubted",
    "found, excluded": "those that the bounds without them exclude",
    "told, excluded": "the same: doubted, or named as what a doubted figure conflicts with",
    "found, excluded twice": "those excluded whichever other figure is left out",
    "true rejected": "true figures rejected",
    "true rejected, no conflict": "those that no contradiction joins to a planted error",
    "contained": "left out, the bounds from the others hold what it prints",
    "contained, apart": "those of them that contradict no doubted figure",
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


def excluded_twice(system: System, true: Level, index: int) -> bool:
    """Whether the true figures leave no room for one even if any single one of them goes.

    Where one figure alone makes room, either of the two can be the wrong one.
    """
    programme = Programme(system, [*true.items(), (index, "kept")])
    held = true | {index: "kept"}
    needed = programme.contradiction(held) - {index}
    less = ({i: level for i, level in held.items() if i != one} for one in needed)
    return all(programme.contradiction(figures) for figures in less)


def planted_in(
    system: System, chosen: Sequence[int], random: np.random.Generator, shared: bool
) -> tuple[list[Printed], dict[int, int]]:
    """The figures with an error in each chosen one, and where each error stands.

    One newsroom behind the figure errs and the others print what they printed, or all err.
    """
    printed, places = list(system.printed), {}
    for index in chosen:
        figure, wrong = printed[index], misprint(system.printed, index, random)
        places[index] = index
        if not shared and len(figure.newsrooms) > 1:
            room = frozenset({str(random.choice(sorted(figure.newsrooms)))})
            places[index] = len(printed)
            printed.append(replace(wrong, newsrooms=room))
            wrong = replace(figure, newsrooms=figure.newsrooms - room)
        printed[index] = wrong
    return printed, places


def plant(planted: int, random: np.random.Generator) -> dict[str, list[bool]]:
    """One draw: by test, whether each planted error is found and each true figure rejected."""
    whole, doubt = shipped()
    kept = [index for index, level in doubt.kept.items() if level == "kept"]
    chosen = random.choice(kept, abs(planted), replace=False).tolist()
    printed, places = planted_in(whole, chosen, random, planted == SHARED)
    errors = set(places.values())
    system = build_system(printed)
    known = [demand for demand in doubt.demands if not dict(demand).keys() & errors]
    after = cheapest_doubt(system, known=known)
    true = {index: level for index, level in doubt.kept.items() if index not in errors}
    ends = implied(system, true, [printed[at] for at in errors])
    out = [at for at, pair in zip(errors, ends, strict=True) if excluded(printed[at], pair)]
    joined = [dict(demand).keys() for demand in after.demands if dict(demand).keys() & errors]
    found = {at: after.verdicts[at] != "kept" for at in errors}
    named = named_beside(system, after, [at for at in out if not found[at]])
    rejected = {index: after.verdicts[index] == "rejected" for index in true}
    return {
        "found": list(found.values()),
        "found, excluded": [found[at] for at in out],
        "told, excluded": [found[at] or at in named for at in out],
        "found, excluded twice": [found[at] for at in out if excluded_twice(system, true, at)],
        "true rejected": list(rejected.values()),
        "true rejected, no conflict": [
            hit and not any(index in demand for demand in joined) for index, hit in rejected.items()
        ],
    }


def named_beside(system: System, doubt: Doubt, missed: Sequence[int]) -> set[int]:
    """The kept figures in `conflicts_with` of those that are doubted instead of `missed`."""
    demands = [dict(demand).keys() for demand in doubt.demands]
    joined = {index for demand in demands if not demand.isdisjoint(missed) for index in demand}
    doubted = [index for index in sorted(joined) if doubt.verdicts[index] != "kept"]
    return {one for index in doubted for one in conflict_of(system, doubt, index).figures}


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
    contained = not excluded(figure, ends)
    apart = not any(index in dict(demand) for demand in doubt.demands)
    return {
        "contained": [contained],
        "contained, apart": [contained] * apart,
        "within 5 %": [bounded and ends[1] - ends[0] <= 0.05 * max(abs(wide), 1.0)],
    }


def _without(system: System, index: int) -> dict[str, list[Any]]:
    return {level: rows[:index] + rows[index + 1 :] for level, rows in system.levels.items()}


def _renumbered(demand: Demand, index: int) -> Demand:
    return frozenset((at - (at > index), level) for at, level in demand)


def rates(case: LedgerCase) -> list[dict[str, Any]]:
    """How often each thing happens in one case."""
    random = np.random.default_rng([SEED, case.planted % 100, case.part])
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
    sums["rate"] = 100 * sums["hits"] / sums["draws"]
    sums["error"] = (sums["rate"] * (100 - sums["rate"]) / sums["draws"]) ** 0.5
    rows = [
        (
            PLANTED_NAMES.get(planted, str(planted)),
            TEST_NAMES[test],
            f"{row.draws:,.0f}",
            f"{row.rate:.2f} %" if row.draws else "",
            f"{row.error:.2f}" if row.draws else "",
        )
        for (test, planted), row in sums.iterrows()
    ]
    told = ", ".join(
        f"{sums.loc[('found', planted), 'draws'] / abs(planted):.0f} times "
        f"{PLANTED_NAMES.get(planted, planted)}"
        for planted in PARTS
    )
    lines = [
        "# Calibration of the ledger",
        f"Made by `make calibrate` on {when}, seed {SEED}, `benchmarks/calibration/ledger.py`. "
        "Rates by part are in [calibration-ledger.csv](calibration-ledger.csv), the method is in "
        "[method-reconciliation.md](method-reconciliation.md).",
        f"Errors are planted in kept figures of the shipped ledger, {told} at a time: a slip of "
        "the pen (digits swapped, a factor of ten, the sign), the value of another figure, or half "
        "to twice the value. One newsroom behind the figure errs, and with it the pages that "
        "reprint it; the other newsrooms print what they printed. An error is *excluded* if the "
        "other true figures leave no room for it within its first width, and *excluded whichever "
        "other figure is left out* if no single figure stands alone against it: where one does, "
        "arithmetic cannot tell which of the two is wrong. Each accepted figure is also left out "
        "once and the rest doubted anew; where it stood against a doubted figure, that one may "
        "hold then. The error is the simulation's, one standard error.",
        markdown(["planted", "what is counted", "of", "rate", "error, points"], rows),
    ]
    return "\n\n".join(lines) + "\n"


CASES = [LedgerCase(planted, part) for planted, parts in PARTS.items() for part in range(parts)]
CASES += [LedgerCase(0, part) for part in range(LEFT_OUT_PARTS)]
LEDGER = Part("ledger", CASES, rates, report, "calibration-ledger")
