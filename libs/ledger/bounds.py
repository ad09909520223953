"""The least and greatest tonnes of every cell that the kept figures allow: the table Exports."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

import numpy as np
import pandas as pd

from ledger.constraints import ONE, Level, Place, System, cells_of, parts
from ledger.printed import newsrooms_behind
from ledger.programmes import DECIMALS, Extent, extents, least_together
from ledger.tables import Exports

NONE_TONNES = 1e-6
"""A lower bound below this is the solver's zero: the figures do not say that anything was sent."""

SAME_TONNES = 0.01
"""Bounds that differ by less have not changed: no newsroom prints such digits."""

KEY = ["destination", "month"]
EXACT = ["tonnes", "lower", "upper"]
COLUMNS = list(Exports.columns)


def exports_table(
    system: System,
    series: str,
    kept: Level,
    narrow_width: float,
    groups: Collection[str] = (),
) -> pd.DataFrame:
    """The table Exports of a series: one row a cell that the kept figures bound on both sides.

    `tonnes` is the midpoint where upper is at most `narrow_width` above lower, else NaN. `groups`
    are bounded in every month in which all their parts are spoken of.
    """
    stating = _stating(system, series, kept)
    cells = _cells_spoken_of(system, series, kept, groups)
    rows = [system.cells.amount(series, name, [month]) for name, month in cells]
    least = dict(zip(cells, least_together(system, kept, rows), strict=True))
    amounts = {
        cell: (row, {ONE: 1.0})
        for cell, row in zip(cells, rows, strict=True)
        if least[cell] > NONE_TONNES or cell in stating
    }
    bounded = zip(amounts, extents(system, kept, list(amounts.values())), strict=True)
    table = [
        _row(system, cell, reach, stating.get(cell, frozenset()), narrow_width)
        for cell, reach in sorted(bounded, key=lambda pair: pair[0])
        if np.isfinite(reach.upper) and (reach.lower > NONE_TONNES or cell in stating)
    ]
    return pd.DataFrame(table, columns=COLUMNS)


def _cells_spoken_of(
    system: System, series: str, kept: Level, groups: Collection[str]
) -> list[Place]:
    """The cells, groups among them, that a kept figure speaks about or that linked series imply;
    then those of `groups`.

    In this order, so that asking for a group leaves every digit of the others as it is.
    """
    spoken: set[Place] = set()
    own = {index for index, figure in enumerate(system.printed) if figure.series == series}
    for figure in (system.printed[index] for index in own & kept.keys()):
        spoken.update((figure.destination, month) for month in figure.spoken_of)
    printed = set(cells_of(system.printed[index] for index in own).names)
    implied = (cell for cell in system.cells.names if cell[0] == series and cell not in printed)
    spoken.update((name, month) for _, name, month in implied)
    for group in {name for name, _ in spoken if len(parts(name)) > 1}:
        spoken.update(_computable(group, spoken))
    asked = {cell for group in groups for cell in _computable(group, spoken)}
    return sorted(spoken) + sorted(asked - spoken)


def _computable(group: str, spoken: Collection[Place]) -> Iterator[Place]:
    for month in {month for _, month in spoken}:
        if all((name, month) in spoken for name, _ in parts(group)):
            yield group, month


def _stating(system: System, series: str, kept: Level) -> dict[Place, frozenset[int]]:
    """The figures that print a cell's own tonnes, by cell."""
    stating: dict[Place, frozenset[int]] = {}
    for index, level in kept.items():
        figure = system.printed[index]
        exact = level == "kept" and figure.measure == "tonnes" and not figure.approximate
        if exact and len(figure.months) == 1 and figure.series == series:
            cell = figure.destination, figure.start
            stating[cell] = stating.get(cell, frozenset()) | {index}
    return stating


def _row(
    system: System, cell: Place, reach: Extent, stating: frozenset[int], narrow_width: float
) -> dict[str, object]:
    destination, month = cell
    lower = max(round(reach.lower, DECIMALS), 0.0)
    upper = max(lower, round(reach.upper, DECIMALS))
    behind = [system.printed[index] for index in sorted(stating | reach.binding)]
    narrow = upper <= lower * (1 + narrow_width)
    return {
        "destination": destination,
        "month": pd.Period(ordinal=month, freq="M").to_timestamp(),
        "tonnes": (lower + upper) / 2 if narrow else np.nan,
        "lower": lower,
        "upper": upper,
        "status": "stated" if stating else "derived",
        "newsrooms": newsrooms_behind(behind),
        "figure_ids": ";".join(name for figure in behind for name in figure.figure_ids),
    }


def with_official(
    exports: pd.DataFrame, known: Mapping[Place, float], groups: Collection[str] = ()
) -> pd.DataFrame:
    """The table Exports with customs' own values: exact, `official`, and none left out.

    A named group is official in the months for which customs give all its parts. The figures
    behind a cell stay beside it.
    """
    if not known:
        return exports
    named = {name for name in exports["destination"].unique() if len(parts(name)) > 1}
    grouped = {
        (group, month): sum(sign * known[part, month] for part, sign in parts(group))
        for name in sorted(named | set(groups))
        for group, month in _computable(name, known)
    }
    exact = {**known, **grouped}
    index = pd.MultiIndex.from_tuples(
        [(name, pd.Period(ordinal=at, freq="M").to_timestamp()) for name, at in exact], names=KEY
    )
    table = exports.set_index(KEY)
    table = table.reindex(table.index.union(index))
    for column in EXACT:
        table.loc[index, column] = list(exact.values())
    table.loc[index, "status"] = "official"
    table = table.fillna({"newsrooms": 0, "figure_ids": ""}).reset_index()
    return table.astype({"newsrooms": "int64"})[COLUMNS]


def compare_vintages(earlier: pd.DataFrame, later: pd.DataFrame) -> pd.DataFrame:
    """The months of destinations that differ between two tables Exports.

    Columns destination, month, change and the tonnes and bounds in both, `old_` and `new_`.
    `change` is `added` or `withdrawn`; `revised` to tonnes ruled out before; `settled` into an
    observation or `unsettled` from one; or `refined`, other bounds that overlap.
    """
    old = earlier.set_index(KEY)[EXACT].add_prefix("old_")
    new = later.set_index(KEY)[EXACT].add_prefix("new_")
    both = old.join(new, how="outer").sort_index().reset_index()
    apart = both["new_lower"] > both["old_upper"] + SAME_TONNES
    apart |= both["new_upper"] < both["old_lower"] - SAME_TONNES
    moved = (both["new_lower"] - both["old_lower"]).abs() > SAME_TONNES
    moved |= (both["new_upper"] - both["old_upper"]).abs() > SAME_TONNES
    was, is_now = both["old_tonnes"].notna(), both["new_tonnes"].notna()
    cases = {
        "added": both["old_upper"].isna(),
        "withdrawn": both["new_upper"].isna(),
        "revised": apart,
        "settled": ~was & is_now,
        "unsettled": was & ~is_now,
        "refined": moved,
    }
    both.insert(2, "change", np.select(list(cases.values()), list(cases), ""))
    return both[both["change"] != ""].reset_index(drop=True)
