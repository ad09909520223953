"""Simulates the estimators' errors and writes docs/calibration*: `make calibrate`.

    python -m benchmarks.calibration [PART ...]

Runs all parts or those named, their cases on all cores. A part is one family of estimators with a
page and a table of its own; it is added to PARTS.
"""

from __future__ import annotations

import os
import sys
import time
from datetime import UTC, datetime
from multiprocessing import Pool
from pathlib import Path

import pandas as pd
from words import count

from benchmarks.calibration.breaks import BREAKS
from benchmarks.calibration.counterfactual import COUNTERFACTUAL
from benchmarks.calibration.designs import DESIGNS
from benchmarks.calibration.ledger import LEDGER
from benchmarks.calibration.panels import PANELS
from benchmarks.calibration.part import Part
from benchmarks.calibration.volatility import VOLATILITY

DOCS = Path(__file__).resolve().parents[2] / "docs"
PARTS = {part.name: part for part in (COUNTERFACTUAL, DESIGNS, BREAKS, VOLATILITY, PANELS, LEDGER)}


def main(names: list[str]) -> None:
    """Run the parts of these names, or all, and write their tables and pages."""
    unknown = [name for name in names if name not in PARTS]
    if unknown:
        sys.exit(f"no part {unknown[0]!r}; there are {', '.join(PARTS)}")
    for name in names or PARTS:
        write(PARTS[name])


def write(part: Part) -> None:
    """Run every case of a part and write its results."""
    begun = time.monotonic()
    with Pool(os.cpu_count()) as pool:
        found = pool.map(part.rates, part.cases, chunksize=1)
    table = pd.DataFrame([row for rows in found for row in rows])
    spread = (table["rejected"] * (1 - table["rejected"]) / table["draws"]) ** 0.5
    table = table.assign(monte_carlo_error=spread.round(4), rejected=table["rejected"].round(4))
    table.to_csv(DOCS / f"{part.stem}.csv", index=False, lineterminator="\n")
    minutes = (time.monotonic() - begun) / 60
    when = f"{datetime.now(UTC):%-d %B %Y}, in {count(round(minutes), 'minute')}"
    (DOCS / f"{part.stem}.md").write_text(part.page(table, when), encoding="utf-8")
    print(f"{len(table)} rates of {len(part.cases)} cases on {when}: docs/{part.stem}.md")


if __name__ == "__main__":
    main(sys.argv[1:])
