"""Customs' bulletin: parts and wholes, units, changes on the year, one line less its part."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from contracts import TableError
from tradedata.bulletin import difference_changes, load_bulletin, unit_values, year_changes
from tradedata.bulletin.units import base_unit, money_unit

RAW = Path(__file__).resolve().parents[2] / "data" / "raw"


def test_lines_with_parts_and_gathering_groups_are_no_leaves(little: Path) -> None:
    bulletin = load_bulletin(little)
    leaves = bulletin.loc[bulletin["is_leaf"] & (bulletin["month"] == "2025-01"), "name"]
    assert list(leaves) == ["苹果", "稀土"]


def test_changes_on_the_year_are_logs_and_missing_at_zero(little: Path) -> None:
    changes = year_changes(load_bulletin(little))
    assert changes.loc["2025-01", "Apples"] == pytest.approx(np.log(1.25))
    assert np.isnan(changes.loc["2026-01", "Apples"])


def test_a_difference_goes_by_its_own_past_and_else_by_the_printed_change(little: Path) -> None:
    """2024: 100/1.25 − 40/1.00 = 40, so 60/40; 2025 to 2026: 60 to 90, whatever is printed."""
    rest = difference_changes(load_bulletin(little), "Rare earths and products", "Rare earths")
    assert rest["2025-01"] == pytest.approx(np.log(60 / 40))
    assert rest["2026-01"] == pytest.approx(np.log(90 / 60))


def test_a_line_without_an_english_name_is_refused(little: Path, write) -> None:
    text = (little / "bulletin.csv").read_text(encoding="utf-8")
    write("bulletin.csv", text.replace("苹果", "香蕉"))
    with pytest.raises(TableError, match=r"no row for the line '香蕉' of bulletin\.csv"):
        load_bulletin(little)


def test_the_shipped_bulletin_agrees_with_what_newsrooms_printed_of_it() -> None:
    """May 2025, printed elsewhere: 2,117 t of the wider series of magnets (2,111 to 2,125)."""
    bulletin = load_bulletin(RAW)
    may = bulletin[bulletin["month"] == pd.Timestamp("2025-05")].set_index("line")["quantity"]
    assert 2111 <= may["Rare earths and products"] - may["Rare earths"] <= 2125


@pytest.mark.parametrize(
    ("printed", "base", "factor"),
    [
        *[("吨", "吨", 1), ("万吨", "吨", 1e4), ("千克", "吨", 1e-3), ("亿个", "个", 1e8)],
        *[("万立方米", "立方米", 1e4), ("亿双", "双", 1e8), ("万升", "升", 1e4), ("架", "个", 1)],
        *[("T", "吨", 1), ("10000T", "吨", 1e4), ("KG", "吨", 1e-3), ("100MN", "个", 1e8)],
        *[("MN", "个", 1e6), ("10000PR", "双", 1e4), ("100MP", "双", 1e8), ("L", "升", 1)],
        *[("10,000 Tons", "吨", 1e4), ("100 Million PCS", "个", 1e8), ("-", "", 1), ("", "", 1)],
    ],
)
def test_units_are_brought_to_one(printed: str, base: str, factor: float) -> None:
    assert base_unit(printed) == (base, pytest.approx(factor))


def test_an_unknown_unit_is_refused(little: Path, write) -> None:
    text = (little / "bulletin.csv").read_text(encoding="utf-8")
    write("bulletin.csv", text.replace("2026-01,苹果,1,吨", "2026-01,苹果,1,箩"))
    with pytest.raises(TableError, match="found the unit '箩'"):
        load_bulletin(little)


@pytest.mark.parametrize(
    ("printed", "column", "factor"),
    [
        ("Unit:US$1,000", "amount_1k_usd", 1),
        ("Unit: USD1 Million", "amount_1k_usd", 1000),
        ("Unit:RMB￥10,000", "amount_10k_cny", 1),
        ("单位：万元人民币", "amount_10k_cny", 1),
        ("单位：千美元", "amount_1k_usd", 1),
        ("单位：百万美元", "amount_1k_usd", 1000),
    ],
)
def test_units_of_money(printed: str, column: str, factor: float) -> None:
    assert money_unit(printed) == (column, factor)


def test_no_unit_of_money_is_guessed() -> None:
    assert money_unit("Unit: Galactic Credits") is None


def test_a_line_printed_in_two_units_is_one_series() -> None:
    """Footwear is printed in 亿双 and once in 万双; nobody ships 10,000 times less in a month."""
    footwear = load_bulletin(RAW).query("line == 'Footwear'")
    assert set(footwear["unit"]) == {"pairs"}
    assert footwear["quantity"].min() > footwear["quantity"].max() / 3


def test_unit_values_are_yuan_per_kilogram(little: Path) -> None:
    """(9 − 3) × 10,000 yuan over (100 − 40) × 1,000 kg is one yuan; then 6 over 90."""
    bulletin = load_bulletin(little)
    rest = unit_values(bulletin, "Rare earths and products", "Rare earths")
    assert rest.tolist() == pytest.approx([1.0, 60_000 / 90_000])
    assert unit_values(bulletin, "Rare earths").tolist() == pytest.approx([0.75, 0.5])
    assert unit_values(bulletin, "Apples").isna().tolist() == [False, True]


def test_a_line_without_a_weight_has_no_unit_value(little: Path) -> None:
    with pytest.raises(TableError, match="needs lines in tonnes"):
        unit_values(load_bulletin(little), "Agricultural products")
