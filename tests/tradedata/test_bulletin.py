"""Customs' bulletin: parts and wholes, changes on the year, one line less its part."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from contracts import TableError, sha256
from tradedata.bulletin import difference_changes, load_bulletin, year_changes

RAW = Path(__file__).resolve().parents[2] / "data" / "raw"
HEADER = (
    "month,name,level,unit,quantity,amount_10k_cny,pct_change_year_quantity,pct_change_year_amount"
)


def write(folder: Path, name: str, text: str) -> None:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    record = yaml.safe_load((RAW / f"{name}.origin.yaml").read_text(encoding="utf-8"))
    origin = path.with_name(f"{name}.origin.yaml")
    origin.write_text(yaml.safe_dump(record | {"sha256": sha256(path)}), encoding="utf-8")


@pytest.fixture
def little(tmp_path: Path) -> Path:
    """Two Januaries: 100 t of rare earths and products, 40 of them raw; then 150 and 60."""
    rows = [
        HEADER,
        "2025-01,农产品*,0,,,50,,10",
        "2025-01,苹果,1,吨,10,5,25,",
        "2025-01,稀土及其制品,0,吨,100,9,25,8",
        "2025-01,稀土,1,吨,40,3,0,-10",
        "2025-01,新三样产品*,0,,,7,,1",
        "2026-01,农产品*,0,,,,,",
        "2026-01,苹果,1,吨,0,,-100,",
        "2026-01,稀土及其制品,0,吨,150,9,51,8",
        "2026-01,稀土,1,吨,60,3,49,-10",
        "2026-01,新三样产品*,0,,,7,,1",
    ]
    write(tmp_path, "bulletin.csv", "\n".join(rows) + "\n")
    names = (RAW / "bulletin_lines.csv").read_text(encoding="utf-8")
    write(tmp_path, "bulletin_lines.csv", names)
    return tmp_path


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


def test_a_line_without_an_english_name_is_refused(little: Path) -> None:
    text = (little / "bulletin.csv").read_text(encoding="utf-8")
    write(little, "bulletin.csv", text.replace("苹果", "香蕉"))
    with pytest.raises(TableError, match=r"no row for the line '香蕉' of bulletin\.csv"):
        load_bulletin(little)


def test_the_shipped_bulletin_agrees_with_what_newsrooms_printed_of_it() -> None:
    """May 2025, printed elsewhere: 2,117 t of the wider series of magnets (2,111 to 2,125)."""
    bulletin = load_bulletin(RAW)
    may = bulletin[bulletin["month"] == pd.Timestamp("2025-05")].set_index("line")["quantity"]
    assert 2111 <= may["Rare earths and products"] - may["Rare earths"] <= 2125
