"""Destinations: their codes, ISO 3166's where there is one, and their names in sentences.

Unicode CLDR is read when a country is looked up, which few sentences need.
"""

from __future__ import annotations

import re
from functools import cache

from contracts import load_beside
from words import listed

WORLD = "WLD"
EU27 = "EU27"
DESTINATION = r"^([A-Z]{3}|EU27|REG_[A-Z]+|GRP_[A-Z0-9]+([+-][A-Z0-9]+)*)$"
"""The form of a destination's code."""
TABLES = load_beside(__file__)
NAMES: dict[str, str] = TABLES["names"]
"""Groups, and countries that a sentence calls otherwise than Unicode CLDR does."""
EU27_MEMBERS = frozenset(TABLES["eu27"])
CONTINENTS = {name: frozenset(places) for name, places in TABLES["continents"].items()}
CONTINENTS["REG_EUROPE"] |= EU27_MEMBERS
"""Continents and the destinations that surely lie in them."""
NO_COUNTRY = re.compile("BUR|DDR|FXX|TMP|YMD|ZAR|ASC|CPT|DGA|TAA|AA.|Q[M-Z].|X..|ZZ.")
"""ISO codes that were withdrawn, are reserved for parts of countries, or are left to users."""
COMEXT_GROUPS = re.compile("XI|(EA|EU)[0-9]*(_[A-Z0-9]+)?|(EXT|INT)_.*")
"""Eurostat's groups of countries, and Northern Ireland, a part of one."""


def destination_name(code: str) -> str:
    """The name of a destination: ours, that of Unicode CLDR, of a group its parts', or its code.

    `GRP_DEU+USA` is `Germany and the United States together`, `GRP_WLD-DEU` `the world without
    Germany`.
    """
    if code in NAMES or not code.startswith("GRP_"):
        return NAMES.get(code) or territory_names("en").get(code, code)
    first, *rest = re.findall(r"[+-]?[A-Z0-9]+", code.removeprefix("GRP_")) or [code]
    added = [destination_name(part) for part in (first, *(p[1:] for p in rest if p[0] == "+"))]
    taken = [destination_name(part[1:]) for part in rest if part[0] == "-"]
    if unnamed := re.fullmatch("GACC([0-9]+)", first):
        added[0] = f"partner {unnamed[1]} of China's customs"
    together = f"{listed(added)} together" if len(added) > 1 else added[0]
    return f"{together} without {listed(taken)}" if taken else together


def actor_name(codes: str) -> str:
    """Who acted, by two-letter codes: `the United States and China` for `US/CN`."""
    known = {"CN": "China", "US": NAMES["USA"], "EU": NAMES[EU27]}
    return listed(
        [known.get(code) or destination_name(alpha3().get(code, code)) for code in codes.split("/")]
    )


@cache
def alpha3() -> dict[str, str]:
    """The ISO 3166 three-letter code of each two-letter code in force."""
    return {
        alpha2: code
        for code, (alpha2, *others) in _aliases().items()
        if re.fullmatch("[A-Z]{3}", code) and not (others or NO_COUNTRY.fullmatch(code))
    } | dict(TABLES["own"])


@cache
def territory_names(language: str) -> dict[str, str]:
    """The name of each territory in a language of CLDR, by three-letter code."""
    from babel import Locale

    codes = alpha3()
    territories = Locale.parse(language).territories
    return {codes[code]: name for code, name in territories.items() if code in codes}


def from_comext(code: str) -> str | None:
    """The destination of a Comext reporter; None for groups and parts of countries.

    Raises ValueError for a code that names none of these.
    """
    known = TABLES["comext"].get(code) or alpha3().get(code)
    if not known and not COMEXT_GROUPS.fullmatch(code):
        raise ValueError(f"found the reporter {code!r}, which is no country that ISO 3166 knows")
    return known


def from_comtrade(code: str) -> str:
    """The destination of a Comtrade area; `GRP_M49` and the code where ISO has none."""
    territory = _aliases().get(code.zfill(3), [""])
    return TABLES["comtrade"].get(code) or alpha3().get(territory[0]) or f"GRP_M49{code}"


def _aliases() -> dict[str, list[str]]:
    from babel.core import get_global

    return dict(get_global("territory_aliases"))
