"""A study's tables as its pages tell them: the key numbers, the latest swing, a line of tonnes."""

from __future__ import annotations

import calendar
import csv
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from markupsafe import Markup
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from press.site import page

Row = dict[str, str]
Point = tuple[float, float]

BROADEST = "WLD"
"""The destination that stands for all: its studies come first among equals."""

MONTHS = tuple(calendar.month_name[1:])

SPAN = 36
WIDTH, HEIGHT, MARGIN = 108.0, 26.0, 2.0
"""Months and size of a line."""


@dataclass(frozen=True)
class Shown:
    """A study as its page and the front page show it; every number is text from its tables."""

    href: str
    study: str
    question: str
    headline: str
    finding: str
    rest: str
    destination: str
    kind: str
    start: str
    end: str
    baseline_end: str
    as_of: str
    effects: list[Row]
    swings: list[Row]
    path: list[Row]
    variants: list[Row]

    @property
    def others(self) -> list[Row]:
        """All estimates in percent but the key one: other tests, other estimators."""
        rows = [row for row in self.effects if row["unit"] == "%" and row != self.key]
        return [row for row in rows if row["estimand"] != "trough"]

    @property
    def key(self) -> Row:
        """The estimate that the headline speaks of."""
        return self.row(*(CHANGE if self.kind == "swing" else EFFECT))

    @property
    def placebo(self) -> Row:
        """The same estimate among dates without an event."""
        return self.row("placebo dates", "average effect") if self.kind != "swing" else NO_ROW

    @property
    def checks(self) -> list[tuple[str, str]]:
        """What else was tried, in a line each: other tests, other estimators, other models."""
        return self._swing_checks() if self.kind == "swing" else self._effect_checks()

    def concluding(self, conclusion: str) -> list[str]:
        """The variants of the model that lead to a conclusion about the headline's estimate."""
        if self.kind == "swing":
            return []
        return [row["variant"] for row in self.variants if row["conclusion"] == conclusion]

    def _effect_checks(self) -> list[tuple[str, str]]:
        shuffled = self.row("conformal permutation", "average effect")
        others = [row for row in self.others if row["estimator"].startswith("textbook")]
        found = [
            ("p, rank among placebo dates", probability(self.placebo["p_value"])),
            ("p, permutation of months", probability(shuffled["p_value"])),
        ]
        estimates = sorted(float(row["estimate"]) for row in others if row["estimate"])
        if estimates:
            ends = f"{signed(str(estimates[0]))} to {signed(str(estimates[-1]))}\u00a0%"
            found.append((f"{len(estimates)} other estimators", ends))
        agree, differ = self.concluding("survives"), self.concluding("changes")
        if agree or differ:
            number = f"{len(agree)} of {len(agree) + len(differ)} agree"
            found.append(("Other data, baselines, models", number))
        together = self.row("common shifts", "median t")
        if together["p_value"]:
            found.append(("p, all of these together", probability(together["p_value"])))
        return found

    def _swing_checks(self) -> list[tuple[str, str]]:
        longer = self.row("swing", "change against all earlier")
        modelled = self.row(*EFFECT)
        return [
            ("p, rank among all earlier changes", probability(longer["p_value"])),
            (
                "Against the counterfactual",
                f"{signed(modelled['estimate'])}\u00a0% ({interval(modelled)})",
            ),
        ]

    @property
    def recovery(self) -> str:
        """The month in which exports were back, where they had clearly fallen."""
        row = self.row("counterfactual", "periods to recovery")
        fell = self.clear and float(self.key["estimate"]) < 0
        if self.kind == "swing" or not fell or (row["estimate"] and not float(row["estimate"])):
            return "–"
        return month_name(row["end"]) if row["estimate"] else f"not by {month_name(row['end'])}"

    @property
    def clear(self) -> bool:
        """Whether the interval of the key estimate leaves out zero."""
        return excludes_zero(self.key)

    @property
    def later(self) -> list[Row]:
        """The estimates of the policy regimes that began after the study's window."""
        return [
            row
            for row in self.effects
            if row["estimator"] == "regimes" and row["start"] > self.end and row["estimate"]
        ]

    def row(self, estimator: str, estimand: str) -> Row:
        """The first row of an estimator whose estimand begins so; empty cells if there is none."""
        for row in self.effects:
            if row["estimator"] == estimator and row["estimand"].startswith(estimand):
                return row
        return NO_ROW


COLUMNS = (
    *("estimator", "estimand", "start", "end", "estimate", "lower", "upper", "level", "p_value"),
    *("unit", "n_pre", "n_post"),
)
NO_ROW: Row = dict.fromkeys(COLUMNS, "")
EFFECT = ("counterfactual", "average effect")
CHANGE = ("swing", "change against")
"""Estimator and first words of the estimand of the key estimate, by kind of headline."""


def load_shown(reports: Path, folder: Path) -> Shown:
    """The study whose tables lie in `folder`."""
    told = json.loads((folder / "headline.json").read_text(encoding="utf-8"))
    parameters = told["parameters"]
    finding, rest = _found(told)
    return Shown(
        href=f"{folder.relative_to(reports).as_posix()}/index.html",
        study=told["study"],
        question=told["question"],
        headline=told["headline"],
        finding=typeset(finding),
        rest=typeset(rest),
        destination=told["destination"],
        kind=parameters["headline"],
        start=told["start"],
        end=told["end"],
        baseline_end=parameters.get("baseline_end", ""),
        as_of=parameters.get("as_of", ""),
        effects=read_rows(folder / "effects.csv"),
        swings=read_rows(folder / "swings.csv"),
        path=read_rows(folder / "counterfactual.csv"),
        variants=_variants(folder / "sensitivity.csv"),
    )


def _variants(path: Path) -> list[Row]:
    """The variants of the model, but for the headline's own."""
    rows = read_rows(path) if path.exists() else []
    return [row for row in rows if row["aspect"] != "headline"]


def _found(told: dict[str, Any]) -> tuple[str, str]:
    """A study's finding, a clause that can be a title, and what is to be said beside it."""
    if finding := told.get("finding"):
        return finding.rstrip(
            "."
        ), f"{told['headline']} {told.get('could_have_missed', '')}".strip()
    first, _, rest = told["headline"].partition(". ")
    return first.rstrip("."), rest


def typeset(text: str) -> str:
    """`text` with months such as 2025-05 written out and no line ending before a percent sign."""
    named = re.sub(r"\b\d{4}-(0[1-9]|1[0-2])\b(?!-)", lambda found: month_name(found[0]), text)
    return named.replace(" %", "\u00a0%")


def read_rows(path: Path) -> list[Row]:
    """The rows of a CSV file."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def in_order(studies: Iterable[Shown]) -> list[Shown]:
    """Studies by their window; of the same window those of the world first."""
    return sorted(studies, key=lambda one: (one.start, one.destination != BROADEST, one.study))


def leading(studies: Sequence[Shown]) -> Shown:
    """The study that the front page opens with: of the world, the one with the least p-value.

    A study of what was known on an earlier day comes first only where there is no other.
    """
    whole = [one for one in studies if not one.as_of] or list(studies)
    broad = [one for one in whole if one.destination == BROADEST] or whole
    return min(broad, key=lambda one: float(one.key["p_value"] or 1))


def excludes_zero(row: Row) -> bool:
    """Whether an interval lies on one side of zero."""
    if not (row["lower"] and row["upper"]):
        return False
    return float(row["lower"]) * float(row["upper"]) > 0


def printed(value: str | float, digits: int = 1) -> str:
    """A number as a reader wants it; anything else as it is."""
    try:
        number = float(value)
    except ValueError:
        return str(value)
    text = f"{number:,.0f}" if abs(number) >= 1000 else f"{number:,.{digits}f}"
    return text.replace("-", "−")


def signed(value: str, digits: int = 0) -> str:
    """A number with its sign, as `−67`; nothing for nothing."""
    return f"{float(value):+,.{digits}f}".replace("-", "−") if value else ""


def interval(row: Row) -> str:
    """An estimate's interval as `−74 to −58`, or nothing."""
    return f"{signed(row['lower'])} to {signed(row['upper'])}" if row["lower"] else ""


def regime(row: Row) -> str:
    """A regime's estimate as `suspension +18 % (−15 to +63)`."""
    return f"{row['estimand']} {signed(row['estimate'])}\u00a0% ({interval(row)})"


def probability(value: str) -> str:
    """A p-value as a reader wants it."""
    if not value:
        return "–"
    return "< 0.001" if float(value) < 0.001 else f"{float(value):.3f}"


def month_name(month: str) -> str:
    """`2025-05` or `2025-05-01` as `May 2025`."""
    return f"{MONTHS[int(month[5:7]) - 1]} {month[:4]}"


def first_sentence(text: str) -> str:
    """`text` up to its first full stop that a space follows."""
    return text.partition(". ")[0].rstrip(".") + "."


def joined(parts: Sequence[str]) -> str:
    """`a, b and c`."""
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def sparkline(path: Sequence[Row], start: str, end: str) -> Markup:
    """The last months of `path` from zero up, gaps where a month is missing, the window marked."""
    rows = list(path)[-SPAN:]
    seen = [float(row["observed"]) for row in rows if row["observed"]]
    if not seen:
        return Markup("")
    step = (WIDTH - 2 * MARGIN) / max(len(rows) - 1, 1)
    runs = _runs(rows, step, (HEIGHT - 2 * MARGIN) / max(seen))
    window = [place for place, row in enumerate(rows) if start <= row["month"][:7] <= end]
    lines = "".join(f'<path d="{_line(run)}"/>' for run in runs)
    return Markup(
        '<svg class="spark" role="img" viewBox="0 0 {:g} {:g}" aria-label="{}">{}{}</svg>'
    ).format(WIDTH, HEIGHT, _words(rows, seen), Markup(_band(window, step)), Markup(lines))


def _runs(rows: Sequence[Row], step: float, scale: float) -> list[list[Point]]:
    """Points of months without a gap between them."""
    points = [
        (MARGIN + place * step, HEIGHT - MARGIN - scale * float(row["observed"] or 0))
        for place, row in enumerate(rows)
    ]
    known = groupby(zip(rows, points, strict=True), key=lambda pair: bool(pair[0]["observed"]))
    return [[point for _, point in group] for observed, group in known if observed]


def _line(run: Sequence[Point]) -> str:
    corners = "L".join(f"{x:.1f} {y:.1f}" for x, y in run)
    return f"M{corners}h.1" if len(run) == 1 else f"M{corners}"


def _band(window: Sequence[int], step: float) -> str:
    if not window:
        return ""
    left = MARGIN + (window[0] - 0.5) * step
    width = len(window) * step
    return f'<rect x="{left:.1f}" y="0" width="{width:.1f}" height="{HEIGHT:g}"/>'


def _words(rows: Sequence[Row], seen: Sequence[float]) -> str:
    return (
        f"Tonnes by month, {month_name(rows[0]['month'])} to {month_name(rows[-1]['month'])}: "
        f"lowest {printed(min(seen))}, highest {printed(max(seen))}, last {printed(seen[-1])}"
    )


class Answer(BaseModel):
    """A question that a notebook puts, and what its numbers say."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    question: str = Field(min_length=1)
    answer: str = Field(min_length=1)


@dataclass(frozen=True)
class Answers:
    """The answers of one page, and where it is seen from the front page."""

    href: str
    answers: list[Answer]


_FILE = TypeAdapter(list[Answer])


def load_answers(reports: Path, notebooks: Iterable[str]) -> list[Answers]:
    """What the pages of `notebooks` answer; a page that left no file answers nothing.

    A file that is no list of questions with answers is a mistake in its notebook: ValueError.
    """
    files = {
        page(stem): reports / page(stem).replace(".html", "-answers.json") for stem in notebooks
    }
    return [Answers(page, _read(path)) for page, path in files.items() if path.exists()]


def _read(path: Path) -> list[Answer]:
    try:
        return _FILE.validate_json(path.read_bytes())
    except ValidationError as error:
        raise ValueError(f"{path} is no list of questions with their answers") from error
