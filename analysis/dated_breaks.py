"""Breaks of the export series beside the catalogue of events, which the search was not told."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
from effects import Breaks, Volatility, breaks, volatility
from effects.events import events_in
from effects.regimes import Policy
from ledger.series import monthly_series
from tradedata.destinations import destination_name
from words import month_span

from analysis.regressors import calm_regressors
from analysis.study import BreakSearch
from analysis.tables import BreakShifts


def search_breaks(exports: pd.DataFrame, code: str, asked: BreakSearch) -> Breaks:
    """The breaks of a destination's series; EffectError or TableError where it cannot be told."""
    series = monthly_series(exports, code)
    return breaks(
        series,
        regressors=calm_regressors(series, series.index[-1]),
        trim=asked.trim or None,
        most=asked.most,
        level=asked.level,
        name=f"exports to {destination_name(code)}",
    )


def by_destination(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Tables of destinations, one under the other."""
    named = [table.assign(destination=code) for code, table in tables.items()]
    table = pd.concat(named or [pd.DataFrame({"destination": []})], ignore_index=True)
    return table[["destination", *table.columns.drop("destination")]]


def sequence_table(found: Mapping[str, Breaks]) -> pd.DataFrame:
    """The tests of more breaks than were known, one row a destination and number of breaks."""
    names = {"single_p": "p_value_single", "pair_p": "p_value_pair"}
    return by_destination({code: one.sequence.rename(columns=names) for code, one in found.items()})


def other_trims(
    exports: pd.DataFrame, found: Mapping[str, Breaks], asked: BreakSearch
) -> pd.DataFrame:
    """The search with least segments of three months, six, and the textbook's 15 % of the months.

    One row a destination and trim, that of `found` among them: the first months of the new levels,
    and the last test's p-value.
    """
    rows = []
    for code, own in found.items():
        observed = monthly_series(exports, code).notna().sum()
        for trim in sorted({own.trim, 3, 6, max(3, round(0.15 * observed))}):
            other = asked.model_copy(update={"trim": trim})
            result = own if trim == own.trim else search_breaks(exports, code, other)
            starts = [month_span(start, start) for start in result.dates["start"]]
            last = result.sequence["p_value"].iloc[-1]
            rows.append((code, trim, ", ".join(starts) or "none", last))
    return pd.DataFrame(rows, columns=["destination", "trim", "new levels from", "p_value"])


def compare_swings(
    exports: pd.DataFrame, policy: Policy, code: str, asked: BreakSearch
) -> Volatility:
    """Swings from `asked.swings_start` on against before, beside the policy regimes.

    Raises EffectError or TableError where it cannot be told.
    """
    series = monthly_series(exports, code)
    months = pd.PeriodIndex(series.index)
    return volatility(
        series,
        asked.swings_start,
        regressors=calm_regressors(series, months[-1]).join(policy.exposure(months)),
        level=asked.level,
        name=f"exports to {destination_name(code)}",
    )


def breaks_table(found: Mapping[str, Breaks], swings: Mapping[str, Volatility]) -> pd.DataFrame:
    """The rows of reports/breaks.csv: every break with its date's interval, then every swing."""
    dated = {
        code: one.table.join(one.dates[["lower", "upper"]].add_prefix("date_"))
        for code, one in found.items()
    }
    undated = {code: one.table.assign(date_lower="", date_upper="") for code, one in swings.items()}
    return BreakShifts.stacked(by_destination(dated), by_destination(undated))


def events_beside(found: Mapping[str, Breaks], events: pd.DataFrame) -> pd.DataFrame:
    """The catalogued events within each break's interval, one row an event and break."""
    columns = ["destination", "start", "announced", "effective", "actor", "name", "event_id"]
    rows = [pd.DataFrame(columns=columns)]
    for code, one in found.items():
        for start, low, high in one.dates[["start", "lower", "upper"]].to_numpy():
            here = events_in(events, low, high).assign(destination=code, start=start)
            for name in ("announced", "effective"):
                here[name] = here[f"date_{name}"].dt.strftime("%Y-%m-%d").fillna("")
            rows.append(here[columns])
    return pd.concat(rows[1:] or rows, ignore_index=True)


def textbook_counts(found: Mapping[str, Breaks]) -> pd.DataFrame:
    """How many breaks each rule chooses: ours, and BIC and LWZ of levels that stand still."""
    rows = [
        (code, len(one.table), *(int(one.criteria[rule].argmin()) for rule in ("bic", "lwz")))
        for code, one in found.items()
    ]
    return pd.DataFrame(rows, columns=["destination", "ours", "BIC", "LWZ"])
