"""One study's answer: the estimates it asks for, their tables, and its headline as fields."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import numpy as np
import pandas as pd
from contracts import TableError, read_table
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
from ledger.printed import MEASURES
from ledger.reconciliation import RELEASE_DAY
from ledger.tables import Figures, RejectedFigures

from analysis.article import WORDING
from analysis.prose import finding, headline_rows, how_sure
from analysis.regressors import calm_regressors, new_year_regressors, series_regressors
from analysis.sources import load_ledger
from analysis.study import Study
from analysis.tables import Effects, Swings

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


def fit_effect(
    study: Study, series: pd.Series, policy: Policy, drift: bool = False
) -> Counterfactual:
    """The window's effect against the counterfactual; EffectError where it cannot be told.

    drift: of a baseline that may grow steadily.
    """
    return counterfactual(
        series,
        study.start,
        study.end,
        quiet_end=policy.quiet_end(),
        drift=drift,
        name=study.exports,
        **window_terms(study, series, policy),
    )


def fit_average(study: Study, series: pd.Series, policy: Policy) -> FittedWindow:
    """The first row of `fit_effect` alone, without paths and sums."""
    terms = window_terms(study, series, policy)
    return average_effect(series, study.start, study.end, quiet_end=policy.quiet_end(), **terms)


def fit_textbook(study: Study, series: pd.Series, policy: Policy) -> Textbook:
    """The window's effect by a regression's step, errors treated in five usual ways."""
    terms = window_terms(study, series, policy)
    return textbook(series, study.start, study.end, name=study.exports, **terms)


def fit_change(study: Study, series: pd.Series, policy: Policy) -> Swing:
    """The change of the study's month among others; EffectError where it cannot be told."""
    calm_end = policy.quiet_end(study.swing_month)
    return swing(
        series,
        study.swing_month,
        baseline_end=calm_end,
        regressors=calm_regressors(series, calm_end),
        level=study.level,
        name=study.exports,
    )


def known_swings(
    study: Study, series: pd.Series, policy: Policy, found: Swing | None = None
) -> pd.DataFrame:
    """Every known change by month, in the columns of Swings; no row where none can be ranked.

    found: what `fit_change` found, which holds them.
    """
    calm_end = policy.quiet_end(study.swing_month)
    terms: Any = {"regressors": calm_regressors(series, calm_end), "level": study.level}
    try:
        frame = found.swings if found else swings(series, baseline_end=calm_end, **terms)
    except EffectError:
        return Swings.stacked()
    frame = frame.copy()
    months = pd.PeriodIndex(frame.index).to_timestamp().as_unit("ns")
    frame.columns = frame.columns.str.replace(r"^(residual|usual_\w+)_pct$", r"\1", regex=True)
    return frame.set_axis(months, axis="index").rename_axis("month").reset_index()


def totals_never_used(study: Study, series: pd.Series, policy: Policy) -> pd.DataFrame:
    """The kept totals of the baseline that span missing months, beside what the model implies.

    A row a total, see `effects.totals.unseen_totals`. Raises EffectError where there is none.
    """
    totals = load_ledger(study).totals(study.destination)
    return unseen_totals(series, totals, **window_terms(study, series, policy))


def fit_regimes(study: Study, series: pd.Series, policy: Policy) -> EffectResult:
    """Every regime under which a month is observed, all at once; EffectError where none is."""
    months = pd.PeriodIndex(series.index)
    exposure = policy.exposure(months)
    seen = exposure.loc[:, exposure[series.notna()].any()]
    return regimes(
        series,
        seen,
        regressors=new_year_regressors(months),
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
    own = exports[(exports["destination"] == destination) & exports["tonnes"].notna()]
    model = ["counterfactual", "lower", "upper", "effect", "effect_lower", "effect_upper"]
    path = result.path if result else series.to_frame("observed")
    path = path.reindex(columns=["observed", *model])
    path.index = pd.PeriodIndex(path.index).to_timestamp().as_unit("ns").rename("month")
    for place, side in enumerate(("lower", "upper"), 1):
        path.insert(place, f"observed_{side}", own.set_index("month")[side])
    return path.reset_index()


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
        f"{found.sentence} The regime lasted {lasted:.1f} of a month, so this describes and cannot "
        "test."
    )


def _plain(value: float | None) -> float | None:
    """A number as JSON can hold it."""
    return None if value is None or not np.isfinite(value) else float(value)


def made_good(sums: pd.Series) -> pd.Period | None:
    """The first month, from the first of `sums` on, in which a net loss was made good."""
    back = sums.index[(sums >= 0).to_numpy()]
    return back[0] if len(back) else None


Step = tuple[str, int, int, str]
"""What is counted, how many are left, how many were lost, and why."""


def steps_table(study: Study, exports: pd.DataFrame, effect: Counterfactual | None) -> pd.DataFrame:
    """How many figures and months were used, and lost, at each step from page to estimate.

    One row a step: step, left, lost, and lost why. `exports` keeps the contract of that name;
    figures and verdicts are read from the study's vintage. Without an `effect` the last steps,
    from months to estimate, are left out.
    """
    narrow = int(exports["tonnes"].notna().sum())
    steps: list[Step] = [
        *_figures(study),
        ("months of destinations bounded by them", len(exports), 0, ""),
        ("of these, narrow enough to be data", narrow, len(exports) - narrow, "bounds too wide"),
    ]
    if effect is not None:
        steps += _months(exports, study, effect)
    table = pd.DataFrame(steps, columns=["step", "left", "lost", "lost why"])
    return table.assign(**{"lost why": table["lost why"].where(table["lost"] > 0, "")})


def _figures(study: Study) -> list[Step]:
    figures = read_table(study.vintage / "figures.parquet", Figures)
    doubted = read_table(study.vintage / "rejected_figures.csv", RejectedFigures)
    series = study.series
    linear = int(((figures["series"] == series) & figures["measure"].isin(MEASURES)).sum())
    names = {figure.name for figure in load_ledger(study).system.printed}
    verdicts = doubted[doubted["figure_id"].isin(names)]["verdict"].value_counts()
    rejected, mismatch = (int(verdicts.get(name, 0)) for name in ("rejected", "mismatch"))
    used, other = len(names) - rejected, len(figures) - linear
    narrow = "of these, held at their narrow width"
    return [
        ("figures printed", len(figures), 0, ""),
        ("tonnages, changes and shares of the series", linear, other, "other series or measures"),
        ("distinct figures", len(names), linear - len(names), "the same number reprinted"),
        ("figures that can be true", used, rejected, "contradicted by the others"),
        (narrow, used - mismatch, mismatch, "held at the wider one instead"),
    ]


def _months(exports: pd.DataFrame, study: Study, effect: Counterfactual) -> list[Step]:
    own = exports[exports["destination"] == study.destination]
    observed = effect.path["observed"].notna()
    baseline = int(observed.loc[: study.baseline_end].sum())
    after = observed.loc[study.baseline_end :].iloc[1:]
    window = observed.loc[study.start : study.end]
    untold = sum(bool(after.get(pd.Period(month, freq="M"), False)) for month in effect.untold)
    seen, later, inside = (int(part.sum()) for part in (observed, after, window))
    return [
        ("months of this series, first to last", len(observed), 0, ""),
        ("of these, observed", seen, len(observed) - seen, _gaps(own, observed)),
        ("observed up to the baseline's end", baseline, seen - baseline, "they come later"),
        ("later months set against it", later - untold, untold, "no counterfactual"),
        ("of these, in the window", inside, len(window) - inside, "missing"),
    ]


def _gaps(own: pd.DataFrame, observed: pd.Series) -> str:
    """Of the missing months of a series, how many are bounded roughly and how many not at all."""
    rough = own.loc[own["tonnes"].isna(), "month"].dt.to_period("M")
    bounded = int(rough.isin(observed.index[~observed]).sum())
    return f"{bounded} bounded too widely, {int((~observed).sum()) - bounded} not at all"


def load_headline(study: Study) -> dict[str, Any]:
    """What `headline` found, as the study's folder has it."""
    told: dict[str, Any] = json.loads((study.folder / "headline.json").read_text(encoding="utf-8"))
    return told
