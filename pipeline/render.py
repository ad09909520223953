"""Executed notebooks to the site: a page a study, the data pages, the front page, the manifest."""

from __future__ import annotations

import csv
import hashlib
import json
import shutil
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from nbformat import NotebookNode

from analysis.study import ROOT
from pipeline.article import Heading, article
from pipeline.layout import DATA, links
from pipeline.provenance import commit, versions, write_text

TEMPLATES = ROOT / "templates"


@dataclass(frozen=True)
class Stamp:
    """What a page was made from."""

    commits: Sequence[str]
    packages: Mapping[str, str]
    parameters: Mapping[str, Any] = field(default_factory=dict)
    inputs: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class StudyLink:
    """What the front page says of a study: the contents of its headline.json, and where it is."""

    href: str
    study: str
    question: str
    headline: str


def study_page(folder: Path, notebooks: Sequence[Path]) -> Path:
    """Write `folder`/index.html from the study's executed notebooks and its headline.json."""
    executed = [_read(path) for path in notebooks]
    downloads = {path.stem for path in (folder / "figures").glob("*.svg")}
    shown = article(executed, 1, downloads, links("../", "#main"))
    page = _page(
        "study.html.j2",
        root="../",
        article=shown,
        stamp=_stamp(executed),
        headline=json.loads((folder / "headline.json").read_text(encoding="utf-8")),
        files=sorted(path.name for path in folder.glob("*.csv")),
        notebooks=[path.relative_to(folder).as_posix() for path in notebooks],
    )
    return write_text(folder / "index.html", page)


def data_page(notebook: Path, output: Path) -> Path:
    """Write the page of one executed notebook that belongs to no study."""
    executed = _read(notebook)
    downloads = {path.stem for path in (output.parent / "figures").glob("*.svg")}
    shown = article([executed], 0, downloads, links("../", "../index.html#studies"))
    page = _page(
        "data.html.j2",
        root="../",
        title=_title(shown.headings, output),
        article=shown,
        stamp=_stamp([executed]),
        notebooks=[notebook.relative_to(output.parent).as_posix()],
    )
    return write_text(output, page)


def front_page(
    reports: Path,
    studies: Iterable[Path],
    pages: Mapping[Path, Path],
    claims: Path,
    tables: Sequence[Path],
) -> Path:
    """Write `reports`/index.html from the studies' headlines and the verdicts on the claims.

    `pages` are the data pages and the executed notebooks they show; `claims` is the raw file with
    the claims' wording; `tables` are copied beside the data pages.
    """
    for table in tables:
        shutil.copyfile(table, reports / DATA / table.name)
    page = _page(
        "front.html.j2",
        root="",
        studies=[_study_link(reports, folder) for folder in studies],
        claims=_claims(reports / "claims.csv", claims),
        pages=[
            (page.relative_to(reports).as_posix(), _page_title(notebook))
            for page, notebook in pages.items()
        ],
        tables=[f"{DATA}/{table.name}" for table in tables],
        stamp=Stamp([commit()], versions()),
    )
    return write_text(reports / "index.html", page)


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


def _study_link(reports: Path, folder: Path) -> StudyLink:
    headline = json.loads((folder / "headline.json").read_text(encoding="utf-8"))
    return StudyLink(
        href=f"{folder.relative_to(reports).as_posix()}/index.html",
        study=headline["study"],
        question=headline["question"],
        headline=headline["headline"],
    )


def _page_title(notebook: Path) -> str:
    """The first heading of an executed notebook."""
    first = next(cell for cell in _read(notebook).cells if cell.cell_type == "markdown")
    return str(first.source.splitlines()[0]).lstrip("# ")


def _claims(verdicts: Path, wording: Path) -> list[dict[str, str]]:
    """The verdicts with the statements they are about."""
    statements = {row["claim_id"]: row["statement"] for row in _rows(wording)}
    return [{**row, "statement": statements[row["claim_id"]]} for row in _rows(verdicts)]


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def printed(value: str) -> str:
    """A number from a CSV cell as a reader wants it; anything else as it is."""
    try:
        number = float(value)
    except ValueError:
        return value
    text = f"{number:,.0f}" if abs(number) >= 1000 else f"{number:,.1f}"
    return text.replace("-", "−")


def _page(template: str, **content: Any) -> str:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["printed"] = printed
    environment.globals["policy"] = security_policy
    sheet = (TEMPLATES / "style.css").read_text(encoding="utf-8")
    styles = [sheet, *(content["article"].styles if "article" in content else [])]
    return environment.get_template(template).render(styles=styles, **content) + "\n"


def security_policy(styles: Iterable[str]) -> str:
    """A Content-Security-Policy that allows these styles, images within the page, and no more."""
    hashes = (b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in styles)
    allowed = " ".join(f"'sha256-{value}'" for value in hashes)
    return (
        f"default-src 'none'; style-src {allowed}; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
