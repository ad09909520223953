"""China's customs: the monthly bulletin's tables of major commodities, from its English pages.

An index of each year (`monthly2024.html`; the newest year's is `monthly.html`) has a row a table,
with a link a month that is published. Table 13 holds exports. The English site serves
plain pages; the Chinese one answers programs with status 412 and a page of scripts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import pandas as pd
from contracts import TableError, validate
from lxml import html

from tradedata.bulletin.adding import AS_PRINTED, load_names
from tradedata.bulletin.printed import Printed, known_name, name_key, read_page
from tradedata.bulletin.series import LINES, load_bulletin
from tradedata.bulletin.units import WORDS
from tradedata.fetch.source import MonthRows, Row, Source
from tradedata.fetch.web import FetchError, Web, changed
from tradedata.tables import GaccMonths

TITLE = re.compile("Major Export Commodities in Quantity and Value", re.IGNORECASE)
INDEX = "/statics/report/monthly{year}.html"
MONTH_NAMES = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
MONTH_NAME = re.compile("|".join(MONTH_NAMES))
PRINTED = ["month_quantity", "month_amount", "total_quantity", "total_amount"]
NEARLY_ALL = 0.95
CHANGES = ["change_quantity", "change_amount"]
MONEY_COLUMNS = {
    "month_amount": ("amount_10k_cny", "amount_1k_usd"),
    "change_amount": ("pct_change_year_amount", "pct_change_year_amount_usd"),
}
"""Where a printed amount goes, by its money."""


class Gacc(Source):
    """The table of major export commodities, number 13 of each month."""

    name = "gacc"
    pause = 1.0

    def fetch(self, web: Web, months: Sequence[str]) -> Iterator[MonthRows]:
        """Ask for the index of each year, then for each month it links to."""
        links: dict[str, str] = {}
        for year in dict.fromkeys(month[:4] for month in months):
            links |= self._index(web, year)
        for month in months:
            if month not in links:
                yield month, []
                continue
            table = self._table(web, links[month], month)
            if table.month != month or table.flow != "export":
                found = f"{table.flow}s of {table.month}"
                raise changed(self.name, f"the link to exports of {month} leads to {found}")
            yield month, list(self._rows(table))

    def _index(self, web: Web, year: str) -> dict[str, str]:
        """The address of each month's page; none for a year that has no index."""
        own = self._page(web, INDEX.format(year=year))
        page = own or self._page(web, INDEX.format(year=""))
        every = html.fromstring(page).iter("tr") if page else ()
        rows = [row for row in every if TITLE.search(" ".join(row.text_content().split()))]
        if not rows:
            raise changed(self.name, f"the index of {year} has no table (13)")
        row = min(rows, key=lambda row: len(row.text_content()))  # tables may lie in tables
        links = {
            f"{year}-{1 + MONTH_NAMES.index(names[-1]):02}": str(link.get("href"))
            for link in row.iter("a")
            if (names := MONTH_NAME.findall(link.text_content().lower()))
        }
        first = next(iter(links), "")
        # The index without a year is that of `year` if its first page says so.
        is_of = own or (first and self._table(web, links[first], first).month[:4] == year)
        return links if is_of else {}

    def _page(self, web: Web, path: str) -> str:
        """The page at `path`, which holds a table; nothing where there is no such page."""
        answer = web.get(path, accept=(200, 404, 412))
        if answer.status == 404:
            return ""
        if answer.status == 412 or "<table" not in answer.text.lower():
            raise FetchError(
                f"{self.name}: an answer without a table (status {answer.status}), as customs' "
                "Chinese site gives programs; use the English site, or save the table in a browser "
                "and take it in with `python -m pipeline add`"
            )
        return answer.text

    def _table(self, web: Web, link: str, month: str) -> Printed:
        try:
            return read_page(self._page(web, urlsplit(link).path), f"the page of {month}")
        except TableError as error:
            raise changed(self.name, str(error)) from None

    def _rows(self, table: Printed) -> Iterator[Row]:
        for line in table.lines.to_dict("records"):
            told = {"month": table.month, "money": table.money, **line}
            yield {name: _text(told[name]) for name in self.columns}

    def snapshot(self, raw: Path, rows: pd.DataFrame, months: Sequence[str]) -> pd.DataFrame:
        """The months in the shape of the bulletin, under its names where they are known."""
        known: dict[str, str] = {}
        if (raw / LINES).exists():
            known = learn_names(rows, load_bulletin(raw)) | load_names(raw)
        shaped = shape_months(rows, known)
        texts = shaped.assign(month=shaped["month"].dt.strftime("%Y-%m"), flow="export").map(_text)
        texts = texts[texts["month"].isin(months)]
        if texts.empty:
            raise FetchError(
                f"{self.name}: no month of {months[0]} to {months[-1]} is printed alone, and none "
                "follows by differences; ask for the months before and after too"
            )
        return texts

    def read(self, rows: pd.DataFrame, file: str, vintage: pd.Timestamp) -> pd.DataFrame:
        """The months in the shape of GaccMonths."""
        text = ("month", "name", "unit", "printed", "derived", "flow")
        numbers = [name for name in GaccMonths.columns if name not in text]
        return validate(rows.assign(**rows[numbers].replace("", None)), GaccMonths, file)

    def holds(self, table: pd.DataFrame) -> str:
        """Months and lines, those that follow by difference, unnamed lines, changes of unit."""
        months = table["month"].drop_duplicates()
        said = [f"holds {len(months)} months, {months.min():%Y-%m} to {months.max():%Y-%m}"]
        said[0] += f", {len(table):,} rows of {table['name'].nunique()} lines"
        derived = table.loc[table["derived"] != "", "month"].drop_duplicates()
        if len(derived):
            listed = ", ".join(f"{month:%Y-%m}" for month in derived)
            said.append(f"not printed alone, so taken as differences of sums: {listed}")
        every = pd.date_range(months.min(), months.max(), freq="MS")
        if len(lost := every.difference(pd.DatetimeIndex(months))):
            listed = ", ".join(f"{month:%Y-%m}" for month in lost)
            said.append(f"neither printed alone nor to be had by differences: {listed}")
        unnamed = table.loc[table["name"] == table["printed"], "name"].unique()
        if len(unnamed):
            shown = "; ".join(unnamed[:5])
            said.append(f"{len(unnamed)} lines without a name in the bulletin, such as {shown}")
        units = table[table["unit"] != ""].groupby("name")["unit"].unique()
        if unknown := sorted(set(table["unit"]) - set(WORDS)):
            said.append(f"CAUTION: units that are not known stay as printed: {', '.join(unknown)}")
        for name, found in units[units.map(len) > 1].items():
            said.append(f"CAUTION: {name} changes its unit: {', '.join(found)}")
        return "\n  ".join(said)


def learn_names(rows: pd.DataFrame, bulletin: pd.DataFrame) -> dict[str, str]:
    """Lines of the bulletin by the key of the spelling that a fetched month has for them.

    Both languages list the same lines in one order. A month teaches its spellings where it has as
    many lines as the bulletin has for it, and nearly all quantities are the same line by line.
    """
    learnt: dict[str, str] = {}
    for month, page in rows.groupby("month"):
        table = bulletin[bulletin["month"] == pd.Timestamp(str(month))]
        if len(page) != len(table):
            continue
        found = pd.to_numeric(page["month_quantity"]).to_numpy()
        same = np.isclose(found, table["quantity"], rtol=AS_PRINTED, atol=0, equal_nan=True)
        if same.mean() >= NEARLY_ALL:
            keys = page["printed"].map(name_key)[same]
            learnt |= dict(zip(keys, table["name"][same], strict=True))
    return learnt


def shape_months(rows: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """Fetched rows, all text, in the shape of GaccMonths but for `flow`.

    A month that is not printed alone is the sum of the year to it less the sum to the month before;
    where one of these is not known either it is missing, as are both of two months printed
    together when neither is printed alone. Differences carry the rounding of both sums.
    """
    numbers = rows[["level", *PRINTED, *CHANGES]].apply(pd.to_numeric)
    frame = rows.assign(**{str(name): numbers[name] for name in numbers})
    frame["month"] = pd.PeriodIndex(frame["month"], freq="M")
    known = {text: known_name(text, names) or text for text in frame["printed"].unique()}
    frame["name"] = frame["printed"].map(known)
    repeated = frame.duplicated(["month", "name"], keep="first")
    frame.loc[repeated, "name"] = frame.loc[repeated, "printed"]
    frame["order"] = frame.groupby("month").cumcount()
    alone = set(frame.loc[frame["month_amount"].notna(), "month"])
    printed = frame[frame["month"].isin(alone)].assign(derived="")
    years = frame.groupby(["name", frame["month"].dt.year], sort=False)
    parts = [_differences(year.set_index("month"), alone) for _, year in years]
    table = pd.concat([printed, *parts]).sort_values(["month", "order"], ignore_index=True)
    dollars = table["money"] == "amount_1k_usd"
    shaped = table.rename(
        columns={"month_quantity": "quantity", "change_quantity": "pct_change_year_quantity"}
    ).assign(month=table["month"].dt.to_timestamp(), level=table["level"].astype(int))
    for amount, (yuan, usd) in MONEY_COLUMNS.items():
        shaped[yuan], shaped[usd] = table[amount].mask(dollars), table[amount].where(dollars)
    return shaped[[name for name in GaccMonths.columns if name != "flow"]]


def _differences(year: pd.DataFrame, alone: set[pd.Period]) -> pd.DataFrame:
    """The months of a line's year that follow from sums to date, those printed `alone` left out."""
    if year[["unit", "money"]].nunique().gt(1).any():
        return year.iloc[:0].reset_index()
    first = year.index[0].asfreq("Y").asfreq("M", "start")
    every = pd.period_range(first, year.index[-1], freq="M", name="month")
    month = year[["month_quantity", "month_amount"]].reindex(every).to_numpy()
    total = year[["total_quantity", "total_amount"]].reindex(every).to_numpy()
    total[0] = np.where(np.isnan(total[0]), month[0], total[0])  # January's table has no sum
    total[:-1] = np.where(np.isnan(total[:-1]), total[1:] - month[1:], total[:-1])
    before = np.vstack([np.zeros(2), total[:-1]])
    values = np.where(total >= before, total - before, np.nan)
    filled = year.reindex(every).assign(**dict.fromkeys(CHANGES, np.nan), derived="difference")
    filled[["month_quantity", "month_amount"]] = values
    same = ["money", "printed", "level", "unit", "order", "name"]
    filled[same] = year[same].reindex(every).bfill()
    known = ~np.isnan(values[:, 1]) & ~every.isin(list(alone))
    return filled[known].reset_index()


def _text(value: object) -> str:
    if isinstance(value, float):
        return "" if np.isnan(value) else f"{value:.12g}"
    return str(value)
