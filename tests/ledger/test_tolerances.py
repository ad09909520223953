"""The table of tolerances at its edges: the last number that still counts, and the next one."""

from itertools import product

import numpy as np
import pytest
from ledger import TOLERANCES, tolerance_table
from ledger.constraints import LEVELS, build_system
from ledger.printed import Printed, truth_interval
from ledger.programmes import Programme


@pytest.mark.parametrize(
    ("value", "measure", "approximate", "verdict", "lower", "upper"),
    [
        # rounded: half a unit either way; cut off: up to a unit more, away from zero
        ("5774", "tonnes", False, "kept", 5773.5, 5775),
        ("12.949", "tonnes", False, "kept", 12.9485, 12.95),
        ("426.0", "tonnes", False, "kept", 425.95, 426.1),
        ("0", "tonnes", False, "kept", 0, 1),
        ("17.5", "pct_change_year", False, "kept", 17.45, 17.6),
        ("-6.1", "pct_change_month", False, "kept", -6.2, -6.05),
        ("0", "pct_change_year", False, "kept", -1, 1),
        ("-100", "pct_change_year", False, "kept", -100, -99.5),
        ("17", "share_pct", False, "kept", 16.5, 18),
        # about: one unit either way, and closing zeros are not digits
        ("49000", "tonnes", True, "kept", 48000, 50000),
        ("304", "tonnes", True, "kept", 303, 305),
        ("-50", "pct_change_year", True, "kept", -60, -40),
        ("50.0", "tonnes", True, "kept", 49.9, 50.1),
        # mismatch: 0.2 % of large tonnages, a unit and two of small ones
        ("58142", "tonnes", False, "mismatch", 58142 - 116.284, 58142 + 116.284),
        ("46", "tonnes", False, "mismatch", 45, 48),
        ("660", "pct_change_month", False, "mismatch", 659, 662),
        ("2600", "tonnes", True, "mismatch", 2400, 2800),
    ],
)
def test_interval(value, measure, approximate, verdict, lower, upper):
    interval = truth_interval(value, measure, approximate, verdict)
    assert interval.lower == pytest.approx(lower, abs=1e-9)
    assert interval.upper == pytest.approx(upper, abs=1e-9)


def test_closing_zeros_of_a_number_printed_in_millions_are_not_digits():
    interval = truth_interval("8360", "tonnes", False, "kept", zeros_count=False)
    assert (interval.lower, interval.upper) == (8355, 8370)


def test_every_row_is_used_and_says_why():
    kinds = {(row["printed"], row["verdict"]) for row in TOLERANCES}
    assert kinds == {
        (printed, verdict)
        for printed in ("tonnes", "percentage", "about")
        for verdict in ("kept", "mismatch")
    }
    assert all(tolerance_table()["reason"].str.len() > 10)


def printed(measure, value, start=1, end=1):
    return Printed("", "USA", start, end, measure, value, False, True, ("f1",), frozenset({"A"}))


def load(figures):
    return Programme(build_system(figures), product(range(len(figures)), LEVELS))


def holds(figures, level="kept"):
    programme = load(figures)
    return not programme.contradiction(dict.fromkeys(range(len(figures)), level))


@pytest.mark.parametrize(
    ("change", "level", "verdict"),
    [
        # 46 -> 353 with tonnes in [45.5, 47) and [352.5, 354): 650.0 % to 678.0 %
        ("678", "kept", True),
        ("679", "kept", False),
        ("649", "kept", True),
        ("648", "kept", False),
    ],
)
def test_change_between_two_tonnages(change, level, verdict):
    figures = [
        printed("tonnes", "46", 1, 1),
        printed("tonnes", "353", 2, 2),
        printed("pct_change_month", change, 2, 2),
    ]
    assert holds(figures, level) is verdict


@pytest.mark.parametrize(("change", "verdict"), [("667", True), ("700", False)])
def test_change_computed_from_rounded_tonnes_is_a_mismatch(change, verdict):
    # 353 / 46 - 1 = 667.4 %, while 352.8 / 46.4 - 1 = 660.3 %
    figures = [
        printed("tonnes", "46.4", 1, 1),
        printed("tonnes", "352.8", 2, 2),
        printed("pct_change_month", change, 2, 2),
    ]
    programme = load(figures)
    assert programme.contradiction({0: "kept", 1: "kept", 2: "kept"})
    loose = programme.contradiction({0: "kept", 1: "kept", 2: "mismatch"})
    assert (not loose) is verdict


def test_a_change_compares_the_whole_period_with_the_one_before():
    assert printed("pct_change_month", "1", 13, 14).base == range(11, 13)
    assert printed("pct_change_year", "1", 13, 14).base == range(1, 3)
    assert printed("tonnes", "1", 13, 14).base is None


def test_noise_in_a_proof_names_no_figure():
    """A multiplier of 1.8e-9 beside one of 245 is the solver's zero, held or not."""
    figures = [printed("tonnes", f"{100 * month}", month, month) for month in (1, 2, 3)]
    programme = load(figures)
    proof = np.zeros(len(programme._owner))
    for index, size in enumerate((245.0, 1.8e-9, 0.5)):
        proof[programme._owner == index] = size
    assert not programme.contradiction({0: "kept", 1: "kept"})
    assert programme._behind(proof) == {0}  # 1 is noise, 2 is not held
