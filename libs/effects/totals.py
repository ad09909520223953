"""Totals of several periods that the model never saw, set against what it would have them be.

Where single periods are missing but their sum was published, the sum tests the fit: periods may
be missing because nothing worth printing happened, or because something did. The missing periods
are drawn jointly, given all observed ones of the baseline (best linear unbiased prediction:
Goldberger 1962, JASA 57), and added to those observed.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import linalg, stats

from effects.baseline import Baseline, fit_baseline
from effects.level import Array
from effects.results import EffectError
from effects.samples import (
    When,
    as_period,
    check_level,
    observed_points,
    period_index,
    read_series,
)
from effects.season import Season, choose_terms

DRAWS = 4096
SEED = 20250404


def unseen_totals(
    series: pd.Series,
    totals: pd.DataFrame,
    *,
    baseline_end: When,
    regressors: pd.DataFrame | None = None,
    season: Season = "auto",
    level: float = 0.95,
) -> pd.DataFrame:
    """The model's sum of each total that spans a missing period of the baseline.

    series: one value a period, NaN where missing; totals: columns start and end (periods) and
    lower and upper, between which the published sum lies. Returns a row a total in their order:
    start, end, lower, upper, expected (the median sum), expected_lower, expected_upper (its
    interval at `level`), missing (how many periods were not observed) and outside (whether no
    part of the published range lies in the interval). Totals without a missing period, or not
    within the series up to `baseline_end`, are left out. Raises EffectError where the baseline
    cannot be fitted.
    """
    check_level(level)
    index = period_index(series)
    stop = as_period(baseline_end, index, "end")
    sample = read_series(series).loc[:stop]
    every = pd.period_range(index.min(), max(stop, index.max()))
    terms = choose_terms(pd.PeriodIndex(sample.index), every, regressors, season)
    baseline = fit_baseline(observed_points(sample), terms)
    rows = []
    for total in totals.itertuples():
        first = as_period(str(total.start), index, "start")
        months = pd.period_range(first, as_period(str(total.end), index, "end"))
        absent = np.array([month.ordinal for month in months if month not in sample.index], float)
        within = sample.index[0] <= months[0] and months[-1] <= stop
        if not within or not len(absent) or not baseline.known(absent).all():
            continue
        seen = float(np.exp(sample[sample.index.isin(months)]).sum())
        sums = seen + _drawn(baseline, absent).sum(axis=1)
        low, middle, high = np.quantile(sums, [(1 - level) / 2, 0.5, (1 + level) / 2])
        rows.append(
            {
                "start": months[0],
                "end": months[-1],
                "lower": float(str(total.lower)),
                "upper": float(str(total.upper)),
                "expected": middle,
                "expected_lower": low,
                "expected_upper": high,
                "missing": len(absent),
            }
        )
    if not rows:
        raise EffectError("no published total spans missing periods that the baseline can tell")
    table = pd.DataFrame(rows)
    apart = (table["upper"] < table["expected_lower"]) | (table["lower"] > table["expected_upper"])
    return table.assign(outside=apart)


def _drawn(baseline: Baseline, times: Array) -> Array:
    """Joint draws (draws × times) of periods that were not observed, with Student's t."""
    mean, covariance = baseline.forecast(times)
    root = linalg.cholesky(covariance, lower=True)
    source = np.random.default_rng(SEED)
    normal = source.standard_normal((DRAWS, len(times)))
    free = baseline.fit.free
    scale = np.sqrt(free / stats.chi2.ppf(source.uniform(size=DRAWS), free))
    return np.asarray(np.exp(mean + (normal @ root.T) * scale[:, None]))
