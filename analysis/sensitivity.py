"""Does a study's answer hold up? The variants of its window: other data, baselines and models."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from functools import partial

import numpy as np
import pandas as pd
from contracts import read_table
from effects import Counterfactual
from effects.regimes import Policy
from effects.variants import Variant, of_baselines, of_bounds, of_regressors, variants_table
from ledger.programmes import SolverError
from ledger.series import monthly_series, reckoned_back
from ledger.settled import Ledger, load_ledger
from ledger.tables import Figures

from analysis.answer import effect_terms
from analysis.nowcast import filled, study_series
from analysis.regressors import new_year_regressors, series_regressors
from analysis.study import Cleaning, Study
from analysis.tables import Sensitivity

HEADLINE = "headline"
BASELINES = ("2023-12", "2024-06", "2024-09", "2024-12")
"""Ends of baseline tried beside the study's own and the month before its window."""
PANDEMIC = ("2020-01", "2021-12")


def variants(
    study: Study,
    exports: pd.DataFrame,
    policy: Policy,
    ledger: Ledger | None = None,
    found: Counterfactual | None = None,
) -> list[Variant]:
    """The headline's own variant first: `found` by `fit_effect`. ledger: by default the study's."""
    ledger = ledger or load_ledger(study.vintage, study.series)
    series = study_series(study, exports)
    terms, fitted = effect_terms(study, series, policy), found.fitted if found else None
    own = Variant(HEADLINE, "as reported", series, terms, fitted)
    known_until = partial(series_regressors, series, policy)
    calendar = new_year_regressors(pd.PeriodIndex(series.index))
    return [
        own,
        *_of_bounds(own, study, exports, ledger),
        *of_baselines(own, BASELINES, known_until),
        *_without_pandemic(own),
        *of_regressors(own, calendar, "Lunar New Year"),
        *_of_figures(own, study, exports, ledger),
        *_of_nowcast(own, study, policy),
        *_of_totals(own, study, ledger),
    ]


def _of_bounds(
    own: Variant, study: Study, exports: pd.DataFrame, ledger: Ledger
) -> Iterator[Variant]:
    """The least and the greatest estimate that the kept figures allow, all of them together."""
    lower, upper = (
        monthly_series(exports, study.destination, bound).where(own.series.notna())
        for bound in ("lower", "upper")
    )
    with suppress(SolverError):
        yield from of_bounds(own, (lower, upper), partial(ledger.least, study.destination))


def _without_pandemic(own: Variant) -> Iterator[Variant]:
    without = own.series.copy()
    without.loc[PANDEMIC[0] : PANDEMIC[1]] = np.nan
    if without.notna().sum() < own.series.notna().sum():
        yield own.but("baseline", "without 2020 and 2021", without)


def _of_figures(
    own: Variant, study: Study, exports: pd.DataFrame, ledger: Ledger
) -> Iterator[Variant]:
    """Without each newsroom; without months that follow from figures about later ones alone."""
    months = list(pd.period_range(study.start, study.end, freq="M"))
    narrow = Cleaning().narrow_width
    for newsroom, series in ledger.series_without(own.series, months, narrow):
        yield own.but("newsroom", f"without {newsroom}", series)
    figures = read_table(study.vintage / "figures.parquet", Figures)
    window = study.baseline_end, study.start
    back = reckoned_back(exports, figures, study.destination, *window)
    series = own.series.mask(own.series.index.isin(back))
    if series.notna().sum() < own.series.notna().sum():
        yield own.but("hindsight", "without months reckoned back from later figures", series)


def _of_nowcast(own: Variant, study: Study, policy: Policy) -> Iterator[Variant]:
    series = filled(own.series, study)
    if series.notna().sum() > own.series.notna().sum():
        regressors = series_regressors(series, policy, study.baseline_end)
        name = "with months estimated from customs' wider series"
        yield own.but("nowcast", name, series, regressors=regressors)


def _of_totals(own: Variant, study: Study, ledger: Ledger) -> Iterator[Variant]:
    totals = ledger.totals(study.destination)
    if len(totals):
        yield own.but("totals", "with printed totals of missing months", totals=totals)


def sensitivity_table(study: Study, tried: list[Variant]) -> pd.DataFrame:
    """One row a variant, in the columns of Sensitivity; the first is the headline."""
    table = variants_table(tried)
    return Sensitivity.stacked(table.assign(study=study.study, destination=study.destination))
