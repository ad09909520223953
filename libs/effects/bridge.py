"""The exact decomposition of a period's change of a total by its parts, bounds carried through."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from effects.results import EffectError, as_html
from effects.samples import When, as_period, read_frame, row_at, unit_names
from effects.season import season_length

TOLERANCE = 1e-9


@dataclass(frozen=True)
class Bridge:
    """The change of a total from `base` to `period`.

    parts: one row a part, the remainder last: estimate, lower, upper in the panels' unit, largest
    first. change: the same three numbers for the total. The parts' estimates add up to it.
    ends: parts without the remainder, and the total last, × base and period, in the unit. known:
    how many parts are observed in both, shown or not.
    """

    parts: pd.DataFrame
    change: pd.Series
    ends: pd.DataFrame
    known: int
    period: pd.Period
    base: pd.Period

    def _repr_html_(self) -> str:
        return as_html(self.parts.reset_index(), f"From {self.base} to {self.period}.")

    @property
    def table(self) -> pd.DataFrame:
        """Parts at both ends with change_pct, the largest fall first; the total is the last row."""
        change = 100 * (self.ends[self.period] / self.ends[self.base] - 1)
        order = [*change[:-1].sort_values().index, change.index[-1]]
        return self.ends.rename(columns=str).assign(change_pct=change).loc[order]

    def largest(self, most: int) -> pd.DataFrame:
        """Up to `most` falls and rises each, the rest in one row, and the total: estimate, bounds.

        Rows are named by part, the last two by the remainder and the total.
        """
        parts = self.parts.iloc[:-1].sort_values("estimate", kind="stable")
        falls, rises = parts[parts["estimate"] < 0][:most], parts[parts["estimate"] > 0][-most:]
        table = pd.concat([falls, rises])
        sums = table.rename(columns={"lower": "upper", "upper": "lower"}).sum()
        table.loc[self.parts.index[-1]] = self.change - sums
        table.loc[self.ends.index[-1]] = self.change
        return table


def bridge(
    value: pd.DataFrame,
    lower: pd.DataFrame,
    upper: pd.DataFrame,
    period: When,
    *,
    total: Hashable,
    parts: Hashable | Sequence[Hashable] | None = None,
    most: int | None = None,
    base: When | None = None,
    remainder: str = "others",
) -> Bridge:
    """Split the change of column `total` since `base` (default: the period before) over `parts`.

    value, lower, upper: panels periods × units of best estimates and hard bounds. parts: columns
    that do not overlap (default: all but the total); those not observed in both periods stay in
    the `remainder`, which is the total less the rest and keeps the whole width of the bounds, and
    so do all but the `most` largest in the base.
    """
    panels = [read_frame(panel) for panel in (value, lower, upper)]
    best, index = panels[0], pd.PeriodIndex(panels[0].index)
    now = as_period(period, index)
    then = now - 1 if base is None else as_period(base, index)
    _check(best, total, (then, now))
    others = best.drop(columns=total)
    names = list(others) if parts is None else unit_names(parts, others)
    told = others[names].reindex([then, now]).notna().all()
    known = list(told.index[told])
    both = len(known)
    if most is not None:
        sizes = row_at(others[known], then).sort_values(ascending=False, kind="stable")
        known = list(sizes.index[:most])
    _check_bounds(panels, [total, *known], (then, now))
    best, low, high = _with_remainder(panels, [then, now], total, known, remainder)
    change = pd.DataFrame(
        {
            "estimate": row_at(best, now) - row_at(best, then),
            "lower": row_at(low, now) - row_at(high, then),
            "upper": row_at(high, now) - row_at(low, then),
        }
    )
    sizes = change["estimate"].reindex(known).abs()
    order = sizes.sort_values(ascending=False, kind="stable").index
    rows = change.loc[[*order, remainder]].rename_axis("part")
    ends = best.loc[[then, now], [*known, total]].T
    return Bridge(rows, row_at(change, total), ends, both, now, then)


def alike_base(value: pd.DataFrame, period: When, *, total: Hashable, last: When) -> pd.Period:
    """The period up to `last`, with the total observed, that shares the most parts with `period`.

    Of several one of the same calendar period, then the latest. EffectError where there is none.
    """
    index = pd.PeriodIndex(value.index)
    now, stop = as_period(period, index), as_period(last, index, "end")
    seen = value.notna()
    parts = seen.drop(columns=total)[seen[total]]
    if now not in parts.index or not row_at(parts, now).any():
        raise EffectError(f"no part of {total} is observed in {now}")
    shared = (parts.loc[:stop] & row_at(parts, now)).sum(axis="columns")
    if not len(shared) or not shared.max():
        raise EffectError(f"no period up to {stop} shares a part of {total} with {now}")
    best = pd.PeriodIndex(shared.index[shared == shared.max()])
    length = season_length(best)
    alike = best[(best.asi8 - now.ordinal) % length == 0]
    return (alike if len(alike) else best)[-1]


def _check(value: pd.DataFrame, total: Hashable, periods: tuple[pd.Period, pd.Period]) -> None:
    if total not in value.columns:
        raise EffectError(f"no column {total!r}; found {', '.join(map(str, value.columns[:8]))}")
    for period in periods:
        if period not in value.index or pd.isna(value[total].get(period)):
            raise EffectError(f"{total} is not observed in {period}; a bridge needs both ends")


def _check_bounds(
    panels: list[pd.DataFrame], names: list[Hashable], periods: tuple[pd.Period, pd.Period]
) -> None:
    """Refuse bounds that are missing or do not hold the value between them."""
    for name in names:
        for period in periods:
            found = [panel.get(name, pd.Series()).get(period, np.nan) for panel in panels]
            value, low, high = map(float, found)
            slack = TOLERANCE * max(abs(value), 1.0)
            if not low - slack <= value <= high + slack:
                raise EffectError(
                    f"{name}, {period}: found the value {value:g} with bounds {low:g} and "
                    f"{high:g}; needs both bounds, and the value between them"
                )


def _with_remainder(
    panels: list[pd.DataFrame],
    periods: list[pd.Period],
    total: Hashable,
    known: list[Hashable],
    remainder: str,
) -> list[pd.DataFrame]:
    """The three panels at both ends with the remainder as one more column."""
    best, low, high = (panel[[total, *known]].reindex(periods) for panel in panels)
    rest = (
        best[total] - best[known].sum(axis="columns"),
        (low[total] - high[known].sum(axis="columns")).clip(lower=0),
        high[total] - low[known].sum(axis="columns"),
    )
    if (rest[2] < -TOLERANCE * high[total]).any():
        raise EffectError(
            f"the parts of {rest[2].idxmin()} add up to more than {total}; leave out those that "
            "overlap"
        )
    pairs = zip((best, low, high), rest, strict=True)
    return [panel.assign(**{remainder: column}) for panel, column in pairs]
