"""What a panel is fitted to: cells, exposures and terms, and what cannot be told from them."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

from effects.level import Array
from effects.panel.poisson import take_out_effects
from effects.results import EffectError
from effects.samples import regressors_on
from effects.units import Units, check_present, unit_names

LEAST_BEFORE = 4
"""Periods before the window in which a unit must be observed to be treated, or to stand in."""

EFFECT = "effect"
"""The one term of a panel without regimes."""

Treated = str | Sequence[str] | pd.Series


@dataclass(frozen=True)
class Panel:
    """`values` periods × units (NaN where missing), `exposure` by unit, `terms` periods × regimes.

    A regressor is an exposure times a regime. early: periods before the window. left_out: units
    that are zero in all observed periods.
    """

    values: pd.DataFrame
    exposure: Array
    terms: pd.DataFrame
    early: np.ndarray
    left_out: tuple[Hashable, ...]

    @property
    def seen(self) -> np.ndarray:
        """Which cells are observed."""
        return np.asarray(self.values.notna())

    @property
    def exposed(self) -> np.ndarray:
        """Periods in which an exposed unit is observed."""
        return np.asarray(self.seen[:, self.exposure != 0].any(axis=1))

    @property
    def regressors(self) -> Array:
        """Regimes × periods × units."""
        return np.asarray(self.terms.to_numpy().T[:, :, None] * self.exposure)

    @property
    def eligible(self) -> np.ndarray:
        """Units that could have been treated: observed often enough before, and in the window."""
        within = self.seen[self.terms.any(axis="columns")].any(axis=0)
        return np.asarray((self.seen[self.early].sum(axis=0) >= LEAST_BEFORE) & within)


def lay_out(units: Units, treated: Treated, regimes: pd.DataFrame | None) -> Panel:
    """The panel up to the window's end, without units and periods that are all zero.

    Their effects would be minus infinity; they tell nothing of the others.
    """
    values = units.values.loc[: units.end]
    shares = _exposure(units, treated)
    terms = _terms(units, regimes)
    _check_window(values, shares, terms)
    left_out = values.columns[values.sum() == 0]
    kept = values.drop(columns=left_out)
    kept = kept[kept.sum(axis="columns") > 0]
    panel = Panel(
        kept,
        shares[kept.columns].to_numpy(dtype="float64"),
        terms.loc[kept.index],
        np.asarray(kept.index < units.start),
        tuple(left_out),
    )
    _check_told(panel)
    return panel


def _exposure(units: Units, treated: Treated) -> pd.Series:
    """Each unit's exposure: one for those named and zero for others, or as given."""
    columns = units.values.columns
    if isinstance(treated, pd.Series):
        gone = columns.difference(treated.dropna().index)
        if len(gone):
            raise EffectError(f"unit {gone[0]!r} has no exposure; every unit needs a number")
        return treated.reindex(columns).astype("float64")
    names = unit_names(treated)
    check_present(names, units.values)
    return pd.Series(columns.isin(names).astype("float64"), index=columns)


def _terms(units: Units, regimes: pd.DataFrame | None) -> pd.DataFrame:
    """The regimes, or one term for the window, on every period up to its end."""
    index = pd.PeriodIndex(units.values.loc[: units.end].index)
    if regimes is None:
        return pd.DataFrame({EFFECT: (index >= units.start).astype("float64")}, index=index)
    terms = regressors_on(regimes, index)
    early = terms.columns[(terms[index < units.start] != 0).any()]
    if len(early):
        raise EffectError(
            f"regime {early[0]!r} begins before {units.start}; the window must begin with the first"
        )
    idle = terms.columns[~terms.any()]
    if len(idle):
        raise EffectError(f"regime {idle[0]!r} covers no period up to {units.end}; leave it out")
    return terms


def _check_window(values: pd.DataFrame, shares: pd.Series, terms: pd.DataFrame) -> None:
    exposed = values.loc[:, shares != 0]
    if exposed.shape[1] == 0 or shares.nunique() == 1:
        raise EffectError(
            "all units are exposed alike; the effect cannot be told from that of the periods"
        )
    for name in terms:
        told = exposed[terms[name] != 0]
        where = "the window" if name == EFFECT else f"the window of {name!r}"
        if not told.notna().any(axis=None):
            raise EffectError(f"no treated unit is observed in {where}")
        if told.sum().sum() == 0:
            raise EffectError(
                f"the treated units are zero throughout {where}: −100 %, to which no finite "
                "interval belongs"
            )
    if exposed[~terms.any(axis="columns")].sum().sum() == 0:
        raise EffectError("the treated units are zero or missing throughout before the window")


def _check_told(panel: Panel) -> None:
    """Refuse a panel in pieces, and exposures that unit and period effects already explain."""
    together = panel.seen.T.astype(int) @ panel.seen.astype(int)
    pieces, member = connected_components(csr_matrix(together), directed=False)
    if pieces > 1:
        apart = panel.values.columns[member != np.bincount(member).argmax()]
        raise EffectError(f"{apart[0]!r} shares no observed period with the others; leave it out")
    left = take_out_effects(panel.regressors, panel.seen.astype("float64"))
    flat = left.reshape(len(left), -1)
    scale = np.abs(panel.regressors).max(axis=(1, 2))[:, None]
    if np.linalg.matrix_rank(flat / scale, tol=1e-8 * np.sqrt(flat.shape[1])) < len(flat):
        raise EffectError(
            "the observed cells cannot tell the effect from those of units and periods: no other "
            "unit is observed both before and in the window"
        )
    weak = panel.values.columns[(panel.exposure != 0) & ~panel.eligible]
    if len(weak) and set(np.unique(panel.exposure)) <= {0.0, 1.0}:
        raise EffectError(
            f"{weak[0]} is treated but observed in fewer than {LEAST_BEFORE} periods before the "
            "window, or never in it"
        )
