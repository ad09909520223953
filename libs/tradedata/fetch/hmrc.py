"""UK HMRC, Overseas Trade Statistics (`OTS`): UK imports of HS 850511 from China by CN8 code.

OData, pages linked by `@odata.nextLink`, `NetMass` in kilograms, flow types 1 (EU) and 3 (non-EU)
are imports (HMRC, *UK Trade Info API*). `CommodityId` is the CN8 code as a number.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import quote

import pandas as pd

from tradedata.fetch.errors import changed
from tradedata.fetch.source import MonthRows, Row, Source, numbers, pick
from tradedata.fetch.web import Answer, Web

NAME = "hmrc"
COLUMNS = (
    *("MonthId", "FlowTypeId", "SuppressionIndex", "CommodityId", "CountryId", "PortId"),
    *("Value", "NetMass"),
)
WANTED = (
    "MonthId eq {month} and (FlowTypeId eq 1 or FlowTypeId eq 3) and "
    "CommodityId ge 85051100 and CommodityId le 85051199 and Country/CountryCodeAlpha eq 'CN'"
)


def fetch(web: Web, months: Sequence[str]) -> Iterator[MonthRows]:
    """Ask for each month, page by page."""
    for month in months:
        asked = WANTED.format(month=month.replace("-", ""))
        # OData asks for blanks as %20; httpx would write them as +.
        yield month, list(_rows(web, web.get(f"/OTS?$filter={quote(asked)}")))


def _rows(web: Web, answer: Answer) -> Iterator[Row]:
    while True:
        page = _page(answer)
        for row in page["value"]:
            yield pick(NAME, row, COLUMNS)
        if not (link := page.get("@odata.nextLink")):
            return
        answer = web.next_page(link)


def _page(answer: Answer) -> dict[str, Any]:
    page = answer.json()
    if not isinstance(page, dict) or not isinstance(page.get("value"), list):
        raise changed(NAME, "the answer holds no list 'value'")
    return page


def tidy(rows: pd.DataFrame) -> pd.DataFrame:
    """Kilograms by CN8 code and month, a row a port; a suppressed weight stays missing."""
    return pd.DataFrame(
        {
            "month": rows["MonthId"].str[:4] + "-" + rows["MonthId"].str[4:],
            "reporter": "GBR",
            "partner": "CHN",
            "flow": "import",
            "product": rows["CommodityId"].str.zfill(8),
            "kilograms": numbers(NAME, rows, "NetMass"),
        }
    )


HMRC = Source(
    name=NAME,
    title="UK imports of HS 850511 from China, Overseas Trade Statistics",
    producer="HM Revenue & Customs",
    page="https://www.uktradeinfo.com/api-documentation/",
    licence="Open Government Licence v3.0",
    address="https://api.uktradeinfo.com",
    columns=COLUMNS,
    months_a_request=1,
    fetch=fetch,
    tidy=tidy,
)
