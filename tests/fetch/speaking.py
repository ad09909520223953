"""The sources' documented formats, spoken by hand-written answers.

Comext: header and row as Eurostat's SDMX-CSV prints them; fault 413 as in *API - Detailed
guidelines - Asynchronous API*. Census: *Guide to Using U.S. International Trade Datasets in the
Census API*. HMRC: *UK Trade Info API*. Comtrade: the answer of `data/v1/get`. Weights are invented.
"""

from __future__ import annotations

from typing import Any

from desk import Asked, Reply

COMEXT_HEADER = (
    "DATAFLOW,LAST UPDATE,freq,reporter,partner,product,flow,indicators,TIME_PERIOD,OBS_VALUE"
)
TOO_BIG = (
    '<?xml version="1.0"?><S:Fault xmlns:S="http://schemas.xmlsoap.org/soap/envelope/">'
    "<faultcode>413</faultcode><faultstring>EXTRACTION_TOO_BIG: The requested extraction is too "
    "big, estimated 420709314 rows, max authorised is 5000000, please change your filters to "
    "reduce the extraction size</faultstring></S:Fault>"
)
NOTHING = "<S:Fault><faultcode>100</faultcode><faultstring>No results found</faultstring></S:Fault>"


def months(start: str, end: str) -> list[str]:
    year, month = map(int, start.split("-"))
    found = []
    while (text := f"{year}-{month:02}") <= end:
        found.append(text)
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    return found


def comext(asked: Asked, published: str = "2025-12", most: int = 12) -> Reply:
    assert asked.path == "/data/DS-045409/M..CN.85051110.1.QUANTITY_IN_100KG"
    assert asked.query["format"] == "SDMX-CSV"
    wanted = months(asked.query["startPeriod"], asked.query["endPeriod"])
    if len(wanted) > most:
        return Reply(TOO_BIG, 413)
    there = [month for month in wanted if month <= published]
    if not there:
        return Reply(NOTHING, 404)
    lines = [
        f"ESTAT:DS-045409(1.0),16/10/26 11:00:00,M,{reporter},CN,85051110,1,QUANTITY_IN_100KG,"
        f"{month},{weight}"
        for month in there
        for reporter, weight in (("DE", "5123.45"), ("EU27_2020", "12000"), ("EA20", "11000"))
    ]
    return Reply("\n".join([COMEXT_HEADER, *lines]) + "\n")


def hmrc(desk_address: str, asked: Asked) -> Reply:
    """Two pages a month: the first links to the second."""
    assert asked.path == "/OTS"
    if "$skip" in asked.query:
        return Reply({"@odata.context": "c", "value": [hmrc_row("202401", 850511_10, 131, 250.5)]})
    month = asked.query["$filter"].split("MonthId eq ")[1][:6]
    if month > "202401":
        return Reply({"@odata.context": "c", "value": []})
    rows = [hmrc_row(month, 85051110, 77, 1000.0), hmrc_row(month, 85051190, 77, None)]
    link = f"{desk_address}/OTS?$skip=2"
    return Reply({"@odata.context": "c", "value": rows, "@odata.nextLink": link})


def hmrc_row(month: str, commodity: int, port: int, mass: float | None) -> dict[str, Any]:
    return {
        "MonthId": int(month),
        "FlowTypeId": 3,
        "SuppressionIndex": 0,
        "CommodityId": commodity,
        "CommoditySitcId": 77881,
        "CountryId": 720,
        "PortId": port,
        "Value": 5000.0,
        "NetMass": mass,
        "SuppUnit": None,
    }


CENSUS_HEADER = [
    *("CTY_CODE", "CTY_NAME", "SUMMARY_LVL", "I_COMMODITY", "GEN_VAL_MO", "GEN_QY1_MO"),
    *("UNIT_QY1", "GEN_QY2_MO", "UNIT_QY2", "I_COMMODITY", "COMM_LVL", "time"),
]


def census(asked: Asked, key: str) -> Reply:
    """Conditions come back as columns once more; 204 where nothing is published."""
    assert asked.path == "/data/timeseries/intltrade/imports/hs"
    if asked.query.get("key") != key:
        return Reply("", 302, {"Location": "/data/invalid_key.html", "X-DataWebAPI-KeyError": "1"})
    month = asked.query["time"]
    if month > "2025-08":
        return Reply("", 204)
    return Reply([CENSUS_HEADER, *(census_row(month, *row) for row in CENSUS_ROWS)])


CENSUS_ROWS = [
    ("-", "TOTAL FOR ALL COUNTRIES", "DET", "8505110070", "900000", "KG", "0", "-"),
    ("0003", "EUROPEAN UNION", "CGP", "8505110070", "50000", "KG", "0", "-"),
    ("1XXX", "NORTH AMERICA", "CGP", "8505110070", "50000", "KG", "0", "-"),
    ("5700", "CHINA", "DET", "8505110070", "600000", "KG", "0", "-"),
    ("5700", "CHINA", "DET", "8505110030", "900", "NO", "40000", "KG"),
    ("5700", "CHINA", "DET", "8505110090", "900", "NO", "0", "-"),
    ("5880", "JAPAN", "DET", "8505110070", "70000", "KG", "0", "-"),
]


def census_row(month: str, *row: str) -> list[str]:
    country, name, level, code, first, unit, second, unit2 = row
    cells = [country, name, level, code, "123", first, unit, second, unit2]
    return [*cells, code, "HS10", month]


def comexstat(asked: Asked) -> Reply:
    assert (asked.method, asked.path) == ("POST", "/general")
    body = asked.body
    assert body["flow"] == "import"
    assert body["filters"] == [{"filter": "ncm", "values": ["85051100"]}]
    rows = [
        {
            "coNcm": "85051100",
            "ncm": "Ímãs permanentes",
            "year": month[:4],
            "monthNumber": month[5:],
            "country": country,
            "metricFOB": "1000",
            "metricKG": kilograms,
        }
        for month in months(body["period"]["from"], body["period"]["to"])
        for country, kilograms in (("China", "190000"), ("Alemanha", "500"))
    ]
    return Reply({"data": {"list": rows}, "success": True, "message": None, "language": "pt"})


def comtrade(asked: Asked, key: str = "") -> Reply:
    prefix = "/data/v1/get" if key else "/public/v1/preview"
    assert asked.path == prefix + "/C/M/HS"
    told = {name.lower(): value for name, value in asked.headers.items()}
    if told.get("ocp-apim-subscription-key", "") != key:
        message = "Access denied due to invalid subscription key."
        return Reply({"statusCode": 401, "message": message}, 401)
    period = asked.query["period"]
    assert len(period) == 6, "the preview takes one period a request"
    exports = asked.query["flowCode"] == "X"
    rows = [
        comtrade_row(period, "X", 156, 0, 5_000_000.0, False),
        comtrade_row(period, "X", 156, 842, 600_000.0, False),
        comtrade_row(period, "X", 156, 276, 700_000.0, True),
        comtrade_row(period, "X", 156, 490, 0.0, False),
    ]
    imports = [comtrade_row(period, "M", 699, 156, 100_000.0, False)]
    rows = rows if exports else imports
    return Reply({"elapsedTime": "0.1 secs", "count": len(rows), "data": rows, "error": ""})


def comtrade_row(
    period: str, flow: str, reporter: int, partner: int, weight: float, estimated: bool
) -> dict[str, Any]:
    return {
        "typeCode": "C",
        "freqCode": "M",
        "period": period,
        "reporterCode": reporter,
        "reporterISO": None,
        "flowCode": flow,
        "partnerCode": partner,
        "partner2Code": 0,
        "classificationCode": "H6",
        "cmdCode": "850511",
        "customsCode": "C00",
        "motCode": 0,
        "netWgt": weight,
        "isNetWgtEstimated": estimated,
        "primaryValue": 25_000.0,
    }
