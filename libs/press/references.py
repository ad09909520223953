"""The works that notebooks and docs cite, from docs/references.json (CSL-JSON).

A text cites by a link to that file, such as [Holm 1979](../docs/references.json#holm-1979), which
leads somewhere in JupyterLab and on GitHub too.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import Any

from press.report import ROOT

FILE = "references.json"


class UnknownReference(ValueError):
    """A text cites what the file does not have."""


@dataclass(frozen=True)
class Reference:
    """A work as a list of references names it."""

    key: str
    by: str
    title: str
    where: str
    url: str


def cited(url: str) -> str | None:
    """The key of the work that a link cites; None for any other link."""
    file, _, key = url.partition("#")
    return key if file.rpartition("/")[2] == FILE else None


def reference(key: str) -> Reference:
    """The work of that key."""
    try:
        return _all()[key]
    except KeyError:
        raise UnknownReference(
            f"docs/{FILE} has no work {key!r}, which a text cites; add it or correct the link"
        ) from None


@cache
def _all() -> dict[str, Reference]:
    items = json.loads((ROOT / "docs" / FILE).read_text(encoding="utf-8"))
    return {item["id"]: _named(item) for item in items}


def _named(item: dict[str, Any]) -> Reference:
    authors = [f"{one['family']}, {_initials(one['given'])}" for one in item["author"]]
    year = item["issued"]["date-parts"][0][0]
    doi = item.get("DOI", "")
    return Reference(
        key=item["id"],
        by=f"{'; '.join(authors)} ({year})",
        title=item["title"],
        where=_where(item),
        url=f"https://doi.org/{doi}" if doi else "",
    )


def _initials(given: str) -> str:
    return " ".join(f"{name[0]}." for name in given.split())


def _where(item: dict[str, Any]) -> str:
    """Journal, volume, issue and pages, or what a book or paper has instead."""
    volume = item.get("volume", "") + (f"({item['issue']})" if "issue" in item else "")
    journal = f"{item.get('container-title', '')} {volume}".strip()
    parts = [journal, item.get("page", ""), item.get("number", ""), item.get("publisher", "")]
    return ", ".join(filter(None, parts))
