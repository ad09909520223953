"""Both sides of the border: what importers report against what China reports.

Where China's exports to an importer are not known, its imports are set against China's exports to
the world: a share instead of a ratio.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from charts import Figure, plot_arrivals
from contracts import validate
from tradedata.destinations import WORLD, destination_name
from words import count, months, number, percent

from analysis.tables import Mirror

RARE_EARTH, METAL = "rare-earth magnets", "all metal magnets"
"""What is compared with what: codes for the same goods on both sides."""
SAME_GOODS = {
    "comext": ("85051110",),
    "hmrc": ("85051110",),
    "census": ("8505110050", "8505110070"),
}
"""The importers' codes for what China counts under 85051110. Bonded rare-earth magnets stand in the
US code 8505110090 among others and are left out."""
ALL_METAL = ("comexstat", "comtrade")
"""Sources of HS 850511 as a whole; where two of them tell of a country, the first counts."""
LAGS = range(4)
VOYAGE = 1
"""The lag, in months, that sentences about a window speak of; its table has all."""
BASE = 3
"""Months before a window that its imports are set against."""
ENOUGH_MONTHS = 12
LEVEL = 0.05
MOST_DRAWN = 4
SOURCE = "Source: customs of the importers."
SIDES = ["exporter_tonnes", "exporter_lower", "exporter_upper"]
PAIR = ["goods", "destination"]
KILOGRAMS_IN_A_TONNE = 1000


def build_mirror(exports: pd.DataFrame, flows: pd.DataFrame) -> pd.DataFrame:
    """What importers report, by goods, importer and month, beside China's side: contract Mirror.

    `exports` is the table Exports (rare-earth magnets as China reports them), `flows` the table
    ReportedFlows (everything else). China's side is empty where it is not known.
    """
    china, abroad = _sent(exports, flows), _received(flows)
    key = [*PAIR, "month"]
    both = abroad.merge(china, on=key, how="left").sort_values(key, ignore_index=True)
    both = _beside_the_world(both.assign(sent_to=both["destination"]), china)
    sent = both["exporter_tonnes"].where(both["exporter_tonnes"] > 0)
    both["ratio"] = both["importer_tonnes"] / sent
    lags = compare_lags(both).query("best")[[*PAIR, "lag_months"]]
    both = both.merge(lags, on=PAIR, how="left")
    return validate(both[list(Mirror.to_schema().columns)], Mirror, "mirror")


def _sent(exports: pd.DataFrame, flows: pd.DataFrame) -> pd.DataFrame:
    """China's side: goods, destination, month and SIDES."""
    magnets = exports.rename(columns=dict(zip(("tonnes", "lower", "upper"), SIDES, strict=True)))
    rows = flows[(flows["source"] == "comtrade") & (flows["flow"] == "export")]
    sides = dict.fromkeys(SIDES, rows["kilograms"] / KILOGRAMS_IN_A_TONNE)
    metal = rows.assign(destination=rows["partner"], **sides)
    columns = ["destination", "month", *SIDES]
    parts = [magnets[columns].assign(goods=RARE_EARTH), metal[columns].assign(goods=METAL)]
    return pd.concat(parts, ignore_index=True)


def _received(flows: pd.DataFrame) -> pd.DataFrame:
    """The importers' side: goods, destination, month, importer_tonnes and source.

    A sum with a missing part is missing.
    """
    imports = flows[(flows["partner"] == "CHN") & (flows["flow"] == "import")]
    same = [
        imports[(imports["source"] == source) & imports["product"].isin(codes)].assign(
            goods=RARE_EARTH
        )
        for source, codes in SAME_GOODS.items()
    ]
    metal = pd.concat([imports[imports["source"] == source] for source in ALL_METAL])
    metal = metal.drop_duplicates(["reporter", "month"]).assign(goods=METAL)
    sums = pd.concat([*same, metal]).groupby(["goods", "reporter", "month"])
    table = sums.agg(
        importer_tonnes=("kilograms", lambda part: part.sum(skipna=False) / KILOGRAMS_IN_A_TONNE),
        source=("source", "first"),
    )
    named = table.reset_index().rename(columns={"reporter": "destination"})
    return named.astype({"importer_tonnes": float})


def _beside_the_world(both: pd.DataFrame, china: pd.DataFrame) -> pd.DataFrame:
    """Importers that China's side never names, set against China's exports to the world."""
    named = both.groupby(PAIR)["exporter_upper"].transform("count") > 0
    world = china[china["destination"] == WORLD].set_index(["goods", "month"])[SIDES]
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

    One row an importer and month of rare-earth magnets for which one of them is known.
    """
    magnets = mirror[mirror["goods"] == RARE_EARTH]
    parts = [
        rows[["destination", "sent_to"]]
        .head(1)
        .merge((100 * _ratios(rows)).dropna(how="all").reset_index(names="month"), how="cross")
        for _, rows in magnets.groupby(["destination", "sent_to"])
    ]
    table = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
    return table.rename(columns={lag: f"lag {lag}, %" for lag in LAGS})


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
    world = exports[exports["destination"] == WORLD].rename(columns={"tonnes": "importer_tonnes"})
    parts = [
        ((RARE_EARTH, WORLD), world, range(1)),
        *((*one, LAGS) for one in mirror.groupby(PAIR)),
    ]
    rows = [
        {"destination": place, "goods": goods, "lag_months": lag, **found}
        for (goods, place), known, lags in parts
        for lag, found in zip(lags, _falls(known, window), strict=False)
    ]
    return pd.DataFrame(rows)


def _falls(known: pd.DataFrame, window: pd.PeriodIndex) -> list[dict[str, object]]:
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
    return [
        {
            "start": window[0] + lag,
            "end": window[-1] + lag,
            "change_pct": mine[lag],
            "other_dates": len(others),
            "as_deep": deep[lag],
            "p_value": np.nan if np.isnan(mine[lag]) else (1 + deep[lag]) / (1 + len(others)),
        }
        for lag in LAGS
    ]


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
    others, deep = int(row["other_dates"]), int(row["as_deep"])
    name = f"{called(row['destination'])}, {row['goods']} from China"
    when = months(row["start"], row["end"])
    if pd.isna(row["change_pct"]):
        return f"{name}: {when} or the three months before are not all known."
    size, side = number(abs(row["change_pct"])), "below" if row["change_pct"] < 0 else "above"
    told = f"{name}: the mean of {when} was {size} % {side} that of the three months before."
    if not others:
        return f"{told} No other dates are known to hold that against."
    rank = f"{deep:,}" if deep else "None"
    told += f" {rank} of {count(others, 'other date')} went as low (p = {row['p_value']:.2f})"
    if 1 / (1 + others) > LEVEL:
        return f"{told}; with so few dates no fall, however deep, could have been called unusual."
    return f"{told}: {'an unusual fall' if row['p_value'] <= LEVEL else 'no unusual fall'}."


def called(destination: str) -> str:
    """The name of an importer as a sentence begins with it."""
    name = destination_name(destination)
    return f"{name[0].upper()}{name[1:]}"


def plot_imports(mirror: pd.DataFrame, start: str, end: str) -> list[Figure]:
    """What importers report from China by month, the months of the window shaded."""
    sizes = mirror.groupby(PAIR)["importer_tonnes"].sum()
    drawn = sizes[sizes > 0].sort_values(ascending=False).head(MOST_DRAWN).index
    if drawn.empty:
        return []
    series = mirror.set_index([*PAIR, "month"])["importer_tonnes"]
    lines = {f"{called(place)}, {goods}": series.loc[(goods, place)] for goods, place in drawn}
    window = pd.Period(start, freq="M"), pd.Period(end, freq="M")
    name = "magnets from China, as importers report them"
    return [plot_arrivals(lines, window, name=name, stem="mirror-imports", source=SOURCE)]
