"""Customs' partners as ISO 3166 destinations, matched by their Chinese names."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cache

from tradedata.destinations import territory_names

SUFFIX = re.compile("(?:共和国|联邦|岛)$")
CUSTOMS_NAMES = {
    "中国香港": "HKG",
    "香港": "HKG",
    "中国澳门": "MAC",
    "澳门": "MAC",
    "中国台湾": "TWN",
    "台湾省": "TWN",
    "台澎金马关税区": "TWN",
    "大韩民国": "KOR",
    "朝鲜民主主义人民共和国": "PRK",
    "阿联酋": "ARE",
    "巴勒斯坦": "PSE",
    "中非": "CAF",
    "刚果": "COG",
    "刚果民主共和国": "COD",
    "民主刚果": "COD",
    "几内亚(比绍)": "GNB",
    "南非(阿扎尼亚)": "ZAF",
    "埃斯瓦蒂尼": "SWZ",
    "博茨瓦那": "BWA",
    "波黑": "BIH",
    "波斯尼亚-黑塞哥维那": "BIH",
    "马其顿": "MKD",
    "梵蒂冈城国": "VAT",
    "多米尼加": "DOM",
    "多民族玻利维亚国": "BOL",
    "圣其茨-尼维斯": "KNA",
    "圣皮埃尔和密克隆": "SPM",
    "库腊索": "CUW",
    "博内尔": "BES",
    "萨巴": "BES",
    "瓦利斯和浮图纳": "WLF",
    "西萨摩亚": "WSM",
    "盖比群岛": "PYF",
    "马克萨斯群岛": "PYF",
    "社会群岛": "PYF",
    "土阿莫土群岛": "PYF",
    "土布艾群岛": "PYF",
}
"""Customs' own spellings, current and older, where CLDR writes another name."""
GROUPS = frozenset(
    {
        *("合计", "总计", "总值", "小计", "全部", "全球", "世界"),
        *("亚洲", "非洲", "欧洲", "拉丁美洲", "北美洲", "南美洲", "大洋洲"),
        *("欧盟", "欧洲联盟", "东盟", "东南亚国家联盟"),
    }
)
"""Rows that would count a partner twice."""


def place(name: str) -> str | None:
    """The destination (ISO 3166 alpha-3) of a partner's Chinese name; None when it has none."""
    tidy = _tidy(name)
    known = _known()
    return known.get(tidy) or known.get(SUFFIX.sub("", tidy))


def is_group(name: str) -> bool:
    """Whether a row of that name sums other rows."""
    return _tidy(name) in GROUPS


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
    return cldr | CUSTOMS_NAMES
