"""Customs' partners as ISO 3166 destinations, matched by their Chinese names."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cache

from contracts import load_beside

from tradedata.destinations import territory_names

SUFFIX = re.compile("(?:共和国|联邦|岛)$")
TABLES = load_beside(__file__)
"""Customs' own `names` of destinations, and the `groups` that sum others."""


def place(name: str) -> str | None:
    """The destination (ISO 3166 alpha-3) of a partner's Chinese name; None when it has none."""
    tidy = _tidy(name)
    known = _known()
    return known.get(tidy) or known.get(SUFFIX.sub("", tidy))


def is_group(name: str) -> bool:
    """Whether a row of that name sums other rows."""
    return _tidy(name) in TABLES["groups"]


def destinations(partners: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """The destination of each (code, name).

    A name that cannot be placed takes the destination of its code, if that code stands beside a
    placed name elsewhere; else it becomes a destination of its own, `GRP_GACC` and the code.
    """
    pairs = sorted(set(partners))
    learnt = learn_codes(pairs)
    return {
        (code, name): place(name) or learnt.get(code) or f"GRP_GACC{code.upper()}"
        for code, name in pairs
    }


def learn_codes(partners: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Customs' codes whose names all have one destination, with that destination."""
    found: dict[str, set[str]] = {}
    for code, name in partners:
        if destination := place(name):
            found.setdefault(code, set()).add(destination)
    return {code: next(iter(places)) for code, places in found.items() if len(places) == 1}


def _tidy(name: str) -> str:
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", name))


@cache
def _known() -> dict[str, str]:
    cldr = {_tidy(name): code for code, name in territory_names("zh_Hans").items()}
    return cldr | dict(TABLES["names"])
