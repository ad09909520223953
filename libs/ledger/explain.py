"""Doubted figures for reading, and what was probably printed instead."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from contracts import TableError
from tradedata.destinations import destination_name

from ledger.constraints import cells_of
from ledger.printed import Printed, distinct_figures, slips
from ledger.reconciliation import Doubted, Reconciliation, implied

WORDS = {
    "tonnes": "tonnes",
    "pct_change_month": "% on the period before",
    "pct_change_year": "% on the year before",
    "share_pct": "% of the world",
}
OTHER_COMPARISON = {
    "pct_change_month": "pct_change_year",
    "pct_change_year": "pct_change_month",
}
SHARP = 0.05
"""A candidate known less sharply than this share of what was printed would prove nothing."""

Ends = tuple[float, float]


@dataclass(frozen=True)
class Explanation:
    """A doubted figure, what the others imply, and the simple slips that would explain it.

    `fits` holds the kind and the words of each reading that fits: `another series`, `a change of
    another series`, `another year`, `one month for several`, `another comparison` or `a slip of the
    pen`. `conflicts` holds the kept figures that contradict it.
    """

    figure: Printed
    implied_lower: float
    implied_upper: float
    conflicts: pd.DataFrame
    fits: tuple[tuple[str, str], ...]

    @property
    def readings(self) -> list[str]:
        """The readings that fit, each once."""
        return list(dict.fromkeys(reading for _, reading in self.fits))

    @property
    def kind(self) -> str:
        """The one kind of slip that explains the figure; empty where none does, or several do."""
        kinds = {kind for kind, _ in self.fits}
        return kinds.pop() if len(kinds) == 1 else ""

    @property
    def printed(self) -> str:
        """What was printed, of whom and when."""
        what = f"{_number(self.figure.value)} {WORDS[self.figure.measure]}"
        return f"{what} for {destination_name(self.figure.destination)}, {period_name(self.figure)}"

    @property
    def implied(self) -> str:
        """What the other figures imply instead, in the same unit."""
        return _span(self.implied_lower, self.implied_upper)

    @property
    def off(self) -> float:
        """How far the figure lies from what the others imply, as a share of the latter."""
        value = float(self.figure.value)
        nearest = float(np.clip(value, self.implied_lower, self.implied_upper))
        return abs(value - nearest) / max(abs(nearest), 1.0)


def explain(reconciliation: Reconciliation, figure_id: str) -> Explanation:
    """What the source of a doubted figure printed, and what it probably printed instead.

    Raises TableError for a figure that is not in the ledger or was not doubted.
    """
    printed = reconciliation.system.printed
    for case in reconciliation.doubted:
        if figure_id in printed[case.index].figure_ids:
            return _explain(reconciliation, case)
    raise TableError(f"{figure_id}: not among the doubted figures")


def examples(reconciliation: Reconciliation) -> dict[str, Explanation]:
    """For each kind of slip that alone explains a rejected figure, the figure furthest off."""
    found = [_explain(reconciliation, c) for c in reconciliation.doubted if c.verdict == "rejected"]
    furthest = sorted((told for told in found if told.kind), key=lambda told: told.off)
    return {told.kind: told for told in furthest}


def doubted_table(reconciliation: Reconciliation) -> pd.DataFrame:
    """Every distinct doubted figure for reading: printed, implied, and how many contradict it."""
    cases = reconciliation.doubted
    table = figure_table([reconciliation.system.printed[case.index] for case in cases])
    return table.assign(
        verdict=[case.verdict for case in cases],
        implied=[_span(case.implied_lower, case.implied_upper) for case in cases],
        contradicted_by=[len(case.conflict.figures) for case in cases],
    )


def figure_table(figures: list[Printed]) -> pd.DataFrame:
    """Distinct figures for reading, one row each."""
    rows = [
        {
            "figure_id": figure.name,
            "destination": destination_name(figure.destination),
            "period": period_name(figure),
            "printed": _number(figure.value),
            "unit": WORDS[figure.measure],
            "newsrooms": ", ".join(sorted(figure.newsrooms)),
        }
        for figure in figures
    ]
    columns = ["figure_id", "destination", "period", "printed", "unit", "newsrooms"]
    return pd.DataFrame(rows, columns=columns)


def period_name(figure: Printed) -> str:
    """The period of a figure: `May 2025` or `January–May 2025`."""
    first, last = (pd.Period(ordinal=month, freq="M") for month in (figure.start, figure.end))
    if first == last:
        return f"{last:%B %Y}"
    return f"{first:%B}–{last:%B %Y}" if first.year == last.year else f"{first:%B %Y}–{last:%B %Y}"


def _explain(reconciliation: Reconciliation, case: Doubted) -> Explanation:
    printed = reconciliation.system.printed
    conflicts = figure_table([printed[i] for i in case.conflict.figures])
    fits = tuple(
        (kind, reading)
        for kind, reading, meant, ends in _candidates(reconciliation, case)
        if _fitting(meant, *ends)
    )
    lower, upper = case.implied_lower, case.implied_upper
    return Explanation(printed[case.index], lower, upper, conflicts, fits)


def _candidates(
    reconciliation: Reconciliation, case: Doubted
) -> Iterator[tuple[str, str, Printed, Ends]]:
    """Kind and words of each reading, the figure that was meant, and what is known of it."""
    system = reconciliation.system
    figure = system.printed[case.index]
    kept = {i: level for i, level in reconciliation.doubt.kept.items() if i != case.index}
    others = [
        (kind, reading, other)
        for kind, reading, other in _other_quantities(figure)
        if all(cell in system.cells.column for cell in cells_of([other]).names)
    ]
    ends_of = implied(system, kept, [other for *_, other in others])
    for (kind, reading, _), ends in zip(others, ends_of, strict=True):
        yield kind, reading, figure, ends
    kind = "another series" if figure.base is None else "a change of another series"
    for series, ends in _other_series(reconciliation, figure):
        yield kind, f"the series {series}", figure, ends
    for what, value in slips(figure.value):
        reading, meant = f"{what}, {_number(value)} was meant", replace(figure, value=value)
        yield "a slip of the pen", reading, meant, (case.implied_lower, case.implied_upper)


def _fitting(figure: Printed, lower: float, upper: float) -> bool:
    """Whether what is known, if known sharply enough to prove anything, fits what was printed."""
    truth = figure.truth("kept")
    sharp = upper - lower <= SHARP * max(abs(float(figure.value)), 1.0)
    return sharp and truth.lower <= upper and lower <= truth.upper


def _other_quantities(figure: Printed) -> Iterator[tuple[str, str, Printed]]:
    for years in (-1, 1):
        other = replace(figure, start=figure.start + 12 * years, end=figure.end + 12 * years)
        yield "another year", f"the figure of {period_name(other)}", other
    if figure.start != figure.end:
        other = replace(figure, start=figure.end)
        yield "one month for several", f"the figure of {period_name(other)} alone", other
    if figure.measure in OTHER_COMPARISON:
        other = replace(figure, measure=OTHER_COMPARISON[figure.measure])
        reading = f"the change {WORDS[other.measure].removeprefix('% ')}"
        yield "another comparison", reading, other


def _other_series(reconciliation: Reconciliation, figure: Printed) -> Iterator[tuple[str, Ends]]:
    """What other series of the ledger print of the same, or of tonnes that change alike."""
    base = figure.base or range(0)
    for series in reconciliation.figures["series"].unique():
        others = distinct_figures(reconciliation.figures, reconciliation.sources, series)
        if figure in others:
            continue
        alike = [other for other in others if other.destination == figure.destination]
        for other in alike:
            if (other.months, other.measure) == (figure.months, figure.measure):
                truth = other.truth("kept")
                yield series, (truth.lower, truth.upper)
        tonnes = {other.months: other for other in alike if other.measure == "tonnes"}
        now, before = tonnes.get(figure.months), tonnes.get(base)
        if now and before and before.truth("kept").lower > 0:
            new, old = now.truth("kept"), before.truth("kept")
            yield series, (100 * (new.lower / old.upper - 1), 100 * (new.upper / old.lower - 1))


def _number(value: str) -> str:
    whole, point, decimals = value.removeprefix("-").partition(".")
    return f"{'−' if value.startswith('-') else ''}{int(whole):,}{point}{decimals}"


def _span(lower: float, upper: float) -> str:
    if np.isnan(lower) or np.isnan(upper):
        return "no narrower range than anything"
    digits = 2 if max(abs(lower), abs(upper)) < 100 else 0
    low, high = (f"{end:,.{digits}f}".replace("-", "−") for end in (lower, upper))
    return low if low == high else f"{low} to {high}"
