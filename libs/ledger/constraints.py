"""Printed figures, geography, linked series and customs' own values as linear rows over cells.

Unknowns are the tonnes of every cell (series, destination, month), none below zero, and a leading
column that stands for the number one. A row r says r @ unknowns <= 0. Keeping the one as a
column makes ratios of tonnes bounded by the same rows as tonnes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import product

import numpy as np
import pandas as pd
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components
from tradedata.destinations import CONTINENTS, EU27, EU27_MEMBERS, WORLD

from ledger.printed import Printed

Place = tuple[str, int]
"""A destination and the ordinal of a month."""
Cell = tuple[str, str, int]
"""A series and a place."""
Row = dict[int, float]

Level = dict[int, str]
"""The figures that are held and how: `kept` or `mismatch`."""

ONE = 0
LEVELS = ("kept", "mismatch")


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

    def amount(self, series: str, destination: str, months: Iterable[int]) -> Row:
        """Tonnes of a series to a destination or named group over `months`."""
        signed = [
            {self.column[series, name, month]: sign}
            for month in months
            for name, sign in parts(destination)
        ]
        return add(*signed)


def add(*rows: Row, scale: Sequence[float] = ()) -> Row:
    """The sum of rows, each times its scale."""
    total: Row = {}
    for row, factor in zip(rows, scale or [1.0] * len(rows), strict=True):
        for column, value in row.items():
            total[column] = total.get(column, 0.0) + factor * value
    return total


@dataclass(frozen=True)
class Whole:
    """A series that holds others, destination by destination; they exhaust it if `complete`."""

    series: str
    parts: frozenset[str]
    complete: bool


def wholes_of(products: pd.DataFrame) -> list[Whole]:
    """The series of a table Products that hold others."""
    held = products[products["part_of"] != ""].groupby("part_of")["series"].agg(frozenset)
    complete = set(products.loc[products["parts"] == "all", "series"])
    return [Whole(str(name), parts, name in complete) for name, parts in held.items()]


def linked_series(series: str, wholes: Iterable[Whole]) -> frozenset[str]:
    """`series` and all that wholes and parts lead to from it."""
    found = frozenset({series})
    sets = [whole.parts | {whole.series} for whole in wholes]
    while more := frozenset().union(*(one for one in sets if one & found)) - found:
        found |= more
    return found


def cells_of(printed: Iterable[Printed], wholes: Iterable[Whole] = ()) -> Cells:
    """Every cell that a figure speaks about, itself or as its base.

    Where two series of `wholes` are spoken of, all of them have a cell: one may follow from others.
    """
    found: set[Cell] = set()
    for figure in printed:
        names = [name for name, _ in parts(figure.destination)]
        names += [WORLD] if figure.measure == "share_pct" else []
        found.update(product([figure.series], names, figure.spoken_of))
    linked = {series for whole in wholes for series in (whole.series, *whole.parts)}
    spoken = Counter((name, month) for series, name, month in found if series in linked)
    both = [place for place, count in spoken.items() if count > 1]
    return Cells(tuple(sorted(found | {(series, *place) for series in linked for place in both})))


def ratio(figure: Printed, cells: Cells) -> tuple[Row, Row]:
    """The numerator and denominator of what a figure prints."""
    amount = cells.amount(figure.series, figure.destination, figure.months)
    if figure.base is not None:
        return amount, cells.amount(figure.series, figure.destination, figure.base)
    if figure.measure == "share_pct":
        return amount, cells.amount(figure.series, WORLD, figure.months)
    return amount, {ONE: 1.0}


def multiplier(figure: Printed, printed: float) -> float:
    """The ratio of tonnes that a printed value stands for."""
    if figure.measure == "tonnes":
        return printed
    return printed / 100 + (0.0 if figure.measure == "share_pct" else 1.0)


def printed_value(figure: Printed, found: float) -> float:
    """What a figure would print of a ratio of tonnes: the inverse of `multiplier`."""
    none = multiplier(figure, 0.0)
    return (found - none) / (multiplier(figure, 1.0) - none)


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
    for (series, name, month), column in cells.column.items():
        around = [cells.column.get((series, whole, month)) for whole in containers(name)]
        wholes = [whole for whole in around if whole is not None]
        if wholes and is_placed(name):
            parts_of.setdefault(wholes[0], {})[column] = 1.0
        elif wholes:
            rows.append({column: 1.0, wholes[-1]: -1.0})
    return rows + [named | {whole: -1.0} for whole, named in parts_of.items()]


def linking_rows(cells: Cells, wholes: Iterable[Whole]) -> list[Row]:
    """A whole series holds at least its parts, and no more than them where they exhaust it."""
    rows: list[Row] = []
    for whole in wholes:
        for (series, name, month), column in cells.column.items():
            if series != whole.series:
                continue
            held = [cells.column.get((part, name, month)) for part in sorted(whole.parts)]
            named = {part: 1.0 for part in held if part is not None}
            rows += [named | {column: -1.0}] if named else []
            if whole.complete and len(named) == len(whole.parts):
                rows.append({part: -1.0 for part in named} | {column: 1.0})
    return rows


@dataclass(frozen=True)
class System:
    """All rows: those that always hold, within one month each, and each figure's at each level."""

    cells: Cells
    printed: tuple[Printed, ...]
    always: list[Row]
    levels: dict[str, list[list[Row]]] = field(repr=False)

    @cached_property
    def _always_of(self) -> dict[int, list[int]]:
        """The rows that always hold, by month."""
        found: dict[int, list[int]] = {}
        for at, row in enumerate(self.always):
            *_, month = self.cells.names[max(row) - 1]
            found.setdefault(month, []).append(at)
        return found

    def always_with(self, indices: Iterable[int]) -> list[Row]:
        """The rows that always hold in the months of these figures: no others bear on them."""
        months = frozenset().union(*(self.printed[index].spoken_of for index in indices))
        found = sorted(at for month in months for at in self._always_of.get(month, ()))
        return [self.always[at] for at in found]

    def components(
        self, indices: Collection[int], asked: Sequence[Row] = ()
    ) -> list[tuple[list[int], list[int]]]:
        """Figures that bear on each other, and the rows of `asked` that they bear on.

        Two figures do if a chain of rows joins their unknowns: of other figures, of what always
        holds, or of `asked`. The second list holds places in `asked`; both are in ascending order.
        """
        figures = sorted(indices)
        rows = [self.levels["kept"][index][0] for index in figures]
        joined = matrix([*rows, *asked, *self.always_with(figures)], self.cells.count)[:, 1:]
        joined.data[:] = 1
        _, labels = connected_components(joined.T @ joined, directed=False)
        first = joined.indices[joined.indptr[: len(figures) + len(asked)]]
        found: dict[int, tuple[list[int], list[int]]] = {}
        for at, label in enumerate(labels[first].tolist()):
            own, others = found.setdefault(label, ([], []))
            if at < len(figures):
                own.append(figures[at])
            else:
                others.append(at - len(figures))
        return list(found.values())

    def neighbours(self, index: int) -> frozenset[int]:
        """The other figures that speak about a month of figure `index`.

        No row but a figure's joins months, so no figure beyond these can contradict it alone.
        """
        months = self.printed[index].spoken_of
        others = enumerate(self.printed)
        return frozenset(i for i, other in others if i != index and months & other.spoken_of)


def matrix(rows: Sequence[Row], columns: int) -> csr_array:
    """Rows as a sparse matrix with so many columns."""
    starts = np.cumsum([0, *(len(row) for row in rows)], dtype=np.int32)
    at = np.array([column for row in rows for column in row], dtype=np.int32)
    values = np.array([value for row in rows for value in row.values()], dtype=float)
    return csr_array((values, at, starts), shape=(len(rows), columns))


def official_cells(official: pd.DataFrame) -> dict[Place, float]:
    """The tonnes of every destination and month of a table OfficialExports; months as ordinals."""
    months = pd.PeriodIndex(official["month"], freq="M").asi8.tolist()
    cells = zip(official["destination"], months, strict=True)
    return dict(zip(cells, official["tonnes"].tolist(), strict=True))


def official_rows(cells: Cells, series: str, known: Mapping[Place, float]) -> list[Row]:
    """The two rows that hold each cell at the tonnes that customs give: at most, and at least."""
    columns = [(cells.column.get((series, *place)), tonnes) for place, tonnes in known.items()]
    held = [(column, tonnes) for column, tonnes in columns if column is not None]
    at_most = [{column: 1.0, ONE: -tonnes} for column, tonnes in held]
    at_least = [{column: -1.0, ONE: tonnes} for column, tonnes in held]
    return at_most + at_least


def build_system(
    printed: Sequence[Printed],
    known: Mapping[Place, float] | None = None,
    wholes: Sequence[Whole] = (),
) -> System:
    """The linear system of a ledger; what is `known` of its first series is beyond doubt."""
    cells = cells_of(printed, wholes)
    levels = {level: [figure_rows(p, cells, level) for p in printed] for level in LEVELS}
    always = geography_rows(cells) + linking_rows(cells, wholes)
    always += official_rows(cells, printed[0].series, known or {})
    return System(cells, tuple(printed), always, levels)
