"""The same numbers on processors that add in another order, sums from joint draws among them."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import numpy as np
import pytest

from analysis.study import ROOT

CODE = """
import json
import numpy as np, pandas as pd
from effects import counterfactual
months = pd.period_range("2016-01", "2025-12", freq="M")
source = np.random.default_rng(3)
logs = 8 + np.cumsum(source.normal(0, 0.03, len(months))) + source.normal(0, 0.08, len(months))
series = pd.Series(np.exp(logs), index=months)
series.iloc[source.choice(100, 40, replace=False)] = np.nan
table = counterfactual(series, "2025-04", "2025-05", baseline_end="2024-12").table
print(json.dumps(table[["estimate", "lower", "upper"]].dropna().to_numpy().ravel().tolist()))
"""


def numbers(core: str) -> list[float]:
    path = os.pathsep.join([str(ROOT / "libs"), str(ROOT)])
    done = subprocess.run(
        [sys.executable, "-c", CODE],
        env=os.environ | {"OPENBLAS_CORETYPE": core, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=True,
    )
    return list(json.loads(done.stdout))


def test_two_kinds_of_processor_agree() -> None:
    """To nine digits; with draws by eigenvectors sums differed in the third."""
    haswell, nehalem = numbers("Haswell"), numbers("Nehalem")
    assert len(haswell) > 12
    assert np.asarray(haswell) == pytest.approx(np.asarray(nehalem), rel=1e-9)
