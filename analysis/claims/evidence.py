"""What claims are checked against: exports with bounds, events with their dates, swings."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from contracts import read_table
from effects import Swing, swing, swings
from ledger.tables import Exports, Figures
from tradedata.destinations import destination_name

from analysis.claims.verdict import Range
from analysis.new_year import new_year_regressors
from analysis.series import monthly_series
from analysis.study import Study
from analysis.tables import EventDisagreements, Events

OF_MAGNETS = re.compile(r"rare[ -]earth|magnet", re.I)


def load_evidence(processed: Path) -> Evidence:
    """Read the tables that claims are checked against; the calm past is the studies' default."""
    usual = Study()
    return Evidence(
        exports=read_table(processed / "exports.parquet", Exports),
        figures=read_table(processed / "figures.parquet", Figures),
        events=read_table(processed / "events.parquet", Events),
        disagreements=read_table(processed / "event_disagreements.parquet", EventDisagreements),
        baseline_end=usual.baseline_end,
        level=usual.level,
    )


@dataclass(frozen=True)
class Evidence:
    """The tables exports, figures, events and event_disagreements, and the calm past's end.

    `level` is that of the swing test, whose reference are the changes up to `baseline_end`.
    """

    exports: pd.DataFrame
    figures: pd.DataFrame
    events: pd.DataFrame
    disagreements: pd.DataFrame
    baseline_end: str
    level: float

    def cell(self, destination: str, month: pd.Period) -> pd.Series | None:
        """The row of exports, if the published figures bound the cell at all."""
        rows = self.exports[
            (self.exports["destination"] == destination)
            & (self.exports["month"] == month.to_timestamp())
        ]
        return None if rows.empty else rows.iloc[0]

    def tonnes(self, destination: str, month: pd.Period) -> Range | None:
        """Tonnes of one month between their bounds."""
        row = self.cell(destination, month)
        return None if row is None else Range(row["tonnes"], row["lower"], row["upper"])

    def change(self, destination: str, month: pd.Period, back: int = 1) -> Range | None:
        """Percent change on the month `back` months before, between its bounds."""
        now, then = self.tonnes(destination, month), self.tonnes(destination, month - back)
        if now is None or then is None or then.lower <= 0:
            return None
        return Range(
            100 * (now.best / then.best - 1),
            100 * (now.lower / then.upper - 1),
            100 * (now.upper / then.lower - 1),
        )

    def direction(self, destination: str, month: pd.Period) -> int:
        """1 if the month certainly rose on the one before, −1 if it fell, 0 if not known."""
        change = self.change(destination, month)
        if change is None:
            return 0
        return int(change.lower > 0) - int(change.upper < 0)

    def swing(self, destination: str, month: str | pd.Period) -> Swing:
        """The swing test of one month; EffectError where it cannot be made."""
        series = monthly_series(self.exports, destination)
        return swing(
            series,
            month,
            baseline_end=self.baseline_end,
            regressors=new_year_regressors(pd.PeriodIndex(series.index)),
            level=self.level,
            name=f"exports to {destination_name(destination)}",
        )

    def swings(self, destination: str) -> pd.DataFrame:
        """All swings of a destination, each against the calm past."""
        series = monthly_series(self.exports, destination)
        return swings(
            series,
            baseline_end=self.baseline_end,
            regressors=new_year_regressors(pd.PeriodIndex(series.index)),
            level=self.level,
        )

    def printed_changes(self, destination: str, month: pd.Period, measure: str) -> pd.DataFrame:
        """The published figures of `measure` for one destination and month."""
        start = month.to_timestamp()
        rows = self.figures
        return rows[
            (rows["destination"] == destination)
            & (rows["measure"] == measure)
            & (rows["period_start"] == start)
            & (rows["period_end"] == start)
        ]

    def controls_between(self, first: pd.Timestamp, last: pd.Timestamp) -> pd.DataFrame:
        """China's tightenings that name rare earths or magnets, announced from first to last."""
        rows = self.events
        named = rows["products"].str.contains(OF_MAGNETS) & (rows["actor"] == "CN")
        dated = rows["date_announced"].between(first, last)
        return rows[named & dated & (rows["kind"] == "control_tightening")].sort_values(
            "date_announced", kind="stable"
        )

    def announced(self, event: pd.Series) -> tuple[pd.Timestamp, pd.Timestamp]:
        """The earliest and the latest day of announcement that sources give for an event."""
        rows = self.disagreements
        other = rows[(rows["event_id"] == event["event_id"]) & (rows["field"] == "date_announced")][
            "alternative"
        ]
        days = pd.to_datetime(other, errors="coerce", format="%Y-%m-%d").dropna()
        every = [event["date_announced"], *days]
        return min(every), max(every)
