"""Both sides of the border: which goods are alike, and what is said of them."""

from __future__ import annotations

import pandas as pd
from charts import Figure, plot_arrivals
from contracts import validate
from tradedata.destinations import WORLD, destination_name
from tradedata.mirror import PAIR, SIDES, match_sides, window_changes
from tradedata.tables import KILOGRAMS_IN_A_TONNE
from words import sentence_case

from analysis.tables import Mirror

RARE_EARTH, METAL = "rare-earth magnets", "all metal magnets"
"""What is compared with what: codes for the same goods on both sides."""
SAME_GOODS = [
    *(("comext", "85051110"), ("hmrc", "85051110")),
    *(("census", "8505110050"), ("census", "8505110070")),
]
"""The importers' codes for what China counts under 85051110. Bonded rare-earth magnets stand in the
US code 8505110090 among others and are left out."""
ALL_METAL = ("comexstat", "comtrade")
"""Sources of HS 850511 as a whole; where two of them tell of a country, the first counts."""
VOYAGE = 1
"""The lag, in months, that sentences about a window speak of; its table has all."""
LEVEL = 0.05
MOST_DRAWN = 4
SOURCE = "Source: customs of the importers."


def build_mirror(exports: pd.DataFrame, flows: pd.DataFrame) -> pd.DataFrame:
    """What importers report, by goods, importer and month, beside China's side: contract Mirror.

    `exports` is the table Exports (rare-earth magnets as China reports them), `flows` the table
    ReportedFlows (everything else). China's side is empty where it is not known.
    """
    both = match_sides(_sent(exports, flows), _imports(flows))
    return validate(both[list(Mirror.columns)], Mirror, "mirror")


def _sent(exports: pd.DataFrame, flows: pd.DataFrame) -> pd.DataFrame:
    """China's side: goods, destination, month and SIDES."""
    magnets = exports.rename(columns=dict(zip(("tonnes", "lower", "upper"), SIDES, strict=True)))
    rows = flows[(flows["source"] == "comtrade") & (flows["flow"] == "export")]
    sides = dict.fromkeys(SIDES, rows["kilograms"] / KILOGRAMS_IN_A_TONNE)
    metal = rows.assign(destination=rows["partner"], **sides)
    columns = ["destination", "month", *SIDES]
    parts = [magnets[columns].assign(goods=RARE_EARTH), metal[columns].assign(goods=METAL)]
    return pd.concat(parts, ignore_index=True)


def _imports(flows: pd.DataFrame) -> pd.DataFrame:
    """Imports from China that can be compared, with their goods."""
    imports = flows[(flows["partner"] == "CHN") & (flows["flow"] == "import")]
    same = imports[pd.MultiIndex.from_frame(imports[["source", "product"]]).isin(SAME_GOODS)]
    metal = pd.concat([imports[imports["source"] == source] for source in ALL_METAL])
    metal = metal.drop_duplicates(["reporter", "month"])
    return pd.concat([same.assign(goods=RARE_EARTH), metal.assign(goods=METAL)])


def arrivals_in(mirror: pd.DataFrame, exports: pd.DataFrame, start: str, end: str) -> pd.DataFrame:
    """The `window_changes` of all importers; before them that of China's exports, unshifted."""
    world = exports[exports["destination"] == WORLD].rename(columns={"tonnes": "importer_tonnes"})
    columns = [*PAIR, "month", "importer_tonnes"]
    sides = pd.concat([world.assign(goods=RARE_EARTH)[columns], mirror[columns]])
    found = window_changes(sides, start, end)
    unshifted = (found["destination"] != WORLD) | (found["lag_months"] == 0)
    return found[unshifted].reset_index(drop=True)


def plot_imports(mirror: pd.DataFrame, start: str, end: str) -> list[Figure]:
    """What importers report from China by month, the months of the window shaded."""
    sizes = mirror.groupby(PAIR)["importer_tonnes"].sum()
    drawn = sizes[sizes > 0].sort_values(ascending=False).head(MOST_DRAWN).index
    if drawn.empty:
        return []
    series = mirror.set_index([*PAIR, "month"])["importer_tonnes"]
    names = [sentence_case(f"{destination_name(place)}, {goods}") for goods, place in drawn]
    lines = {name: series.loc[pair] for name, pair in zip(names, drawn, strict=True)}
    window = pd.Period(start, freq="M"), pd.Period(end, freq="M")
    name = "magnets from China, as importers report them"
    return [plot_arrivals(lines, window, name=name, stem="mirror-imports", source=SOURCE)]
