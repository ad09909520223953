"""Printed figures, geography and customs' own values as linear rows over month x destination.

Unknowns are the tonnes of every cell (destination, month), none below zero, and a leading
column that stands for the number one. A row r says r @ unknowns <= 0. Keeping the one as a
column makes ratios of tonnes bounded by the same rows as tonnes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import pandas as pd
from tradedata.destinations import EU27, EU27_MEMBERS, WORLD

from ledger.printed import Printed

Cell = tuple[str, int]
Row = dict[int, float]

Level = dict[int, str]
"""The figures that are held and how: `kept` or `mismatch`."""

ONE = 0
LEVELS = ("kept", "mismatch")
CONTINENTS = {
    "REG_ASIA": frozenset({"IND", "JPN", "KOR", "THA", "TWN", "VNM"}),
    "REG_EUROPE": EU27_MEMBERS | {EU27},
    "REG_NORTHAM": frozenset({"CAN", "MEX", "USA"}),
    "REG_SOUTHAM": frozenset({"BRA"}),
    "REG_AFRICA": frozenset({"ZAF"}),
    "REG_OCEANIA": frozenset({"AUS"}),
}
"""Continents and the destinations that surely lie in them. Those that are not listed are only held
below the world. Mexico counts with North America, as customs statistics have it."""


def containers(destination: str) -> tuple[str, ...]:
    """What contains `destination`, from the smallest to the world."""
    union = (EU27,) if destination in EU27_MEMBERS else ()
    continents = tuple(name for name, members in CONTINENTS.items() if destination in members)
    return () if destination == WORLD else (*union, *continents, WORLD)


def is_placed(destination: str) -> bool:
    """Whether a destination is disjoint from all others but those that `containers` names."""
    return destination in CONTINENTS or len(containers(destination)) > 1


def parts(group: str) -> tuple[tuple[str, float], ...]:
    """A group as signed destinations: GRP_A+B is their sum, GRP_A-B the remainder."""
    if not group.startswith("GRP_"):
        return ((group, 1.0),)
    first, *taken = group.removeprefix("GRP_").split("-")
    signed = [(name, 1.0) for name in first.split("+")] + [(name, -1.0) for name in taken]
    known = all(len(name) == 3 or name == EU27 or name.startswith("REG_") for name, _ in signed)
    return tuple(signed) if known else ((group, 1.0),)


@dataclass(frozen=True)
class Cells:
    """The unknowns: which column holds which cell."""

    names: tuple[Cell, ...]

    @cached_property
    def column(self) -> dict[Cell, int]:
        """The column of each cell; column 0 is the number one."""
        return {cell: at for at, cell in enumerate(self.names, start=1)}

    @property
    def count(self) -> int:
        """The number of columns."""
        return len(self.names) + 1

    def amount(self, destination: str, months: Iterable[int]) -> Row:
        """Tonnes to a destination or named group over `months`."""
        signed = [
            (self.column[name, month], sign)
            for month in months
            for name, sign in parts(destination)
        ]
        return add(*({column: sign} for column, sign in signed))


def add(*rows: Row, scale: Sequence[float] = ()) -> Row:
    """The sum of rows, each times its scale."""
    total: Row = {}
    for row, factor in zip(rows, scale or [1.0] * len(rows), strict=True):
        for column, value in row.items():
            total[column] = total.get(column, 0.0) + factor * value
    return total


def cells_of(printed: Iterable[Printed]) -> Cells:
    """Every cell that a figure speaks about, itself or as its base."""
    found: set[Cell] = set()
    for figure in printed:
        months = figure.spoken_of
        names = [name for name, _ in parts(figure.destination)]
        names += [WORLD] if figure.measure == "share_pct" else []
        found.update((name, month) for name in names for month in months)
    return Cells(tuple(sorted(found)))


def ratio(figure: Printed, cells: Cells) -> tuple[Row, Row]:
    """The numerator and denominator of what a figure prints."""
    amount = cells.amount(figure.destination, figure.months)
    if figure.base is not None:
        return amount, cells.amount(figure.destination, figure.base)
    if figure.measure == "share_pct":
        return amount, cells.amount(WORLD, figure.months)
    return amount, {ONE: 1.0}


def multiplier(figure: Printed, printed: float) -> float:
    """The ratio of tonnes that a printed value stands for."""
    if figure.measure == "tonnes":
        return printed
    return printed / 100 + (0.0 if figure.measure == "share_pct" else 1.0)


def figure_rows(figure: Printed, cells: Cells, level: str) -> list[Row]:
    """The two rows that hold a figure within its tolerance: at most, and at least."""
    interval = figure.truth(level)
    lower, upper = (multiplier(figure, at) for at in (interval.lower, interval.upper))
    amount, base = ratio(figure, cells)
    slack = interval.base_tonnes
    at_most = add(amount, base, {ONE: 1.0}, scale=(1.0, -upper, -slack * (1 + upper)))
    at_least = add(amount, base, {ONE: 1.0}, scale=(-1.0, lower, -slack * (1 + lower)))
    return [at_most, at_least]


def geography_rows(cells: Cells) -> list[Row]:
    """A whole holds at least its named, disjoint parts, month by month."""
    parts_of: dict[int, Row] = {}
    rows: list[Row] = []
    for (name, month), column in cells.column.items():
        around = [cells.column.get((whole, month)) for whole in containers(name)]
        wholes = [whole for whole in around if whole is not None]
        if wholes and is_placed(name):
            parts_of.setdefault(wholes[0], {})[column] = 1.0
        elif wholes:
            rows.append({column: 1.0, wholes[-1]: -1.0})
    return rows + [named | {whole: -1.0} for whole, named in parts_of.items()]


@dataclass(frozen=True)
class System:
    """All rows: geography always, and those of each figure at each level."""

    cells: Cells
    printed: tuple[Printed, ...]
    always: list[Row]
    levels: dict[str, list[list[Row]]] = field(repr=False)

    def only(self, held: Level) -> System:
        """The same system with no other figure's rows than those of `held`."""
        levels = {
            level: [rows if held.get(index) == level else [] for index, rows in enumerate(figures)]
            for level, figures in self.levels.items()
        }
        return replace(self, levels=levels)

    def neighbours(self, index: int) -> frozenset[int]:
        """The other figures that speak about a month of figure `index`.

        Geography joins cells of one month only, so no figure beyond these can contradict it alone.
        """
        months = self.printed[index].spoken_of
        others = enumerate(self.printed)
        return frozenset(i for i, other in others if i != index and months & other.spoken_of)


def official_cells(official: pd.DataFrame) -> dict[Cell, float]:
    """The tonnes of every cell of a table OfficialExports; months as ordinals."""
    months = pd.PeriodIndex(official["month"], freq="M").asi8.tolist()
    cells = zip(official["destination"], months, strict=True)
    return dict(zip(cells, official["tonnes"].tolist(), strict=True))


def official_rows(cells: Cells, known: Mapping[Cell, float]) -> list[Row]:
    """The two rows that hold each cell at the tonnes that customs give: at most, and at least."""
    held = [(cells.column[cell], tonnes) for cell, tonnes in known.items() if cell in cells.column]
    at_most = [{column: 1.0, ONE: -tonnes} for column, tonnes in held]
    at_least = [{column: -1.0, ONE: tonnes} for column, tonnes in held]
    return at_most + at_least


def build_system(printed: Sequence[Printed], known: Mapping[Cell, float] | None = None) -> System:
    """The linear system of a ledger; the tonnes of `known` cells are beyond doubt."""
    cells = cells_of(printed)
    levels = {level: [figure_rows(p, cells, level) for p in printed] for level in LEVELS}
    always = geography_rows(cells) + official_rows(cells, known or {})
    return System(cells, tuple(printed), always, levels)
