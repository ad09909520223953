"""Makes proposition99.csv and proposition99.out. Needs synthdid-py 0.1.0 and cvxpy 1.9 (PyPI).

The data are those of Abadie, Diamond and Hainmueller (2010), packs of cigarettes sold a head by
state and year (Orzechowski and Walker, The Tax Burden on Tobacco), as the package ships them. The
control is fitted by an interior-point method (Clarabel) to every state in turn.

    python proposition99.py
"""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import cvxpy as cp
import numpy as np
import pandas as pd

HERE = Path(__file__).parent
TIGHT = dict.fromkeys(["tol_gap_abs", "tol_gap_rel", "tol_feas"], 1e-13)


def weights_of(target: np.ndarray, donors: np.ndarray) -> np.ndarray:
    """Simplex weights by quadratic programming."""
    weights = cp.Variable(donors.shape[1], nonneg=True)
    misfit = cp.sum_squares(donors @ weights - target)
    cp.Problem(cp.Minimize(misfit), [cp.sum(weights) == 1]).solve(solver=cp.CLARABEL, **TIGHT)
    return weights.value


long = pd.read_csv(str(files("synthdid") / "data" / "california_prop99.csv"), sep=";")
packs = long.pivot(index="Year", columns="State", values="PacksPerCapita").round(4)
packs.to_csv(HERE / "proposition99.csv", lineterminator="\n")
before = packs.index < 1989
rows = (packs - packs[before].mean()).to_numpy()
lines = []
for place, state in enumerate(packs.columns):
    others = np.delete(rows, place, axis=1)
    weights = weights_of(rows[before, place], others[before])
    gaps = rows[:, place] - others @ weights
    misfit, window = (np.sqrt((gaps[part] ** 2).mean()) for part in (before, ~before))
    lines.append((f"misfit {state}", misfit))
    lines.append((f"gap {state}", window))
    if state == "California":
        lines.append(("average California", gaps[~before].mean()))
        named = zip(packs.columns.delete(place), weights, strict=True)
        lines += [(f"weight {donor}", weight) for donor, weight in named]
text = "".join(f"{name}\t{value:.9f}\n" for name, value in lines)
(HERE / "proposition99.out").write_text(text)
