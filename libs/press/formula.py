"""Mathematics in LaTeX as MathML, made when the page is, so that no script has to."""

from __future__ import annotations

from functools import lru_cache
from html import escape
from typing import Literal

from latex2mathml.converter import convert
from lxml import etree

Display = Literal["inline", "block"]


BOX = '<span class="formula" tabindex="0" role="group" aria-label="Formula">{}</span>'
"""Where a formula wider than the screen scrolls."""


@lru_cache(maxsize=1024)
def formula(latex: str, display: Display) -> str:
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
