"""The rows and the sentence of a counterfactual, made from its numbers."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from effects.average import FittedWindow
from effects.conformal import Conformal
from effects.placebo import ENOUGH
from effects.question import Question
from effects.recovery import RUN, Recovery
from effects.results import effect_table, percent_of, probability, signed
from effects.samples import row_at, time_word
from effects.spans import during, period_name

Row = Mapping[str, object]


def account(
    fitted: FittedWindow,
    sums: Mapping[str, pd.DataFrame],
    path: pd.DataFrame,
    permutation: Conformal,
    back: Recovery,
) -> pd.DataFrame:
    """One row an estimand. `sums`: running sums since the window's start and the baseline's end."""
    question = fitted.question
    average = fitted.row()
    common = average | {"unit": question.unit, "p_value": np.nan}
    bare = {"lower": np.nan, "upper": np.nan, "level": np.nan}
    rows: list[Row] = [
        average,
        average
        | bare
        | {"estimator": "placebo dates", "p_value": fitted.placebos.p_value(fitted.effect)},
        average | _permuted(permutation),
        *_sums(common, question, sums),
        common | {"unit": "%", "estimand": WINDOW_SHARE} | _share(question, sums[WINDOW_SUM]),
        common | _trough(path.loc[question.start : question.end]),
        common | bare | _recovery(question, back),
    ]
    return effect_table(rows)


def _permuted(test: Conformal) -> dict[str, object]:
    """An end that the test cannot tell is left empty."""
    ends = np.array([test.lower, test.upper])
    lower, upper = 100 * np.expm1(np.where(np.isinf(ends), np.nan, ends))
    return {
        "estimator": "conformal permutation",
        "p_value": test.p_value,
        "lower": lower,
        "upper": upper,
    }


def _sums(
    common: dict[str, object], question: Question, sums: Mapping[str, pd.DataFrame]
) -> list[Row]:
    rows: list[Row] = []
    for estimand, running in sums.items():
        for count in dict.fromkeys([len(running.loc[: question.end]), len(running)]):
            part = running.iloc[:count]
            told = {"start": str(part.index[0]), "end": str(part.index[-1]), "n_post": count}
            numbers = {str(name): value for name, value in part.iloc[-1].items()}
            rows.append({**common, **told, "estimand": estimand, **numbers})
    return rows


def _share(question: Question, running: pd.DataFrame) -> dict[str, object]:
    """The window's sum in percent of the counterfactual's: of what was to be expected in all.

    What is observed is known, so the share's quantiles are those of the sum.
    """
    sums = running.loc[: question.end].iloc[-1]
    observed = float(np.exp(question.within).sum())
    return {str(name): 100 * value / (observed - value) for name, value in sums.items()}


def _trough(window: pd.DataFrame) -> dict[str, object]:
    month = (window["observed"] / window["counterfactual"]).idxmin()
    row = row_at(window, month)
    ratio = 100 * (row["observed"] / row - 1)
    return {
        "estimand": "trough",
        "start": str(month),
        "end": str(month),
        "estimate": ratio["counterfactual"],
        "lower": ratio["upper"],
        "upper": ratio["lower"],
        "unit": "%",
        "n_post": 1,
    }


def _recovery(question: Question, back: Recovery) -> dict[str, object]:
    """Zero where no period fell below the bound; missing where it was not back by the last one."""
    periods = np.nan if back.period is None else back.period.ordinal - question.start.ordinal
    if back.never_below:
        periods = 0.0
    end = question.logs.index[-1] if back.period is None else back.period
    return {
        "estimand": "periods to recovery",
        "end": str(end),
        "estimate": periods,
        "unit": "periods",
        "n_post": len(question.logs.loc[question.start : end]),
    }


def sentence(question: Question, table: pd.DataFrame, back: Recovery, placebo_dates: int) -> str:
    """What happened, how sure, how much, and since when it is over."""
    average = table.iloc[0]
    word = time_word(question.start.freqstr)
    direction = "below" if average["estimate"] < 0 else "above"
    several = len(question.within) > 1
    when = during(question.start, question.end)
    told = f"{percent_of(question.level)} % interval"
    return (
        f"{when}{_observed(question, word)} {question.name} ran {'on average ' if several else ''}"
        f"{abs(average['estimate']):.0f} % {direction} what the {word}s "
        f"to {period_name(question.baseline_end)} led one to expect ({told} "
        f"{signed(average['lower'])} % to {signed(average['upper'])} %, "
        f"{probability(average['p_value'])}): {_in_sum(question, table, several)}. "
        f"{recovery_sentence(back, word)}{_few(placebo_dates)}"
    )


def _observed(question: Question, word: str) -> str:
    """How much of the window is observed, where that is not all."""
    if question.length == len(question.within):
        return ""
    return f" ({len(question.within)} of {question.length} {word}s observed)"


def _in_sum(question: Question, table: pd.DataFrame, several: bool) -> str:
    """The window's sum, and for several periods its share of what was to be expected in all."""
    rows = table.drop_duplicates("estimand").set_index("estimand")
    total, share = row_at(rows, WINDOW_SUM), row_at(rows, WINDOW_SHARE)
    tonnes = (
        f"{signed(total['estimate'])} {question.unit} "
        f"({signed(total['lower'])} to {signed(total['upper'])})"
    )
    if not several:
        return tonnes
    less = "less" if share["estimate"] < 0 else "more"
    return f"in sum {tonnes}, {abs(share['estimate']):.0f} % {less} than expected"


def _few(placebo_dates: int) -> str:
    """What a reader must know of an interval that few dates have tried."""
    if placebo_dates >= ENOUGH:
        return ""
    return (
        f" The interval could be tried at only {placebo_dates} earlier quiet dates: take it with "
        "caution."
    )


WINDOW_SUM = "cumulative effect"
WINDOW_SHARE = "share of the expected sum"
_COUNT = {2: "two", 3: "three", 4: "four"}
NET_SUM = "cumulative effect since the baseline"


def recovery_sentence(back: Recovery, word: str) -> str:
    """When the series was back; `word` is what a period is called."""
    if back.never_below:
        return f"No {word} fell below the lower 80 % bound."
    if back.period is None:
        return f"No run of {_COUNT[RUN]} {word}s above the lower 80 % bound has been seen since."
    return (
        f"Recovery began in {period_name(back.period)}, the first of {_COUNT[RUN]} {word}s in a "
        "row above the lower 80 % bound."
    )
