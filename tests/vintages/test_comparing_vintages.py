"""What changed between two vintages, month by month, and which answers moved."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from contracts import validate
from ledger.tables import Exports, Figures, Sources
from press.studies import load_studies

from analysis.sources import load_events
from analysis.study import ROOT, Cleaning, Study
from analysis.tables import RealTime, Revisions
from analysis.vintages import (
    ask_vintages,
    compare_conclusions,
    compare_vintages,
    describe_changes,
    describe_conclusions,
    exports_by_vintage,
    out_of_reach,
)
from analysis.vintages.conclusions import HEADLINES

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
DAYS = ("2025-10-31", "2025-11-30")


def vintage(which: int) -> pd.DataFrame:
    rows = [
        ("WLD", pd.Timestamp(month), *map(float, case[which]), "stated", 1, "f1")
        for month, case in CASES.items()
        if case[which]
    ]
    return validate(pd.DataFrame(rows, columns=list(Exports.to_schema().columns)), Exports, "made")


def test_each_month_has_changed_as_its_bounds_say() -> None:
    revisions = validate(compare_vintages(vintage(0), vintage(1)), Revisions, "revisions")
    found = dict(zip(revisions["month"].dt.strftime("%Y-%m"), revisions["change"], strict=True))
    assert found == {month: case[2] for month, case in CASES.items() if case[2]}
    row = revisions.set_index("month").loc["2025-07-01"]
    assert row[["old_lower", "old_upper", "new_lower", "new_upper"]].tolist() == [99, 101, 103, 105]
    assert describe_changes(revisions, DAYS) == (
        "What came out after October 2025 changed 8 months of destinations: 1 added (not known "
        "before), 1 settled (known too roughly before, now data), 2 revised (moved to tonnes that "
        "were ruled out before), 2 refined (bounds changed), 1 unsettled (data before, now too "
        "rough), 1 withdrawn (no longer known). They are of the world."
    )


def test_nothing_has_changed() -> None:
    revisions = validate(compare_vintages(vintage(0), vintage(0)), Revisions, "revisions")
    assert describe_changes(revisions, DAYS) == (
        "Nothing that came out after October 2025 changed any month of any destination."
    )


ASKED = ("a", "WLD", "counterfactual", "2025-04", "2025-05")


def answers(*verdicts: tuple[float, float, float, str]) -> pd.DataFrame:
    rows = [
        (pd.Timestamp(day), *ASKED, *numbers, 0.95, 0.01, verdict, "")
        for day, (*numbers, verdict) in zip(DAYS, verdicts, strict=True)
    ]
    return pd.DataFrame(rows, columns=list(RealTime.to_schema().columns))


@pytest.mark.parametrize(
    ("before", "now", "outcome"),
    [
        ((-60.0, -70.0, -50.0, "below"), (-62.0, -72.0, -52.0, "below"), "stands"),
        ((-60.0, -70.0, -50.0, "below"), (-75.0, -85.0, -65.0, "below"), "moved"),
        ((-60.0, -90.0, -10.0, "below"), (-40.0, -45.0, -35.0, "below"), "moved"),
        ((-10.0, -20.0, -1.0, "below"), (-9.0, -20.0, 1.0, "within noise"), "moved"),
        ((NAN, NAN, NAN, "not told"), (-9.0, -20.0, 1.0, "within noise"), "moved"),
        ((NAN, NAN, NAN, "not told"), (NAN, NAN, NAN, "not told"), "stands"),
    ],
)
def test_an_answer_moves_with_its_verdict_or_out_of_its_interval(
    before: tuple[float, float, float, str], now: tuple[float, float, float, str], outcome: str
) -> None:
    compared = compare_conclusions(answers(before, now))
    assert compared["outcome"].tolist() == [outcome]
    told = describe_conclusions(compared, DAYS)
    assert told.startswith("1 of 1 headline" if outcome == "moved" else "None of the 1 headline")


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
    assert told == (
        "This is so by construction: the months added, June to July 2025, come after every "
        "window, the last of which ends in May 2025; up to then no months of the destinations "
        "asked about changed."
    )
    almost = out_of_reach(added("2025-06", changes=("refined",)), standing)
    assert almost.startswith("This is so almost by construction: the months added, June 2025, ")
    assert "up to then 1 months" in almost
    assert out_of_reach(added("2025-05", "2025-06"), standing) == ""
    assert out_of_reach(added(changes=("refined",)), standing) == ""
    compared = compare_conclusions(standing)
    assert describe_conclusions(compared, DAYS, told).endswith(f"since October 2025. {told}")
    assert "construction" not in describe_conclusions(compared.assign(outcome="moved"), DAYS, told)


def test_the_headline_questions_are_those_of_the_shipped_studies() -> None:
    files = sorted((ROOT / "studies").glob("*.yaml"))
    shipped = {study.study: study for _, _, study in load_studies(files, {})}
    for study in HEADLINES:
        words = {"question": shipped[study.study].question}
        assert shipped[study.study] == study.model_copy(update=words)


def known_world(months: int, window: dict[str, float]) -> pd.DataFrame:
    """A level of 1,000 t for so many months up to 2024, and the months of 2025 as given."""
    index = pd.period_range(end="2024-12", periods=months, freq="M")
    noise = 1 + 0.02 * np.random.default_rng(1).standard_normal(months)
    tonnes = dict(zip(index.astype(str), 1000 * noise, strict=True)) | window
    rows = [
        ("WLD", pd.Timestamp(month), value, value - 1, value + 1, "stated", 1, "f1")
        for month, value in tonnes.items()
    ]
    return pd.DataFrame(rows, columns=list(Exports.to_schema().columns))


def test_a_vintage_tells_once_every_month_of_the_window_is_out() -> None:
    events = load_events(ROOT / "data" / "raw")
    half, whole = {"2025-04": 500.0}, {"2025-04": 500.0, "2025-05": 500.0}
    vintages = {"2025-05-31": known_world(48, half), "2025-06-30": known_world(48, whole)}
    table = validate(ask_vintages(vintages, events), RealTime, "real time")
    world = table[table["study"] == Study().study].set_index("vintage")
    assert world["verdict"].tolist() == ["not told", "below"]
    assert world["reason"].iloc[0] == "not every month from 2025-04 to 2025-05 is observed"
    assert world["lower"].iloc[1] < -50 < world["upper"].iloc[1]
    others = table[table["destination"] != "WLD"]
    assert set(others["verdict"]) == {"not told"}


WORLD = ("magnets_85051110", "WLD")


def test_the_vintages_are_the_months_in_which_something_came_out(tmp_path: Path) -> None:
    published = ["2025-02-20", "2025-02-25", "2025-04-20"]
    months = pd.to_datetime(["2025-01", "2025-02", "2025-03"])
    figures = pd.DataFrame(
        [
            (f"f{n}", *WORLD, month, month, "tonnes", f"{n + 1}00", "", False, f"p{n}", "")
            for n, month in enumerate(months)
        ],
        columns=list(Figures.to_schema().columns),
    )
    pages = pd.DataFrame(
        [(f"p{n}", "A", "A", "", day) for n, day in enumerate(published)],
        columns=list(Sources.to_schema().columns),
    )
    cleaning = Cleaning(raw_dir=str(tmp_path))
    everything = vintage(1)
    known = exports_by_vintage(figures, pages, everything, cleaning, 12)
    assert list(known) == ["2025-02-28", "2025-04-30"]
    assert known["2025-02-28"]["upper"].round().tolist() == [101, 201]
    assert known["2025-04-30"] is everything
    assert list(exports_by_vintage(figures, pages, everything, cleaning, 1)) == ["2025-04-30"]
