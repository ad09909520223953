"""docs/calibration-breaks.md from the table of rates."""

from __future__ import annotations

import pandas as pd

from benchmarks.calibration.nulls import NOISES
from benchmarks.calibration.part import by_noise, markdown, percents

LOW, HIGH = 0.03, 0.08
SERIES = ["pattern", "length"]
WALK = "random walk"


def report(table: pd.DataFrame, when: str) -> str:
    """The page: sizes, power and intervals."""
    hard = table[~table["noise"].isin(NOISES)]
    hard = hard[(hard["rate"] == "found") & (hard["shift"] != "three months")]
    found = hard.pivot(index="noise", columns="effect_pct", values="rejected")
    table = table[table["noise"].isin(NOISES)]
    none = table[table["shift"] == "none"]
    shifted = table[table["shift"] != "none"]
    parts = [
        "# Calibration of breaks",
        f"Made by `make calibrate` on {when}; the series are those of "
        "[calibration.md](calibration.md), what is done to them is told in "
        "[method-effects.md](method-effects.md), all rates are in "
        "[calibration-breaks.csv](calibration-breaks.csv). Null distributions are drawn once for "
        "each share of the random walk, not for each series. Segments hold three months at least, "
        "in complete series of 128 months six, a twentieth, which is longer than the spell of "
        "three months below; a step at its beginning or end may be found all the same.",
        "## Without a break: how often one is found",
        _size(none[none["rate"] == "found"]),
        by_noise(none[none["rate"] == "found"], SERIES, NOISES),
        "The textbook's way, BIC over levels that stand still, in "
        f"{none.loc[none['rate'] == 'textbook', 'draws'].iloc[0]} series each:",
        by_noise(none[none["rate"] == "textbook"], SERIES, NOISES),
        "## With a break: how often it is found, and where",
        "The level shifts sixteen months before the series' end, for good or for three months. "
        "Percent of series in which a break is found, and in which the first one found lies within "
        "two months of a true one; averaged over the kinds of noise but the random walk, which "
        "stands by itself.",
        _power(shifted[shifted["rate"] != "held"]),
        "## The interval of the date",
        "Percent of the series with a shift for good that is found whose 95 % interval holds its "
        "date, averaged likewise. Where few are found, those found are the misleading ones.",
        _power(shifted[shifted["rate"] == "held"]),
        "## Series that the test was not made for",
        "Complete series of 68 months, in percent: how often a break is found where there is none, "
        "and a shift for good where there is one. Noise that comes in bursts (GARCH(1,1) with 0.3 "
        "and 0.6), and growth of 1 % a month without and with a drift among the terms.",
        percents(found[[0, -25, -50]], ["without a break", "−25 %", "−50 %"]),
    ]
    return "\n\n".join(parts).replace("| -", "| −").replace("| −--", "| ---") + "\n"


def _size(found: pd.DataFrame) -> str:
    rates = found["rejected"]
    inside, least, most = rates.between(LOW, HIGH).sum(), 100 * rates.min(), 100 * rates.max()
    return (
        f"Percent of {found['draws'].iloc[0]} series in which the 5 % test finds a break: from "
        f"{least:.1f} % to {most:.1f} %, within 3–8 % in {inside} of {len(found)} cases. It is "
        "cautious where noise is white, because some wandering is fitted where there is none. That "
        "a random walk, whose level moves every month, shows no break is what the null is for."
    )


def _power(rates: pd.DataFrame) -> str:
    names = list(dict.fromkeys(rates["rate"]))
    heads = ["series", "length", "shift", "percent", *names, *(f"{WALK}, {n}" for n in names)]
    rows = []
    for key, cell in rates.groupby([*SERIES, "shift", "effect_pct"], sort=False):
        walk = cell["noise"] == WALK
        means = [
            _mean(cell[one & (cell["rate"] == name)]) for one in (~walk, walk) for name in names
        ]
        rows.append((*map(str, key), *means))
    return markdown(heads, rows)


def _mean(rates: pd.DataFrame) -> str:
    """In percent, each rate counting as the series it is of."""
    counts = rates["draws"]
    return f"{100 * (rates['rejected'] * counts).sum() / counts.sum():.0f}" if counts.sum() else "–"
