"""How to cite a study: as text, for BibTeX and for reference managers (CSL-JSON)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import Any

import yaml

from press.report import ROOT


@dataclass(frozen=True)
class Citation:
    """The ways to cite one study."""

    text: str
    bibtex: str
    csl: str


@cache
def _software() -> dict[str, Any]:
    about: dict[str, Any] = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
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
