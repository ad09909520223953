"""The names of destinations as they stand in sentences."""

from __future__ import annotations

import re

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
    together = f"{_in_a_row(added)} together" if len(added) > 1 else added[0]
    return f"{together} without {_in_a_row(taken)}" if taken else together


def _in_a_row(names: list[str]) -> str:
    *head, last = names
    return f"{', '.join(head)} and {last}" if head else last


def _countries() -> dict[str, str]:
    from tradedata.territories import names  # reads CLDR, which few sentences need

    return names("en")
