"""Executed notebooks as the body of a page, through nbconvert."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from html import escape, unescape
from pathlib import Path
from typing import Any, Literal

import nh3
from jinja2 import pass_context
from jinja2.runtime import Context
from latex2mathml.converter import convert
from lxml import etree
from nbconvert.exporters.templateexporter import TemplateExporter
from nbconvert.filters.highlight import Highlight2HTML
from nbconvert.filters.markdown_mistune import (
    InvalidNotebook,
    IPythonRenderer,
    MarkdownWithMath,
)
from nbconvert.preprocessors.coalescestreams import CoalesceStreamsPreprocessor
from nbformat import NotebookNode
from traitlets.config import Config
from words import IDENTIFIER, TIMES

from press.citations import Reference, cited, reference
from press.fragments import STYLED, in_boxes, inline_html, inline_svg, slug, unbroken
from press.glossary import Terms, glossary
from press.tables import Row, read_rows

SHOWN_FIRST = (
    *("image/svg+xml", "text/html", "text/markdown", "image/png", "text/latex", "text/plain"),
)
"""Kinds of output a page can show, best first."""

TAKEN = (
    *("main", "contents", "made-from", "analysis", "cite", "downloads", "studies", "failed"),
    *("references", "the-figure"),
)
"""Anchors that the templates give."""

KINDS = ("svg", "csv")
TRUTHS = {"True": "yes", "False": "no"}
LONGEST = 400
"""Rows beyond which the numbers of a figure are a download only."""

BOX = '<span class="formula" tabindex="0" role="group" aria-label="Formula">{}</span>'
"""Where a formula wider than the screen scrolls."""

STREAMS = CoalesceStreamsPreprocessor()
"""Joins the pieces of a stream and keeps the last state of a line that is written again."""

DEFAULTS, INJECTED = "parameters", "injected-parameters"
"""How papermill tags the cells of a notebook's parameters."""
TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True)
class Heading:
    """A heading of the article and its anchor."""

    level: int
    text: str
    anchor: str


@dataclass(frozen=True)
class Cited:
    """A work, and the anchors of the places that cite it."""

    work: Reference
    anchors: list[str]


@dataclass(frozen=True)
class Article:
    """The body of a page, its headings in order, its pictures' styles, and what it cites."""

    body: str
    headings: list[Heading]
    styles: list[str]
    cited: list[Cited]


class Downloads:
    """What lies in the folder `figures` beside a page."""

    def __init__(self, folder: Path) -> None:
        """`folder` is that of the page."""
        self.folder = folder / "figures"

    def kinds(self, stem: str | None) -> list[str]:
        """Which files there are of a figure."""
        return [kind for kind in KINDS if stem and (self.folder / f"{stem}.{kind}").exists()]

    def rows(self, stem: str) -> list[Row]:
        """The numbers of a figure, the newest month first; none when there are too many.

        Codes are left out where a column called the same and `_name` says them in words, and so
        are ids.
        """
        rows = read_rows(self.folder / f"{stem}.csv")
        if len(rows) > LONGEST:
            return []
        if rows and (time := next(iter(rows[0]))) in TIMES:
            rows.sort(key=lambda row: row[time], reverse=True)
        names = list(rows[0]) if rows else []
        coded = {one for one in names if f"{one}_name" in names or one.endswith("_id")}
        return [
            {said(name): shown(name, value) for name, value in row.items() if name not in coded}
            for row in rows
        ]


def shown(name: str, value: str | None) -> str:
    """A cell of a column as a reader says it; of a month not its first day."""
    return short((value or "")[:7] if name == "month" else value)


def said(name: str) -> str:
    """The name of a column as a reader says it."""
    return name.removesuffix("_name").replace("_", " ")


def short(value: str | None) -> str:
    """A number with the digits one can use, its minus as spreadsheets read it; yes or no; else
    as it is.
    """
    if value in TRUTHS:
        return TRUTHS[value]
    if IDENTIFIER.fullmatch(value or ""):
        return said(str(value))
    try:
        number = float(value or "")
    except ValueError:
        return value or ""
    return f"{number:,.0f}" if abs(number) >= 1000 or number.is_integer() else f"{number:,.4g}"


@lru_cache(maxsize=1024)
def formula(latex: str, display: Literal["inline", "block"]) -> str:
    """`latex` as a MathML element; one that cannot be read stands as it was written.

    Studies share their notebooks, so most formulas are known already.
    """
    try:
        written = convert(latex.strip(), display=display)
    except Exception:  # a dozen kinds without a common base, and IndexError for half a formula
        return f"<code>{escape(latex.strip())}</code>"
    root = etree.fromstring(written)
    for element in root.iter():
        element.attrib.pop("href", None)
    written = str(etree.tostring(root, encoding="unicode"))
    return BOX.format(written) if display == "block" else written


class UnusableCell(ValueError):
    """A cell that no page can show; the message says what to do."""


class ArticleRenderer(IPythonRenderer):
    """Markdown to HTML that fits a page: headings are written down, links lead somewhere."""

    def __init__(self, page: ArticleExporter) -> None:
        """Headings are added to those of `page`."""
        super().__init__(escape=True, allow_harmful_protocols=False, exclude_anchor_links=True)
        self.page = page

    def link(self, text: str, url: str, title: str | None = None) -> str:
        """A link as the page has it; one to a file that is not in the site is only its text."""
        key = cited(url)
        if key is not None:
            return f'<a id="{self.page.cite(key)}" href="#ref-{key}">{text}</a>'
        file, _, anchor = url.partition("#")
        address = self.page.links.get(file, url)
        if anchor and file in self.page.links:
            address = f"{address.partition('#')[0]}#{anchor}"
        if address == url and not url.startswith(("#", "http://", "https://")):
            return text
        return str(super().link(text, address, title))

    def text(self, text: str) -> str:
        """Plain words, unbroken where they belong together."""
        return unbroken(str(super().text(text)))

    def task_list_item(self, text: str, checked: bool = False) -> str:
        """An item of a list to be ticked off, its box a letter: an input would need a label."""
        box = "☑" if checked else "☐"
        loose = text.startswith("<p>")
        return f"<li>{text.replace('<p>', f'<p>{box} ', 1) if loose else f'{box} {text}'}</li>\n"

    def inline_math(self, body: str) -> str:
        """A formula in a line of text."""
        return formula(body, "inline")

    def block_math(self, body: str) -> str:
        """A formula on a line of its own."""
        return formula(body, "block")

    def latex_environment(self, name: str, body: str) -> str:
        """Aligned equations and their like."""
        return formula(rf"\begin{{{name}}}{body}\end{{{name}}}", "block")

    def heading(self, text: str, level: int, **attrs: Any) -> str:
        """One heading; its text is HTML already."""
        level = min(level + self.page.lower_by, 6)
        plain = unescape(nh3.clean(text, tags=set()))
        anchor = self.page.anchor(plain)
        self.page.headings.append(Heading(level, plain, anchor))
        link = f'<a class="anchor" href="#{anchor}" aria-label="Link to “{escape(plain)}”"></a>'
        return f'<h{level} id="{anchor}">{text}{link}</h{level}>\n'

    def _embed_image_or_attachment(self, src: str) -> str:
        """An attachment of the cell as an address within the page; UnusableCell if it is lost."""
        try:
            return str(super()._embed_image_or_attachment(src))
        except InvalidNotebook:
            name = src.partition(":")[2]
            raise UnusableCell(
                f"a text shows the picture {name!r}, which is no longer attached to its cell; "
                "attach it again or take the line out"
            ) from None


class ArticleExporter(TemplateExporter):
    """nbconvert's way from a notebook to HTML, with our template and no address outside."""

    output_mimetype = "text/html"

    def __init__(self, **options: Any) -> None:
        """One exporter serves any number of pages, so that templates are read once."""
        super().__init__(  # type: ignore[no-untyped-call]
            template_name="article",
            extra_template_basedirs=[str(TEMPLATES)],
            **options,
        )
        self.renderer = ArticleRenderer(self)
        self.markdown = MarkdownWithMath(renderer=self.renderer)
        self.start(0, Downloads(Path()), {})

    def start(self, lower_by: int, downloads: Downloads, links: Mapping[str, str]) -> None:
        """Begin a page; `downloads` are the files of figures beside it; `links` see `article`."""
        self.headings: list[Heading] = []
        self.anchors = set(TAKEN)
        self.styles: dict[str, None] = {}
        self.cited: dict[str, list[str]] = {}
        self.lower_by = lower_by
        self.links = links
        self.terms = Terms(glossary())
        self.environment.globals["downloads"] = downloads

    def _file_extension_default(self) -> str:
        return ".html"

    @property
    def default_config(self) -> Config:
        """Which outputs a page can show."""
        settings = Config({"NbConvertBase": {"display_data_priority": list(SHOWN_FIRST)}})
        settings.merge(super().default_config)
        return settings

    def _preprocess(
        self, notebook: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Join pieces of streams; nbconvert would copy and check the notebook for each step."""
        for cell in notebook.cells:
            if any(one.output_type == "stream" for one in cell.get("outputs", [])):
                STREAMS.preprocess_cell(cell, resources, 0)
        return notebook, resources

    @pass_context
    def _markdown(self, context: Context, source: str) -> str:
        self.renderer.attachments = context.get("cell", {}).get("attachments", {})
        return self.terms.link(in_boxes(self.markdown.render(source)), self.links)

    def _picture(self, svg: str, alt: str, prefix: str) -> str:
        drawn, styles = inline_svg(svg, alt, prefix)
        self.styles |= dict.fromkeys(styles)
        return drawn

    def _html(self, html: str) -> str:
        shown, style = inline_html(html, self.anchor("styled") if STYLED in html else "")
        self.styles |= dict.fromkeys([style] if style else [])
        return shown

    def cite(self, key: str) -> str:
        """Write down that the page cites a work; the anchor of the place."""
        work = reference(key)
        anchor = self.anchor(f"cite {work.key}")
        self.cited.setdefault(key, []).append(anchor)
        return anchor

    def anchor(self, text: str) -> str:
        """An anchor made from `text` that nothing else on the page has."""
        base = anchor = slug(text)
        number = 1
        while anchor in self.anchors:
            number += 1
            anchor = f"{base}-{number}"
        self.anchors.add(anchor)
        return anchor

    def default_filters(self) -> Iterable[tuple[str, Any]]:
        """nbconvert's filters, and ours."""
        yield from super().default_filters()  # type: ignore[no-untyped-call]
        yield "markdown2html", self._markdown
        yield "highlighted", highlighted
        yield "anchor", self.anchor
        yield "inline_svg", self._picture
        yield "inline_html", self._html


PLAIN = re.compile(r'<span class="(?!(?:k|kn|ow|kc|s1|s2|sa|mi|mf|c1)")\w+">([^<]*)</span>')
"""What the style sheet gives no colour of its own."""


@lru_cache(maxsize=1024)
def highlighted(source: str) -> str:
    """`source` with its syntax marked; studies share their notebooks, so most is known already."""
    return PLAIN.sub(r"\1", str(Highlight2HTML(pygments_lexer="ipython3")(source)))


@cache
def _exporter() -> ArticleExporter:
    return ArticleExporter()


def _parameters_once(notebook: NotebookNode, place: int) -> NotebookNode:
    """The notebook without its defaults, and without the values that the first one shows."""
    tags = {tag for cell in notebook.cells for tag in cell.metadata.get("tags", [])}
    injected = INJECTED in tags
    hidden = {DEFAULTS} if injected else set()
    hidden |= {DEFAULTS, INJECTED} if place else set()
    kept = [cell for cell in notebook.cells if not hidden & set(cell.metadata.get("tags", []))]
    return NotebookNode({**notebook, "cells": kept})


def article(
    notebooks: Iterable[NotebookNode],
    lower_by: int = 0,
    folder: Path = Path("."),
    links: Mapping[str, str] | None = None,
) -> Article:
    """The body of the page in `folder` that shows `notebooks` one after the other.

    `links` gives the address, as seen from the page, of each file that a notebook may link to.
    """
    exporter = _exporter()
    exporter.start(lower_by, Downloads(folder), links or {})
    shown = [_parameters_once(notebook, place) for place, notebook in enumerate(notebooks)]
    bodies = [exporter.from_notebook_node(notebook)[0] for notebook in shown]
    works = [Cited(reference(key), anchors) for key, anchors in exporter.cited.items()]
    by_name = sorted(works, key=lambda one: one.work.by)
    return Article("\n".join(bodies), exporter.headings, list(exporter.styles), by_name)
