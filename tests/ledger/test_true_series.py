"""When every figure is right, none is doubted and the truth lies within the bounds."""

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from ledger import reconcile
from made_up import SERIES, about, row, shown, tables

INDEX = pd.period_range("2024-01", periods=16, freq="M")
COLUMNS = ["DEU", "JPN", "USA", "WLD"]
tonnes = st.floats(0.5, 20000, allow_nan=False, allow_infinity=False)
PERIODS = st.integers(0, len(INDEX) - 1).flatmap(
    lambda start: st.tuples(st.just(start), st.integers(start, len(INDEX) - 1))
)


@st.composite
def truths(draw):
    values = draw(st.lists(st.tuples(*[tonnes] * 4), min_size=16, max_size=16))
    frame = pd.DataFrame(values, index=INDEX, columns=COLUMNS)
    return frame.assign(WLD=frame.sum(axis=1))


@st.composite
def figures_of(draw, true):
    place = draw(st.sampled_from([*COLUMNS, "GRP_WLD-USA", "GRP_DEU+JPN"]))
    series = {"GRP_WLD-USA": true["WLD"] - true["USA"], "GRP_DEU+JPN": true["DEU"] + true["JPN"]}
    values = series.get(place, true.get(place))
    start, end = draw(PERIODS)
    back = {"pct_change_month": end - start + 1, "pct_change_year": 12}
    measure = draw(st.sampled_from(["tonnes", "share_pct", *back]))
    amount = values.iloc[start : end + 1].sum()
    if measure in back:
        if start < back[measure]:
            measure = "tonnes"
        else:
            before = values.iloc[start - back[measure] : end + 1 - back[measure]].sum()
            amount = 100 * (amount / before - 1)
    if measure == "share_pct":
        amount = 100 * amount / true["WLD"].iloc[start : end + 1].sum()
    decimals, cut, roughly = draw(st.tuples(st.integers(0, 3), st.booleans(), st.booleans()))
    value = about(amount) if roughly else shown(amount, decimals, cut)
    room = draw(st.sampled_from(["A", "B"]))
    return row(place, INDEX[start], INDEX[end], measure, value, room, roughly)


@st.composite
def consistent_ledgers(draw):
    true = draw(truths())
    return true, draw(st.lists(figures_of(true), min_size=1, max_size=25))


@settings(max_examples=60, deadline=None)
@given(consistent_ledgers())
def test_the_truth_lies_within_the_bounds(ledger):
    true, rows = ledger
    result = reconcile(*tables(rows), SERIES)
    assert result.count("kept") == len(result.doubt.verdicts)
    assert result.rejected_figures.empty
    true = true.assign(**{"GRP_WLD-USA": true["WLD"] - true["USA"]})
    true = true.assign(**{"GRP_DEU+JPN": true["DEU"] + true["JPN"]})
    for cell in result.exports.itertuples():
        tonnes = true.loc[pd.Period(cell.month, "M"), cell.destination]
        allowed = 1e-6 * max(tonnes, 1)
        assert cell.lower - allowed <= tonnes <= cell.upper + allowed
