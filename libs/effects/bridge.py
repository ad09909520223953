"""The exact decomposition of a period's change of a total by its parts, bounds carried through."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from effects.level import Array
from effects.results import EffectError, as_html
from effects.samples import When, as_period, read_frame, row_at
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
    most: int | None = None,
    base: When | None = None,
    remainder: str = "others",
) -> Bridge:
    """Split the change of `total` since `base` (default: the period before) over the other columns.

    value, lower, upper: panels periods × units of best estimates and hard bounds, of parts that do
    not overlap; those not observed in both periods stay in the `remainder`, which is the total
    less the rest and keeps the whole width of the bounds, and so do all but the `most` largest in
    the base.
    """
    panels = [read_frame(panel) for panel in (value, lower, upper)]
    best, index = panels[0], pd.PeriodIndex(panels[0].index)
    now = as_period(period, index)
    then = now - 1 if base is None else as_period(base, index)
    _check(best, total, (then, now))
    seen = best.drop(columns=total).reindex([then, now]).dropna(axis="columns")
    known = list(seen.columns)
    if most is not None:
        known = list(row_at(seen, then).sort_values(ascending=False, kind="stable").index[:most])
    names = [total, *known]
    ends = np.array([panel.reindex(index=[then, now], columns=names) for panel in panels])
    _check_bounds(ends, names, (then, now))
    best_ends, low, high = _with_remainder(ends, total, (then, now))
    change = pd.DataFrame(
        {
            "estimate": best_ends[1] - best_ends[0],
            "lower": low[1] - high[0],
            "upper": high[1] - low[0],
        },
        [*names, remainder],
    )
    sizes = change["estimate"].iloc[1:-1].abs()
    order = sizes.sort_values(ascending=False, kind="stable").index
    rows = change.loc[[*order, remainder]].rename_axis("part")
    table = pd.DataFrame(best_ends[:, :-1].T, names, [then, now]).loc[[*known, total]]
    return Bridge(rows, row_at(change, total), table, seen.shape[1], now, then)


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
    ends: Array, names: Sequence[Hashable], periods: tuple[pd.Period, pd.Period]
) -> None:
    """Refuse bounds (three × periods × names) that are missing or do not hold what they bound."""
    best, low, high = ends
    slack = TOLERANCE * np.maximum(np.abs(best), 1.0)
    for place, end in np.argwhere(~((low - slack <= best) & (best <= high + slack)).T):
        raise EffectError(
            f"{names[place]}, {periods[end]}: found the value {best[end, place]:g} with bounds "
            f"{low[end, place]:g} and {high[end, place]:g}; needs both bounds, and the value "
            "between them"
        )


def _with_remainder(ends: Array, total: Hashable, periods: tuple[pd.Period, pd.Period]) -> Array:
    """The ends with what the parts leave of the total, the first column, as one more."""
    parts = ends[:, :, 1:].sum(axis=2)[[0, 2, 1]]
    rest = ends[:, :, 0] - parts
    rest[1] = rest[1].clip(min=0)
    over = rest[2] < -TOLERANCE * ends[2, :, 0]
    if over.any():
        raise EffectError(
            f"the parts of {periods[int(rest[2].argmin())]} add up to more than {total}; leave out "
            "those that overlap"
        )
    return np.concatenate([ends, rest[:, :, None]], axis=2)
