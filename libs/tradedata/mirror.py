"""Mirror statistics: what importers report they received beside what an exporter reports it sent.

Sides hold one row per `goods` (like codes on both sides), `destination` (the importer) and `month`.
Where exports to an importer are never known, its imports are set against exports to the world: a
share instead of a ratio.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from tradedata.destinations import WORLD
from tradedata.tables import KILOGRAMS_IN_A_TONNE

LAGS = range(4)
"""Months by which imports may follow exports."""
BASE = 3
"""Months before a window that its imports are set against."""
ENOUGH_MONTHS = 12
PAIR = ["goods", "destination"]
SIDES = ["exporter_tonnes", "exporter_lower", "exporter_upper"]
CHANGES = ["start", "end", "change_pct", "other_dates", "as_deep", "p_value"]


def match_sides(sent: pd.DataFrame, imports: pd.DataFrame) -> pd.DataFrame:
    """Imports beside exports, one row an importer, goods and month that the importer reports.

    `sent` has goods, destination, month and SIDES; `imports` are rows of ReportedFlows with their
    goods. Columns: those of `sent`, importer_tonnes (a sum with a missing part is missing), source,
    sent_to (WLD for a share), ratio, lag_months (the steadiest, if there are months enough).
    """
    key = [*PAIR, "month"]
    both = _received(imports).merge(sent, on=key, how="left").sort_values(key, ignore_index=True)
    both = _beside_the_world(both.assign(sent_to=both["destination"]), sent)
    known = both["exporter_tonnes"].where(both["exporter_tonnes"] > 0)
    both["ratio"] = both["importer_tonnes"] / known
    lags = compare_lags(both).query("best")[[*PAIR, "lag_months"]]
    return both.merge(lags, on=PAIR, how="left")


def _received(imports: pd.DataFrame) -> pd.DataFrame:
    sums = imports.groupby(["goods", "reporter", "month"])
    table = sums.agg(
        importer_tonnes=("kilograms", lambda part: part.sum(skipna=False) / KILOGRAMS_IN_A_TONNE),
        source=("source", "first"),
    )
    named = table.reset_index().rename(columns={"reporter": "destination"})
    return named.astype({"importer_tonnes": float})


def _beside_the_world(both: pd.DataFrame, sent: pd.DataFrame) -> pd.DataFrame:
    """Importers that the exporter never names, set against its exports to the world."""
    named = both.groupby(PAIR)["exporter_upper"].transform("count") > 0
    world = sent[sent["destination"] == WORLD].set_index(["goods", "month"])[SIDES]
    keys = pd.MultiIndex.from_frame(both.loc[~named, ["goods", "month"]])
    both.loc[~named, SIDES] = world.reindex(keys).to_numpy()
    known = both.groupby(PAIR)["exporter_upper"].transform("count") > 0
    both.loc[~named & known, "sent_to"] = WORLD
    return both


def _ratios(rows: pd.DataFrame) -> pd.DataFrame:
    """Imports over exports of so many months before, by lag, on every month of one importer."""
    known = pd.PeriodIndex(rows["month"], freq="M")
    every = pd.period_range(known.min(), known.max(), freq="M")
    sides = rows[["exporter_tonnes", "importer_tonnes"]].set_axis(known).reindex(every)
    sent = sides["exporter_tonnes"].where(sides["exporter_tonnes"] > 0)
    return pd.DataFrame({lag: sides["importer_tonnes"] / sent.shift(lag) for lag in LAGS})


def compare_lags(mirror: pd.DataFrame) -> pd.DataFrame:
    """How steady importer / exporter tonnes are at each lag, by goods and destination.

    A lag of 1 sets an import against the export of the month before. `spread` is the standard
    deviation of the log ratio over `months`, the same months for every lag; `best` marks the least.
    Pairs with fewer than 12 such months are left out: they cannot tell.
    """
    rows = []
    for pair, own in mirror.groupby(PAIR):
        ratios = _ratios(own)
        logs = ratios.where(ratios > 0).transform("log").dropna()
        if len(logs) >= ENOUGH_MONTHS:
            spread = logs.std()
            best = spread.idxmin()
            rows += [(*pair, lag, spread[lag], len(logs), lag == best) for lag in LAGS]
    columns = [*PAIR, "lag_months", "spread", "months", "best"]
    return pd.DataFrame(rows, columns=columns).astype({"best": bool, "lag_months": int})


def sum_up_mirror(mirror: pd.DataFrame) -> pd.DataFrame:
    """By goods, destination and `sent_to`: months with both sides, tonnes, median ratio, best lag.

    The most sent first; `sent_to` is the destination, or WLD for a share of what all were sent.
    """
    known = mirror.dropna(subset=["ratio"])
    sums = known.groupby([*PAIR, "sent_to"], as_index=False).agg(
        months=("month", "size"),
        exporter_tonnes=("exporter_tonnes", "sum"),
        importer_tonnes=("importer_tonnes", "sum"),
        median_ratio=("ratio", "median"),
        lag_months=("lag_months", "first"),
    )
    order = ["goods", "exporter_tonnes"]
    return sums.sort_values(order, ascending=[False, False], ignore_index=True)


def ratios_by_month(mirror: pd.DataFrame) -> pd.DataFrame:
    """Imports over exports of the same month and of one to three months before, in percent.

    One row an importer and month for which one of them is known; a column a lag.
    """
    parts = [
        rows[["destination", "sent_to"]]
        .head(1)
        .merge((100 * _ratios(rows)).dropna(how="all").reset_index(names="month"), how="cross")
        for _, rows in mirror.groupby(["destination", "sent_to"])
    ]
    table = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
    return table.rename(columns={lag: f"lag {lag}, %" for lag in LAGS})


def window_changes(mirror: pd.DataFrame, start: str, end: str) -> pd.DataFrame:
    """Imports of a window, `start` to `end`, against the three months before it, by lag.

    One row an importer, goods and lag of 0 to 3 months, by which window and base are both shifted.
    Columns: destination, goods, lag_months, start, end (Period), change_pct (of the monthly mean),
    other_dates (placements of window and base, of one month after another, that keep clear of the
    window and of the three months after it), as_deep (how many of these fell as far or farther),
    p_value (one-sided, by rank). A window with an unknown month has no change.
    """
    window = pd.period_range(start, end, freq="M")
    rows = [
        (place, goods, lag, *found)
        for (goods, place), known in mirror.groupby(PAIR, sort=False)
        for lag, found in zip(LAGS, _changes(known, window), strict=True)
    ]
    columns = ["destination", "goods", "lag_months", *CHANGES]
    return pd.DataFrame(rows, columns=columns)


def _changes(known: pd.DataFrame, window: pd.PeriodIndex) -> list[tuple[object, ...]]:
    """The change of a window from the months before it, by lag, among those at other dates."""
    tonnes = known["importer_tonnes"].set_axis(pd.PeriodIndex(known["month"], freq="M"))
    last = window[-1] + max(LAGS)
    every = tonnes.index.union(pd.PeriodIndex([window[0] - BASE, last]))
    tonnes = tonnes.reindex(pd.period_range(every[0], every[-1], freq="M")).astype(float)
    inside, before = (
        pd.concat([tonnes.shift(by) for by in moves], axis=1).mean(axis=1, skipna=False)
        for moves in (range(0, -len(window), -1), range(1, BASE + 1))
    )
    changes = 100 * (inside / before.where(before > 0) - 1)
    first = pd.PeriodIndex(changes.index)
    others = changes[(first + len(window) <= window[0]) | (first - BASE > last)].dropna()
    mine = changes.loc[window[0] :].iloc[: len(LAGS)].to_list()
    deep = [int((others <= change).sum()) for change in mine]
    ranks = [(1 + one) / (1 + len(others)) for one in deep]
    p_values = np.where(np.isnan(mine), np.nan, ranks)
    return [
        (window[0] + lag, window[-1] + lag, mine[lag], len(others), deep[lag], p_values[lag])
        for lag in LAGS
    ]
