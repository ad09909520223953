"""Facts that hold for every page, of a little site and of the real report alike."""

from __future__ import annotations

import csv
import hashlib
import itertools
import json
import re
from copy import copy
from datetime import datetime
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import frictionless
import numpy as np
import pandas as pd
import pytest
from bs4 import BeautifulSoup
from ledger.pages import MOST_CELLS
from places import Place
from press.site import site as described
from press.tables import typeset
from tradedata.destinations import destination_name

from analysis.study import ROOT


class Page(HTMLParser):
    """What the tests ask of a page."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.starts: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.starts.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.starts if name == tag]

    def values(self, attribute: str) -> list[str]:
        return [about[attribute] or "" for _, about in self.starts if attribute in about]


def pages(site: Place) -> dict[str, Page]:
    return {
        path.relative_to(site.reports).as_posix(): page_of(path)
        for path in site.reports.rglob("*.html")
    }


@cache
def page_of(path: Path) -> Page:
    """A page of a site that is built once, read once."""
    return Page(path)


def studies(site: Place) -> list[str]:
    return sorted(path.parent.name for path in site.reports.glob("*/headline.json"))


def test_there_is_a_page_for_every_study_and_data_notebook(site: Place) -> None:
    data = [f"data/{stem.partition('_')[2]}.html" for stem in described().shared]
    declared = [path.stem for path in (site.folder / "studies").glob("*.yaml")]
    assert len(declared) >= 2
    texts = [f"docs/{path.stem}.html" for path in (ROOT / "docs").glob("*.md")]
    assert "docs/method.html" in texts
    every = ["index.html", *data, *texts, *(f"{study}/index.html" for study in declared)]
    assert sorted(pages(site)) == sorted(every)


def test_pages_ask_nothing_of_anywhere(site: Place) -> None:
    for name, page in pages(site).items():
        tags = {tag for tag, _ in page.starts}
        assert not tags & {"iframe", "object", "embed", "base", "form"}, name
        feed, icon = page.all("link")
        assert (site.reports / name).parent.joinpath(str(feed["href"])).exists()
        assert str(icon["href"]).startswith("data:image/svg+xml,")
        assert page.values("src") == []
        own = [about for about in page.all("script") if about != {"type": "application/ld+json"}]
        assert own == [{}]
        assert "@import" not in page.text
        assert "url(" not in page.text


def test_every_link_within_the_site_leads_somewhere(site: Place) -> None:
    for name, page in pages(site).items():
        for href in page.values("href"):
            if href.startswith(("https://", "http://", "data:")):
                continue
            file, _, anchor = href.partition("#")
            target = (site.reports / name).parent / file if file else site.reports / name
            assert target.exists(), f"{name}: {href}"
            if anchor:
                assert anchor in ids_of(target.resolve()), f"{name}: {href}"


@cache
def ids_of(path: Path) -> set[str]:
    return set(page_of(path).values("id"))


def test_pages_are_made_for_readers_of_all_kinds(site: Place) -> None:
    for name, page in pages(site).items():
        assert page.all("html") == [{"lang": "en-GB"}]
        assert len(page.all("h1")) == len(page.all("main")) == 1, name
        head = itertools.takewhile(lambda start: start[0] != "body", page.starts)
        assert [tag for tag, _ in head].count("title") == 1
        levels = [int(tag[1]) for tag, _ in page.starts if re.fullmatch("h[1-6]", tag)]
        assert levels[0] == 1
        steps = [b - a for a, b in itertools.pairwise(levels)]
        assert max(steps, default=0) <= 1, f"{name}: {levels}"
        assert page.all("a")[0]["href"] == "#main"
        assert len(page.values("id")) == len(set(page.values("id")))
        assert page.all("nav")


def test_figures_stand_in_the_page_with_description_caption_and_files(site: Place) -> None:
    for study in studies(site):
        page = pages(site)[f"{study}/index.html"]
        drawn = sorted((site.reports / study / "figures").glob("*.svg"))
        assert len(page.all("svg")) == len(page.all("figure")) == len(page.all("figcaption"))
        assert len(page.all("svg")) >= len(drawn) > 0
        for svg in page.all("svg"):
            assert svg["role"] == "img"
            assert len(svg["aria-label"] or "") > 10
        for path in drawn:
            offered = {f"figures/{path.stem}.{kind}" for kind in ("svg", "csv")}
            assert offered <= set(page.values("href"))


def soup_of(site: Place, name: str) -> BeautifulSoup:
    return parsed(site.reports / name)


@cache
def parsed(path: Path) -> BeautifulSoup:
    """A page of a site that is built once, parsed once; who takes it apart takes a copy."""
    return BeautifulSoup(path.read_bytes(), "html.parser")


def headline(site: Place, study: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((site.reports / study / "headline.json").read_text())
    return told


def visible(soup: BeautifulSoup) -> list[str]:
    """The words of a page's text that a reader sees before anything is unfolded."""
    soup = copy(soup)
    for folded in soup.select("main details:not([open]) > :not(summary), main svg"):
        folded.decompose()
    return soup.select("main")[0].get_text(" ").split()


def test_a_study_page_gives_its_answer_first(site: Place) -> None:
    for study in studies(site):
        soup, told = soup_of(site, f"{study}/index.html"), headline(site, study)
        finding = told["finding"].replace(" %", "\u00a0%")
        assert soup.h1 is not None
        assert soup.h1.get_text() == f"{finding}."
        assert str(soup.title.get_text() if soup.title else "").startswith(finding)
        assert soup.select(".label")[0].get_text() == told["label"]
        assert told["how_sure"] in soup.get_text().replace("\u00a0", " ")
        drawn = soup.select("#the-figure svg")[0]
        assert drawn.find_parent("details") is None
        (analysis,) = soup.select("details#analysis")
        assert len(analysis.select("figure")) == len(soup.select("figure")) - 1
        assert len(visible(soup)) <= 1200


BASIS = re.findall(r"\[(.+?)\]\(", described().about.basis)
"""What the pages of studies lead to, as report.yaml says it."""


def test_a_study_page_tells_what_it_was_made_from_and_how_to_cite_it(site: Place) -> None:
    lock = hashlib.sha256(Path("requirements.lock").read_bytes()).hexdigest()
    for study in studies(site):
        soup, told = soup_of(site, f"{study}/index.html"), headline(site, study)
        text = soup.get_text()
        assert all(word in text for word in (told["question"], lock, "papermill", "baseline_end"))
        offered = {str(link["href"]) for link in soup.select("a[download]")}
        assert {path.name for path in (site.reports / study).glob("*.csv")} <= offered
        led = [link.get_text() for link in soup.select("#downloads ~ p a[href]:not([download])")]
        assert led[: len(BASIS)] == BASIS
        bibtex, csl = (pre.get_text() for pre in soup.select("#cite ~ details:not(#analysis) pre"))
        assert bibtex.startswith(f"@misc{{{study}-")
        assert json.loads(csl)[0]["title"] == told["finding"].replace(" %", "\u00a0%")


def test_pages_can_be_shared(site: Place) -> None:
    for name, page in pages(site).items():
        about = {meta.get("property"): meta.get("content") for meta in page.all("meta")}
        title = soup_of(site, name).title
        assert title is not None
        assert title.get_text().startswith(str(about["og:title"])), name
        assert about["og:description"]


ATOM = "{http://www.w3.org/2005/Atom}"


def test_the_feed_tells_releases_and_what_was_answered_when(site: Place) -> None:
    """What RFC 4287 asks of a feed and of its entries."""
    feed = ElementTree.fromstring((site.reports / "feed.xml").read_bytes())
    entries = feed.findall(f"{ATOM}entry")
    for one in (feed, *entries):
        for name in ("id", "title", "updated"):
            assert len(one.findall(f"{ATOM}{name}")) == 1
        assert datetime.fromisoformat(one.findtext(f"{ATOM}updated", "")).tzinfo
    assert len({one.findtext(f"{ATOM}id") for one in entries}) == len(entries)
    told = [
        (one.findtext(f"{ATOM}updated", "")[:10], one.findtext(f"{ATOM}title")) for one in entries
    ]
    left = [page for page in described().shared if answers_of(site, page).exists()]
    found = [one for page in left for one in json.loads(answers_of(site, page).read_text())]
    news = [(one["day"], one["question"]) for one in found if "day" in one]
    assert sorted([*news, ("2026-11-22", "Release 0.1.0")], reverse=True) == told
    assert told[0][0] == feed.findtext(f"{ATOM}updated", "")[:10]


def test_every_page_says_its_release_and_how_to_cite_it(site: Place) -> None:
    version = re.findall(r"^version: (\S+)$", Path("CITATION.cff").read_text(), re.M)[0]
    for name, soup in ((name, soup_of(site, name)) for name in pages(site)):
        text = soup.get_text(" ")
        assert f"Made under version {version}" in text, name
        assert re.search(rf"Magnet swings, (page|study [a-z0-9-]+), version {version}", text), name
        assert not re.search(r"&(#\d+|\w+);|[?!.]\. ", soup.select("footer")[0].get_text(" ")), name


def test_the_front_page_has_every_study_with_its_label_and_finding(site: Place) -> None:
    soup = soup_of(site, "index.html")
    shown = {str(one.select("a")[1]["href"]): one for one in soup.select(".findings li")}
    assert sorted(shown) == sorted(f"{study}/index.html" for study in studies(site))
    for study in studies(site):
        told, one = headline(site, study), shown[f"{study}/index.html"]
        assert one.select(".label")[0].get_text() == told["label"]
        assert told["finding"].replace(" %", "\u00a0%") in one.get_text()
        assert told["question"] in one.get_text()
    assert len(visible(soup)) <= 900


def test_the_front_page_opens_with_a_study_and_says_what_the_data_hold(site: Place) -> None:
    soup = soup_of(site, "index.html")
    lead = soup.select(".lead")[0].get_text().rstrip(".")
    told = {headline(site, one)["finding"].replace(" %", "\u00a0%"): one for one in studies(site)}
    found = headline(site, told[lead])
    assert soup.select("#the-figure svg")
    page = soup_of(site, f"{told[lead]}/index.html")
    again = page.select_one(f"#figure-{found['figure']} figcaption").get_text().split("SVG")[0]
    for caption in (one.select("#the-figure figcaption")[0].get_text() for one in (soup, page)):
        assert caption.split("SVG")[0].strip() == again.strip()
    records = [path.read_text() for path in (ROOT / "data" / "raw").rglob("*.origin.yaml")]
    day = max(re.findall(r"date_accessed: '?([0-9-]{10})", record)[0] for record in records)
    held = soup.select("#held + p")[0].get_text()
    assert f"Data to {pd.Period(found['data_to']):%B %Y}" in held
    assert ("published but not in it" in held) == (found["next_due"] <= day)
    assert f"last came in on {pd.Timestamp(day):%-d %B %Y}" in held


def test_the_front_page_shows_what_the_data_pages_answer(site: Place) -> None:
    soup = soup_of(site, "index.html")
    shown = [one.get_text() for one in soup.select("details.also summary")]
    left = [page for page in described().shared if answers_of(site, page).exists()]
    found = [one for page in left for one in json.loads(answers_of(site, page).read_text())]
    expected = [one for one in found if "day" not in one]
    assert shown == [one["question"] for one in expected]
    for one, told in zip(soup.select("details.also"), expected, strict=True):
        assert one.has_attr("open") == told.get("unfolded", False)
        assert len(told["answer"].split()) <= 60


def test_a_page_that_answers_says_so_first_and_folds_its_article_away(site: Place) -> None:
    for stem in described().shared:
        soup = soup_of(site, f"data/{stem.partition('_')[2]}.html")
        (title,) = soup.select("h1")
        said = answers_of(site, stem)
        told = json.loads(said.read_text()) if said.exists() else []
        told = [one["answer"] for one in told if "day" not in one]
        assert bool(told) == bool(soup.select("details#analysis"))
        if told:
            after = title.find_next("p").get_text()
            assert after.endswith(typeset(told[0]))
            assert not soup.select_one("details#analysis").has_attr("open")
            assert soup.select_one("details#analysis details.code")


def test_rows_of_an_answer_are_a_table_of_text(little: Place) -> None:
    for page in ("index.html", "data/destinations.html"):
        table = soup_of(little, page).find("th", string="tonnes").find_parent("table")
        (row,) = table.select("tbody tr")
        assert [cell.get_text() for cell in row.select("td")] == ["<i>Chile</i>", "1,200"]
        assert "number" in row.select("td")[1]["class"]


def answers_of(site: Place, stem: str) -> Path:
    return site.reports / "data" / f"{stem.partition('_')[2]}-answers.json"


def test_an_answer_is_text_with_its_months_written_out(little: Place) -> None:
    (answer,) = soup_of(little, "index.html").select("details.also")
    assert answer.get_text().split("\n")[:2] == [
        "Is it <i>so</i>?",
        "In May 2025 it was 5\u00a0%. More",
    ]


def test_no_output_of_a_notebook_names_a_folder_of_this_machine(site: Place) -> None:
    for path in site.reports.rglob("*.ipynb"):
        outputs = [cell.get("outputs", []) for cell in json.loads(path.read_text())["cells"]]
        for place in (site.folder, ROOT):
            assert str(place) not in json.dumps(outputs), path


IDENTIFIERS = {
    "a column": r"\b(p_value|n_pre|n_post|[a-z]+_pct|event_id|figure_id|claim_id|swing_month)\b",
    "a value of Python": r"\b(True|False|NaN|NaT|nan)\b",
    "a code of a group": r"\b(GRP|REG)_[A-Z]",
    "an unset mark": r"`|(?<![\w*])\*[A-Za-z][\w ]*\*(?![\w*])",
    "one thing in the plural": r"(?<![\d.,−-])1 (months|days|figures|events|changes|values)\b",
    "a day in decimals": r"\b0\.0 days\b",
}
EVENTS = r"\b(cn|us|uscn|eu|jp)-[a-z0-9]+-[a-z0-9-]+"
DESCRIBE_FILES = ("docs/", "data/numbers.html")
"""Pages that describe the files, whose columns they must name."""


def prose_of(soup: BeautifulSoup) -> str:
    """What a page says outside code and tables of raw data."""
    raw = "footer, pre, code, script, style, details.code, details.data, table.sortable, svg desc"
    soup = copy(soup)
    for part in soup.select(f"{raw}, #cite ~ details:not(#analysis)"):
        part.decompose()
    return soup.get_text(" ")


def test_no_identifier_reaches_a_reader(real: Place) -> None:
    found = {}
    for path in sorted(real.reports.rglob("*.html")):
        name = path.relative_to(real.reports).as_posix()
        said = prose_of(soup_of(real, name))
        kinds = {} if name.startswith(DESCRIBE_FILES) else IDENTIFIERS
        if name.endswith("index.html"):
            kinds = kinds | {"an event's name": EVENTS}
        for kind, pattern in kinds.items():
            if words := sorted({one[0] for one in re.finditer(pattern, said)}):
                found[f"{name}: {kind}"] = words
    assert found == {}


def test_text_from_data_stays_text(little: Place) -> None:
    page = pages(little)["one/index.html"]
    assert "<script>alert(1)</script>" in page.text
    assert "Exports to WLD fell <b>sharply</b> & far <img src=x onerror=alert(1)>" in page.text
    assert page.all("svg")[1]["aria-label"] == 'A bar, "long" & low'


def test_works_are_listed_where_they_are_cited_with_links_both_ways(real: Place) -> None:
    for name in (*(f"{study}/index.html" for study in studies(real)), "docs/method-effects.html"):
        soup = soup_of(real, name)
        citing = {str(link["href"])[1:]: str(link["id"]) for link in soup.select("[id^=cite-]")}
        listed = {str(item["id"]): item for item in soup.select(".references li")}
        assert citing.keys() == listed.keys()
        assert "ref-bell-1983" in citing
        for work, place in citing.items():
            assert f"#{place}" in [link["href"] for link in listed[work].select("a.back")]


def test_formulas_are_mathml(real: Place) -> None:
    for name in ("april-2025-world/index.html", "docs/method-effects.html"):
        soup = soup_of(real, name)
        assert len(soup.select("math[display=block]")) >= 2
        assert "$" not in soup.select("main")[0].get_text()


def test_a_figure_s_table_holds_the_numbers_of_its_download(site: Place) -> None:
    for study in studies(site):
        soup = soup_of(site, f"{study}/index.html")
        tables = {
            str(table["aria-label"]).rpartition(" ")[2]: table
            for table in soup.select("details.data .table")
        }
        for stem, table in tables.items():
            saved = read(site.reports / study / "figures" / f"{stem}.csv")
            first = next(iter(saved[0]))
            if first == "month":
                saved.sort(key=lambda row: row[first], reverse=True)
            rows = [
                [cell.get_text() for cell in row.find_all("td")] for row in table.select("tbody tr")
            ]
            assert len(rows) == len(saved)
            for row, expected in zip(rows, saved, strict=True):
                told = [
                    value[:7] if name == "month" else value
                    for name, value in expected.items()
                    if f"{name}_name" not in expected
                ]
                for cell, value in zip(row, told, strict=True):
                    assert same(cell, value)
        drawn = {path.stem for path in (site.reports / study / "figures").glob("*.csv")}
        assert "series" in drawn
        assert {"series", "counterfactual"} & drawn <= set(tables)


def test_the_page_of_all_numbers_describes_its_downloads_to_search_engines(site: Place) -> None:
    page = site.reports / "data" / "numbers.html"
    soup = soup_of(site, "data/numbers.html")
    script = soup.find("script", type="application/ld+json")
    assert script is not None
    told = json.loads(script.get_text())
    assert (told["@type"], told["@context"]) == ("Dataset", "https://schema.org/")
    for download in told["distribution"]:
        assert (page.parent / download["contentUrl"]).exists()
        assert soup.find("a", href=download["contentUrl"])


def test_the_package_is_valid_and_its_downloads_hold_the_same_numbers(
    real: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = real.reports / "data"
    monkeypatch.chdir(folder)
    checked = frictionless.validate("datapackage.json")
    assert checked.valid, checked.flatten(["name", "rowNumber", "fieldName", "message"])
    assert {task.name for task in checked.tasks} >= {"exports", "rejected-figures", "events"}
    for path in folder.glob("*.parquet"):
        parquet = pd.read_parquet(path)
        as_text = pd.read_csv(path.with_suffix(".csv"), keep_default_na=False, dtype=str)
        assert len(as_text) == len(parquet)
        for name in parquet.select_dtypes("number"):
            numbers = pd.to_numeric(as_text[name], errors="coerce")
            np.testing.assert_allclose(numbers, parquet[name].astype(float))


def test_every_cell_of_the_series_is_on_the_page_with_its_figures(real: Place) -> None:
    folder = real.reports / "data"
    soup = soup_of(real, "data/numbers.html")
    table = soup.select("table.sortable")[0]
    cells = sorted(read(folder / "exports.csv"), key=lambda cell: cell["month"], reverse=True)
    rows = table.select("tbody tr")
    assert len(rows) == min(len(cells), MOST_CELLS)
    for row, cell in zip(rows, cells[:MOST_CELLS], strict=True):
        shown = [part.get_text() for part in row.find_all(["th", "td"], recursive=False)]
        assert destination_name(cell["destination"]) in shown[0]
        assert shown[1] == f"{pd.Timestamp(cell['month']):%b\u00a0%Y}"
        for text, name in zip(shown[2:5], ("tonnes", "lower", "upper"), strict=True):
            assert same(text, cell[name] or "–", 0.05)
        assert len(row.select("li")) == len(cell["figure_ids"].split(";"))
    links = [link["href"] for link in table.select("a")]
    assert len(set(links)) > 100
    assert all(str(link).startswith(("http://", "https://")) for link in links)


def test_the_tables_of_all_numbers_have_a_row_for_each_of_their_downloads(real: Place) -> None:
    folder = real.reports / "data"
    soup = soup_of(real, "data/numbers.html")
    rejected, events = (len(table.select("tbody tr")) for table in soup.select(".sortable")[1:3])
    for name, count in (("rejected_figures", rejected), ("events", events)):
        saved = read(folder / f"{name}.csv")
        key = next(iter(saved[0]))
        kept = pd.read_parquet(folder / f"{name}.parquet")
        assert count == len({row[key] for row in saved}) == kept[key].nunique()


def same(cell: str, value: str, apart: float = 0.0) -> bool:
    """Whether a cell shows `value` to a thousandth of it, or to `apart`."""
    try:
        number = float(value)
    except ValueError:
        return cell == {"True": "yes", "False": "no"}.get(value, value)
    return float(cell.replace(",", "").replace("−", "-")) == pytest.approx(
        number, rel=1e-3, abs=apart
    )


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_pages_are_light_enough_for_a_phone(site: Place) -> None:
    """A study's page holds its answer and three articles with their figures and code."""
    assert (site.reports / "index.html").stat().st_size <= 65_000
    for study in studies(site):
        assert (site.reports / study / "index.html").stat().st_size <= 330_000
