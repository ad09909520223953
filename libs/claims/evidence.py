"""What claims are checked against: exports with bounds, events with their dates, swings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd
from effects import EffectError, Swing, swing, swings
from effects.season import Season
from ledger.reconciliation import known_figures
from ledger.series import monthly_series

EPSILON = 1e-9
SEASONS: dict[Season, str] = {
    "harmonics": "a smooth season",
    "calendar": "a level for each calendar month",
}
"""The seasons a swing is tested with, as a sentence names them."""


@dataclass(frozen=True)
class Range:
    """A computed number between hard bounds; `best` is NaN where the bounds are too wide."""

    best: float
    lower: float
    upper: float

    def within(self, lower: float, upper: float) -> bool:
        """Whether the whole range lies between two numbers."""
        return lower - EPSILON <= self.lower and self.upper <= upper + EPSILON

    def apart(self, lower: float, upper: float) -> bool:
        """Whether no part of the range lies between two numbers."""
        return self.upper < lower - EPSILON or upper + EPSILON < self.lower

    def turned(self) -> Range:
        """The range of the number with the other sign."""
        return Range(-self.best, -self.upper, -self.lower)


@dataclass(frozen=True)
class Evidence:
    """The tables exports, figures, events and event_disagreements, and the calm past's end.

    `level` is that of the swing test, whose reference are the changes up to `baseline_end` and
    which takes out what `calendar` says of a series' months, as far as those up to there know it:
    one column a regressor.
    """

    exports: pd.DataFrame
    figures: pd.DataFrame
    events: pd.DataFrame
    disagreements: pd.DataFrame
    baseline_end: str
    level: float
    calendar: Callable[[pd.Series, str], pd.DataFrame]

    def then(self, exports: pd.DataFrame, sources: pd.DataFrame, day: pd.Timestamp) -> Evidence:
        """The evidence of a past day: its `exports`, and the figures known on it."""
        known = known_figures(self.figures, sources, f"{day:%Y-%m-%d}")
        return replace(self, exports=exports, figures=known)

    def cell(self, destination: str, month: pd.Period) -> pd.Series | None:
        """The row of exports, if the published figures bound the cell at all."""
        asked = self.exports["destination"] == destination
        rows = self.exports[asked & (self.exports["month"] == month.to_timestamp())]
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
        pairs = ((now.best, then.best), (now.lower, then.upper), (now.upper, then.lower))
        return Range(*(100 * (new / old - 1) for new, old in pairs))

    def direction(self, destination: str, month: pd.Period) -> int:
        """1 if the month certainly rose on the one before, −1 if it fell, 0 if not known."""
        change = self.change(destination, month)
        return 0 if change is None else int(change.lower > 0) - int(change.upper < 0)

    def changes_before(self, destination: str, before: pd.Period) -> dict[pd.Period, Range]:
        """The changes before a month whose two months are both observed."""
        rows = self.exports[self.exports["destination"] == destination]
        months = pd.PeriodIndex(rows.loc[rows["tonnes"].notna(), "month"], freq="M")
        asked = [month for month in months if month < before and month - 1 in months]
        found = {month: self.change(destination, month) for month in asked}
        return {month: change for month, change in found.items() if change is not None}

    def swing_tests(self, destination: str, month: pd.Period) -> dict[Season, Swing]:
        """The swing test of one month by season; EffectError where none can be made."""
        series = monthly_series(self.exports, destination)
        tests: dict[Season, Swing] = {}
        refusal = None
        usual = self._usual(series)
        for season in SEASONS:
            # Where no month around the New Year is seen, it cannot be told from its month's level.
            for terms in (usual, usual | {"regressors": None}):
                try:
                    tests[season] = swing(series, month, season=season, **terms)
                    break
                except EffectError as error:
                    refusal = refusal or error
        if refusal is not None and not tests:
            raise refusal
        return tests

    def swings(self, destination: str) -> pd.DataFrame:
        """All swings of a destination, each against the calm past."""
        series = monthly_series(self.exports, destination)
        return swings(series, **self._usual(series))

    def _usual(self, series: pd.Series) -> dict[str, Any]:
        regressors = self.calendar(series, self.baseline_end)
        return {"baseline_end": self.baseline_end, "regressors": regressors, "level": self.level}

    def rests_on_change(
        self, destination: str, base: pd.Period, now: pd.Period, measure: str
    ) -> bool:
        """Whether nothing but the change `measure` of the month `now` bounds the month `base`.

        Then every figure behind `base` is of `now`, and each that is no tonnage is that change.
        """
        cell = self.cell(destination, base)
        if cell is None or cell["status"] != "derived":
            return False
        behind = self.figures[self.figures["figure_id"].isin(cell["figure_ids"].split(";"))]
        of_now = (behind["period_start"] == now.to_timestamp()) & (
            behind["period_end"] == now.to_timestamp()
        )
        measures = set(behind["measure"])
        return bool(of_now.all()) and measure in measures <= {measure, "tonnes"}

    def event(self, event_id: str) -> pd.Series | None:
        """The row of the catalogue."""
        rows = self.events[self.events["event_id"] == event_id]
        return None if rows.empty else rows.iloc[0]

    def announced(self, event: pd.Series) -> tuple[pd.Timestamp, pd.Timestamp]:
        """The earliest and the latest day of announcement that sources give for an event."""
        rows = self.disagreements
        asked = (rows["event_id"] == event["event_id"]) & (rows["field"] == "date_announced")
        other = pd.to_datetime(rows.loc[asked, "alternative"], errors="coerce", format="%Y-%m-%d")
        every = [event["date_announced"], *other.dropna()]
        return min(every), max(every)
