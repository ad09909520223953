"""One destination against the others: who was hit, who was spared, and what cannot be told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import pandas as pd
from contracts import TableError, write_table
from effects import (
    Bridge,
    Counterfactual,
    EffectError,
    EffectResult,
    average_effect,
    bridge,
    influence,
)
from effects.families import Family
from effects.panel import LEAST_BEFORE
from effects.results import can_reject, percent_of
from effects.samples import row_at
from ledger.series import monthly_panel, observed_countries
from tradedata.destinations import destination_name
from words import month as month_name
from words import signed

from analysis.answer import attempt
from analysis.article import write_answers
from analysis.events import Regime
from analysis.plan import family_rows
from analysis.regressors import counterfactual_regressors
from analysis.study import Contrast
from analysis.tables import Effects, Families

Bound = Literal["tonnes", "lower", "upper"]
BOUNDS: tuple[Bound, ...] = ("tonnes", "lower", "upper")

RATIO_UNIT = "tonnes for every 100 to the rest"
SHOWN = 12
"""Countries that a sentence or a bridge names where more are known."""


def pair_of(exports: pd.DataFrame, asked: Contrast) -> pd.DataFrame:
    """Tonnes to the destination and to the rest, months × the two; missing where not observed."""
    known = set(exports["destination"])
    panel = monthly_panel(exports, [one for one in (asked.destination, asked.rest) if one in known])
    return panel.reindex(columns=[asked.destination, asked.rest])


def relative_exports(pair: pd.DataFrame, asked: Contrast) -> pd.Series:
    """Tonnes to the destination for every 100 to the rest, in months in which both are observed.

    pair: months × the two, in tonnes.
    """
    ratio = 100 * pair[asked.destination] / pair[asked.rest]
    return ratio.loc[ratio.first_valid_index() : ratio.last_valid_index()]


def say_at_bounds(exports: pd.DataFrame, asked: Contrast, options: dict[str, Any]) -> str:
    """The effect on the ratio at both ends of the bounds, a line each."""
    ends, untold = attempt(within_bounds, exports, asked, options)
    told = {
        label: attempt(average_effect, ratio, asked.start, asked.end, **options)
        for label, ratio in (ends or {}).items()
    }
    return untold or "\n".join(
        f"- {label}: {in_words(found.table.iloc[0]) if found else why}"
        for label, (found, why) in told.items()
    )


def within_bounds(
    exports: pd.DataFrame, asked: Contrast, options: dict[str, Any]
) -> dict[str, pd.Series]:
    """The ratio with each month at that end of its own bounds which moves the estimate farthest.

    Which end that is follows from what a rise of the month's log adds to the estimate, the walk's
    share held. Months that figures link cannot all lie there. options: of the effect. EffectError
    where the ratio has none.
    """
    terms = {name: given for name, given in options.items() if name != "level"}
    pair = pair_of(exports, asked)
    pull = influence(relative_exports(pair, asked), asked.start, asked.end, **terms)
    names = [asked.destination, asked.rest]
    low, high = (monthly_panel(exports, names, bound) for bound in ("lower", "upper"))
    least = (100 * low[asked.destination] / high[asked.rest])[pull.index]
    most = (100 * high[asked.destination] / low[asked.rest])[pull.index]
    return {
        "as low as it can be": least.where(pull > 0, most),
        "as high as it can be": most.where(pull > 0, least),
    }


def regress_on(pair: pd.DataFrame, policy: tuple[Regime, ...], asked: Contrast) -> dict[str, Any]:
    """What every model takes: baseline, level, New Year, and the policy at the baseline's end."""
    months = pair.index
    every = pd.period_range(months.min(), months.max(), freq="M")
    regressors = counterfactual_regressors(every, policy, asked.baseline_end)
    return {"baseline_end": asked.baseline_end, "regressors": regressors, "level": asked.level}


def months_known(exports: pd.DataFrame, asked: Contrast) -> pd.DataFrame:
    """How many months of each destination are observed before, in and after the window."""
    seen = exports[exports["tonnes"].notna()]
    month = seen["month"].dt.strftime("%Y-%m").to_numpy()
    parts = pd.DataFrame(
        {
            "before": month <= asked.baseline_end,
            "in the window": (month >= asked.start) & (month <= asked.end),
            "after": month > asked.end,
        },
        index=seen["destination"],
    )
    table = parts.groupby(level=0).sum().astype("int64")
    table.insert(0, "destination_name", [destination_name(str(code)) for code in table.index])
    return table.sort_values("before", ascending=False, kind="stable").reset_index()


def comparable(exports: pd.DataFrame, asked: Contrast) -> pd.DataFrame:
    """The countries that a panel can use, months × countries, up to the window's end.

    A country needs LEAST_BEFORE months up to the baseline's end and one in the window. Months
    between baseline and window, when buyers were stocking up, are left out.
    """
    known = months_known(exports, asked).set_index("destination")[["before", "in the window"]]
    enough = (known >= [LEAST_BEFORE, 1]).all(axis="columns")
    codes = [code for code in observed_countries(exports) if enough[code]]
    if asked.destination not in codes:
        before, inside = (known[column].get(asked.destination, 0) for column in known)
        raise TableError(
            f"{destination_name(asked.destination)} has {before} months before and {inside} in the "
            f"window; a panel needs {LEAST_BEFORE} and 1"
        )
    panel = monthly_panel(exports, codes)
    between = (panel.index > asked.baseline_end) & (panel.index < asked.start)
    return panel.loc[~between].loc[: asked.end]


def entrants(countries: pd.DataFrame, asked: Contrast) -> str:
    """How many countries a panel holds, which, and what so few can show at best."""
    many = countries.shape[1]
    largest = countries.sum().sort_values(ascending=False, kind="stable").index[:SHOWN]
    names = ", ".join(destination_name(str(code)) for code in largest)
    weak = f" So few can show nothing at the {percent_of(asked.level)} % level, whatever happened."
    return f"Countries that enter: {many} ({names}{', …' if many > SHOWN else ''})." + (
        "" if can_reject(1 / many, asked.level) else weak
    )


def shared_months(countries: pd.DataFrame, asked: Contrast) -> pd.DataFrame:
    """The countries cut to the months that the treated one shares with the most donors.

    Donors are ordered by how many of the treated one's months they have; each more donor costs
    the months that it lacks. Kept is the number of donors, two at least, for which donors times
    months is largest among those that leave LEAST_BEFORE months before the window.
    """
    mine = countries[countries[asked.destination].notna()]
    others = mine.drop(columns=asked.destination).notna()
    order = others.sum().sort_values(ascending=False, kind="stable").index
    best, size = mine, 0
    for number in range(2, len(order) + 1):
        months = others[order[:number]].all(axis="columns")
        early = int((months & (mine.index <= asked.baseline_end)).sum())
        if early >= LEAST_BEFORE and number * int(months.sum()) > size:
            best, size = mine.loc[months], number * int(months.sum())
    return best


def after_window(below: pd.DataFrame, asked: Contrast) -> tuple[pd.Period, pd.Period]:
    """The first months in a row after the window that the baseline can tell.

    Raises EffectError if it can tell none.
    """
    months = [month for month in below["month"] if month > pd.Period(asked.end, freq="M")]
    if not months:
        raise EffectError("no month after the window can be told")
    run = [month for place, month in enumerate(months) if month == months[0] + place]
    return run[0], run[-1]


def months_below(behind: Counterfactual | None, asked: Contrast) -> pd.DataFrame:
    """Months from the window's start on that the baseline can tell: share and whether below."""
    columns = ["observed", "counterfactual", "lower", "upper", "effect_pct"]
    if behind is None:
        return pd.DataFrame(columns=["month", *columns, "below"])
    path = behind.path.loc[asked.start :].dropna(subset=["observed", "counterfactual"])
    below = path["observed"] < path["lower"]
    return path[columns].assign(below=below).reset_index(names="month")


def in_words(row: pd.Series) -> str:
    """An effect in percent with its interval."""
    ends = f"{signed(row['lower'])} % to {signed(row['upper'])} %"
    return f"{signed(row['estimate'])} % ({percent_of(row['level'])} % interval {ends})"


def known_panel(exports: pd.DataFrame, bound: Bound = "tonnes") -> pd.DataFrame:
    """The world and every observed country, months × destinations."""
    return monthly_panel(exports, ["WLD", *observed_countries(exports)], bound)


def split(exports: pd.DataFrame, asked: Contrast, month: str) -> Bridge:
    """The world's change to `month` split by country, from the month most alike.

    Where many countries are known in both months, by the largest of them.
    """
    best, lower, upper = (known_panel(exports, bound) for bound in BOUNDS)
    base = base_month(exports, asked, month)
    known = best.drop(columns="WLD").loc[[base, pd.Period(month, freq="M")]].dropna(axis="columns")
    largest = row_at(known, base).sort_values(ascending=False, kind="stable").index[:SHOWN]
    return bridge(best, lower, upper, month, total="WLD", base=base, parts=list(largest))


MOVED = 5
"""Falls, and rises, that a table of single destinations shows."""


def split_change(exports: pd.DataFrame, month: str) -> Bridge:
    """The world's change on the month before, over all countries known in both."""
    best, lower, upper = (known_panel(exports, bound) for bound in BOUNDS)
    return bridge(best, lower, upper, month, total="WLD")


def largest_moves(split: Bridge) -> pd.DataFrame:
    """A bridge's largest falls and rises, all others in one row, and the total, in tonnes.

    Columns destination, change, lower and upper (its bounds).
    """
    parts = split.parts.iloc[:-1].sort_values("estimate", kind="stable")
    falls, rises = parts[parts["estimate"] < 0][:MOVED], parts[parts["estimate"] > 0][-MOVED:]
    shown = pd.concat([falls, rises])
    table = shown.set_axis([destination_name(str(code)) for code in shown.index])
    sums = shown.rename(columns={"lower": "upper", "upper": "lower"}).sum()
    table.loc["all others"], table.loc["the world"] = split.change - sums, split.change
    table = table.rename(columns={"estimate": "change"})
    return table.rename_axis("destination").reset_index()


def base_month(exports: pd.DataFrame, asked: Contrast, month: str) -> pd.Period:
    """The baseline's month, with the world observed, that shares the most countries with `month`.

    Of several one of the same calendar month, then the latest.
    """
    when = month_name(pd.Period(month, freq="M"))
    panel = known_panel(exports).notna()
    countries = panel.drop(columns="WLD")[panel["WLD"]]
    if month not in countries.index or not countries.loc[month].any():
        raise TableError(f"no country is observed in {when}")
    shared = (countries.loc[: asked.baseline_end] & countries.loc[month]).sum(axis="columns")
    if not len(shared) or not shared.max():
        raise TableError(f"no month of the baseline shares a country with {when}")
    best = pd.PeriodIndex(shared.index[shared == shared.max()])
    alike = best[best.month == int(month[-2:])]
    return (alike if len(alike) else best)[-1]


def bridge_table(split: Bridge, best: pd.DataFrame) -> pd.DataFrame:
    """A bridge's countries with tonnes at both ends and the change in percent, largest fall first.

    best: months × countries; the world is the last row.
    """
    names = [part for part in split.parts.index if part in best.columns]
    ends = best.loc[[split.base, split.period], [*names, "WLD"]].T
    change = 100 * (ends[split.period] / ends[split.base] - 1)
    table = ends.set_axis([str(split.base), str(split.period)], axis="columns")
    table = table.assign(change_pct=change).loc[[*change[:-1].sort_values().index, "WLD"]]
    table.insert(0, "destination", [destination_name(str(code)) for code in table.index])
    return table.reset_index(drop=True)


def spared(best: pd.DataFrame, *splits: Bridge | None) -> str:
    """Which countries changed by less and which by more than the world, in percent, by split."""
    told = []
    for split in filter(None, splits):
        table = bridge_table(split, best)
        rows, world = table.iloc[:-1], table["change_pct"].iloc[-1]
        pairs = zip(rows["destination"], rows["change_pct"], strict=True)
        names = [f"{name} ({signed(change)} %)" for name, change in pairs]
        worse = int((rows["change_pct"] < world).sum())
        both = best.drop(columns="WLD").loc[[split.base, split.period]].notna().all().sum()
        known = f"the {both} countries"
        if len(rows) < both:
            known = f"the {len(rows)} largest of {both}"
        told.append(
            f"From {month_name(split.base)} to {month_name(split.period)} exports to the world "
            f"changed by {signed(world)} %. Of {known} known in both months, worse than that: "
            f"{', '.join(names[:worse]) or 'none'}; better: {', '.join(names[worse:]) or 'none'}."
        )
    if not told:
        return "No two months of single countries can be compared."
    return f"{' '.join(told)} Two published months each, no test."


def results_table(asked: Contrast, results: Sequence[EffectResult | None]) -> pd.DataFrame:
    """The rows of all results that there are, as Effects.

    Sums of a ratio over months mean nothing and are left out.
    """
    tables = [one.table[one.table["unit"] != RATIO_UNIT] for one in results if one]
    columns = list(Effects.to_schema().columns)
    found = pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=columns)
    named = found.assign(study="destinations", destination=asked.destination, event_id="")
    return named[columns]


def save(
    asked: Contrast,
    results: Sequence[EffectResult | None],
    families: Mapping[str, Family | None],
    answers: Mapping[str, str],
) -> None:
    """Write destinations.csv, families.csv and what the front page says of this article."""
    table = results_table(asked, results)
    write_table(table, asked.reports / "destinations.csv", Effects)
    write_table(family_rows(families), asked.reports / "families.csv", Families)
    write_answers(answers, asked.reports / "data" / "destinations-answers.json")
    print(f"{len(table)} rows written to destinations.csv")
