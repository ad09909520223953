"""The names of destinations as they stand in sentences."""

from __future__ import annotations

NAMES = {
    "WLD": "the world",
    "GRP_WLD-USA": "the world without the United States",
    "EU27": "the European Union",
    "USA": "the United States",
    "DEU": "Germany",
    "DNK": "Denmark",
    "IND": "India",
    "ITA": "Italy",
    "JPN": "Japan",
    "KOR": "South Korea",
    "MEX": "Mexico",
    "NLD": "the Netherlands",
    "THA": "Thailand",
    "TWN": "Taiwan",
    "VNM": "Vietnam",
    "REG_AFRICA": "Africa",
    "REG_ASIA": "Asia",
    "REG_EUROPE": "Europe",
    "REG_NORTHAM": "North America",
    "REG_OCEANIA": "Oceania",
    "REG_SOUTHAM": "South America",
}


def destination_name(code: str) -> str:
    """The name of a destination, or its code where the tables hold no name for it."""
    return NAMES.get(code, code)
