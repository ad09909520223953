"""The typed parameters of the notebooks: the only place where a default lives."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Literal, Self

from press.parameters import check
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

ROOT = Path(__file__).resolve().parents[1]
BATCHES = "batch"
"""The folder of the site that holds the results of batches."""
RESERVED = ("data", "docs", "failed", BATCHES)
"""Folders of the site that no study may be named after."""


def _of_form(pattern: str, needs: str) -> AfterValidator:
    """Refuses text that is not wholly of the form `pattern`, and says what it `needs`."""

    def check(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise ValueError(f"needs {needs}")
        return text

    return AfterValidator(check)


def _day(text: str) -> str:
    try:
        return text and date.fromisoformat(text).isoformat()
    except ValueError:
        raise ValueError("needs a day, year first, or nothing for everything") from None


Month = Annotated[str, _of_form(r"[0-9]{4}-(0[1-9]|1[0-2])", "a month, year first")]
Slug = Annotated[
    str,
    _of_form(r"[a-z0-9]+(-[a-z0-9]+)*", "small letters and digits, joined by hyphens"),
    StringConstraints(max_length=80),
]


def _not_reserved(name: str) -> str:
    if name in RESERVED:
        raise ValueError("the site uses that folder; needs another name")
    return name


Destination = Annotated[
    str,
    _of_form(
        r"[A-Z]{3}|EU27|REG_[A-Z]+|GRP_[A-Z0-9]+([+-][A-Z0-9]+)*",
        "a destination of the exports table: WLD, three letters of a country, EU27, REG_… or GRP_…",
    ),
]


def _not_empty(folder: str) -> str:
    if not folder.strip():
        raise ValueError("a folder name is needed")
    return folder


Folder = Annotated[str, AfterValidator(_not_empty)]


def is_parameter(name: str, value: object) -> bool:
    """Whether a name of a notebook was given as a parameter, not imported or made by IPython."""
    plain = value is None or isinstance(value, (str, int, float, list, tuple, dict))
    return plain and not name.startswith("_") and name not in {"In", "Out"}


class Folders(BaseModel):
    """Where a notebook reads and writes; relative names start at the repository's root."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    raw_dir: Folder = "data/raw"
    processed_dir: Folder = "data/processed"
    reports_dir: Folder = "reports"

    @classmethod
    def of(cls, names: Mapping[str, object]) -> Self:
        """The parameters among the `names` of a notebook, its `locals()`.

        Raises ParameterError, a line a problem, for a value that is refused and for a plain value
        under a name that is no parameter.
        """
        given = {name: value for name, value in names.items() if is_parameter(name, value)}
        return check(cls, given, "parameters")

    @property
    def raw(self) -> Path:
        """The folder of raw inputs."""
        return ROOT / self.raw_dir

    @property
    def processed(self) -> Path:
        """The folder of derived tables."""
        return ROOT / self.processed_dir

    @property
    def reports(self) -> Path:
        """The folder of the built site."""
        return ROOT / self.reports_dir


class Dated(Folders):
    """Folders, and the day whose knowledge counts."""

    as_of: Annotated[str, AfterValidator(_day)] = Field(default="", examples=["2026-03-31"])
    """What was published, or downloaded from customs, after this day does not count."""

    @property
    def vintage(self) -> Path:
        """The folder of the series as known on `as_of`: `processed`, if that is empty."""
        return self.processed / "as_of" / self.as_of if self.as_of else self.processed


class Cleaning(Dated):
    """How published figures become a series."""

    series: Literal["magnets_85051110"] = "magnets_85051110"
    narrow_width: float = Field(default=0.05, gt=0, le=0.5)
    """Bounds within this share of each other count as an observation."""


class Vintages(Folders):
    """The same questions asked of the data as they came in."""

    vintages: int = Field(default=12, ge=2, le=120)
    """How many of the last months in which something came out."""


class BreakSearch(Folders):
    """Where the level of exports breaks, told no dates, and whether swings became larger."""

    trim: int = Field(default=3, ge=2, le=24)
    """Observed months that lie between two breaks at least."""
    most: int = Field(default=5, ge=1, le=10)
    """Breaks at which the search ends."""
    swings_start: Month = "2025-01"
    """The month from which on swings are set against those before."""
    level: float = Field(default=0.95, gt=0.5, lt=1)


class Window(Folders):
    """Months asked about, and the baseline they are held against."""

    start: Month = "2025-04"
    end: Month = "2025-05"
    baseline_end: Month = "2024-12"
    level: float = Field(default=0.95, gt=0.5, lt=1)

    @model_validator(mode="after")
    def _months_in_order(self) -> Window:
        if not self.baseline_end < self.start <= self.end:
            raise ValueError(
                f"baseline_end ({self.baseline_end}) must come before start ({self.start}), "
                f"and start not after end ({self.end})"
            )
        return self


class Contrast(Window):
    """One destination against the others."""

    destination: Destination = "USA"
    rest: Destination = "GRP_WLD-USA"
    later_month: Month = "2025-09"
    """A month after the window in which many destinations are known."""


class Study(Window, Dated):
    """One question: an event, a destination, a window and a baseline."""

    study: Annotated[Slug, AfterValidator(_not_reserved)] = "april-2025-world"
    question: str = Field(
        default="How far did exports to the world fall in April and May 2025, as licensing began?",
        min_length=1,
        max_length=300,
    )
    event_id: str = "cn-ann18-2025-seven-ree"
    destination: Destination = "WLD"
    headline: Literal["counterfactual", "swing"] = "counterfactual"
    swing_month: Month = "2025-05"
    value: Literal["tonnes", "lower", "upper"] = "tonnes"

    @property
    def folder(self) -> Path:
        """The folder of this study's results."""
        return self.reports / self.study


class Forecasting(Folders):
    """The next months of exports to the world."""

    forecasts_dir: Folder = "data/forecasts"
    ahead: int = Field(default=3, ge=1, le=12)
    """Months after the last observed that are forecast."""

    @property
    def issued(self) -> Path:
        """The folder of the forecasts that were issued."""
        return ROOT / self.forecasts_dir


class Batch(Folders):
    """Studies that were run together."""

    batch: Slug = "studies"

    @property
    def folder(self) -> Path:
        """The folder of the results together."""
        return self.reports / BATCHES / self.batch
