"""Makes panel.out: Grunfeld's investment panel in pyfixest 0.60 (PyPI), errors clustered by firm.

Two firms are taken as treated from 1950, with a zero and gaps planted. The first fit has one
effect; the second has exposures and two regimes; the third leads before the window.

    python panel.py
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyfixest as pf
from statsmodels.datasets import grunfeld

HERE = Path(__file__).parent
TREATED = ("IBM", "Westinghouse")
GAPS = [("Goodyear", 1941), ("Union Oil", 1950), ("IBM", 1947)]
ZERO = ("Diamond Match", 1939)
TIGHT = {"iwls_tol": 1e-13, "iwls_maxiter": 200, "demeaner": pf.MapDemeaner(tol=1e-13)}
PLAIN = pf.ssc(k_adj=False, G_adj=True)


def load_panel() -> pd.DataFrame:
    """Long rows of firm, year, invest, with exposure and the regimes' shares."""
    frame = grunfeld.load_pandas().data[["invest", "firm", "year"]].astype({"year": int})
    frame.loc[(frame["firm"] == ZERO[0]) & (frame["year"] == ZERO[1]), "invest"] = 0.0
    gone = pd.MultiIndex.from_frame(frame[["firm", "year"]]).isin(GAPS)
    frame = frame[~gone].reset_index(drop=True)
    treated = frame["firm"].isin(TREATED).astype(float)
    firms = sorted(frame["firm"].unique())
    exposure = frame["firm"].map({firm: place / 10 for place, firm in enumerate(firms)})
    frame["effect"] = treated * (frame["year"] >= 1950)
    frame["early"] = exposure * np.where(frame["year"] == 1949, 0.4, frame["year"] == 1950)
    frame["late"] = exposure * (frame["year"] > 1950)
    for lead in (1948, 1949):
        frame[f"lead{lead}"] = treated * (frame["year"] == lead)
    return frame


def main() -> None:
    """Fit and write what the tests compare."""
    frame, lines = load_panel(), []
    for formula in ("effect", "early + late", "effect + lead1948 + lead1949"):
        fit = pf.fepois(
            f"invest ~ {formula} | firm + year", frame, vcov={"CRV1": "firm"}, ssc=PLAIN, **TIGHT
        )
        for name, estimate in fit.coef().items():
            lines.append(f"{formula}\t{name}\t{estimate:.12f}\t{fit.se()[name]:.12f}\n")
    (HERE / "panel.out").write_text("".join(lines))


if __name__ == "__main__":
    main()
