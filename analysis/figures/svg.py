"""Drawings as SVG fit for a page (themed, named, described, no clashing ids) and as PNG."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass, field
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from matplotlib.figure import Figure as Drawing

from analysis.figures.palette import DARK, ROLES

SVG = "http://www.w3.org/2000/svg"
XLINK = "http://www.w3.org/1999/xlink"
FONT = "Helvetica Neue, Helvetica, Arial, Liberation Sans, sans-serif"
PNG_DPI = 200
STYLE = (
    ".magnet-figure{max-width:100%;height:auto}@media (prefers-color-scheme:dark){"
    + "".join(
        f".magnet-figure .{paint}-{ROLES[light]}{{{paint}:{dark}}}"
        for light, dark in DARK.items()
        for paint in ("fill", "stroke")
    )
    + "}"
)
"""The same in every figure, so that a page's security policy needs to allow one style only."""

ElementTree.register_namespace("", SVG)
ElementTree.register_namespace("xlink", XLINK)


@dataclass(frozen=True)
class Picture:
    """One drawing, as SVG for pages and as PNG for slides and messages."""

    svg: str
    png: bytes = field(repr=False)


def render(drawing: Drawing, title: str, alt: str) -> Picture:
    """Draw as themed SVG and, in light colours, as PNG."""
    target = io.BytesIO()
    drawing.savefig(target, format="png", dpi=PNG_DPI, metadata={"Title": title, "Software": None})
    return Picture(to_svg(drawing, title, alt), target.getvalue())


def to_svg(drawing: Drawing, title: str, alt: str) -> str:
    """Draw as SVG that reads right alone, inside a page among others, on light and on dark.

    Styles become attributes and classes, so a page that forbids inline styles shows them, and
    software that knows nothing of dark screens shows the light colours. Identifiers carry a hash
    of the drawing, so that two figures of one page never share one.
    """
    text = _draw(drawing)
    root = ElementTree.fromstring(text)
    _drop_furniture(root)
    _rename_ids(root, "m" + hashlib.sha256(text.encode()).hexdigest()[:10])
    for element in root.iter():
        _unstyle(element)
        _tidy(element)
    _describe(root, title, alt)
    return ElementTree.tostring(root, encoding="unicode") + "\n"


def _draw(drawing: Drawing) -> str:
    target = io.StringIO()
    drawing.savefig(target, format="svg", metadata={"Date": None})
    return target.getvalue()


def _drop_furniture(root: Element) -> None:
    """Take out Matplotlib's metadata and its style rule, which would reach the whole page."""
    for element in root.findall(f"{{{SVG}}}metadata"):
        root.remove(element)
    for parent in root.iter(f"{{{SVG}}}defs"):
        for style in parent.findall(f"{{{SVG}}}style"):
            parent.remove(style)
        for shape in parent.iter():
            # A marker takes its colours from the place that uses it, where classes reach.
            shape.attrib.pop("style", None)


def _rename_ids(root: Element, prefix: str) -> None:
    """Keep the ids that something refers to, numbered under `prefix`; drop the others."""
    pointers = {f"url(#{element.get('id')})": element.get("id") for element in root.iter()}
    pointers |= {f"#{element.get('id')}": element.get("id") for element in root.iter()}
    wanted = [
        (element, key, pointers[value])
        for element in root.iter()
        for key, value in element.items()
        if value in pointers
    ]
    names = {name: f"{prefix}-{i}" for i, name in enumerate(dict.fromkeys(w[2] for w in wanted))}
    for element, key, name in wanted:
        element.set(key, element.attrib[key].replace(str(name), names[name]))
    for element in root.iter():
        name = element.attrib.pop("id", None)
        if name in names:
            element.set("id", names[name])


def _unstyle(element: Element) -> None:
    """Turn an inline style into attributes, and its colours into classes that can go dark."""
    declarations = [part.split(":", 1) for part in element.attrib.pop("style", "").split(";")]
    pairs = [(pair[0].strip(), pair[1].strip()) for pair in declarations if len(pair) == 2]
    classes = []
    for name, value in pairs:
        if name == "font-family":
            continue
        element.set(name, value)
        if name in ("fill", "stroke") and value != "none":
            classes.append(f"{name}-{ROLES[value.lower()]}")
    if element.tag == f"{{{SVG}}}text" and not any(name == "fill" for name, _ in pairs):
        raise ValueError(f"text drawn without a colour of the palette: {element.text!r}")
    if classes:
        element.set("class", " ".join(classes))


def _tidy(element: Element) -> None:
    if "d" in element.attrib:
        element.set("d", " ".join(element.attrib["d"].split()))
    if element.get("transform", "").startswith("rotate(-0 "):
        del element.attrib["transform"]
    if not (element.text or "").strip():
        element.text = None
    element.tail = "\n" if element.tag == f"{{{SVG}}}g" else None


def _describe(root: Element, title: str, alt: str) -> None:
    root.set("class", "magnet-figure")
    root.set("role", "img")
    root.set("aria-label", alt)
    root.set("font-family", FONT)
    root.set("stroke-linejoin", "round")
    for tag, text in (("style", STYLE), ("desc", alt), ("title", title)):
        element = Element(f"{{{SVG}}}{tag}")
        element.text = text
        root.insert(0, element)
