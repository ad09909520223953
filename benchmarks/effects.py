"""The default estimator against statsmodels refitted at every placebo date, and bsts-causalimpact.

    python -m benchmarks.effects

Prints ratios measured in one run. Placebo dates: 1,000 in one long series, and 1,000 in series as
long and with as many gaps as the one studied; statsmodels' `UnobservedComponents`, the same model,
is refitted at some of them, evenly spread, and its seconds are multiplied up. A study (effect,
path, interval by inversion, sums, all placebos) against one fit of bsts-causalimpact with its
default draws to the same series, whose gaps it needs filled first. Needs the extra `bench`.
"""

from __future__ import annotations

import os
import platform
import statistics
import sys
import time
from collections.abc import Callable

import numpy as np
import pandas as pd
from causal_impact import CausalImpact
from effects import counterfactual
from effects.placebo import placebo_spans, placebos
from effects.samples import Points, observed_points
from effects.season import Terms, choose_terms
from statsmodels.tsa.statespace.structural import UnobservedComponents

from analysis.regressors import new_year_regressors
from benchmarks.calibration.nulls import Case, draw, lay_out

DATES = 1000
LONG = 1021
"""Months of the long series: calendar effects and eight degrees of freedom come before a date."""
REFITTED = 8
REPEATS = 9
NEEDED = 100
STUDIED = Case("random walk", "as published", 128, 8)


def seconds(act: Callable[[], object], repeats: int = 1) -> float:
    """How long something takes: the median of some times."""
    taken = []
    for _ in range(repeats):
        started = time.perf_counter()
        act()
        taken.append(time.perf_counter() - started)
    return statistics.median(taken)


def studied_series() -> pd.Series:
    """A series with the months of the one studied, eight of them after an event."""
    layout = lay_out(STUDIED)
    logs = draw(STUDIED, layout, 1, np.random.default_rng(1))[:, 0]
    seen = [month for month in layout.every if month.ordinal in {*layout.before, *layout.within}]
    return pd.Series(np.exp(8.5 + logs), pd.PeriodIndex(seen)).reindex(layout.every)


def long_series() -> pd.Series:
    """A wandering level with season and noise, every month observed."""
    index = pd.period_range(end="2025-08", periods=LONG, freq="M")
    random = np.random.default_rng(1)
    level = 0.05 * np.cumsum(random.standard_normal(LONG))
    season = 0.1 * np.sin(2 * np.pi * index.month.to_numpy() / 12)
    return pd.Series(np.exp(season + level + 0.1 * random.standard_normal(LONG)), index)


def sample(series: pd.Series, regressors: pd.DataFrame | None) -> tuple[Points, Terms]:
    """The observed points of a series, and the terms that the default chooses for them."""
    logs = np.log(series.dropna())
    index = pd.PeriodIndex(series.index)
    return observed_points(logs), choose_terms(pd.PeriodIndex(logs.index), index, regressors)


def refit(points: Points, terms: Terms, size: int, stop: int) -> None:
    """Fit statsmodels' local level to the first `size` points and forecast up to point `stop`."""
    first, last = int(points.times[0]), int(points.times[size - 1])
    end = int(points.times[stop - 1])
    values = np.full(last - first + 1, np.nan)
    values[points.times[:size].astype(int) - first] = points.values[:size]
    rows = terms.rows(np.arange(first, end + 1, dtype="float64"))
    used = terms.rows(points.times[:size]).any(axis=0)
    rows = rows[:, used][:, 1:]
    model = UnobservedComponents(
        values,
        level="llevel",
        exog=rows[: len(values)],
        mle_regression=False,
        use_exact_diffuse=True,
    )
    model.fit(disp=0, warn_convergence=False).get_forecast(end - last, exog=rows[len(values) :])


def against_refits(name: str, points: Points, terms: Terms) -> float:
    """Print how many times as long refitting takes for 1,000 dates; the ratio."""
    _, spans = placebo_spans(points.times, terms.rows(points.times), 1, 1)
    count = len(spans.size)
    ours = seconds(lambda: placebos(points, terms, 1, 1, "M"), REPEATS) * DATES / count
    some = np.linspace(0, count - 1, REFITTED).astype(int)
    theirs = seconds(
        lambda: [refit(points, terms, spans.size[one], spans.stop[one]) for one in some]
    )
    ratio = theirs / REFITTED * DATES / ours
    print(
        f"{DATES:,} placebo dates, {name} ({count} dates): refitting UnobservedComponents at "
        f"each takes {ratio:,.0f} times as long",
        flush=True,
    )
    return ratio


def against_bsts(series: pd.Series, regressors: pd.DataFrame) -> float:
    """Print how many times as long one fit of bsts-causalimpact takes; the ratio."""
    last, event = series.index[-1], series.index[-STUDIED.horizon]
    ours = seconds(lambda: counterfactual(series, event, regressors=regressors), REPEATS)
    filled = regressors.assign(response=np.log(series).interpolate())[
        ["response", *regressors.columns]
    ].set_axis(series.index.to_timestamp(), axis="index")
    months = [str(month.to_timestamp().date()) for month in (series.index[0], event - 1)]
    after = [str(month.to_timestamp().date()) for month in (event, last)]

    def fit(**settings: int) -> Callable[[], object]:
        return lambda: CausalImpact(filled, months, after, model_args=settings)

    theirs = {
        "twelve seasons": seconds(fit(nseasons=12), REPEATS),
        "no season": seconds(fit(), REPEATS),
    }
    told = "; ".join(f"with {label} {time / ours:.1f} times" for label, time in theirs.items())
    print(f"a study: one fit of bsts-causalimpact takes as long, {told}")
    return theirs["twelve seasons"] / ours


def main() -> None:
    """Describe the machine, print the ratios; exit with 1 where they are less than promised."""
    cores, load, python = os.cpu_count(), os.getloadavg()[0], platform.python_version()
    print(f"{platform.machine()}, {cores} cores, load {load:.1f}, Python {python}")
    series = studied_series()
    regressors = new_year_regressors(pd.PeriodIndex(series.index))
    ratios = [
        against_refits("months as in the series studied", *sample(series, regressors)),
        against_refits("one long series", *sample(long_series(), None)),
    ]
    if min(ratios) < NEEDED or against_bsts(series, regressors) < 1:
        sys.exit(f"expected refits to take {NEEDED} times as long, and bsts longer than a study")


if __name__ == "__main__":
    main()
