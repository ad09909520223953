"""docs/calibration.md from the table of rates."""

from __future__ import annotations

import pandas as pd

from benchmarks.calibration.cases import DRAWS, SEED, TEXTBOOK_DRAWS, TEXTBOOK_LENGTH
from benchmarks.calibration.nulls import HARD, NOISES, Case
from benchmarks.calibration.part import by_noise, markdown

LOW, HIGH = 0.03, 0.08
"""Where the rejection rate of a 5 % test should lie in every case."""
CELL = ["pattern", "length", "horizon"]
TESTS = (
    "default",
    "default, median scale",
    "default, unscaled",
    "placebo dates",
    "conformal permutation",
)


def report(
    table: pd.DataFrame, refused: dict[Case, str], difference: tuple[float, float], when: str
) -> str:
    """The page: what was simulated, sizes, where the default misses, power, textbook."""
    hard = table[table["noise"].isin(HARD)]
    table = table[table["noise"].isin(NOISES)]
    nulls = table[table["effect_pct"] == 0]
    parts = [
        "# Calibration of the estimators",
        _how(difference, when),
        "## Without an effect: how often a 5 % test rejects",
        _summary(nulls),
        _verdict(nulls[nulls["test"] == "default"]),
        "The default, percent of series, by kind of noise:",
        by_noise(nulls[nulls["test"] == "default"], CELL, NOISES),
        "The conformal permutation:",
        by_noise(nulls[nulls["test"] == "conformal permutation"], CELL, NOISES),
        "The rank among placebo dates, which cannot reject with fewer than 19 of them:",
        by_noise(nulls[nulls["test"] == "placebo dates"], CELL, NOISES),
        _refusals(refused),
        _refused_shares(nulls[nulls["test"] == "default"]),
        "## Series that the default was not made for",
        _hard(hard, nulls),
        "## Textbook alternatives",
        _textbook(nulls),
        "## With an effect: how often it is found",
        _power(table),
    ]
    return "\n\n".join(parts) + "\n"


def _how(difference: tuple[float, float], when: str) -> str:
    return (
        f"Made by `make calibrate` on {when}, seed {SEED}; all rates with their Monte Carlo "
        "standard errors are in [calibration.csv](calibration.csv), what the estimators are in "
        "[method-effects.md](method-effects.md).\n\n"
        f"Each case has {DRAWS:,} series: season, a moving Lunar New Year and noise (AR(1) with "
        "coefficient 0, 0.5 or 0.8; Student's t with 3 degrees; a random walk with steps of 0.7 "
        "of the noise beside it), standard deviation 12 % a month, where world exports show some "
        "5 %: sizes do not depend on it, but the power below is less than ours. `length` counts "
        "the months in all, `horizon` those after the event. *Complete* series have every month; "
        "those *as published* miss the months that the published figures of world exports miss "
        "before 2025."
        f" A rate of 5 % over {DRAWS:,} series has a standard error of "
        f"{100 * (0.05 * 0.95 / DRAWS) ** 0.5:.1f} points.\n\n"
        "The fits of a case are done together, over a grid of the level's share. Against the "
        f"estimators themselves p-values of the default differ by {difference[0]:.3f} at most and "
        f"{100 * difference[1]:.0f} % of verdicts at 5 % agree, over 40 series."
    )


def _summary(nulls: pd.DataFrame) -> str:
    rows = [(name, *_range(nulls[nulls["test"] == name]["rejected"])) for name in TESTS]
    return markdown(["test", "least", "mean", "most", "cases in 3–8 %"], rows)


def _range(rejected: pd.Series) -> tuple[str, ...]:
    inside = rejected.between(LOW, HIGH).sum()
    ends = (rejected.min(), rejected.mean(), rejected.max())
    return (*(f"{100 * end:.1f} %" for end in ends), f"{inside} of {len(rejected)}")


def _verdict(default: pd.DataFrame) -> str:
    text = (
        "An interval of the default leaves out the truth exactly as often as its test rejects a "
        "true null, because an effect moves estimate and interval alike: its coverage is 100 % "
        f"less these rates, {100 * (1 - default['rejected'].max()):.1f} to "
        f"{100 * (1 - default['rejected'].min()):.1f} % for a nominal 95 %."
    )
    over, under = default[default["rejected"] > HIGH], default[default["rejected"] < LOW]
    if len(over):
        text += f" It rejects more than 8 % in {_named(over)}."
    if len(under):
        text += f" It is cautious, below 3 %, in {_named(under)}."
    if not len(over) and not len(under):
        text += " It keeps within 3–8 % in every case."
    return text + (
        " The rule that scales its errors was chosen on simulations of this kind, with other "
        "seeds; these series were not seen then."
    )


def _named(cases: pd.DataFrame) -> str:
    return "; ".join(
        f"{row.noise}, {row.pattern}, length {row.length}, horizon {row.horizon} "
        f"({100 * row.rejected:.1f} %)"
        for row in cases.itertuples()
    )


def _refusals(refused: dict[Case, str]) -> str:
    cells = {(case.pattern, case.length, case.horizon): why for case, why in refused.items()}
    return "\n".join(
        f"Refused: {pattern}, length {length}, horizon {horizon} ({why})."
        for (pattern, length, horizon), why in cells.items()
    )


def _refused_shares(default: pd.DataFrame) -> str:
    return (
        "Series of which a month's interval is wider than a third to three times the median are "
        "refused, as the estimator refuses them; all rates but the textbook's are among those "
        f"answered. Refused are {100 * default['refused'].mean():.1f} % of all series, at most "
        f"{100 * default['refused'].max():.1f} % of a case. Percent of series refused:\n\n"
        + by_noise(default, CELL, NOISES, "refused")
    )


def _hard(hard: pd.DataFrame, nulls: pd.DataFrame) -> str:
    """Size and power beside refusals and cautions, averaged over patterns and lengths."""
    mine = hard[hard["test"] == "default"]
    rates = mine.pivot_table(index=["noise", "horizon"], columns="effect_pct", values="rejected")
    median = hard[hard["test"] == "default, median scale"]
    robust = median.groupby(["noise", "horizon", "effect_pct"])["rejected"].mean()
    groups = mine[mine["effect_pct"] == 0].groupby(["noise", "horizon"])
    said = [
        hard[hard["test"] == test].groupby(["noise", "horizon"])["rejected"].mean()
        for test in ("drift said", "date named")
    ]
    permuted = hard[(hard["test"] == "conformal permutation") & (hard["effect_pct"] == 0)]
    shuffled = permuted.groupby(["noise", "horizon"])["rejected"].mean()
    rows = [
        (
            noise,
            str(horizon),
            f"{100 * groups['rejected'].min()[noise, horizon]:.1f}–"
            f"{100 * groups['rejected'].max()[noise, horizon]:.1f}",
            *(f"{100 * rates.loc[(noise, horizon), size]:.0f}" for size in (-25, -50)),
            f"{100 * groups['refused'].mean()[noise, horizon]:.1f}",
            *(f"{100 * one[noise, horizon]:.0f}" for one in said),
            *(f"{100 * robust[noise, horizon, size]:.0f}" for size in (0, -25)),
            f"{100 * shuffled[noise, horizon]:.0f}",
        )
        for noise in HARD
        for horizon in sorted(set(mine["horizon"]))
    ]
    heads = [
        "null", "horizon", "size, least to most", "power −25 %", "power −50 %", "refused",
        "drift said", "date named", "median scale: size", "power −25 %", "permutation: size",
    ]  # fmt: skip
    false = [nulls[nulls["test"] == test]["rejected"] for test in ("drift said", "date named")]
    return (
        "White noise beside growth of 1 % a month; beside a fall of 40 % for good 18 months before "
        "the baseline's end; each also with what the result's caution leads to, a drift or the "
        "event as a regressor; a moving average that corrects itself; and a season whose cosine "
        "and sine wander by a tenth of the noise a month. Sizes are the range over "
        "patterns and lengths, the rest means, in percent; `said` and `named` are how "
        "often a caution names the drift, or the placebo date that makes the interval wide. The "
        "last columns take the median of the placebo |t|, over that of a normal, for their root "
        "mean square, and have the permutation's mean size. On the noises "
        f"above a drift is said in {100 * false[0].mean():.0f} % of series (most: "
        f"{100 * false[0].max():.0f} %, where the level wanders), a date is named in "
        f"{100 * false[1].mean():.0f} % (most: {100 * false[1].max():.0f} %).\n\n"
        + markdown(heads, rows)
    )


def _textbook(nulls: pd.DataFrame) -> str:
    mine = nulls[nulls["length"] == TEXTBOOK_LENGTH]
    names = ["default", *(name for name in TEXTBOOK_DRAWS if name in set(mine["test"]))]
    heads = ["test", "series", "horizon", *NOISES, "draws"]
    wide = mine.pivot(
        index=["test", "pattern", "horizon"], columns="noise", values=["rejected", "draws"]
    )
    rows = [
        (
            name,
            *map(str, index),
            *(_whole(wide.loc[(name, *index), ("rejected", noise)]) for noise in NOISES),
            f"{wide.loc[(name, *index), ('draws', 'AR(0.5)')]:.0f}",
        )
        for name in names
        for index in wide.loc[name].index
    ]
    return (
        f"Percent of series of {TEXTBOOK_LENGTH} months without an effect in which a 5 % test "
        "rejects; the last column is how many series each saw. The airline model refuses series "
        "with many gaps.\n\n" + markdown(heads, rows)
    )


def _whole(rate: float) -> str:
    return "–" if pd.isna(rate) else f"{100 * rate:.0f}"


def _power(table: pd.DataFrame) -> str:
    mine = table[table["test"].isin(["default", "conformal permutation"])]
    mean = mine[mine["effect_pct"] < 0].pivot_table(
        index=CELL, columns=["test", "effect_pct"], values="rejected"
    )
    columns = [("default", size) for size in (-25, -50, -75)] + [("conformal permutation", -50)]
    heads = ["series", "length", "horizon", *(f"{name}, {size} %" for name, size in columns)]
    rows = [
        (*map(str, index), *(f"{100 * value:.0f}" for value in values))
        for index, values in zip(mean.index, mean[columns].to_numpy(), strict=True)
    ]
    return (
        "Percent of series in which the effect is found at the 5 % level, averaged over the five "
        "kinds of noise.\n\n" + markdown(heads, rows).replace("-", "−").replace("−−−", "---")
    )
