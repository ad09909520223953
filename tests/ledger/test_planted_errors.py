"""Errors planted in a consistent ledger are found, alone, and told for what they are."""

import pytest
from contracts import TableError
from ledger import examples, explain, reconcile
from made_up import SERIES, ledger, row, shown, tables, totals, truth

TRUE = truth()
MONTH = "2024-07"
RARE_EARTHS = "rare_earths_raw"


def planted(place, start, end, measure, wrong, others=()):
    """The consistent ledger with one figure changed, the index of that figure, and its result."""
    rows = ledger(TRUE)
    [at] = [
        number
        for number, figure in enumerate(rows)
        if figure == row(place, start, end, measure, figure["value"], figure["source_id"])
    ]
    rows[at] = rows[at] | {"value": wrong(rows[at]["value"])}
    return f"f{at}", reconcile(*tables([*rows, *others]), SERIES)


def assert_found_alone(figure_id, result, reading):
    assert result.rejected_figures["figure_id"].tolist() == [figure_id]
    assert result.rejected_figures["verdict"].tolist() == ["rejected"]
    assert reading in result_readings(result, figure_id)


def result_readings(result, figure_id):
    return explain(result, figure_id).readings


def test_nothing_is_doubted_in_the_consistent_ledger():
    result = reconcile(*tables(ledger(TRUE)), SERIES)
    assert result.rejected_figures.empty
    assert result.narrow_months("USA") == len(TRUE)


@pytest.mark.parametrize("years", [-1, 1])
def test_another_year(years):
    elsewhere = shown(TRUE.loc[str(2024 + years) + "-05", "WLD"], 0)
    found = planted("WLD", "2024-05", "2024-05", "tonnes", lambda _: elsewhere)
    assert_found_alone(*found, f"the figure of May {2024 + years}")


def test_another_series():
    others = [row("WLD", MONTH, MONTH, "tonnes", "4343.5", "Paper", series=RARE_EARTHS)]
    found = planted("WLD", MONTH, MONTH, "tonnes", lambda _: "4343.5", others)
    assert_found_alone(*found, f"the series {RARE_EARTHS}")


def test_the_change_of_another_series():
    others = [
        row("USA", "2024-06", "2024-06", "tonnes", "1000", "Paper", series=RARE_EARTHS),
        row("USA", MONTH, MONTH, "tonnes", "4000", "Paper", series=RARE_EARTHS),
    ]
    found = planted("USA", MONTH, MONTH, "pct_change_month", lambda _: "300.0", others)
    assert_found_alone(*found, f"the series {RARE_EARTHS}")


def test_swapped_digits():
    def swap(value):
        return value[1] + value[0] + value[2:]

    meant = shown(TRUE.loc["2024-10", "WLD"], 0)
    assert meant[0] != meant[1]
    found = planted("WLD", "2024-10", "2024-10", "tonnes", swap)
    assert_found_alone(*found, f"two digits swapped, {int(meant):,} was meant")


def test_a_factor_of_a_thousand():
    meant = shown(TRUE.loc[MONTH, "DEU"], 0)
    found = planted("DEU", MONTH, MONTH, "tonnes", lambda value: value + "000")
    assert_found_alone(*found, f"1,000 times too large, {int(meant):,} was meant")


def test_the_month_printed_as_the_total():
    meant = shown(TRUE.loc["2024-11", "JPN"], 0)
    found = planted("JPN", "2024-01", "2024-11", "tonnes", lambda _: meant)
    assert_found_alone(*found, "the figure of November 2024 alone")


def test_the_change_on_the_year_printed_as_that_on_the_month():
    change = shown(100 * (TRUE.loc["2024-08", "USA"] / TRUE.loc["2023-08", "USA"] - 1), 1)
    found = planted("USA", "2024-08", "2024-08", "pct_change_month", lambda _: change)
    assert_found_alone(*found, "the change on the year before")


def test_several_errors_at_once():
    rows = ledger(TRUE)
    wrong = [n for n, figure in enumerate(rows) if figure["measure"] == "tonnes"][5:80:15]
    for at in wrong:
        rows[at] = rows[at] | {"value": f"{int(rows[at]['value']) * 3}"}
    result = reconcile(*tables(rows), SERIES)
    assert sorted(result.rejected_figures["figure_id"]) == sorted(f"f{at}" for at in wrong)


def test_a_figure_off_by_rounding_is_a_mismatch_and_still_counts():
    def bump(value):
        return str(int(value) + 3)

    figure_id, result = planted("WLD", "2024-01", "2024-10", "tonnes", bump)
    assert result.rejected_figures["figure_id"].tolist() == [figure_id]
    assert result.rejected_figures["verdict"].tolist() == ["mismatch"]


def test_reprints_of_one_newsroom_do_not_outvote_two_newsrooms():
    def printed_by(room, value):
        return row("USA", "2024-03", "2024-03", "tonnes", value, room)

    rows = [*[printed_by("Agency", "600")] * 9, printed_by("Bureau", "500")]
    rows += [printed_by("Paper", "500")]
    result = reconcile(*tables(rows), SERIES)
    assert set(result.rejected_figures["stated"]) == {"600"}
    assert len(result.rejected_figures) == 9


def test_bounds_of_a_remainder_are_joint():
    total = sum(float(figure["value"]) for figure in totals(TRUE)[:1])
    rows = [
        row("WLD", "2024-03", "2024-03", "tonnes", "5000"),
        row("USA", "2024-03", "2024-03", "share_pct", "50.000"),
        row("GRP_WLD-USA", "2024-03", "2024-03", "pct_change_year", "0.0"),
    ]
    assert total > 0
    exports = reconcile(*tables(rows), SERIES).exports.set_index(["destination", "month"])
    rest = exports.loc[("GRP_WLD-USA", "2024-03-01")]
    # half of [4999.5, 5001], less a share of up to 50.001 %; apart, the ends would be 2498.5
    assert rest["lower"] == pytest.approx(4999.5 * 0.49999)
    assert rest["upper"] == pytest.approx(5001 * 0.500005)


def test_a_series_that_is_not_in_the_ledger():
    with pytest.raises(TableError, match=f"found 'magnets', but no tonnage.* known are {SERIES}"):
        reconcile(*tables(ledger(TRUE)[:3]), "magnets")


def test_a_group_that_is_asked_for_is_bounded_though_no_page_prints_it():
    rows = [
        row("WLD", "2024-03", "2024-03", "tonnes", "5000"),
        row("USA", "2024-03", "2024-03", "tonnes", "600"),
        row("USA", "2024-04", "2024-04", "tonnes", "700"),
    ]
    assert "GRP_WLD-USA" not in set(reconcile(*tables(rows), SERIES).exports["destination"])
    asked = reconcile(*tables(rows), SERIES, groups=["GRP_WLD-USA", "GRP_WLD-DEU"]).exports
    [rest] = asked[asked["destination"].str.startswith("GRP_")].itertuples()
    assert (rest.destination, f"{rest.month:%Y-%m}") == ("GRP_WLD-USA", "2024-03")
    assert (rest.lower, rest.upper) == pytest.approx((4999.5 - 601, 5001 - 599.5))


def test_a_kind_of_slip_is_shown_by_the_figure_furthest_off():
    others = [row("WLD", MONTH, MONTH, "tonnes", "4343.5", "Paper", series=RARE_EARTHS)]
    name, result = planted("WLD", MONTH, MONTH, "tonnes", lambda _: "4343.5", others)
    assert {kind: told.figure.name for kind, told in examples(result).items()} == {
        "another series": name
    }
    assert examples(reconcile(*tables(ledger(TRUE)), SERIES)) == {}


def test_months_in_a_row_are_told_as_spans():
    spoken = [("2024-02", "1"), ("2023-12", "2"), ("2024-01", "3"), ("2024-05", "4")]
    rows = [row("USA", month, month, "tonnes", f"{value}000") for month, value in spoken]
    spans = reconcile(*tables(rows), SERIES).spans("USA")
    assert [(str(a), str(b)) for a, b in spans] == [("2023-12", "2024-02"), ("2024-05", "2024-05")]
