"""Errors clustered by unit, and how many clusters they amount to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from effects.level import Array
from effects.panel.poisson import PoissonFit


@dataclass(frozen=True)
class Clustered:
    """Standard errors of the coefficients and the effective number of clusters of each."""

    errors: Array
    clusters: int
    effective: Array

    def interval(self, coefficients: Array, level: float) -> tuple[Array, Array]:
        """Lower and upper ends, by Student's t on one degree fewer than clusters."""
        half = stats.t.ppf((1 + level) / 2, self.clusters - 1) * self.errors
        return coefficients - half, coefficients + half

    def p_values(self, coefficients: Array) -> Array:
        """Two-sided, by the same distribution."""
        return np.asarray(2 * stats.t.sf(np.abs(coefficients / self.errors), self.clusters - 1))


def clustered(fit: PoissonFit) -> Clustered:
    """The sandwich, times G / (G − 1) for G units.

    The effective number is G / (1 + Γ) of Carter, Schnepel and Steigerwald (2017, Review of
    Economics and Statistics 99), Γ the squared coefficient of variation of what each unit adds to
    a coefficient's variance when errors are independent.
    """
    inverse = np.linalg.inv(fit.information)
    scores = np.einsum("ktn,tn->nk", fit.slopes, fit.residuals) @ inverse
    units = len(scores)
    covariance = scores.T @ scores * units / (units - 1)
    own = np.einsum("ktn,tn,ltn->nkl", fit.slopes, fit.means, fit.slopes)
    added = np.einsum("jk,njl,lk->nk", inverse, own, inverse)
    spread = added.var(axis=0) / added.mean(axis=0) ** 2
    return Clustered(np.sqrt(np.diag(covariance)), units, units / (1 + spread))
