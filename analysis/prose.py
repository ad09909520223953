"""The sentences that more than one page shows; all others stand in their notebooks."""

from __future__ import annotations

import pandas as pd
from effects import Counterfactual, Swing
from effects.counterfactual import WINDOW_SHARE
from effects.results import UNTOLD, USUAL, can_reject, missed, percent_of, probability
from tradedata.destinations import destination_name
from words import count, in_months, interval, month_span, percent, roughly, sentence_case

from analysis.study import BULLETIN, Study


def provenance(newsrooms: bool, customs: bool) -> str:
    """Where the numbers come from: `what newsrooms printed`, `what customs published`, or both."""
    told = {"what customs published": customs, "what newsrooms printed": newsrooms}
    return " and ".join(words for words, is_so in told.items() if is_so) or "no source at all"


def question_asked(study: Study) -> str:
    """What is asked of which series, in a line."""
    known = f"; as known on {study.as_of}" if study.as_of else ""
    line = study.series.removeprefix(BULLETIN)
    known += f"; series: customs' line “{line}”" if line != study.series else ""
    return (
        f"**{study.question}** Destination: {destination_name(study.destination)}; window: "
        f"{month_span(study.start, study.end)}; baseline to "
        f"{month_span(study.baseline_end, study.baseline_end)}{known}."
    )


def headline_rows(study: Study, effects: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """The row of Effects that a study's headline is tested by, and the one that says its size.

    The size is the window's sum as a share of the expected one, where that is told and on the same
    side of zero.
    """
    own = effects[effects["estimator"] == study.headline]
    agrees = own["estimate"] * own["estimate"].iloc[0] > 0
    sums = own[(own["estimand"] == WINDOW_SHARE) & agrees]
    return own.iloc[0], (own if sums.empty else sums).iloc[0]


def finding(study: Study, effects: pd.DataFrame, called: str, least: float | None = None) -> str:
    """What a study found, in a clause to be read aloud.

    effects: rows of Effects; called: its label; least: the minimum detectable effect, percent.
    """
    row, size = headline_rows(study, effects)
    name = study.exports
    when, tested = in_months(row["start"], row["end"]), pd.notna(row["estimate"])
    subject = f"the change in {name}" if study.headline == "swing" else name
    verb = "was" if study.headline == "swing" else "were"
    if not tested:
        return f"What {name} did {when} cannot be told"
    if called == UNTOLD:
        found = f"{when} {subject} did not stand out"
        if least is not None and (what := missed(least)):
            found += f"; {what}"
    elif called == USUAL:
        found = f"{when} {subject} {verb} within the usual range"
    else:
        side = "below" if size["estimate"] < 0 else "above"
        usual = "what was expected" if study.headline == "swing" else "normal"
        found = f"{when} {name} were {roughly(size['estimate'])} {side} {usual}"
    return sentence_case(found)


def how_sure(study: Study, found: Counterfactual | Swing | None, varied: pd.DataFrame) -> str:
    """What an answer rests on, in a line: its interval and how many other choices agree.

    varied: the contract Sensitivity, of which a swing has no use.
    """
    if found is None:
        return "There is no estimate to be sure of."
    row, size = headline_rows(study, found.table)
    text = f"Too few months are known for an interval ({probability(row['p_value'])})."
    if pd.notna(size["lower"]):
        ends = f"from {percent(size['lower'])} to {percent(size['upper'])}"
        text = (
            f"The {percent_of(study.level)} % interval runs {ends} ({probability(row['p_value'])})."
        )
    if isinstance(found, Swing):
        if row["p_value"] * (1 + row["n_pre"]) <= 1 + 1e-9:
            text += f" None of {row['n_pre']} calm changes is as far out, so p could not be lower."
        return text
    if found.label != UNTOLD:
        text += _choices(varied)
    if not can_reject(found.placebos.floor, study.level):
        text += f" {sentence_case(found.placebos.few)} could be used to test the method."
    return text


def _choices(varied: pd.DataFrame) -> str:
    """How many other choices put the effect on the same side, and where; nothing if none tells."""
    told = varied[(varied["aspect"] != "headline") & (varied["conclusion"] != "not told")]
    if told.empty:
        return ""
    agree = int((told["conclusion"] != "changes").sum())
    ends = interval(told["estimate"].min(), told["estimate"].max(), unit="%")
    does = "holds zero" if varied["conclusion"].iloc[0] == UNTOLD else "lies on the same side"
    return (
        f" For {agree} of {count(len(told), 'other choice')} of data, baseline and model the "
        f"interval {does} too; the average effects run from {ends}."
    )
