"""Pictures and tables from a notebook, made fit to stand in a page of ours."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import nh3
from bs4 import BeautifulSoup, Tag

SVG = "http://www.w3.org/2000/svg"
XLINK = "http://www.w3.org/1999/xlink"
UNWANTED = ("script", "metadata", "foreignObject", "style")

TAGS = """
a abbr b blockquote br caption code col colgroup dd del details div dl dt em h2 h3 h4 h5 h6 hr
i kbd li ol p pre q s small span strong sub summary sup table tbody td tfoot th thead tr ul
"""
ATTRIBUTES = {
    "*": {"class", "lang", "title"},
    "a": {"href"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
}

NUMBER = re.compile(r"\d{4}-\d\d(-\d\d)?|[-+−]?[\d,]*\.?\d+(e[-+]\d+)?( ?%)?|NaN|[-−]?inf|–|")
"""What a cell of a column of numbers or dates may read."""

ElementTree.register_namespace("", SVG)
ElementTree.register_namespace("xlink", XLINK)


def inline_svg(svg: str, alt: str, prefix: str) -> tuple[str, list[str]]:
    """`svg` as an element of a page, and the style rules that the page must have for it.

    It is described by `alt`; its ids are made unique by `prefix`.
    """
    root = ElementTree.fromstring(svg)
    styles = [element.text or "" for element in root.iter(f"{{{SVG}}}style")]
    for parent in list(root.iter()):
        for child in [child for child in parent if _local_name(child) in UNWANTED]:
            parent.remove(child)
    for element in root.iter():
        _keep_inside(element, prefix)
    root.set("role", "img")
    root.set("aria-label", alt)
    return ElementTree.tostring(root, encoding="unicode"), [
        text for text in styles if "<" not in text
    ]


def _local_name(element: ElementTree.Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _keep_inside(element: ElementTree.Element, prefix: str) -> None:
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


def inline_html(html: str) -> str:
    """`html` with only harmless elements left, and every table in a box that scrolls."""
    clean = nh3.clean(html, tags=set(TAGS.split()), attributes=ATTRIBUTES, link_rel=None)
    soup = BeautifulSoup(clean, "html.parser")
    for table in soup.select("table"):
        _join_index_name(table)
        _mark_numbers(table)
    for header in soup.select("th"):
        if not header.get_text(strip=True):
            header.name = "td"
        elif not header.get("scope"):
            header["scope"] = "col" if header.find_parent("thead") else "row"
    return str(_boxed(soup))


def _join_index_name(table: Tag) -> None:
    """Put the name of the index, to which pandas gives a row of its own, into the first row."""
    rows = table.select("thead tr")
    if len(rows) != 2:
        return
    first, *others = rows[1].find_all("th")
    corner = rows[0].find("th")
    if corner and not any(cell.get_text(strip=True) for cell in [corner, *others]):
        corner.string = first.get_text(strip=True)
        rows[1].decompose()


def _mark_numbers(table: Tag) -> None:
    """Give the class `number` to columns of numbers or dates alone, their headers included."""
    rows = [row.find_all(["th", "td"]) for row in table.select("tr")]
    body = [row.find_all(["th", "td"]) for row in table.select("tbody tr")]
    for place in range(min(map(len, rows), default=0)):
        if body and all(NUMBER.fullmatch(row[place].get_text(strip=True)) for row in body):
            for row in rows:
                row[place]["class"] = "number"


def in_boxes(html: str) -> str:
    """`html` with every table inside a box of its own, so that it scrolls and the page does not."""
    return str(_boxed(BeautifulSoup(html, "html.parser"))) if "<table" in html else html


def _boxed(soup: BeautifulSoup) -> BeautifulSoup:
    for table in soup.find_all("table"):
        label = table.caption.get_text(" ", strip=True) if table.caption else "Table"
        box = soup.new_tag("div", attrs={"class": "table", "role": "group", "tabindex": "0"})
        box["aria-label"] = label
        table.wrap(box)
    return soup


def slug(text: str) -> str:
    """`text` as an anchor."""
    return re.sub(r"[^\w]+", "-", text.lower()).strip("-") or "section"
