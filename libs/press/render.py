"""Executed notebooks to the site: a page a study, the data pages, the front page, the manifest."""

from __future__ import annotations

import hashlib
import json
import re
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5
from xml.etree import ElementTree

import nbformat
import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from nbformat import NotebookNode

from press.article import Article, article
from press.citations import cite, edition, releases, software
from press.fragments import inline_svg, slug, table_of
from press.provenance import MANIFEST, commit, write_text
from press.site import DATA, DOCS, FEED, PACKAGE, page, site
from press.tables import (
    Answers,
    in_order,
    interval,
    leading,
    load_answers,
    load_headline,
    probability,
    read_rows,
    signed,
    typeset,
)

TEMPLATES = Path(__file__).parent / "templates"
SHARED = ("style.css", "page.js")
TABLES = (".csv", ".parquet")
TYPED = re.compile(r'(?<=<td class="number">)−(?=[\d,.]+</td>)')
"""The sign of a negative number in a cell of its own: typed, so that spreadsheets read it."""
REPORT_ONLY = "|".join([f"{DOCS}/", f"{DATA}/", FEED, MANIFEST, "index.html"])
"""How what a report has, and a batch alone does not make, begins below the site's folder."""
REPORT_LINK = re.compile(rf'<a [^>]*?href="(?:\.\./)+(?:{REPORT_ONLY})[^>]*>(.*?)</a>', re.DOTALL)
"""A link to it, and its words."""
FILTERS = (interval, probability, signed, slug, table_of, typeset)


@dataclass(frozen=True)
class Stamp:
    """What a page was made from."""

    commits: Sequence[str]
    packages: Mapping[str, str]
    parameters: Mapping[str, Any] = field(default_factory=dict)
    inputs: Mapping[str, str] = field(default_factory=dict)


def study_page(notebooks: Sequence[Path], output: Path, whole: bool = True) -> Path:
    """Write a study's page from its executed notebooks and the tables in its folder.

    Where no `whole` report is made, it leads to none of the pages that only a report has.
    """
    folder = output.parent
    executed = [_read(path) for path in notebooks]
    shown = article(executed, 1, folder, site().links("../", "#main"))
    study, stamp = load_headline(folder), _stamp(executed)
    picture, styles = _picture(folder, study.figure)
    return _write(
        output,
        "study.html.j2",
        dict.fromkeys([*styles, *shown.styles]),
        article=shown,
        picture=picture,
        stamp=stamp,
        study=study,
        cited=cite(f"study {study.study}", typeset(study.finding), stamp.commits[0]),
        files=sorted(path.name for path in folder.glob("*.csv")),
        notebooks=[path.relative_to(folder).as_posix() for path in notebooks],
        whole=whole,
    )


def data_page(notebooks: Sequence[Path], output: Path, whole: bool = True) -> Path:
    """Write the page of the executed notebook that belongs to no study; whole: see `study_page`.

    It begins with what the notebook answers, if anything, and has the article folded away.
    """
    folder, executed = output.parent, [_read(path) for path in notebooks]
    stems = [path.stem for path in notebooks]
    said = [one for page in load_answers(folder.parent, stems) for one in page.answers]
    links = site().links("../", "../index.html#studies")
    opening = _opening(executed[0])
    heading, _, rest = opening.source.partition("\n")
    opening.source = rest if said else opening.source
    figure = _first_figure(executed) if said else ""
    picture, styles = _picture(folder, figure)
    shown = article(executed, 1 if said else 0, folder, links)
    made = [str(path) for stem in stems for path in site().notebooks[stem].makes]
    tables = sorted(path.name for path in folder.parent.glob("*.csv"))
    files = [f"../{name}" for name in tables if site().maker(name) in stems]
    package = None
    if any(path.endswith(PACKAGE) for path in made):
        package = json.loads((folder / PACKAGE).read_bytes())
        files += [PACKAGE, *sorted(path.name for path in folder.glob("*") if path.suffix in TABLES)]
    return _write(
        output,
        "data.html.j2",
        dict.fromkeys([*styles, *shown.styles]),
        title=heading.lstrip("# "),
        answers=said,
        article=shown,
        figure=figure,
        picture=picture,
        stamp=_stamp(executed),
        notebooks=[path.relative_to(folder).as_posix() for path in notebooks],
        package=package,
        files=files,
        whole=whole,
    )


def _first_figure(executed: Iterable[NotebookNode]) -> str:
    """The stem of the files of the first figure that a page shows; empty if it shows none."""
    cells = (cell for notebook in executed for cell in notebook.cells)
    outputs = (output for cell in cells for output in cell.get("outputs", []))
    about = (output.get("metadata", {}).get("image/svg+xml", {}) for output in outputs)
    return next((one["stem"] for one in about if "stem" in one), "")


def batch_page(folder: Path, notebook: Path, whole: bool = True) -> Path:
    """Write `folder`/index.html: what the studies of a batch found together, and each by itself.

    whole: see `study_page`.
    """
    executed = _read(notebook)
    listed = read_rows(folder / "studies.csv")
    effects = read_rows(folder / "effects.csv")
    shown = article([executed], 1, folder, site().links("../../", "#studies"))
    return _write(
        folder / "index.html",
        "batch.html.j2",
        shown.styles,
        root="../../",
        name=folder.name,
        found=json.loads((folder / "found.json").read_text(encoding="utf-8")),
        article=shown,
        stamp=_stamp([executed]),
        studies=[row for row in effects if row["is_headline"] == "True"],
        failed=[row for row in listed if row["trouble"]],
        files=sorted(path.name for path in folder.iterdir() if path.suffix in TABLES),
        notebooks=[notebook.relative_to(folder).as_posix()],
        whole=whole,
    )


def text_page(sources: Sequence[Path], output: Path, whole: bool = True) -> Path:
    """Write the page of texts in Markdown that no notebook has made; whole: see `study_page`."""
    cells = [nbformat.v4.new_markdown_cell(path.read_text(encoding="utf-8")) for path in sources]
    notebook = nbformat.v4.new_notebook(cells=cells)
    shown = article([notebook], 0, output.parent, site().text_links())
    headings = (heading.text for heading in shown.headings if heading.level == 1)
    return _write(
        output,
        "text.html.j2",
        shown.styles,
        title=next(headings, output.stem),
        article=shown,
        stamp=Stamp([commit()], {}),
        whole=whole,
    )


def failure_page(reports: Path, failure: Any) -> Path:
    """Write the page of something that has no result: it says why."""
    return _write(
        reports / failure.href,
        "failure.html.j2",
        [],
        article=Article("", [], [], []),
        failure=failure,
        stamp=Stamp([commit()], {}),
    )


def front_page(
    reports: Path,
    studies: Iterable[Path],
    notebooks: Mapping[str, Path],
    raw: Path,
    failures: Sequence[Any] = (),
) -> list[Path]:
    """Write `reports`/index.html: what the studies found, what the data hold, what failed.

    Beside it stands the feed of releases and of what has been answered, and when.

    `notebooks` are the executed ones that have a data page; `raw` holds the origin records;
    `failures` are what has no result of this run.
    """
    shown = in_order(load_headline(folder) for folder in studies)
    lead = leading(shown) if shown else None
    picture, styles = _picture(reports / lead.study, lead.figure) if lead else ("", [])
    last_in = _last_in(raw)
    answered = load_answers(reports, notebooks)
    front = _write(
        reports / "index.html",
        "front.html.j2",
        styles,
        root="",
        studies=shown,
        lead=lead,
        picture=picture,
        answered=answered,
        pages=[(page(stem), _page_title(path)) for stem, path in notebooks.items()],
        tables=sorted(f"{DATA}/{path.name}" for path in (reports / DATA).glob("*.csv")),
        vintage=f"{last_in:%-d %B %Y}" if last_in else "",
        lacking=lead.lacking(last_in) if lead and last_in else "",
        failed=[one for one in failures if not one.older],
        older=[one for one in failures if one.older],
        stamp=Stamp([commit()], {}),
    )
    return [front, _write_feed(reports, answered)]


def _write_feed(reports: Path, answered: Iterable[Answers]) -> Path:
    """Write the Atom feed (RFC 4287) of releases and of news, the newest first."""
    news: list[dict[str, Any]] = [
        {"day": one.day, "title": one.question, "kind": "text", "href": page.href}
        | {"content": typeset(one.answer)}
        for page in answered
        for one in page.news
    ]
    for release in releases():
        cell = nbformat.v4.new_markdown_cell(release.changes)
        shown = article([nbformat.v4.new_notebook(cells=[cell])], links=site().links("", ""))
        about = {"day": release.day, "title": f"Release {release.version}", "kind": "html"}
        news.append(about | {"content": shown.body, "href": "index.html"})
    news.sort(key=lambda one: (one["day"], one["title"]), reverse=True)
    for one in news:
        one["id"] = uuid5(NAMESPACE_URL, f"{site().about.title} {one['day']} {one['title']}").urn
    own = uuid5(NAMESPACE_URL, site().about.title).urn
    updated = news[0]["day"] if news else software()["date-released"]
    feed = _environment().get_template("feed.xml.j2")
    text = feed.render(entries=news, id=own, updated=updated)
    return write_text(reports / FEED, text)


def _picture(folder: Path, figure: str) -> tuple[str, list[str]]:
    """The figure that shows an answer, described as it describes itself, and its styles."""
    path = folder / "figures" / f"{figure}.svg"
    if not path.exists():
        return "", []
    svg = path.read_text(encoding="utf-8")
    return inline_svg(svg, ElementTree.fromstring(svg).get("aria-label", ""), f"answer-{path.stem}")


def _last_in(raw: Path) -> date | None:
    """The last day on which raw data came in, by their origin records."""
    records = [yaml.safe_load(path.read_bytes()) for path in raw.rglob("*.origin.yaml")]
    return max(
        (date.fromisoformat(str(record["date_accessed"])) for record in records), default=None
    )


def _read(path: Path) -> NotebookNode:
    executed: NotebookNode = nbformat.read(path, as_version=4)
    return executed


def _stamp(executed: Sequence[NotebookNode]) -> Stamp:
    stamps = [notebook.metadata.provenance for notebook in executed]
    inputs = {name: value for stamp in stamps for name, value in stamp.inputs.items()}
    return Stamp(
        commits=sorted({stamp.commit for stamp in stamps}),
        packages=stamps[-1].packages,
        parameters=stamps[0].parameters,
        inputs=dict(sorted(inputs.items())),
    )


def _page_title(notebook: Path) -> str:
    """The first heading of an executed notebook."""
    return str(_opening(_read(notebook)).source.splitlines()[0]).lstrip("# ")


def _opening(executed: NotebookNode) -> NotebookNode:
    """The first text of an executed notebook, which its title begins."""
    first: NotebookNode = next(cell for cell in executed.cells if cell.cell_type == "markdown")
    return first


def _write(
    output: Path,
    template: str,
    own_styles: Iterable[str],
    root: str = "../",
    whole: bool = True,
    **content: Any,
) -> Path:
    """Write a page from which `root` leads home; whole: see `study_page`."""
    sheet, script = ((TEMPLATES / name).read_text(encoding="utf-8") for name in SHARED)
    menu = site().menu() if whole else {}
    shared = {"styles": [sheet, *own_styles], "script": script}
    content |= {"root": root, "menu": menu, "whole": whole}
    text = _environment().get_template(template).render(shared | content)
    text = text if whole else REPORT_LINK.sub(r"\1", text)
    return write_text(output, f"{TYPED.sub('-', text)}\n")


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {function.__name__: function for function in FILTERS}
    environment.globals |= {"policy": security_policy, "site": site().about}
    environment.globals |= {"cite": cite, "edition": edition(), "feed": FEED}
    return environment


def security_policy(styles: Iterable[str], script: str) -> str:
    """A Content-Security-Policy that allows these styles, this script, images within the page."""
    digests = [hashlib.sha256(text.encode()).digest() for text in (*styles, script)]
    *allowed, own = (f"'sha256-{b64encode(digest).decode()}'" for digest in digests)
    return (
        f"default-src 'none'; style-src {' '.join(allowed)}; script-src {own}; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
