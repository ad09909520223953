"""Destinations: their codes, ISO 3166's where there is one, and their names in sentences.

Unicode CLDR is read when a country is looked up, which few sentences need.
"""

from __future__ import annotations

import re
from functools import cache

from words import listed

WORLD = "WLD"
EU27 = "EU27"
EU27_MEMBERS = frozenset(
    {"AUT", "BEL", "BGR", "CYP", "CZE", "DEU", "DNK", "ESP", "EST", "FIN", "FRA", "GRC", "HRV"}
    | {"HUN", "IRL", "ITA", "LTU", "LUX", "LVA", "MLT", "NLD", "POL", "PRT", "ROU", "SVK", "SVN"}
    | {"SWE"}
)
DESTINATION = r"^([A-Z]{3}|EU27|REG_[A-Z]+|GRP_[A-Z0-9]+([+-][A-Z0-9]+)*)$"
"""The form of a destination's code."""
NAMES = {
    "WLD": "the world",
    "GRP_WLD-USA": "the world without the United States",
    "EU27": "the European Union",
    "USA": "the United States",
    "ARE": "the United Arab Emirates",
    "COD": "the Democratic Republic of the Congo",
    "COG": "the Republic of the Congo",
    "DOM": "the Dominican Republic",
    "GBR": "the United Kingdom",
    "HKG": "Hong Kong",
    "MAC": "Macao",
    "MMR": "Myanmar",
    "PHL": "the Philippines",
    "PSE": "Palestine",
    "NLD": "the Netherlands",
    "REG_AFRICA": "Africa",
    "REG_ASIA": "Asia",
    "REG_EUROPE": "Europe",
    "REG_NORTHAM": "North America",
    "REG_OCEANIA": "Oceania",
    "REG_SOUTHAM": "South America",
}
"""Groups, and countries that a sentence calls otherwise than Unicode CLDR does."""


def destination_name(code: str) -> str:
    """The name of a destination: ours, that of Unicode CLDR, of a group its parts', or its code.

    `GRP_DEU+USA` is `Germany and the United States together`, `GRP_WLD-DEU` `the world without
    Germany`.
    """
    if code in NAMES or not code.startswith("GRP_"):
        return NAMES.get(code) or _countries().get(code, code)
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


def _countries() -> dict[str, str]:
    return territory_names("en")


NO_COUNTRY = re.compile("BUR|DDR|FXX|TMP|YMD|ZAR|ASC|CPT|DGA|TAA|AA.|Q[M-Z].|X..|ZZ.")
"""ISO codes that were withdrawn, are reserved for parts of countries, or are left to users."""
OWN_CODES = {"XK": "XKX"}
"""Where customs statistics use another code than CLDR."""
COMEXT_CODES = {"EU27_2020": EU27, "EL": "GRC"}
"""Eurostat's own codes where they are not ISO's two letters."""
COMEXT_GROUPS = re.compile("XI|(EA|EU)[0-9]*(_[A-Z0-9]+)?|(EXT|INT)_.*")
"""Eurostat's groups of countries, and Northern Ireland, a part of one."""
COMTRADE_CODES = {
    "0": "WLD",
    "251": "FRA",
    "490": "TWN",
    "579": "NOR",
    "699": "IND",
    "757": "CHE",
    "842": "USA",
}
"""UN Comtrade's own codes where they are not M49's (490: *Other Asia, not elsewhere specified*)."""


@cache
def alpha3() -> dict[str, str]:
    """The ISO 3166 three-letter code of each two-letter code in force."""
    return {
        alpha2: code
        for code, (alpha2, *others) in _aliases().items()
        if re.fullmatch("[A-Z]{3}", code) and not (others or NO_COUNTRY.fullmatch(code))
    } | OWN_CODES


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
    known = COMEXT_CODES.get(code) or alpha3().get(code)
    if not known and not COMEXT_GROUPS.fullmatch(code):
        raise ValueError(f"found the reporter {code!r}, which is no country that ISO 3166 knows")
    return known


def from_comtrade(code: str) -> str:
    """The destination of a Comtrade area; `GRP_M49` and the code where ISO has none."""
    territory = _aliases().get(code.zfill(3), [""])
    return COMTRADE_CODES.get(code) or alpha3().get(territory[0]) or f"GRP_M49{code}"


def _aliases() -> dict[str, list[str]]:
    from babel.core import get_global

    return dict(get_global("territory_aliases"))
