"""One study's answer: the estimates it asks for, their tables, and its headline as fields."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pandas as pd
from contracts import TableError
from effects import (
    Counterfactual,
    EffectError,
    EffectResult,
    Swing,
    Textbook,
    average_effect,
    counterfactual,
    regimes,
    swing,
    swings,
    textbook,
)
from effects.average import FittedWindow
from effects.regimes import Policy
from effects.results import UNTOLD, effect_table
from effects.totals import unseen_totals
from ledger.reconciliation import RELEASE_DAY
from ledger.settled import load_ledger

from analysis.article import WORDING
from analysis.prose import finding, headline_rows, how_sure
from analysis.regressors import calm_regressors, series_regressors
from analysis.study import Study
from analysis.tables import CounterfactualPath, Effects, Swings

Answer = TypeVar("Answer")

SHORT_REGIME = 1.5
"""Months under a regime below which its estimate only describes."""


def attempt(
    estimator: Callable[..., Answer], *given: Any, **more: Any
) -> tuple[Answer | None, str]:
    """What an estimator finds, or nothing and a sentence with the reason why it cannot tell."""
    try:
        return estimator(*given, **more), ""
    except (EffectError, TableError) as reason:
        return None, f"This cannot be told from the data: {WORDING.text(str(reason))}."


def window_terms(study: Study, series: pd.Series, policy: Policy) -> dict[str, Any]:
    """What every estimator of the window's effect is given beside the series and its window."""
    return {
        "baseline_end": study.baseline_end,
        "regressors": series_regressors(series, policy, study.baseline_end),
        "level": study.level,
    }


def effect_terms(study: Study, series: pd.Series, policy: Policy) -> dict[str, Any]:
    """The same, with the window and the last quiet month."""
    window = {"start": study.start, "end": study.end, "quiet_end": policy.quiet_end()}
    return window | window_terms(study, series, policy)


def fit_effect(
    study: Study, series: pd.Series, policy: Policy, drift: bool = False
) -> Counterfactual:
    """The window's effect against the counterfactual; EffectError where it cannot be told.

    drift: of a baseline that may grow steadily.
    """
    terms = effect_terms(study, series, policy)
    return counterfactual(series, drift=drift, name=study.exports, **terms)


def fit_average(study: Study, series: pd.Series, policy: Policy) -> FittedWindow:
    """The first row of `fit_effect` alone, without paths and sums."""
    return average_effect(series, **effect_terms(study, series, policy))


def fit_textbook(study: Study, series: pd.Series, policy: Policy) -> Textbook:
    """The window's effect by a regression's step, errors treated in five usual ways."""
    terms = window_terms(study, series, policy)
    return textbook(series, study.start, study.end, name=study.exports, **terms)


def fit_change(study: Study, series: pd.Series, policy: Policy) -> Swing:
    """The change of the study's month among others; EffectError where it cannot be told."""
    terms = _calm_terms(study, series, policy)
    return swing(series, study.swing_month, name=study.exports, **terms)


def known_swings(
    study: Study, series: pd.Series, policy: Policy, found: Swing | None = None
) -> pd.DataFrame:
    """Every known change by month, in the columns of Swings; no row where none can be ranked.

    found: what `fit_change` found, which holds them.
    """
    try:
        frame = found.swings if found else swings(series, **_calm_terms(study, series, policy))
    except EffectError:
        return Swings.stacked()
    months = pd.PeriodIndex(frame.index).to_timestamp().as_unit("ns").rename("month")
    names = frame.columns.str.replace(r"^(residual|usual_\w+)_pct$", r"\1", regex=True)
    return frame.set_axis(months, axis="index").set_axis(names, axis="columns").reset_index()


def _calm_terms(study: Study, series: pd.Series, policy: Policy) -> dict[str, Any]:
    """What the past's changes are judged by, up to the last quiet month."""
    calm_end = policy.quiet_end(study.swing_month)
    regressors = calm_regressors(series, calm_end)
    return {"baseline_end": calm_end, "regressors": regressors, "level": study.level}


def totals_never_used(study: Study, series: pd.Series, policy: Policy) -> pd.DataFrame:
    """The kept totals of the baseline that span missing months, beside what the model implies.

    A row a total, see `effects.totals.unseen_totals`. Raises EffectError where there is none.
    """
    totals = load_ledger(study.vintage, study.series).totals(study.destination)
    return unseen_totals(series, totals, **window_terms(study, series, policy))


def fit_regimes(study: Study, series: pd.Series, policy: Policy) -> EffectResult:
    """Every regime under which a month is observed, all at once; EffectError where none is."""
    months = pd.PeriodIndex(series.index)
    exposure = policy.exposure(months)
    seen = exposure.loc[:, exposure[series.notna()].any()]
    return regimes(
        series,
        seen,
        regressors=calm_regressors(series, months[-1]),
        level=study.level,
        name=study.exports,
    )


def effects_table(study: Study, results: Sequence[EffectResult | None]) -> pd.DataFrame:
    """The rows of all results that there are under the study's name, as Effects.

    Where the headline's own is missing, it has a row without numbers.
    """
    tables = [result.table for result in results if result is not None]
    if not any((table["estimator"] == study.headline).any() for table in tables):
        tables.insert(0, _untold(study))
    names = {"study": study.study, "destination": study.destination, "event_id": study.event_id}
    return Effects.stacked(*(table.assign(**names) for table in tables))


def _untold(study: Study) -> pd.DataFrame:
    is_swing = study.headline == "swing"
    months = (study.swing_month,) * 2 if is_swing else (study.start, study.end)
    row = {"estimator": study.headline, "start": months[0], "end": months[1], "unit": "%"}
    estimand = "change against" if is_swing else "average effect"
    return effect_table([row | {"estimand": estimand, "n_pre": 0, "n_post": 0}])


def path_table(
    result: Counterfactual | None, series: pd.Series, exports: pd.DataFrame, destination: str
) -> pd.DataFrame:
    """The counterfactual's path by month, with the bounds of what was observed.

    Without a `result` the series alone.
    """
    own = (exports["destination"] == destination) & exports["tonnes"].notna()
    path = result.path if result else series.to_frame("observed")
    months = pd.PeriodIndex(path.index).to_timestamp().as_unit("ns").rename("month")
    bounds = exports[["month", "lower", "upper"]][own].set_index("month").add_prefix("observed_")
    path = path.set_axis(months, axis="index").join(bounds)
    return path.reset_index().reindex(columns=list(CounterfactualPath.columns))


def headline(
    study: Study,
    found: Counterfactual | Swing | None,
    why: str,
    policy: Policy,
    last: pd.Period,
    varied: pd.DataFrame,
) -> dict[str, object]:
    """The study's answer as fields, with what it was asked: verdict, numbers, and sentences.

    found: what the study's headline speaks of; `why` it is None. last: the last month of data.
    varied: the same under other choices, as Sensitivity.
    """
    table = _untold(study) if found is None else found.table
    row, size = headline_rows(study, table)
    called = found.label if found else UNTOLD
    missed = found.minimum_detectable if found else None
    return {
        "study": study.study,
        "question": study.question,
        "planned": study.is_planned,
        "label": called,
        "finding": finding(study, table, called, missed),
        "how_sure": how_sure(study, found, varied),
        "headline": _sentence(study, found, why, policy, last),
        **{name: _plain(size[name]) for name in ("estimate", "lower", "upper")},
        "p_value": _plain(row["p_value"]),
        "unit": "%",
        "could_have_missed": found.could_have_missed if found else "",
        "minimum_detectable": _plain(missed),
        "interval90": [_plain(end) for end in found.interval90] if found else [],
        "figure": "swings" if study.headline == "swing" else "counterfactual",
        "destination": study.destination,
        "is_total": study.destination == "WLD",
        "event_id": study.event_id,
        "start": study.start,
        "end": study.end,
        "data_to": str(last),
        "next_due": f"{last + 2}-{RELEASE_DAY:02}",
        "parameters": study.model_dump(),
    }


def _sentence(
    study: Study, found: Counterfactual | Swing | None, why: str, policy: Policy, last: pd.Period
) -> str:
    """What an estimator says of itself, and of a regime too short to be tested."""
    lasted = policy.months(study.event_id, last)
    if found is None or lasted is None or lasted >= SHORT_REGIME:
        return why if found is None else found.sentence
    return (
        f"{found.sentence} The regime itself lasted {lasted:.1f} of a month, of which months "
        "cannot tell."
    )


def _plain(value: float | None) -> float | None:
    """A number as JSON can hold it."""
    return None if value is None or not np.isfinite(value) else float(value)


def load_headline(folder: Path) -> dict[str, Any]:
    """What `headline` found, as a study's folder has it."""
    told: dict[str, Any] = json.loads((folder / "headline.json").read_text(encoding="utf-8"))
    return told
