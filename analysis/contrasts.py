"""One destination against the others: who was hit, who was spared, and what cannot be told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal, TypeVar

import pandas as pd
from contracts import TableError, write_table
from effects import Bridge, Counterfactual, EffectError, EffectResult, influence
from effects.families import Family
from effects.panel import LEAST_BEFORE
from effects.placebo import ENOUGH
from effects.results import can_reject, percent_of, probability, signed
from effects.samples import row_at
from effects.spans import month_span, period_name
from ledger.series import monthly_panel, observed_countries
from tradedata.destinations import destination_name
from words import count, listed

from analysis.article import write_answers
from analysis.events import Regime, load_regimes, policy_regimes
from analysis.plan import family_rows
from analysis.regressors import counterfactual_regressors
from analysis.study import Contrast
from analysis.tables import Effects, Families

Result = TypeVar("Result")
Bound = Literal["tonnes", "lower", "upper"]
BOUNDS: tuple[Bound, ...] = ("tonnes", "lower", "upper")

RATIO_UNIT = "tonnes for every 100 to the rest"
OWN_MODELS = (
    "Each part has a model of its own, so these sums differ from the world's own estimate in the "
    "studies."
)
"""Why sums of parts and the total's own estimate differ."""
SHOWN = 12
"""Countries that a sentence or a bridge names where more are known."""


def question_asked(asked: Contrast) -> str:
    """Whom the article sets against whom, and when, in a line."""
    return (
        f"Here: {destination_name(asked.destination)} against {destination_name(asked.rest)}, "
        f"{month_span(asked.start, asked.end)}, baseline to "
        f"{month_span(asked.baseline_end, asked.baseline_end)}."
    )


def attempt(ask: Callable[..., Result], *given: Any, **more: Any) -> tuple[list[Result], str]:
    """What `ask` gives, in a list, or none and why the data cannot answer."""
    try:
        return [ask(*given, **more)], ""
    except (EffectError, TableError) as reason:
        return [], f"This cannot be told: {reason}."


def attempt_on(
    estimator: Callable[..., EffectResult], frames: Sequence[pd.DataFrame], asked: Contrast
) -> tuple[list[EffectResult], str]:
    """The estimator's result on the first of `frames`, or none and why the data cannot answer."""
    if not frames:
        return [], "Without countries to compare it cannot answer."
    name = f"exports to {destination_name(asked.destination)}"
    window = (asked.destination, asked.start, asked.end)
    return attempt(estimator, frames[0], *window, level=asked.level, name=name)


def policy_of(events: pd.DataFrame, asked: Contrast) -> tuple[Regime, ...]:
    """The policy regimes of the raw data that the article was made from."""
    return policy_regimes(events, load_regimes(asked.raw))


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


def within_bounds(
    exports: pd.DataFrame, pair: pd.DataFrame, asked: Contrast, regress: dict[str, Any]
) -> dict[str, pd.Series]:
    """The ratio with each month at that end of its own bounds which moves the estimate farthest.

    Which end that is follows from what a rise of the month's log adds to the estimate, the walk's
    share held. Months that figures link cannot all lie there. regress: as `regress_on` gives it.
    """
    terms = {name: given for name, given in regress.items() if name != "level"}
    pull = influence(relative_exports(pair, asked), asked.start, asked.end, **terms)
    low, high = (monthly_panel(exports, list(pair), bound) for bound in ("lower", "upper"))
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
    table.insert(0, "destination name", [destination_name(str(code)) for code in table.index])
    return table.sort_values("before", ascending=False, kind="stable").reset_index()


def more_known(known: pd.DataFrame) -> str:
    """How many destinations are known besides those that a table shows."""
    more = len(known) - SHOWN
    return (
        f"{count(more, 'more destination is', 'more destinations are')} known, and "
        "stand in the table of exports."
        if more > 0
        else "These are all that are known."
    )


def comparable(exports: pd.DataFrame, asked: Contrast) -> pd.DataFrame:
    """The countries that a panel can use, months × countries, up to the window's end.

    A country needs LEAST_BEFORE months up to the baseline's end and one in the window. Months
    between baseline and window, when buyers were stocking up, are left out.
    """
    known = months_known(exports, asked).set_index("destination")
    enough = (known["before"] >= LEAST_BEFORE) & (known["in the window"] > 0)
    codes = [code for code in observed_countries(exports) if enough[code]]
    if asked.destination not in codes:
        name = destination_name(asked.destination)
        raise TableError(
            f"{name} has {known['before'].get(asked.destination, 0)} months "
            f"before and {known['in the window'].get(asked.destination, 0)} in the window; a panel "
            f"needs {LEAST_BEFORE} and 1"
        )
    panel = monthly_panel(exports, codes)
    between = (panel.index > asked.baseline_end) & (panel.index < asked.start)
    return panel.loc[~between].loc[: asked.end]


def entrants(countries: pd.DataFrame, asked: Contrast) -> str:
    """How many countries a panel holds, which, and what so few can show at best."""
    largest = countries.sum().sort_values(ascending=False, kind="stable").index[:SHOWN]
    names = ", ".join(destination_name(str(code)) for code in largest)
    more = ", …" if countries.shape[1] > SHOWN else ""
    level = percent_of(asked.level)
    weak = (
        ""
        if can_reject(1 / countries.shape[1], asked.level)
        else (f" So few can show nothing at the {level} % level, whatever happened.")
    )
    return f"Countries that enter: {countries.shape[1]} ({names}{more}).{weak}"


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


def months_below(behind: Sequence[Counterfactual], asked: Contrast) -> pd.DataFrame:
    """Months from the window's start on that the baseline can tell: share and whether below."""
    columns = ["observed", "counterfactual", "lower", "upper", "effect_pct"]
    if not behind:
        return pd.DataFrame(columns=["month", *columns, "below"])
    path = behind[0].path.loc[asked.start :].dropna(subset=["observed", "counterfactual"])
    below = path["observed"] < path["lower"]
    return path[columns].assign(below=below).reset_index(names="month")


def fell_behind(effect: Counterfactual, asked: Contrast) -> str:
    """What the window's average effect on the ratio was, and how far its interval was tried."""
    row, tried = effect.table.iloc[0], len(effect.placebos.frame)
    return (
        f"Relative to the rest, exports to {destination_name(asked.destination)} changed by "
        f"{in_words(row)} in {month_span(asked.start, asked.end)}, judged by the {row['n_pre']} "
        f"months known of both to {month_span(asked.baseline_end, asked.baseline_end)} "
        f"({probability(row['p_value'])}). The interval could be tried at {tried} "
        "earlier quiet dates" + ("; so few hardly check it." if tried < ENOUGH else ".")
    )


def since_when(below: pd.DataFrame, asked: Contrast) -> str:
    """From which month on the destination fared worse, and in how many."""
    if below.empty:
        return "No month from the window on can be told."
    hit = below.loc[below["below"], "month"]
    name = destination_name(asked.destination)
    told = f"{len(below)} months from {month_span(asked.start, asked.start)} on"
    if hit.empty:
        return f"In none of the {told} that can be told did {name} fare worse than the rest."
    after = below[below["month"] > pd.Period(asked.end, freq="M")]
    chance = (1 - asked.level) / 2 * len(below)
    mean = f" ({signed(after['effect_pct'].mean())} % on average)" if len(after) else ""
    return (
        f"{name[0].upper()}{name[1:]} fared worse than the rest from {period_name(hit.iloc[0])}: "
        f"{len(hit)} of the {told} that can be told lie below the {percent_of(asked.level)} % "
        f"interval, {int(after['below'].sum())} of {len(after)} after the window among them{mean}. "
        f"By chance alone one expects {chance:.1f}."
    )


def in_words(row: pd.Series) -> str:
    """An effect in percent with its interval."""
    ends = f"{signed(row['lower'])} % to {signed(row['upper'])} %"
    return f"{signed(row['estimate'])} % ({percent_of(row['level'])} % interval {ends})"


def end_says(found: Sequence[EffectResult], untold: str) -> str:
    """An attempted effect in words, or why there is none."""
    return untold or in_words(found[0].table.iloc[0])


def known_panel(exports: pd.DataFrame, bound: Bound = "tonnes") -> pd.DataFrame:
    """The world and every observed country, months × destinations."""
    return monthly_panel(exports, ["WLD", *observed_countries(exports)], bound)


def split(
    bridge: Callable[..., Bridge], exports: pd.DataFrame, asked: Contrast, month: str
) -> Bridge:
    """The world's change to `month` split by country, from the month most alike."""
    panels = [known_panel(exports, bound) for bound in BOUNDS]
    base = base_month(exports, asked, month)
    parts = largest_parts(panels[0], base, month)
    return bridge(*panels, month, total="WLD", base=base, parts=parts)


MOVED = 5
"""Falls, and rises, that a table of single destinations shows."""


def split_change(bridge: Callable[..., Bridge], exports: pd.DataFrame, month: str) -> Bridge:
    """The world's change on the month before, over all countries known in both."""
    return bridge(*(known_panel(exports, bound) for bound in BOUNDS), month, total="WLD")


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


def moves_within(split: Bridge) -> str:
    """What single destinations lost and gained within a total's change, in a sentence."""
    parts, rest = split.parts["estimate"].iloc[:-1], split.parts["estimate"].iloc[-1]
    told = (
        f"From {period_name(split.base)} to {period_name(split.period)} exports to the world "
        f"changed by {signed(split.change['estimate'])} tonnes."
    )
    if parts.empty:
        return f"{told} No destination is known in both months."
    ends = [
        f"{signed(some.sum())} tonnes by those that {verb} ({destination_name(str(most))} most, "
        f"{signed(parts[most])})"
        for verb, some, most in (
            ("fell", parts[parts < 0], parts.idxmin()),
            ("rose", parts[parts > 0], parts.idxmax()),
        )
        if len(some)
    ]
    return (
        f"{told} In it are {listed([*ends, f'{signed(rest)} by all others together'])}; "
        f"{count(len(parts), 'destination')} known in both months."
    )


def base_month(exports: pd.DataFrame, asked: Contrast, month: str) -> pd.Period:
    """The baseline's month, with the world observed, that shares the most countries with `month`.

    Of several one of the same calendar month, then the latest.
    """
    when = period_name(pd.Period(month, freq="M"))
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


def largest_parts(best: pd.DataFrame, base: pd.Period, month: str) -> list[str]:
    """The countries known in both months, the largest of them where there are many."""
    known = best.drop(columns="WLD").loc[[base, pd.Period(month, freq="M")]].dropna(axis="columns")
    before = row_at(known, base).sort_values(ascending=False, kind="stable")
    return list(before.index[:SHOWN])


def bridge_table(split: Bridge, best: pd.DataFrame) -> pd.DataFrame:
    """A bridge's countries with tonnes at both ends and the change in percent, largest fall first.

    best: months × countries; the world is the last row.
    """
    names = [part for part in split.parts.index if part in best.columns]
    ends = best.loc[[split.base, split.period], [*names, "WLD"]].T
    table = ends.set_axis([str(split.base), str(split.period)], axis="columns")
    change = 100 * (ends[split.period] / ends[split.base] - 1)
    table = table.assign(change_pct=change).iloc[:-1].sort_values("change_pct")
    world = ends.loc[["WLD"]].set_axis(table.columns[:2], axis="columns")
    table = pd.concat([table, world.assign(change_pct=change["WLD"])])
    table.insert(0, "destination", [destination_name(str(code)) for code in table.index])
    return table.reset_index(drop=True)


def spared(best: pd.DataFrame, *splits: Bridge) -> str:
    """Which countries changed by less and which by more than the world, in percent, by split."""
    told = " ".join(_spared(split, best) for split in splits)
    if not told:
        return "No two months of single countries can be compared."
    return f"{told} Two published months each, no test."


def _spared(split: Bridge, best: pd.DataFrame) -> str:
    table = bridge_table(split, best)
    world = table["change_pct"].iloc[-1]
    rows = table.iloc[:-1]
    worse, better = rows[rows["change_pct"] < world], rows[rows["change_pct"] >= world]
    both = best.drop(columns="WLD").loc[[split.base, split.period]].notna().all().sum()
    known = f"the {both} countries" if both == len(rows) else f"the {len(rows)} largest of {both}"
    return (
        f"From {period_name(split.base)} to {period_name(split.period)} exports to the world "
        f"changed by {signed(world)} %. Of {known} known in both months, worse than that: "
        f"{_listed(worse)}; better: {_listed(better)}."
    )


def _listed(rows: pd.DataFrame) -> str:
    pairs = zip(rows["destination"], rows["change_pct"], strict=True)
    return ", ".join(f"{name} ({signed(change)} %)" for name, change in pairs) or "none"


def save(
    asked: Contrast,
    answers: dict[str, str],
    results: Sequence[EffectResult],
    planned: Sequence[Family],
    own: Sequence[tuple[Family, object]],
) -> None:
    """Write destinations.csv, families.csv and what the front page says of this article.

    Sums of a ratio over months mean nothing and are left out.
    """
    rows = [result.table[result.table["unit"] != RATIO_UNIT] for result in results]
    columns = list(Effects.to_schema().columns)
    found = pd.concat(rows, ignore_index=True) if rows else pd.DataFrame(columns=columns)
    found = found.assign(study="destinations", destination=asked.destination, event_id="")
    named = [*(("pre-specified, Holm", one) for one in planned)]
    named += [("destinations, step-down", one) for one, _ in own]
    write_table(found[columns], asked.reports / "destinations.csv", Effects)
    write_table(family_rows(dict(named)), asked.reports / "families.csv", Families)
    write_answers(answers, asked.reports / "data" / "destinations-answers.json")
    print(f"{len(found)} rows written to destinations.csv")
