"""Executed notebooks as the body of a page: Markdown, formulas, figures and tables as HTML."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from html import escape, unescape
from pathlib import Path
from typing import Any, Literal, NamedTuple

import nh3
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from latex2mathml.converter import convert
from lxml import etree
from markupsafe import Markup
from nbconvert.filters.ansi import strip_ansi
from nbconvert.filters.highlight import Highlight2HTML
from nbconvert.filters.markdown_mistune import (
    InvalidNotebook,
    IPythonRenderer,
    MarkdownWithMath,
)
from nbconvert.preprocessors.coalescestreams import CoalesceStreamsPreprocessor
from nbformat import NotebookNode
from words import MINUS, count, signed

from press.citations import Reference, cited, reference, stop
from press.execute import INJECTED
from press.fragments import STYLED, in_boxes, inline_html, inline_svg, slug, table_of, unbroken
from press.site import DOCS, site
from press.tables import Row, figure_rows, probability, too_many, typeset

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

BOX = '<span class="formula" tabindex="0" role="group" aria-label="Formula">{}</span>'
"""Where a formula wider than the screen scrolls."""

STREAMS = CoalesceStreamsPreprocessor()
"""Joins the pieces of a stream and keeps the last state of a line that is written again."""

DEFAULTS = "parameters"
"""How the cell of a notebook's defaults is tagged."""
TEMPLATES = Path(__file__).parent / "templates"

PLAIN = re.compile(r'<span class="(?!(?:k|kn|ow|kc|s1|s2|sa|mi|mf|c1)")\w+">([^<]*)</span>')
"""What the style sheet gives no colour of its own."""
GLOSSARY = "glossary.md"
ELEMENT = re.compile(r"(<[^>]+>)")
CLOSED = ("a", "h1", "h2", "h3", "h4", "h5", "h6", "code", "pre", "math", "table", "svg")
"""Elements in which no term of the glossary becomes a link."""


class UnusableCell(ValueError):
    """A cell that no page can show; the message says what to do."""


class Heading(NamedTuple):
    """A heading of the article and its anchor."""

    level: int
    text: str
    anchor: str


class Cited(NamedTuple):
    """A work, and the anchors of the places that cite it."""

    work: Reference
    anchors: list[str]


class Article:
    """The body of a page, its headings in order, the styles it needs, and the works it cites."""

    def __init__(
        self,
        notebooks: Iterable[NotebookNode] = (),
        lower_by: int = 0,
        folder: Path = Path("."),
        links: Mapping[str, str] | None = None,
        figure: str = "",
    ) -> None:
        """For the page in `folder`, which shows `notebooks` one after the other.

        Headings are written `lower_by` levels down. `links` gives the address, as seen from the
        page, of each file that a notebook may link to; `figure` is that of the answer which the
        page begins with, a stem of files in the folder `figures` there.
        """
        self.lower_by, self.figures, self.links = lower_by, folder / "figures", links or {}
        self.headings: list[Heading] = []
        self.styles: dict[str, None] = {}
        self._cited: dict[str, list[str]] = {}
        self._anchors = set(TAKEN)
        self._terms = {term.lower(): term for term in glossary()}
        self._renderer = ArticleRenderer(self)
        self._markdown = MarkdownWithMath(renderer=self._renderer)
        answer = self.figures / f"{figure}.svg"
        self.picture = ""
        if answer.exists():
            self.picture = self.svg(answer.read_text(encoding="utf-8"), "", f"answer-{figure}")
        shown = [_shown_cells(notebook, place) for place, notebook in enumerate(notebooks)]
        template = environment().get_template("article.html.j2")
        self.body = Markup(template.render(page=self, notebooks=shown))

    @property
    def cited(self) -> list[Cited]:
        """The works cited, by name."""
        works = [Cited(reference(key), anchors) for key, anchors in self._cited.items()]
        return sorted(works, key=lambda one: one.work.by)

    def markdown(self, source: str, attachments: dict[str, dict[str, str]] | None = None) -> Markup:
        """Markdown as HTML, the first use of each of the glossary's terms a link to it."""
        self._renderer.attachments = attachments or {}
        return Markup(self._with_terms(in_boxes(self._markdown.render(source))))

    def svg(self, svg: str, alt: str, prefix: str) -> Markup:
        """A picture; see `inline_svg`."""
        drawn, styles = inline_svg(svg, alt, prefix)
        self.styles |= dict.fromkeys(styles)
        return Markup(drawn)

    def html(self, html: str) -> Markup:
        """HTML that a cell has left; see `inline_html`."""
        shown, style = inline_html(html, self.anchor("styled") if STYLED in html else "")
        self.styles |= dict.fromkeys([style] if style else [])
        return Markup(shown)

    def downloads(self, stem: str | None) -> list[str]:
        """The kinds of files there are of a figure."""
        return [kind for kind in KINDS if stem and (self.figures / f"{stem}.{kind}").exists()]

    def rows(self, stem: str) -> list[Row]:
        """The numbers of a figure; see `figure_rows`."""
        return figure_rows(self.figures / f"{stem}.csv")

    def cite(self, key: str) -> str:
        """Write down that the page cites a work; the anchor of the place."""
        anchor = self.anchor(f"cite {reference(key).key}")
        self._cited.setdefault(key, []).append(anchor)
        return anchor

    def anchor(self, text: str) -> str:
        """An anchor made from `text` that nothing else on the page has."""
        base = anchor = slug(text)
        number = 1
        while anchor in self._anchors:
            number += 1
            anchor = f"{base}-{number}"
        self._anchors.add(anchor)
        return anchor

    def _with_terms(self, html: str) -> str:
        page = self.links.get(f"../{DOCS}/{GLOSSARY}") or self.links.get(GLOSSARY)
        if not page or not self._terms:
            return html

        def linked(found: re.Match[str]) -> str:
            term = self._terms.pop(found[1].lower(), None)
            return (
                f'<a class="term" href="{page}#{slug(term)}">{found[0]}</a>' if term else found[0]
            )

        words = "|".join(map(re.escape, sorted(self._terms, key=len, reverse=True)))
        term = re.compile(rf"\b({words})s?\b", re.IGNORECASE)
        pieces, depth = ELEMENT.split(html), 0
        for place, piece in enumerate(pieces):
            if piece.startswith("<"):
                name = piece.strip("</>").split(maxsplit=1)[0]
                depth += (-1 if piece.startswith("</") else 1) if name in CLOSED else 0
            elif not depth:
                pieces[place] = term.sub(linked, piece)
        return "".join(pieces)


def _shown_cells(notebook: NotebookNode, place: int) -> list[NotebookNode]:
    """The cells but for the defaults of parameters, and for values that a notebook before shows."""
    tagged = [(cell, set(cell.metadata.get("tags", []))) for cell in notebook.cells]
    injected = any(INJECTED in tags for _, tags in tagged)
    hidden = {DEFAULTS, INJECTED} if place else {DEFAULTS} if injected else set()
    cells = [cell for cell, tags in tagged if not hidden & tags]
    for cell in cells:
        STREAMS.preprocess_cell(cell, {}, 0)
    return cells


class ArticleRenderer(IPythonRenderer):
    """Markdown to HTML that fits a page: headings are written down, links lead somewhere."""

    def __init__(self, page: Article) -> None:
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
    etree.strip_attributes(root, "href")
    written = str(etree.tostring(root, encoding="unicode"))
    return BOX.format(written) if display == "block" else written


@lru_cache(maxsize=1024)
def highlighted(source: str) -> Markup:
    """`source` with its syntax marked; studies share their notebooks, so most is known already."""
    return Markup(PLAIN.sub(r"\1", str(Highlight2HTML(pygments_lexer="ipython3")(source))))


@cache
def glossary() -> tuple[str, ...]:
    """The terms, each a heading of the third level in docs/glossary.md; none without that file."""
    path = site().root / DOCS / GLOSSARY
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    return tuple(re.findall(r"^### (.+)$", text, re.MULTILINE))


@cache
def environment() -> Environment:
    """What the templates of all pages are filled in with, all read, for processes forked later."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    filters = (
        *(highlighted, probability, signed, slug, stop, strip_ansi, table_of, too_many, typeset),
    )
    environment.filters |= {function.__name__: function for function in filters}
    environment.globals |= {"count": count, "minus": MINUS, "shown_first": SHOWN_FIRST}
    for name in environment.list_templates(extensions=["j2"]):
        environment.get_template(name)
    return environment
