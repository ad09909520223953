"""How the proof of the cheapest doubts grows with the ledger: `python -m benchmarks.growth [10]`.

The shipped ledger is copied into other years and a share of its figures is spoiled. Times are
those of the processor; what counts is their ratio to the ledger once.
"""

from __future__ import annotations

import sys
import time

import numpy as np
import pandas as pd
from ledger import reconcile

from analysis.sources import load_figures, load_sources
from analysis.study import ROOT

SERIES, APART, SHARE = "magnets_85051110", 16, 0.02
"""Copies lie so many years apart, further than any figure reaches; so many figures are wrong."""
TIMES = (0.5, 0.8, 1.25, 2.0, 3.0)


def copies(figures: pd.DataFrame, count: int) -> pd.DataFrame:
    """The table Figures so many times, each in other years and with other ids."""
    found = []
    for copy in range(count):
        later = pd.DateOffset(years=APART * copy)
        ids = figures["figure_id"] + (f"{copy:02d}" if copy else "")
        periods = {name: figures[name] + later for name in ("period_start", "period_end")}
        found.append(figures.assign(figure_id=ids, **periods))
    return pd.concat(found, ignore_index=True)


def spoil(figures: pd.DataFrame, share: float, seed: int = 1) -> pd.DataFrame:
    """A share of the distinct figures printed a half to three times too large, wherever printed."""
    random = np.random.default_rng(seed)
    key = ["destination", "period_start", "period_end", "measure", "value", "approximate"]
    groups = figures.groupby(key, sort=False).ngroup()
    wrong = random.choice(groups.max() + 1, round(share * (groups.max() + 1)), replace=False)
    factors = pd.Series(random.choice(TIMES, len(wrong)), index=wrong)
    hit = groups.isin(wrong)
    numbers = figures.loc[hit, "value"].astype(float) * groups[hit].map(factors)
    return figures.assign(value=figures["value"].where(~hit, numbers.map("{:.1f}".format)))


def main(most: int) -> None:
    """Print the processor seconds of the ledger once, and so many times, clean and spoiled."""
    raw = ROOT / "data" / "raw"
    figures, sources = load_figures(raw), load_sources(raw)
    figures = figures[figures["series"] == SERIES]
    first: dict[float, float] = {}
    for share in (0.0, SHARE):
        for count in (1, 3, most):
            begun = time.process_time()
            result = reconcile(spoil(copies(figures, count), share), sources, SERIES)
            spent = time.process_time() - begun
            ratio = spent / first.setdefault(share, spent)
            print(
                f"{count:3d} times, {share:.0%} spoiled: {len(result.verdicts):5d} figures, "
                f"{result.count('rejected'):4d} rejected, gap {result.doubt.gap:.0e}, "
                f"{spent:.1f} s, {ratio:.1f} times the first (at most {count**1.5:.1f})"
            )


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else 10)
