"""Which destinations lie within which, as China's customs count them."""

from __future__ import annotations

WORLD = "WLD"
EU27 = "EU27"
EU27_MEMBERS = frozenset(
    {"AUT", "BEL", "BGR", "CYP", "CZE", "DEU", "DNK", "ESP", "EST", "FIN", "FRA", "GRC", "HRV"}
    | {"HUN", "IRL", "ITA", "LTU", "LUX", "LVA", "MLT", "NLD", "POL", "PRT", "ROU", "SVK", "SVN"}
    | {"SWE"}
)
CONTINENTS = {
    "REG_ASIA": frozenset({"IND", "JPN", "KOR", "THA", "TWN", "VNM"}),
    "REG_EUROPE": EU27_MEMBERS | {EU27},
    "REG_NORTHAM": frozenset({"CAN", "MEX", "USA"}),
    "REG_SOUTHAM": frozenset({"BRA"}),
    "REG_AFRICA": frozenset({"ZAF"}),
    "REG_OCEANIA": frozenset({"AUS"}),
}
"""Continents and the destinations that surely lie in them. Those that are not listed are only held
below the world. Mexico counts with North America: in August 2025 it was among the five largest
destinations, and all of South America took 37 tonnes."""


def containers(destination: str) -> tuple[str, ...]:
    """What contains `destination`, from the smallest to the world."""
    union = (EU27,) if destination in EU27_MEMBERS else ()
    continents = tuple(name for name, members in CONTINENTS.items() if destination in members)
    return () if destination == WORLD else (*union, *continents, WORLD)


def is_placed(destination: str) -> bool:
    """Whether a destination is disjoint from all others but those that `containers` names."""
    return destination in CONTINENTS or len(containers(destination)) > 1


def parts(group: str) -> tuple[tuple[str, float], ...]:
    """A group as signed destinations: GRP_A+B is their sum, GRP_A-B the remainder."""
    if not group.startswith("GRP_"):
        return ((group, 1.0),)
    first, *taken = group.removeprefix("GRP_").split("-")
    signed = [(name, 1.0) for name in first.split("+")] + [(name, -1.0) for name in taken]
    known = all(len(name) == 3 or name == EU27 or name.startswith("REG_") for name, _ in signed)
    return tuple(signed) if known else ((group, 1.0),)
