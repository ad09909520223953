"""Claims: each kind and verdict on made-up exports, worked out by hand, and the shipped ledger."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from contracts import TableError

from analysis.claims import (
    CHECKS,
    RULES,
    Evidence,
    check_claim,
    check_claims,
    join_statements,
    sum_up,
)
from analysis.claims.dates import named_end
from analysis.claims.verdict import Range, judge_number
from analysis.sources import load_claims, load_event_disagreements, load_events
from analysis.study import ROOT

RAW = ROOT / "data" / "raw"
EVENTS = load_events(RAW)
DISAGREEMENTS = load_event_disagreements(RAW)
NO_FIGURES = pd.DataFrame(
    columns=["figure_id", "destination", "measure", "period_start", "period_end", "value"]
)


def make_exports(
    destination: str, tonnes: dict[str, float], width: float = 0.5, status: str = "stated"
) -> pd.DataFrame:
    """Cells of one destination, each `width` tonnes either way of its number."""
    numbers = np.array(list(tonnes.values()), dtype=float)
    return pd.DataFrame(
        {
            "destination": destination,
            "month": pd.to_datetime(list(tonnes)),
            "tonnes": numbers,
            "lower": numbers - width,
            "upper": numbers + width,
            "status": status,
            "newsrooms": 2,
            "figure_ids": "f1;f2",
        }
    )


def make_evidence(
    exports: pd.DataFrame,
    events: pd.DataFrame | None = None,
    disagreements: pd.DataFrame | None = None,
    figures: pd.DataFrame = NO_FIGURES,
) -> Evidence:
    events = EVENTS if events is None else events
    other = DISAGREEMENTS if disagreements is None else disagreements
    return Evidence(exports, figures, events, other, baseline_end="2024-12", level=0.95)


def make_claim(kind: str, **cells: str) -> pd.Series:
    claim = {
        "claim_id": "c1",
        "seed": "report.txt",
        "statement": "Shipments fell",
        "kind": kind,
        "destination": "WLD",
        "month": "2025-09",
        "measure": "",
        "stated": "",
    }
    return pd.Series(claim | cells)


def quiet_months(last: str, **changes: float) -> dict[str, float]:
    """From 2019 on 1,000 tonnes give or take 3 percent, then `changes` on the month before.

    71 changes up to 2024-12, with a standard deviation of 3 √2 = 4.2 percent.
    """
    months = pd.period_range("2019-01", last, freq="M")
    noise = np.random.default_rng(20250904).normal(0, 0.03, len(months))
    level, tonnes = 1000.0, {}
    for place, month in enumerate(months.astype(str)):
        usual = 1000.0 * (1 + noise[place])
        level = level * (1 + changes[month]) if month in changes else usual
        tonnes[month] = level
    return tonnes


class TestLevel:
    """5774 printed allows 5773.5 (rounded) to 5775 (cut off)."""

    @pytest.mark.parametrize(
        ("tonnes", "width", "verdict"),
        [
            (5774.0, 0.5, "supported"),
            (5774.9, 0.05, "supported"),
            (5774.0, 40.0, "imprecise"),
            (5700.0, 0.5, "refuted"),
            (6146.0, 0.5, "refuted"),
        ],
    )
    def test_by_its_printed_digits(self, tonnes, width, verdict):
        evidence = make_evidence(make_exports("WLD", {"2025-09": tonnes}, width))
        found = check_claim(make_claim("level", measure="tonnes", stated="5774"), evidence)
        assert found.verdict == verdict
        assert (found.computed, found.unit) == (tonnes, "tonnes")
        assert (found.lower, found.upper) == (tonnes - width, tonnes + width)

    def test_nothing_observed(self):
        evidence = make_evidence(make_exports("USA", {"2025-09": 1.0}))
        found = check_claim(make_claim("level", measure="tonnes", stated="5774"), evidence)
        assert found.verdict == "not testable"
        assert found.reason == "It would need the tonnes exported to the world in September 2025."
        assert math.isnan(found.computed)


class TestChange:
    """The changes are worked out by hand from tonnages as the customs releases print them."""

    @pytest.mark.parametrize(
        ("then", "now", "statement", "stated", "verdict", "computed"),
        [
            (6146, 5774, "fell 6.1 percent", "-6.1", "supported", -6.0527),
            (6146, 5774, "fell 6 percent", "-6", "supported", -6.0527),
            (6146, 5774, "fell 6.5 percent", "-6.5", "refuted", -6.0527),
            (6146, 5774, "rose 6.1 percent", "6.1", "refuted", -6.0527),
            (590, 420.5, "fell nearly 29 percent", "-29", "supported", -28.7288),
            (590, 420.5, "fell 28.6 percent", "-28.6", "imprecise", -28.7288),
            (590, 420.5, "fell nearly 31 percent", "-31", "refuted", -28.7288),
            (590, 420.5, "fell about 30 percent", "-30", "supported", -28.7288),
            (590, 420.5, "fell about 40 percent", "-40", "refuted", -28.7288),
            (46, 353, "rose 660 percent", "660", "imprecise", 667.3913),
        ],
    )
    def test_month_on_month(self, then, now, statement, stated, verdict, computed):
        evidence = make_evidence(make_exports("WLD", {"2025-08": then, "2025-09": now}))
        claim = make_claim("change", measure="pct_change_month", statement=statement, stated=stated)
        found = check_claim(claim, evidence)
        assert found.verdict == verdict
        assert found.computed == pytest.approx(computed, abs=1e-4)
        assert found.lower < found.computed < found.upper

    def test_bounds_are_those_of_the_two_months(self):
        """By hand: 5,773.5 / 6,146.5 − 1 = −6.0685 %, 5,774.5 / 6,145.5 − 1 = −6.0369 %."""
        evidence = make_evidence(make_exports("WLD", {"2025-08": 6146, "2025-09": 5774}))
        found = check_claim(
            make_claim("change", measure="pct_change_month", stated="-6.1"), evidence
        )
        assert (found.lower, found.upper) == pytest.approx((-6.0685, -6.0369), abs=1e-4)

    def test_on_the_year(self):
        """By hand: 5,774 / 4,915 − 1 = +17.477 %."""
        evidence = make_evidence(make_exports("WLD", {"2024-09": 4915, "2025-09": 5774}))
        found = check_claim(
            make_claim("change", measure="pct_change_year", stated="17.5"), evidence
        )
        assert found.verdict == "supported"
        assert found.computed == pytest.approx(17.477, abs=1e-3)

    def test_a_month_known_too_loosely_is_imprecise(self):
        exports = make_exports("WLD", {"2025-08": 6146, "2025-09": 5774}, width=500)
        exports["tonnes"] = np.nan
        claim = make_claim("change", measure="pct_change_month", stated="-6.1")
        found = check_claim(claim, make_evidence(exports))
        assert found.verdict == "imprecise"
        assert math.isnan(found.computed)

    def test_a_missing_month_is_named(self):
        evidence = make_evidence(make_exports("VNM", {"2025-09": 457}))
        claim = make_claim("change", destination="VNM", measure="pct_change_month", stated="57.5")
        found = check_claim(claim, evidence)
        assert found.verdict == "not testable"
        assert "Vietnam in August 2025 and September 2025" in found.reason

    @pytest.mark.parametrize(
        ("printed", "status", "verdict"),
        [
            (["57.5", "57.50"], "derived", "not testable"),
            (["57.5", "57.4"], "derived", "supported"),
            (["57.5"], "stated", "supported"),
            ([], "derived", "supported"),
        ],
    )
    def test_a_base_derived_from_the_claim_itself_tests_nothing(self, printed, status, verdict):
        exports = make_exports("VNM", {"2025-08": 290, "2025-09": 456.75}, 0.05, status)
        figures = pd.DataFrame(
            {
                "figure_id": [f"f{i + 1}" for i in range(len(printed))],
                "destination": "VNM",
                "measure": "pct_change_month",
                "period_start": pd.Timestamp("2025-09-01"),
                "period_end": pd.Timestamp("2025-09-01"),
                "value": printed,
            }
        )
        claim = make_claim("change", destination="VNM", measure="pct_change_month", stated="57.5")
        found = check_claim(claim, make_evidence(exports, figures=figures))
        assert found.verdict == verdict
        assert found.computed == pytest.approx(57.5)


WORLD = {
    "2025-04": 2626,
    "2025-05": 1238,
    "2025-06": 3188,
    "2025-07": 5577,
    "2025-08": 6146,
    "2025-09": 5774,
}
"""World exports as printed, in tonnes."""


class TestRun:
    @pytest.mark.parametrize(
        ("stated", "verdict"), [("3", "supported"), ("2", "refuted"), ("4", "refuted")]
    )
    def test_gains_before_a_fall(self, stated, verdict):
        evidence = make_evidence(make_exports("WLD", WORLD))
        claim = make_claim("run", measure="months_of_gain_before", stated=stated)
        found = check_claim(claim, evidence)
        assert (found.verdict, found.computed, found.upper) == (verdict, 3, 3)

    def test_a_run_that_goes_on_did_not_end(self):
        evidence = make_evidence(make_exports("WLD", WORLD | {"2025-09": 7000}))
        claim = make_claim("run", measure="months_of_gain_before", stated="3")
        assert check_claim(claim, evidence).verdict == "refuted"

    @pytest.mark.parametrize(
        ("stated", "verdict"), [("3", "imprecise"), ("5", "imprecise"), ("2", "refuted")]
    )
    def test_a_run_whose_beginning_is_missing(self, stated, verdict):
        """Three gains are seen and the month before them is not: it may be longer, not shorter."""
        seen = {month: WORLD[month] for month in list(WORLD)[1:]}
        claim = make_claim("run", measure="months_of_gain_before", stated=stated)
        found = check_claim(claim, make_evidence(make_exports("WLD", seen)))
        assert found.verdict == verdict
        assert (found.lower, math.isnan(found.upper)) == (3, True)

    @pytest.mark.parametrize(
        ("stated", "verdict"), [("2", "supported"), ("1", "refuted"), ("3", "refuted")]
    )
    def test_falls_in_a_row(self, stated, verdict):
        series = {"2025-06": 353, "2025-07": 619, "2025-08": 590, "2025-09": 420.5}
        evidence = make_evidence(make_exports("USA", series))
        claim = make_claim("run", destination="USA", measure="months_of_fall", stated=stated)
        found = check_claim(claim, evidence)
        assert (found.verdict, found.computed) == (verdict, 2)

    def test_months_within_each_other_s_bounds_neither_rose_nor_fell(self):
        evidence = make_evidence(make_exports("WLD", {"2025-08": 600, "2025-09": 599.8}))
        claim = make_claim("run", measure="months_of_fall", stated="1")
        assert check_claim(claim, evidence).verdict == "not testable"

    @pytest.mark.parametrize(
        ("month", "verdict"),
        [("2025-06", "supported"), ("2025-07", "refuted"), ("2025-04", "not testable")],
    )
    def test_a_turning_point(self, month, verdict):
        evidence = make_evidence(make_exports("WLD", WORLD))
        claim = make_claim("run", measure="turning_point", month=month)
        assert check_claim(claim, evidence).verdict == verdict


class TestExtreme:
    def evidence(self, fall: float, before: str = "2019-01") -> Evidence:
        tonnes = quiet_months("2025-05", **{"2025-05": fall})
        kept = {month: value for month, value in tonnes.items() if month >= before}
        return make_evidence(make_exports("WLD", kept))

    @pytest.mark.parametrize(
        ("fall", "before", "verdict"),
        [
            (-0.81, "2019-01", "supported"),
            (-0.001, "2019-01", "refuted"),
            (0.10, "2019-01", "refuted"),
            (-0.81, "2024-03", "imprecise"),
            (-0.81, "2025-04", "not testable"),
        ],
    )
    def test_the_steepest_fall(self, fall, before, verdict):
        """From 2024-03 on 13 earlier changes are known, fewer than 19; from 2025-04 on none."""
        claim = make_claim("extreme", month="2025-05", measure="pct_change_month")
        assert check_claim(claim, self.evidence(fall, before)).verdict == verdict

    @pytest.mark.parametrize(("rise", "verdict"), [(0.81, "supported"), (-0.81, "refuted")])
    def test_the_steepest_rise(self, rise, verdict):
        exports = make_exports("WLD", quiet_months("2025-05", **{"2025-05": rise}))
        claim = make_claim("extreme", month="2025-05", measure="pct_rise_month")
        assert check_claim(claim, make_evidence(exports)).verdict == verdict

    @pytest.mark.parametrize(
        ("kind", "cells"),
        [
            ("extreme", {"month": "2025-05", "measure": "tonnes"}),
            ("extreme", {"month": "", "measure": "pct_change_month"}),
            ("level", {"month": "2025-05", "measure": "tonnes_year_to_date", "stated": "1000"}),
        ],
    )
    def test_what_no_rule_fits_is_not_testable(self, kind, cells):
        exports = make_exports("WLD", quiet_months("2025-05"))
        found = check_claim(make_claim(kind, **cells), make_evidence(exports))
        assert found.verdict == "not testable"
        assert found.reason

    def test_what_is_not_known_is_counted(self):
        """January 2020 is missing: two of the 75 changes from February 2019 to April 2025."""
        tonnes = quiet_months("2025-05", **{"2025-05": -0.81})
        del tonnes["2020-01"]
        claim = make_claim("extreme", month="2025-05", measure="pct_change_month")
        found = check_claim(claim, make_evidence(make_exports("WLD", tonnes)))
        assert "73 earlier changes that are known, of 75 since February 2019" in found.reason

    def test_a_month_known_too_loosely_is_told_by_its_bounds(self):
        """By hand: 180 to 220 tonnes after about 1,000 is a fall by 82 to 78 percent."""
        exports = make_exports("WLD", {"2025-03": 1001, "2025-04": 1000, "2025-05": 200}, 0.01)
        exports.loc[2, ["tonnes", "lower", "upper"]] = [np.nan, 180, 220]
        for kind, cells in (
            ("extreme", {"measure": "pct_change_month"}),
            ("run", {"measure": "turning_point"}),
        ):
            found = check_claim(make_claim(kind, month="2025-05", **cells), make_evidence(exports))
            assert "−82.0 to −78.0 percent" in found.reason
            assert math.isnan(found.computed)
            assert "nan" not in found.reason


class TestUnusual:
    """Against 71 changes that have a standard deviation of 4.2 percent."""

    def evidence(self, change: float) -> Evidence:
        return make_evidence(
            make_exports("WLD", quiet_months("2025-09", **{"2025-09": change}), width=0.01)
        )

    @pytest.mark.parametrize(
        ("statement", "change", "verdict"),
        [
            ("Shipments fell sharply", -0.60, "supported"),
            ("Shipments fell sharply", -0.005, "refuted"),
            ("Shipments fell sharply", 0.60, "refuted"),
            ("Shipments rose sharply", 0.60, "supported"),
            ("The fall signals that supply is used as leverage", -0.005, "refuted"),
            ("The fall signals that supply is used as leverage", -0.60, "not testable"),
        ],
    )
    def test_against_the_calm_past(self, statement, change, verdict):
        claim = make_claim("unusual", statement=statement, measure="pct_change_month")
        found = check_claim(claim, self.evidence(change))
        assert found.verdict == verdict
        assert found.computed == pytest.approx(100 * change, abs=0.01)

    def test_an_ordinary_swing_carries_no_motive_and_rules_none_out(self):
        claim = make_claim("unusual", statement="The fall signals retaliation")
        reason = check_claim(claim, self.evidence(-0.005)).reason
        assert "Exports to the world move at least this much in more than half of the m" in reason
        assert reason.endswith("that there was no such motive does not follow.")

    def test_a_rise_is_no_fall_whatever_it_signals(self):
        claim = make_claim("unusual", statement="The fall signals retaliation")
        found = check_claim(claim, self.evidence(0.60))
        assert found.verdict == "refuted"
        assert found.reason.endswith("not export figures. It did not fall.")

    def test_a_motive_is_said_to_be_out_of_reach(self):
        claim = make_claim("unusual", statement="It signals retaliation")
        assert (
            "a motive would need statements or licence decisions"
            in check_claim(claim, self.evidence(-0.60)).reason
        )

    @pytest.mark.parametrize("kind", ["unusual", "volatility", "comparison"])
    def test_too_short_a_past_is_not_testable(self, kind):
        exports = make_exports("WLD", {"2025-08": 6146, "2025-09": 5774})
        found = check_claim(make_claim(kind), make_evidence(exports))
        assert found.verdict == "not testable"
        assert "swing test cannot be made" in found.reason

    @pytest.mark.parametrize("kind", ["unusual", "volatility", "comparison"])
    def test_an_unknown_destination_is_not_testable(self, kind):
        claim = make_claim(kind, destination="FRA")
        assert check_claim(claim, self.evidence(-0.6)).verdict == "not testable"


class TestVolatility:
    @pytest.mark.parametrize(("size", "verdict"), [(0.5, "supported"), (0.001, "refuted")])
    def test_the_year_s_swings(self, size, verdict):
        swings = {f"2025-{m:02d}": size * (-1) ** m for m in range(1, 10)}
        exports = make_exports("WLD", quiet_months("2025-09", **swings), width=0.0001)
        found = check_claim(make_claim("volatility"), make_evidence(exports))
        assert found.verdict == verdict
        assert found.lower <= found.computed <= found.upper
        assert "9 known swings of 2025" in found.reason
        assert "All swings count here, the fall and rebound that policy made" in found.reason

    def test_too_few_swings_for_an_interval_have_none(self):
        exports = make_exports("WLD", quiet_months("2025-03"), width=0.0001)
        found = check_claim(make_claim("volatility", month="2025-03"), make_evidence(exports))
        assert math.isnan(found.lower)
        assert math.isnan(found.upper)
        assert "what season and calendar lead to expect, the 71 up to December 2024" in found.reason
        assert "nan" not in found.reason


class TestComparison:
    @pytest.mark.parametrize(
        ("change", "verdict"), [(-0.50, "refuted"), (-0.02, "supported"), (0.01, "refuted")]
    )
    def test_a_modest_fall_is_an_ordinary_one(self, change, verdict):
        rest = make_exports("GRP_WLD-USA", quiet_months("2025-05", **{"2025-05": change}), 0.01)
        usa = make_exports("USA", {"2025-04": 246, "2025-05": 46})
        claim = make_claim("comparison", destination="GRP_WLD-USA", month="2025-05")
        found = check_claim(claim, make_evidence(pd.concat([rest, usa], ignore_index=True)))
        assert found.verdict == verdict
        assert "Exports to the United States changed by −81.3 percent." in found.reason

    def test_a_country_known_too_loosely_is_told_by_its_bounds(self):
        rest = make_exports("GRP_WLD-USA", quiet_months("2025-05", **{"2025-05": -0.02}), 0.01)
        usa = make_exports("USA", {"2025-04": 200, "2025-05": 46}, 0.0)
        usa.loc[1, ["tonnes", "lower", "upper"]] = [np.nan, 40, 50]
        claim = make_claim("comparison", destination="GRP_WLD-USA", month="2025-05")
        found = check_claim(claim, make_evidence(pd.concat([rest, usa], ignore_index=True)))
        assert "Exports to the United States changed by −80.0 to −75.0 percent." in found.reason


def make_events(**dates: str) -> pd.DataFrame:
    """Chinese controls on magnets, by id and day announced."""
    return pd.DataFrame(
        {
            "event_id": list(dates),
            "date_announced": pd.to_datetime(list(dates.values())),
            "date_effective": pd.NaT,
            "actor": "CN",
            "kind": "control_tightening",
            "products": "magnets",
            "legal_reference": "Announcement",
            "summary": "",
        }
    )


def make_disagreement(event_id: str, day: str) -> pd.DataFrame:
    return pd.DataFrame({"event_id": [event_id], "field": ["date_announced"], "alternative": [day]})


class TestSequence:
    EXPORTS = make_exports("WLD", {"2025-09": 5774})

    @pytest.mark.parametrize(
        ("day", "other", "verdict", "days"),
        [
            ("2025-10-09", "2025-10-10", "supported", 9),
            ("2025-09-30", "2025-09-30", "refuted", 0),
            ("2025-09-04", "2025-09-04", "refuted", -26),
            ("2025-10-01", "2025-09-29", "imprecise", -1),
        ],
    )
    def test_a_month_before_the_controls(self, day, other, verdict, days):
        evidence = make_evidence(self.EXPORTS, make_events(a=day), make_disagreement("a", other))
        found = check_claim(make_claim("sequence", measure="event_after_month"), evidence)
        assert (found.verdict, found.computed) == (verdict, days)
        assert found.reason.endswith("Order in time is no proof of cause.")

    def test_a_month_after_the_controls(self):
        """From 4 April to 1 May are 27 days."""
        events = make_events(a="2025-04-04", b="2024-12-03")
        evidence = make_evidence(self.EXPORTS, events, make_disagreement("b", "2024-12-04"))
        claim = make_claim("sequence", measure="event_before_month", month="2025-05")
        found = check_claim(claim, evidence)
        assert (found.verdict, found.computed, found.unit) == ("supported", 27, "days")

    @pytest.mark.parametrize("measure", ["event_after_month", "event_before_month"])
    def test_no_control_near_the_month(self, measure):
        evidence = make_evidence(self.EXPORTS, make_events(a="2023-12-21"))
        found = check_claim(make_claim("sequence", measure=measure), evidence)
        assert found.verdict == "not testable"
        assert "It would need a dated Chinese control" in found.reason


class TestEventDate:
    @pytest.mark.parametrize(
        ("stated", "verdict", "days"),
        [
            ("2025-11-10", "supported", 0),
            ("2025-11-12", "refuted", -2),
            ("2025-01-01", "not testable", math.nan),
            ("soon", "not testable", math.nan),
        ],
    )
    def test_the_end_of_a_truce(self, stated, verdict, days):
        """The truce extended on 11 August 2025 runs to 10 November 2025."""
        claim = make_claim("event_date", statement="The truce was to end", stated=stated)
        found = check_claim(claim, make_evidence(TestSequence.EXPORTS))
        assert found.verdict == verdict
        assert found.computed == pytest.approx(days, nan_ok=True)

    def test_another_measure_needs_its_text(self):
        claim = make_claim("event_date", statement="The quota ends", stated="2025-11-10")
        found = check_claim(claim, make_evidence(TestSequence.EXPORTS))
        assert found.verdict == "not testable"

    @pytest.mark.parametrize(
        ("summary", "end"),
        [
            ("extended to 12:01 a.m. 10 Nov 2025.", "2025-11-10"),
            ("from 1 Jul 2025 to 9 Sep 2025, then 5 Oct 2025", "2025-10-05"),
            ("agreed on 1 Aug 2025", None),
            ("no date; 99 Nov 2025", None),
        ],
    )
    def test_days_written_out(self, summary, end):
        event = pd.Series({"summary": summary, "date_announced": pd.Timestamp("2025-08-11")})
        assert named_end(event) == (None if end is None else pd.Timestamp(end))


@pytest.mark.parametrize(
    ("statement", "needed"),
    [
        ("Licences were harder to obtain", "export licences applied for and granted"),
        ("Neodymium prices rose", "price series"),
        ("The administration responded with funding", "public funding"),
        ("Something else", "data on what it speaks of"),
    ],
)
def test_what_no_table_holds_says_what_it_would_need(statement, needed):
    claim = make_claim("other", statement=statement)
    found = check_claim(claim, make_evidence(TestSequence.EXPORTS))
    assert found.verdict == "not testable"
    assert needed in found.reason


@pytest.mark.parametrize(
    ("month", "told"),
    [("2025-10", "left office on 20 January 2025"), ("2024-10", "public funding")],
)
def test_an_administration_out_of_office_responds_to_nothing(month, told):
    statement = "The Biden administration responded with funding"
    claim = make_claim("other", statement=statement, month=month)
    found = check_claim(claim, make_evidence(TestSequence.EXPORTS))
    assert found.verdict == "not testable"
    assert told in found.reason


def test_every_kind_of_the_ledger_has_a_check_and_a_rule():
    kinds = set(load_claims(RAW)["kind"])
    assert kinds <= set(CHECKS)
    assert set(CHECKS) == {kind for kinds in RULES for kind in kinds.split(", ")}


def test_an_unknown_kind_is_named():
    with pytest.raises(TableError, match="claim c1, column kind: found 'rumour', needs one of"):
        check_claim(make_claim("rumour"), make_evidence(TestSequence.EXPORTS))


HOSTILE = ("<b>x</b>", "\u202e", "x" * 10_000, "nan", "1e999", "", "-", "\x00")


@pytest.mark.parametrize("kind", sorted(CHECKS))
@pytest.mark.parametrize(
    "text", ["<b>x</b>", "\u202e", "x" * 10_000, "nan", "1e999", "", "-", "\x00"]
)
def test_hostile_text_breaks_nothing(kind, text):
    claim = make_claim(kind, statement=text, stated=text, measure=text, destination=text)
    table = check_claims(claim.to_frame().T, make_evidence(TestSequence.EXPORTS))
    assert table["verdict"].tolist() == ["not testable"]
    for measure in ("tonnes", "pct_change_month", "months_of_fall", "turning_point"):
        claim = make_claim(kind, statement=text, stated=text, measure=measure)
        assert check_claim(claim, make_evidence(TestSequence.EXPORTS)).reason


def test_the_shipped_numbers_by_hand():
    """Published tonnages, each half a unit either way, and the changes worked out by hand.

    5,774 / 6,146 − 1 = −6.05 %; 5,774 / 4,915 − 1 = +17.48 %; 420.5 / 590 − 1 = −28.73 %.
    """
    world = {"2024-09": 4915} | WORLD
    usa = {
        "2025-04": 246, "2025-05": 46, "2025-06": 353, "2025-07": 619, "2025-08": 589.85,
        "2025-09": 420.5,
    }  # fmt: skip
    exports = pd.concat(
        [make_exports("WLD", world), make_exports("USA", usa, 0.05)], ignore_index=True
    )
    verdicts = check_claims(load_claims(RAW), make_evidence(exports)).set_index("claim_id")
    supported = ["c01", "c02", "c03", "c06", "c08", "c10", "c11", "c13", "c14", "c15", "c17",
                 "c19", "c24"]  # fmt: skip
    assert set(verdicts.loc[supported, "verdict"]) == {"supported"}
    assert set(verdicts.loc[["c05", "c18", "c20"], "verdict"]) == {"not testable"}
    assert "its date is wrong on its face" in verdicts.loc["c20", "reason"]
    computed = verdicts["computed"]
    assert computed["c01"] == pytest.approx(-6.05, abs=0.005)
    assert computed["c02"] == pytest.approx(17.48, abs=0.005)
    assert computed["c14"] == pytest.approx(-28.71, abs=0.005)
    assert (computed["c03"], computed["c13"]) == (3, 2)


def test_a_range_that_only_touches_is_not_refuted():
    assert judge_number(Range(5.0, 4.0, 6.0), "7", "tonnes", "") == "imprecise"
    assert judge_number(Range(5.0, 4.0, 5.9), "7", "tonnes", "") == "refuted"


def test_the_verdicts_are_told():
    claims = pd.DataFrame([make_claim("level", measure="tonnes", stated="5774")])
    verdicts = check_claims(claims, make_evidence(TestSequence.EXPORTS))
    assert "1 supported, 0 imprecise, 0 refuted, 0 not testable" in sum_up(claims, verdicts)
    joined = join_statements(claims, verdicts)
    assert joined["computed"].tolist() == ["5,774.0 tonnes (5,773.5 to 5,774.5)"]
