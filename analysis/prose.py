"""The sentences that more than one page shows; all others stand in their notebooks."""

from __future__ import annotations

import pandas as pd
from effects import Counterfactual, Swing
from effects.results import alpha
from effects.spans import during, month_span
from tradedata.destinations import destination_name

from analysis.study import Study
from analysis.words import number, percent


def provenance(newsrooms: bool, customs: bool) -> str:
    """Where the numbers come from: `what newsrooms printed`, `what customs published`, or both."""
    told = {"what customs published": customs, "what newsrooms printed": newsrooms}
    return " and ".join(words for words, is_so in told.items() if is_so) or "no source at all"


def question_asked(study: Study) -> str:
    """What is asked of which series, in a line."""
    known = f"; as known on {study.as_of}" if study.as_of else ""
    return (
        f"**{study.question}** Destination: {destination_name(study.destination)}; window: "
        f"{month_span(study.start, study.end)}; baseline to "
        f"{month_span(study.baseline_end, study.baseline_end)}{known}."
    )


def finding(study: Study, row: pd.Series) -> str:
    """What a study's headline estimate, a row of Effects, comes to, in a clause."""
    name = f"exports to {destination_name(study.destination)}"
    when = month_span(row["start"], row["end"])
    size, side = f"{abs(row['estimate']):.0f} %", "below" if row["estimate"] < 0 else "above"
    if pd.isna(row["estimate"]):
        return f"What {name} did in {when} cannot be told"
    if study.headline == "swing":
        much = (
            "larger than usual" if row["p_value"] <= alpha(study.level) else "no larger than usual"
        )
        return f"The change of {name} in {when}, {size} {side} what was expected, was {much}"
    begins = during(pd.Period(row["start"], freq="M"), pd.Period(row["end"], freq="M"))
    if row["lower"] > 0 or row["upper"] < 0:
        return f"{begins} {name} were {size} {side} what their own past implies"
    return f"{begins} {name} were within the usual range of their own past"


def could_have_missed(result: Counterfactual | Swing, level: float) -> str:
    """What an estimate that is no larger than usual could have missed; empty for a clear one."""
    row = result.table.iloc[0]
    if row["p_value"] <= alpha(level):
        return ""
    if pd.isna(row["lower"]):
        return "Among so few months no change, however large, could have been called unusual."
    text = (
        "That is no larger than usual, which does not mean that nothing happened: a departure "
        f"of anything from {percent(row['lower'])} to {percent(row['upper'])} fits the data."
    )
    if pd.notna(result.minimum_detectable):
        missed = number(abs(result.minimum_detectable))
        text += f" A fall of less than {missed} % would be missed more than one time in five."
    return text
