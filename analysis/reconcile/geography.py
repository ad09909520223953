"""Which destinations lie within which, as China's customs count them."""

from __future__ import annotations

WORLD = "WLD"
EU27 = "EU27"
EU27_MEMBERS = frozenset(
    "AUT BEL BGR HRV CYP CZE DNK EST FIN FRA DEU GRC HUN IRL ITA LVA LTU LUX MLT NLD POL PRT "
    "ROU SVK SVN ESP SWE".split()
)
CONTINENTS = {
    "REG_ASIA": frozenset("IDN IND JPN KOR MYS PHL SGP THA TUR TWN VNM HKG".split()),
    "REG_EUROPE": EU27_MEMBERS | {EU27, "CHE", "GBR", "NOR", "RUS"},
    "REG_NORTHAM": frozenset({"CAN", "MEX", "USA"}),
    "REG_SOUTHAM": frozenset({"ARG", "BRA", "CHL"}),
    "REG_AFRICA": frozenset({"ZAF"}),
    "REG_OCEANIA": frozenset({"AUS", "NZL"}),
}
"""The continents of the ledger; Mexico is counted with North America (August 2025 shows it)."""


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
