"""Works that notebooks and docs cite, from docs/references.json, and how to cite a study.

A text cites by a link to that file, such as [Holm 1979](../docs/references.json#holm-1979), which
leads somewhere in JupyterLab and on GitHub too.
"""

from __future__ import annotations

import json
import re
from datetime import date, datetime
from functools import cache
from typing import Any, NamedTuple

import yaml

from press.site import CHANGELOG, CITATION, site


class UnknownReference(ValueError):
    """A text cites what the file does not have."""


class Reference(NamedTuple):
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
    authors = [
        f"{one['family']}, {' '.join(f'{name[0]}.' for name in one['given'].split())}"
        for one in item["author"]
    ]
    year = item["issued"]["date-parts"][0][0]
    doi = item.get("DOI", "")
    return Reference(
        key=item["id"],
        by=f"{'; '.join(authors)} ({year})",
        title=item["title"],
        where=_where(item),
        url=f"https://doi.org/{doi}" if doi else "",
    )


def _where(item: dict[str, Any]) -> str:
    """Journal, volume, issue and pages, or what a book or paper has instead."""
    volume = item.get("volume", "") + (f"({item['issue']})" if "issue" in item else "")
    journal = f"{item.get('container-title', '')} {volume}".strip()
    parts = [journal, item.get("page", ""), item.get("number", ""), item.get("publisher", "")]
    return ", ".join(filter(None, parts))


class Citation(NamedTuple):
    """The ways to cite one part of the site."""

    text: str
    bibtex: str
    csl: str


@cache
def software() -> dict[str, Any]:
    """What the site's own CITATION.cff says."""
    about: dict[str, Any] = yaml.safe_load((site().root / CITATION).read_text(encoding="utf-8"))
    return about


class Release(NamedTuple):
    """A release: its version, its day, and what the changelog says of it, in Markdown."""

    version: str
    day: date
    changes: str


def _changelog() -> str:
    path = site().root / CHANGELOG
    return path.read_text(encoding="utf-8") if path.exists() else ""


@cache
def releases() -> list[Release]:
    """The releases that the changelog tells, under headings such as `## 0.1.0, 1 May 2026`."""
    _, *parts = re.split(r"^## (\S+), (\d+ \w+ \d{4})$", _changelog(), flags=re.MULTILINE)
    told = zip(parts[::3], parts[1::3], parts[2::3], strict=True)
    return [
        Release(name, datetime.strptime(day, "%d %B %Y").date(), changes.strip())
        for name, day, changes in told
    ]


@cache
def edition() -> str:
    """The release that the site is made under: `version 0.1.0`, or what comes after it."""
    later = re.search(r"^## Unreleased\n+(?!## |\Z)", _changelog(), re.MULTILINE)
    return f"version {software()['version']}{' and what has changed since' if later else ''}"


def cite(part: str, title: str, commit: str) -> Citation:
    """How to cite a part of the site (`study a-name`, `page a-name`), as of `commit`."""
    about = software()
    authors = [author["name"] for author in about["authors"]]
    year = str(about["date-released"])[:4]
    series = about["title"].partition(":")[0]
    digest, *reserve = commit.split(maxsplit=1)
    made = " ".join([f"{edition()}, commit {digest[:12]}", *reserve])
    name = f"{part.rpartition(' ')[2]}-{year}"
    fields = {
        "author": " and ".join(f"{{{_tex(author)}}}" for author in authors),
        "title": f"{{{_tex(title)}}}",
        "year": year,
        "note": _tex(f"{series}, {part}, {made}"),
    }
    item = {
        "id": name,
        "type": "report",
        "title": title,
        "author": [{"literal": author} for author in authors],
        "issued": {"date-parts": [[int(year)]]},
        "collection-title": f"{series}, {made}",
    }
    lines = "".join(f"  {field} = {{{value}}},\n" for field, value in fields.items())
    return Citation(
        text=f"{' and '.join(authors)} ({year}). {title}{stop(title)} {series}, {part}, {made}.",
        bibtex=f"@misc{{{name},\n{lines}}}",
        csl=json.dumps([item], indent=1, ensure_ascii=False),
    )


def stop(title: str) -> str:
    """The full stop after a title, none where it ends a sentence itself."""
    return "" if title.endswith(("?", "!", ".")) else "."


TEX = str.maketrans(
    {letter: f"\\{letter}" for letter in "%&#_${}"}
    | {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
    | {"−": "$-$"}
)
"""How TeX sets its special characters, and the minus as a minus."""


def _tex(text: str) -> str:
    return text.translate(TEX)
