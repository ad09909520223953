"""A ledger whose verdicts are known, asked again: the least sum of months, fewer figures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from contracts import read_table
from contracts.files import file_state
from scipy.optimize import linprog
from scipy.sparse import csr_array
from tradedata.tables import OfficialExports

from ledger.constraints import ONE, Level, Row, System, build_system, matrix, official_cells, parts
from ledger.printed import MEASURES, distinct_figures
from ledger.programmes import EDGE_TONNES, Programme, SolverError
from ledger.tables import Figures, RejectedFigures, Sources

FILES = {
    "figures.parquet": Figures,
    "sources.parquet": Sources,
    "rejected_figures.csv": RejectedFigures,
    "official_exports.parquet": OfficialExports,
}
"""The tables of a ledger, as `Reconciliation.save` writes them."""


@dataclass(frozen=True)
class Ledger:
    """The figures of a series as constraints, and how far each of them is kept."""

    series: str
    system: System
    kept: Level

    def amounts(self, destination: str, months: Sequence[pd.Period]) -> dict[pd.Period, Row]:
        """What each month is in the system's unknowns; those of which nothing was printed are out.

        A group is the sum or remainder of its parties.
        """
        cells, names = self.system.cells, [name for name, _ in parts(destination)]
        return {
            month: cells.amount(self.series, destination, [month.ordinal])
            for month in months
            if all((self.series, name, month.ordinal) in cells.column for name in names)
        }

    @cached_property
    def _rows(self) -> csr_array:
        """What always holds and the kept figures, each at most zero."""
        held = [row for code, level in self.kept.items() for row in self.system.levels[level][code]]
        return matrix([*self.system.always, *held], self.system.cells.count)

    def least(self, destination: str, cost: pd.Series) -> pd.Series:
        """The tonnes by month whose sum, each times its `cost`, is least; NaN where unprinted.

        Raises SolverError where the kept figures bound no such sum.
        """
        amounts = self.amounts(destination, list(cost.index))
        count = self.system.cells.count
        rows: Any = self._rows  # scipy's types know dense ones only
        wanted = matrix(list(amounts.values()), count)
        limits: list[tuple[float, float | None]] = [(0.0, None)] * count
        limits[ONE] = (1.0, 1.0)
        found = linprog(
            wanted.T @ cost.loc[cost.index.isin(list(amounts))].to_numpy(),
            A_ub=rows,
            b_ub=np.zeros(rows.shape[0]),
            bounds=limits,
            method="highs",
            options={"primal_feasibility_tolerance": EDGE_TONNES},
        )
        if found.x is None:
            raise SolverError(f"the kept figures give no least sum: {found.message}")
        return pd.Series(wanted @ found.x, list(amounts)).reindex(cost.index)

    def totals(self, destination: str) -> pd.DataFrame:
        """Printed tonnes of several months that are kept: start, end, lower, upper, months.

        Where figures of the same months differ, their ranges' common part counts.
        """
        rows = []
        for index, level in self.kept.items():
            figure = self.system.printed[index]
            long = figure.measure == "tonnes" and figure.start < figure.end
            if level == "kept" and long and figure.destination == destination:
                start, end = (pd.Period(ordinal=at, freq="M") for at in (figure.start, figure.end))
                truth = figure.truth(level)
                rows.append((start, end, truth.lower, truth.upper))
        table = pd.DataFrame(rows, columns=["start", "end", "lower", "upper"])
        common = {"lower": "max", "upper": "min"}
        return table.groupby(["start", "end"], as_index=False).agg(common)

    def bounds_without(self, destination: str, months: Sequence[pd.Period]) -> pd.DataFrame:
        """Bounds in `months` without each newsroom that alone printed a figure there.

        Rows newsroom × month, columns lower and upper in tonnes; upper is infinite where nothing
        bounds it. The verdicts on the other figures stay: only figures that no other newsroom
        printed are let go, and with fewer figures bounds can only widen.
        """
        system, kept = self.system, self.kept
        programme = Programme(system, kept.items())
        asked = self.amounts(destination, months)
        amounts = [(amount, {ONE: 1.0}) for amount in asked.values()]
        extents = programme.extents(kept, amounts)
        behind = {index for extent in extents for index in extent.binding}
        alone = {rooms for i in behind if len(rooms := system.printed[i].newsrooms) == 1}
        rows = []
        for (newsroom,) in sorted(map(tuple, alone)):
            held = {i: k for i, k in kept.items() if system.printed[i].newsrooms != {newsroom}}
            for month, extent in zip(asked, programme.extents(held, amounts), strict=True):
                rows.append((newsroom, month, extent.lower, extent.upper))
        return pd.DataFrame(rows, columns=["newsroom", "month", "lower", "upper"])

    def series_without(
        self, series: pd.Series, months: Sequence[pd.Period], narrow_width: float
    ) -> Iterator[tuple[str, pd.Series]]:
        """The series of a destination, as it would be without each of these newsrooms.

        Of its `months` the middle of the bounds, or nothing where they lie farther apart than
        `narrow_width` as a share.
        """
        bounds = self.bounds_without(str(series.name), months)
        wide = bounds["upper"] > bounds["lower"] * (1 + narrow_width)
        middle = ((bounds["lower"] + bounds["upper"]) / 2).where(~wide)
        for newsroom, rows in bounds.assign(tonnes=middle).groupby("newsroom"):
            without = series.copy()
            inside = rows[rows["month"].isin(series.index)]
            without.loc[inside["month"]] = inside["tonnes"].to_numpy()
            yield str(newsroom), without


def make_ledger(
    figures: pd.DataFrame,
    sources: pd.DataFrame,
    rejected: pd.DataFrame,
    official: pd.DataFrame,
    series: str,
) -> Ledger:
    """The figures of a series but those rejected, a mismatch at its own level."""
    printed = distinct_figures(figures, sources, series)
    system = build_system(printed, official_cells(official))
    verdicts = dict(zip(rejected["figure_id"], rejected["verdict"], strict=True))
    found = {code: verdicts.get(figure.name, "kept") for code, figure in enumerate(system.printed)}
    kept = {code: verdict for code, verdict in found.items() if verdict != "rejected"}
    return Ledger(series, system, kept)


def load_ledger(folder: Path, series: str) -> Ledger:
    """The ledger whose tables lie in `folder`, made once while they stay as they are."""
    return _load_ledger(folder, series, tuple(file_state(folder / name) for name in FILES))


@lru_cache(maxsize=8)
def _load_ledger(folder: Path, series: str, _states: object) -> Ledger:
    figures, sources, rejected, official = (read_table(folder / one, FILES[one]) for one in FILES)
    return make_ledger(figures, sources, rejected, official, series)


Step = tuple[str, int, int, str]
"""What is counted, how many are left, how many were lost, and why."""


def figure_steps(folder: Path, series: str) -> list[Step]:
    """How many figures of the ledger in `folder` were used, and lost, at each step."""
    figures = read_table(folder / "figures.parquet", Figures)
    doubted = read_table(folder / "rejected_figures.csv", RejectedFigures)
    linear = int(((figures["series"] == series) & figures["measure"].isin(MEASURES)).sum())
    names = {figure.name for figure in load_ledger(folder, series).system.printed}
    verdicts = doubted[doubted["figure_id"].isin(names)]["verdict"].value_counts()
    rejected, mismatch = (int(verdicts.get(name, 0)) for name in ("rejected", "mismatch"))
    used, other = len(names) - rejected, len(figures) - linear
    narrow = "of these, held at their narrow width"
    return [
        ("figures printed", len(figures), 0, ""),
        ("tonnages, changes and shares of the series", linear, other, "other series or measures"),
        ("distinct figures", len(names), linear - len(names), "the same number reprinted"),
        ("figures that can be true", used, rejected, "contradicted by the others"),
        (narrow, used - mismatch, mismatch, "held at the wider one instead"),
    ]


def month_steps(
    exports: pd.DataFrame,
    destination: str,
    observed: pd.Series,
    untold: Sequence[str],
    window: tuple[str, str, str],
) -> list[Step]:
    """How many months of a destination were used, and lost, on the way to an effect.

    observed: a flag by month; untold: months after the baseline that have no counterfactual;
    window: the baseline's last month, the first and the last asked about.
    """
    baseline_end, start, end = window
    baseline = int(observed.loc[:baseline_end].sum())
    after, inside = observed.loc[baseline_end:].iloc[1:], observed.loc[start:end]
    lost = sum(bool(after.get(pd.Period(month, freq="M"), False)) for month in untold)
    seen, later, known = (int(part.sum()) for part in (observed, after, inside))
    wide = (exports["destination"] == destination) & exports["tonnes"].isna()
    rough = exports["month"][wide].dt.to_period("M")
    bounded = int(rough.isin(observed.index[~observed]).sum())
    gaps = f"{bounded} bounded too widely, {len(observed) - seen - bounded} not at all"
    return [
        ("months of this series, first to last", len(observed), 0, ""),
        ("of these, observed", seen, len(observed) - seen, gaps),
        ("observed up to the baseline's end", baseline, seen - baseline, "they come later"),
        ("later months set against it", later - lost, lost, "no counterfactual"),
        ("of these, in the window", known, len(inside) - known, "missing"),
    ]


def steps_table(
    folder: Path, series: str, exports: pd.DataFrame, months: Sequence[Step] = ()
) -> pd.DataFrame:
    """How many figures and months were used, and lost, at each step from page to estimate.

    One row a step: step, left, lost, and lost why. `exports` keeps the contract of that name;
    figures and verdicts are read from `folder`; `months` are the last steps (`month_steps`).
    """
    narrow = int(exports["tonnes"].notna().sum())
    steps: list[Step] = [
        *figure_steps(folder, series),
        ("months of destinations bounded by them", len(exports), 0, ""),
        ("of these, narrow enough to be data", narrow, len(exports) - narrow, "bounds too wide"),
        *months,
    ]
    table = pd.DataFrame(steps, columns=["step", "left", "lost", "lost why"])
    return table.assign(**{"lost why": table["lost why"].where(table["lost"] > 0, "")})
