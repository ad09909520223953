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
        places = (links.get(name) for name in (f"../{DOCS}/{FILE}", FILE))
        page = next(filter(None, places), "")
        if not page or not self._is_used(html):
            return html
        pieces, depth = TAG.split(html), 0
        for place, piece in enumerate(pieces):
            if piece.startswith("<"):
                name = piece.strip("</>").split(maxsplit=1)[0]
                depth += (-1 if piece.startswith("</") else 1) if name in CLOSED else 0
            elif not depth:
                pieces[place] = self._linked(piece, page)
        return "".join(pieces)

    def _is_used(self, text: str) -> bool:
        low = text.lower()
        return any(term in low for term in self.left)

    def _linked(self, text: str, page: str) -> str:
        if not self._is_used(text):
            return text
        words = "|".join(map(re.escape, sorted(self.left, key=len, reverse=True)))

        def replaced(found: re.Match[str]) -> str:
            term = self.left.pop(found[1].lower(), None)
            if term is None:
                return found[0]
            return f'<a class="term" href="{page}#{slug(term)}">{found[0]}</a>'

        return re.sub(rf"\b({words})s?\b", replaced, text, flags=re.IGNORECASE)
