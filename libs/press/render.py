"""Executed notebooks to the site: a page a study, the data pages, the front page, the feed."""

from __future__ import annotations

import hashlib
import json
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import nbformat
import yaml
from nbformat import NotebookNode

from press.article import TEMPLATES, Article, environment
from press.citations import cite, edition, releases, software
from press.provenance import commit, write_text
from press.site import DATA, FEED, PACKAGE, page, site
from press.tables import (
    Answers,
    in_order,
    leading,
    load_answers,
    load_headline,
    read_rows,
    typeset,
)


def study_page(notebooks: Sequence[Path], output: Path, whole: bool = True) -> Path:
    """Write a study's page from its executed notebooks and the tables in its folder.

    Where no `whole` report is made, it leads to none of the pages that only a report has.
    """
    folder, shown = output.parent, read_notebooks(notebooks)
    study = load_headline(folder)
    links = site().links("../", "#main", whole)
    article = Article(shown.values(), 1, folder, links, study.figure)
    cited = cite(f"study {study.study}", typeset(study.finding), _stamp(shown)["commits"][0])
    return _write(
        output,
        "study.html.j2",
        article,
        shown,
        whole=whole,
        study=study,
        caption=_captions(shown.values()).get(study.figure, ""),
        cited=cited,
        basis=article.markdown(site().about.basis),
        files=sorted(path.name for path in folder.glob("*.csv")),
    )


def data_page(notebooks: Sequence[Path], output: Path, whole: bool = True) -> Path:
    """Write the page of the executed notebook that belongs to no study; whole: see `study_page`.

    It begins with what the notebook answers, if anything, and has the article folded away.
    """
    folder, shown = output.parent, read_notebooks(notebooks)
    ((path, executed),) = shown.items()
    answers = [one for page in load_answers(folder.parent, [path.stem]) for one in page.answers]
    opening = _opening(executed)
    heading, _, rest = opening.source.partition("\n")
    opening.source = rest if answers else opening.source
    figure, caption = next(iter(_captions([executed]).items() if answers else ()), ("", ""))
    links = site().links("../", "../index.html#studies", whole)
    tables = sorted(path.name for path in folder.parent.glob("*.csv"))
    files = [f"../{name}" for name in tables if site().maker(name) == path.stem]
    package = None
    if site().maker(f"{DATA}/{PACKAGE}") == path.stem:
        package = json.loads((folder / PACKAGE).read_bytes())
        files += [PACKAGE, *_tables(folder)]
    return _write(
        output,
        "data.html.j2",
        Article(shown.values(), 1 if answers else 0, folder, links, figure),
        shown,
        whole=whole,
        title=heading.lstrip("# "),
        answers=answers,
        figure=figure,
        caption=caption,
        package=package,
        files=files,
    )


def _tables(folder: Path) -> list[str]:
    """The names of the tables that lie in a folder."""
    return sorted(path.name for path in folder.iterdir() if path.suffix in (".csv", ".parquet"))


def _captions(executed: Iterable[NotebookNode]) -> dict[str, str]:
    """The caption of each figure that notebooks show, by the stem of its files, in their order."""
    cells = (cell for notebook in executed for cell in notebook.cells)
    outputs = (output for cell in cells for output in cell.get("outputs", []))
    about = (output.get("metadata", {}).get("image/svg+xml", {}) for output in outputs)
    return {one["stem"]: one.get("caption", "") for one in about if "stem" in one}


def batch_page(folder: Path, notebook: Path, whole: bool = True) -> Path:
    """Write `folder`/index.html: what the studies of a batch found together, and each by itself.

    whole: see `study_page`.
    """
    shown = read_notebooks([notebook])
    effects, listed = (read_rows(folder / f"{name}.csv") for name in ("effects", "studies"))
    return _write(
        folder / "index.html",
        "batch.html.j2",
        Article(shown.values(), 1, folder, site().links("../../", "#studies", whole)),
        shown,
        root="../../",
        whole=whole,
        name=folder.name,
        found=json.loads((folder / "found.json").read_text(encoding="utf-8")),
        studies=[row for row in effects if row["is_headline"] == "True"],
        failed=[row for row in listed if row["trouble"]],
        files=_tables(folder),
    )


def text_page(sources: Sequence[Path], output: Path, whole: bool = True) -> Path:
    """Write the page of a text in Markdown that no notebook has made; whole: see `study_page`."""
    (source,) = sources
    text = _notebook(source.read_text(encoding="utf-8"))
    article = Article([text], links=site().text_links())
    headings = (heading.text for heading in article.headings if heading.level == 1)
    title = next(headings, output.stem)
    return _write(output, "text.html.j2", article, whole=whole, title=title)


def failure_page(reports: Path, failure: Any) -> Path:
    """Write the page of something that has no result: it says why."""
    return _write(reports / failure.href, "failure.html.j2", Article(), failure=failure)


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
    last_in = _last_in(raw)
    answered = load_answers(reports, notebooks)
    opened = read_notebooks(notebooks.values())
    leads = read_notebooks((reports / lead.study / "notebooks").glob("*.ipynb") if lead else ())
    front = _write(
        reports / "index.html",
        "front.html.j2",
        Article(folder=reports / lead.study, figure=lead.figure) if lead else Article(),
        root="",
        studies=shown,
        lead=lead,
        caption=_captions(leads.values()).get(lead.figure, "") if lead else "",
        answered=answered,
        pages=[(page(path.stem), _title(executed)) for path, executed in opened.items()],
        tables=sorted(f"{DATA}/{path.name}" for path in (reports / DATA).glob("*.csv")),
        vintage=f"{last_in:%-d %B %Y}" if last_in else "",
        lacking=lead.lacking(last_in) if lead and last_in else "",
        failed=[one for one in failures if not one.older],
        older=[one for one in failures if one.older],
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
        told = Article([_notebook(release.changes)], links=site().links("", ""))
        about = {"day": release.day, "title": f"Release {release.version}", "kind": "html"}
        news.append(about | {"content": told.body, "href": "index.html"})
    news.sort(key=lambda one: (one["day"], one["title"]), reverse=True)
    for one in news:
        one["id"] = uuid5(NAMESPACE_URL, f"{site().about.title} {one['day']} {one['title']}").urn
    text = (
        environment()
        .get_template("feed.xml.j2")
        .render(
            site=site().about,
            feed=FEED,
            entries=news,
            id=uuid5(NAMESPACE_URL, site().about.title).urn,
            updated=news[0]["day"] if news else software()["date-released"],
        )
    )
    return write_text(reports / FEED, text)


def _last_in(raw: Path) -> date | None:
    """The last day on which raw data came in, by their origin records."""
    records = [yaml.safe_load(path.read_bytes()) for path in raw.rglob("*.origin.yaml")]
    return max(
        (date.fromisoformat(str(record["date_accessed"])) for record in records), default=None
    )


def read_notebooks(paths: Iterable[Path]) -> dict[Path, NotebookNode]:
    """Executed notebooks, which were checked when they were written."""
    return {path: nbformat.v4.reads(path.read_text(encoding="utf-8")) for path in paths}


def _notebook(markdown: str) -> NotebookNode:
    return NotebookNode(cells=[nbformat.v4.new_markdown_cell(markdown)])


def _title(executed: NotebookNode) -> str:
    """The first heading of an executed notebook."""
    return str(_opening(executed).source.splitlines()[0]).lstrip("# ")


def _opening(executed: NotebookNode) -> NotebookNode:
    """The first text of an executed notebook, which its title begins."""
    first: NotebookNode = next(cell for cell in executed.cells if cell.cell_type == "markdown")
    return first


def _stamp(executed: Mapping[Path, NotebookNode]) -> dict[str, Any]:
    """What a page was made from: commits, packages, parameters, and files by hash."""
    stamps = [notebook.metadata.provenance for notebook in executed.values()]
    if not stamps:
        return {"commits": [commit()], "packages": {}, "parameters": {}, "inputs": {}}
    return {
        "commits": sorted({stamp.commit for stamp in stamps}),
        "packages": stamps[-1].packages,
        "parameters": stamps[0].parameters,
        "inputs": dict(sorted(file for stamp in stamps for file in stamp.inputs.items())),
    }


def _write(
    output: Path,
    template: str,
    article: Article,
    executed: Mapping[Path, NotebookNode] | None = None,
    *,
    root: str = "../",
    whole: bool = True,
    **content: Any,
) -> Path:
    """Write a page, made from `executed`, from which `root` leads home; whole: see `study_page`."""
    executed = executed or {}
    sheet, script = (
        (TEMPLATES / name).read_text(encoding="utf-8") for name in ("style.css", "page.js")
    )
    styles = [sheet, *article.styles]
    text = (
        environment()
        .get_template(template)
        .render(
            **content,
            article=article,
            root=root,
            whole=whole,
            menu=site().menu() if whole else {},
            notebooks=[path.relative_to(output.parent).as_posix() for path in executed],
            stamp=_stamp(executed),
            styles=styles,
            script=script,
            policy=security_policy(styles, script),
            site=site().about,
            feed=FEED,
            cite=cite,
            edition=edition(),
        )
    )
    return write_text(output, f"{text}\n")


def security_policy(styles: Iterable[str], script: str) -> str:
    """A Content-Security-Policy that allows these styles, this script, images within the page."""
    digests = [hashlib.sha256(text.encode()).digest() for text in (*styles, script)]
    *allowed, own = (f"'sha256-{b64encode(digest).decode()}'" for digest in digests)
    return (
        f"default-src 'none'; style-src {' '.join(allowed)}; script-src {own}; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
