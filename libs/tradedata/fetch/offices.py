"""The statistical offices: what each is asked, what it answers, and the flows that makes.

The clients were written from the offices' documentation, named beside each.
"""

from __future__ import annotations

import csv
from abc import abstractmethod
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

import numpy as np
import pandas as pd
from contracts import validate

from tradedata.destinations import from_comext, from_comtrade
from tradedata.fetch.source import MonthRows, Row, Source
from tradedata.fetch.web import AGAIN, Answer, FetchError, Web, changed
from tradedata.tables import ReportedFlows

KEY = ["source", "month", "flow", "reporter", "partner", "product"]


class Office(Source):
    """A source of reported flows: kilograms by reporter, partner, product and month."""

    @abstractmethod
    def tidy(self, rows: pd.DataFrame) -> pd.DataFrame:
        """The columns of ReportedFlows that a kept row can tell."""

    def read(self, rows: pd.DataFrame, file: str, vintage: pd.Timestamp) -> pd.DataFrame:
        """The rows in the shape of ReportedFlows; those of one key are summed.

        A sum with a missing part is missing.
        """
        flows = self.tidy(rows).assign(source=self.name)
        flows["month"] = pd.to_datetime(flows["month"], format="%Y-%m")
        sums = flows.groupby(KEY)["kilograms"].agg(lambda part: part.sum(skipna=False))
        shaped = sums.reset_index().assign(file=file, vintage=vintage)
        return validate(shaped[list(ReportedFlows.columns)], ReportedFlows, file)

    def holds(self, table: pd.DataFrame) -> str:
        """Months, values and reporters of the flows, and how many lack a weight."""
        months = table["month"].drop_duplicates()
        lost = int(table["kilograms"].isna().sum())
        return (
            f"holds {len(months)} months with trade, {months.min():%Y-%m} to {months.max():%Y-%m}, "
            f"{len(table):,} values; reporters: {table['reporter'].nunique()}"
            + (f"; without a reported weight: {lost:,}" if lost else "")
        )


def _imports(reporter: object, month: object, product: object, kilograms: object) -> pd.DataFrame:
    """Imports from China."""
    sides = {"partner": "CHN", "flow": "import", "reporter": reporter}
    return pd.DataFrame({"month": month, **sides, "product": product, "kilograms": kilograms})


def _items(source: str, told: object, *path: str) -> list[Any]:
    """The list that stands under `path` in an answer; FetchError where there is none."""
    for name in path:
        told = told.get(name) if isinstance(told, dict) else None
    if not isinstance(told, list):
        raise changed(source, f"the answer holds no list '{'.'.join(path)}'")
    return told


class Census(Office):
    """US Census Bureau, imports under HTS 8505.11.00 by ten-digit code.

    An array of arrays whose first row names the columns; what is asked as a condition comes back
    as a column once more; 204 is *no data*; `-` and codes below 1000 are totals, `CGP` rows are
    groups of countries (*Guide to Using U.S. International Trade Datasets in the Census API*).
    Without a key, or with a wrong one, the answer is a redirect to a page about keys.
    """

    name = "census"
    china = "5700"

    def fetch(self, web: Web, months: Sequence[str]) -> Iterator[MonthRows]:
        """Ask for each month."""
        wanted = ",".join(name for name in self.columns if name != "time")
        conditions = {"I_COMMODITY": "85051100*", "COMM_LVL": "HS10"}
        for month in months:
            params = {"get": wanted, **conditions, "time": month, "key": web.key}
            path = "/data/timeseries/intltrade/imports/hs"
            yield month, self._rows(web.get(path, params, accept=(200, 204, 302)))

    def _rows(self, answer: Answer) -> list[Row]:
        if answer.status == 204:
            return []
        if answer.status == 302 or "valid key" in answer.text.lower():
            raise FetchError(
                f"{self.name}: the key was not accepted; check that it is right and that the link "
                f"in the letter it came in was clicked, or ask for another at {self.key_page}"
            )
        table = answer.json()
        if not isinstance(table, list) or not table or not all(isinstance(r, list) for r in table):
            raise changed(self.name, "the answer is not a list of rows")
        header, *rows = table
        if any(len(row) != len(header) for row in rows):
            raise changed(self.name, "a row is longer or shorter than the header")
        return [self.pick(dict(zip(header, row, strict=True))) for row in rows]

    def tidy(self, rows: pd.DataFrame) -> pd.DataFrame:
        """From China by ten-digit code; totals and groups are left out.

        A code whose first and second quantity are both in another unit has no kilograms.
        """
        china = rows[(rows["CTY_CODE"] == self.china) & (rows["SUMMARY_LVL"] == "DET")]
        first, second = (
            self.numbers(china, f"GEN_QY{n}_MO").where(china[f"UNIT_QY{n}"] == "KG") for n in (1, 2)
        )
        return _imports("USA", china["time"], china["I_COMMODITY"], first.fillna(second))


class ComexStat(Office):
    """Brazil's Comex Stat, imports of NCM 85051100, its one code for all metal magnets.

    A POST to /general with flow, period, filters, details and metrics; the rows are in `data.list`,
    their numbers are text. Few requests a minute are allowed, so a year is asked for at once.
    """

    name = "comexstat"

    def fetch(self, web: Web, months: Sequence[str]) -> Iterator[MonthRows]:
        """Ask for all months at once."""
        question = {
            "flow": "import",
            "monthDetail": True,
            "period": {"from": months[0], "to": months[-1]},
            "filters": [{"filter": "ncm", "values": ["85051100"]}],
            "details": ["country", "ncm"],
            "metrics": ["metricFOB", "metricKG"],
        }
        told = web.post("/general", question).json()
        if isinstance(told, dict) and told.get("success") is False:
            raise changed(self.name, f"the question was refused: {told.get('message')!r}")
        rows = [self.pick(row) for row in _items(self.name, told, "data", "list")]
        for month in months:
            yield month, [r for r in rows if f"{r['year']}-{r['monthNumber'].zfill(2)}" == month]

    def tidy(self, rows: pd.DataFrame) -> pd.DataFrame:
        """From China, by month."""
        china = rows[rows["country"] == "China"]
        month = china["year"] + "-" + china["monthNumber"].str.zfill(2)
        return _imports("BRA", month, china["coNcm"], self.numbers(china, "metricKG"))


class Comext(Office):
    """Eurostat Comext, dataset DS-045409: what EU members import from China under CN 85051110.

    Key `freq.reporter.partner.product.flow.indicators`, flow 1 is imports, quantities in 100 kg;
    SDMX-CSV; 413 above five million cells, estimated before the query is run (*API - Detailed
    guidelines - Asynchronous API* and *API Statistics - data query*).
    """

    name = "comext"
    unit = "QUANTITY_IN_100KG"
    kilograms_in_a_unit = 100

    def fetch(self, web: Web, months: Sequence[str]) -> Iterator[MonthRows]:
        """Ask for all months at once, for half of them where that is too large."""
        span = {"startPeriod": months[0], "endPeriod": months[-1]}
        params = span | {"format": "SDMX-CSV", "compressed": "false"}
        path = f"/data/DS-045409/M..CN.85051110.1.{self.unit}"
        answer = web.get(path, params, accept=(200, 400, 404, 413))
        nothing = "<faultcode>100</faultcode>" in answer.text.replace(" ", "")
        put_off = answer.status == 200 and answer.text.lstrip().startswith("<")
        if not nothing and (answer.status == 413 or put_off):
            if len(months) == 1:
                raise FetchError(
                    f"{self.name}: the request is too large (status {answer.status}: "
                    f"{answer.words}), though it is for one month; later {AGAIN}"
                )
            half = len(months) // 2
            yield from self.fetch(web, months[:half])
            yield from self.fetch(web, months[half:])
            return
        rows = [] if nothing else self._rows(answer)
        for month in months:
            yield month, [row for row in rows if row["TIME_PERIOD"] == month]

    def _rows(self, answer: Answer) -> list[Row]:
        lines = answer.text.splitlines()
        if answer.status != 200 or not lines or "TIME_PERIOD" not in lines[0]:
            raise changed(self.name, f"status {answer.status}, no table: {answer.text[:200]!r}")
        rows = [self.pick(row) for row in csv.DictReader(lines)]
        other = {row["indicators"] for row in rows} - {self.unit}
        if other:
            raise changed(self.name, f"found the quantity {sorted(other)[0]!r}, not {self.unit}")
        return rows

    def tidy(self, rows: pd.DataFrame) -> pd.DataFrame:
        """By member; the euro area and other groups are left out."""
        kilograms = self.numbers(rows, "OBS_VALUE") * self.kilograms_in_a_unit
        reporter = rows["reporter"].map(from_comext)
        return _imports(reporter, rows["TIME_PERIOD"], rows["product"], kilograms).dropna(
            subset="reporter"
        )


class Comtrade(Office):
    """UN Comtrade, HS 850511: China's exports, and importers' imports from China.

    Preview without a key (500 rows and one period a request), `data/v1/get` with one; area 0 is the
    world, 156 China; `isNetWgtEstimated` marks weights that were not reported (*API* and the
    reference lists). The UN's client `comtradeapicall` is not used: it prints the address with the
    key in it when a request fails, drops errors, and cannot be pointed at another server.
    """

    name = "comtrade"
    totals = MappingProxyType(
        {"cmdCode": "850511", "partner2Code": "0", "customsCode": "C00", "motCode": "0"}
    )
    sides = ({"flowCode": "X", "reporterCode": "156"}, {"flowCode": "M", "partnerCode": "156"})

    def fetch(self, web: Web, months: Sequence[str]) -> Iterator[MonthRows]:
        """Ask for each month, both sides."""
        for month in months:
            asked = [
                {**self.totals, **side, "period": month.replace("-", "")} for side in self.sides
            ]
            yield month, [row for params in asked for row in self._ask(web, params)]

    def _ask(self, web: Web, params: dict[str, str]) -> list[Row]:
        path = "/data/v1/get/C/M/HS" if web.key else "/public/v1/preview/C/M/HS"
        headers = {"Ocp-Apim-Subscription-Key": web.key} if web.key else None
        told = web.get(path, params, headers=headers).json()
        rows = _items(self.name, told, "data")
        if told.get("error"):
            raise FetchError(f"{self.name}: the source says {told['error']!r}")
        most = 100_000 if web.key else 500
        if len(rows) >= most:
            raise FetchError(
                f"{self.name}: {most} rows for {params['period']}, the most that is given at once, "
                "so rows may be missing; " + ("nothing of it is kept" if web.key else "use a key")
            )
        return [self.pick(row) for row in rows]

    def tidy(self, rows: pd.DataFrame) -> pd.DataFrame:
        """By reporter and partner; estimated weights count as missing.

        So does a weight of nought beside a value.
        """
        weight, value = self.numbers(rows, "netWgt"), self.numbers(rows, "primaryValue")
        reported = rows["isNetWgtEstimated"].str.lower() == "false"
        return pd.DataFrame(
            {
                "month": rows["period"].str[:4] + "-" + rows["period"].str[4:],
                "reporter": rows["reporterCode"].map(from_comtrade),
                "partner": rows["partnerCode"].map(from_comtrade),
                "flow": rows["flowCode"].map({"X": "export", "M": "import"}),
                "product": rows["cmdCode"],
                "kilograms": np.where(reported & ((weight > 0) | (value == 0)), weight, np.nan),
            }
        )


class Hmrc(Office):
    """UK HMRC, Overseas Trade Statistics (`OTS`): imports of HS 850511 from China by CN8 code.

    OData, pages linked by `@odata.nextLink`, `NetMass` in kilograms, flow types 1 (EU) and 3
    (non-EU) are imports (*UK Trade Info API*). `CommodityId` is the CN8 code as a number; a row a
    port; a suppressed weight is missing.
    """

    name = "hmrc"
    wanted = (
        "MonthId eq {month} and (FlowTypeId eq 1 or FlowTypeId eq 3) and CommodityId ge 85051100 "
        "and CommodityId le 85051199 and Country/CountryCodeAlpha eq 'CN'"
    )

    def fetch(self, web: Web, months: Sequence[str]) -> Iterator[MonthRows]:
        """Ask for each month, page by page."""
        for month in months:
            asked = self.wanted.format(month=month.replace("-", ""))
            # OData asks for blanks as %20; httpx would write them as +.
            yield month, list(self._rows(web, web.get(f"/OTS?$filter={quote(asked)}")))

    def _rows(self, web: Web, answer: Answer) -> Iterator[Row]:
        while True:
            page = answer.json()
            yield from map(self.pick, _items(self.name, page, "value"))
            if not (link := page.get("@odata.nextLink")):
                return
            answer = web.get(link)

    def tidy(self, rows: pd.DataFrame) -> pd.DataFrame:
        """By CN8 code, a row a port."""
        month = rows["MonthId"].str[:4] + "-" + rows["MonthId"].str[4:]
        product = rows["CommodityId"].str.zfill(8)
        return _imports("GBR", month, product, self.numbers(rows, "NetMass"))


OFFICES: dict[str, Office] = {
    office.name: office for office in (Census(), ComexStat(), Comext(), Comtrade(), Hmrc())
}
"""The statistical offices by name."""
KEY_WORDS = {True: "{}, required", False: "{}, optional"}
COMMAND = ".venv/bin/python -m pipeline fetch {name} --from {first} --to {last}"


def load_flows(raw: Path) -> pd.DataFrame:
    """Kilograms by source, month, flow, reporter, partner and product: the contract ReportedFlows.

    The newest snapshot that holds a month of a source replaces what older ones say of it.
    Raises TableError for a snapshot that was changed or has no origin record.
    """
    parts = [part for office in OFFICES.values() for part in _newest_months(raw, office)]
    if not parts:
        return ReportedFlows.empty()
    return pd.concat(parts, ignore_index=True).sort_values(KEY, ignore_index=True)


def list_snapshots(raw: Path, last: pd.Timestamp | None = None) -> pd.DataFrame:
    """Every office with what is asked of it, its newest snapshot and the command that fetches.

    The command asks for the months up to `last`, from January two years before; without `last` it
    leaves both open.
    """
    first, until = ("MONTH", "MONTH") if last is None else (f"{last.year - 2}-01", f"{last:%Y-%m}")
    return pd.DataFrame(
        [
            {
                "source": office.title,
                "key": KEY_WORDS[office.key_needed].format(office.key_name)
                if office.key_name
                else "none needed",
                "newest snapshot": (["none"] + [path.name for path in office.snapshots(raw)])[-1],
                "to fetch": COMMAND.format(name=name, first=first, last=until),
            }
            for name, office in OFFICES.items()
        ]
    )


def _newest_months(raw: Path, office: Office) -> Iterator[pd.DataFrame]:
    seen: set[pd.Timestamp] = set()
    for path in reversed(office.snapshots(raw)):
        flows = office.read_file(path)
        yield flows[~flows["month"].isin(seen)]
        seen |= set(flows["month"])
