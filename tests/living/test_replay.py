"""A year in the life of the report: other data, and every page is there and holds no error."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
import replay
from press.site import site

from analysis.sources import load_claims, load_events, load_figures, load_sources
from analysis.study import ROOT
from tests.living.checker import Report, false_sentences

PAGES = [f"data/{stem.partition('_')[2]}.html" for stem in site().shared]
STUDIES = [path.stem for path in sorted((ROOT / "studies").glob("*.yaml"))]
SCARS = ("Traceback", "KeyError", "AssertionError", "nan", "NaN", "NaT")
"""What stands in a page's text where something broke, or was missing and printed all the same."""


@pytest.fixture(params=[name for name in replay.SCENARIOS if name != "event-removed"])
def altered(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A folder with the raw data of one scenario."""
    raw = replay.copy_raw(tmp_path)
    replay.SCENARIOS[request.param](raw)
    return tmp_path


@pytest.mark.living
def test_a_report_on_other_data_is_whole(altered: Path) -> None:
    ended = replay.report(altered)
    assert ended.returncode == 0, ended.stderr + ended.stdout
    pages = replay.pages(altered)
    assert "index.html" in pages
    assert not [stem for stem in STUDIES if f"{stem}/index.html" not in pages]
    assert not [page for page in PAGES if page not in pages]
    read = {name: replay.words_of(text) for name, text in pages.items()}
    scars = {(name, scar) for name, words in read.items() for scar in SCARS if scar in words}
    assert not scars
    assert not false_sentences(Report(altered, altered / "raw"))
    assert all(answer["answer"].strip() for answer in replay.parse_answers(altered))


@pytest.mark.living
def test_odd_studies_are_answered_or_say_why(tmp_path: Path) -> None:
    """Questions nobody planned: each has a page, with its answer or the reason for none."""
    replay.copy_raw(tmp_path)
    written = replay.odd_studies(tmp_path / "studies")
    ended = replay.report(tmp_path, studies=tmp_path / "studies")
    assert ended.returncode in (0, 1), ended.stderr
    pages = replay.pages(tmp_path)
    assert not [name for name in written if f"{name}/index.html" not in pages]
    for name in written:
        read = replay.words_of(pages[f"{name}/index.html"])
        assert not [scar for scar in SCARS if scar in read]
        answered = (tmp_path / "reports" / name / "effects.csv").exists()
        assert answered != ("no result" in " ".join(read))


@pytest.mark.living
def test_studies_whose_event_is_gone_say_so_and_stop_nobody_else(tmp_path: Path) -> None:
    replay.SCENARIOS["event-removed"](replay.copy_raw(tmp_path))
    assert replay.report(tmp_path).returncode == 1
    pages = replay.pages(tmp_path)
    assert not [page for page in ["index.html", *PAGES] if page not in pages]
    event = replay.named_event()
    for path in sorted((ROOT / "studies").glob("*.yaml")):
        said = " ".join(replay.words_of(pages[f"{path.stem}/index.html"]))
        assert ("no event" in said and event in said) == (event in path.read_text())


QUICK = ("calm", "event-removed", "event-moved", "regime-added", "known-by-2025-06-30")


@pytest.mark.parametrize("name", QUICK)
def test_other_data_keep_the_contracts(name: str, tmp_path: Path) -> None:
    raw = replay.copy_raw(tmp_path)
    before = {path.name: path.read_bytes() for path in raw.glob("*.csv")}
    replay.SCENARIOS[name](raw)
    assert any(before[path.name] != path.read_bytes() for path in raw.glob("*.csv"))
    figures, sources = load_figures(raw), load_sources(raw)
    assert set(figures["source_id"]) <= set(sources["source_id"])
    assert len(load_events(raw))
    assert len(load_claims(raw))


def test_simulated_months_are_believed(tmp_path: Path) -> None:
    """Level and changes of a made-up month fit each other, so its tonnes become data."""
    raw = replay.copy_raw(tmp_path)
    replay.SCENARIOS["collapse"](raw)
    before, now = replay.shipped_exports(), replay.exports_of(raw)
    world, old = (one[one["destination"] == "WLD"].set_index("month") for one in (now, before))
    added = world[world.index > old.index.max()]
    assert len(added) == 3
    ratios = added["tonnes"] / old["tonnes"].iloc[-1]
    assert ratios.round(2).tolist() == [0.5, 0.22, 0.5]


def test_customs_partners_sum_to_what_was_printed() -> None:
    exports = replay.shipped_exports()
    world = exports[exports["destination"] == "WLD"].dropna(subset="tonnes")
    last = world["month"].max()
    own = exports[exports["month"] == last].set_index("destination")
    tonnes = pd.Series(replay.tonnes_within(own, last.to_period("M")), index=replay.PARTNERS)
    assert len(tonnes) == 40
    assert own.loc["WLD", "lower"] <= tonnes.sum() + 1e-6
    assert tonnes.sum() <= own.loc["WLD", "upper"] + 1e-6
