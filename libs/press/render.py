"""Executed notebooks to the site: a page a study, the data pages, the front page, the manifest."""

from __future__ import annotations

import hashlib
import json
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import nbformat
import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from nbformat import NotebookNode

from press.answers import load_answers
from press.article import Heading, article
from press.citation import cite
from press.dataset import PACKAGE, dataset
from press.fragments import inline_svg
from press.provenance import commit, write_text
from press.report import DATA, links, menu, report, text_links
from press.sparkline import sparkline
from press.tables import (
    excludes_zero,
    first_sentence,
    in_order,
    interval,
    joined,
    leading,
    load_shown,
    month_name,
    printed,
    probability,
    read_rows,
    regime,
    signed,
    typeset,
)

TEMPLATES = Path(__file__).parent / "templates"
SHARED = ("style.css", "page.js")
TABLES = (".csv", ".parquet")
LEADING_FIGURE = "counterfactual"
"""The figure of the leading study that the front page shows."""

FILTERS = (
    *(excludes_zero, first_sentence, interval, joined, month_name, printed, probability),
    *(regime, signed, sparkline, typeset),
)


@dataclass(frozen=True)
class Stamp:
    """What a page was made from."""

    commits: Sequence[str]
    packages: Mapping[str, str]
    parameters: Mapping[str, Any] = field(default_factory=dict)
    inputs: Mapping[str, str] = field(default_factory=dict)


def study_page(folder: Path, notebooks: Sequence[Path]) -> Path:
    """Write `folder`/index.html from the study's executed notebooks and its headline.json."""
    executed = [_read(path) for path in notebooks]
    shown = article(executed, 1, folder, links("../", "#main"))
    study = load_shown(folder.parent, folder)
    stamp = _stamp(executed)
    page = _page(
        "study.html.j2",
        shown.styles,
        root="../",
        article=shown,
        stamp=stamp,
        study=study,
        cited=cite(study.study, study.finding, stamp.commits[0]),
        files=sorted(path.name for path in folder.glob("*.csv")),
        notebooks=[path.relative_to(folder).as_posix() for path in notebooks],
    )
    return write_text(folder / "index.html", page)


def data_page(notebook: Path, output: Path) -> Path:
    """Write the page of one executed notebook that belongs to no study."""
    executed = _read(notebook)
    shown = article([executed], 0, output.parent, links("../", "../index.html#studies"))
    page = _page(
        "data.html.j2",
        shown.styles,
        root="../",
        title=_title(shown.headings, output),
        article=shown,
        stamp=_stamp([executed]),
        notebooks=[notebook.relative_to(output.parent).as_posix()],
        dataset=dataset(output.parent) if _is_package(notebook.stem) else "",
        package_files=sorted(
            path.name for path in output.parent.iterdir() if path.suffix in TABLES
        ),
    )
    return write_text(output, page)


def batch_page(folder: Path, notebook: Path) -> Path:
    """Write `folder`/index.html: what the studies of a batch found together, and each by itself."""
    executed = _read(notebook)
    listed = read_rows(folder / "studies.csv")
    effects = read_rows(folder / "effects.csv")
    shown = article([executed], 1, folder, links("../../", "#studies"))
    page = _page(
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
    )
    return write_text(folder / "index.html", page)


def text_page(source: Path, output: Path) -> Path:
    """Write the page of a text in Markdown that no notebook has made."""
    cell = nbformat.v4.new_markdown_cell(source.read_text(encoding="utf-8"))
    shown = article([nbformat.v4.new_notebook(cells=[cell])], 0, output.parent, text_links())
    page = _page(
        "data.html.j2",
        shown.styles,
        root="../",
        title=_title(shown.headings, output),
        article=shown,
        stamp=Stamp([commit()], {}),
        notebooks=[],
        dataset="",
    )
    return write_text(output, page)


def front_page(
    reports: Path,
    studies: Iterable[Path],
    pages: Mapping[Path, Path],
    raw: Path,
) -> Path:
    """Write `reports`/index.html from the studies' tables and the verdicts on the claims.

    `pages` are the data pages and the executed notebooks they show; `raw` holds the claims'
    wording and the origin records.
    """
    shown = in_order(load_shown(reports, folder) for folder in studies)
    lead = leading(shown)
    picture, styles = _picture(reports / lead.study / "figures" / f"{LEADING_FIGURE}.svg")
    page = _page(
        "front.html.j2",
        styles,
        root="",
        studies=shown,
        lead=lead,
        picture=picture,
        answered=load_answers(reports, [notebook.stem for notebook in pages.values()]),
        claims=_claims(reports / "claims.csv", raw / "claims.csv"),
        pages=[
            (page.relative_to(reports).as_posix(), _page_title(notebook))
            for page, notebook in pages.items()
        ],
        tables=sorted(f"{DATA}/{path.name}" for path in (reports / DATA).glob("*.csv")),
        vintage=_vintage(raw),
        stamp=Stamp([commit()], {}),
    )
    return write_text(reports / "index.html", page)


def _is_package(stem: str) -> bool:
    """Whether a notebook leaves a data package beside its page."""
    return any(str(made).endswith(PACKAGE) for made in report().once[stem].makes)


def _picture(path: Path) -> tuple[str, list[str]]:
    """A saved figure as part of a page, described as it describes itself, and its styles."""
    svg = path.read_text(encoding="utf-8")
    return inline_svg(svg, ElementTree.fromstring(svg).get("aria-label", ""), path.stem)


def _vintage(raw: Path) -> str:
    """The last day on which raw data came in, by their origin records."""
    records = [yaml.safe_load(path.read_bytes()) for path in raw.rglob("*.origin.yaml")]
    return max((str(record["date_accessed"]) for record in records), default="unknown")


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


def _title(headings: Sequence[Heading], page: Path) -> str:
    return next((heading.text for heading in headings if heading.level == 1), page.stem)


def _page_title(notebook: Path) -> str:
    """The first heading of an executed notebook."""
    first = next(cell for cell in _read(notebook).cells if cell.cell_type == "markdown")
    return str(first.source.splitlines()[0]).lstrip("# ")


def _claims(verdicts: Path, wording: Path) -> list[dict[str, str]]:
    """The verdicts with the statements they are about."""
    statements = {row["claim_id"]: row["statement"] for row in read_rows(wording)}
    return [{**row, "statement": statements[row["claim_id"]]} for row in read_rows(verdicts)]


def _page(template: str, own_styles: Iterable[str], **content: Any) -> str:
    sheet, script = ((TEMPLATES / name).read_text(encoding="utf-8") for name in SHARED)
    shared = {"styles": [sheet, *own_styles], "script": script}
    return _environment().get_template(template).render(shared | content) + "\n"


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
    environment.tests["excludes_zero"] = excludes_zero
    environment.globals |= {"policy": security_policy, "menu": menu(), "site_title": report().title}
    return environment


def security_policy(styles: Iterable[str], script: str) -> str:
    """A Content-Security-Policy that allows these styles, this script, images within the page."""
    allowed = " ".join(map(_hash, styles))
    return (
        f"default-src 'none'; style-src {allowed}; script-src {_hash(script)}; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
