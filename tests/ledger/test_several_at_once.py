"""Series that hold each other, parts that bear on nothing, and a search that runs out of time."""

import numpy as np
import pandas as pd
import pytest
from ledger import reconcile
from ledger.constraints import build_system, ratio
from ledger.doubt import cheapest_doubt
from ledger.programmes import Programme, extents
from ledger.reconciliation import still_known
from made_up import SERIES, ledger, row, tables, truth

from analysis.sources import load_figures, load_products, load_sources
from analysis.study import ROOT
from benchmarks.calibration.ledger import SEED, plant, planted_in, shipped
from benchmarks.growth import copies, spoil

RAW = ROOT / "data" / "raw"
MONTH = "2024-03"
PRODUCTS = pd.DataFrame(
    [(SERIES, "wider", ""), ("wider", "all", "some"), ("raw", "all", ""), ("all", "", "all")],
    columns=["series", "part_of", "parts"],
)


def printed(series, value, month=MONTH, place="WLD"):
    return row(place, month, month, "tonnes", value, series=series)


def test_a_part_is_what_the_whole_leaves_of_it():
    # all in [99.5, 101], raw in [39.5, 41]: the rest in [58.5, 61.5]
    rows = [printed("all", "100"), printed("raw", "40"), printed("wider", "9", place="USA")]
    exports = reconcile(*tables(rows), "wider", products=PRODUCTS).exports
    world = exports.set_index("destination").loc["WLD"]
    assert (world["lower"], world["upper"]) == pytest.approx((58.5, 61.5))


def test_a_part_is_at_most_what_holds_it():
    rows = [printed("all", "100"), printed("raw", "40"), printed(SERIES, "20", place="USA")]
    rows.append(row("WLD", "2024-02", MONTH, "tonnes", "200"))
    rows.append(row("WLD", "2024-02", "2024-02", "pct_change_year", "-100"))
    # of two months' [199.5, 201] this one has at most 61.5, at least what went to the USA
    exports = reconcile(*tables(rows), SERIES, products=PRODUCTS).exports
    cells = exports[exports["destination"] == "WLD"].set_index("month")
    assert cells.loc["2024-03-01", ["lower", "upper"]].tolist() == pytest.approx([19.5, 61.5])
    assert cells.loc["2024-02-01", ["lower", "upper"]].tolist() == pytest.approx([138.0, 181.5])


def test_a_figure_of_one_series_contradicts_one_of_another():
    rows = [printed("all", "100"), printed("all", "100.0"), printed("raw", "40")]
    rows += [printed("raw", "40.0"), printed(SERIES, "70")]
    result = reconcile(*tables(rows), SERIES, products=PRODUCTS)
    assert result.rejected_figures["stated"].tolist() == ["70"]
    assert result.rejected_figures["implied_upper"].tolist() == pytest.approx([60.15])
    assert reconcile(*tables(rows), SERIES).rejected_figures.empty


def test_linked_series_leave_alone_what_they_do_not_bind():
    tables_of = load_figures(RAW), load_sources(RAW), "magnets_85051110"
    alone = reconcile(*tables_of).exports
    linked = reconcile(*tables_of, products=load_products(RAW)).exports
    both = alone.merge(linked, on=["destination", "month"], suffixes=("", "_linked"))
    assert len(both) == len(alone) < len(linked)
    assert (both["lower_linked"] >= both["lower"] - 1e-6).all()
    assert (both["upper_linked"] <= both["upper"] + 1e-6).all()
    assert np.allclose(both["tonnes"], both["tonnes_linked"], rtol=0, atol=1e-6, equal_nan=True)


def test_what_a_ratio_can_be_does_not_depend_on_what_was_asked_before():
    figures, sources = tables(ledger(truth()))
    found = reconcile(figures, sources, SERIES)
    asked = [ratio(figure, found.system.cells) for figure in found.system.printed[::7]]
    reached = extents(found.system, found.doubt.kept, asked)
    alone = [extents(found.system, found.doubt.kept, [one])[0] for one in asked]
    assert len({tuple(base) for _, base in asked}) > 3
    assert [one.lower for one in reached] == pytest.approx([one.lower for one in alone])
    assert [one.upper for one in reached] == pytest.approx([one.upper for one in alone])


def test_copies_that_bear_on_nothing_are_doubted_alike():
    rows = ledger(truth())
    for at in (5, 40, 70):
        rows[at] = rows[at] | {"value": f"{int(float(rows[at]['value']) * 3) + 7}"}
    figures, sources = tables(rows)
    once = reconcile(figures, sources, SERIES)
    twice = reconcile(copies(figures, 2), sources, SERIES)
    assert twice.doubt.proved
    assert once.count("rejected") == 3
    assert len(twice.system.components(twice.doubt.kept)) == 2
    assert twice.doubt.cost == pytest.approx(2 * once.doubt.cost, abs=0.02)
    assert len(twice.exports) == 2 * len(once.exports)


def test_what_an_earlier_day_found_changes_no_answer():
    figures, sources = tables(ledger(truth()))
    figures = spoil(figures, 0.05)
    earlier = reconcile(figures[::2].reset_index(drop=True), sources, SERIES)
    alone, told = (reconcile(figures, sources, SERIES, earlier=one) for one in (None, earlier))
    known = still_known(earlier, alone.system, alone.official)
    assert len(known) == len(earlier.doubt.demands) > 3
    for demand in known:
        assert Programme(alone.system, demand).contradiction(dict(demand))
    assert told.doubt.verdicts == alone.doubt.verdicts
    pd.testing.assert_frame_equal(told.exports, alone.exports)
    assert still_known(alone, earlier.system, earlier.official) == []


def test_out_of_time_the_best_doubts_hold_and_say_what_is_not_ruled_out():
    figures, sources = tables(ledger(truth()))
    figures = spoil(figures, 0.05)
    best, hurried = (reconcile(figures, sources, SERIES, seconds=s) for s in (np.inf, 1e-9))
    assert best.doubt.proved
    assert not hurried.doubt.proved
    assert hurried.worst_violation < 1e-5
    least = hurried.doubt.cost - hurried.doubt.gap
    assert least <= best.doubt.cost <= hurried.doubt.cost


def test_planted_errors_that_others_exclude_are_found():
    """But where one figure alone excludes an error, either of the two can be the wrong one."""
    draws = [plant(k, random) for k in (1, 4) for random in [np.random.default_rng(k)] * 6]
    hits = {test: [hit for draw in draws for hit in draw[test]] for test in draws[0]}
    assert len(hits["found, excluded"]) >= len(hits["found, excluded twice"]) >= 12
    assert np.mean(hits["found, excluded twice"]) >= 0.95
    assert np.mean(hits["told, excluded"]) >= 0.95
    assert not any(hits["true rejected, no conflict"])


def test_a_ledger_that_cannot_be_scaled_well_is_solved_all_the_same():
    """Nine errors, one of them a change of 24,700 %: scaled, neither simplex ended."""
    system, doubt = shipped()
    kept = [index for index, level in doubt.kept.items() if level == "kept"]
    random = np.random.default_rng([SEED, 9, 2])
    for _ in range(12):
        chosen = random.choice(kept, 9, replace=False).tolist()
        printed, _ = planted_in(system, chosen, random, shared=False)
    assert cheapest_doubt(build_system(printed)).proved
