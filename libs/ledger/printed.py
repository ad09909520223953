"""Distinct printed figures: identical rows of the ledger become one figure with many sources."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from ledger.tolerances import Interval, truth_interval

MEASURES = ("tonnes", "pct_change_month", "pct_change_year", "share_pct")
"""The measures that are linear in monthly tonnes. Ranks are left out: see docs/method.md."""

IDENTITY = ["destination", "start", "end", "measure", "value", "approximate", "zeros_count"]


@dataclass(frozen=True)
class Printed:
    """One distinct figure: its period (first and last month as ordinals) and who printed it."""

    destination: str
    start: int
    end: int
    measure: str
    value: str
    approximate: bool
    zeros_count: bool
    figure_ids: tuple[str, ...]
    newsrooms: frozenset[str]

    @property
    def name(self) -> str:
        """The first of its figure ids."""
        return self.figure_ids[0]

    @property
    def months(self) -> range:
        """The ordinals of the months it speaks about."""
        return range(self.start, self.end + 1)

    @property
    def base(self) -> range | None:
        """The months it is compared with: the period just before, or a year earlier."""
        length = len(self.months)
        back = {"pct_change_month": length, "pct_change_year": 12}.get(self.measure)
        return None if back is None else range(self.start - back, self.end + 1 - back)

    @property
    def spoken_of(self) -> frozenset[int]:
        """The months of the figure and of its base."""
        return frozenset([*self.months, *(self.base or ())])

    def truth(self, verdict: str) -> Interval:
        """Where the truth lies if the figure's verdict is `verdict` (kept or mismatch)."""
        return truth_interval(
            self.value, self.measure, self.approximate, verdict, zeros_count=self.zeros_count
        )


def distinct_figures(figures: pd.DataFrame, sources: pd.DataFrame, series: str) -> list[Printed]:
    """The distinct figures of `series` in the order of their ids.

    `figures` and `sources` keep the contracts Figures and Sources. A figure's newsrooms are the
    independent ones, not the pages that reprint them.
    """
    rows = figures[(figures["series"] == series) & figures["measure"].isin(MEASURES)]
    rows = rows.sort_values("figure_id")
    rows = rows.merge(sources[["source_id", "newsroom"]], on="source_id", how="left")
    rows = rows.assign(
        start=pd.PeriodIndex(rows["period_start"], freq="M").asi8,
        end=pd.PeriodIndex(rows["period_end"], freq="M").asi8,
        zeros_count=~rows["note"].str.startswith("printed in million"),
    )
    behind = rows.groupby(IDENTITY, sort=False)[["figure_id", "newsroom"]].agg(tuple)
    return [
        Printed(**dict(zip(IDENTITY, key, strict=True)), figure_ids=ids, newsrooms=frozenset(rooms))
        for key, ids, rooms in zip(behind.index, *behind.to_numpy().T, strict=True)
    ]


def newsrooms_behind(figures: Iterable[Printed]) -> int:
    """How many independent newsrooms printed any of `figures`."""
    return len(frozenset().union(*(figure.newsrooms for figure in figures)))
