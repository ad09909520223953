"""Magnets among China's other export goods: a control group that met no licence."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, partial

import numpy as np
import pandas as pd
from contracts import read_table
from effects import EffectError, SyntheticControl, counterfactual, diversion, panel
from effects import synthetic_control as control_of
from effects.diversion import OTHERS_SHARE
from effects.ranks import Ranked, rank_among
from effects.results import alpha, can_reject, probability
from ledger.series import mean_over, monthly_series
from ledger.tables import Exports, Figures
from tradedata.bulletin import difference_changes, year_changes
from words import count, interval, listed, months, number, percent

from analysis.contrasts import pair_of, policy_of, regress_on
from analysis.events import load_regimes, policy_regimes
from analysis.study import SERIES, Contrast, Goods, planned_studies
from analysis.tables import Events, GoodsRanks

MAGNETS = "Rare-earth magnets (wider series)"
WHOLE, PART = "Rare earths and products", "Rare earths"
NAMES = {"quantity": "quantity", "amount": "value"}
BASE = 3
"""Months before a window that it is set against."""
NEAREST = 10
"""Donors that each good chooses for its synthetic control: fewer than there are months before."""
POOLS = {"all goods": "", "machinery and electrical goods": "XVI", "base metals": "XV"}
"""Goods that may be donors, by section of the customs tariff."""


@dataclass(frozen=True)
class Window:
    """Months asked about, and the last of the months that they are set against."""

    start: pd.Period
    end: pd.Period
    base_end: pd.Period

    @property
    def base(self) -> pd.PeriodIndex:
        """The months before."""
        return pd.period_range(end=self.base_end, periods=BASE, freq="M")

    @property
    def months(self) -> pd.PeriodIndex:
        """The months asked about."""
        return pd.period_range(self.start, self.end, freq="M")


def window_of(asked: Goods) -> Window:
    """The window that the parameters name."""
    return Window(*(pd.Period(text, freq="M") for text in (asked.start, asked.end, asked.base_end)))


def event_windows(bulletin: pd.DataFrame, asked: Goods) -> list[Window]:
    """The windows of the planned studies, the first months of regimes, and the latest month.

    Each is set against the months just before it. A regime that an event began counts where no
    other window holds its first month; so does the latest month.
    """
    events = read_table(asked.processed / "events.parquet", Events)
    policy = policy_regimes(events, load_regimes(asked.raw))
    spans = [(asked.start, asked.end)]
    spans += [(one.start, one.end) for one in planned_studies(asked.studies)]
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


def goods_table(bulletin: pd.DataFrame, asked: Goods) -> pd.DataFrame:
    """The ranks of the contract GoodsRanks: the window, every event's, and the months after.

    The months after are set against the months before the window. Windows are left out that the
    bulletin does not hold, or for which too few other dates tell goods' own errors.
    """
    own = window_of(asked)
    events = [one for one in event_windows(bulletin, asked) if one != own]
    singles = [
        Window(one, one, own.base_end) for one in pd.period_range(own.end + 1, own.start + 11)
    ]
    later = [Window(one.start, one.end, own.base_end) for one in events if one.start > own.end]
    windows = dict.fromkeys([own, *events, *singles, *later])
    changes = cache(partial(goods_changes, bulletin))
    rows = [
        row
        for measure in NAMES
        for controlled in (False, True)
        for window in windows
        for row in _rows(changes, measure, controlled, window, own)
    ]
    return pd.DataFrame(rows, columns=list(GoodsRanks.to_schema().columns))


def _rows(
    changes: Callable[[str, bool, int], pd.DataFrame],
    measure: str,
    controlled: bool,
    window: Window,
    own: Window,
) -> Iterator[dict[str, object]]:
    """The row of a window, if the bulletin can tell it.

    A month a year or more after the window asked about is set against the same month two or more
    years before, so that the fall is not seen once more.
    """
    years = 1 + max((window.end - own.start).n // 12, 0)
    frame = changes(measure, controlled, years)
    try:
        found = rank_among(frame, MAGNETS, window.base, window.months)
    except EffectError:
        return
    yield {
        "measure": measure,
        "with_controlled": controlled,
        "start": str(window.start),
        "end": str(window.end),
        "base_end": str(window.base_end),
        "change_pct": found.percent(MAGNETS),
        "others_pct": others_percent(found),
        "rank": found.rank("change"),
        "goods": len(found.table),
        "p_value": found.p_value("change"),
        "p_value_scaled": found.p_value("score"),
        "other_dates": found.dates,
    }


def others_percent(found: Ranked) -> float:
    """The middle change of the other goods, percent."""
    return 100 * float(np.expm1(found.table["change"].drop(MAGNETS).median()))


def attempt_rank(bulletin: pd.DataFrame, measure: str, asked: Goods) -> tuple[list[Ranked], str]:
    """The rank in the window, in a list, or none and why it cannot be told."""
    window = window_of(asked)
    changes = goods_changes(bulletin, measure, asked.with_controlled)
    try:
        return [rank_among(changes, MAGNETS, window.base, window.months)], ""
    except EffectError as reason:
        return [], f"By {NAMES[measure]} this cannot be told: {reason}."


def event_ranks(table: pd.DataFrame, asked: Goods) -> pd.DataFrame:
    """The ranks by event for a reader: a row a window and measure.

    Set against the months just before, without and with controlled goods, and against those before
    the window asked about.
    """
    keys = ["start", "end", "measure"]
    own = table["start"].eq(asked.start) & table["end"].eq(asked.end)
    first = table["base_end"] == asked.base_end
    with_others = table["with_controlled"]
    parts = {
        "": (own | ~first) & ~with_others,
        "_with": (own | ~first) & with_others,
        "_since": first & ~with_others,
    }
    both, wider, since = (
        table[mask].set_index(keys).add_suffix(end) for end, mask in parts.items()
    )
    rows = both.join([wider, since]).reset_index().sort_values("start", kind="stable")
    shown = {
        "months": _spans(rows),
        "measure": rows["measure"].map(NAMES),
        **{name: rows[name] for name in ("change_pct", "others_pct")},
        "place": _places(rows, ""),
        **{name: rows[name] for name in ("p_value", "p_value_scaled")},
        "place with controlled": _places(rows, "_with"),
        "change since the first base, %": rows["change_pct_since"],
        "place since then": _places(rows, "_since"),
    }
    return pd.DataFrame(shown)


def _places(rows: pd.DataFrame, end: str) -> list[str | None]:
    pairs = zip(rows[f"rank{end}"], rows[f"goods{end}"], strict=True)
    return [None if pd.isna(rank) else f"{rank:.0f} of {goods:.0f}" for rank, goods in pairs]


def _spans(rows: pd.DataFrame) -> list[str]:
    ends = (pd.PeriodIndex(rows[end], freq="M") for end in ("start", "end"))
    return [months(start, end) for start, end in zip(*ends, strict=True)]


def describe_events(table: pd.DataFrame, asked: Goods) -> str:
    """In which events magnets stand apart from the other goods, and in which not."""
    told = []
    shown = event_ranks(table, asked)
    for said, rows in shown.groupby("months", sort=False):
        apart = rows["p_value"] <= alpha(asked.level)
        measures = listed(rows.loc[apart, "measure"]) if apart.any() else "neither measure"
        changes = listed(
            f"{percent(change)} by {measure}"
            for change, measure in zip(rows["change_pct"], rows["measure"], strict=True)
        )
        told.append(f"{said}: {changes}; magnets stand apart by {measures}.")
    if not told:
        return "No window can be told."
    caution = "A change within what other goods do is not proof that nothing happened."
    return " ".join([*told, caution] if (shown["p_value"] > alpha(asked.level)).any() else told)


def describe_later(later: pd.DataFrame, level: float) -> str:
    """In how many later months magnets stand apart, and what that does not say."""
    if later.empty:
        return "No later month can be told."
    if not can_reject(1 / later["goods"].max(), level):
        return f"So few goods can show nothing at this level, in {count(len(later), 'month')}."
    apart = _spans(later[later["p_value"] <= alpha(level)])
    return (
        f"Of {count(len(later), 'later month')} that can be told, magnets stand apart from the "
        f"other goods in {listed(apart) if apart else 'none'}. In the rest nothing is shown: a "
        "change within what other goods do is not proof that nothing happened."
    )


def compare_means(series: pd.Series, asked: Goods) -> tuple[float, float]:
    """The means of a monthly series over the months before the window, and over the window."""
    window = window_of(asked)
    return mean_over(series, window.base), mean_over(series, window.months)


def controlled(bulletin: pd.DataFrame) -> list[str]:
    """The goods that China itself licenses or rations, by name."""
    marked = bulletin[(bulletin["control"] != "") & bulletin["is_leaf"]]
    return sorted(marked["line"].str.lower().unique())


def says(found: Ranked, measure: str, window: str) -> str:
    """Where magnets stand in a window, in a sentence."""
    place = found.rank("change")
    which = "the largest change" if place == 1 else f"change number {place} by size"
    return (
        f"In {window} magnets changed by {percent(found.percent(MAGNETS))} in {NAMES[measure]} "
        f"against the months before, the middle one of the other goods by "
        f"{percent(others_percent(found))}: {which} of {len(found.table)} "
        f"(p = {found.p_value('change'):.3f}; set against each good's own past "
        f"error p = {found.p_value('score'):.3f})."
    )


def largest(found: Ranked, most: int = 10) -> pd.DataFrame:
    """The goods that changed most, either way, in percent, magnets among them."""
    order = found.table["change"].abs().sort_values(ascending=False).index
    rows = found.table.loc[list(dict.fromkeys([*order[:most], MAGNETS]))]
    percents = 100 * np.expm1(rows["change"])
    return pd.DataFrame(
        {"good": rows.index, "change, %": percents, "over own error": rows["score"]}
    )


@dataclass(frozen=True)
class Control:
    """A synthetic control of magnets from a pool of goods."""

    pool: str
    found: SyntheticControl

    @property
    def estimator(self) -> str:
        """What it is called."""
        return str(self.found.table["estimator"].iloc[0])


def fit_controls(bulletin: pd.DataFrame, asked: Goods) -> tuple[list[Control], str]:
    """Both estimators on every pool, all goods first; and why some cannot be made, or nothing.

    Every good that stands in for magnets chooses its own nearest donors from the same pool.
    """
    ratios = goods_changes(bulletin, "quantity", asked.with_controlled).map(math.exp)
    section = bulletin.drop_duplicates("line").set_index("line")["section"]
    fits, refused = [], []
    for pool, wanted in POOLS.items():
        inside = [MAGNETS, *section.index[(section == wanted) | (wanted == "")]]
        for nearest in (NEAREST, 0):
            try:
                found = control_of(
                    *(ratios[ratios.columns.intersection(inside)], MAGNETS, asked.start, asked.end),
                    nearest=nearest,
                    differences=not nearest,
                    level=asked.level,
                    name="the change of magnets on the year before",
                )
                fits.append(Control(pool, found))
            except EffectError as reason:
                refused.append(f"From {pool} no control can be made: {reason}.")
    return fits, " ".join(dict.fromkeys(refused))


def controls_table(fits: Sequence[Control]) -> pd.DataFrame:
    """The controls side by side: effect, test, fit before, and the donors they rest on."""
    rows = []
    for fit in fits:
        found, row = fit.found, fit.found.table.iloc[0]
        rows.append(
            {
                "donors from": fit.pool,
                "estimator": fit.estimator,
                "donors": len(found.weights),
                "effect_pct": row["estimate"],
                **{f"{end}_pct": row[end] for end in ("lower", "upper")},
                "p_value": row["p_value"],
                "misfit before, % of own spread": 100 * found.misfit_share,
                "donors alike": found.effective_donors,
                "without one, from": found.without.min(),
                "to": found.without.max(),
            }
        )
    return pd.DataFrame(rows)


def compare_controls(fits: Sequence[Control], level: float) -> str:
    """How far estimates from pools and estimators differ, and which can show anything."""
    if not fits:
        return ""
    table = controls_table(fits)
    weak = [fit.pool for fit in fits if not can_reject(fit.found.floor, level)]
    clear = int((table["p_value"] <= alpha(level)).sum())
    span = interval(table["effect_pct"].min(), table["effect_pct"].max(), unit="%")
    return (
        f"By pool and estimator the effect is {span}; {clear} of {len(table)} "
        f"reject that there is none at the {number(100 * level)} % level. "
        + (
            f"Donors from {listed(dict.fromkeys(weak))} are too few to show anything, whatever "
            "happened: their estimates say how much the choice of donors matters, not how sure "
            "it is. "
            if weak
            else ""
        )
        + f"Before the window the control of {fits[0].pool} misses by "
        f"{number(100 * fits[0].found.misfit_share)} % of magnets' own spread."
    )


def licensed_in(bulletin: pd.DataFrame, asked: Goods) -> list[str]:
    """Goods, magnets first, whose licence the list of lines dates in the window's first month."""
    day = bulletin["control"].str.extract(r"licence since (.+)$")[0]
    begun = pd.to_datetime(day, format="%d %B %Y").dt.strftime("%Y-%m") == asked.start
    names = bulletin.loc[begun & bulletin["is_leaf"], "line"].unique()
    return [MAGNETS, *names] if begun.any() else [MAGNETS]


def contrast_goods(bulletin: pd.DataFrame, asked: Goods) -> str:
    """Magnets, then all goods licensed in the window, against the unlicensed, in words."""
    free = goods_changes(bulletin, "quantity", with_controlled=False)
    every = goods_changes(bulletin, "quantity", with_controlled=True)
    licensed = licensed_in(bulletin, asked)
    told = []
    both = listed(name.lower() for name in licensed)
    for name, treated in {"magnets": [MAGNETS], both: licensed}.items():
        frame = every[[*free.columns.difference(treated), *treated]].dropna(axis="columns")
        try:
            found = panel(frame.map(math.exp), treated, asked.start, asked.end, level=asked.level)
        except EffectError as reason:
            told.append(f"Of {name} this cannot be told: {reason}.")
            continue
        row = found.table.iloc[0]
        told.append(
            f"Against {frame.shape[1] - len(treated)} goods without a licence {name} changed by "
            f"{percent(row['estimate'])} ({number(100 * row['level'])} % interval "
            f"{interval(row['lower'], row['upper'], unit='%')}; {probability(row['p_value'])})."
        )
    return " ".join(dict.fromkeys(told))


def common_part(found: Ranked) -> str:
    """What the other goods' own change says that the series alone cannot."""
    middle = float(found.table["change"].drop(MAGNETS).median())
    shared = middle / float(found.table["change"][MAGNETS])
    return (
        f"What hit all goods alike, American tariffs among it, is in the middle change of the "
        f"others, {percent(others_percent(found))}, beside {percent(found.percent(MAGNETS))} for "
        "magnets: "
        + (
            f"it accounts for {number(100 * shared)} % of that"
            if shared > 0.005
            else "it accounts for none of that"
        )
        + ". The series alone cannot tell the two apart."
    )


@dataclass(frozen=True)
class Loss:
    """What was not shipped to the world in the window: `table` of effects, and their words."""

    tonnes: pd.Series
    elsewhere: pd.DataFrame
    values: pd.DataFrame

    def say(self) -> str:
        """The tonnes, whose they were, and what they were worth."""
        ends = [self.tonnes[name] for name in ("estimate", "lower", "upper")]
        rows = self.elsewhere
        told = [f"Exports of magnets to the world were {_tonnes(ends)}."]
        told += [
            f"{number(row['estimate'])} % of that was not American "
            f"({number(100 * row['level'])} % interval "
            f"{interval(row['lower'], row['upper'], unit='%')})."
            for _, row in rows.iterrows()
        ]
        if rows.empty:
            told.append("Which share of it was not American cannot be told.")
        return " ".join([*told, self._dollars(ends)])

    def _dollars(self, ends: Sequence[float]) -> str:
        if self.values.empty:
            return "No value a kilogram was printed near these months, so dollars cannot be told."
        low, high = self.values["usd_per_kg"].min(), self.values["usd_per_kg"].max()
        side, missed = (-1, "not earned") if ends[0] < 0 else (1, "earned beyond it")
        millions = sorted(side * end * price / 1000 for end in ends[1:] for price in (low, high))
        middle = side * ends[0] * self.values["usd_per_kg"].median() / 1000
        return (
            f"At the {number(low, 1)} to {number(high, 1)} dollars a kilogram of "
            f"{count(len(self.values), 'printed month')} of the year before, that is "
            f"{number(middle)} million dollars {missed} ({interval(millions[0], millions[-1])})."
        )


def _tonnes(ends: Sequence[float]) -> str:
    side = "short of" if ends[0] < 0 else "above"
    size, *reach = (abs(end) for end in ends)
    clear = ends[1] * ends[2] > 0
    span = interval(min(reach), max(reach)) if clear else interval(ends[1], ends[2])
    return f"{number(size)} tonnes {side} what was expected ({span})"


def lost(asked: Goods) -> tuple[list[Loss], str]:
    """What the world, and the world without America, lost in the window; or why it is not told."""
    exports = read_table(asked.processed / "exports.parquet", Exports)
    events = read_table(asked.processed / "events.parquet", Events)
    question = Contrast(start=asked.start, end=asked.end, level=asked.level, raw_dir=asked.raw_dir)
    pair, policy = pair_of(exports, question), policy_of(events, question)
    world = monthly_series(exports, "WLD")
    options = regress_on(pair.reindex(world.index.union(pair.index)), policy, question)
    try:
        effect = counterfactual(world, asked.start, asked.end, **options).table
        parts = diversion(pair, [question.destination], asked.start, asked.end, **options).table
    except EffectError as reason:
        return [], f"What was lost cannot be told: {reason}."
    sums = effect[effect["estimand"] == "cumulative effect"].iloc[0]
    share = parts[parts["estimand"] == OTHERS_SHARE]
    return [Loss(sums, share, printed_values(asked, world))], ""


def printed_values(asked: Goods, world: pd.Series) -> pd.DataFrame:
    """Dollars a kilogram of the world's exports as printed for single months of the year before.

    Values printed without a weight are divided by the tonnes known. Columns: month, usd_per_kg.
    """
    figures = read_table(asked.processed / "figures.parquet", Figures)
    mine = (figures["series"] == SERIES) & (figures["destination"] == "WLD")
    single = figures["period_start"] == figures["period_end"]
    rows = figures[mine & single & figures["unit"].str.startswith("usd")]
    when = pd.PeriodIndex(rows["period_end"], freq="M")
    known = 1000 * world.reindex(when).to_numpy()
    kilograms = {"usd": known, "usd_per_tonne": 1000.0, "usd_per_kg": 1.0}
    printed = pd.to_numeric(rows["value"]).to_numpy()
    divided = [printed / kilogram for kilogram in kilograms.values()]
    value = np.select([rows["unit"] == unit for unit in kilograms], divided, np.nan)
    table = pd.DataFrame({"month": when, "usd_per_kg": value}).dropna().drop_duplicates()
    before = pd.Period(asked.start, freq="M")
    return table[(table["month"] < before) & (table["month"] >= before - 12)]
