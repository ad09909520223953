"""Figures: right on light and dark, alone and among others, described, stable, and legible."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from dataclasses import replace
from textwrap import wrap
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from charts import (
    Curve,
    Figure,
    count_figures,
    plot_breaks,
    plot_bridge,
    plot_counterfactual,
    plot_coverage,
    plot_intake,
    plot_ranks,
    plot_real_time,
    plot_series,
    plot_specification,
    plot_swings,
    plot_tally,
    save_figures,
)
from charts.coverage import fold_years
from charts.curves import place_bands
from charts.marks import (
    draw_phases,
    extent,
    label_points,
    phase_inches,
    phased_boxes,
    phases_within,
)
from charts.palette import DARK, EVENT, GRID, INK, MODEL, MUTED, OBSERVED, PAPER
from charts.series import cut_months
from charts.sheet import even_lines, plain, sheet
from charts.svg import STYLE
from effects import bridge
from effects.ranks import rank_among
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.dates import date2num
from matplotlib.text import Text

from analysis.events import policy_regimes
from analysis.pictures import event_marks, plot_timeline
from analysis.sources import load_events
from analysis.study import ROOT

NAMED = {"name": "exports to the moon", "source": "Source: made up."}


def called(part: str) -> str:
    """What a destination is called in these charts."""
    return {"others": "all others", "WLD": "the world", "USA": "the United States"}.get(part, part)


MANY = {"names": called, "source": "Source: made up."}
INTAKE = MANY | {"studied": "magnets_85051110", "neighbours": {"rare_earths_raw": "raw ones"}}
SVG = "{http://www.w3.org/2000/svg}"
XLINK = "{http://www.w3.org/1999/xlink}"
MONTHS = pd.date_range("2023-01-01", "2025-12-01", freq="MS").as_unit("ns")
MARKS = pd.DataFrame(
    {
        "date": pd.to_datetime(["2025-04-04", "2025-06-10", "2025-10-09"]),
        "label": ["Tight licensing", "Licences flowing", ""],
    }
)


def make_exports() -> pd.DataFrame:
    """36 months of 1,000 to 1,035 tonnes; 2024-03 is loosely bounded, 2024-07 not at all."""
    tonnes = 1000.0 + np.arange(36)
    rows = pd.DataFrame(
        {
            "destination": "WLD",
            "month": MONTHS,
            "tonnes": tonnes,
            "lower": tonnes - 0.5,
            "upper": tonnes + 0.5,
            "status": "stated",
            "newsrooms": 2,
            "figure_ids": "f1",
        }
    )
    rows.loc[14, ["tonnes", "lower", "upper"]] = [np.nan, 700.0, 1300.0]
    return rows.drop(index=18).reset_index(drop=True)


def make_path() -> pd.DataFrame:
    """Observed 1,000 throughout but 400 in 2025-05; 1,000 expected, 800 to 1,250, from 2025-04."""
    after = MONTHS >= "2025-04-01"
    observed = np.where(MONTHS == "2025-05-01", 400.0, 1000.0)
    path = pd.DataFrame({"month": MONTHS, "observed": observed})
    path["observed_lower"], path["observed_upper"] = observed - 1, observed + 1
    path["counterfactual"] = np.where(after, 1000.0, np.nan)
    path["lower"], path["upper"] = path["counterfactual"] * 0.8, path["counterfactual"] * 1.25
    path["effect"] = path["observed"] - path["counterfactual"]
    path["effect_lower"] = path["observed"] - path["upper"]
    path["effect_upper"] = path["observed"] - path["lower"]
    return path


def make_swings() -> pd.DataFrame:
    change = np.where(MONTHS == "2025-05-01", -50.0, 3.0)
    return pd.DataFrame(
        {
            "month": MONTHS,
            "change_pct": change,
            "expected_pct": 1.0,
            "residual": change - 1,
            "usual_lower": -9.0,
            "usual_upper": 10.0,
            "p_value": np.where(change < 0, 0.02, 0.6),
            "unusual": change < 0,
        }
    )


def draw_bridge() -> Figure:
    """1,000 tonnes become 900: AAA −120, BBB +50 with bounds 40 to 60, the rest −30."""
    months = pd.period_range("2025-04", "2025-05", freq="M")
    best = pd.DataFrame(
        {"WLD": [1000.0, 900.0], "AAA": [300.0, 180.0], "BBB": [100.0, 150.0]}, index=months
    )
    lower, upper = best.copy(), best.copy()
    lower.loc["2025-05", "BBB"], upper.loc["2025-05", "BBB"] = 140.0, 160.0
    return plot_bridge(bridge(best, lower, upper, "2025-05", total="WLD"), name="exports", **MANY)


def make_printed() -> pd.DataFrame:
    """Five published figures: three on the world, one on the USA, one of another series."""
    return pd.DataFrame(
        {
            "series": ["magnets_85051110"] * 4 + ["rare_earths_raw"],
            "destination": ["WLD", "WLD", "WLD", "USA", "WLD"],
            "period_end": pd.to_datetime(
                ["2023-05-01", "2025-05-01", "2025-06-01", "2025-05-01", "2023-01-01"]
            ),
        }
    )


def make_specifications() -> Curve:
    """Four estimates, two of them without zero, by two choices."""
    estimates = np.array([-60.0, -30.0, 5.0, 20.0])
    rows = pd.DataFrame({"study": list("abcd"), "estimate": estimates, "p_value": 0.1})
    rows["lower"], rows["upper"] = estimates - 25, estimates + 25
    rows["destination"] = ["Germany", "Germany", "the world", "Germany"]
    rows["baseline_end"] = ["2023-12", "2024-12", "2024-12", "2023-12"]
    choices = ("destination", "baseline_end")
    return Curve("counterfactual", "Effect", "%", rows, choices, (), "study", "No test.")


def make_real_time() -> pd.DataFrame:
    """Two vintages of two destinations; the first cannot tell the USA."""
    rows = [
        ("2025-06-30", "WLD", -65.0, -74.0, -53.0),
        ("2025-07-31", "WLD", -67.0, -74.0, -57.0),
        ("2025-06-30", "USA", np.nan, np.nan, np.nan),
        ("2025-07-31", "USA", -84.0, -88.0, -79.0),
    ]
    table = pd.DataFrame(rows, columns=["vintage", "destination", "estimate", "lower", "upper"])
    vintage = pd.to_datetime(table["vintage"])
    window = {"start": "2025-04", "end": "2025-05", "headline": "counterfactual"}
    return table.assign(vintage=vintage, **window)


def make_catalogue() -> tuple[pd.DataFrame, pd.DataFrame]:
    """An early event, one suspended before it took effect, one scheduled and one in dispute."""
    rows = [
        ("early", "2010-07-08", None, None, "quota", "Cut."),
        ("never", "2025-10-09", "2025-11-08", "2025-11-07", "control_tightening", "NEVER."),
        ("due", "2025-11-07", "2026-11-10", None, "other", "SCHEDULED DATE ONLY: it ends."),
        ("rules", None, "2024-12-01", None, "control_tightening", "In force."),
        ("truce", "2025-05-12", "2025-05-12", None, "truce", "For 90 days."),
        ("later", "2013-01-01", "2014-01-01", None, "other", "A year on."),
    ]
    dates = ["date_announced", "date_effective", "date_suspended"]
    events = pd.DataFrame(rows, columns=["event_id", *dates, "kind", "summary"])
    events[dates] = events[dates].apply(pd.to_datetime)
    events = events.assign(name=events["event_id"].str.capitalize(), actor="CN")
    others = [("truce", "date_announced", "2025-05-11"), ("never", "rate", "15%")]
    return events, pd.DataFrame(others, columns=["event_id", "field", "alternative"])


DRAWINGS: dict[str, Callable[[], Figure]] = {
    "series": lambda: plot_series(make_exports(), "WLD", MARKS, **NAMED),
    "counterfactual": lambda: plot_counterfactual(make_path(), "2025-04", 0.95, MARKS, **NAMED),
    "swings": lambda: plot_swings(make_swings(), "2025-05", "2024-12", 0.95, **NAMED),
    "bridge": draw_bridge,
    "specifications-counterfactual": lambda: plot_specification(
        make_specifications(), source="Source: made up."
    ),
    "intake": lambda: plot_intake(make_printed(), **INTAKE),
    "timeline": lambda: plot_timeline(*make_catalogue()),
    "coverage": lambda: plot_coverage(make_exports(), **MANY),
    "verdicts": lambda: plot_tally(
        pd.Series(["refuted", "supported", "refuted"], name="verdict"),
        stem="verdicts",
        name="claims",
        caption="One bar a verdict.",
        source="Source: made up.",
    ),
    "real-time": lambda: plot_real_time(make_real_time(), "2025-04", **MANY),
}
every_figure = pytest.mark.parametrize("name", DRAWINGS)


def parse(figure: Figure) -> ElementTree.Element:
    return ElementTree.fromstring(figure.svg)


def words_of(figure: Figure) -> list[str]:
    return ["".join(text.itertext()) for text in parse(figure).iter(f"{SVG}text")]


@every_figure
def test_a_figure_is_named_and_described(name):
    figure = DRAWINGS[name]()
    root = parse(figure)
    assert figure.stem == name
    assert root.get("role") == "img"
    assert root.get("aria-label") == figure.alt
    assert root.findtext(f"{SVG}title")
    assert root.findtext(f"{SVG}desc") == figure.alt
    assert figure.finding in figure.alt
    assert figure.caption.endswith(".")
    assert any(words.startswith("Source: ") for words in words_of(figure))


@every_figure
def test_text_is_text_in_the_palette(name):
    root = parse(DRAWINGS[name]())
    texts = list(root.iter(f"{SVG}text"))
    assert len(texts) > 5
    assert {text.get("fill") for text in texts} <= set(DARK)
    assert not list(root.iter(f"{SVG}metadata"))


@every_figure
def test_every_colour_has_a_dark_half(name):
    for element in parse(DRAWINGS[name]()).iter():
        for paint in ("fill", "stroke"):
            colour = element.get(paint, "none")
            assert colour == "none" or f'[{paint}="{colour}"]{{{paint}:{DARK[colour]}}}' in STYLE


@every_figure
def test_no_inline_style_and_one_shared_style_sheet(name):
    root = parse(DRAWINGS[name]())
    assert all("style" not in element.attrib for element in root.iter())
    assert all(path.get("d") for path in root.iter(f"{SVG}path"))
    assert [style.text for style in root.iter(f"{SVG}style")] == [STYLE]


@every_figure
def test_every_reference_leads_somewhere(name):
    root = parse(DRAWINGS[name]())
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    assert len(ids) == len(set(ids))
    links = [element.get(f"{XLINK}href") for element in root.iter(f"{SVG}use")]
    clips = [element.get("clip-path") for element in root.iter() if element.get("clip-path")]
    wanted = {str(link).removeprefix("#") for link in links}
    wanted |= {str(clip).removeprefix("url(#").removesuffix(")") for clip in clips}
    assert wanted == set(ids)


@every_figure
def test_a_figure_is_the_same_bytes_every_time(name):
    first, second = DRAWINGS[name](), DRAWINGS[name]()
    assert first.svg == second.svg
    assert "\r" not in first.svg


def test_figures_of_one_page_share_no_id():
    every = [set(re.findall(r' id="([^"]+)"', draw().svg)) for draw in DRAWINGS.values()]
    other = plot_series(make_exports(), "WLD", MARKS, name="exports to Mars", source="")
    every.append(set(re.findall(r' id="([^"]+)"', other.svg)))
    assert sum(map(len, every)) == len(set.union(*every)) > 0


def test_the_reader_s_own_settings_change_nothing(monkeypatch):
    import matplotlib as mpl

    usual = DRAWINGS["series"]().svg
    monkeypatch.setitem(mpl.rcParams, "font.size", 30)
    monkeypatch.setitem(mpl.rcParams, "svg.fonttype", "path")
    assert DRAWINGS["series"]().svg == usual
    assert mpl.rcParams["font.size"] == 30


def test_a_notebook_shows_svg_with_its_description():
    figure = DRAWINGS["series"]()
    data, metadata = figure._repr_mimebundle_(include=None, exclude=None)
    assert data == {"image/svg+xml": figure.svg, "text/plain": figure.alt}
    words = {"alt": figure.alt, "caption": figure.caption, "stem": "series"}
    assert metadata == {"image/svg+xml": words}


@every_figure
def test_a_saved_figure_has_its_numbers_beside_it(name, tmp_path):
    figure = DRAWINGS[name]()
    listed = save_figures([figure], tmp_path / "figures")
    assert listed["files"].tolist() == [f"{name}.svg {name}.csv"]
    assert (tmp_path / "figures" / f"{name}.svg").read_text(encoding="utf-8") == figure.svg
    numbers = pd.read_csv(tmp_path / "figures" / f"{name}.csv")
    assert list(numbers.columns) == list(figure.data.columns)
    for column in figure.data.select_dtypes("number"):
        np.testing.assert_allclose(numbers[column], figure.data[column])
    assert sorted(path.name for path in (tmp_path / "figures").iterdir()) == [
        f"{name}.csv",
        f"{name}.svg",
    ]


def linear(colour: str) -> np.ndarray:
    """Linear RGB of a hex colour by the sRGB transfer curve (IEC 61966-2-1)."""
    part = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    """Contrast ratio of WCAG 2.2, https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio."""
    low, high = sorted(float(linear(c) @ [0.2126, 0.7152, 0.0722]) for c in (one, other))
    return (high + 0.05) / (low + 0.05)


def test_contrast_of_black_on_white_is_21():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize("colour", [INK, MUTED, OBSERVED, MODEL, EVENT])
def test_text_has_contrast_on_light_and_on_dark(colour):
    assert contrast(colour, PAPER) >= 4.5
    assert contrast(DARK[colour], DARK[PAPER]) >= 4.5


def test_the_style_sheet_uses_the_palette():
    sheet_text = (ROOT / "libs" / "charts" / "matplotlibrc").read_text(encoding="utf-8")
    used = set(re.findall(r"color: ([0-9a-f]{6})", sheet_text))
    assert {f"#{colour}" for colour in used} <= {INK, MUTED, GRID, PAPER}


VISION = {
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
"""Machado, Oliveira and Fernandes (2009), IEEE TVCG 15(6), severity 1.0, on linear RGB."""


def lab(rgb: np.ndarray) -> np.ndarray:
    """CIELAB (D65) of linear RGB."""
    to_xyz = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    x, y, z = np.cbrt((np.array(to_xyz) @ np.clip(rgb, 0, 1)) / [0.9505, 1.0, 1.089])
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("vision", VISION)
def test_the_colour_blind_tell_observed_from_model(vision):
    for one, other in ((OBSERVED, MODEL), (DARK[OBSERVED], DARK[MODEL])):
        seen = [lab(np.array(VISION[vision]) @ linear(colour)) for colour in (one, other)]
        assert np.linalg.norm(seen[0] - seen[1]) > 25


def test_missing_months_are_gaps():
    """35 rows, one of them loose, one month absent: the line has three pieces."""
    figure = DRAWINGS["series"]()
    assert len(figure.data) == 36
    assert figure.data["tonnes"].isna().sum() == 2
    lines = [
        path.get("d", "")
        for path in parse(figure).iter(f"{SVG}path")
        if path.get("stroke") == OBSERVED and path.get("fill") == "none"
    ]
    assert max(line.count("M") for line in lines) == 3


def test_descriptions_hold_the_numbers():
    """Worked out by hand from the made-up tables above."""
    assert "the lowest month is 1,000 tonnes in January 2023" in DRAWINGS["series"]().alt
    assert "the highest 1,035 tonnes in December 2025" in DRAWINGS["series"]().alt
    assert "2 of 36 months are missing" in DRAWINGS["series"]().alt
    path = DRAWINGS["counterfactual"]().alt
    assert "1 of the 9 months observed from April 2025 on lies outside" in path
    assert "May 2025: 400 tonnes observed against 1,000 expected (800 to 1,250)" in path
    swings = DRAWINGS["swings"]().alt
    assert "Of 36 known changes" in swings
    assert "one is unusual: May 2025 (−50.0 %, +1.0 % expected)" in swings
    assert "log scale" in swings
    split = DRAWINGS["bridge"]().alt
    assert "from 1,000 tonnes in April 2025 to 900 in May 2025, a change of −100 tonnes" in split
    assert "AAA −120; BBB +50; all others −30" in split
    assert "5 published figures" in DRAWINGS["intake"]().alt


def test_units_and_scale_stand_in_the_figure():
    assert "Tonnes a month" in words_of(
        plot_series(make_exports().drop(index=14), "WLD", MARKS, **NAMED)
    )
    told = " ".join(words_of(DRAWINGS["swings"]()))
    assert "Change on the month before less the one expected, percent (log scale)" in told
    assert {"expected", "usual", "May 2025", "−51.0 %"} <= set(words_of(DRAWINGS["swings"]()))


def test_bars_that_are_cut_off_have_an_arrow_and_say_how_far_they_reach():
    """The loose month reaches 1,300 tonnes, the chart 1.12 times 1,035.5."""
    figure = DRAWINGS["series"]()
    told = "Tonnes a month; bars with an arrow are cut off and reach up to 1,300"
    assert told in " ".join(words_of(figure))
    assert "Pale bars span what 1 of the 2 months" in figure.caption
    top = 1.12 * 1035.5
    assert cut_months(figure.data, top).sum() == 1
    assert not cut_months(figure.data, 1300.0).any()
    whole = plot_series(make_exports().drop(index=14), "WLD", MARKS, **NAMED)
    assert "ale bars" not in whole.caption
    marked, unmarked = (len(list(parse(one).iter(f"{SVG}use"))) for one in (figure, whole))
    assert marked - unmarked == 1


def test_a_bridge_tells_its_changes_where_no_line_runs():
    figure = DRAWINGS["bridge"]()
    assert "each of the 2 destinations known in both months" in figure.caption
    width = float(parse(figure).get("viewBox", "").split()[2])
    column = {text.text: float(text.get("x", "0")) for text in parse(figure).iter(f"{SVG}text")}
    assert all(column[told] > 0.9 * width for told in ("−120", "+50", "−30", "−100"))


def test_of_one_destination_the_bridge_speaks_in_the_singular():
    months = pd.period_range("2025-04", "2025-05", freq="M")
    best = pd.DataFrame({"WLD": [2627.0, 1238.0], "AAA": [246.0, 46.0]}, index=months)
    figure = plot_bridge(bridge(best, best, best, "2025-05", total="WLD"), name="exports", **MANY)
    assert "what the one destination known in both months added or took away" in figure.caption
    ticks = [word for word in words_of(figure) if word in ("−1,500", "−1,000", "−500", "0")]
    assert ticks == ["−1,000", "−500", "0"]
    alone = plot_bridge(
        bridge(best[["WLD"]], *2 * [best[["WLD"]]], "2025-05", total="WLD"),
        name="exports",
        **MANY,
    )
    assert "April 2025 and May 2025, as a whole." in alone.caption


def test_a_bridge_adds_up():
    steps = DRAWINGS["bridge"]().data
    assert steps["step"].tolist() == ["AAA", "BBB", "all others", "in all"]
    assert steps["start"].tolist() == [0, -120, -70, 0]
    assert steps["total"].tolist() == [880, 930, 900, 900]
    assert steps.loc[1, ["lower", "upper"]].tolist() == [40, 60]


def test_figures_are_counted_by_series_destination_and_year():
    counts = count_figures(make_printed())
    assert counts.columns.tolist() == ["series", "destination", "2023", "2024", "2025"]
    assert counts.iloc[0].tolist() == ["magnets_85051110", "WLD", 1, 0, 2]
    assert counts[["2023", "2024", "2025"]].to_numpy().sum() == 5


def test_a_tally_counts_answers_the_commonest_first():
    figure = DRAWINGS["verdicts"]()
    assert figure.title == "2 of 3 claims are refuted"
    assert figure.data.to_numpy().tolist() == [["refuted", 2], ["supported", 1]]


def test_years_beyond_the_grid_are_summed_before_it():
    rows = pd.DataFrame([range(14)], columns=[str(year) for year in range(2013, 2027)])
    folded = fold_years(rows)
    assert folded.columns[:2].tolist() == ["to 2015", "2016"]
    assert folded.iloc[0, :2].tolist() == [3, 3]
    assert folded.shape[1] == 12
    assert fold_years(rows.iloc[:, 2:]).equals(rows.iloc[:, 2:])


def test_a_timeline_says_what_was_suspended_and_what_is_disputed():
    figure = plot_timeline(*make_catalogue())
    assert figure.finding == (
        "6 events from July 2010 on, 4 of them since December 2024; the busiest month is July 2010 "
        "with 1. 1 was suspended by a later event, 1 of them before they took effect. Sources "
        "differ on 2 events."
    )
    words = words_of(figure)
    assert {"9 Oct 2025 ◇", "1 Dec 2024", "12 May 2025 ◇"} <= set(words)
    pointed = [title.text for title in parse(figure).iter(f"{SVG}title")]
    assert {
        "Never: 9 Oct 2025 → 8 Nov ✕ 7 Nov",
        "Rules: → 1 Dec 2024",
        "Due: 7 Nov 2025 → 10 Nov 2026",
    } <= set(pointed)
    data = figure.data.set_index("event_id")
    assert data.index.tolist() == ["early", "later", "rules", "truce", "never", "due"]
    assert data["others"].to_dict() == dict.fromkeys(data.index, "") | {"truce": "2025-05-11"}
    assert data.index[data["is_planned"]].tolist() == ["never", "due"]


def test_an_estimate_as_data_came_in_is_told_from_the_first_vintage_that_could():
    figure = plot_real_time(make_real_time(), "2025-04", **MANY)
    assert figure.finding == (
        "The effect of April to May 2025 could be told for the world from June 2025: −65 % then, "
        "−67 % in July 2025, never outside −67 to −65 %; for the United States from July 2025: "
        "−84 % then, −84 % in July 2025, never outside −84 to −84 %."
    )
    assert len(figure.data) == 3
    with pytest.raises(ValueError, match="no vintage tells"):
        plot_real_time(make_real_time(), "2025-10", **MANY)


def test_a_series_without_an_observed_month_is_refused():
    with pytest.raises(ValueError, match="no observed month of USA; nothing to draw"):
        plot_series(make_exports(), "USA", MARKS, **NAMED)


def test_without_an_unusual_change_none_is_said_to_be():
    calm = make_swings().assign(unusual=False)
    figure = plot_swings(calm, "2025-05", "2024-12", 0.95, **NAMED)
    assert "Of 36 known changes from January 2023 to December 2025, none is unusual." in figure.alt


def test_a_month_asked_about_without_a_change_is_said_so():
    figure = plot_swings(make_swings(), "2026-02", "2024-12", 0.95, **NAMED)
    assert "February 2026, the month asked about, has no observed change" in figure.alt


@pytest.mark.parametrize(
    ("baseline_end", "level", "said"),
    [("2024-06", 0.95, True), ("2024-07", 0.95, False), ("2024-07", 0.96, True)],
)
def test_a_past_too_short_to_call_anything_unusual_is_said_so(baseline_end, level, said):
    """From January 2023, 18 changes give a rank of 1/19 at least; 19 give 1/20, the level."""
    figure = plot_swings(make_swings(), "2025-05", baseline_end, level, **NAMED)
    assert ("None could be called unusual" in figure.alt) == said
    assert ("Diamonds lie outside it" in figure.caption) != said
    assert figure.finding in figure.alt


def test_marks_name_the_regimes_and_tick_the_rest():
    events = load_events(ROOT / "data" / "raw")
    marks = event_marks(events, policy_regimes(events))
    named = marks[marks["label"] != ""].set_index("label")["date"]
    assert named["Tight licensing"] == pd.Timestamp(2025, 4, 4)
    assert named["Suspension"] == pd.Timestamp(2025, 11, 7)
    assert marks["date"].notna().all()
    assert marks["date"].is_unique


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.dates(pd.Timestamp(2023, 1, 1).date(), pd.Timestamp(2025, 12, 31).date()),
            st.text("abcdefgh ", min_size=1, max_size=20),
        ),
        min_size=1,
        max_size=12,
        unique_by=lambda mark: mark[0],
    )
)
def test_names_of_phases_never_touch_and_stand_over_their_own(pairs):
    """Of up to 20 letters, which fit on one side of any day; longer ones may be left out."""
    marks = pd.DataFrame(pairs, columns=["date", "label"]).assign(
        date=lambda frame: pd.to_datetime(frame["date"])
    )
    shown = pd.Series(pd.to_datetime(["2023-01-01", "2026-01-01"]))
    with sheet("Title", "Units", source="", above=phase_inches(marks, shown)) as on:
        on.axes.set_xlim(date2num(shown.iloc[0]), date2num(shown.iloc[1]))
        draw_phases(on.axes, marks, shown)
        boxes = [extent(on.axes, text) for text in on.axes.texts]
        spans = [patch.get_window_extent() for patch in on.axes.patches]
    assert len(spans) == len(phases_within(marks, shown)) == len(pairs)
    assert len(boxes) == len(pairs)
    assert not any(one.overlaps(two) for one, two in itertools.combinations(boxes, 2))
    ends = {round(span.x0) for span in spans}
    assert all({round(box.x0) - 4, round(box.x1) + 4} & ends for box in boxes)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 1000), st.integers(-100, 100), st.text("abc", min_size=1)),
        max_size=15,
    )
)
def test_labels_of_points_never_touch_each_other(points):
    with sheet("Title", "Units", source="Source.") as on:
        axes = on.axes
        axes.set_xlim(0, 1000)
        axes.set_ylim(-100, 100)
        label_points(axes, [(float(x), float(y), words, INK) for x, y, words in points])
        texts = [text for text in axes.texts if isinstance(text, Text)]
        boxes = [extent(axes, text) for text in texts]
    assert not any(one.overlaps(two) for one, two in itertools.combinations(boxes, 2))


def test_a_label_keeps_clear_of_the_ticks_and_of_a_steep_line() -> None:
    """A month near zero between others near 900 tonnes: its label once lay over the ticks."""
    x, tonnes = np.arange(0.0, 400.0, 8.0), np.full(50, 900.0)
    tonnes[25] = 46.0
    with sheet("Title", "Units", source="Source.") as on:
        on.axes.set(xlim=(0, 400), ylim=(0, 950))
        boxes = phased_boxes(on.axes, x, tonnes)
        label_points(on.axes, [(x[25], 46.0, "46 t", INK)], boxes)
        (label,) = on.axes.texts
        box = extent(on.axes, label)
        places = np.linspace([192, 900], [200, 46], 500), np.linspace([200, 46], [208, 900], 500)
        line = on.axes.transData.transform(np.concatenate(places))
        assert box.y0 > on.axes.transData.transform((0, 0.03 * 950))[1]
    assert box.count_contains(line) == 0


HOSTILE = ("<script>alert(1)</script>", "a\x00b\x08c", "\u202eright to left", "$x^2$", "x" * 10_000)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_in_a_label_stays_text(text):
    marks = MARKS.assign(label=[text, "", ""])
    figure = plot_series(make_exports(), "WLD", marks, **NAMED)
    tags = {element.tag for element in parse(figure).iter()}
    assert f"{SVG}script" not in tags
    assert len(figure.svg) < 60_000
    assert "\u202e" not in figure.svg


@given(st.text("ab ", max_size=120), st.integers(10, 60))
def test_a_heading_takes_no_more_lines_than_it_needs_none_too_long(text, longest):
    lines = even_lines(text, longest)
    assert len(lines) == len(wrap(text, longest))
    assert all(len(line) <= longest for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


def test_a_heading_s_lines_are_about_as_long():
    assert even_lines("Exports to the world without the United States", 40) == [
        "Exports to the world",
        "without the United States",
    ]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_label_is_short_and_printable(text):
    assert len(plain(text)) <= 60
    assert plain(text).isprintable()


def test_each_estimate_stands_above_a_stroke_for_each_of_its_choices() -> None:
    bands = list(place_bands(make_specifications()))
    assert [band.choice for band in bands] == ["destination", "baseline_end"]
    assert [band.values for band in bands] == [["Germany", "the world"], ["2023-12", "2024-12"]]
    assert (np.diff([height for band in bands for height in band.heights]) > 0).all()
    words = words_of(DRAWINGS["specifications-counterfactual"]())
    assert {"Germany", "Baseline end"} <= set(words)


def test_estimates_of_one_choice_each_are_named_line_by_line() -> None:
    """A long name takes the lines it needs; each estimate stands beside its own."""
    name = "window at upper, other months at lower bound"
    curve = make_specifications()
    rows = curve.rows.assign(destination=["Germany", name, None, None])
    rows["baseline_end"] = [None, None, "2024-12", "2023-12"]
    drawn = plot_specification(replace(curve, rows=rows), source="")
    assert {"Germany", "window at upper, other", "months at lower bound"} <= set(words_of(drawn))
    assert {"−60", "−30", "+5", "+20"} <= set(words_of(drawn))
    told = [spot.findtext(f"{SVG}title") for spot in parse(drawn).iter(f"{SVG}circle")]
    assert told[0] == "Germany: −60 % (−85 to −35)"
    assert drawn.title == "2 of 4 intervals exclude zero; estimates run from −60 to +20 %"


def draw_places(number: int) -> tuple[Figure, list[str]]:
    """As many estimates as values of the one choice, and the values."""
    places = [f"Place {place:03}" for place in range(number)]
    rows = pd.DataFrame({"study": places, "estimate": np.arange(1.0 * number), "p_value": 0.1})
    rows = rows.assign(lower=rows["estimate"] - 1, upper=rows["estimate"] + 1, destination=places)
    curve = Curve("swing", "Change", "%", rows, ("destination",), (), "study", "No test.")
    drawn = plot_specification(curve, source="")
    return drawn, places


def test_of_many_values_every_second_is_named_and_the_figure_grows_no_more() -> None:
    (some, places), (many, _) = draw_places(60), draw_places(120)
    assert [word for word in words_of(some) if word in places] == places[::2]
    heights = [float(parse(drawn).get("viewBox", "").split()[3]) for drawn in (some, many)]
    assert heights[1] <= heights[0] + 12


def make_breaks(*starts: tuple[str, str, str, float]) -> pd.DataFrame:
    """Shifts as in the contract BreakShifts: start, interval of the date, percent."""
    columns = ["start", "date_lower", "date_upper", "estimate"]
    return pd.DataFrame(list(starts), columns=columns)


def test_breaks_are_bands_over_the_months_of_their_interval() -> None:
    shifts = make_breaks(
        ("2025-04", "2025-03", "2025-05", -59.5), ("2025-09", "2025-09", "2025-09", 120.2)
    )
    figure = plot_breaks(make_exports(), "WLD", shifts, MARKS, **NAMED)
    texts = [
        "".join(node.itertext()) for node in ElementTree.fromstring(figure.svg).iter(SVG + "text")
    ]
    assert "Apr 2025 −60 %" in texts
    assert "Sep 2025 +120 %" in texts
    assert figure.finding.endswith("breaks in April 2025 (−60 %) and in September 2025 (+120 %).")
    assert figure.stem == "breaks-WLD"


def test_a_series_without_a_break_says_so() -> None:
    figure = plot_breaks(make_exports(), "WLD", make_breaks(), MARKS, **NAMED)
    assert figure.finding.endswith("no break stands out from the wandering of the level.")


def test_titles_say_what_the_charts_found():
    """By hand from the made-up tables: May 2025 is the only month that departs."""
    titles = {name: draw().title for name, draw in DRAWINGS.items()}
    assert titles["series"] == (
        "Exports to the moon: lowest in January 2023, highest in December 2025"
    )
    assert titles["counterfactual"] == "Exports to the moon were furthest below normal in May 2025"
    assert titles["swings"] == "1 of 36 monthly changes in exports to the moon is unusual"
    assert titles["bridge"] == "Exports fell by 100 tonnes from April 2025 to May 2025"
    calm = make_path().assign(observed=1000.0, effect=0.0)
    drawn = plot_counterfactual(calm, "2025-04", 0.95, MARKS, **NAMED)
    assert drawn.title.endswith("stayed in the expected range from April 2025 on")


def test_the_widest_gap_is_labelled_and_every_month_tells_its_value():
    figure = DRAWINGS["counterfactual"]()
    assert {"1,000", "expected", "400 in", "May 2025"} <= set(words_of(figure))
    told = {
        group.get("data-name"): [spot.findtext(f"{SVG}title") for spot in group]
        for group in parse(figure).iter(f"{SVG}g")
        if group.get("class") == "values"
    }
    assert len(told["observed"]) == len(figure.data)
    assert told["observed"][0] == "April 2023: 1,000 observed"
    assert len(told["expected"]) == 9
    assert "May 2025: 1,000 expected (800 to 1,250)" in told["expected"]


def test_the_usual_range_of_swings_is_a_band_about_the_expected():
    """Of 36 months each has a bar from −9 to +10 %, in logs, about the zero line."""
    figure = DRAWINGS["swings"]()
    (band,) = (
        path
        for path in parse(figure).iter(f"{SVG}path")
        if path.get("fill") == MUTED and path.get("opacity") == "0.2"
    )
    assert band.get("d", "").count("M") == 36
    words = [spot.findtext(f"{SVG}title") for spot in parse(figure).iter(f"{SVG}circle")]
    assert words[MONTHS.get_loc("2025-05-01")] == (
        "May 2025: −50.0 %, where +1.0 % was expected; −51.0 % beyond it, usual from −9.0 % to "
        "+10.0 %"
    )


@every_figure
def test_what_can_be_pointed_at_lies_on_the_drawing_from_left_to_right(name):
    root = parse(DRAWINGS[name]())
    width, height = map(float, root.get("viewBox", "").split()[2:])
    groups = [one for one in root.iter(f"{SVG}g") if one.get("class") == "values"]
    assert len(groups) == len({one.get("data-name") for one in groups})
    for spot in itertools.chain.from_iterable(groups):
        assert 0 <= float(spot.get("cx", "-1")) <= width
        assert 0 <= float(spot.get("cy", "-1")) <= height
        assert spot.findtext(f"{SVG}title")


@pytest.mark.parametrize("name", ["series", "counterfactual", "swings", "real-time"])
def test_every_axis_of_time_has_a_year(name):
    assert any(re.fullmatch("20[0-9]{2}", words) for words in words_of(DRAWINGS[name]()))


@every_figure
def test_text_is_large_enough_on_a_phone(name):
    """11 px where a chart is as wide as the screen, 390 px."""
    root = parse(DRAWINGS[name]())
    width = float(root.get("viewBox", "").split()[2])
    sizes = [
        float(text.get("font-size", "").removesuffix("px")) for text in root.iter(f"{SVG}text")
    ]
    assert min(sizes) * 390 / width >= 11


def test_no_chart_knows_of_magnets_or_of_china():
    for path in (ROOT / "libs" / "charts").iterdir():
        if path.is_file():
            assert not re.search("magnet|china|rare earth", path.read_text("utf-8"), re.I), path


def test_a_line_beside_an_axis_without_labels_stands_at_its_edge() -> None:
    with sheet("Title", "Units", source="") as on:
        on.axes.plot([-1, 1], [0, 1], color=INK)
        on.axes.yaxis.set_visible(False)
        on.axes.set_ylim(5, -1)
        figure = on.figure("edge", "Chart", "", "", pd.DataFrame())
        upright = re.findall(r"M([\d.]+) [\d.]+L\1 ", figure.svg)
        assert f"{on.axes.bbox.x0:g}" in upright


def test_ranked_changes_are_saved_with_their_units() -> None:
    """Tin falls by 0.8 in the last month, iron and zinc swing by 0.1 and 0.2."""
    months = pd.period_range("2024-01", periods=9, freq="M")
    wave = np.tile([0.1, -0.1], 5)[:9]
    tin = np.where(months == "2024-09", -0.8, 0.01 * np.arange(9))
    changes = pd.DataFrame({"Tin": tin, "Iron": wave, "Zinc": 2 * wave}, index=months)
    found = rank_among(changes, "Tin", months[6:8], months[8:])
    data = plot_ranks(found, name="goods", units="Quantity", source="Source: made up.").data
    assert [*data] == ["good", "change_log", "error_log", "score", "change_pct"]
    assert data["good"].tolist() == ["Tin", "Iron", "Zinc"]
    assert data["change_log"].tolist() == pytest.approx([-0.865, 0.1, 0.2])
    assert data["change_pct"].tolist() == pytest.approx(100 * np.expm1([-0.865, 0.1, 0.2]))
