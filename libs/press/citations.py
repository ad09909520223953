"""Works that notebooks and docs cite, from docs/references.json, and how to cite a study.

A text cites by a link to that file, such as [Holm 1979](../docs/references.json#holm-1979), which
leads somewhere in JupyterLab and on GitHub too.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import Any

import yaml

from press.site import site


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
    return key if file.rpartition("/")[2] == site().references.name else None


def reference(key: str) -> Reference:
    """The work of that key."""
    try:
        return _all()[key]
    except KeyError:
        raise UnknownReference(
            f"docs/references.json has no work {key!r}, which a text cites; add it or mend the link"
        ) from None


@cache
def _all() -> dict[str, Reference]:
    items = json.loads(site().references.read_text(encoding="utf-8"))
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


@dataclass(frozen=True)
class Citation:
    """The ways to cite one study."""

    text: str
    bibtex: str
    csl: str


@cache
def _software() -> dict[str, Any]:
    about: dict[str, Any] = yaml.safe_load(
        (site().root / "CITATION.cff").read_text(encoding="utf-8")
    )
    return about


def cite(study: str, finding: str, commit: str) -> Citation:
    """How to cite the study that found `finding`, as of `commit`."""
    about = _software()
    authors = [author["name"] for author in about["authors"]]
    year = str(about["date-released"])[:4]
    series = about["title"].partition(":")[0]
    digest, *reserve = commit.split(maxsplit=1)
    edition = " ".join([f"version {about['version']}, commit {digest[:12]}", *reserve])
    text = f"{' and '.join(authors)} ({year}). {finding}. {series}, study {study}, {edition}."
    return Citation(
        text=text,
        bibtex=_bibtex(study, finding, authors, year, f"{series}, study {study}, {edition}"),
        csl=_csl(study, finding, authors, int(year), f"{series}, {edition}"),
    )


def _bibtex(study: str, title: str, authors: list[str], year: str, note: str) -> str:
    fields = {
        "author": " and ".join(f"{{{_tex(author)}}}" for author in authors),
        "title": f"{{{_tex(title)}}}",
        "year": year,
        "note": _tex(note),
    }
    lines = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items())
    return f"@misc{{{study}-{year},\n{lines}}}"


def _tex(text: str) -> str:
    """`text` as TeX sets it: its special characters escaped, the minus as a minus."""
    escaped = "".join(f"\\{letter}" if letter in "%&#_${}" else letter for letter in text)
    return escaped.replace("−", "$-$")


def _csl(study: str, title: str, authors: list[str], year: int, container: str) -> str:
    item = {
        "id": f"{study}-{year}",
        "type": "report",
        "title": title,
        "author": [{"literal": author} for author in authors],
        "issued": {"date-parts": [[year]]},
        "collection-title": container,
    }
    return json.dumps([item], indent=1, ensure_ascii=False)
