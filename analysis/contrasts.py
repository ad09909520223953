"""One destination against the others: who was hit, who was spared, and what cannot be told."""

from __future__ import annotations

from typing import Any

import pandas as pd
from effects import Bridge, Counterfactual, EffectError, bridge
from effects.bridge import alike_base
from effects.panel import comparable_units
from effects.regimes import Policy
from effects.results import percent_of
from effects.variants import Variant, extreme_series
from ledger.series import monthly_panel, observed_countries
from tradedata.destinations import destination_name
from words import month as month_name
from words import signed

from analysis.regressors import series_regressors
from analysis.study import Contrast

RATIO_UNIT = "tonnes for every 100 to the rest"
SHOWN = 12
"""Countries that a sentence or a bridge names where more are known."""
MOVED = 5
"""Falls, and rises, that a table of single destinations shows."""


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


def regress_on(pair: pd.DataFrame, policy: Policy, asked: Contrast) -> dict[str, Any]:
    """What every model takes: baseline, level, New Year, and the policy at the baseline's end."""
    every = pd.period_range(pair.index.min(), pair.index.max(), freq="M")
    ratio = relative_exports(pair, asked).reindex(every)
    regressors = series_regressors(ratio, policy, asked.baseline_end)
    return {"baseline_end": asked.baseline_end, "regressors": regressors, "level": asked.level}


def within_bounds(
    exports: pd.DataFrame, asked: Contrast, options: dict[str, Any]
) -> dict[str, pd.Series]:
    """The ratio with each month at that end of its own bounds which moves the estimate farthest.

    Months that figures link cannot all lie there. EffectError where the ratio has no effect.
    """
    ratio = relative_exports(pair_of(exports, asked), asked)
    names = [asked.destination, asked.rest]
    low, high = (monthly_panel(exports, names, bound) for bound in ("lower", "upper"))
    bounds = (
        (100 * least[asked.destination] / most[asked.rest]).reindex(ratio.index)
        for least, most in ((low, high), (high, low))
    )
    ends = {"as low as it can be": False, "as high as it can be": True}
    window = {"start": asked.start, "end": asked.end}
    own, both = Variant("bounds", "ratio", ratio, window | options), (next(bounds), next(bounds))
    return {label: extreme_series(own, both, highest=highest) for label, highest in ends.items()}


def in_words(row: pd.Series) -> str:
    """An effect in percent with its interval."""
    ends = f"{signed(row['lower'])} % to {signed(row['upper'])} %"
    return f"{signed(row['estimate'])} % ({percent_of(row['level'])} % interval {ends})"


def months_below(behind: Counterfactual | None, asked: Contrast) -> pd.DataFrame:
    """Months from the window's start on that the baseline can tell: share and whether below."""
    columns = ["observed", "counterfactual", "lower", "upper", "effect_pct"]
    if behind is None:
        return pd.DataFrame(columns=["month", *columns, "below"])
    path = behind.path.loc[asked.start :].dropna(subset=["observed", "counterfactual"])
    below = path["observed"] < path["lower"]
    return path[columns].assign(below=below).reset_index(names="month")


def after_window(below: pd.DataFrame, asked: Contrast) -> tuple[pd.Period, pd.Period]:
    """The first months in a row after the window that the baseline can tell.

    Raises EffectError if it can tell none.
    """
    months = [month for month in below["month"] if month > pd.Period(asked.end, freq="M")]
    if not months:
        raise EffectError("no month after the window can be told")
    run = [month for place, month in enumerate(months) if month == months[0] + place]
    return run[0], run[-1]


def comparable(exports: pd.DataFrame, asked: Contrast) -> pd.DataFrame:
    """The countries by name that a panel can use, months × countries, up to the window's end."""
    panel = monthly_panel(exports, observed_countries(exports)).rename(columns=destination_name)
    treated = destination_name(asked.destination)
    return comparable_units(panel, treated, asked.start, asked.end, asked.baseline_end)


def split(exports: pd.DataFrame, month: str, baseline_end: str | None = None) -> Bridge:
    """The world's change to `month` by country, over all known in it and in the month before.

    With a `baseline_end` since the baseline's month most alike, by the largest countries.
    """
    names = ["WLD", *observed_countries(exports)]
    best, lower, upper = (
        monthly_panel(exports, names, bound) for bound in ("tonnes", "lower", "upper")
    )
    since: dict[str, Any] = {}
    if baseline_end:
        base = alike_base(best, month, total="WLD", last=baseline_end)
        since = {"base": base, "most": SHOWN}
    return bridge(best, lower, upper, month, total="WLD", remainder="all others", **since)


def named(table: pd.DataFrame) -> pd.DataFrame:
    """A table of a bridge by destination, `change` its change in tonnes."""
    table = table.rename(index=destination_name, columns={"estimate": "change"})
    return table.rename_axis("destination").reset_index()


def spared(split: Bridge | None) -> str:
    """Which countries changed by less and which by more than the world, in percent."""
    if split is None:
        return "No two months of single countries can be compared."
    *rows, (_, world) = named(split.table)[["destination", "change_pct"]].to_numpy()
    names = [f"{name} ({signed(change)} %)" for name, change in rows]
    worse = sum(change < world for _, change in rows)
    known = f"the {split.known} countries"
    if len(rows) < split.known:
        known = f"the {len(rows)} largest of {split.known}"
    return (
        f"From {month_name(split.base)} to {month_name(split.period)} exports to the world "
        f"changed by {signed(world)} %. Of {known} known in both months, worse than that: "
        f"{', '.join(names[:worse]) or 'none'}; better: {', '.join(names[worse:]) or 'none'}. "
        "Two published months each, no test."
    )
