"""The README's finding holds the numbers that the notebooks compute; each exhibit has its cell."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from fnmatch import fnmatch
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from contracts import read_table
from effects import EffectError, counterfactual
from ledger.series import monthly_series
from places import Place
from press.site import site

from analysis.answer import totals_never_used
from analysis.events import policy_regimes
from analysis.sources import load_regimes
from analysis.study import ROOT, Study
from analysis.tables import Events, Exports


@pytest.fixture(scope="module")
def finding() -> str:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    return " ".join(readme.split("## Two commands")[0].split())


def row(real: Place, study: str, **wanted: str) -> pd.Series:
    effects = pd.read_csv(real.reports / study / "effects.csv")
    for column, value in wanted.items():
        effects = effects[effects[column] == value]
    return effects.iloc[0]


def percent(value: float) -> str:
    return f"{value:.0f} %".replace("-", "−")


SHARE = "share of the expected sum"


@pytest.mark.parametrize(
    ("study", "words"),
    [
        ("april-2025-world", "short of normal (95 % interval "),
        ("april-2025-usa", "short ("),
        ("april-2025-world-ex-usa", "("),
    ],
)
def test_losses_of_spring_2025(real: Place, finding: str, study: str, words: str) -> None:
    found = row(real, study, estimator="counterfactual", estimand=SHARE)
    interval = f"{percent(found.lower)} to {percent(found.upper)})"
    assert f"{percent(-found.estimate)} {words}{interval}" in finding


def test_tonnes_not_shipped(real: Place, finding: str) -> None:
    found = row(real, "april-2025-world", estimator="counterfactual", estimand="cumulative effect")
    least, middle, most = (
        f"{round(-tonnes, -2):,.0f}" for tonnes in (found.upper, found.estimate, found.lower)
    )
    assert f"some {middle} tonnes not shipped ({least} to {most})" in finding


def test_the_range_over_choices(real: Place, finding: str) -> None:
    effects = pd.read_csv(real.reports / "april-2025-world" / "effects.csv")
    other = effects[effects["estimator"].str.startswith("textbook")]["estimate"].dropna()
    variants = pd.read_csv(real.reports / "april-2025-world" / "sensitivity.csv")
    headline = variants[variants["aspect"] != "swing"]["estimate"].dropna()
    every = pd.concat([other, headline])
    assert f"between {percent(every.max())} and {percent(every.min())}" in finding


def test_lost_or_moved(real: Place, finding: str) -> None:
    effects = pd.read_csv(real.reports / "april-2025-world" / "effects.csv")
    net = effects[effects["estimand"] == "cumulative effect since the baseline"].iloc[-1]
    ends = [f"{round(net[name], -2):+,.0f}" for name in ("lower", "upper")]
    told = f"net is {round(net['estimate'], -2):,.0f} tonnes, with an interval from "
    assert f"{told}{ends[0]} to {ends[1]}.".replace("-", "−") in finding


def test_who_lost_the_tonnes(real: Place, finding: str) -> None:
    lost = [
        row(real, study, estimator="counterfactual", estimand="cumulative effect").estimate
        for study in ("april-2025-usa", "april-2025-world-ex-usa")
    ]
    readme = " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())
    assert f"{100 * lost[1] / sum(lost):.0f} % of the tonnes lost were not American" in readme


def test_the_control_group(real: Place, finding: str) -> None:
    found = pd.read_csv(real.reports / "goods.csv").query("measure == 'quantity'").iloc[0]
    assert (found["start"], found["end"], found["rank"]) == ("2025-04", "2025-05", 1)
    assert f"Beside {found['goods'] - 1} other Chinese export goods" in finding
    assert f"the largest (p = {found['p_value']:.3f}" in finding


def test_the_swing_of_september(real: Place, finding: str) -> None:
    found = row(real, "september-2025-swing", estimator="swing")
    assert found.p_value > 0.5
    assert f"most months (p = {found.p_value:.2f})" in finding
    told = (
        f"it is {found.estimate:.1f} %, with a 95 % interval from {found.lower:.0f} % to "
        f"{found.upper:+.0f} %"
    )
    assert told.replace("-", "−") in finding
    about = json.loads((real.reports / "september-2025-swing" / "headline.json").read_text())
    missed = f"less than {-about['minimum_detectable']:.0f} % would be missed more than one time"
    assert missed in finding


def test_the_swing_of_september_to_the_united_states(real: Place, finding: str) -> None:
    swings = pd.read_csv(real.reports / "april-2025-usa" / "swings.csv").set_index("month")
    found = swings.loc["2025-09-01"]
    assert found["unusual"]
    change = f"{-found['change_pct']:.1f} % to the United States"
    assert f"{change} in that month looks unusual" in finding
    assert f"(p = {found['p_value']:.2f}, the least" in finding
    assert found["p_value"] == pytest.approx(1 / 26)
    claims = pd.read_csv(real.reports / "claims.csv").set_index("claim_id")
    by_month = re.search(r"each calendar month .* \(p = ([0-9.]+),", claims.loc["c36", "reason"])
    assert by_month is not None
    told = f"does not with a level for each calendar month (p = {float(by_month[1]):.2f})"
    assert told in finding


def test_a_fall_without_any_licence(real: Place) -> None:
    asked = Study(processed_dir=str(real.folder / "processed"))
    exports = read_table(asked.processed / "exports.parquet", Exports)
    events = read_table(asked.processed / "events.parquet", Events)
    policy = policy_regimes(events, load_regimes(asked.raw))
    totals = totals_never_used(asked, monthly_series(exports, "WLD"), policy)
    months = totals[["start", "end"]].astype(str).agg(" to ".join, axis="columns")
    found = totals[months == "2020-01 to 2020-02"].iloc[0]
    assert found["outside"]
    below = 100 * (1 - found["upper"] / found["expected"])
    readme = " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())
    assert f"lies {below:.0f} % below what it implies" in readme


def described(svg: Path) -> str:
    found = re.search(r'aria-label="([^"]*)"', svg.read_text(encoding="utf-8"))
    assert found is not None
    return found[1]


def test_the_figure_is_the_one_that_the_report_shows(real: Place) -> None:
    shown = real.reports / "april-2025-world" / "figures" / "counterfactual.svg"
    assert described(ROOT / "docs" / "finding.svg") == described(shown), f"copy {shown} there"


def test_who_can_be_asked(real: Place) -> None:
    asked = Study()
    exports = read_table(real.folder / "processed" / "exports.parquet", Exports)
    answered = set()
    for destination in exports["destination"].unique():
        with suppress(EffectError):
            series = monthly_series(exports, destination)
            counterfactual(series, asked.start, asked.end, baseline_end=asked.baseline_end)
            answered.add(destination)
    readme = " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())
    told = re.findall(r"Three destinations can be asked: (.+?)\. Of the rest", readme)[0]
    assert set(re.findall(r"`(\S+)`", told)) == answered


def exhibits() -> list[list[str]]:
    """Of each row of the replication guide's last table: exhibit, file, notebook, cell."""
    guide = (ROOT / "docs" / "REPLICATION.md").read_text(encoding="utf-8")
    rows = guide.split("## Exhibits")[1].split("| --- | --- | --- | --- |\n")[1].splitlines()
    return [[cell.strip(" `") for cell in row.strip("|").split("|")] for row in rows]


@pytest.mark.parametrize("row", exhibits(), ids=lambda row: f"{row[1]}-{row[2]}")
def test_an_exhibit_is_made_by_the_cell_that_is_named(row: list[str]) -> None:
    _, file, notebook, name = row
    cells = nbformat.read(ROOT / "notebooks" / f"{notebook}.ipynb", as_version=4).cells
    (cell,) = [cell for cell in cells if cell.id == name]
    stem = Path(file).stem
    assert stem in cell.source or re.search(r"save|write", cell.source), cell.source
    makes = [path.replace("folder/", "reports/*/") for path in site().notebooks[notebook].makes]
    assert any(fnmatch(file, path) for path in makes), makes


def test_no_table_or_figure_lacks_in_the_list_of_exhibits(real: Place) -> None:
    listed = {file.removeprefix("reports/") for _, file, _, _ in exhibits()}
    for file in listed:
        assert (real.reports / file).exists(), file
    studies = "|".join(path.parent.name for path in real.reports.glob("*/headline.json"))
    of_any = {re.sub(rf"^({studies})/", "*/", file) for file in listed}
    kinds = ("*.csv", "data/*.csv", "april-2025-world/*.csv")
    kinds += ("data/figures/*.svg", "april-2025-world/figures/*.svg")
    made = [
        path.relative_to(real.reports).as_posix()
        for kind in kinds
        for path in real.reports.glob(kind)
    ]
    assert {re.sub(rf"^({studies})/", "*/", path) for path in made} <= of_any
