"""Pictures and tables from a notebook, made fit to stand in a page of ours."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import escape

import nh3
from lxml import etree
from lxml.html import HtmlElement, fragment_fromstring, tostring
from lxml.html.builder import E
from markupsafe import Markup

SVG = "http://www.w3.org/2000/svg"
UNWANTED = ("{*}script", "{*}metadata", "{*}foreignObject", "{*}style")

TAGS = """
a abbr b blockquote br caption code col colgroup dd del details div dl dt em h2 h3 h4 h5 h6 hr
i kbd li ol p pre q s small span strong sub summary sup table tbody td tfoot th thead tr ul
"""
ATTRIBUTES = {
    "*": {"class", "id", "lang", "title"},
    "a": {"href"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
}

STYLED = '<table id="'
"""How the table of a Styler begins."""
SHEET = re.compile(r"<style[^>]*>(.*?)</style>", re.DOTALL)
RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
SELECTOR = r"#{}-\d[\w-]*((?: (?:caption|t[a-z]+))?(?:[.:][a-z][\w-]*(?:\([\w+]*\))?)*)*"
"""What a rule of a Styler may be about: its own table, whose ids begin with the prefix."""
HARMLESS = re.compile(
    r"(background-color|color|font-weight|font-style|text-align|text-decoration|opacity)\s*:"
    r"\s*[#\w%., ()-]+"
)
"""What a table may say of its look: what pandas' Styler writes of colours and letters."""
DARK_LETTERS = "color: #1d2226"
"""Letters on a background of their own, where the page may be light or dark."""
CODE = re.compile(r"`([^`<>\n]+)`")
STRESSED = re.compile(r"(?<![\w*])\*(\w[\w ]*\w)\*(?![\w*])")

NUMBER = re.compile(r"\d{4}-\d\d(-\d\d)?|[-+−]?[\d,]*\.?\d+(e[-+]\d+)?( ?%)?|NaN|[-−]?inf|–|")
"""What a cell of a column of numbers or dates may read."""

TYPED = re.compile(r"^−(?=[\d,.]+$)")
"""The sign of a negative number that stands alone."""

BETWEEN = re.compile(r">\n\s*<(?=/?(?:table|thead|tbody|tr|th|td)\b)")
"""The indentation of a table, which is a tenth of its size."""

PARSER = etree.XMLParser(
    encoding="utf-8", resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True
)
"""Reads SVG that may come from anywhere."""


def inline_svg(svg: str, alt: str, prefix: str) -> tuple[str, list[str]]:
    """`svg` as an element of a page, and the style rules that the page must have for it.

    It is described by `alt`, or else as it describes itself; its ids are made unique by `prefix`.
    """
    root = etree.fromstring(svg.encode(), PARSER)
    styles = [element.text or "" for element in root.iter(f"{{{SVG}}}style")]
    etree.strip_elements(root, *UNWANTED)
    for element in root.iter():
        _keep_inside(element, prefix)
    root.set("role", "img")
    root.set("aria-label", alt or root.get("aria-label", ""))
    return etree.tostring(root, encoding="unicode"), [text for text in styles if "<" not in text]


def _keep_inside(element: etree._Element, prefix: str) -> None:
    """Prefix ids and references to them; drop event handlers and references to elsewhere."""
    for name, value in list(element.attrib.items()):
        local = name.rpartition("}")[2]
        if local == "id":
            element.set(name, f"{prefix}-{value}")
        elif local == "href" and value.startswith("#"):
            element.set(name, f"#{prefix}-{value[1:]}")
        elif local == "href" or local.startswith("on"):
            del element.attrib[name]
        elif "url(#" in value:
            element.set(name, value.replace("url(#", f"url(#{prefix}-"))


def inline_html(html: str, prefix: str = "styled") -> tuple[str, str]:
    """`html` with only harmless elements left, every table in a box that scrolls, and its style.

    Of styles those of pandas' Styler remain, whose ids are renamed with `prefix`.
    """
    for place, name in enumerate(dict.fromkeys(re.findall(rf'{STYLED}(T_\w+)"', html))):
        html = re.sub(rf'((?:id="|#)){name}(?=_|\W)', rf"\g<1>{prefix}-{place}", html)
    clean = nh3.clean(
        html,
        tags=set(TAGS.split()),
        attributes=ATTRIBUTES,
        attribute_filter=lambda tag, name, value: (
            value if name != "id" or re.match(rf"{prefix}-\d", value) else None
        ),
        link_rel=None,
    )
    root = _parsed(STRESSED.sub(r"<em>\1</em>", CODE.sub(r"<code>\1</code>", clean)))
    for table in root.iter("table"):
        _join_index_name(table)
        _mark_numbers(table)
    for header in root.iter("th"):
        if not _words(header):
            header.tag = "td"
        elif not header.get("scope"):
            above = any(True for _ in header.iterancestors("thead"))
            header.set("scope", "col" if above else "row")
    return _boxed(root), _style(html, prefix)


def table_of(rows: Sequence[Mapping[str, str]]) -> Markup:
    """A table of the texts in `rows`, headed by their names."""
    head = E.TR(*(E.TH(name) for name in rows[0]))
    body = [E.TR(*(E.TD(cell) for cell in row.values())) for row in rows]
    written = tostring(E.TABLE(E.THEAD(head), E.TBODY(*body)), encoding="unicode")
    return Markup(inline_html(written, "")[0])


def _style(html: str, prefix: str) -> str:
    """The rules of Stylers that are harmless, and about their own tables."""
    rules = []
    for selectors, body in (rule for sheet in SHEET.findall(html) for rule in RULE.findall(sheet)):
        kept = [one.strip() for one in body.split(";") if HARMLESS.fullmatch(one.strip())]
        names = {one.partition(":")[0] for one in kept}
        if "background-color" in names and "color" not in names:
            kept.append(DARK_LETTERS)
        about = [one.strip() for one in selectors.split(",")]
        if kept and all(re.fullmatch(SELECTOR.format(prefix), one) for one in about):
            rules.append(f"{', '.join(about)} {{{'; '.join(kept)}}}")
    return "\n".join(rules)


def _parsed(html: str) -> HtmlElement:
    """An element around `html`."""
    root: HtmlElement = fragment_fromstring(html, create_parent="div")
    return root


def _words(element: HtmlElement) -> str:
    return "".join(element.itertext()).strip()


def _rows(part: HtmlElement) -> list[list[HtmlElement]]:
    """The cells of every row in a part of a table."""
    return [[cell for cell in row if cell.tag in ("th", "td")] for row in part.iter("tr")]


def _join_index_name(table: HtmlElement) -> None:
    """Put the name of the index, to which pandas gives a row of its own, into the first row."""
    head = next(table.iter("thead"), None)
    rows = [] if head is None else list(head.iter("tr"))
    if len(rows) != 2:
        return
    (corner, *_), (first, *others) = _rows(head)
    if not any(map(_words, [corner, *others])):
        corner.text = _words(first)
        rows[1].drop_tree()


def _mark_numbers(table: HtmlElement) -> None:
    """Give the class `number` to columns of numbers or dates alone, their headers included.

    Their minus signs are typed, so that spreadsheets read what is copied.
    """
    rows = _rows(table)
    body = [row for part in table.iter("tbody") for row in _rows(part)]
    for place in range(min(map(len, rows), default=0)):
        if body and all(NUMBER.fullmatch(_words(row[place])) for row in body):
            for row in rows:
                row[place].set("class", "number")
            for row in body:
                row[place].text = TYPED.sub("-", row[place].text or "")


def in_boxes(html: str) -> str:
    """`html` with every table inside a box of its own, so that it scrolls and the page does not."""
    return _boxed(_parsed(html)) if "<table" in html else html


def _boxed(root: HtmlElement) -> str:
    """What is in `root`, as HTML, every table in a box."""
    for table in list(root.iter("table")):
        caption = table.find("caption")
        label = "Table" if caption is None else " ".join(caption.itertext()).strip()
        box = E.DIV({"class": "table", "role": "group", "tabindex": "0", "aria-label": label})
        box.tail, table.tail = table.tail, None
        table.getparent().replace(table, box)
        box.append(table)
    written = "".join(tostring(one, encoding="unicode") for one in root)
    return escape(root.text or "") + BETWEEN.sub("><", written)


def unbroken(text: str) -> str:
    """`text` with no line ending before a percent sign or within `p = 0.04`."""
    return re.sub(r"\bp ([<=]) ", "p\u00a0\\1\u00a0", text.replace(" %", "\u00a0%"))


def slug(text: str) -> str:
    """`text` as an anchor."""
    return re.sub(r"[^\w]+", "-", text.lower()).strip("-") or "section"
