"""Weights on a simplex by non-negative least squares, and whether they are the only ones."""

from __future__ import annotations

import numpy as np
from scipy.optimize import nnls

from effects.level import Array

TIGHT = 1e-7
"""How near its bound a donor's gradient must be, against the largest, to belong to the face."""


def simplex_weights(target: Array, donors: Array) -> Array:
    """The weights, not below zero and adding up to one, that bring `donors` nearest `target`.

    target: n; donors: n × k. On the simplex the misfit is C w with C = donors − target, and the
    point of a convex hull nearest the origin is, up to length, the non-negative least-squares
    solution of [C; 1'] v = (0, 1): for v = s w the best s gives |Cw|² / (1 + |Cw|²), which
    increases with |Cw| (Lawson and Hanson 1974, chapter 23).
    """
    misfits = donors - target[:, None]
    misfits = misfits / max(float(np.abs(misfits).max()), np.finfo(float).tiny)
    found, _ = nnls(np.vstack([misfits, np.ones(donors.shape[1])]), np.eye(len(target) + 1)[-1])
    return np.asarray(found / found.sum())


def are_unique(weights: Array, target: Array, donors: Array) -> bool:
    """Whether no other weights fit as well.

    Every best fit lies on one face of the simplex, the donors whose gradient is least; the
    weights are unique where these donors are affinely independent.
    """
    misfits = donors - target[:, None]
    gradient = misfits.T @ (misfits @ weights)
    face = gradient <= gradient.min() + TIGHT * max(float((misfits**2).sum(axis=0).max()), 1e-300)
    rows = np.vstack([misfits[:, face] / np.abs(misfits).max(), np.ones(int(face.sum()))])
    return bool(np.linalg.matrix_rank(rows) == face.sum())
