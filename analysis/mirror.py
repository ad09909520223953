"""Both sides of the border: what importers report against what China reports.

Where China's exports to an importer are not known, its imports are set against China's exports to
the world: a share instead of a ratio.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import numpy as np
import pandas as pd
from contracts import validate
from tradedata.destinations import WORLD, destination_name
from words import count

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
LAG_WORDS = (
    "within the month",
    "when imports are set against exports of the month before",
    "when imports are set against exports of two months before",
    "when imports are set against exports of three months before",
)
LAGS = range(len(LAG_WORDS))
ENOUGH_MONTHS = 12
SIDES = ["exporter_tonnes", "exporter_lower", "exporter_upper"]
KEY = ["goods", "destination", "month"]
KILOGRAMS_IN_A_TONNE = 1000


def build_mirror(exports: pd.DataFrame, flows: pd.DataFrame) -> pd.DataFrame:
    """What importers report, by goods, importer and month, beside China's side: contract Mirror.

    `exports` is the table Exports (rare-earth magnets as China reports them), `flows` the table
    ReportedFlows (everything else). China's side is empty where it is not known.
    """
    china = pd.concat([_china_rare_earth(exports), _china_metal(flows)], ignore_index=True)
    abroad = pd.concat([_abroad_rare_earth(flows), _abroad_metal(flows)], ignore_index=True)
    both = abroad.merge(china, on=KEY, how="left").sort_values(KEY, ignore_index=True)
    both = _beside_the_world(both.assign(sent_to=both["destination"]), china)
    both["ratio"] = both["importer_tonnes"] / both["exporter_tonnes"].where(
        both["exporter_tonnes"] > 0
    )
    lags = compare_lags(both).query("best")[["goods", "destination", "lag_months"]]
    both = both.merge(lags, on=["goods", "destination"], how="left")
    return validate(both[list(Mirror.to_schema().columns)], Mirror, "mirror")


def _beside_the_world(both: pd.DataFrame, china: pd.DataFrame) -> pd.DataFrame:
    """Importers that China's side never names, set against China's exports to the world."""
    named = both.groupby(["goods", "destination"])["exporter_upper"].transform("count") > 0
    world = china[china["destination"] == WORLD].set_index(["goods", "month"])[SIDES]
    keys = pd.MultiIndex.from_frame(both.loc[~named, ["goods", "month"]])
    both.loc[~named, SIDES] = world.reindex(keys).to_numpy()
    known = both.groupby(["goods", "destination"])["exporter_upper"].transform("count") > 0
    both.loc[~named & known, "sent_to"] = WORLD
    return both


def _china_rare_earth(exports: pd.DataFrame) -> pd.DataFrame:
    names = {"tonnes": "exporter_tonnes", "lower": "exporter_lower", "upper": "exporter_upper"}
    columns = ["destination", "month", *names]
    return exports[columns].rename(columns=names).assign(goods=RARE_EARTH)


def _china_metal(flows: pd.DataFrame) -> pd.DataFrame:
    rows = flows[(flows["source"] == "comtrade") & (flows["flow"] == "export")]
    tonnes = rows["kilograms"] / KILOGRAMS_IN_A_TONNE
    sides = dict.fromkeys(["exporter_tonnes", "exporter_lower", "exporter_upper"], tonnes)
    return pd.DataFrame(
        {"goods": METAL, "destination": rows["partner"], "month": rows["month"], **sides}
    )


def _abroad_rare_earth(flows: pd.DataFrame) -> pd.DataFrame:
    same = [
        (flows["source"] == source) & flows["product"].isin(codes)
        for source, codes in SAME_GOODS.items()
    ]
    return _imports(flows[np.logical_or.reduce(same)], RARE_EARTH)


def _abroad_metal(flows: pd.DataFrame) -> pd.DataFrame:
    rows = flows[flows["source"].isin(ALL_METAL)].sort_values("source", key=_rank)
    imports = rows[rows["flow"] == "import"]
    return _imports(imports.drop_duplicates(["reporter", "month"]), METAL)


def _rank(sources: pd.Series) -> pd.Series:
    return sources.map(ALL_METAL.index)


def _imports(rows: pd.DataFrame, goods: str) -> pd.DataFrame:
    """Tonnes from China by reporter and month; a sum with a missing part is missing."""
    china = rows[(rows["partner"] == "CHN") & (rows["flow"] == "import")]
    sums = china.groupby(["reporter", "month"]).agg(
        importer_tonnes=("kilograms", lambda part: part.sum(skipna=False) / KILOGRAMS_IN_A_TONNE),
        source=("source", "first"),
    )
    named = sums.reset_index().rename(columns={"reporter": "destination"})
    return named.assign(goods=goods).astype({"importer_tonnes": float})


def compare_lags(both: pd.DataFrame) -> pd.DataFrame:
    """How steady importer / exporter tonnes are at each lag, by goods and destination.

    A lag of 1 sets an import against the export of the month before. `spread` is the standard
    deviation of the log ratio over `months`, the same months for every lag; `best` marks the least.
    Pairs with fewer than 12 such months are left out: they cannot tell.
    """
    parts = [
        _spreads(rows).assign(goods=rows["goods"].iloc[0], destination=rows["destination"].iloc[0])
        for _, rows in both.groupby(["goods", "destination"])
    ]
    columns = ["goods", "destination", "lag_months", "spread", "months", "best"]
    told = [part for part in parts if len(part)]
    if not told:
        return pd.DataFrame(columns=columns).astype({"best": bool, "lag_months": int})
    return pd.concat(told, ignore_index=True)[columns]


def _every_month(rows: pd.DataFrame) -> pd.DataFrame:
    """Both sides' tonnes by month (Period), from the first to the last without a gap."""
    known = pd.PeriodIndex(rows["month"], freq="M")
    every = pd.period_range(known.min(), known.max(), freq="M")
    return rows[["exporter_tonnes", "importer_tonnes"]].set_axis(known).reindex(every)


def _spreads(rows: pd.DataFrame) -> pd.DataFrame:
    sides = _every_month(rows)
    logs = sides.where(sides > 0).transform("log")
    ratios = pd.DataFrame(
        {lag: logs["importer_tonnes"] - logs["exporter_tonnes"].shift(lag) for lag in LAGS}
    ).dropna()
    if len(ratios) < ENOUGH_MONTHS:
        return pd.DataFrame()
    spread = ratios.std()
    return pd.DataFrame(
        {
            "lag_months": list(LAGS),
            "spread": spread.to_numpy(),
            "months": len(ratios),
            "best": spread.index == spread.idxmin(),
        }
    )


def sum_up_mirror(mirror: pd.DataFrame) -> pd.DataFrame:
    """By goods and destination: months with both sides, their tonnes, median ratio, best lag.

    Importers whose imports are set against China's exports to the world are left out.
    """
    return _sums(mirror[mirror["sent_to"] == mirror["destination"]])


def _sums(mirror: pd.DataFrame) -> pd.DataFrame:
    known = mirror.dropna(subset=["ratio"])
    sums = known.groupby(["goods", "destination"], as_index=False).agg(
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
    parts = []
    magnets = mirror[mirror["goods"] == RARE_EARTH]
    for _, rows in magnets.groupby(["destination", "sent_to"]):
        sides = _every_month(rows)
        logs = {
            f"lag {lag}, %": 100 * sides["importer_tonnes"] / sides["exporter_tonnes"].shift(lag)
            for lag in LAGS
        }
        table = pd.DataFrame(logs).dropna(how="all").reset_index(names="month")
        parts.append(rows[["destination", "sent_to"]].head(1).merge(table, how="cross"))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def describe_mirror(mirror: pd.DataFrame) -> str:
    """What both sides say of rare-earth magnets, as a Markdown list made from the numbers."""
    pairs = sum_up_mirror(mirror)
    shares = _sums(mirror[mirror["sent_to"] == WORLD])
    told = [
        f"- {sentence(row)}"
        for sums, sentence in ((pairs, _sentence), (shares, _share_sentence))
        for row in sums[sums["goods"] == RARE_EARTH].to_dict("records")
    ]
    return "\n".join(told) or (
        "**Nothing can be compared yet:** no month of rare-earth magnets is known from both "
        "sides. The table of sources says what is missing and how to fetch it."
    )


def _sentence(row: dict[Hashable, Any]) -> str:
    return (
        f"{called(row['destination'])}: over {count(row['months'], 'month')} known from both "
        f"sides China reports {row['exporter_tonnes']:,.0f} tonnes sent there and the importer "
        f"{row['importer_tonnes']:,.0f} tonnes from China; in the median month "
        f"{row['median_ratio']:.2f} of what was sent, {_lag('ratio', row)}."
    )


def _share_sentence(row: dict[Hashable, Any]) -> str:
    return (
        f"{called(row['destination'])}: what China sends there is not known month by month. Over "
        f"{count(row['months'], 'month')} with China's exports to the world it reports "
        f"{row['importer_tonnes']:,.0f} tonnes from China, in the median month "
        f"{100 * row['median_ratio']:.1f} % of what China sends to the world, {_lag('share', row)}."
    )


def called(destination: str) -> str:
    """The name of an importer as a sentence begins with it."""
    name = destination_name(destination)
    return f"{name[0].upper()}{name[1:]}"


def _lag(what: str, row: dict[Hashable, Any]) -> str:
    if pd.isna(row["lag_months"]):
        return "too few to tell a lag"
    return f"the {what} is steadiest {LAG_WORDS[int(row['lag_months'])]}"
