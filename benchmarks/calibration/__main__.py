"""Writes docs/calibration.csv and docs/calibration.md: `make calibrate`."""

from __future__ import annotations

import time
from dataclasses import asdict
from datetime import UTC, datetime
from itertools import product
from multiprocessing import Pool
from pathlib import Path

import pandas as pd

from benchmarks.calibration.agreement import worst_difference
from benchmarks.calibration.cases import Rate, rates
from benchmarks.calibration.nulls import HORIZONS, LENGTHS, NOISES, PATTERNS, Case
from benchmarks.calibration.report import report

DOCS = Path(__file__).resolve().parents[2] / "docs"
CORES = 2


def main() -> None:
    """Run every case on two cores and write the results."""
    begun = time.monotonic()
    cases = [Case(*cell) for cell in product(NOISES, PATTERNS, LENGTHS, HORIZONS)]
    with Pool(CORES) as pool:
        found = pool.map(rates, cases, chunksize=1)
    table = _table(cases, [one for one, _ in found])
    refused = {case: reason for case, (_, reason) in zip(cases, found, strict=True) if reason}
    minutes = (time.monotonic() - begun) / 60
    table.to_csv(DOCS / "calibration.csv", index=False, lineterminator="\n")
    day = datetime.now(UTC).strftime("%-d %B %Y")
    text = report(table, refused, worst_difference(), f"{day}, in {minutes:.0f} minutes")
    (DOCS / "calibration.md").write_text(text, encoding="utf-8")
    print(f"{len(table)} rates of {len(cases)} cases in {minutes:.1f} minutes: docs/calibration.md")


def _table(cases: list[Case], found: list[list[Rate]]) -> pd.DataFrame:
    rows = [
        asdict(case) | asdict(rate)
        for case, many in zip(cases, found, strict=True)
        for rate in many
    ]
    table = pd.DataFrame(rows)
    spread = (table["rejected"] * (1 - table["rejected"]) / table["draws"]) ** 0.5
    return table.assign(monte_carlo_error=spread.round(4), rejected=table["rejected"].round(4))


if __name__ == "__main__":
    main()
