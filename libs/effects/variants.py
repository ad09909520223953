"""One estimate under other choices, one changed at a time, and the test of all of them together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from words import month_span

from effects.average import FittedWindow, average_effect, influence
from effects.families import common_shifts, innovations_of, specification_curve
from effects.results import COUNTS, NUMBERS, EffectError, EffectResult, effect_table
from effects.samples import read_series

TANGENTS = 10
"""Most tangents of the search for the extremes; they settle within a few."""


@dataclass(frozen=True)
class Variant:
    """One thing changed: `aspect` is what sort of thing, `name` what it was changed to.

    terms: what `average_effect` takes beside the series, its window among them; fitted: what it
    finds, where that is known.
    """

    aspect: str
    name: str
    series: pd.Series
    terms: Mapping[str, Any]
    fitted: FittedWindow | None = None

    def but(
        self, aspect: str, name: str, series: pd.Series | None = None, **terms: object
    ) -> Variant:
        """The same with another series or other terms."""
        kept = self.series if series is None else series
        return Variant(aspect, name, kept, {**self.terms, **terms})

    @cached_property
    def effect(self) -> FittedWindow:
        """The average effect; EffectError where it cannot be told."""
        return self.fitted or average_effect(self.series, **self.terms)

    @cached_property
    def refused(self) -> str:
        """Why the effect cannot be told; nothing where it can."""
        try:
            self.effect  # noqa: B018
        except EffectError as reason:
            return str(reason)
        return ""


def variants_table(tried: Sequence[Variant]) -> pd.DataFrame:
    """One row a variant, the first being the one that the others are compared with.

    Columns of effects.csv, aspect, variant, reason (why there is no estimate) and conclusion:
    `survives` or `cannot be told` on the first one's side of zero, `changes`, `not told` where it
    or the first one has no estimate. A season that is the first one's own is no change and is left
    out.
    """
    frame = pd.DataFrame([_row(variant) for variant in tried])
    numbers = frame[["estimate", "lower", "upper"]]
    same = (numbers == numbers.iloc[0]).all(axis="columns")
    frame = frame[~(same & (frame["aspect"] == "season"))]
    side = np.select([frame["lower"] > 0, frame["upper"] < 0], [1, -1], 0)
    same_side = "survives" if side[0] else "cannot be told"
    conclusion = np.where(side == side[0], same_side, "changes")
    told = (frame["reason"] == "") & (frame["reason"].iloc[0] == "")
    return frame.assign(conclusion=np.where(told, conclusion, "not told"))


def _row(variant: Variant) -> dict[str, object]:
    named: dict[str, object] = {
        "aspect": variant.aspect,
        "variant": variant.name,
        "reason": variant.refused,
    }
    if not variant.refused:
        return variant.effect.row() | named
    return named | dict.fromkeys(NUMBERS, np.nan) | dict.fromkeys(COUNTS, 0)


def joint_test(tried: Sequence[Variant], table: pd.DataFrame) -> EffectResult:
    """One test of all variants that `table`, of `variants_table`, tells.

    The estimate is the median t of the variants, the p-value that of its common shifts; a
    variant with totals has no part, since a sum of periods cannot be moved round. Raises
    EffectError where none can be told, or shifts are too few.
    """
    told = set(table.loc[table["reason"] == "", "variant"])
    fits = {
        variant.name: variant.effect
        for variant in tried
        if variant.name in told and variant.terms.get("totals") is None
    }
    if not fits:
        raise EffectError("no variant can be estimated")
    innovations = {name: innovations_of(fit.question, fit.terms) for name, fit in fits.items()}
    asked = next(iter(fits.values())).question
    shifts = common_shifts(pd.DataFrame(innovations), asked.start)
    found = specification_curve(shifts, asked.level)
    median = found.table.iloc[0]
    row = {
        "estimator": "common shifts",
        "estimand": "median t of all variants",
        "start": str(asked.start),
        "end": str(asked.end),
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
    series, (lower, upper), fitted = own.series, bounds, own.effect
    for _ in range(TANGENTS if least else 1):
        there = replace(fitted.question, values=read_series(series))
        pull = influence(there, fitted.terms) * (-1.0 if highest else 1.0)
        moved = lower.where(pull.reindex(series.index) > 0, upper)[pull.index]
        if least:
            moved = least(pull / series[pull.index]).fillna(moved)
        before, series = series, series.copy()
        series[pull.index] = moved
        if np.allclose(series, before, rtol=1e-6, equal_nan=True):
            break
    return series


def of_bounds(
    own: Variant,
    bounds: tuple[pd.Series, pd.Series],
    least: Callable[[pd.Series], pd.Series] | None = None,
) -> Iterator[Variant]:
    """The series whose estimate is lowest and highest (`extreme_series`), if they can be told."""
    with suppress(EffectError):
        for name in ("lowest", "highest"):
            series = own.series
            if not own.refused:
                series = extreme_series(own, bounds, highest=name == "highest", least=least)
            name = f"{name} estimate that the figures allow"
            yield own.but("bounds", name, series.where(series > 0))


def of_baselines(
    own: Variant, ends: Iterable[str], regressors: Callable[[str], pd.DataFrame]
) -> Iterator[Variant]:
    """Other ends of the baseline, months before the window, with the `regressors` of each."""
    start, usual = own.terms["start"], own.terms["baseline_end"]
    for end in dict.fromkeys([*ends, str(pd.Period(start, freq="M") - 1)]):
        if end < start and end != usual:
            name = f"baseline to {month_span(end, end)}"
            yield own.but("baseline", name, baseline_end=end, regressors=regressors(end))


def of_regressors(own: Variant, calendar: pd.DataFrame, called: str) -> Iterator[Variant]:
    """Without each regressor, those of the `calendar` at once; with a drift; by harmonics."""
    given = own.terms["regressors"]
    shared = given.columns.intersection(calendar.columns)
    for regime in given.columns.difference(shared, sort=False):
        yield own.but("regime", f"without {regime}", regressors=given.drop(columns=regime))
    drifting = given.assign(drift=np.arange(len(given)) / 12)
    yield own.but("drift", "with a linear drift", regressors=drifting)
    if len(shared):
        steady = given.drop(columns=shared)
        yield own.but("season", f"without {called}", regressors=steady)
    yield own.but("season", "two harmonic pairs", season="harmonics")
