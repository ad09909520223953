"""The typed parameters of the notebooks: the only place where a default lives."""

from __future__ import annotations

import re
from datetime import date
from functools import cache
from pathlib import Path
from typing import Annotated, ClassVar, Literal, Self

import contracts.folders
from contracts import DocumentError, check, load_yaml
from contracts.folders import SCRATCH
from contracts.parameters import Day, Folder, Month, Slug, of_form
from pydantic import AfterValidator, Field, ValidationError, model_validator
from tradedata.destinations import DESTINATION, destination_name

ROOT = Path(__file__).resolve().parents[1]
STUDIES = ROOT / "studies"
"""Where the study files of the report are."""
PLAN = ROOT / "analysis" / "plan.yaml"
BATCHES = "batch"
"""The folder of the site that holds the results of batches."""
RESERVED = ("data", "docs", "failed", BATCHES, SCRATCH)
"""Folders of the site that no study may be named after."""


def _not_reserved(name: str) -> str:
    if name in RESERVED:
        raise ValueError("the site uses that folder; needs another name")
    return name


Destination = Annotated[
    str,
    of_form(
        DESTINATION,
        "a destination of the exports table: WLD, three letters of a country, EU27, REG_… or GRP_…",
    ),
]
BULLETIN = "gacc:"
"""How the series begins that is a line of customs' bulletin, its name following."""
Series = Annotated[
    str,
    of_form(
        rf"[a-z0-9]+(_[a-z0-9]+)*|{BULLETIN}[^@/\\]{{1,80}}",
        f"a series of the products table, or {BULLETIN} and a line of customs' bulletin",
    ),
]


LEVEL = 0.95
Level = Annotated[float, Field(gt=0.5, lt=1, description="Coverage of intervals.")]


class Folders(contracts.folders.Folders):
    """Where a notebook reads and writes; relative names start at the repository's root."""

    root = ROOT


SERIES = "magnets_85051110"
"""The series of the report; others of the products table have folders of their own."""


class Dated(Folders):
    """Folders, the series, and the day whose knowledge counts."""

    series: Series = SERIES
    """Series of the products table, or gacc: and a line of customs' bulletin."""
    as_of: Day = Field(default="", examples=["2026-03-31"])
    """Day, as 2026-03-31: what came out later does not count; empty for all."""

    @model_validator(mode="after")
    def _bulletin_as_it_is(self) -> Dated:
        """A line of the bulletin is one table of the world as first printed, without vintages."""
        destination = getattr(self, "destination", "WLD")
        if self.series.startswith(BULLETIN) and (self.as_of or destination != "WLD"):
            found = f"as_of {self.as_of}" if self.as_of else f"destination {destination}"
            raise ValueError(
                f"customs' bulletin has its lines for WLD and as of today alone; found {found}"
            )
        return self

    @property
    def known(self) -> str:
        """Which series as known on which day, `series@day`; nothing for the usual ones."""
        usual = self.series == SERIES and not self.as_of
        return "" if usual else f"{self.series}@{self.as_of}"

    @property
    def vintage(self) -> Path:
        """The folder of the series as known on `as_of`: `processed`, if both are the usual."""
        name = re.sub(r"\W+", "-", self.series)
        folder = self.processed if self.series == SERIES else self.processed / name
        return folder / "as_of" / self.as_of if self.as_of else folder


class Cleaning(Dated):
    """How published figures become a series."""

    groups: list[Destination] = Field(default=["GRP_WLD-USA"])
    """Sums (A+B) and remainders (A-B) of destinations to be bounded."""
    narrow_width: float = Field(default=0.05, gt=0, le=0.5)
    """Bounds within this share of each other count as an observation."""
    seconds: float = Field(default=600.0, gt=0)
    """Processor time after which the search for figures to doubt ends in the best found."""

    @property
    def vintage(self) -> Path:
        """As ever; by hand and with settings of its own, `scratch` in it, which no other reads."""
        settings = Cleaning.model_fields.keys() - Dated.model_fields.keys()
        own = self.model_dump(include=settings) != Cleaning().model_dump(include=settings)
        aside = own and self.by_hand("processed_dir")
        return super().vintage / SCRATCH if aside else super().vintage


class Vintages(Folders):
    """The same questions asked of the data as they came in."""

    vintages: int = Field(default=12, ge=2, le=120)
    """How many of the last months in which something came out are shown."""


class BreakSearch(Folders):
    """Where the level of exports breaks, told no dates, and whether swings became larger."""

    trim: int = Field(default=0, ge=0, le=24)
    """Observed months between two breaks at least; 0 for a twentieth of all, three at least."""
    most: int = Field(default=5, ge=1, le=10)
    """Breaks at which the search ends."""
    swings_start: Month = "2025-01"
    """The month from which on swings are set against those before."""
    level: Level = LEVEL


class Months(Folders):
    """Months asked about."""

    held_against: ClassVar[str] = ""
    """The parameter with the last month that they are held against, if there is one."""
    start: Month = "2025-04"
    """First month asked about."""
    end: Month = "2025-05"
    """Last month asked about."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.start > self.end:
            raise ValueError(f"needs start not after end; found {self.start} and {self.end}")
        if (name := self.held_against) and (month := getattr(self, name)) >= self.start:
            raise ValueError(f"{name} ({month}) must come before start ({self.start})")
        return self


class Window(Months):
    """Months asked about, and the baseline they are held against."""

    held_against = "baseline_end"
    baseline_end: Month = "2024-12"
    """Last month of the past that they are held against, before `start`."""
    level: Level = LEVEL


class Contrast(Window):
    """One destination against the others."""

    destination: Destination = "USA"
    """Whose imports from China, as in the exports table."""
    rest: Destination = "GRP_WLD-USA"
    """All others, as in the exports table."""
    later_month: Month = "2025-09"
    """A month after the window in which many destinations are known."""


class Study(Window, Dated):
    """One question: an event, a destination, a window and a baseline."""

    study: Annotated[Slug, AfterValidator(_not_reserved)] = "april-2025-world"
    """Name of the study, and of its folder."""
    question: str = Field(
        default="How far did exports to the world fall in April and May 2025, as licensing began?",
        min_length=1,
        max_length=300,
    )
    """The question, as its page puts it."""
    event_id: str = "cn-ann18-2025-seven-ree"
    """The event asked about, as in data/raw/events.csv."""
    destination: Destination = "WLD"
    """WLD, USA or GRP_WLD-USA; others of the exports table are known for few months."""
    headline: Literal["counterfactual", "swing"] = "counterfactual"
    """counterfactual, of the window; or swing, of one month's change."""
    swing_month: Month = "2025-05"
    """The month whose change is ranked among the past's."""
    value: Literal["tonnes", "lower", "upper"] = "tonnes"
    """tonnes, the best estimate; or lower or upper, its bounds."""
    nowcast: bool = False
    """Whether months estimated from customs' wider series count as observed."""

    @property
    def exports(self) -> str:
        """What its series is called in a sentence; the usual goods go without saying."""
        goods = "" if self.series == SERIES else f" of {self._goods()}"
        return f"exports{goods} to {destination_name(self.destination)}"

    def _goods(self) -> str:
        from ledger.tables import find_product  # loads pandas, for which no command should wait

        from analysis.sources import load_products  # as does this, which reads what this names

        if self.series.startswith(BULLETIN):
            line = self.series.removeprefix(BULLETIN)
            return line[:1].lower() + line[1:]
        return str(find_product(load_products(self.raw), self.series)["name"])

    @property
    def folder(self) -> Path:
        """The folder of this study's results."""
        return self.reports / self.study

    @property
    def is_planned(self) -> bool:
        """Whether the plan of analysis names just this question; what it does not name is usual."""
        window = ["swing_month"] if self.headline == "swing" else ["start", "end", "baseline_end"]
        same = {"headline", "destination", "series", "value", "level", "nowcast", "as_of", *window}
        asked = self.model_dump(include=same)
        return any(one.model_dump(include=same) == asked for one in planned_studies())

    def published(self) -> dict[str, object]:
        path = STUDIES / f"{self.study}.yaml"
        try:
            return Study.model_validate(_study_values(path)).asked() if path.is_file() else {}
        except ValidationError:
            return {}


@cache
def planned_studies() -> list[Study]:
    """The questions of the plan of analysis, in its order."""
    named = load_yaml(PLAN.read_text(encoding="utf-8"))
    return [check(Study, {"study": name, **asked}, PLAN.name) for name, asked in named.items()]


def _study_values(path: Path) -> dict[str, object]:
    try:
        values = load_yaml(path.read_text(encoding="utf-8"))
    except (DocumentError, ValueError):
        return {}
    pairs = values.items() if isinstance(values, dict) else ()
    return {name: str(value) if isinstance(value, date) else value for name, value in pairs}


class Goods(Months):
    """Magnets among the other goods of customs' bulletin."""

    held_against = "base_end"
    base_end: Month = "2025-03"
    """Last of the three months that they are held against, before `start`."""
    level: Level = LEVEL
    with_controlled: bool = False
    """Whether goods that China itself licenses or rations count among the others."""


class Forecasting(Folders):
    """The next months of exports to the world."""

    forecasts_dir: Folder = "data/forecasts"
    """Folder of the forecasts that were issued."""
    ahead: int = Field(default=3, ge=1, le=12)
    """Months after the last observed that are forecast."""

    @property
    def issued(self) -> Path:
        """The folder of the forecasts that were issued."""
        return ROOT / self.forecasts_dir


class Batch(Folders):
    """Studies that were run together."""

    batch: Slug = "studies"
    """Name of the batch, a folder of reports/batch."""

    def published(self) -> dict[str, object]:
        return self.asked()

    @property
    def folder(self) -> Path:
        """The folder of the results together."""
        return self.reports / BATCHES / self.batch
