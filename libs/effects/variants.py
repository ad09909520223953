"""One estimate under other choices, one changed at a time, and the test of all of them together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from effects.average import average_effect, influence
from effects.families import common_shifts, null_innovations, specification_curve
from effects.results import EffectError, EffectResult, effect_table
from effects.samples import When

TANGENTS = 10
"""Most tangents of the search for the extremes; they settle within a few."""
FITTED = ("baseline_end", "regressors", "season")
"""What a fit takes; the rest is for its interval."""


@dataclass(frozen=True)
class Variant:
    """One thing changed: `aspect` is what sort of thing, `name` what it was changed to.

    terms: what `average_effect` takes beside the series, its window and its level.
    """

    aspect: str
    name: str
    series: pd.Series
    terms: Mapping[str, Any]

    def but(
        self, aspect: str, name: str, series: pd.Series | None = None, **terms: object
    ) -> Variant:
        """The same with another series or other terms."""
        kept = self.series if series is None else series
        return Variant(aspect, name, kept, {**self.terms, **terms})

    @property
    def fitted(self) -> dict[str, Any]:
        """The terms of the fit."""
        return {name: self.terms[name] for name in FITTED if name in self.terms}


def variants_table(tried: Sequence[Variant], start: When, end: When, level: float) -> pd.DataFrame:
    """One row a variant, the first being the one that the others are compared with.

    Columns of effects.csv, aspect, variant, reason (why there is no estimate) and conclusion:
    `survives` or `cannot be told` on the first one's side of zero, `changes`, `not told`. A season
    that is the first one's own is no change and is left out.
    """
    frame = pd.DataFrame([_row(variant, start, end, level) for variant in tried])
    numbers = frame[["estimate", "lower", "upper"]]
    same = (numbers == numbers.iloc[0]).all(axis="columns")
    frame = frame[~(same & (frame["aspect"] == "season"))]
    side = np.select([frame["lower"] > 0, frame["upper"] < 0], [1, -1], 0)
    same_side = "survives" if side[0] else "cannot be told"
    conclusion = np.where(side == side[0], same_side, "changes")
    return frame.assign(conclusion=np.where(frame["reason"] == "", conclusion, "not told"))


def _row(variant: Variant, start: When, end: When, level: float) -> dict[str, object]:
    named: dict[str, object] = {"aspect": variant.aspect, "variant": variant.name, "reason": ""}
    try:
        found = average_effect(variant.series, start, end, level=level, **variant.terms)
    except EffectError as reason:
        blank = dict.fromkeys(["estimate", "lower", "upper", "level", "p_value"], np.nan)
        return named | blank | {"n_pre": 0, "n_post": 0, "reason": str(reason)}
    return {str(name): value for name, value in found.table.iloc[0].items()} | named


def joint_test(
    tried: Sequence[Variant], table: pd.DataFrame, start: When, end: When, level: float
) -> EffectResult:
    """One test of all variants that `table`, of `variants_table`, tells.

    The estimate is the median t of the variants, the p-value that of its common shifts; a
    variant with totals has no part, since a sum of periods cannot be moved round. Raises
    EffectError where none can be told, or shifts are too few.
    """
    told = set(table.loc[table["reason"] == "", "variant"])
    innovations = {
        variant.name: null_innovations(variant.series, start, end, **variant.fitted)
        for variant in tried
        if variant.name in told and variant.terms.get("totals") is None
    }
    if not innovations:
        raise EffectError("no variant can be estimated")
    found = specification_curve(common_shifts(pd.DataFrame(innovations), start), level)
    median = found.table.iloc[0]
    row = {
        "estimator": "common shifts",
        "estimand": "median t of all variants",
        "start": start,
        "end": end,
        "estimate": median["observed"],
        "p_value": median["p_value"],
        "unit": "t",
        "n_pre": table["n_pre"].iloc[0],
        "n_post": table["n_post"].iloc[0],
    }
    return EffectResult(effect_table([row]), found.sentence)


def extreme_series(
    own: Variant,
    bounds: tuple[pd.Series, pd.Series],
    start: When,
    end: When,
    *,
    highest: bool = False,
    least: Callable[[pd.Series], pd.Series] | None = None,
) -> pd.Series:
    """The series within its bounds whose average effect is lowest, or highest.

    Each period lies at the end that moves the estimate's tangent farthest, the walk's share held.
    least: where periods are bound together, their values whose sum, each times its given cost, is
    least (NaN: a period bound by itself alone); a new tangent is then taken there, until no period
    moves.
    """
    series, (lower, upper) = own.series, bounds
    for _ in range(TANGENTS if least else 1):
        pull = influence(series, start, end, **own.fitted) * (-1.0 if highest else 1.0)
        moved = lower.where(pull.reindex(series.index) > 0, upper)[pull.index]
        if least:
            moved = least(pull / series[pull.index]).fillna(moved)
        before, series = series, series.copy()
        series[pull.index] = moved
        if np.allclose(series, before, rtol=1e-6, equal_nan=True):
            break
    return series
