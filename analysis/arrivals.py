"""What importers say of a window of months: their imports a ship's voyage later."""

from __future__ import annotations

import numpy as np
import pandas as pd
from charts import Figure, plot_arrivals
from ledger.series import mean_over
from tradedata.destinations import WORLD
from words import count, months, number, percent

from analysis.mirror import LAGS, RARE_EARTH, called

VOYAGE = 1
"""The lag, in months, that sentences are about; the table has all."""
BASE = 3
"""Months before a window that its imports are set against."""
LEVEL = 0.05
MOST_DRAWN = 4
SOURCE = "Source: customs of the importers."


def arrivals_in(mirror: pd.DataFrame, exports: pd.DataFrame, start: str, end: str) -> pd.DataFrame:
    """Imports of a window, `start` to `end`, against the three months before it, by lag.

    One row an importer, goods and lag of 0 to 3 months, by which window and base are both shifted;
    the first row is China's exports to the world, unshifted. Columns: destination, goods,
    lag_months, start, end (Period), change_pct (of the monthly mean), other_dates (placements of
    window and base, of one month after another, that keep clear of the window and of the three
    months after it), as_deep (how many of these fell as far or farther), p_value (one-sided, by
    rank). A window with an unknown month has no change.
    """
    window = pd.period_range(start, end, freq="M")
    world = exports[exports["destination"] == WORLD].set_index("month")["tonnes"]
    names = {"destination": WORLD, "goods": RARE_EARTH, "lag_months": 0}
    rows = [{**names, **_fall(world, window, 0)}]
    for (goods, place), known in mirror.groupby(["goods", "destination"], sort=False):
        names = {"destination": place, "goods": goods}
        tonnes = known.set_index("month")["importer_tonnes"]
        rows += [{**names, "lag_months": lag, **_fall(tonnes, window, lag)} for lag in LAGS]
    return pd.DataFrame(rows)


def _fall(tonnes: pd.Series, window: pd.PeriodIndex, lag: int) -> dict[str, object]:
    known = tonnes.set_axis(pd.PeriodIndex(tonnes.index, freq="M")).dropna()
    mine = _change(known, window[0] + lag, len(window))
    touched = pd.period_range(window[0], window[-1] + max(LAGS), freq="M")
    span = BASE + len(window)
    clear = [
        _change(known, first + BASE, len(window))
        for first in known.index
        if not len(touched.intersection(pd.period_range(first, periods=span, freq="M")))
    ]
    others = [change for change in clear if not np.isnan(change)]
    deep = sum(change <= mine for change in others)
    return {
        "start": window[0] + lag,
        "end": window[-1] + lag,
        "change_pct": mine,
        "other_dates": len(others),
        "as_deep": deep,
        "p_value": np.nan if np.isnan(mine) else (1 + deep) / (1 + len(others)),
    }


def _change(tonnes: pd.Series, first: pd.Period, length: int) -> float:
    """Percent change of the mean from the months before `first` to those from it on."""
    base = mean_over(tonnes, pd.period_range(first - BASE, periods=BASE, freq="M"))
    window = mean_over(tonnes, pd.period_range(first, periods=length, freq="M"))
    return 100 * (window / base - 1) if base else float("nan")


def describe_arrivals(found: pd.DataFrame) -> str:
    """What importers say of the window, a ship's voyage later, as a Markdown list."""
    world = found[found["destination"] == WORLD].iloc[0]
    abroad = found[(found["destination"] != WORLD) & (found["lag_months"] == VOYAGE)]
    if abroad.empty:
        return "No importer's months have been fetched, so there is nothing to say yet."
    lines = [_arrival(row) for _, row in abroad.iterrows()]
    if pd.notna(world["change_pct"]):
        known = abroad["change_pct"].dropna()
        lines.append(
            "By the same measure China's exports of rare-earth magnets to the world changed by "
            f"{percent(world['change_pct'])} in {months(world['start'], world['end'])}; "
            f"{int((known > world['change_pct']).sum())} of {count(len(known), 'importer')} report "
            "a change above that."
        )
    return "\n".join(f"- {line}" for line in lines)


def _arrival(row: pd.Series) -> str:
    name = f"{called(row['destination'])}, {row['goods']} from China"
    when = months(row["start"], row["end"])
    if pd.isna(row["change_pct"]):
        return f"{name}: {when} or the three months before are not all known."
    size, side = number(abs(row["change_pct"])), "below" if row["change_pct"] < 0 else "above"
    return (
        f"{name}: the mean of {when} was {size} % {side} that of the three months before. "
        f"{_among_dates(row)}"
    )


def _among_dates(row: pd.Series) -> str:
    others, deep = int(row["other_dates"]), int(row["as_deep"])
    if not others:
        return "No other dates are known to hold that against."
    rank = f"{deep:,}" if deep else "None"
    told = f"{rank} of {count(others, 'other date')} went as low (p = {row['p_value']:.2f})"
    if 1 / (1 + others) > LEVEL:
        return f"{told}; with so few dates no fall, however deep, could have been called unusual."
    return f"{told}: {'an unusual fall' if row['p_value'] <= LEVEL else 'no unusual fall'}."


def plot_imports(mirror: pd.DataFrame, start: str, end: str) -> list[Figure]:
    """What importers report from China by month, the months of the window shaded."""
    sizes = mirror.groupby(["goods", "destination"])["importer_tonnes"].sum()
    drawn = sizes[sizes > 0].sort_values(ascending=False).head(MOST_DRAWN).index
    if drawn.empty:
        return []
    series = mirror.set_index(["goods", "destination", "month"])["importer_tonnes"]
    lines = {f"{called(place)}, {goods}": series.loc[(goods, place)] for goods, place in drawn}
    window = pd.Period(start, freq="M"), pd.Period(end, freq="M")
    name = "magnets from China, as importers report them"
    return [plot_arrivals(lines, window, name=name, stem="mirror-imports", source=SOURCE)]
