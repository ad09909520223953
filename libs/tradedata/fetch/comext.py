"""Eurostat Comext, dataset DS-045409: what EU members import from China under CN 85051110.

Key `freq.reporter.partner.product.flow.indicators`, flow 1 is imports, quantities in 100 kg;
SDMX-CSV; 413 above five million cells, estimated before the query is run (Eurostat, *API - Detailed
guidelines - Asynchronous API* and *API Statistics - data query*).
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence

import pandas as pd

from tradedata.fetch.countries import from_comext
from tradedata.fetch.errors import AGAIN, FetchError, TooLargeError, changed
from tradedata.fetch.source import MonthRows, Row, Source, numbers, pick
from tradedata.fetch.web import Answer, Web

NAME = "comext"
PATH = "/data/DS-045409/M..CN.85051110.1.QUANTITY_IN_100KG"
COLUMNS = (
    *("LAST UPDATE", "freq", "reporter", "partner", "product", "flow", "indicators"),
    *("TIME_PERIOD", "OBS_VALUE"),
)
KILOGRAMS_IN_A_UNIT = 100
NOTHING_FOUND = "<faultcode>100</faultcode>"


def fetch(web: Web, months: Sequence[str]) -> Iterator[MonthRows]:
    """Ask for all months at once, for half of them where that is too large."""
    try:
        rows = _ask(web, months[0], months[-1])
    except TooLargeError as error:
        if len(months) == 1:
            raise FetchError(f"{error}, though it is for one month; later {AGAIN}") from None
        half = len(months) // 2
        yield from fetch(web, months[:half])
        yield from fetch(web, months[half:])
        return
    for month in months:
        yield month, [row for row in rows if row["TIME_PERIOD"] == month]


def _ask(web: Web, start: str, end: str) -> list[Row]:
    params = {"startPeriod": start, "endPeriod": end, "format": "SDMX-CSV", "compressed": "false"}
    return _rows(web.get(PATH, params, accept=(200, 400, 404)))


def _rows(answer: Answer) -> list[Row]:
    if NOTHING_FOUND in answer.text.replace(" ", ""):
        return []
    if answer.status == 200 and answer.text.lstrip().startswith("<"):
        raise TooLargeError(f"{NAME}: the answer was put off")
    lines = answer.text.splitlines()
    if answer.status != 200 or not lines or "TIME_PERIOD" not in lines[0]:
        raise changed(NAME, f"status {answer.status}, no table: {answer.text[:200]!r}")
    rows = [pick(NAME, row, COLUMNS) for row in csv.DictReader(lines)]
    other = {row["indicators"] for row in rows} - {"QUANTITY_IN_100KG"}
    if other:
        raise changed(NAME, f"found the quantity {sorted(other)[0]!r}, not QUANTITY_IN_100KG")
    return rows


def tidy(rows: pd.DataFrame) -> pd.DataFrame:
    """Kilograms by member and month; the euro area and other groups are left out."""
    flows = pd.DataFrame(
        {
            "month": rows["TIME_PERIOD"],
            "reporter": rows["reporter"].map(from_comext),
            "partner": "CHN",
            "flow": "import",
            "product": rows["product"],
            "kilograms": numbers(NAME, rows, "OBS_VALUE") * KILOGRAMS_IN_A_UNIT,
        }
    )
    return flows.dropna(subset="reporter")


COMEXT = Source(
    name=NAME,
    title="EU members' imports of CN 85051110 from China, Comext DS-045409",
    producer="Eurostat",
    page="https://ec.europa.eu/eurostat/web/international-trade-in-goods",
    licence="CC BY 4.0 (European Commission's reuse policy, Decision 2011/833/EU)",
    address="https://ec.europa.eu/eurostat/api/comext/dissemination/sdmx/2.1",
    columns=COLUMNS,
    months_a_request=12,
    fetch=fetch,
    tidy=tidy,
)
