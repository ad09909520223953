"""How far the fits of many series at once are from the estimators they stand for."""

from __future__ import annotations

import numpy as np
from effects.baseline import fit_baseline, window_effect
from effects.inversion import conformal
from effects.placebo import placebos

from benchmarks.calibration import batch
from benchmarks.calibration.nulls import Case, as_points, draw, lay_out

CASES = (Case("AR(0.5)", "complete", 68, 3), Case("random walk", "as published", 128, 1))
DRAWS = 20


def worst_difference() -> tuple[float, float]:
    """Greatest difference of the default's p-values, and share of equal verdicts at 5 %."""
    pairs = np.concatenate([_both(case) for case in CASES])
    same = ((pairs[:, 0] <= 0.05) == (pairs[:, 1] <= 0.05)).mean()
    permuted = ((pairs[:, 2] <= 0.05) == (pairs[:, 3] <= 0.05)).mean()
    return float(np.abs(pairs[:, 0] - pairs[:, 1]).max()), float((same + permuted) / 2)


def _both(case: Case) -> np.ndarray:
    layout = lay_out(case)
    logs = draw(case, layout, DRAWS, np.random.default_rng(1))
    effect = batch.windows(layout.before, layout.within, layout.terms, logs)
    assert effect is not None
    scale, _ = batch.scales(batch.placebo_t(layout, logs), case.horizon)
    many = batch.default_p(effect, scale)
    permuted = batch.conformal_p(layout, logs)
    rows = []
    for column in range(DRAWS):
        before, within = as_points(layout, logs[:, column])
        one = window_effect(fit_baseline(before, layout.terms), within)
        assert one is not None
        dates = placebos(before, layout.terms, 1, case.horizon, "M")
        test = conformal(before, within, layout.terms)
        rows.append((many[column], one.p_value(dates.scale), permuted[column], test.p_value))
    return np.array(rows)
