"""The reconciliation of a ledger, from its figures to exports and doubted figures."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd
from tradedata.tables import OfficialExports

from ledger.bounds import bound_cells, exports_table
from ledger.constraints import System, build_system
from ledger.doubt import Doubt, cheapest_doubt
from ledger.official import CUSTOMS, official_cells, with_official
from ledger.printed import distinct_figures
from ledger.programmes import Programme, SolverError
from ledger.rejected import Doubted, examine, rejected_table

VIOLATION_TONNES = 1e-5
"""A kept figure may miss its tolerance by so little: the arithmetic of floating point."""

GAP = 1e-6
"""A cost of doubt proved to lie this close to the least, in rejected tonnages, is the least."""


@dataclass(frozen=True)
class Settled:
    """The cheapest doubt, and what the figures not doubted allow.

    `exports` keeps the contract of that name; a kept figure misses its width by `worst_violation`
    tonnes at most.
    """

    exports: pd.DataFrame
    doubt: Doubt
    worst_violation: float
    system: System = field(repr=False)

    @property
    def optimal(self) -> bool:
        """Whether it is proved that no cheaper doubt lets the other figures hold together."""
        return self.doubt.gap <= GAP and self.worst_violation <= VIOLATION_TONNES

    def count(self, verdict: str) -> int:
        """How many distinct figures have a verdict: kept, mismatch or rejected."""
        return self.doubt.verdicts.count(verdict)

    def narrow_months(self, destination: str) -> int:
        """How many months of a destination have bounds narrow enough to count as data."""
        rows = self.exports["destination"] == destination
        return int(self.exports.loc[rows, "tonnes"].notna().sum())

    @property
    def sentence(self) -> str:
        """What came out, in words made from the numbers."""
        return (
            f"Of {len(self.doubt.verdicts)} distinct figures {self.count('kept')} hold together, "
            f"{self.count('mismatch')} are off by rounding or a near convention, and "
            f"{self.count('rejected')} cannot be true. Those that hold give "
            f"{self.narrow_months('WLD')} months of exports to the world and "
            f"{self.narrow_months('USA')} to the United States as data."
        )


@dataclass(frozen=True)
class Reconciliation(Settled):
    """What the figures of a ledger say together, and what contradicts those that do not hold.

    `rejected_figures` keeps the contract of that name. `doubted` holds the doubted figures in the
    order of the ledger; `ledger` is what was read, other series included, and `official` what
    customs say.
    """

    rejected_figures: pd.DataFrame
    doubted: tuple[Doubted, ...]
    ledger: pd.DataFrame = field(repr=False)
    sources: pd.DataFrame = field(repr=False)
    official: pd.DataFrame = field(repr=False)


def settle(
    figures: pd.DataFrame,
    sources: pd.DataFrame,
    series: str = "magnets_85051110",
    narrow_width: float = 0.05,
    official: pd.DataFrame | None = None,
) -> Settled:
    """What `reconcile` does, which takes the same, without examining the doubted figures."""
    printed = distinct_figures(figures, sources, series)
    if not printed:
        raise ValueError(f"figures: no tonnage, change or share of series {series!r}")
    known = {} if official is None else official_cells(official)
    system = build_system(printed, known)
    doubt = cheapest_doubt(Programme(system), printed)
    programme = Programme(system.only(doubt.kept))
    table = exports_table(system.printed, bound_cells(programme, system, doubt.kept), narrow_width)
    violation = programme.worst_violation(doubt.kept)
    settled = Settled(with_official(table, known), doubt, violation, system)
    if not settled.optimal:
        raise SolverError(
            f"not proved optimal: gap {doubt.gap:g}, a kept figure violated by {violation:g} tonnes"
        )
    return settled


def reconcile(
    figures: pd.DataFrame,
    sources: pd.DataFrame,
    series: str = "magnets_85051110",
    narrow_width: float = 0.05,
    official: pd.DataFrame | None = None,
) -> Reconciliation:
    """Find the figures to doubt and what the others allow for every destination and month.

    `figures` and `sources` keep the contracts Figures and Sources. Bounds within `narrow_width`
    of each other (0.05: upper at most 5 % above lower) count as data. `official` keeps the
    contract OfficialExports: its values are exact and contradict whatever differs. Raises
    ValueError when the ledger holds no figure of `series`, SolverError when optimality cannot be
    proved.
    """
    official = OfficialExports.empty() if official is None else official
    settled = settle(figures, sources, series, narrow_width, official)
    doubted = examine(settled.system, settled.doubt)
    beyond_doubt = "" if official.empty else CUSTOMS
    return Reconciliation(
        settled.exports,
        settled.doubt,
        settled.worst_violation,
        settled.system,
        rejected_table(settled.system.printed, doubted, beyond_doubt),
        doubted,
        figures,
        sources,
        official,
    )
