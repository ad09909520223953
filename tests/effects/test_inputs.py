"""What users hold, put through every estimator: answered rightly, or one EffectError."""

from __future__ import annotations

import datetime
import warnings
from collections.abc import Callable
from functools import cache

import numpy as np
import pandas as pd
import pytest
from effects import (
    EffectError,
    average_effect,
    breaks,
    bridge,
    common_shifts,
    counterfactual,
    diversion,
    null_innovations,
    panel,
    regimes,
    swing,
    swings,
    synthetic_control,
    textbook,
    volatility,
)
from effects.forecasts import outlook, seasonal_naive
from effects.ranks import rank_among
from effects.samples import as_period

Asked = Callable[..., object]
MONTHS = pd.period_range("2020-01", "2025-12", freq="M")


def made() -> pd.DataFrame:
    """Six years of eight units that wander about 100 and halve in April 2025."""
    frame = pd.DataFrame(
        np.exp(4.6 + 0.1 * np.random.default_rng(3).standard_normal((72, 8))),
        index=MONTHS,
        columns=list("ABCDEFGH"),
    )
    frame["A"] *= 20
    frame.loc["2025-04", "A"] *= 0.5
    return frame


def ahead(series: pd.Series) -> object:
    return outlook(series, {"same": seasonal_naive}).table


def ranked(frame: pd.DataFrame, treated: object) -> object:
    base, window = pd.period_range("2025-01", periods=3, freq="M"), MONTHS[63:64]
    return rank_among(frame, treated, base, window).table  # type: ignore[arg-type]


def under_a_regime(series: pd.Series) -> object:
    late = np.asarray(MONTHS >= "2025-04", dtype=float)
    return regimes(series, pd.DataFrame({"late": late}, MONTHS)).table


OF_SERIES: dict[str, Asked] = {
    "average_effect": lambda s: average_effect(s, "2025-04").table,
    "breaks": lambda s: breaks(s, most=1).table,
    "counterfactual": lambda s: counterfactual(s, "2025-04", "2025-04").table,
    "null_innovations": lambda s: null_innovations(s, "2025-04").reset_index(drop=True),
    "outlook": ahead,
    "regimes": under_a_regime,
    "swing": lambda s: swing(s, "2025-04").table,
    "swings": lambda s: swings(s, baseline_end="2025-03"),
    "textbook": lambda s: textbook(s, "2025-04").table,
    "volatility": lambda s: volatility(s, "2025-04").table,
}
OF_FRAMES: dict[str, Asked] = {
    "bridge": lambda f, a="A": bridge(f, f, f, "2025-04", total=a).parts,
    "common_shifts": lambda f, a="A": common_shifts(f, "2025-04"),
    "diversion": lambda f, a="A": diversion(f, a, "2025-04").table,
    "panel": lambda f, a="A": panel(f, a, "2025-04").table,
    "rank_among": ranked,
    "synthetic_control": lambda f, a="A": synthetic_control(f, a, "2025-04").table,
}


def put(name: str, held: object, unit: object = "A") -> object:
    """What an estimator makes of a frame, or of its first column."""
    if name in OF_FRAMES:
        return OF_FRAMES[name](held, unit)
    whole = isinstance(held, pd.DataFrame)
    return OF_SERIES[name](held["A"] if whole else held)  # type: ignore[index]


@cache
def plain(name: str) -> object:
    """The answer to the frame as it is made."""
    return put(name, made())


SAME: dict[str, Callable[[pd.DataFrame], pd.DataFrame]] = {
    "text numbers": lambda f: f.astype(str),
    "objects": lambda f: f.astype(object),
    "nullable": lambda f: f.astype("Float64"),
    "unsorted": lambda f: f.sample(frac=1, random_state=1),
    "named index": lambda f: f.rename_axis("month"),
    "timestamps": lambda f: f.set_axis(f.index.to_timestamp()),
    "month ends": lambda f: f.set_axis(f.index.to_timestamp("M")),
    "objects that are periods": lambda f: f.set_axis(pd.Index(list(f.index), dtype=object)),
}
"""Other ways of holding the same numbers."""
REFUSED: dict[str, tuple[Callable[[pd.DataFrame], object], str]] = {
    "words": (lambda f: f.astype(str) + " t", "which is no number"),
    "bools": (lambda f: f > 100, "which is no number"),
    "dates": (lambda f: f.apply(pd.to_datetime), "which is no number"),
    "plus infinity": (lambda f: f.replace(f.iloc[5, 0], np.inf), "2020-06: found inf"),
    "minus infinity": (lambda f: f.replace(f.iloc[5, 0], -np.inf), "2020-06: found -inf"),
    "doubled periods": (lambda f: pd.concat([f, f.iloc[:1]]), "period 2020-01 comes twice"),
    "time zone": (lambda f: f.set_axis(f.index.to_timestamp().tz_localize("UTC")), "a time zone"),
    "texts as index": (lambda f: f.set_axis(f.index.astype(str)), "a PeriodIndex is needed"),
    "no index": (lambda f: f.reset_index(drop=True), "the index is a RangeIndex"),
    "irregular dates": (lambda f: f.set_axis(f.index.to_timestamp()).drop("2022-03"), "Datetime"),
    "no period": (lambda f: f.set_axis([pd.NaT, *f.index[1:]]), "PeriodIndex|no period at place"),
    "no table": (lambda f: f.to_numpy(), "found a ndarray, needs"),
    "a list": (lambda f: f["A"].tolist(), "found a list, needs"),
}


@pytest.mark.parametrize("kind", SAME)
@pytest.mark.parametrize("name", OF_SERIES | OF_FRAMES)
def test_the_same_numbers_give_the_same_answer(name: str, kind: str) -> None:
    found = [plain(name), put(name, SAME[kind](made()))]
    getattr(pd.testing, f"assert_{'series' if name == 'null_innovations' else 'frame'}_equal")(
        *found, check_index_type=False, check_names=False
    )


@pytest.mark.parametrize("kind", REFUSED)
@pytest.mark.parametrize("name", OF_SERIES | OF_FRAMES)
def test_what_cannot_be_read_is_refused_by_name(name: str, kind: str) -> None:
    spoil, says = REFUSED[kind]
    held = spoil(made())
    with pytest.raises(EffectError, match=says):
        put(name, held)


@pytest.mark.parametrize("name", OF_SERIES)
def test_a_frame_of_one_column_is_its_series_and_of_more_is_refused(name: str) -> None:
    assert OF_SERIES[name](made()[["A"]]) is not None
    with pytest.raises(EffectError, match="found a DataFrame of 2 columns, needs one pandas Se"):
        OF_SERIES[name](made()[["A", "B"]])
    with pytest.raises(EffectError, match="the series has 0 observed periods"):
        OF_SERIES[name](made()["A"] * np.nan)


@pytest.mark.parametrize("name", OF_FRAMES)
def test_columns_may_be_numbers_and_one_that_is_gone_is_refused(name: str) -> None:
    whole = made()
    numbered = whole.set_axis(range(8), axis="columns")
    one, two = (
        pd.DataFrame(put(name, frame, unit)).select_dtypes("number").to_numpy()
        for frame, unit in ((whole, "A"), (numbered, 0))
    )
    np.testing.assert_allclose(one, two)
    if name != "common_shifts":
        with pytest.raises(EffectError, match="X"):
            put(name, whole, "X")
    with pytest.raises(EffectError, match="unit A comes twice in the frame"):
        put(name, whole[["A", "A", "B", "C"]])
    with pytest.raises(EffectError, match="needs a pandas DataFrame of periods"):
        put(name, whole["A"])


WINDOWS: dict[str, Callable[[object], object]] = {
    "average_effect": lambda when: average_effect(made()["A"], when),
    "bridge": lambda when: bridge(made(), made(), made(), when, total="A"),
    "common_shifts": lambda when: common_shifts(made(), when),
    "counterfactual": lambda when: counterfactual(made()["A"], when),
    "baseline_end": lambda when: counterfactual(made()["A"], "2025-12", baseline_end=when),
    "quiet_end": lambda when: counterfactual(made()["A"], "2025-12", quiet_end=when),
    "diversion": lambda when: diversion(made(), "A", when),
    "null_innovations": lambda when: null_innovations(made()["A"], when),
    "panel": lambda when: panel(made(), "A", when),
    "swing": lambda when: swing(made()["A"], when),
    "swings": lambda when: swings(made()["A"], baseline_end=when),
    "synthetic_control": lambda when: synthetic_control(made(), "A", when),
    "textbook": lambda when: textbook(made()["A"], when),
    "volatility": lambda when: volatility(made()["A"], when),
}  # type: ignore[dict-item]


@pytest.mark.parametrize(
    "when",
    [
        "03/04/2025", "4/2025", "04-2025", "202504", "April", "2025-13", "2025-04-15", "", 2025,
        2025.5, None, True, np.nan, pd.NaT, pd.Period("2025-04-15", "D"),
        pd.Timestamp("2025-04-15"), pd.Timestamp("2025-04-01", tz="UTC"), ["2025-04"],
        "2025-03-31/2025-04-06",
    ],
    ids=repr,
)  # fmt: skip
@pytest.mark.parametrize("name", WINDOWS)
def test_a_window_that_is_not_its_periods_is_refused(name: str, when: object) -> None:
    if when is None and name in ("baseline_end", "quiet_end"):
        return
    with pytest.raises(EffectError, match=r"^found .* such as"):
        WINDOWS[name](when)


@pytest.mark.parametrize(
    "when",
    [
        "2025-04", "2025-04-01", pd.Period("2025-04", "M"), pd.Timestamp("2025-04-01"),
        datetime.date(2025, 4, 1), np.datetime64("2025-04-01"), pd.Period("2025-04-01", "D"),
    ],
    ids=repr,
)  # fmt: skip
@pytest.mark.parametrize("name", WINDOWS)
def test_a_month_may_be_named_in_several_ways(name: str, when: object) -> None:
    assert WINDOWS[name](when) is not None


def index(frequency: str) -> pd.PeriodIndex:
    return pd.period_range("2020-01-01", periods=40, freq=frequency)


@pytest.mark.parametrize(
    ("value", "frequency", "side", "says"),
    [
        ("2021", "M", "start", "2021-01"),
        ("2021", "M", "end", "2021-12"),
        ("2021Q2", "M", "start", "2021-04"),
        ("2021-Q2", "M", "end", "2021-06"),
        ("2021-03-31", "M", "end", "2021-03"),
        ("2021", "Q", "end", "2021Q4"),
        ("2021-02", "D", "end", "2021-02-28"),
        ("2020-03-04", "W", "only", "2020-03-02/2020-03-08"),
        ("2020-03-02/2020-03-08", "W", "start", "2020-03-02/2020-03-08"),
        ("2021", "Y-JUN", "only", "2021"),
        ("2020-01-01 05:00", "h", "only", "2020-01-01 05:00"),
    ],
)
def test_longer_and_shorter_periods_are_their_first_or_last(
    value: str, frequency: str, side: str, says: str
) -> None:
    assert str(as_period(value, index(frequency), side)) == says  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("value", "frequency", "side"),
    [
        ("2021", "M", "only"),
        ("2021-02", "Q", "start"),
        ("2021-03-31", "M", "start"),
        ("2020-03", "W", "start"),
        ("2021-06", "Y", "start"),
        ("2020-03-03/2020-03-09", "W", "start"),
        (pd.Period("2021Q2", "Q-FEB"), "Q", "start"),
    ],
)
def test_periods_that_do_not_fit_are_refused(value: str, frequency: str, side: str) -> None:
    with pytest.raises(EffectError, match="found '"):
        as_period(value, index(frequency), side)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda f: f.iloc[:-1], "regressor 'x' has no value at 2025-12"),
        (lambda f: f.astype(str) + "?", "regressors: x, 2020-01: found '0.0"),
        (lambda f: f.replace(0.0, np.inf), "regressors: x, 2020-01: found inf"),
        (lambda f: pd.concat([f, f]), "regressors: period 2020-01 comes twice"),
        (lambda f: f.set_axis(pd.period_range("2020-01-06", periods=72, freq="W")), "frequency W"),
        (lambda f: f["x"].tolist(), "regressors: found a list"),
        (lambda f: f.reset_index(drop=True), "regressors: the index is a RangeIndex"),
    ],
)
@pytest.mark.parametrize("asked", [counterfactual, swing, textbook, volatility, null_innovations])
def test_regressors_that_cannot_be_read_are_refused(asked: Asked, spoil: Asked, says: str) -> None:
    frame = pd.DataFrame({"x": np.arange(72.0) % 7}, index=MONTHS)
    assert asked(made()["A"], "2025-04", regressors=frame["x"]) is not None
    assert asked(made()["A"], "2025-04", regressors=frame > 3) is not None
    with pytest.raises(EffectError, match=says):
        asked(made()["A"], "2025-04", regressors=spoil(frame))


@pytest.mark.parametrize("level", ["0.95", None, True])
def test_a_level_that_is_no_number_is_refused(level: object) -> None:
    for asked in (counterfactual, swing, volatility):
        with pytest.raises(EffectError, match="level is"):
            asked(made()["A"], "2025-04", level=level)  # type: ignore[arg-type]


@pytest.mark.parametrize("count", ["3", 2.5, True, 0])
@pytest.mark.parametrize("name", ["trim", "most"])
def test_counts_that_are_none_are_refused(name: str, count: object) -> None:
    with pytest.raises(EffectError, match=f"{name} is {count}; needs a whole number"):
        breaks(made()["A"], **{name: count})  # type: ignore[arg-type]


def test_bounds_that_do_not_hold_the_value_are_refused() -> None:
    frame = made()
    with pytest.raises(EffectError, match=r"B, 2025-03: found the value .* with bounds nan"):
        bridge(frame, frame.drop(columns="B"), frame, "2025-04", total="A")
    two = frame[["B", "C"]]
    with pytest.raises(EffectError, match="B, 2025-03: found the value"):
        bridge(two, two + 1, two + 2, "2025-04", total="B")


def test_business_days_are_days_of_which_two_are_missing() -> None:
    days = pd.bdate_range("2022-11-01", "2024-12-31")
    year = 0.3 * np.sin(2 * np.pi * np.asarray(days.day_of_year) / 365.25)
    noise = 0.05 * np.random.default_rng(4).standard_normal(len(days))
    series = pd.Series(np.exp(5 + year + noise), index=days)
    found = average_effect(series, "2024-12-23", "2024-12-27")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        other = average_effect(series.to_period("B"), "2024-12-23", "2024-12-27")
    pd.testing.assert_frame_equal(found.table, other.table)
    row = found.table.iloc[0]
    assert row["n_post"] == 5
    assert row["lower"] < 0 < row["upper"]
    assert row["upper"] - row["lower"] < 20
