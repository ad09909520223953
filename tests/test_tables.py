"""The contracts of the tables, and that a file is written whole or not at all."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from claims.tables import Claims, ClaimVerdicts
from contracts import (
    TableError,
    load_contracts,
    read_table,
    replacing,
    validate,
    write_json,
    write_table,
)
from ledger.tables import Exports

from analysis.tables import Watch


def make_exports() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "destination": ["WLD", "WLD", "GRP_WLD-USA"],
            "month": pd.to_datetime(["2025-08-01", "2025-09-01", "2025-09-01"]).as_unit("ns"),
            "tonnes": [6146.0, float("nan"), 5353.5],
            "lower": [6145.5, 3000.0, 5353.0],
            "upper": [6146.5, 6000.0, 5354.0],
            "status": ["stated", "derived", "derived"],
            "newsrooms": [6, 1, 2],
            "figure_ids": ["f0877;f0879", "f1", "f2"],
        }
    )


def make_verdicts() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "claim_id": ["c01", "c02"],
            "seed": ["a.txt", "a.txt"],
            "stated": ["-6.10", ""],
            "computed": [-6.05, float("nan")],
            "lower": [-6.07, float("nan")],
            "upper": [-6.04, float("nan")],
            "unit": ["percent", ""],
            "verdict": ["supported", "not testable"],
            "reason": ['Quotes ", commas, <b>tags</b>\nand lines', "It would need prices."],
        }
    )


@pytest.mark.parametrize("suffix", [".parquet", ".csv"])
@pytest.mark.parametrize(
    ("table", "make"), [(Exports, make_exports), (ClaimVerdicts, make_verdicts)]
)
def test_a_table_reads_back_as_it_was_written(tmp_path, table, make, suffix):
    path = write_table(make(), tmp_path / "new" / f"table{suffix}", table)
    pd.testing.assert_frame_equal(read_table(path, table), validate(make(), table, "made up"))


def test_a_table_that_was_written_here_and_edited_since_is_checked(tmp_path):
    path = write_table(make_exports(), tmp_path / "exports.csv", Exports)
    assert len(read_table(path, Exports)) == 3
    path.write_text(path.read_text().replace("stated", "guessed"))
    with pytest.raises(TableError, match="row 0, column status: found 'guessed'"):
        read_table(path, Exports)


def test_the_same_table_is_written_to_the_same_bytes(tmp_path):
    for suffix in (".csv", ".parquet"):
        first = write_table(make_exports(), tmp_path / f"a{suffix}", Exports)
        second = write_table(make_exports(), tmp_path / f"b{suffix}", Exports)
        assert first.read_bytes() == second.read_bytes()


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        ("tonnes", 7000.0, ["row 0", "tonnes lies outside its bounds"]),
        ("tonnes", -1.0, ["row 0", "column tonnes", "found -1.0", "greater_than_or_equal_to(0)"]),
        ("lower", float("nan"), ["row 0", "column lower", "needs a value"]),
        ("status", "guessed", ["row 0", "column status", "'guessed'", "official"]),
        ("destination", "the moon", ["row 0", "column destination", "'the moon'"]),
        ("tonnes", "many", ["row 0", "column tonnes", "'many'", "float64"]),
        ("month", "soon", ["column month", "'soon'", "datetime64"]),
    ],
)
def test_a_wrong_value_is_named_with_its_row_and_column(column, value, words):
    frame = make_exports().astype({column: object})
    frame.loc[0, column] = value
    with pytest.raises(TableError) as error:
        validate(frame, Exports, "exports.csv")
    assert str(error.value).startswith("exports.csv: ")
    assert all(word in str(error.value) for word in words)


def test_a_month_given_twice_is_refused():
    twice = pd.concat([make_exports().iloc[[0]]] * 2, ignore_index=True)
    with pytest.raises(TableError, match="exports: row 1 repeats the key of another"):
        validate(twice, Exports, "exports")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda frame: frame.drop(columns="status"), "column status is missing"),
        (lambda frame: frame.assign(price=1), "column price is not in the table's contract"),
        (lambda frame: frame[frame.columns[::-1]], "column figure_ids is out of order"),
    ],
)
def test_columns_are_those_of_the_contract(change, words):
    with pytest.raises(TableError, match=words):
        validate(change(make_exports()), Exports, "exports")


def test_a_long_list_of_faults_is_cut_short():
    frame = pd.concat([make_exports()] * 10, ignore_index=True).assign(status="guessed")
    with pytest.raises(TableError) as error:
        validate(frame, Exports, "exports")
    lines = str(error.value).splitlines()
    assert len(lines) == 6
    assert lines[-1].startswith("exports: and ")


def test_a_table_that_breaks_its_contract_replaces_nothing(tmp_path):
    path = write_table(make_exports(), tmp_path / "exports.csv", Exports)
    before = path.read_bytes()
    with pytest.raises(TableError):
        write_table(make_exports().assign(status="guessed"), path, Exports)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_write_that_fails_midway_replaces_nothing(tmp_path):
    path = tmp_path / "page.html"
    path.write_text("old")

    def write_half(aside: Path) -> None:
        aside.write_text("half")
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"), replacing(path) as aside:
        write_half(aside)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_missing_table_says_what_to_run(tmp_path):
    with pytest.raises(TableError, match="no such file; run the notebooks before this one"):
        read_table(tmp_path / "exports.parquet", Exports)


@pytest.mark.parametrize("month", ["2025-13", "2025-00", "2025", "2025-1", "May 2025"])
def test_a_month_that_is_none_is_refused(month):
    claim = {
        "claim_id": ["c1"],
        "seed": ["a"],
        "statement": ["s"],
        "kind": ["level"],
        "destination": ["WLD"],
        "month": [month],
        "measure": ["tonnes"],
        "stated": ["1"],
    }
    with pytest.raises(TableError, match="column month: found"):
        validate(pd.DataFrame(claim), Claims, "claims.csv")


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_estimates_are_written_to_six_digits_and_data_as_they_are(tmp_path, suffix):
    """Two processors, whose sums differ in the twelfth digit, write the same bytes."""
    files = []
    for noise in (0.0, 1e-9):
        given = {name: [1234.5678901 + noise] for name, kind in Watch.schema.dtypes.items()
                 if "float" in str(kind)}  # fmt: skip
        given |= {"destination": ["WLD"], "calm": [30], "since": [3], "outside": [2]}
        given |= {"tonnes": [5774.1234567], "last_month": [pd.Timestamp("2025-08-01")]}
        given |= {"month": [pd.Timestamp("2025-09-01")], "lower_pct": [-1.46301238e-13]}
        frame = pd.DataFrame(given)[[*Watch.columns]]
        files.append(write_table(frame, tmp_path / f"{noise}{suffix}", Watch))
        assert frame.at[0, "expected"] == 1234.5678901 + noise
    assert files[0].read_bytes() == files[1].read_bytes()
    read = read_table(files[0], Watch).iloc[0]
    assert (read["expected"], read["tonnes"], read["lower_pct"]) == (
        1234.57,
        5774.1234567,
        -1.46301e-13,
    )


def test_fractions_of_a_json_file_are_rounded_and_nothing_else(tmp_path):
    found = {"a": 0.123456789, "b": [1234567, None, "0.123456789", True]}
    text = write_json(found, tmp_path / "a.json").read_text()
    assert json.loads(text) == found | {"a": 0.123457}


DESCRIBED = """
Prices:
  about: One row a price.
  estimates: true
  key: [place, month]
  columns:
    place: {type: name, means: Where.}
    month: {type: date, means: First day of the month.}
    euros: {type: number, gaps: true, exact: true, ge: 0, means: "Euros, as printed."}
Offers:
  about: Prices and who asks them.
  like: Prices
  columns:
    shop: {type: text, isin: [corner, market], means: Who asks it.}
"""
KINDS = {"name": {"type": "text", "str_length": {"min_value": 1}}}


def test_tables_that_a_file_describes_are_kept_like_others(tmp_path):
    path = tmp_path / "tables.yaml"
    path.write_text(DESCRIBED)
    prices, offers = load_contracts(path, KINDS).values()
    row = {"place": ["here"], "month": pd.to_datetime(["2025-04-01"]), "euros": [1.23456789]}
    frame = pd.DataFrame(row)
    written = write_table(frame, tmp_path / "prices.csv", prices)
    assert read_table(written, prices)["euros"].tolist() == [1.23456789]
    assert offers.about == "Prices and who asks them."
    assert list(validate(frame.assign(shop="market"), offers, "offers")) == [*row, "shop"]
    for wrong, words in (
        (frame.assign(shop="bank"), "column shop: found 'bank', needs one of corner, market"),
        (frame.assign(shop="market", place=""), "column place: found ''"),
        (frame.assign(shop="market", euros=-1.0), "column euros: found -1.0"),
        (pd.concat([frame.assign(shop="market")] * 2, ignore_index=True), "repeats the key"),
    ):
        with pytest.raises(TableError, match=words):
            validate(wrong, offers, "offers")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("type: date", "type: day"), "table Prices, column month: found 'day'; needs"),
        ((", means: Where.", ""), "table Prices, column place: found 'means'; needs"),
        (("ge: 0", "above: 0"), "table Prices, column euros: found 'above'"),
    ],
)
def test_a_column_described_otherwise_is_named(tmp_path, change, words):
    path = tmp_path / "tables.yaml"
    path.write_text(DESCRIBED.replace(*change))
    with pytest.raises(TableError, match=words):
        load_contracts(path, KINDS)
