"""Forecasts from every earlier origin, scored: which model to trust, and how far.

They are pseudo-out-of-sample: each sees only the periods up to its origin, but those as they are
known today, and by models that were thought of later.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from effects.results import EffectError
from scipy import stats

from analysis.forecast.models import Model, Prediction
from analysis.forecast.scores import LEVELS, weighted_interval_score

LEAST_CASES = 8
"""Forecasts with a known outcome that models are compared by, at least."""


def rolling_forecasts(logs: pd.Series, models: Mapping[str, Model], ahead: int) -> pd.DataFrame:
    """Every model's forecasts from every observed period, up to `ahead` periods on.

    One row a model, origin and period of which the model knows something, however wide its
    interval: model, origin, period, horizon, the quantiles, outcome (NaN where not observed),
    score, inside_80 and inside_95.
    """
    found, refused = [], None
    for place in range(1, len(logs) + 1):
        seen = logs.iloc[:place]
        for name, model in models.items():
            try:
                found.append((name, seen.index[-1], model(seen, ahead)))
            except EffectError as reason:
                refused = reason
    if not found:
        raise EffectError(f"no model can be fitted to any part of the series: {refused}")
    table = _table(found, ahead).dropna(subset="median").reset_index(drop=True)
    return scored(table, np.exp(logs.reindex(pd.PeriodIndex(table["period"]))))


def _table(found: Sequence[tuple[str, pd.Period, Prediction]], ahead: int) -> pd.DataFrame:
    """One row a prediction and period, with its quantiles."""
    names, origins, predictions = zip(*found, strict=True)
    mean, error = (np.concatenate([one[part] for one in predictions]) for part in (0, 1))
    free = np.repeat([one.free for one in predictions], ahead)
    horizon = np.tile(np.arange(1, ahead + 1), len(found))
    origin = pd.PeriodIndex(np.repeat(np.array(origins, dtype=object), ahead))
    columns = {
        "model": np.repeat(names, ahead),
        "origin": origin,
        "period": origin + horizon,
        "horizon": horizon,
        "median": np.exp(mean),
    }
    for level in LEVELS:
        half = stats.t.ppf((1 + level) / 2, free) * error
        columns[f"lower_{100 * level:.0f}"] = np.exp(mean - half)
        columns[f"upper_{100 * level:.0f}"] = np.exp(mean + half)
    return pd.DataFrame(columns)


def scored(table: pd.DataFrame, outcome: pd.Series) -> pd.DataFrame:
    """`table` with what came (one an row, in its order), the score and whether it lay inside."""
    true = outcome.to_numpy(dtype="float64")
    found = table.assign(outcome=true, score=weighted_interval_score(table, true))
    for level in ("80", "95"):
        inside = (found[f"lower_{level}"] <= true) & (true <= found[f"upper_{level}"])
        found[f"inside_{level}"] = inside.astype("boolean").mask(np.isnan(true))
    return found


def compare(table: pd.DataFrame, rival: str) -> pd.DataFrame:
    """Models by mean score, horizon by horizon, over the cases that all of them told.

    Columns horizon, model, cases, score, against_rival (the score over the rival's), and
    the percentages of outcomes inside_80 and inside_95; the best model of a horizon first.
    """
    known = table.dropna(subset="outcome")
    told = known.groupby(["origin", "horizon"])["model"].transform("nunique")
    common = known[told == table["model"].nunique()]
    count = (common["horizon"] == 1).sum() / table["model"].nunique()
    if rival not in set(known["model"]) or count < LEAST_CASES:
        raise EffectError(
            f"fewer than {LEAST_CASES} forecasts of a next period have a known outcome and can be "
            "made by every model; too few to choose by"
        )
    columns = ["score", "inside_80", "inside_95"]
    groups = common.astype(dict.fromkeys(columns, "float64")).groupby(["horizon", "model"])
    board = groups[columns].mean()
    naive = board["score"].xs(rival, level="model")
    board.insert(0, "cases", groups.size())
    board.insert(2, "against_rival", board["score"] / naive.reindex(board.index, level="horizon"))
    board[columns[1:]] *= 100
    return board.reset_index().sort_values(["horizon", "score"], ignore_index=True)
