"""Executed notebooks as the body of a page, through nbconvert."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from html import unescape
from typing import Any

from bs4 import BeautifulSoup
from jinja2 import pass_context
from jinja2.runtime import Context
from nbconvert.exporters.templateexporter import TemplateExporter
from nbconvert.filters.highlight import Highlight2HTML
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbformat import NotebookNode
from traitlets.config import Config

from analysis.study import ROOT
from pipeline.fragments import in_boxes, inline_html, inline_svg, slug

SHOWN_FIRST = ("image/svg+xml", "text/html", "text/markdown", "image/png", "text/plain")
"""Kinds of output a page can show, best first."""


@dataclass(frozen=True)
class Heading:
    """A heading of the article and its anchor."""

    level: int
    text: str
    anchor: str


class HeadingRenderer(IPythonRenderer):
    """Markdown to HTML that lowers headings, gives them anchors and writes them down."""

    def __init__(self, headings: list[Heading], lower_by: int) -> None:
        """Headings are appended to `headings`, each `lower_by` levels down."""
        super().__init__(escape=True, exclude_anchor_links=True)
        self.headings = headings
        self.lower_by = lower_by

    def heading(self, text: str, level: int, **attrs: Any) -> str:
        """One heading; its text is HTML already."""
        level = min(level + self.lower_by, 6)
        plain = unescape(BeautifulSoup(text, "html.parser").get_text())
        taken = {heading.anchor for heading in self.headings}
        anchor = base = slug(plain)
        while anchor in taken:
            anchor = f"{base}-{len(taken)}"
        self.headings.append(Heading(level, plain, anchor))
        return f'<h{level} id="{anchor}">{text}</h{level}>\n'


class ArticleExporter(TemplateExporter):
    """nbconvert's way from a notebook to HTML, with our template and no address outside."""

    output_mimetype = "text/html"

    def __init__(self, lower_by: int = 0, downloads: Collection[str] = (), **options: Any) -> None:
        """`downloads` are the stems of figures that lie beside the page."""
        super().__init__(  # type: ignore[no-untyped-call]
            template_name="article", extra_template_basedirs=[str(ROOT / "templates")], **options
        )
        self.headings: list[Heading] = []
        self.lower_by = lower_by
        self.environment.globals["downloads"] = downloads

    def _file_extension_default(self) -> str:
        return ".html"

    @property
    def default_config(self) -> Config:
        """Which outputs a page can show."""
        settings = Config({"NbConvertBase": {"display_data_priority": list(SHOWN_FIRST)}})
        settings.merge(super().default_config)
        return settings

    @pass_context
    def _markdown(self, context: Context, source: str) -> str:
        renderer = HeadingRenderer(self.headings, self.lower_by)
        return in_boxes(MarkdownWithMath(renderer=renderer).render(source))

    def default_filters(self) -> Iterable[tuple[str, Any]]:
        """nbconvert's filters, and ours."""
        yield from super().default_filters()  # type: ignore[no-untyped-call]
        yield "markdown2html", self._markdown
        yield "highlight_code", Highlight2HTML(pygments_lexer="ipython3", parent=self)
        yield "inline_svg", inline_svg
        yield "inline_html", inline_html


def article(
    notebooks: Iterable[NotebookNode], lower_by: int, downloads: Collection[str]
) -> tuple[str, list[Heading]]:
    """The body of the page that shows `notebooks` one after the other, and its headings."""
    exporter = ArticleExporter(lower_by=lower_by, downloads=downloads)
    bodies = [exporter.from_notebook_node(notebook)[0] for notebook in notebooks]
    return "\n".join(bodies), exporter.headings
