"""Units of quantity and of money, Chinese and English, brought to one of each kind."""

from __future__ import annotations

import re
import unicodedata

from contracts import TableError

WORDS = {
    "": "",
    "吨": "tonnes",
    "个": "pieces",
    "双": "pairs",
    "升": "litres",
    "立方米": "cubic metres",
    "平方米": "square metres",
    "千瓦时": "kilowatt hours",
}
"""The base units as the Chinese table prints them, and in English."""
PREFIXES = {
    **{"": 1, "百": 1e2, "千": 1e3, "万": 1e4, "百万": 1e6, "亿": 1e8},
    **{"1000": 1e3, "10000": 1e4, "M": 1e6, "100M": 1e8, "MILLION": 1e6, "100MILLION": 1e8},
}
NOUNS = {
    **{"吨": ("吨", 1), "千克": ("吨", 1e-3), "公斤": ("吨", 1e-3)},
    **dict.fromkeys("台个辆艘条架件把块只套支张", ("个", 1)),
    **{"双": ("双", 1), "升": ("升", 1), "立方米": ("立方米", 1), "平方米": ("平方米", 1)},
    **dict.fromkeys(("T", "TON", "TONS"), ("吨", 1)),
    "KG": ("吨", 1e-3),
    **dict.fromkeys(("N", "PCS", "SET", "SETS", "AUTOS", "CARS", "SHIP", "CRAFT"), ("个", 1)),
    **dict.fromkeys(("CR", "CARTONS"), ("个", 1)),
    **dict.fromkeys(("P", "PR", "PAIRS"), ("双", 1)),
    **{"L": ("升", 1), "KWH": ("千瓦时", 1)},
    **dict.fromkeys(("CUM", "CBM"), ("立方米", 1)),
    "SM": ("平方米", 1),
}
"""Each noun's base unit, and how many of it one is."""
MONEY = {
    r"万元人民币|人民币[:：]?万元|单位[:：]万元$|RMB￥?10,?000|CNY￥?10,?000": (
        "amount_10k_cny",
        1.0,
    ),
    r"亿元人民币|人民币[:：]?亿元|RMB￥?100MILLION": ("amount_10k_cny", 1e4),
    r"千美元|US\$1,?000|USD1,?000|US\$THOUSAND": ("amount_1k_usd", 1.0),
    r"百万美元|US\$1?MILLION|USD1?MILLION": ("amount_1k_usd", 1e3),
    r"万美元|US\$10,?000": ("amount_1k_usd", 10.0),
}
"""Units of value as the tables print them: the column they belong in, and the factor."""


def base_unit(printed: str) -> tuple[str, float]:
    """The base unit of a printed unit, and how many of it one printed unit is.

    `万吨` and `10000T` are ("吨", 10,000). No unit (empty, `-`) is ("", 1). TableError for others.
    """
    text = re.sub(r"[\s,]", "", unicodedata.normalize("NFKC", printed)).upper()
    if text in ("", "-"):
        return "", 1.0
    for length in range(len(text)):
        if text[:length] in PREFIXES and text[length:] in NOUNS:
            base, factor = NOUNS[text[length:]]
            return base, PREFIXES[text[:length]] * factor
    raise TableError(f"found the unit {printed!r}, which tradedata/bulletin/units.py does not know")


def money_unit(printed: str) -> tuple[str, float] | None:
    """The column for values in a printed unit of money, and the factor to it; None if unknown."""
    text = re.sub(r"\s", "", printed).upper().replace("¥", "￥")
    found = [unit for pattern, unit in MONEY.items() if re.search(pattern, text)]
    return found[0] if found else None
