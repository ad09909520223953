"""How levels, intervals and windows are said."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from bs4 import BeautifulSoup
from effects import EffectError, diversion, panel, specification_curve, synthetic_control
from effects.families import holm
from effects.inversion import interval_words
from effects.results import can_reject, percent_of
from IPython.core.formatters import HTMLFormatter
from words import during

ESTIMATORS = [
    panel,
    synthetic_control,
    lambda frame, unit, *window: diversion(frame, unit, *window),
]


@pytest.mark.parametrize(
    ("level", "words"),
    [(0.95, "95"), (0.975, "97.5"), (0.995, "99.5"), (0.999, "99.9"), (0.57, "57"), (0.9, "90")],
)
def test_levels_are_neither_rounded_nor_noisy(level: float, words: str) -> None:
    assert percent_of(level) == words


@pytest.mark.parametrize(
    ("floor", "level", "can"), [(0.05, 0.95, True), (0.1, 0.9, True), (0.051, 0.95, False)]
)
def test_a_floor_that_is_the_error_allowed_can_reject(
    floor: float, level: float, can: bool
) -> None:
    """1 − 0.9 is less than 0.1 in floats."""
    assert can_reject(floor, level) == can


@pytest.mark.parametrize(
    ("lower", "upper", "floor", "words"),
    [
        (-90.0, 20.0, 0.04, "95 % interval −90 % to +20 %"),
        (-90.0, np.nan, 0.04, "95 % interval from −90 % on, no upper end found"),
        (np.nan, 20.0, 0.04, "95 % interval up to +20 %, no lower end found"),
        (np.nan, np.nan, 0.04, "no end of the 95 % interval found"),
        (np.nan, np.nan, 0.20, "no 95 % interval with so few units"),
    ],
)
def test_an_end_that_was_not_found_is_said_to_be_missing(
    lower: float, upper: float, floor: float, words: str
) -> None:
    row = pd.Series({"lower": lower, "upper": upper, "level": 0.95})
    assert interval_words(row, floor, unit=" %") == words


def test_a_window_of_one_period_is_in_it() -> None:
    april = pd.Period("2025-04", freq="M")
    assert during(april, april) == "In April 2025"
    assert during(april, april + 1) == "From April to May 2025"


def units(index: pd.PeriodIndex) -> pd.DataFrame:
    """Twenty-two units that wander about 400."""
    random = np.random.default_rng(1)
    values = 400 * np.exp(0.1 * random.standard_normal((len(index), 22)))
    return pd.DataFrame(values, index=index, columns=[f"C{place}" for place in range(22)])


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_sentences_about_one_month_say_in(estimator) -> None:  # type: ignore[no-untyped-def]
    frame = units(pd.period_range("2021-01", "2025-12", freq="M"))
    assert estimator(frame, "C0", "2025-04", "2025-04").sentence.startswith("In April 2025 the ")
    assert estimator(frame, "C0", "2025-04", "2025-05").sentence.startswith(
        "From April to May 2025"
    )


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_sentences_about_weeks_name_them(estimator) -> None:  # type: ignore[no-untyped-def]
    frame = units(pd.period_range("2022-06-06", periods=60, freq="W"))
    start, end = frame.index[52], frame.index[53]
    assert estimator(frame, "C0", start, end).sentence.startswith(f"From {start} to {end} the ")


@pytest.mark.parametrize("estimator", [panel, synthetic_control])
@pytest.mark.parametrize(("level", "words"), [(0.90, "90 % interval"), (0.975, "no 97.5 % inter")])
def test_intervals_are_said_by_their_level(estimator, level: float, words: str) -> None:  # type: ignore[no-untyped-def]
    frame = units(pd.period_range("2021-01", "2025-12", freq="M"))
    assert words in estimator(frame, "C0", "2025-04", level=level).sentence


def test_a_curve_of_too_few_shifts_says_its_level() -> None:
    with pytest.raises(EffectError, match=r"cannot show an effect at the 99\.5 % level"):
        specification_curve(pd.DataFrame(np.ones((20, 3))), level=0.995)


def test_a_result_shows_itself_in_a_notebook() -> None:
    """What JupyterLab prints of a result: its sentence and its table, and no markup of theirs."""
    tests = pd.Series({"a <b>": 0.012, "c": 0.5})
    shown = HTMLFormatter()(holm(tests, 0.95))
    assert shown is not None
    page = BeautifulSoup(shown, "html.parser")
    assert page.p is not None
    assert page.p.text == holm(tests, 0.95).sentence
    assert [cell.text for cell in page.select("tbody tr:first-child td")] == [
        "a <b>",
        "0.012",
        "0.024",
    ]
