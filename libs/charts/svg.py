"""Drawings as SVG fit for a page: themed, named, described, no clashing ids."""

from __future__ import annotations

import hashlib
import io
import itertools
import re
from collections.abc import Iterable, Iterator, Mapping
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing

from charts.palette import DARK

SVG = "http://www.w3.org/2000/svg"
XLINK = "http://www.w3.org/1999/xlink"
FONT = "Helvetica Neue, Helvetica, Arial, Liberation Sans, sans-serif"
STYLE = (
    ".chart{max-width:100%;height:auto}@media (prefers-color-scheme:dark){"
    + "".join(
        f'.chart [{paint}="{light}"]{{{paint}:{dark}}}'
        for light, dark in DARK.items()
        for paint in ("fill", "stroke")
    )
    + "}"
)
"""The same in every figure, so that a page's security policy needs to allow one style only."""

MEASURES = {"d", "x", "y", "transform", "width", "height"}
LONG = re.compile(r"-?\d+\.\d{3,}")
"""Numbers longer than a hundredth of a point."""
SPACED = re.compile(r" ?([A-Za-z]) ?")

ElementTree.register_namespace("", SVG)
ElementTree.register_namespace("xlink", XLINK)


Value = tuple[float, float, str]
"""Where a point lies on the axes, in their units, and what it says when it is pointed at."""
Values = Mapping[str, Iterable[Value]]
"""The points of each line of a chart, from left to right, by the line's name."""


def to_svg(axes: Axes, title: str, alt: str, values: Values) -> str:
    """The drawing of `axes` as SVG that reads right alone and in a page, on light and on dark.

    The points of `values` lie on `axes` and say their words when they are pointed at. Styles
    become attributes, so a page that forbids inline styles shows them, and software that knows
    nothing of dark screens shows the light colours. Identifiers carry a hash of the drawing, so
    that two figures of one page never share one.
    """
    drawing, target = axes.figure, io.StringIO()
    assert isinstance(drawing, Drawing)
    drawing.savefig(target, format="svg", metadata={"Date": None})
    text = target.getvalue()
    root = ElementTree.fromstring(text)
    _drop_furniture(root)
    _rename_ids(root, "m" + hashlib.sha256(text.encode()).hexdigest()[:10])
    for element in root.iter():
        _unstyle(element)
        _tidy(element)
    _ungroup(root)
    _join_lines(root)
    root.extend(_spots(axes, values))
    _describe(root, title, alt)
    return ElementTree.tostring(root, encoding="unicode") + "\n"


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
    """Turn an inline style into attributes; its colours must be those that can go dark."""
    declarations = [part.split(":", 1) for part in element.attrib.pop("style", "").split(";")]
    pairs = [(pair[0].strip(), pair[1].strip()) for pair in declarations if len(pair) == 2]
    for name, value in pairs:
        if name in ("fill", "stroke") and value not in ("none", *DARK):
            raise ValueError(f"{name} {value} is no colour of the palette")
        if name != "font-family":
            element.set(name, value)
    if element.tag == f"{{{SVG}}}text" and not any(name == "fill" for name, _ in pairs):
        raise ValueError(f"text drawn without a colour of the palette: {element.text!r}")


def _tidy(element: Element) -> None:
    for name in MEASURES & element.attrib.keys():
        element.set(name, LONG.sub(lambda found: f"{float(found[0]):.2f}", element.attrib[name]))
    if "d" in element.attrib:
        element.set("d", SPACED.sub(r"\1", " ".join(element.attrib["d"].split())))
    if element.get("transform", "").startswith("rotate(-0 "):
        del element.attrib["transform"]
    if not (element.text or "").strip():
        element.text = None
    element.tail = None


def _ungroup(parent: Element) -> None:
    """Put in place of every group that groups for no purpose what it holds, a line each.

    Matplotlib draws what is missing as paths without a course; they are left out.
    """
    kept: list[Element] = []
    for child in parent:
        if child.tag == f"{{{SVG}}}path" and not child.get("d"):
            continue
        _ungroup(child)
        kept += list(child) if child.tag == f"{{{SVG}}}g" and not child.attrib else [child]
    parent[:] = kept
    for child in kept:
        child.tail = "\n" if parent.tag == f"{{{SVG}}}svg" else None


def _join_lines(root: Element) -> None:
    """Make one path of neighbours that are opaque lines of one style."""
    for line, following in reversed(list(itertools.pairwise(root))):
        style = _style(following)
        if style and style == _style(line) and style.get("fill") == "none":
            line.set("d", f"{line.get('d')}{following.get('d')}")
            root.remove(following)


def _style(element: Element) -> dict[str, str] | None:
    """How a path is drawn, whatever its course; None where joining it to another would show."""
    solid = not {"opacity", "stroke-opacity"} & element.attrib.keys()
    if element.tag != f"{{{SVG}}}path" or not solid:
        return None
    return {name: value for name, value in element.items() if name != "d"}


def _spots(axes: Axes, values: Values) -> Iterator[Element]:
    """A group a line: unseen discs over its points, each with the title that a browser shows."""
    height = float(axes.figure.bbox.height)
    for name, points in values.items():
        group = Element(f"{{{SVG}}}g", {"class": "values", "data-name": name})
        for x, y, words in points:
            across, up = axes.transData.transform((x, y))
            about = {"cx": f"{across:.1f}", "cy": f"{height - up:.1f}", "r": "7", "fill": "none"}
            spot = ElementTree.SubElement(
                group, f"{{{SVG}}}circle", about | {"pointer-events": "all"}
            )
            ElementTree.SubElement(spot, f"{{{SVG}}}title").text = words
        yield group


def _describe(root: Element, title: str, alt: str) -> None:
    root.set("class", "chart")
    root.set("role", "img")
    root.set("aria-label", alt)
    root.set("font-family", FONT)
    root.set("stroke-linejoin", "round")
    for tag, text in (("style", STYLE), ("desc", alt), ("title", title)):
        element = Element(f"{{{SVG}}}{tag}")
        element.text = text
        root.insert(0, element)
