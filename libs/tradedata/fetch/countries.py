"""ISO 3166 alpha-3 codes of the countries that sources name by other codes."""

from __future__ import annotations

from babel.core import get_global

from tradedata.territories import alpha3

COMEXT_CODES = {"EU27_2020": "EU27", "EL": "GRC", "XK": "XKX"}
"""Eurostat's own codes where they are not ISO's two letters."""
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


def from_comext(code: str) -> str | None:
    """The destination of a Comext reporter; None for other groups of countries."""
    return COMEXT_CODES.get(code) or alpha3().get(code)


def from_comtrade(code: str) -> str:
    """The destination of a Comtrade area; `GRP_M49` and the code where ISO has none."""
    territory = get_global("territory_aliases").get(code.zfill(3), [""])
    return COMTRADE_CODES.get(code) or alpha3().get(territory[0]) or f"GRP_M49{code}"
