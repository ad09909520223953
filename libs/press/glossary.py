"""The glossary's terms, and the first use of each on a page as a link to it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from press.fragments import slug
from press.site import DOCS, site

FILE = "glossary.md"
TAG = re.compile(r"(<[^>]+>)")
CLOSED = ("a", "h1", "h2", "h3", "h4", "h5", "h6", "code", "pre", "math", "table", "svg")
"""Elements in which no term becomes a link."""


@cache
def glossary() -> tuple[str, ...]:
    """The terms, each a heading of the third level in docs/glossary.md; none without that file."""
    path = site().root / DOCS / FILE
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    return tuple(re.findall(r"^### (.+)$", text, re.MULTILINE))


class Terms:
    """The terms that a page has not used yet."""

    def __init__(self, terms: tuple[str, ...]) -> None:
        """A page begins with all `terms`."""
        self.left = {term.lower(): term for term in terms}

    def link(self, html: str, links: Mapping[str, str]) -> str:
        """`html` with the first use of each term as a link; `links`: where files are, by name."""
        page = links.get(f"../{DOCS}/{FILE}") or links.get(FILE)
        if not page or not self.left:
            return html

        def replaced(found: re.Match[str]) -> str:
            term = self.left.pop(found[1].lower(), None)
            anchor = f'<a class="term" href="{page}#{slug(term)}">{found[0]}</a>' if term else ""
            return anchor or found[0]

        words = "|".join(map(re.escape, sorted(self.left, key=len, reverse=True)))
        term = re.compile(rf"\b({words})s?\b", re.IGNORECASE)
        pieces, depth = TAG.split(html), 0
        for place, piece in enumerate(pieces):
            if piece.startswith("<"):
                name = piece.strip("</>").split(maxsplit=1)[0]
                depth += (-1 if piece.startswith("</") else 1) if name in CLOSED else 0
            elif not depth:
                pieces[place] = term.sub(replaced, piece)
        return "".join(pieces)
