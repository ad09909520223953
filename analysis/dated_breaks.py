"""Breaks of the export series beside the catalogue of events, which the search was not told."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import pandas as pd
from contracts import TableError
from effects import Breaks, EffectError, EffectResult, Volatility, breaks, volatility
from effects.spans import month_span
from ledger.series import monthly_series
from tradedata.destinations import destination_name

from analysis.events import Regime, events_in, regime_exposure
from analysis.new_year import new_year_regressors
from analysis.study import BreakSearch
from analysis.tables import BreakShifts

Result = TypeVar("Result", bound=EffectResult)


Told = tuple[dict[str, Result], list[str]]
"""Results by destination, and a sentence for each destination that cannot be told."""

LEFT_OUT = (
    "The regressors are New Year and the policy regimes, so falls and rebounds that the regimes "
    "take up are no swings here; the check of the press claim that swings became sharp counts them."
)


def search_breaks(
    exports: pd.DataFrame, destinations: Sequence[str], asked: BreakSearch
) -> Told[Breaks]:
    """The breaks of each destination's series; why, where they cannot be told."""
    return _each(destinations, lambda code: _search(monthly_series(exports, code), code, asked))


def _each(destinations: Sequence[str], ask: Callable[[str], Result]) -> Told[Result]:
    found, refused = {}, []
    for code in destinations:
        try:
            found[code] = ask(code)
        except (EffectError, TableError) as reason:
            name = destination_name(code)
            refused.append(f"For exports to {name} this cannot be told: {reason}.")
    return found, refused


def _search(series: pd.Series, code: str, asked: BreakSearch) -> Breaks:
    return breaks(
        series,
        regressors=new_year_regressors(pd.PeriodIndex(series.index)),
        trim=asked.trim or None,
        most=asked.most,
        level=asked.level,
        name=f"exports to {destination_name(code)}",
    )


def other_trims(
    exports: pd.DataFrame, found: Mapping[str, Breaks], asked: BreakSearch
) -> pd.DataFrame:
    """The search with least segments of three months, six, and the textbook's 15 % of the months.

    One row a destination and trim, that of `found` among them: the first months of the new levels,
    and the last test's p-value.
    """
    rows = []
    for code, own in found.items():
        series = monthly_series(exports, code)
        for trim in sorted({own.trim, 3, 6, max(3, round(0.15 * series.notna().sum()))}):
            told = asked.model_copy(update={"trim": trim})
            result = own if trim == own.trim else _search(series, code, told)
            starts = [month_span(start, start) for start in result.dates["start"]]
            last = result.sequence["p_value"].iloc[-1]
            rows.append((destination_name(code), trim, ", ".join(starts) or "none", last))
    return pd.DataFrame(rows, columns=["destination", "trim", "new levels from", "p value of more"])


def compare_swings(
    exports: pd.DataFrame,
    policy: Sequence[Regime],
    destinations: Sequence[str],
    asked: BreakSearch,
) -> Told[Volatility]:
    """Swings from `asked.swings_start` on against before, beside the policy regimes."""

    def ask(code: str) -> Volatility:
        series = monthly_series(exports, code)
        months = pd.PeriodIndex(series.index)
        return volatility(
            series,
            asked.swings_start,
            regressors=new_year_regressors(months).join(regime_exposure(months, tuple(policy))),
            level=asked.level,
            name=f"exports to {destination_name(code)}",
        )

    return _each(destinations, ask)


def breaks_table(found: Mapping[str, Breaks], swings: Mapping[str, Volatility]) -> pd.DataFrame:
    """The rows of reports/breaks.csv: every break with its date's interval, then every swing."""
    rows = [_named(code, one) for code, one in [*found.items(), *swings.items()]]
    columns = list(BreakShifts.to_schema().columns)
    if not rows:
        return pd.DataFrame(columns=columns)
    table = pd.concat(rows, ignore_index=True)
    dates = [one.dates[["lower", "upper"]].add_prefix("date_") for one in found.values()]
    ends = pd.concat(dates, ignore_index=True) if dates else table.reindex(columns=columns[-2:])
    ends = ends.reindex(table.index)
    return table.join(ends.astype("str").where(ends.notna(), ""))


def _named(code: str, result: EffectResult) -> pd.DataFrame:
    frame = result.table.copy()
    frame.insert(0, "destination", code)
    return frame


def events_beside(found: Mapping[str, Breaks], events: pd.DataFrame) -> pd.DataFrame:
    """The catalogued events within each break's interval, one row an event and break."""
    rows = []
    for code, one in found.items():
        for _, date in one.dates.iterrows():
            here = _events_of(events, date["lower"], date["upper"])
            rows.append(here.assign(destination=destination_name(code), start=date["start"]))
    columns = ["destination", "start", "announced", "effective", "actor", "name", "event_id"]
    return (
        pd.concat(rows)[columns].reset_index(drop=True) if rows else pd.DataFrame(columns=columns)
    )


def _events_of(events: pd.DataFrame, first: str, last: str) -> pd.DataFrame:
    end = pd.Period(last, freq="M").end_time.normalize()
    here = events_in(events, f"{first}-01", f"{end:%Y-%m-%d}")
    dates = {
        name: here[f"date_{name}"].dt.strftime("%Y-%m-%d").fillna("")
        for name in ("announced", "effective")
    }
    return here.assign(**dates)


def count_events(found: Mapping[str, Breaks], events: pd.DataFrame) -> str:
    """How many catalogued events lie in each break's interval, in sentences."""
    lines = []
    for code, one in found.items():
        counts = [
            f"{len(_events_of(events, date['lower'], date['upper']))} in "
            f"{month_span(date['lower'], date['upper'])}"
            for _, date in one.dates.iterrows()
        ]
        told = (
            f"the catalogue has {' and '.join(counts)}" if counts else "there is no break to date"
        )
        lines.append(f"for exports to {destination_name(code)} {told}")
    return f"Within the intervals of the dates, {'; '.join(lines)}." if lines else ""


def textbook_counts(found: Mapping[str, Breaks]) -> pd.DataFrame:
    """How many breaks each rule chooses: ours, and BIC and LWZ of levels that stand still."""
    return pd.DataFrame(
        {
            "destination": [destination_name(code) for code in found],
            "ours": [len(one.table) for one in found.values()],
            "bic": [int(one.criteria["bic"].argmin()) for one in found.values()],
            "lwz": [int(one.criteria["lwz"].argmin()) for one in found.values()],
        }
    )
