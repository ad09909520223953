"""What changed between two vintages, month by month, and which answers moved."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import cast

import numpy as np
import pandas as pd
import pytest
from contracts import validate
from effects.realtime import (
    ESTIMATES,
    Asked,
    Found,
    answers_given,
    ask_vintages,
    compare_conclusions,
    drawn_together,
    out_of_reach,
)
from effects.results import missed
from ledger import compare_vintages
from ledger.tables import Exports, Figures, Sources

from analysis.events import policy_regimes
from analysis.history import FOLDER, load_past, questions
from analysis.sources import load_events, load_figures, load_sources
from analysis.study import ROOT, Cleaning, Study, planned_studies
from analysis.tables import RealTime, Revisions

NAN = np.nan
CASES = {
    # month: (tonnes, lower, upper) before and now
    "2025-01": ((100, 99, 101), (100, 99, 101), None),
    "2025-02": ((100, 99, 101), (100, 99.001, 101.009), None),  # the solver's last digits
    "2025-03": (None, (100, 99, 101), "added"),
    "2025-04": ((100, 99, 101), None, "withdrawn"),
    "2025-05": ((NAN, 80, 120), (100, 99, 101), "settled"),
    "2025-06": ((100, 99, 101), (NAN, 80, 120), "unsettled"),
    "2025-07": ((100, 99, 101), (104, 103, 105), "revised"),
    "2025-08": ((NAN, 80, 90), (100, 99, 101), "revised"),
    "2025-09": ((100, 99, 101), (101, 100, 102), "refined"),
    "2025-10": ((NAN, 80, 120), (NAN, 90, 120), "refined"),
}
USUAL, UNTOLD = "within the usual range", "cannot be told"
DAYS = ("2025-10-31", "2025-11-30")


def vintage(which: int) -> pd.DataFrame:
    rows = [
        ("WLD", pd.Timestamp(month), *map(float, case[which]), "stated", 1, "f1")
        for month, case in CASES.items()
        if case[which]
    ]
    return validate(pd.DataFrame(rows, columns=list(Exports.columns)), Exports, "made")


def test_each_month_has_changed_as_its_bounds_say() -> None:
    revisions = validate(compare_vintages(vintage(0), vintage(1)), Revisions, "revisions")
    found = dict(zip(revisions["month"].dt.strftime("%Y-%m"), revisions["change"], strict=True))
    assert found == {month: case[2] for month, case in CASES.items() if case[2]}
    row = revisions.set_index("month").loc["2025-07-01"]
    assert row[["old_lower", "old_upper", "new_lower", "new_upper"]].tolist() == [99, 101, 103, 105]


def test_nothing_has_changed() -> None:
    revisions = validate(compare_vintages(vintage(0), vintage(0)), Revisions, "revisions")
    assert revisions.empty


ASKED = ("a", "WLD", "counterfactual", "2025-04", "2025-05")


def answers(*verdicts: tuple[float, float, float, str]) -> pd.DataFrame:
    rows = [
        (pd.Timestamp(day), *ASKED, *numbers, 0.95, 0.01, verdict, "")
        for day, (*numbers, verdict) in zip(DAYS, verdicts, strict=True)
    ]
    table = pd.DataFrame(rows, columns=list(RealTime.columns))
    return table.assign(question="exports to the world in April to May 2025")


@pytest.mark.parametrize(
    ("before", "now", "outcome"),
    [
        ((-60.0, -70.0, -50.0, "below"), (-62.0, -72.0, -52.0, "below"), "stands"),
        ((-60.0, -70.0, -50.0, "below"), (-75.0, -85.0, -65.0, "below"), "moved"),
        ((-60.0, -90.0, -10.0, "below"), (-40.0, -45.0, -35.0, "below"), "moved"),
        ((-10.0, -20.0, -1.0, "below"), (-9.0, -20.0, 1.0, USUAL), "moved"),
        ((NAN, NAN, NAN, UNTOLD), (-9.0, -20.0, 1.0, USUAL), "moved"),
        ((NAN, NAN, NAN, UNTOLD), (NAN, NAN, NAN, UNTOLD), "stands"),
    ],
)
def test_an_answer_moves_with_its_verdict_or_out_of_its_interval(
    before: tuple[float, float, float, str], now: tuple[float, float, float, str], outcome: str
) -> None:
    compared = compare_conclusions(answers(before, now))
    assert compared["outcome"].tolist() == [outcome]


def added(*months: str, changes: tuple[str, ...] = ()) -> pd.DataFrame:
    """Revisions of the world: added months, and months of 2024 that changed otherwise."""
    rows = [("WLD", pd.Timestamp(month), "added") for month in months]
    rows += [("WLD", pd.Timestamp("2024-12"), change) for change in changes]
    rows += [("FRA", pd.Timestamp("2025-04"), "added")]
    return pd.DataFrame(rows, columns=["destination", "month", "change"])


def test_months_after_every_window_cannot_move_an_answer() -> None:
    """The one window asked about ends in May 2025; nothing was asked about France."""
    standing = answers(*[(-60.0, -70.0, -50.0, "below")] * 2)
    told = out_of_reach(added("2025-06", "2025-07"), standing)
    assert [str(part) for part in told.values()] == ["2025-06", "2025-07", "2025-05", "0"]
    almost = out_of_reach(added("2025-06", changes=("refined",)), standing)
    assert (str(almost["last"]), almost["earlier"]) == ("2025-06", 1)
    assert out_of_reach(added("2025-05", "2025-06"), standing) == {}
    assert out_of_reach(added(changes=("refined",)), standing) == {}


def test_one_vintage_is_compared_with_none() -> None:
    both = answers(*[(-60.0, -70.0, -50.0, "below")] * 2)
    assert compare_conclusions(both.iloc[:1]).empty


@pytest.mark.parametrize(
    ("verdicts", "told"),
    [
        ((UNTOLD, "below"), [(DAYS[1], "", "below")]),
        (
            ("below", USUAL),
            [(DAYS[0], "", "below"), (DAYS[1], "below", USUAL)],
        ),
        (("below", "below"), [(DAYS[0], "", "below"), (DAYS[1], "below", "below")]),
        ((UNTOLD, UNTOLD), []),
    ],
)
def test_an_answer_stands_beside_the_one_before(
    verdicts: tuple[str, str], told: list[tuple[str, str, str]]
) -> None:
    given = answers_given(answers(*[(-60.0, -70.0, -50.0, verdict) for verdict in verdicts]))
    assert [
        (f"{row.vintage:%Y-%m-%d}", row.before, row.verdict) for row in given.itertuples()
    ] == told


def test_what_could_have_been_missed_is_the_reason_of_an_answer_untold() -> None:
    assert missed(-21.4) == "a fall of less than 21 % could have been missed"
    row = pd.DataFrame([dict.fromkeys(ESTIMATES, NAN)])
    found = cast(Found, SimpleNamespace(table=row, label=UNTOLD, minimum_detectable=NAN))
    told = Asked({}, "", lambda _: found).answer(row)
    assert (told["verdict"], told["reason"]) == (UNTOLD, "what it could have missed is not known")


def test_what_no_vintage_tells_is_not_drawn() -> None:
    below, nothing = (-60.0, -70.0, -50.0, "below"), (NAN, NAN, NAN, UNTOLD)
    assert drawn_together(answers(nothing, nothing)).empty
    assert len(drawn_together(answers(nothing, below))) == 2


def known_world(months: int, window: dict[str, float]) -> pd.DataFrame:
    """A level of 1,000 t for so many months up to 2024, and the months of 2025 as given."""
    index = pd.period_range(end="2024-12", periods=months, freq="M")
    noise = 1 + 0.02 * np.random.default_rng(1).standard_normal(months)
    tonnes = dict(zip(index.astype(str), 1000 * noise, strict=True)) | window
    rows = [
        ("WLD", pd.Timestamp(month), value, value - 1, value + 1, "stated", 1, "f1")
        for month, value in tonnes.items()
    ]
    return pd.DataFrame(rows, columns=list(Exports.columns))


def test_a_vintage_tells_once_every_month_of_the_window_is_out() -> None:
    events = load_events(ROOT / "data" / "raw")
    half, whole = {"2025-04": 500.0}, {"2025-04": 500.0, "2025-05": 500.0}
    days = pd.to_datetime(["2025-05-31", "2025-06-30"])
    vintages = dict(zip(days, (known_world(48, half), known_world(48, whole)), strict=True))
    asked = ask_vintages(vintages, questions(planned_studies(), policy_regimes(events)))
    assert "exports to the world in April to May 2025" in set(asked["question"])
    table = validate(asked.drop(columns="question"), RealTime, "real time")
    world = table[table["study"] == Study().study].set_index("vintage")
    assert world["verdict"].tolist() == [UNTOLD, "below"]
    assert world["reason"].iloc[0] == "not every month from 2025-04 to 2025-05 is observed"
    assert world["lower"].iloc[1] < -50 < world["upper"].iloc[1]
    others = table[table["destination"] != "WLD"]
    assert set(others["verdict"]) == {UNTOLD}


WORLD = ("magnets_85051110", "WLD")


def test_the_vintages_are_the_months_in_which_something_came_out(tmp_path: Path) -> None:
    published = ["2025-02-20", "2025-02-25", "2025-04-20"]
    months = pd.to_datetime(["2025-01", "2025-02", "2025-03"])
    figures = pd.DataFrame(
        [
            (f"f{n}", *WORLD, month, month, "tonnes", f"{n + 1}00", "", False, f"p{n}", "")
            for n, month in enumerate(months)
        ],
        columns=list(Figures.columns),
    )
    pages = pd.DataFrame(
        [(f"p{n}", "A", "A", "", day, "press") for n, day in enumerate(published)],
        columns=list(Sources.columns),
    )
    cleaning = Cleaning(raw_dir=str(tmp_path), processed_dir=str(tmp_path))
    everything = vintage(1)
    past = load_past(figures, pages, cleaning)
    known = past.vintages(everything, 12, [])
    first, last = known
    assert [f"{day:%Y-%m-%d}" for day in known] == ["2025-02-28", "2025-04-30"]
    assert known[first]["upper"].round().tolist() == [101, 201]
    assert known[last] is everything
    assert list(past.vintages(everything, 1, [])) == [last]


def stored(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mtime_ns for path in (folder / FOLDER).iterdir()}


def test_a_past_day_is_made_once_and_again_when_its_figures_change(tmp_path: Path) -> None:
    cleaning = Cleaning(processed_dir=str(tmp_path))
    raw = ROOT / "data" / "raw"
    figures, pages = load_figures(raw), load_sources(raw)
    early = pages["published"].between("2013", "2019-12")
    pages = pages[early]
    figures = figures[figures["source_id"].isin(pages["source_id"])]
    nothing = vintage(1)
    load_past(figures, pages, cleaning).vintages(nothing, 3, [])
    before = stored(tmp_path)
    assert len(before) == 4
    past = load_past(figures, pages, cleaning)
    past.vintages(nothing, 3, [])
    assert stored(tmp_path) == before
    assert past.doubted(pd.Timestamp(past.days[-2])) <= set(figures["figure_id"])
    assert stored(tmp_path) == before
    again = figures.assign(value=figures["value"].where(figures.index != figures.index[0], "1"))
    changed = load_past(again, pages, cleaning)
    changed.vintages(nothing, 3, [])
    assert len(stored(tmp_path)) == 4
    assert stored(tmp_path).keys() != before.keys()
    load_past(again, pages, cleaning).vintages(nothing, 2, [])
    assert len(stored(tmp_path)) == 2


def test_the_vintage_that_first_answers_a_study_is_kept(tmp_path: Path) -> None:
    raw = ROOT / "tests" / "reference" / "raw-2026-11-22"
    figures, pages, events = load_figures(raw), load_sources(raw), load_events(raw)
    cleaning = Cleaning(processed_dir=str(tmp_path))
    past = load_past(figures, pages, cleaning)
    known = past.vintages(vintage(1), 2, questions([Study()], policy_regimes(events)))
    assert [f"{day:%Y-%m-%d}" for day in known] == ["2025-06-30", "2026-03-31", "2026-04-30"]


def test_a_question_is_asked_of_its_own_months() -> None:
    exports, day = known_world(48, {"2025-04": 500.0}), pd.Timestamp("2025-05-31")
    policy = policy_regimes(load_events(ROOT / "data" / "raw"))
    table = ask_vintages({day: exports}, questions([Study(end="2025-04")], policy))
    assert table[["end", "verdict"]].to_numpy().tolist() == [["2025-04", "below"]]
