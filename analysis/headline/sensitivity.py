"""Does the headline survive? The same average effect under other data, baselines and models."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import numpy as np
import pandas as pd
from contracts import Table, read_table
from effects import EffectError, average_effect
from effects.season import Season
from effects.spans import month_span
from ledger.tables import Figures, RejectedFigures, Sources
from tradedata.tables import OfficialExports

from analysis.events import Regime, quiet_end
from analysis.headline.drift import with_drift
from analysis.headline.newsrooms import bounds_without
from analysis.new_year import new_year_regressors
from analysis.regressors import counterfactual_regressors
from analysis.series import monthly_series
from analysis.study import Cleaning, Study
from analysis.tables import Sensitivity

HEADLINE = "headline"
BASELINES = ("2023-12", "2024-06", "2024-12")
"""Ends of baseline tried beside the study's own and the month before its window."""
NUMBERS = ["estimate", "lower", "upper"]
NOT_THE_HEADLINE = (
    "These are variants of the counterfactual of the month, not of the swing that the headline "
    "speaks of. "
)
PANDEMIC = ("2020-01", "2021-12")


Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Variant:
    """One thing changed: `aspect` is what sort of thing, `name` what it was changed to."""

    aspect: str
    name: str
    series: pd.Series
    baseline_end: str
    quiet_end: pd.Period
    regressors: pd.DataFrame
    season: Season = "auto"

    def put_to(self, estimator: Callable[..., Answer], study: Study, **more: Any) -> Answer:
        """What an estimator that takes what `counterfactual` takes says of the study's window."""
        return estimator(
            self.series,
            study.start,
            study.end,
            baseline_end=self.baseline_end,
            regressors=self.regressors,
            season=self.season,
            **more,
        )


def window_bounds(study: Study) -> pd.DataFrame:
    """What `bounds_without` says of the study's window, from the tables in its folder."""
    ledger: dict[str, type[Table]] = {
        "figures": Figures,
        "sources": Sources,
        "official_exports": OfficialExports,
    }
    tables = {
        name: read_table(study.vintage / f"{name}.parquet", table) for name, table in ledger.items()
    }
    rejected = read_table(study.vintage / "rejected_figures.csv", RejectedFigures)
    months = pd.period_range(study.start, study.end, freq="M")
    return bounds_without(
        tables["figures"],
        tables["sources"],
        rejected,
        tables["official_exports"],
        study.destination,
        list(months),
    )


def variants(
    study: Study, exports: pd.DataFrame, policy: tuple[Regime, ...], bounds: pd.DataFrame
) -> list[Variant]:
    """The headline's own variant first. `bounds`: as `window_bounds` returns them."""
    series = monthly_series(exports, study.destination, study.value)
    regressors = counterfactual_regressors(_months(series), policy, study.baseline_end)
    quiet = quiet_end(policy)
    own = Variant(HEADLINE, "as reported", series, study.baseline_end, quiet, regressors)
    return [
        own,
        *_of_bounds(own, study, exports),
        *_of_baselines(own, study, policy),
        *_of_regressors(own),
        *_of_newsrooms(own, bounds),
    ]


def _months(series: pd.Series) -> pd.PeriodIndex:
    return pd.PeriodIndex(series.index)


def _of_bounds(own: Variant, study: Study, exports: pd.DataFrame) -> Iterator[Variant]:
    lower = monthly_series(exports, study.destination, "lower").where(own.series.notna())
    upper = monthly_series(exports, study.destination, "upper").where(own.series.notna())
    within = _months(own.series).isin(pd.period_range(study.start, study.end, freq="M"))
    mixed = {
        "all months at their lower bound": lower,
        "all months at their upper bound": upper,
        "window at upper, other months at lower bound": lower.where(~within, upper),
        "window at lower, other months at upper bound": upper.where(~within, lower),
    }
    for name, series in mixed.items():
        yield replace(own, aspect="bounds", name=name, series=series.where(series > 0))


def _of_baselines(own: Variant, study: Study, policy: tuple[Regime, ...]) -> Iterator[Variant]:
    before = str(pd.Period(study.start, freq="M") - 1)
    for end in dict.fromkeys([*BASELINES, before]):
        if end < study.start and end != study.baseline_end:
            regressors = counterfactual_regressors(_months(own.series), policy, end)
            yield replace(
                own,
                aspect="baseline",
                name=f"baseline to {month_span(end, end)}",
                baseline_end=end,
                regressors=regressors,
            )
    without = own.series.copy()
    without.loc[PANDEMIC[0] : PANDEMIC[1]] = np.nan
    yield replace(own, aspect="baseline", name="without 2020 and 2021", series=without)


def _of_regressors(own: Variant) -> Iterator[Variant]:
    calendar = new_year_regressors(_months(own.series)).columns
    for regime in own.regressors.columns.difference(calendar, sort=False):
        name = f"without {regime}"
        yield replace(
            own, aspect="regime", name=name, regressors=own.regressors.drop(columns=regime)
        )
    yield replace(
        own, aspect="drift", name="with a linear drift", regressors=with_drift(own.regressors)
    )
    kept = own.regressors.drop(columns=calendar)
    yield replace(own, aspect="season", name="without Lunar New Year", regressors=kept)
    yield replace(own, aspect="season", name="two harmonic pairs", season="harmonics")


def _of_newsrooms(own: Variant, bounds: pd.DataFrame) -> Iterator[Variant]:
    wide = bounds["upper"] > bounds["lower"] * (1 + Cleaning().narrow_width)
    middle = ((bounds["lower"] + bounds["upper"]) / 2).where(~wide)
    for newsroom, rows in bounds.assign(tonnes=middle).groupby("newsroom"):
        series = own.series.copy()
        series.loc[rows["month"]] = rows["tonnes"].to_numpy()
        yield replace(own, aspect="newsroom", name=f"without {newsroom}", series=series)


def sensitivity_table(study: Study, tried: list[Variant]) -> pd.DataFrame:
    """One row a variant, in the columns of Sensitivity; the first is the headline.

    A season that is the headline's own is no change and is left out.
    """
    frame = pd.DataFrame([_row(study, variant) for variant in tried])
    same = (frame[NUMBERS] == frame[NUMBERS].iloc[0]).all(axis="columns")
    frame = frame[~(same & (frame["aspect"] == "season"))]
    side = np.select([frame["lower"] > 0, frame["upper"] < 0], [1, -1], 0)
    conclusion = np.where(side == side[0], "survives", "changes")
    frame["conclusion"] = np.where(frame["reason"] == "", conclusion, "not told")
    names = {"study": study.study, "destination": study.destination}
    return frame.assign(**names)[list(Sensitivity.to_schema().columns)]


def _row(study: Study, variant: Variant) -> dict[str, object]:
    named: dict[str, object] = {"aspect": variant.aspect, "variant": variant.name, "reason": ""}
    try:
        result = variant.put_to(
            average_effect, study, level=study.level, quiet_end=variant.quiet_end
        )
    except EffectError as reason:
        blank = dict.fromkeys(["estimate", "lower", "upper", "level", "p_value"], np.nan)
        return named | blank | {"n_pre": 0, "n_post": 0, "reason": str(reason)}
    return {str(name): value for name, value in result.table.iloc[0].items()} | named


def survival(table: pd.DataFrame, headline: str) -> str:
    """How many variants leave the conclusion standing, which do not, and which cannot be told.

    headline: the estimator that the study's headline speaks of.
    """
    tried = table[table["aspect"] != HEADLINE]
    told = tried[tried["conclusion"] != "not told"]
    lost = told[told["conclusion"] == "changes"]
    low, high = told["estimate"].min(), told["estimate"].max()
    text = "" if headline == "counterfactual" else NOT_THE_HEADLINE
    text += (
        f"The conclusion survives {len(told) - len(lost)} of {len(told)} changes; the estimate "
        f"runs from {low:+.0f} % to {high:+.0f} %.".replace("-", "−")
    )
    if len(lost):
        text += f" It does not survive: {'; '.join(lost['variant'])}."
    untold = tried[tried["conclusion"] == "not told"]
    if len(untold):
        why = [f"{row.variant} ({row.reason})" for row in untold.itertuples()]
        text += f" Not to be told: {'; '.join(why)}."
    if not (tried["aspect"] == "regime").any():
        text += " No regime begins within the baseline, so none can be left out of it."
    return text
