"""US Census Bureau, international trade: imports under HTS 8505.11.00 by ten-digit code.

An array of arrays whose first row names the columns; what is asked as a condition comes back as a
column once more; 204 is *no data*; `-` and codes below 1000 are totals, `CGP` rows are groups of
countries (Census Bureau, *Guide to Using U.S. International Trade Datasets in the Census API*).
Without a key, or with a wrong one, the answer is a redirect to a page about keys.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pandas as pd

from tradedata.fetch.errors import FetchError, changed
from tradedata.fetch.source import MonthRows, Row, Source, numbers, pick
from tradedata.fetch.web import Answer, Web

NAME = "census"
KEY_PAGE = "https://api.census.gov/data/key_signup.html"
COLUMNS = (
    *("time", "CTY_CODE", "CTY_NAME", "SUMMARY_LVL", "I_COMMODITY", "GEN_VAL_MO"),
    *("GEN_QY1_MO", "UNIT_QY1", "GEN_QY2_MO", "UNIT_QY2"),
)
CONDITIONS = {"I_COMMODITY": "85051100*", "COMM_LVL": "HS10"}
CHINA = "5700"


def fetch(web: Web, months: Sequence[str]) -> Iterator[MonthRows]:
    """Ask for each month."""
    wanted = ",".join(name for name in COLUMNS if name != "time")
    for month in months:
        params = {"get": wanted, **CONDITIONS, "time": month, "key": web.key}
        answer = web.get("/data/timeseries/intltrade/imports/hs", params, accept=(200, 204, 302))
        yield month, _rows(answer)


def _rows(answer: Answer) -> list[Row]:
    if answer.status == 204:
        return []
    if answer.status == 302 or "valid key" in answer.text.lower():
        raise FetchError(
            f"{NAME}: the key was not accepted; check that it is right and that the link in the "
            f"letter it came in was clicked, or ask for another at {KEY_PAGE}"
        )
    table = answer.json()
    if not isinstance(table, list) or not all(isinstance(row, list) for row in table) or not table:
        raise changed(NAME, "the answer is not a list of rows")
    header, *rows = table
    if any(len(row) != len(header) for row in rows):
        raise changed(NAME, "a row is longer or shorter than the header")
    return [pick(NAME, dict(zip(header, row, strict=True)), COLUMNS) for row in rows]


def tidy(rows: pd.DataFrame) -> pd.DataFrame:
    """Kilograms from China by ten-digit code and month; totals and groups are left out.

    A code whose first and second quantity are both in another unit has no kilograms.
    """
    china = rows[(rows["CTY_CODE"] == CHINA) & (rows["SUMMARY_LVL"] == "DET")]
    first, second = (
        numbers(NAME, china, f"GEN_QY{number}_MO").where(china[f"UNIT_QY{number}"] == "KG")
        for number in (1, 2)
    )
    return pd.DataFrame(
        {
            "month": china["time"],
            "reporter": "USA",
            "partner": "CHN",
            "flow": "import",
            "product": china["I_COMMODITY"],
            "kilograms": first.fillna(second),
        }
    )


CENSUS = Source(
    name=NAME,
    title="US general imports under HTS 8505.11.00 by country and ten-digit code",
    producer="US Census Bureau",
    page="https://www.census.gov/data/developers/data-sets/international-trade.html",
    licence="Public domain (US government work)",
    address="https://api.census.gov",
    columns=COLUMNS,
    months_a_request=1,
    fetch=fetch,
    tidy=tidy,
    key_name="CENSUS_API_KEY",
    key_page=KEY_PAGE,
    key_needed=True,
)
