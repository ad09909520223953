"""A panel's rows of effects.csv and its sentence."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from effects.inversion import interval_words
from effects.panel.clusters import Clustered
from effects.panel.poisson import PoissonFit
from effects.panel.randomisation import Assignments, Randomised
from effects.panel.sample import EFFECT, Panel
from effects.results import probability, signed
from effects.spans import during

CLUSTERED = "panel, clustered errors"
LEADS = "leads, joint test"
LEAST_CLUSTERS = 10
"""Units from which on errors clustered by unit are given."""
Row = dict[str, object]


def term_rows(
    cells: Panel, fit: PoissonFit, found: Sequence[Randomised], errors: Clustered, level: float
) -> list[Row]:
    """Each regime's effect in percent: by randomisation, and clustered where units are enough."""
    lows, highs = errors.interval(fit.coefficients, level)
    p_values = errors.p_values(fit.coefficients)
    rows = []
    for term, one in enumerate(found):
        common = _common(cells, term, level) | {"estimate": _percent(fit.coefficients[term])}
        rows.append(common | _numbers("panel", one.lower, one.upper, one.p_value))
        if errors.clusters >= LEAST_CLUSTERS:
            told = _numbers(CLUSTERED, lows[term], highs[term], float(p_values[term]))
            rows.append(common | told)
    return rows


def leads_row(cells: Panel, leads: int, p_value: float) -> Row:
    """The joint test of the periods before the window, which has no estimate."""
    early = cells.values.index[cells.early]
    return {
        "estimator": "panel",
        "estimand": LEADS,
        "start": str(early[-max(leads, 1)]),
        "end": str(early[-1]),
        "p_value": p_value,
        "unit": "%",
        "n_pre": len(early) - leads,
        "n_post": leads,
    }


def covered_periods(cells: Panel, term: int) -> pd.PeriodIndex:
    """The periods in which a regime is in force."""
    return pd.PeriodIndex(cells.values.index[cells.terms.iloc[:, term] != 0])


def _common(cells: Panel, term: int, level: float) -> Row:
    regime = cells.terms.iloc[:, term]
    covered = covered_periods(cells, term)
    name = str(regime.name)
    return {
        "estimand": name if name == EFFECT else f"effect of {name.replace('_', ' ')}",
        "start": str(covered[0]),
        "end": str(covered[-1]),
        "level": level,
        "unit": "%",
        "n_pre": int((cells.exposed & cells.early).sum()),
        "n_post": int((cells.exposed & (regime != 0).to_numpy()).sum()),
    }


def _numbers(estimator: str, lower: float, upper: float, p_value: float) -> Row:
    ends = {"lower": _percent(lower), "upper": _percent(upper)}
    return {"estimator": estimator, "p_value": p_value} | ends


def _percent(log_effect: float) -> float:
    """A log effect in percent; what has no end is missing."""
    return 100 * float(np.expm1(log_effect)) if np.isfinite(log_effect) else np.nan


def sentence(
    table: pd.DataFrame,
    window: pd.PeriodIndex,
    drawn: Assignments,
    errors: Clustered,
    share: float,
    name: str,
) -> str:
    """What happened to the exposed units, how sure, and on how many units it rests.

    window: the periods of the first effect.
    """
    row = table.iloc[0]
    when, interval = during(window[0], window[-1]), interval_words(row, drawn.floor, unit=" %")
    direction = "below" if row["estimate"] < 0 else "above"
    ways = f"{len(drawn.exposures):,} {'ways' if drawn.exact else 'drawn ways'}"
    text = (
        f"{when} {name} ran {abs(row['estimate']):.0f} % {direction} what unit and period "
        f"effects imply ({interval}; {probability(row['p_value'])} over {ways} to choose the "
        f"treated, never below {drawn.floor:.3f}). {_by_cluster(table, errors)} The five largest "
        f"units hold {100 * share:.0f} %."
    )
    leads = table[table["estimand"] == LEADS]
    if len(leads):
        text += f" Leads: {probability(leads['p_value'].iloc[0])}."
    return text


def _by_cluster(table: pd.DataFrame, errors: Clustered) -> str:
    """The first effect's interval by clustered errors, and how far to trust it."""
    if errors.clusters < LEAST_CLUSTERS:
        return f"{errors.clusters} units are too few for errors clustered by unit."
    row = table[table["estimator"] == CLUSTERED].iloc[0]
    return (
        f"Errors clustered by unit give {signed(row['lower'])} % to {signed(row['upper'])} %, but "
        f"the {errors.clusters} clusters amount to {errors.effective[0]:.1f}."
    )
