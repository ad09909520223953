"""The same questions asked of the data as they came in: which answers moved, and could they have.

A table of answers has a row a `vintage` (the day up to which things were known) and `study`, with
its `question` in words, destination, headline, start and end (months), estimate, lower, upper and
`verdict`: above or below where it is clear of zero, within the usual range, or cannot be told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import pandas as pd
from words import interval, percent

from effects.average import FittedWindow
from effects.results import UNTOLD, USUAL, EffectError, JudgedEffect, missed

ESTIMATES = ["estimate", "lower", "upper", "level", "p_value"]
MOST_DRAWN = 3
"""Destinations that one figure can tell apart."""


Found: TypeAlias = FittedWindow | JudgedEffect


class Asked(NamedTuple):
    """A question, what it is `about` (study, destination, headline, start, end), and its answer."""

    about: Mapping[str, str]
    question: str
    estimate: Callable[[pd.DataFrame], Found]

    @property
    def end(self) -> str:
        """The last month asked about."""
        return self.about["end"]

    def told(self, data: pd.DataFrame) -> bool:
        """Whether the data tell an answer."""
        return not self.answer(data)["reason"]

    def answer(self, data: pd.DataFrame) -> dict[str, Any]:
        """ESTIMATES of a row of effects where there are some, its verdict, and why it is untold."""
        try:
            found = self.estimate(data)
        except EffectError as trouble:
            nothing = dict.fromkeys(ESTIMATES, np.nan)
            return nothing | {"verdict": UNTOLD, "reason": str(trouble)}
        row, verdict, reason = found.table.iloc[0], found.label, ""
        if verdict == UNTOLD:
            reason = missed(found.minimum_detectable) or "what it could have missed is not known"
        elif verdict != USUAL:
            verdict = "below" if row["estimate"] < 0 else "above"
        return {name: row[name] for name in ESTIMATES} | {"verdict": verdict, "reason": reason}


def ask_vintages(
    vintages: Mapping[pd.Timestamp, pd.DataFrame], questions: Iterable[Asked]
) -> pd.DataFrame:
    """Every question asked of every vintage: a table of answers, with the `reason` of none."""
    rows = [
        {"vintage": day, **one.about, **one.answer(data), "question": one.question}
        for one in questions
        for day, data in vintages.items()
    ]
    about = ["study", "destination", "headline", "start", "end"]
    columns = ["vintage", *about, *ESTIMATES, "verdict", "reason", "question"]
    return pd.DataFrame(rows, columns=columns)


def answers_given(answers: pd.DataFrame) -> pd.DataFrame:
    """The rows of vintages that could tell, with the verdict `before` of each study, or nothing."""
    told = answers[answers["verdict"] != UNTOLD]
    return told.assign(before=told.groupby("study")["verdict"].shift().fillna(""))


def compare_conclusions(answers: pd.DataFrame) -> pd.DataFrame:
    """Each question under the last two vintages, and whether its answer moved.

    An answer has moved when its verdict is another, or when it is told and one estimate lies
    outside the other's interval. Columns study, question, before, now (estimates with intervals),
    outcome; no row where there are not two vintages.
    """
    columns = ["study", "question", "before", "now", "outcome"]
    days = sorted(answers["vintage"].unique())[-2:]
    if len(days) < 2:
        return pd.DataFrame(columns=columns)
    old, now = (answers[answers["vintage"] == day].set_index("study") for day in days)
    stays = now["estimate"].between(old["lower"], old["upper"])
    stays &= old["estimate"].between(now["lower"], now["upper"])
    stays = (old["verdict"] == now["verdict"]) & (stays | (now["verdict"] == UNTOLD))
    said = {"before": old.apply(_answer, axis=1), "now": now.apply(_answer, axis=1)}
    outcome = np.where(stays, "stands", "moved")
    compared: pd.DataFrame = now.assign(**said, outcome=outcome).reset_index()[columns]
    return compared


def _answer(row: pd.Series) -> str:
    """What a row says: −61 % (−70 to −50 %), below."""
    if pd.isna(row["estimate"]):
        return UNTOLD
    ends = interval(row["lower"], row["upper"], unit="%")
    return f"{percent(row['estimate'])} ({ends}), {row['verdict']}"


def out_of_reach(revisions: pd.DataFrame, answers: pd.DataFrame) -> dict[str, Any]:
    """What added months missed that come after every window asked about; nothing if one does not.

    revisions: destination, month and change (`added` or another). first, last: of the months added;
    end: of the last window; earlier: how many months up to then changed, of the destinations asked.
    """
    asked = revisions[revisions["destination"].isin(answers["destination"])]
    index = pd.PeriodIndex(asked["month"], freq="M")
    added = index[asked["change"] == "added"]
    if added.empty or added.min() <= (end := pd.Period(answers["end"].max(), freq="M")):
        return {}
    earlier = int((index <= end).sum())
    return {"first": added.min(), "last": added.max(), "end": end, "earlier": earlier}


def drawn_together(answers: pd.DataFrame) -> pd.DataFrame:
    """The rows of the window asked about for most destinations, one study for each of them.

    Empty where no vintage tells such an effect; at most MOST_DRAWN destinations.
    """
    asked = answers[answers["headline"] == "counterfactual"]
    told = asked.dropna(subset="estimate")
    if told.empty:
        return told
    counts = told.groupby(["start", "end"])["destination"].nunique()
    start, end = counts.index[int(counts.to_numpy().argmax())]
    own = told[(told["start"] == start) & (told["end"] == end)]
    first = own.drop_duplicates("destination")["study"].iloc[:MOST_DRAWN]
    return asked[asked["study"].isin(first)]
