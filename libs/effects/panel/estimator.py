"""Who was hit: exposed units against the others, unit and period effects taken out.

A date common to all units is in the period effects; what is estimated is what happened to exposed
units beyond that. Inference by randomisation over units; errors clustered by unit stand beside it.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from effects.panel.clusters import Clustered, clustered
from effects.panel.poisson import PoissonFit, fit_poisson, take_out_effects
from effects.panel.randomisation import (
    assignments,
    leads_p_value,
    randomise,
)
from effects.panel.sample import LEAST_BEFORE, Panel, Treated, lay_out
from effects.panel.telling import covered_periods, leads_row, sentence, term_rows
from effects.results import EffectError, EffectResult, effect_table
from effects.samples import ordinals
from effects.units import ask_units

MOST_LEADS = 6
KNOWN = 1e-8
"""What unit and period effects must leave of a lead, against the exposure."""
LARGEST = 5


@dataclass(frozen=True)
class PanelEffect(EffectResult):
    """Effects on exposed units relative to the others.

    leads: log effects of the periods right before the window against earlier ones, by period,
    with clustered errors; leads_p_value: their joint test (NaN without leads). path: observed and
    counterfactual of the exposed units together, by period, over the cells observed.
    effective_clusters: of `clusters`, by term. largest_share: what the five largest units hold of
    all before the window. floor: the least p-value of the `assignments`; exact: whether those are
    all. left_out: units without a positive number.
    """

    leads: pd.DataFrame
    leads_p_value: float
    path: pd.DataFrame
    clusters: int
    effective_clusters: pd.Series
    largest_share: float
    assignments: int
    exact: bool
    floor: float
    left_out: tuple[Hashable, ...]


def panel(
    frame: pd.DataFrame,
    treated: Treated,
    start: str | pd.Period,
    end: str | pd.Period | None = None,
    *,
    regimes: pd.DataFrame | None = None,
    leads: int | None = None,
    level: float = 0.95,
    name: str = "the treated units",
) -> PanelEffect:
    """Estimate what happened to the `treated` units from `start` to `end` (default: the last).

    frame: periods × units, not below zero, NaN where missing; zeros are kept. treated: one unit,
    several, or an exposure for every unit (a Series), whose effect is that of one more of it.
    regimes: periods × regimes, shares of each period, none before `start`; one effect each
    (default: one effect for the window). leads: periods before the window to test (default: a
    quarter of them, six at most). Raises EffectError where the data cannot answer.
    """
    units = ask_units(frame, start, end, level)
    cells = lay_out(units, treated, regimes)
    fit = fit_poisson(cells.values.to_numpy(), cells.regressors)
    _check_moving(cells, fit)
    drawn, errors = assignments(cells), clustered(fit)
    found = [randomise(cells, drawn, fit, term, level) for term in range(len(fit.coefficients))]
    ahead = _count_leads(cells, leads)
    joint = leads_p_value(cells, drawn, fit, ahead) if ahead else np.nan
    rows = [*term_rows(cells, fit, found, errors, level), leads_row(cells, ahead, joint)]
    table = effect_table(rows if ahead else rows[:-1])
    share = _largest_share(cells)
    return PanelEffect(
        table=table,
        sentence=sentence(table, covered_periods(cells, 0), drawn, errors, share, name),
        leads=_fit_leads(cells, ahead),
        leads_p_value=joint,
        path=_path(cells, fit),
        clusters=errors.clusters,
        effective_clusters=pd.Series(errors.effective, index=cells.terms.columns),
        largest_share=share,
        assignments=len(drawn.exposures),
        exact=drawn.exact,
        floor=drawn.floor,
        left_out=cells.left_out,
    )


def _check_moving(cells: Panel, fit: PoissonFit) -> None:
    """Refuse treated units that differ from the others by a constant: nothing shows their noise."""
    early = (fit.residuals @ cells.exposure)[cells.early]
    size = (fit.means @ np.abs(cells.exposure))[cells.early].max()
    if np.abs(early).max() < 1e-9 * size:
        raise EffectError(
            "before the window the treated units move exactly as the others do; nothing shows how "
            "much movement is usual"
        )


def _count_leads(cells: Panel, asked: int | None) -> int:
    before = int(cells.early.sum())
    leads = min(MOST_LEADS, before // 4) if asked is None else asked
    if leads < 0 or leads > before - LEAST_BEFORE:
        raise EffectError(
            f"leads is {leads}; with {before} periods before the window it can be 0 to "
            f"{max(before - LEAST_BEFORE, 0)}"
        )
    return leads


def _fit_leads(cells: Panel, leads: int) -> pd.DataFrame:
    """Every lead's log effect and clustered error, in a fit of leads and regimes together.

    A lead that period effects explain, because exposed units or the others are missing, has none.
    """
    index = pd.PeriodIndex(cells.values.index)
    early = index[cells.early][-leads:] if leads else index[:0]
    marks = np.asarray(ordinals(early)[:, None] == ordinals(index), dtype="float64")
    ahead = marks[:, :, None] * cells.exposure
    left = take_out_effects(ahead, cells.seen.astype("float64"))
    known = np.abs(left).max(axis=(1, 2), initial=0.0) > KNOWN * np.abs(cells.exposure).max()
    told, both = early[known], np.concatenate([cells.regressors, ahead[known]])
    fit = fit_poisson(cells.values.to_numpy(), both)
    errors: Clustered = clustered(fit)
    first = cells.terms.shape[1]
    columns = {"estimate": fit.coefficients[first:], "error": errors.errors[first:]}
    return pd.DataFrame(columns, index=told.rename("period"))


def _path(cells: Panel, fit: PoissonFit) -> pd.DataFrame:
    """The exposed units' sum as observed and as it would be without the effects."""
    exposed = cells.exposure != 0
    without = fit.means * np.exp(-np.tensordot(fit.coefficients, cells.regressors, 1))
    observed = np.nansum(cells.values.to_numpy()[:, exposed], axis=1)
    columns = {"observed": observed, "counterfactual": without[:, exposed].sum(axis=1)}
    return pd.DataFrame(columns, index=cells.values.index).loc[cells.exposed]


def _largest_share(cells: Panel) -> float:
    totals = cells.values[cells.early].sum().sort_values(ascending=False)
    return float(totals.head(LARGEST).sum() / totals.sum())
