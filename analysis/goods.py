"""Magnets among China's other export goods: a control group that met no licence."""

from __future__ import annotations

import math
from functools import cache, partial
from itertools import product
from typing import Any

import pandas as pd
from contracts import read_table
from effects import EffectError, SyntheticControl, counterfactual, diversion
from effects import synthetic_control as control_of
from effects.diversion import OTHERS_SHARE
from effects.ranks import Ranked, Window, rank_among, rank_windows
from ledger.printed import printed_unit_values
from ledger.series import monthly_series
from ledger.tables import Exports, Figures
from tradedata.bulletin import difference_changes, year_changes

from analysis.contrasts import pair_of, regress_on
from analysis.events import load_catalogue
from analysis.study import SERIES, Contrast, Goods, planned_studies
from analysis.tables import GoodsRanks

MAGNETS = "Rare-earth magnets (wider series)"
WHOLE, PART = "Rare earths and products", "Rare earths"
NAMES = {"quantity": "quantity", "amount": "value"}
NEAREST = 10
"""Donors that each good chooses for its synthetic control: fewer than there are months before."""
POOLS = {"all goods": "", "machinery and electrical goods": "XVI", "base metals": "XV"}
"""Goods that may be donors, by section of the customs tariff."""


def own_window(asked: Goods) -> Window:
    """The window that the parameters name."""
    return Window(*(pd.Period(month) for month in (asked.start, asked.end, asked.base_end)))


def event_windows(bulletin: pd.DataFrame, asked: Goods) -> list[Window]:
    """The windows of the planned studies, the first months of regimes, and the latest month.

    Each is set against the months just before it. A regime that an event began counts where no
    other window holds its first month; so does the latest month.
    """
    _, policy = load_catalogue(asked)
    spans = [(one.start, one.end) for one in (asked, *planned_studies())]
    singles = [f"{regime.start:%Y-%m}" for regime in policy if regime.event_id]
    for single in (*singles, f"{bulletin['month'].max():%Y-%m}"):
        if not any(start <= single <= end for start, end in spans):
            spans.append((single, single))
    ends = ((pd.Period(start, freq="M"), pd.Period(end, freq="M")) for start, end in set(spans))
    return sorted((Window(start, end, start - 1) for start, end in ends), key=lambda one: one.start)


def goods_changes(
    bulletin: pd.DataFrame, measure: str, with_controlled: bool, years: int = 1
) -> pd.DataFrame:
    """Log changes on the same month `years` before, months × goods, magnets among them.

    Goods are lines without parts of their own; those that China itself licenses or rations only
    `with_controlled`. The wider series of magnets is rare earths with products less rare earths.
    """
    leaves = bulletin[bulletin["is_leaf"] & (bulletin["line"] != WHOLE)]
    kept = leaves if with_controlled else leaves[leaves["control"] == ""]
    every = year_changes(bulletin, measure)
    goods = every[every.columns.intersection(list(kept["line"].unique()))]
    goods = goods.assign(**{MAGNETS: difference_changes(bulletin, WHOLE, PART, measure)})
    whole = sum((goods.shift(12 * back) for back in range(1, years)), start=goods)
    return pd.DataFrame(whole.iloc[12 * (years - 1) :])


def rank_goods(bulletin: pd.DataFrame, measure: str, asked: Goods) -> Ranked:
    """The rank of magnets in the window; EffectError where it cannot be told."""
    window = own_window(asked)
    changes = goods_changes(bulletin, measure, asked.with_controlled)
    return rank_among(changes, MAGNETS, window.base, window.months)


def goods_table(bulletin: pd.DataFrame, asked: Goods) -> pd.DataFrame:
    """The ranks of the contract GoodsRanks: the window, every event's, and the months after.

    The months after are set against the months before the window. Windows are left out that the
    bulletin does not hold, or for which too few other dates tell goods' own errors.
    """
    own = own_window(asked)
    events = [one for one in event_windows(bulletin, asked) if one != own]
    after = [(month, month) for month in pd.period_range(own.end + 1, own.start + 11)]
    after += [(one.start, one.end) for one in events if one.start > own.end]
    windows = dict.fromkeys([own, *events, *(Window(*ends, own.base_end) for ends in after)])
    parts = []
    for measure, controlled in product(NAMES, (False, True)):
        changes = cache(partial(goods_changes, bulletin, measure, controlled))
        ranks = rank_windows(changes, MAGNETS, windows).rename(columns={"units": "goods"})
        parts.append(ranks.assign(measure=measure, with_controlled=controlled))
    return GoodsRanks.stacked(*parts)


def fit_controls(
    bulletin: pd.DataFrame, asked: Goods
) -> tuple[list[tuple[str, SyntheticControl]], str]:
    """Pool and control: both estimators on every pool, all goods first; why some cannot be made.

    Every good that stands in for magnets chooses its own nearest donors from the same pool.
    """
    ratios = goods_changes(bulletin, "quantity", asked.with_controlled).map(math.exp)
    section = bulletin.drop_duplicates("line").set_index("line")["section"]
    window = MAGNETS, asked.start, asked.end
    name = "the change of magnets on the year before"
    fits, refused = [], []
    for (pool, wanted), nearest in product(POOLS.items(), (NEAREST, 0)):
        inside = [MAGNETS, *section.index[(section == wanted) | (wanted == "")]]
        frame = ratios[ratios.columns.intersection(inside)]
        how: dict[str, Any] = {"nearest": nearest, "differences": not nearest, "level": asked.level}
        try:
            fits.append((pool, control_of(frame, *window, name=name, **how)))
        except EffectError as reason:
            refused.append(f"From {pool} no control can be made: {reason}.")
    return fits, " ".join(dict.fromkeys(refused))


def licensed_in(bulletin: pd.DataFrame, asked: Goods) -> list[str]:
    """Goods, magnets first, whose licence the list of lines dates in the window's first month."""
    day = bulletin["control"].str.extract(r"licence since (.+)$")[0]
    begun = pd.to_datetime(day, format="%d %B %Y").dt.strftime("%Y-%m") == asked.start
    return [MAGNETS, *bulletin.loc[begun & bulletin["is_leaf"], "line"].unique()]


def beside_unlicensed(bulletin: pd.DataFrame, treated: list[str]) -> pd.DataFrame:
    """Quantities over those of the year before, months × goods: the unlicensed, then `treated`."""
    free, every = (goods_changes(bulletin, "quantity", held) for held in (False, True))
    frame = every[[*free.columns.difference(treated), *treated]].dropna(axis="columns")
    return frame.map(math.exp)


def lost(asked: Goods) -> tuple[pd.Series, pd.DataFrame, pd.Series]:
    """What was not shipped to the world in the window; EffectError where it is not told.

    Tonnes (estimate, lower, upper) of observed less expected; the row of effects with the share of
    that which was not American, or no row; dollars a kilogram printed for single months of the
    year before, or none.
    """
    exports = read_table(asked.processed / "exports.parquet", Exports)
    question = Contrast(start=asked.start, end=asked.end, level=asked.level)
    pair = pair_of(exports, question)
    _, policy = load_catalogue(asked)
    world = monthly_series(exports, "WLD")
    options = regress_on(pair.reindex(world.index.union(pair.index)), policy, question)
    effect = counterfactual(world, asked.start, asked.end, **options).table
    parts = diversion(pair, [question.destination], asked.start, asked.end, **options).table
    sums = effect[effect["estimand"] == "cumulative effect"].iloc[0]
    figures = read_table(asked.processed / "figures.parquet", Figures)
    values = printed_unit_values(figures[figures["series"] == SERIES], world)
    before = pd.Period(asked.start, freq="M")
    return sums, parts[parts["estimand"] == OTHERS_SHARE], values.loc[before - 12 : before - 1]
