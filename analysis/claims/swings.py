"""Claims about how unusual a swing is."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd
from contracts import TableError
from effects import EffectError, Swing
from effects.results import percent_of, probability
from effects.swing import how_often
from scipy import stats
from tradedata.destinations import destination_name

from analysis.claims.evidence import Evidence
from analysis.claims.verdict import Finding, Verdict, judge_swing, told_change, untestable

DOWN = re.compile(r"\b(fall|fell|drop(ped|s)?|declined?|shr[aiu]nk|plunged?)\b", re.I)
MOTIVE = re.compile(r"\b(signal(s|led|ling)?|leverage|retaliat\w*|in order to|because)\b", re.I)
OPPOSITE: dict[Verdict, Verdict] = {"supported": "refuted", "refuted": "supported"}
MODEST: dict[Verdict, str] = {
    "supported": "A change that the calm past often saw is modest.",
    "imprecise": "The calm past saw such a change neither often nor hardly ever.",
    "refuted": "A change that the calm past hardly ever or never saw is not modest.",
}
"""What the rank of a fall says of its being modest."""
COUNTED = (
    "All swings count here, the fall and rebound that policy made among them; the page on breaks "
    "asks about swings with the policy regimes taken out."
)
"""Which swings a claim about their size is checked by."""


def check_unusual(claim: pd.Series, evidence: Evidence) -> Finding:
    """Whether a month's swing stands out of the calm past, and what that can show."""
    month = pd.Period(claim["month"], freq="M")
    change = evidence.change(claim["destination"], month)
    try:
        test = evidence.swing(claim["destination"], month)
    except (EffectError, TableError) as error:
        return untestable(f"The swing test cannot be made: {error}.", "percent")
    assert change is not None
    verdict = judge_swing(test.table["p_value"].iloc[0], evidence.level)
    reason = test.sentence
    if MOTIVE.search(claim["statement"]):
        verdict, said = _judge_motive(verdict, test, destination_name(claim["destination"]))
        reason = f"{reason} {said}"
    if DOWN.search(claim["statement"]) and change.lower >= 0:
        verdict, reason = "refuted", f"{reason} It did not fall."
    return Finding(verdict, reason, change.best, change.lower, change.upper, "percent")


def _judge_motive(verdict: Verdict, test: Swing, name: str) -> tuple[Verdict, str]:
    """An ordinary swing cannot carry a motive; one that stands out does not show it."""
    if verdict == "refuted":
        often = how_often(test.table.iloc[0], "month")
        return verdict, (
            f"Exports to {name} move at least this much in {often}, so this change cannot carry "
            "such a claim; that there was no such motive does not follow."
        )
    needs = "a motive would need statements or licence decisions, not export figures"
    return "not testable", f"The swing stands out, but {needs}."


def check_volatility(claim: pd.Series, evidence: Evidence) -> Finding:
    """Whether the swings of the year up to the month are larger than those of the calm past.

    The swings' p-values are ranked (Mann and Whitney 1947): they order the swings by size over
    standard deviation, which is fair to the past, whose residuals the fit made smaller.
    """
    month = pd.Period(claim["month"], freq="M")
    try:
        table = evidence.swings(claim["destination"])
    except (EffectError, TableError) as error:
        return untestable(f"The swing test cannot be made: {error}.", "percent")
    calm_end = pd.Period(evidence.baseline_end, freq="M")
    size = np.log1p(table["residual_pct"] / 100).abs()
    past = size[size.index <= calm_end]
    year = size[(size.index.year == month.year) & (size.index <= month)]
    if year.empty:
        return untestable(f"It would need monthly changes of {month.year}.", "percent")
    now, then = (table["p_value"].loc[part.index].to_numpy() for part in (year, past))
    p_value = float(stats.mannwhitneyu(now, then, alternative="less").pvalue)
    typical, usual = (100 * np.expm1(float(part.median())) for part in (year, past))
    reach: Any = stats.quantile_test(year, p=0.5)
    lower, upper = (100 * np.expm1(end) for end in reach.confidence_interval(evidence.level))
    reason = (
        f"At the median the {len(year)} known swings of {month.year} up to {month:%B} lie "
        f"{typical:.0f} percent from what season and calendar lead to expect"
        f"{_interval(lower, upper, evidence.level)}, the {len(past)} up to "
        f"{calm_end:%B %Y} {usual:.0f} percent (rank test of the swings, each over its own "
        f"standard deviation, {probability(p_value)}). {COUNTED}"
    )
    verdict = judge_swing(p_value, evidence.level)
    return Finding(verdict, reason, typical, lower, upper, "percent")


def _interval(lower: float, upper: float, level: float) -> str:
    """The interval of a median; empty where there are too few numbers for one."""
    if np.isnan([lower, upper]).any():
        return ""
    return f" ({percent_of(level)} % interval {lower:.0f} to {upper:.0f})"


def check_comparison(claim: pd.Series, evidence: Evidence) -> Finding:
    """Whether the fall of a group was modest, beside that of the country it leaves out."""
    month, destination = pd.Period(claim["month"], freq="M"), claim["destination"]
    change = evidence.change(destination, month)
    try:
        test = evidence.swing(destination, month)
    except (EffectError, TableError) as error:
        return untestable(f"The swing test cannot be made: {error}.", "percent")
    assert change is not None
    numbers = (change.best, change.lower, change.upper, "percent")
    verdict = judge_modest(test, evidence.level)
    said = MODEST[verdict]
    if change.lower >= 0:
        verdict, said = "refuted", "It did not fall."
    reason = f"{test.sentence} {said}{_beside(destination, month, evidence)}"
    return Finding(verdict, reason, *numbers)


def judge_modest(test: Swing, level: float) -> Verdict:
    """The opposite of unusual; in a short past, further out than all of it is unusual too."""
    calm = test.table.iloc[0]
    if calm["p_value"] * (1 + calm["n_pre"]) <= 1 + 1e-9:
        return "refuted"
    verdict = judge_swing(calm["p_value"], level)
    return OPPOSITE.get(verdict, verdict)


def _beside(destination: str, month: pd.Period, evidence: Evidence) -> str:
    left_out = destination.rpartition("-")[2]
    other = evidence.change(left_out, month) if left_out != destination else None
    if other is None:
        return ""
    return f" Exports to {destination_name(left_out)} changed by {told_change(other)} percent."
