"""The part of `counterfactual`: its tests, their intervals and the textbook beside them."""

from __future__ import annotations

from dataclasses import asdict
from itertools import product
from typing import Any

import pandas as pd
from effects import EffectError

from benchmarks.calibration.agreement import worst_difference
from benchmarks.calibration.cases import rates
from benchmarks.calibration.nulls import HARD, HORIZONS, LENGTHS, NOISES, PATTERNS, Case, lay_out
from benchmarks.calibration.part import Part
from benchmarks.calibration.report import report

CASES = [Case(*cell) for cell in product([*NOISES, *HARD], PATTERNS, LENGTHS, HORIZONS)]


def rows(case: Case) -> list[dict[str, Any]]:
    """Every test's rates in one case; none where the default refuses it."""
    return [asdict(case) | asdict(rate) for rate in rates(case)]


def page(table: pd.DataFrame, when: str) -> str:
    """The page, with what the default refuses."""
    refused = {case: why for case in CASES if (why := refusal(case))}
    return report(table, refused, worst_difference(), when)


def refusal(case: Case) -> str:
    """Why the default refuses a case; empty where it does not."""
    try:
        lay_out(case)
    except EffectError as reason:
        return str(reason)
    return ""


COUNTERFACTUAL = Part("counterfactual", CASES, rows, page, "calibration")
