"""What is left and lost at each step, counted by hand on a small ledger."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from contracts import write_table
from effects import counterfactual
from ledger.series import monthly_series
from ledger.settled import month_steps, steps_table
from ledger.tables import UNITS, Exports, Figures, RejectedFigures, Sources
from tradedata.tables import OfficialExports

from analysis.study import Study

SERIES = "magnets_85051110"
FIGURES = [
    (SERIES, "2025-04", "tonnes", "500", "A"),
    (SERIES, "2025-04", "tonnes", "500", "B"),  # a reprint
    (SERIES, "2025-05", "tonnes", "900", "A"),  # rejected
    (SERIES, "2025-05", "pct_change_month", "-1.0", "A"),  # a mismatch
    (SERIES, "2025-05", "rank", "1", "A"),
    ("rare_earths_raw", "2025-05", "tonnes", "5865", "A"),
]


@pytest.fixture
def study(tmp_path: Path) -> Study:
    figures = pd.DataFrame(
        [
            (f"f{n}", series, "WLD", pd.Timestamp(month), pd.Timestamp(month), measure, value)
            for n, (series, month, measure, value, _) in enumerate(FIGURES)
        ],
        columns=list(Figures.columns)[:7],
    ).assign(
        unit=[UNITS[row[2]] for row in FIGURES],
        approximate=False,
        source_id=[row[-1] for row in FIGURES],
        note="",
    )
    sources = pd.DataFrame({"source_id": ["A", "B"], "publisher": "P", "newsroom": ["A", "B"]})
    doubted = {"figure_id": ["f2", "f3"], "verdict": ["rejected", "mismatch"], "stated": "9"}
    implied = {"implied_lower": np.nan, "implied_upper": np.nan, "conflicts_with": "f0"}
    write_table(figures, tmp_path / "figures.parquet", Figures)
    write_table(
        sources.assign(url="", published="", grade="press"), tmp_path / "sources.parquet", Sources
    )
    table = pd.DataFrame(doubted | implied)
    write_table(table, tmp_path / "rejected_figures.csv", RejectedFigures)
    nothing: dict[str, list[object]] = {one: [] for one in OfficialExports.columns}
    write_table(pd.DataFrame(nothing), tmp_path / "official_exports.parquet", OfficialExports)
    return Study(processed_dir=str(tmp_path))


def exports() -> pd.DataFrame:
    """48 months to 2024 of which one is unknown and one known roughly; March 2025 is unknown."""
    index = pd.period_range("2021-01", "2025-06", freq="M")
    noise = 1 + 0.02 * np.random.default_rng(1).standard_normal(len(index))
    rows = pd.DataFrame({"destination": "WLD", "month": index.to_timestamp().as_unit("ns")})
    rows = rows.assign(tonnes=1000 * noise, lower=1000 * noise, upper=1000 * noise)
    rows.loc[index == "2023-07", ["tonnes", "lower", "upper"]] = np.nan, 500, 1500
    rows = rows[~index.isin(pd.PeriodIndex(["2023-06", "2025-03"], freq="M"))]
    return rows.assign(status="stated", newsrooms=1, figure_ids="f0")[list(Exports.columns)]


def test_every_step_is_counted(study: Study) -> None:
    series = monthly_series(exports(), "WLD")
    effect = counterfactual(series, study.start, study.end, baseline_end=study.baseline_end)
    window = study.baseline_end, study.start, study.end
    months = month_steps(exports(), "WLD", effect.path["observed"].notna(), effect.untold, window)
    table = steps_table(study.vintage, study.series, exports(), months)
    assert table["left"].tolist() == [6, 4, 3, 2, 1, 52, 51, 54, 51, 46, 5, 2]
    assert table["lost"].tolist() == [0, 2, 1, 1, 1, 0, 1, 0, 3, 5, 0, 0]
    why = table.set_index("step")["lost why"]
    assert why["of these, observed"] == "1 bounded too widely, 2 not at all"
    assert why["of these, in the window"] == ""
