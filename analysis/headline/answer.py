"""One study's answer: its results as tables and as a headline."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from effects import Counterfactual, EffectResult, Swing, regimes
from effects.results import effect_table

from analysis.events import REGIME_EVENTS, event_date, policy_regimes, regime_exposure
from analysis.study import Study
from analysis.tables import Effects

SHORT_REGIME = 1.5
"""Months under a regime below which its estimate only describes."""


def all_regimes(
    series: pd.Series, exposure: pd.DataFrame, regressors: pd.DataFrame, level: float, name: str
) -> EffectResult:
    """Every regime under which a month is observed, all at once; no row where there is none."""
    seen = exposure.loc[:, exposure[series.notna()].any()]
    if not len(seen.columns):
        return EffectResult(effect_table([]), "No month under a regime of 2025 is observed.")
    return regimes(series, seen, regressors=regressors, level=level, name=name)


def effects_table(study: Study, results: Sequence[EffectResult]) -> pd.DataFrame:
    """The results' rows under the study's name, in the columns of effects.csv."""
    rows = pd.concat([result.table for result in results], ignore_index=True)
    named = rows.assign(study=study.study, destination=study.destination, event_id=study.event_id)
    return named[list(Effects.to_schema().columns)]


def path_table(result: Counterfactual, exports: pd.DataFrame, destination: str) -> pd.DataFrame:
    """The counterfactual's path by month, with the bounds of what was observed."""
    rows = exports[(exports["destination"] == destination) & exports["tonnes"].notna()]
    bounds = rows.set_index("month")[["lower", "upper"]].add_prefix("observed_")
    path = result.path.drop(columns="effect_pct")
    months = pd.PeriodIndex(path.index).to_timestamp().as_unit("ns")
    bounds = bounds.reindex(months)
    path = path.set_axis(months, axis="index").rename_axis("month").reset_index()
    path.insert(2, "observed_lower", bounds["observed_lower"].to_numpy())
    path.insert(3, "observed_upper", bounds["observed_upper"].to_numpy())
    return path


def swings_table(result: Swing) -> pd.DataFrame:
    """Every known change of the series by month."""
    frame = result.swings.rename(columns={"residual_pct": "residual"})
    months = pd.PeriodIndex(frame.index).to_timestamp().as_unit("ns")
    return frame.set_axis(months, axis="index").rename_axis("month").reset_index()


def regime_months(events: pd.DataFrame, event_id: str, end: pd.Period) -> float | None:
    """Months, in shares of each, that the regime begun by `event_id` lasted up to `end`.

    None where the event begins no regime.
    """
    names = [name for name, begins in REGIME_EVENTS.items() if begins == event_id]
    if not names:
        return None
    first = pd.Period(event_date(events, event_id, "date_announced"), freq="M")
    months = pd.period_range(first, end, freq="M")
    return float(regime_exposure(months, policy_regimes(events))[names[0]].sum())


def headline(
    study: Study, counterfactual: Counterfactual, swing: Swing, events: pd.DataFrame
) -> dict[str, object]:
    """The study's answer in a sentence, with what it was asked."""
    chosen = counterfactual if study.headline == "counterfactual" else swing
    sentence = chosen.sentence
    lasted = regime_months(events, study.event_id, counterfactual.path.index[-1])
    if lasted is not None and lasted < SHORT_REGIME:
        sentence += (
            f" The regime lasted {lasted:.1f} of a month, so this describes and cannot test."
        )
    return {
        "study": study.study,
        "question": study.question,
        "headline": sentence,
        "destination": study.destination,
        "event_id": study.event_id,
        "start": study.start,
        "end": study.end,
        "parameters": study.model_dump(),
    }


def needed_to_overturn(result: Counterfactual) -> float:
    """Units that the window's sum would have to be nearer its counterfactual to be no effect.

    Zero where the interval already holds no effect.
    """
    row = result.table[result.table["estimand"] == "cumulative effect"].iloc[0]
    nearest = min(abs(row["lower"]), abs(row["upper"]))
    return float(nearest if np.sign(row["lower"]) == np.sign(row["upper"]) else 0.0)
