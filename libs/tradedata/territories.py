"""Countries' codes as ISO 3166 and their names as Unicode CLDR has them."""

from __future__ import annotations

import re
from functools import cache

from babel import Locale
from babel.core import get_global

WITHDRAWN = frozenset({"BUR", "DDR", "FXX", "TMP", "YMD", "ZAR"})
"""Former ISO codes that share a two-letter code with the one in force."""
OWN_CODES = {"XK": "XKX"}
"""Where customs statistics use another code than CLDR."""


@cache
def alpha3() -> dict[str, str]:
    """The three-letter code of each two-letter code in force."""
    return {
        alpha2: code
        for code, (alpha2, *others) in get_global("territory_aliases").items()
        if re.fullmatch("[A-Z]{3}", code) and not others and code not in WITHDRAWN
    } | OWN_CODES


@cache
def names(language: str) -> dict[str, str]:
    """The name of each territory in a language of CLDR, by three-letter code."""
    codes = alpha3()
    territories = Locale.parse(language).territories
    return {codes[code]: name for code, name in territories.items() if code in codes}
