"""What would be unusual next month, reckoned from made-up months and by the swing test itself."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from contracts import write_table
from effects import swing
from ledger.series import monthly_series
from ledger.tables import Exports

from analysis.regressors import new_year_regressors
from analysis.sources import load_events
from analysis.study import ROOT, Forecasting
from analysis.tables import Events
from analysis.watch import main, shown, watch_table


@pytest.fixture
def asked(tmp_path: Path) -> Forecasting:
    """The catalogue as shipped, and exports to two destinations with noise of some 5 percent."""
    months = pd.period_range("2020-01", "2025-12", freq="M")
    source = np.random.default_rng(4)
    parts = []
    for code, level in (("WLD", 5000.0), ("USA", 600.0)):
        tonnes = level * np.exp(0.05 * source.standard_normal(len(months)))
        parts.append(
            pd.DataFrame(
                {
                    "destination": code,
                    "month": months.to_timestamp(),
                    "tonnes": tonnes,
                    "lower": tonnes - 0.5,
                    "upper": tonnes + 0.5,
                    "status": "stated",
                    "newsrooms": 1,
                    "figure_ids": "f1",
                }
            )
        )
    write_table(pd.concat(parts, ignore_index=True), tmp_path / "exports.parquet", Exports)
    write_table(load_events(ROOT / "data" / "raw"), tmp_path / "events.parquet", Events)
    return Forecasting(processed_dir=str(tmp_path))


def test_the_bounds_are_where_the_swing_test_turns(asked: Forecasting) -> None:
    """A month put just inside the bounds is no larger than usual, one just outside is unusual."""
    table = watch_table(asked).set_index("destination")
    exports = pd.read_parquet(asked.processed / "exports.parquet")
    for code, row in table.iterrows():
        series = monthly_series(exports, str(code))
        for factor, unusual in ((0.999, True), (1.001, False)):
            longer = pd.concat([series, pd.Series({series.index[-1] + 1: row["lower"] * factor})])
            longer = longer.set_axis(pd.PeriodIndex(longer.index, freq="M"), axis="index")
            test = swing(
                longer,
                longer.index[-1],
                baseline_end="2024-12",
                regressors=new_year_regressors(pd.PeriodIndex(longer.index)),
            )
            p_value = test.table["p_value"].iloc[0]
            assert (p_value <= 0.05) == unusual


def test_tonnes_and_percents_agree(asked: Forecasting) -> None:
    table = watch_table(asked)
    assert len(table)
    for end in ("lower", "upper"):
        again = 100 * (table[end] / table["tonnes"] - 1)
        assert np.allclose(again, table[f"{end}_pct"])
    assert ((table["lower"] < table["expected"]) & (table["expected"] < table["upper"])).all()
    assert (table["outside"] <= table["since"]).all()
    assert shown(table)["next month"].str.fullmatch(r"[A-Z][a-z]+ [0-9]{4}").all()


def test_the_command(asked: Forecasting, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--processed-dir", str(asked.processed)]) == 0
    out = capsys.readouterr().out
    assert "the world" in out
    assert "January 2026" in out
    assert main(["--processed-dir", "no/such"]) == 1
    assert "no such file" in capsys.readouterr().err
