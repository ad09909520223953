"""Doubted figures for reading, and what was probably printed instead."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
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
            return _explained(reconciliation, [case])[0]
    raise TableError(f"{figure_id}: not among the doubted figures")


def examples(reconciliation: Reconciliation) -> dict[str, Explanation]:
    """For each kind of slip that alone explains a rejected figure, the figure furthest off."""
    rejected = [case for case in reconciliation.doubted if case.verdict == "rejected"]
    found = [told for told in _explained(reconciliation, rejected) if told.kind]
    furthest = sorted(found, key=lambda told: told.off)
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


def _explained(reconciliation: Reconciliation, cases: Sequence[Doubted]) -> list[Explanation]:
    """Each case with the readings that fit it; what they imply is asked of the ledger at once."""
    system = reconciliation.system
    readings = [
        (case, kind, reading, other)
        for case in cases
        for kind, reading, other in _other_quantities(system.printed[case.index])
        if all(cell in system.cells.column for cell in cells_of([other]).names)
    ]
    meant, without = [other for *_, other in readings], [case.index for case, *_ in readings]
    implied_ends = implied(system, reconciliation.doubt.kept, meant, without)
    ledgers = {
        series: distinct_figures(reconciliation.figures, reconciliation.sources, series)
        for series in reconciliation.figures["series"].unique()
    }
    found = []
    for case in cases:
        figure, ends = system.printed[case.index], (case.implied_lower, case.implied_upper)
        fits = [
            (kind, reading)
            for (asking, kind, reading, _), known in zip(readings, implied_ends, strict=True)
            if asking is case and _fits(figure, *known)
        ]
        kind = "another series" if figure.base is None else "a change of another series"
        others = _other_series(ledgers, figure)
        fits += [(kind, f"the series {name}") for name, known in others if _fits(figure, *known)]
        fits += [
            ("a slip of the pen", f"{what}, {_number(value)} was meant")
            for what, value in slips(figure.value)
            if _fits(replace(figure, value=value), *ends)
        ]
        conflicts = figure_table([system.printed[index] for index in case.conflict.figures])
        found.append(Explanation(figure, *ends, conflicts, tuple(fits)))
    return found


def _fits(figure: Printed, lower: float, upper: float) -> bool:
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


def _other_series(
    ledgers: Mapping[str, Sequence[Printed]], figure: Printed
) -> Iterator[tuple[str, Ends]]:
    """What other series of the ledger print of the same, or of tonnes that change alike."""
    base = figure.base or range(0)
    for series, others in ledgers.items():
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
