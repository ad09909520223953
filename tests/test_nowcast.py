"""Months estimated from customs' wider series: by hand, left out one by one, and in a study."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from contracts import write_table
from effects import EffectError
from scipy import stats
from tradedata.bulletin import difference_quantities

from analysis.nowcast import filled, nowcast, study_series
from analysis.study import Study
from analysis.tables import Nowcast

MONTHS = pd.period_range("2024-01", "2025-12", freq="M")


def lines(whole: np.ndarray, part: np.ndarray) -> pd.DataFrame:
    """A bulletin of two lines, both ten percent larger than the year before."""
    parts = [
        pd.DataFrame(
            {
                "month": MONTHS.to_timestamp(),
                "line": line,
                "quantity": quantity,
                "pct_change_year_quantity": 10.0,
            }
        )
        for line, quantity in (("Rare earths and products", whole), ("Rare earths", part))
    ]
    return pd.concat(parts, ignore_index=True)


def exports_of(tonnes: pd.Series) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "destination": "WLD",
            "month": pd.PeriodIndex(tonnes.index).to_timestamp(),
            "tonnes": tonnes.to_numpy(),
            "lower": tonnes.to_numpy() - 0.5,
            "upper": tonnes.to_numpy() + 0.5,
        }
    )


@pytest.fixture
def made() -> tuple[pd.DataFrame, pd.DataFrame, pd.Series]:
    """Exports, a bulletin whose wider series holds some 800 tonnes more, and what is missing."""
    source = np.random.default_rng(7)
    tonnes = pd.Series(5000 + 300 * source.standard_normal(len(MONTHS)), index=MONTHS)
    wider = tonnes.to_numpy() + 800 + 100 * source.standard_normal(len(MONTHS))
    part = np.full(len(MONTHS), 4000.0)
    known = tonnes.copy()
    known.iloc[[2, 5, 20]] = np.nan
    return exports_of(known), lines(wider + part, part), tonnes


def test_an_estimate_is_the_wider_series_less_the_mean_of_the_others(made) -> None:
    exports, bulletin, _ = made
    table = nowcast(exports, bulletin).set_index("month")
    wider = difference_quantities(bulletin, "Rare earths and products", "Rare earths")
    known = table["known"].dropna()
    gaps = pd.Series(wider.to_numpy(), index=wider.index.to_timestamp())[known.index] - known
    for month in (pd.Timestamp("2024-03-01"), pd.Timestamp("2024-04-01")):
        others = gaps.drop(month, errors="ignore")
        row, whole = table.loc[month], table.loc[month, "wider"]
        assert row["tonnes"] == pytest.approx(whole - others.mean())
        half = stats.t.ppf(0.975, len(others) - 1) * others.std() * np.sqrt(1 + 1 / len(others))
        assert row["upper"] - row["tonnes"] == pytest.approx(half)
        assert row["tonnes"] - row["lower"] == pytest.approx(half)
    assert len(known) == 21


def test_the_year_before_follows_from_the_printed_changes(made) -> None:
    _, bulletin, _ = made
    wider = difference_quantities(bulletin, "Rare earths and products", "Rare earths")
    assert wider.index[0] == pd.Period("2023-01")
    assert wider["2023-06"] == pytest.approx(wider["2024-06"] / 1.1)


def test_no_estimate_exceeds_the_wider_series(made) -> None:
    exports, bulletin, _ = made
    table = nowcast(exports, bulletin)
    assert (table["upper"] <= table["wider"]).all()


def test_few_months_known_of_both_estimate_nothing(made) -> None:
    exports, bulletin, _ = made
    with pytest.raises(
        EffectError, match="11 periods are known of the series and of the wider one"
    ):
        nowcast(exports.iloc[-12:], bulletin)


def test_coverage(made) -> None:
    """Of 300 made-up series, months left out lie inside their 95 % interval 92 to 98 % of times."""
    source = np.random.default_rng(8)
    inside = known = 0
    for _ in range(300):
        tonnes = pd.Series(5000 + 300 * source.standard_normal(len(MONTHS)), index=MONTHS)
        wider = tonnes.to_numpy() + 800 + 100 * source.standard_normal(len(MONTHS))
        table = nowcast(exports_of(tonnes), lines(wider + 4000, np.full(len(MONTHS), 4000.0)))
        inside += table["known"].between(table["lower"], table["upper"]).sum()
        known += table["known"].notna().sum()
    assert 0.92 <= inside / known <= 0.98


def test_a_study_takes_estimates_only_if_asked(made, tmp_path: Path) -> None:
    exports, bulletin, _ = made
    write_table(nowcast(exports, bulletin), tmp_path / "nowcast.csv", Nowcast)
    without = Study(processed_dir=str(tmp_path))
    asked = without.model_copy(update={"nowcast": True})
    assert study_series(without, exports).isna().sum() == 3
    assert study_series(asked, exports).isna().sum() == 0
    for other in ({"destination": "USA"}, {"as_of": "2025-06-30"}, {"value": "lower"}):
        series = study_series(without, exports)
        assert filled(series, asked.model_copy(update=other)).equals(series)


def test_an_empty_table_of_estimates_fills_nothing(made, tmp_path: Path) -> None:
    exports, _, _ = made
    write_table(Nowcast.empty(), tmp_path / "nowcast.csv", Nowcast)
    asked = Study(processed_dir=str(tmp_path), nowcast=True)
    assert study_series(asked, exports).isna().sum() == 3
