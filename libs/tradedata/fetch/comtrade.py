"""UN Comtrade, monthly: HS 850511 as China reports its exports and importers what came from China.

Preview without a key (500 rows and one period a request), `data/v1/get` with one; area 0 is the
world, 156 China; `isNetWgtEstimated` marks weights that were not reported (UN Comtrade, *API* and
the reference lists). The UN's client `comtradeapicall` is not used: it prints the address with the
key in it when a request fails, drops errors, and cannot be pointed at another server.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from tradedata.fetch.countries import from_comtrade
from tradedata.fetch.errors import FetchError, changed
from tradedata.fetch.source import MonthRows, Row, Source, numbers, pick
from tradedata.fetch.web import Web

NAME = "comtrade"
COLUMNS = (
    *("period", "reporterCode", "flowCode", "partnerCode", "classificationCode", "cmdCode"),
    *("netWgt", "isNetWgtEstimated", "primaryValue"),
)
CHINA = "156"
TOTALS = {"cmdCode": "850511", "partner2Code": "0", "customsCode": "C00", "motCode": "0"}
SIDES = (
    {"flowCode": "X", "reporterCode": CHINA},
    {"flowCode": "M", "partnerCode": CHINA},
)
"""China's exports to each partner, and each reporter's imports from China."""
FLOWS = {"X": "export", "M": "import"}
PREVIEW_ROWS = 500
FULL_ROWS = 100_000


def fetch(web: Web, months: Sequence[str]) -> Iterator[MonthRows]:
    """Ask for each month, both sides."""
    for month in months:
        period = {"period": month.replace("-", "")}
        yield month, [row for side in SIDES for row in _ask(web, TOTALS | side | period)]


def _ask(web: Web, params: dict[str, str]) -> list[Row]:
    path = "/data/v1/get/C/M/HS" if web.key else "/public/v1/preview/C/M/HS"
    headers = {"Ocp-Apim-Subscription-Key": web.key} if web.key else None
    told = web.get(path, params, headers).json()
    if not isinstance(told, dict) or not isinstance(told.get("data"), list):
        raise changed(NAME, "the answer holds no list 'data'")
    if told.get("error"):
        raise FetchError(f"{NAME}: the source says {told['error']!r}")
    most = FULL_ROWS if web.key else PREVIEW_ROWS
    if len(told["data"]) >= most:
        raise FetchError(
            f"{NAME}: {most} rows for {params['period']}, the most that is given at once, so rows "
            "may be missing; " + ("nothing of it is kept" if web.key else "use a key")
        )
    return [pick(NAME, row, COLUMNS) for row in told["data"]]


def tidy(rows: pd.DataFrame) -> pd.DataFrame:
    """Kilograms by reporter, partner and month; estimated weights count as missing.

    So does a weight of nought beside a value.
    """
    weight, value = numbers(NAME, rows, "netWgt"), numbers(NAME, rows, "primaryValue")
    reported = rows["isNetWgtEstimated"].str.lower() == "false"
    return pd.DataFrame(
        {
            "month": rows["period"].str[:4] + "-" + rows["period"].str[4:],
            "reporter": rows["reporterCode"].map(from_comtrade),
            "partner": rows["partnerCode"].map(from_comtrade),
            "flow": rows["flowCode"].map(FLOWS),
            "product": rows["cmdCode"],
            "kilograms": np.where(reported & ((weight > 0) | (value == 0)), weight, np.nan),
        }
    )


COMTRADE = Source(
    name=NAME,
    title="Trade in HS 850511 with China, as China and its partners report it, UN Comtrade",
    producer="United Nations Statistics Division",
    page="https://comtradeplus.un.org/",
    licence="UN Comtrade's policy on use and re-dissemination; ask before publishing the rows",
    address="https://comtradeapi.un.org",
    columns=COLUMNS,
    months_a_request=1,
    fetch=fetch,
    tidy=tidy,
    key_name="COMTRADE_API_KEY",
    key_page="https://comtradedeveloper.un.org/",
)
