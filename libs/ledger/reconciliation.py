"""The reconciliation of a ledger as known on a day: from figures to exports and doubts."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
from contracts import TableError, write_table
from tradedata.tables import OfficialExports

from ledger.bounds import exports_table, with_official
from ledger.constraints import (
    Level,
    System,
    build_system,
    linked_series,
    official_cells,
    printed_value,
    ratio,
    wholes_of,
)
from ledger.doubt import Conflict, Demand, Doubt, cheapest_doubt, find_conflict
from ledger.printed import MEASURES, Printed, distinct_figures
from ledger.programmes import DECIMALS, Programme, SolverError, extents
from ledger.tables import Exports, Figures, RejectedFigures, Sources

VIOLATION_TONNES = 1e-5
"""A kept figure may miss its tolerance by so little: the arithmetic of floating point."""

RELEASE_DAY = 20
"""About this day customs publish a month's exports by country, the month after."""

CUSTOMS = "customs"
"""What stands in `conflicts_with` when no published figure but customs contradict a figure."""

NEXT_LEVEL = {"mismatch": "kept", "rejected": "mismatch"}
"""The level at which a doubted figure would not hold."""


@dataclass(frozen=True)
class Doubted:
    """A figure that does not hold: what the kept ones imply for it, and which contradict it."""

    index: int
    verdict: str
    implied_lower: float
    implied_upper: float
    conflict: Conflict


@dataclass(frozen=True)
class Reconciliation:
    """What the figures of a ledger say together, and what contradicts those that do not hold.

    `exports` keeps the contract of that name. `figures` is what was read, other series included,
    and `official` what customs say. A kept figure misses its width by `worst_violation` tonnes at
    most. The doubted figures are examined when they are first asked for.
    """

    exports: pd.DataFrame
    doubt: Doubt
    worst_violation: float
    system: System = field(repr=False)
    figures: pd.DataFrame = field(repr=False)
    sources: pd.DataFrame = field(repr=False)
    official: pd.DataFrame = field(repr=False)

    @property
    def verdicts(self) -> tuple[str, ...]:
        """The verdicts of the series' own distinct figures, which stand before linked ones."""
        own = [figure.series == self.system.printed[0].series for figure in self.system.printed]
        return self.doubt.verdicts[: sum(own)]

    def _repr_html_(self) -> str:
        doubted = self.count("mismatch") + self.count("rejected")
        newest = self.exports.sort_values("month", ascending=False, kind="stable").head(12)
        return (
            f"<p>{len(self.exports)} bounded months of {self.exports['destination'].nunique()} "
            f"destinations, the newest below; figures kept: {self.count('kept')}, doubted: "
            f"{doubted}.</p>{newest.to_html(index=False, border=0, na_rep='–')}"
        )

    def count(self, verdict: str) -> int:
        """How many distinct figures of the series have a verdict: kept, mismatch or rejected."""
        return self.verdicts.count(verdict)

    def narrow_months(self, destination: str) -> int:
        """How many months of a destination have bounds narrow enough to count as data."""
        rows = self.exports["destination"] == destination
        return int(self.exports.loc[rows, "tonnes"].notna().sum())

    def spans(self, destination: str) -> list[tuple[pd.Period, pd.Period]]:
        """The first and last months of each run of months that count as data."""
        rows = self.exports[self.exports["destination"] == destination].dropna(subset="tonnes")
        months = pd.Series(sorted(rows["month"].dt.to_period("M")), dtype="period[M]")
        runs = months.groupby(months.dt.year * 12 + months.dt.month - months.index)
        return [(run.iloc[0], run.iloc[-1]) for _, run in runs]

    @property
    def doubted_ids(self) -> set[str]:
        """The printed figures that do not hold, reprints included; unlike `doubted` at no cost."""
        judged = zip(self.system.printed, self.verdicts, strict=False)
        return {name for one, verdict in judged if verdict != "kept" for name in one.figure_ids}

    @cached_property
    def doubted(self) -> tuple[Doubted, ...]:
        """Every doubted figure of the series against the kept ones, in the order of the ledger."""
        doubted = [index for index, verdict in enumerate(self.verdicts) if verdict != "kept"]
        printed = [self.system.printed[index] for index in doubted]
        ranges = implied(self.system, self.doubt.kept, printed, doubted)
        return tuple(
            Doubted(index, self.verdicts[index], *ends, conflict_of(self.system, self.doubt, index))
            for index, ends in zip(doubted, ranges, strict=True)
        )

    @cached_property
    def rejected_figures(self) -> pd.DataFrame:
        """The table RejectedFigures: one row a printed figure, reprints included."""
        printed = self.system.printed
        beyond_doubt = "" if self.official.empty else CUSTOMS
        rows = [
            {
                "figure_id": figure_id,
                "verdict": case.verdict,
                "stated": printed[case.index].value,
                "implied_lower": case.implied_lower,
                "implied_upper": case.implied_upper,
                "conflicts_with": ";".join(printed[i].name for i in case.conflict.figures)
                or beyond_doubt
                or printed[case.index].name,
            }
            for case in self.doubted
            for figure_id in printed[case.index].figure_ids
        ]
        return pd.DataFrame(rows, columns=list(RejectedFigures.columns))

    def save(self, folder: Path, whole: bool = False) -> None:
        """Write exports and doubted figures to `folder`; the ledger behind them too, if `whole`."""
        write_table(self.exports, folder / "exports.parquet", Exports)
        write_table(self.exports, folder / "exports.csv", Exports)
        write_table(self.rejected_figures, folder / "rejected_figures.csv", RejectedFigures)
        if whole:
            write_table(self.figures, folder / "figures.parquet", Figures)
            write_table(self.sources, folder / "sources.parquet", Sources)
            write_table(self.official, folder / "official_exports.parquet", OfficialExports)


def conflict_of(system: System, doubt: Doubt, index: int) -> Conflict:
    """The kept figures that a doubted one conflicts with, those of more newsrooms first."""
    weights = np.array([len(figure.newsrooms) for figure in system.printed], dtype=float)
    others = {i: level for i, level in doubt.kept.items() if i != index}
    accused = {index: NEXT_LEVEL[doubt.verdicts[index]]}
    return find_conflict(system, others, accused, weights)


def implied(
    system: System,
    held: Level,
    figures: Sequence[Printed],
    without: Sequence[int | None] = (),
) -> list[tuple[float, float]]:
    """What `held` figures imply for what each of `figures` prints; NaN where nothing bounds it.

    They need not be in the ledger, but their cells must. In their own units. `without` names a
    held figure for each that does not count for it, or none.
    """
    asked = [ratio(figure, system.cells) for figure in figures]
    reached = extents(system, held, asked, without)
    return [
        (_told(figure, reach.lower), _told(figure, reach.upper))
        for figure, reach in zip(figures, reached, strict=True)
    ]


def _told(figure: Printed, end: float) -> float:
    """An end of an extent in the unit of a figure."""
    return round(printed_value(figure, end), DECIMALS) if np.isfinite(end) else np.nan


def reconcile(
    figures: pd.DataFrame,
    sources: pd.DataFrame,
    series: str,
    narrow_width: float = 0.05,
    official: pd.DataFrame | None = None,
    groups: Collection[str] = (),
    as_of: str = "",
    products: pd.DataFrame | None = None,
    seconds: float = np.inf,
    earlier: Reconciliation | None = None,
) -> Reconciliation:
    """Find the figures to doubt and what the others allow for every destination and month.

    `figures` and `sources` keep the contracts Figures and Sources. Bounds within `narrow_width`
    of each other (0.05: upper at most 5 % above lower) count as data. `official` keeps the
    contract OfficialExports: its values are exact and contradict whatever differs. `groups`
    (GRP_WLD-USA) are bounded wherever their parts are. With `as_of`, a day like 2026-03-31, only
    figures count whose pages had come out by then; `official` must be of that day too. What
    was found of an `earlier` day spares the search for its contradictions. Raises
    TableError when the figures of that day hold none of `series`, SolverError when optimality
    cannot be proved.
    """
    require_known(figures, sources, series, as_of)
    figures = known_figures(figures, sources, as_of)
    official = OfficialExports.empty() if official is None else official
    known = official_cells(official)
    wholes = [] if products is None else wholes_of(products)
    linked = [series, *sorted(linked_series(series, wholes) - {series})]
    printed = [f for name in linked for f in distinct_figures(figures, sources, name)]
    system = build_system(printed, known, wholes)
    begun = time.process_time()
    doubt = cheapest_doubt(system, seconds, still_known(earlier, system, official))
    in_time = time.process_time() <= begun + seconds
    table = exports_table(system, series, doubt.kept, narrow_width, groups)
    violation = Programme(system, doubt.kept.items()).worst_violation(doubt.kept)
    if (in_time and not doubt.proved) or violation > VIOLATION_TONNES:
        raise SolverError(
            f"not proved optimal: gap {doubt.gap:g}, a kept figure violated by {violation:g} tonnes"
        )
    exports = with_official(table, known, groups)
    return Reconciliation(exports, doubt, violation, system, figures, sources, official)


def still_known(
    earlier: Reconciliation | None, system: System, official: pd.DataFrame
) -> list[Demand]:
    """The contradictions of an `earlier` day in a system that holds all that was printed by then.

    New figures and their cells add rows and loosen none, so what could not hold still cannot.
    """
    if earlier is None or not official.equals(earlier.official):
        return []
    place = {figure: at for at, figure in enumerate(system.printed)}
    now = [place.get(figure, -1) for figure in earlier.system.printed]
    known = [] if -1 in now else earlier.doubt.demands
    return [frozenset((now[index], level) for index, level in demand) for demand in known]


def days_out(figures: pd.DataFrame, sources: pd.DataFrame) -> pd.DataFrame:
    """When each page came out.

    Columns source_id, day, shown (whether the page says so), figures (how many it has) and lag
    (days from the end of the last month that it speaks of).

    A page that shows a month only counts from the month's last day. One that shows no date counts
    from the day on which customs published the last month it speaks of, the earliest it can have
    come out; a page without figures then has no day. `figures` and `sources` keep the contracts
    of that name.
    """
    pages = sources.set_index("source_id")
    shown = pages["published"] != ""
    days = pd.to_datetime(pages["published"].replace("", None), format="ISO8601")
    days = days.where(pages["published"].str.len() != len("2025-04"), days + pd.offsets.MonthEnd(0))
    spoken = figures.groupby("source_id")["period_end"]
    last, many = spoken.max().reindex(pages.index), spoken.size().reindex(pages.index, fill_value=0)
    days = days.fillna(last + pd.DateOffset(months=1, days=RELEASE_DAY - 1))
    lag = (days - (last + pd.offsets.MonthEnd(0))).dt.days
    columns = {"day": days, "shown": shown, "figures": many, "lag": lag}
    return pd.DataFrame(columns).reset_index()


def known_figures(figures: pd.DataFrame, sources: pd.DataFrame, as_of: str) -> pd.DataFrame:
    """The figures whose pages had come out by the day `as_of`; all of them if it is empty."""
    if not as_of:
        return figures
    return figures[_days(figures, sources) <= pd.Timestamp(as_of)].reset_index(drop=True)


def _days(figures: pd.DataFrame, sources: pd.DataFrame) -> pd.Series:
    """The day on which each figure came out."""
    return figures["source_id"].map(days_out(figures, sources).set_index("source_id")["day"])


def require_known(figures: pd.DataFrame, sources: pd.DataFrame, series: str, as_of: str) -> None:
    """Raise TableError if by the day `as_of` nothing linear of `series` had been printed."""
    linear = figures["measure"].isin(MEASURES)
    if series not in set(figures.loc[linear, "series"]):
        known = ", ".join(sorted(figures.loc[linear, "series"].unique())) or "none"
        raise TableError(
            f"series: found {series!r}, but no tonnage, change or share is printed of it; "
            f"known are {known}"
        )
    if not as_of:
        return
    days = _days(figures, sources)
    if pd.Timestamp(as_of) > max(pd.Timestamp(date.today()), days.max()):
        raise TableError(f"as_of: found {as_of!r}, a day still to come; what it will bring is open")
    first = days[linear & (figures["series"] == series)].min()
    if first > pd.Timestamp(as_of):
        raise TableError(
            f"as_of: found {as_of!r}, but the first figure of {series} came out on "
            f"{first:%Y-%m-%d}; give a later day, or nothing for everything"
        )
