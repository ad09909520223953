"""Brazil's Comex Stat: imports of NCM 85051100 from China, in kilograms.

A POST to /general with flow, period, filters, details and metrics; the rows are in `data.list`,
their numbers are text. NCM has one code for all metal magnets.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pandas as pd

from tradedata.fetch.errors import changed
from tradedata.fetch.source import MonthRows, Row, Source, numbers, pick
from tradedata.fetch.web import Answer, Web

NAME = "comexstat"
COLUMNS = ("year", "monthNumber", "coNcm", "country", "metricFOB", "metricKG")
CHINA = "China"


def fetch(web: Web, months: Sequence[str]) -> Iterator[MonthRows]:
    """Ask for all months at once: the source allows few requests a minute."""
    rows = _rows(web.post("/general", _question(months)))
    for month in months:
        yield month, [row for row in rows if _month(row) == month]


def _question(months: Sequence[str]) -> dict[str, object]:
    return {
        "flow": "import",
        "monthDetail": True,
        "period": {"from": months[0], "to": months[-1]},
        "filters": [{"filter": "ncm", "values": ["85051100"]}],
        "details": ["country", "ncm"],
        "metrics": ["metricFOB", "metricKG"],
    }


def _month(row: Row) -> str:
    return f"{row['year']}-{row['monthNumber'].zfill(2)}"


def _rows(answer: Answer) -> list[Row]:
    told = answer.json()
    if isinstance(told, dict) and told.get("success") is False:
        raise changed(NAME, f"the question was refused: {told.get('message')!r}")
    data = told.get("data") if isinstance(told, dict) else None
    if not isinstance(data, dict) or not isinstance(data.get("list"), list):
        raise changed(NAME, "the answer holds no 'data' with a 'list'")
    return [pick(NAME, row, COLUMNS) for row in data["list"]]


def tidy(rows: pd.DataFrame) -> pd.DataFrame:
    """Kilograms from China by month."""
    china = rows[rows["country"] == CHINA]
    return pd.DataFrame(
        {
            "month": china["year"] + "-" + china["monthNumber"].str.zfill(2),
            "reporter": "BRA",
            "partner": "CHN",
            "flow": "import",
            "product": china["coNcm"],
            "kilograms": numbers(NAME, china, "metricKG"),
        }
    )


COMEXSTAT = Source(
    name=NAME,
    title="Brazil's imports of NCM 85051100 by country, Comex Stat",
    producer="Ministério do Desenvolvimento, Indústria, Comércio e Serviços (MDIC), Secex",
    page="https://comexstat.mdic.gov.br/",
    licence="Open data of the Brazilian government; the API's pages state no licence",
    address="https://api-comexstat.mdic.gov.br",
    columns=COLUMNS,
    months_a_request=12,
    fetch=fetch,
    tidy=tidy,
)
