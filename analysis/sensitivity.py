"""Does a study's answer hold up? The variants of its window: other data, baselines and models."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from functools import partial

import numpy as np
import pandas as pd
from contracts import read_table
from effects import EffectError
from effects.regimes import Policy
from effects.variants import Variant, extreme_series, variants_table
from ledger.programmes import SolverError
from ledger.series import monthly_series
from ledger.settled import Ledger
from ledger.tables import Figures
from words import month_span

from analysis.nowcast import filled, study_series
from analysis.regressors import new_year_regressors, series_regressors
from analysis.sources import load_ledger
from analysis.study import Cleaning, Study
from analysis.tables import Sensitivity

HEADLINE = "headline"
BASELINES = ("2023-12", "2024-06", "2024-09", "2024-12")
"""Ends of baseline tried beside the study's own and the month before its window."""
PANDEMIC = ("2020-01", "2021-12")


def variants(
    study: Study, exports: pd.DataFrame, policy: Policy, ledger: Ledger | None = None
) -> list[Variant]:
    """The headline's own variant first. ledger: by default the study's own."""
    ledger = ledger or load_ledger(study)
    series = study_series(study, exports)
    terms = {
        "start": study.start,
        "end": study.end,
        "level": study.level,
        "baseline_end": study.baseline_end,
        "quiet_end": policy.quiet_end(),
        "regressors": series_regressors(series, policy, study.baseline_end),
    }
    own = Variant(HEADLINE, "as reported", series, terms)
    return [
        own,
        *_of_bounds(own, study, exports, ledger),
        *_of_baselines(own, study, policy),
        *_of_regressors(own),
        *_of_newsrooms(own, study, ledger),
        *_of_hindsight(own, study, exports),
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
    with suppress(EffectError, SolverError):
        for name in ("lowest", "highest"):
            series = extreme_series(
                own,
                (lower, upper),
                highest=name == "highest",
                least=partial(ledger.least, study.destination),
            )
            name = f"{name} estimate that the figures allow"
            yield own.but("bounds", name, series.where(series > 0))


def _of_baselines(own: Variant, study: Study, policy: Policy) -> Iterator[Variant]:
    before = str(pd.Period(study.start, freq="M") - 1)
    for end in dict.fromkeys([*BASELINES, before]):
        if end < study.start and end != study.baseline_end:
            regressors = series_regressors(own.series, policy, end)
            name = f"baseline to {month_span(end, end)}"
            yield own.but("baseline", name, baseline_end=end, regressors=regressors)
    without = own.series.copy()
    without.loc[PANDEMIC[0] : PANDEMIC[1]] = np.nan
    yield own.but("baseline", "without 2020 and 2021", without)


def _of_regressors(own: Variant) -> Iterator[Variant]:
    given = own.terms["regressors"]
    months = pd.PeriodIndex(own.series.index)
    calendar = given.columns.intersection(new_year_regressors(months).columns)
    for regime in given.columns.difference(calendar, sort=False):
        yield own.but("regime", f"without {regime}", regressors=given.drop(columns=regime))
    drifting = given.assign(drift=np.arange(len(given)) / 12)
    yield own.but("drift", "with a linear drift", regressors=drifting)
    if len(calendar):
        steady = given.drop(columns=calendar)
        yield own.but("season", "without Lunar New Year", regressors=steady)
    yield own.but("season", "two harmonic pairs", season="harmonics")


def _of_newsrooms(own: Variant, study: Study, ledger: Ledger) -> Iterator[Variant]:
    months = list(pd.period_range(study.start, study.end, freq="M"))
    bounds = ledger.bounds_without(study.destination, months)
    wide = bounds["upper"] > bounds["lower"] * (1 + Cleaning().narrow_width)
    middle = ((bounds["lower"] + bounds["upper"]) / 2).where(~wide)
    for newsroom, rows in bounds.assign(tonnes=middle).groupby("newsroom"):
        series = own.series.copy()
        inside = rows[rows["month"].isin(series.index)]
        series.loc[inside["month"]] = inside["tonnes"].to_numpy()
        yield own.but("newsroom", f"without {newsroom}", series)


def _of_hindsight(own: Variant, study: Study, exports: pd.DataFrame) -> Iterator[Variant]:
    """Without baseline months that follow from nothing but figures about later months."""
    figures = read_table(study.vintage / "figures.parquet", Figures)
    first = dict(zip(figures["figure_id"], figures["period_start"], strict=True))
    rows = exports[exports["destination"] == study.destination]
    rows = rows[rows["month"] <= pd.Period(study.baseline_end, freq="M").end_time]
    after = pd.Timestamp(f"{study.start}-01")
    reckoned_back = [
        month
        for month, ids in zip(rows["month"].dt.to_period("M"), rows["figure_ids"], strict=True)
        if ids and min(first[figure] for figure in ids.split(";")) >= after
    ]
    series = own.series.copy()
    series.loc[series.index.isin(reckoned_back)] = np.nan
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
