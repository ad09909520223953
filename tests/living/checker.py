"""Sentences of a built report, reckoned again from the tables they speak of.

Each fact is a sentence's pattern with a group a number, and what the tables say those groups must
be. It reads the raw files and the report's own CSVs with pandas alone, and nothing of `analysis`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import pandas as pd
from lxml import html

MONTHS = r"([A-Z][a-z]+ \d{4})"
PERCENT = r"([+−]?\d+) %"


@dataclass(frozen=True)
class Report:
    """A folder with `processed` and `reports`, and the raw data they were made from."""

    folder: Path
    raw_files: Path
    study: str = ""

    def places(self, page: str) -> list[str]:
        """Where the pages called `page` are; of studies, those that have a result."""
        if page != STUDY:
            return ["index.html" if page == "front" else f"data/{page}.html"]
        found = sorted((self.folder / "reports").glob("*/headline.json"))
        return [f"{path.parent.name}/index.html" for path in found]

    def effects(self, estimand: str) -> pd.Series:
        """The study's first row of an estimand by the counterfactual."""
        rows = self.made(f"{self.study}/effects")
        wanted = (rows["estimator"] == "counterfactual") & (rows["estimand"] == estimand)
        return rows[wanted].iloc[0]

    def text(self, page: str) -> str:
        """What stands on a page outside code, tables and pictures, in one line."""
        root = html.fromstring((self.folder / "reports" / page).read_bytes())
        for part in root.xpath("//pre | //script | //style | //table | //svg"):
            part.drop_tree()
        return re.sub(r"\s+", " ", root.text_content())

    def raw(self, name: str) -> pd.DataFrame:
        """A raw file as text."""
        return pd.read_csv(self.raw_files / f"{name}.csv", dtype=str, keep_default_na=False)

    def made(self, name: str) -> pd.DataFrame:
        """A table of the report."""
        return pd.read_csv(self.folder / "reports" / f"{name}.csv")

    @cached_property
    def exports(self) -> pd.DataFrame:
        """The exports table, with a month in words."""
        table = pd.read_csv(self.folder / "processed" / "exports.csv", parse_dates=["month"])
        return table.assign(name=table["month"].dt.strftime("%B %Y"))

    def known(self, destination: str) -> pd.DataFrame:
        """The months of a destination that are data."""
        rows = self.exports[self.exports["destination"] == destination]
        return rows.dropna(subset="tonnes").sort_values("month")

    def sources(self) -> pd.DataFrame:
        """The pages behind the printed figures."""
        pages = self.raw("sources")
        return pages[pages["source_id"].isin(self.raw("figures")["source_id"])]

    def dates(self) -> pd.DataFrame:
        """The catalogue's days."""
        days = ("date_announced", "date_effective", "date_suspended")
        table = self.raw("events")
        return table.assign(**{day: pd.to_datetime(table[day]) for day in days})


def number(value: float, digits: int = 0, sign: str = "") -> str:
    """A number as the pages print it."""
    return f"{value:{sign},.{digits}f}".replace("-", "−")


Reckoned = Callable[[Report, re.Match[str]], tuple[object, ...]]
FACTS: list[tuple[str, str, Reckoned]] = []
STUDY = "study"
"""What the page of a fact is called that stands on the page of every study."""


def fact(page: str, pattern: str) -> Callable[[Reckoned], Reckoned]:
    """Register what the groups of `pattern` on `page` (a shared one, or STUDY) must be."""

    def keep(reckon: Reckoned) -> Reckoned:
        FACTS.append((page, pattern, reckon))
        return reckon

    return keep


def compare(report: Report) -> Iterator[tuple[str, str, tuple[str, ...], tuple[str, ...]]]:
    """Every sentence found: its page, itself, what it says and what the tables say."""
    for page, pattern, reckon in FACTS:
        for place in report.places(page):
            about = replace(report, study=Path(place).parent.name)
            for match in re.finditer(pattern, report.text(place)):
                said = tuple(group or "" for group in match.groups())
                yield place, match.group(), said, tuple(map(str, reckon(about, match)))


def false_sentences(report: Report) -> list[str]:
    """The sentences that the tables contradict, each with what they say instead."""
    return [
        f"{page}: {sentence!r}: the tables say {', '.join(right)}"
        for page, sentence, said, right in compare(report)
        if said != right
    ]


@fact("ingest", r"([\d,]+) printed figures? came in from ([\d,]+) pages? that go back to (\d+) ")
def _intake(report: Report, _: re.Match[str]) -> tuple[object, ...]:
    pages = report.sources()
    return number(len(report.raw("figures"))), number(len(pages)), pages["newsroom"].nunique()


@fact("ingest", r"the year with most of them is (\d{4}), with (\d+) %")
def _most(report: Report, _: re.Match[str]) -> tuple[object, ...]:
    years = report.raw("figures")["period_end"].str[:4].value_counts().sort_index()
    return years.idxmax(), f"{100 * years.max() / years.sum():.0f}"


@fact("ingest", r"They are about (?:\w+ (?:\d{4} )?to )?" + MONTHS + r"; the year")
def _latest(report: Report, _: re.Match[str]) -> tuple[object, ...]:
    return (pd.Period(report.raw("figures")["period_end"].max()).strftime("%B %Y"),)


@fact("ingest", r"(\d+) events from (\d{4}) to (\d{4}), (\d+) dates or values .*?, (\d+) claims")
def _catalogue(report: Report, _: re.Match[str]) -> tuple[object, ...]:
    table = report.dates()
    first = table["date_announced"].fillna(table["date_effective"])
    others, claims = report.raw("event_disagreements"), report.raw("claims")
    return len(table), first.min().year, first.max().year, len(others), len(claims)


@fact("clean", r"give ([\d,]+) months? of exports to the world and ([\d,]+) months? to the United")
def _narrow(report: Report, _: re.Match[str]) -> tuple[object, ...]:
    return len(report.known("WLD")), len(report.known("USA"))


@fact("clean", r"the world, (\d+) months?: " + MONTHS.replace("(", "(?:"))
def _world_months(report: Report, _: re.Match[str]) -> tuple[object, ...]:
    return (len(report.known("WLD")),)


@fact("clean", r"Of (\d+) other destinations? at most (\d+) months? are known")
def _others(report: Report, _: re.Match[str]) -> tuple[object, ...]:
    single = report.exports[~report.exports["destination"].str.contains("+", regex=False)]
    sizes = single.dropna(subset="tonnes").groupby("destination").size().sort_values()[::-1]
    return len(sizes) - 3, sizes.iloc[3]


@fact("clean", r"([\d,]+) months? of (\d+) destinations? (?:is|are) known to within 5 %")
def _sharp(report: Report, _: re.Match[str]) -> tuple[object, ...]:
    single = report.exports[~report.exports["destination"].str.contains("+", regex=False)]
    told = single.dropna(subset="tonnes")
    return number(len(told)), told["destination"].nunique()


@fact("vintages", r"(\d+) of (\d+) questions? can be answered")
def _answerable(report: Report, _: re.Match[str]) -> tuple[object, ...]:
    table = report.made("real_time")
    told = table.loc[table["verdict"] != "cannot be told", "study"]
    return told.nunique(), table["study"].nunique()


@fact("numbers", r"([\d,]+) monthly values of destinations, ([\d,]+) of them with a best")
def _cells(report: Report, _: re.Match[str]) -> tuple[object, ...]:
    return number(len(report.exports)), number(report.exports["tonnes"].notna().sum())


@fact(
    "numbers",
    r"(\d+) w(?:as|ere) suspended by a later event, (\d+) of them before they took effect",
)
def _suspended(report: Report, _: re.Match[str]) -> tuple[object, ...]:
    table = report.dates()
    early = table["date_suspended"] <= table["date_effective"]
    return table["date_suspended"].notna().sum(), early.sum()


@fact("claims", r"Of (\d+) claims from (\d+) reports: (\d+) supported, (\d+) imprecise, (\d+) not "
      r"supported, (\d+) refuted, (\d+) not testable")  # fmt: skip
def _verdicts(report: Report, _: re.Match[str]) -> tuple[object, ...]:
    verdicts = report.made("claims")["verdict"]
    reports = {seed for seeds in report.raw("claims")["seed"] for seed in seeds.split(";")}
    order = ("supported", "imprecise", "not supported", "refuted", "not testable")
    return len(verdicts), len(reports), *(int((verdicts == one).sum()) for one in order)


@fact("claims", r"changed by ([+−][\d.]+) % on the month before")
def _changes(report: Report, match: re.Match[str]) -> tuple[object, ...]:
    """The nearest month and destination before it, and the change between two best estimates."""
    before = match.string[: match.start()]
    month = re.findall(MONTHS + " exports to ", before)[-1]
    name = re.findall(r"exports to (the [^.]*?) $", before)[-1]
    codes = {"the world": "WLD", "the United States": "USA"}
    code = codes.get(name, "GRP_WLD-USA")
    rows = report.known(code).set_index("name")["tonnes"]
    earlier = (pd.Period(month, freq="M") - 1).strftime("%B %Y")
    return (number(100 * (rows[month] / rows[earlier] - 1), 1, "+"),)


@fact("vintages", r"changed ([\d,]+) monthly values? of [^:]*: ([^.]*?)\.")
def _revised(report: Report, match: re.Match[str]) -> tuple[object, ...]:
    table = report.made("revisions")
    told = dict.fromkeys(re.findall(r"\d+ (\w+)", match.group(2)))
    counts = [f"{(table['change'] == kind).sum()} {kind}" for kind in told]
    *head, tail = counts
    return number(len(table)), f"{', '.join(head)} and {tail}" if head else tail


@fact("forecast", r"The ledger ends in " + MONTHS)
def _end(report: Report, _: re.Match[str]) -> tuple[object, ...]:
    return (report.known("WLD")["name"].iloc[-1],)


@fact("forecast", r"For " + MONTHS + r" exports to the world are forecast at ([\d,]+) tonnes "
      r"\(95 % interval ([\d,]+) to ([\d,]+); 80 % ([\d,]+) to ([\d,]+)\)")  # fmt: skip
def _next(report: Report, match: re.Match[str]) -> tuple[object, ...]:
    """The table keeps a tenth of a tonne, so a number printed whole may have been rounded once."""
    table = report.made("forecasts")
    row = table[table["kind"] == "next"].iloc[0]
    columns = ("median", "lower_95", "upper_95", "lower_80", "upper_80")
    said = [float(group.replace(",", "")) for group in match.groups()[1:]]
    numbers = [
        number(told if abs(told - row[name]) <= 0.55 else row[name])
        for told, name in zip(said, columns, strict=True)
    ]
    return f"{pd.Period(row['month'][:7]):%B %Y}", *numbers


@fact("forecast", r"That is (above|below) every month observed so far; nearest is " + MONTHS
      + r" with ([\d,]+) tonnes")  # fmt: skip
def _record(report: Report, match: re.Match[str]) -> tuple[object, ...]:
    rows, above = report.known("WLD"), match.group(1) == "above"
    row = rows.loc[rows["tonnes"].idxmax() if above else rows["tonnes"].idxmin()]
    return match.group(1), row["name"], number(row["tonnes"])


@fact("goods", PERCENT + r" by (quantity|value) \((?:the largest change|change number \d+ by size) "
      r"of (\d+), p = ([\d.]+); the middle")  # fmt: skip
def _ranked(report: Report, match: re.Match[str]) -> tuple[object, ...]:
    table = report.made("goods")
    measure = {"quantity": "quantity", "value": "amount"}[match.group(2)]
    row = table[table["measure"] == measure].iloc[0]
    change, p_value = number(row["change_pct"], 0, "+"), f"{row['p_value']:.3f}"
    return change, match.group(2), row["goods"], p_value


@fact("destinations", r"changed by " + PERCENT + r" \(95 % interval " + PERCENT + " to " + PERCENT
      + r"\) in \w+ (?:\d{4} )?to \w+ \d{4}, judged by the (\d+) months")  # fmt: skip
def _relative(report: Report, _: re.Match[str]) -> tuple[object, ...]:
    table = report.made("destinations")
    row = table[table["estimand"] == "average effect"].iloc[0]
    return *(number(row[name], 0, "+") for name in ("estimate", "lower", "upper")), row["n_pre"]


@fact("destinations", r"the effect was ([+−][\d,]+) tonnes \(([+−][\d,]+) to ([+−][\d,]+)\) on the "
      r"United States, ([+−][\d,]+) tonnes")  # fmt: skip
def _diverted(report: Report, match: re.Match[str]) -> tuple[object, ...]:
    table = report.made("destinations")
    first = re.findall(r"From (\w+)(?: \d{4})? to \w+ \d{4} $", match.string[: match.start()])[-1]
    months = pd.to_datetime(table["start"]).dt.strftime("%B")
    own = table[(table["estimator"] == "diversion") & (months == first)].set_index("estimand")
    row = own.loc["direct effect"]
    numbers = (row["estimate"], row["lower"], row["upper"], own.loc["spill-over", "estimate"])
    return tuple(number(value, 0, "+") for value in numbers)


@fact("breaks", r"in " + MONTHS + r" \(" + PERCENT + ", " + PERCENT + " to " + PERCENT
      + r"; (?:given|p|95)")  # fmt: skip
def _breaks(report: Report, match: re.Match[str]) -> tuple[object, ...]:
    table = report.made("breaks")
    named = match.string[: match.start()].rpartition("The level of exports to ")[2]
    code = "USA" if named.startswith("the United States") else "WLD"
    month = pd.Period(match.group(1), freq="M").strftime("%Y-%m")
    shifts = table[table["estimand"].str.startswith("shift") & (table["destination"] == code)]
    row = shifts[shifts["start"] == month].iloc[0]
    sizes = (number(row[name], 0, "+") for name in ("estimate", "lower", "upper"))
    return match.group(1), *sizes


SPAN = r"([+−]?[\d,]+) to ([+−]?[\d,]+)"


def ends(row: pd.Series, sign: str = "") -> tuple[str, str]:
    """Both ends of a row's interval."""
    return number(row["lower"], 0, sign), number(row["upper"], 0, sign)


@fact(STUDY, r"For ([\d,]+) of ([\d,]+) other choices? of data, baseline and model the interval")
def _choices(report: Report, _: re.Match[str]) -> tuple[object, ...]:
    table = report.made(f"{report.study}/sensitivity")
    told = table[(table["aspect"] != "headline") & (table["conclusion"] != "not told")]
    return (told["conclusion"] != "changes").sum(), len(told)


@fact(STUDY, r"lay on average (\d+) % (below|above) normal, judged by the months to .*? "
      r"\(95 % interval " + PERCENT + " to " + PERCENT + ", ")  # fmt: skip
def _average(report: Report, _: re.Match[str]) -> tuple[object, ...]:
    row = report.effects("average effect")
    side = "below" if row["estimate"] < 0 else "above"
    return number(abs(row["estimate"])), side, *ends(row, "+")


@fact(STUDY, r": in sum ([+−][\d,]+) tonnes \(" + SPAN + r"\), (\d+) % (less|more) than expected")
def _sum(report: Report, _: re.Match[str]) -> tuple[object, ...]:
    row, share = report.effects("cumulative effect"), report.effects("share of the expected sum")
    word = "less" if share["estimate"] < 0 else "more"
    total = number(row["estimate"], 0, "+")
    return total, *ends(row, "+"), number(abs(share["estimate"])), word


@fact("front", r"Data to " + MONTHS)
def _data_to(report: Report, _: re.Match[str]) -> tuple[object, ...]:
    return (report.known("WLD")["name"].iloc[-1],)
