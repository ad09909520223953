"""What a source that printed a doubted figure probably printed instead, tested by arithmetic."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from tradedata.destinations import destination_name

from ledger.constraints import Cells, cells_of
from ledger.printed import Printed, distinct_figures
from ledger.programmes import Programme
from ledger.reconciliation import Reconciliation
from ledger.rejected import Doubted, implied
from ledger.slips import slips

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


@dataclass(frozen=True)
class Explanation:
    """A doubted figure, what the others imply, and the readings of it that fit.

    `table` has a row a reading that fits: reading, lower, upper (what that reading
    should have printed), evidence. It is empty when no simple slip fits.
    """

    figure: Printed
    newsrooms: str
    implied_lower: float
    implied_upper: float
    conflicts: pd.DataFrame
    table: pd.DataFrame

    @property
    def readings(self) -> list[str]:
        """The readings that fit, each once."""
        return list(dict.fromkeys(self.table["reading"]))

    @property
    def sentence(self) -> str:
        """What was printed, what the others imply, and the readings that fit."""
        name = destination_name(self.figure.destination)
        readings = "; ".join(self.readings) or "no simple slip that we tried"
        return (
            f"{self.newsrooms} printed {_number(self.figure.value)} {WORDS[self.figure.measure]} "
            f"for {name}, {period_name(self.figure)}; the other figures imply "
            f"{_span(self.implied_lower, self.implied_upper)}. What fits: {readings}."
        )


def explain(reconciliation: Reconciliation, figure_id: str) -> Explanation:
    """What the source of a doubted figure printed, and what it probably printed instead.

    Raises ValueError for a figure that is not in the ledger or was not doubted.
    """
    case = _doubted(reconciliation, figure_id)
    printed = reconciliation.system.printed
    figure = printed[case.index]
    readings = pd.DataFrame(
        [*_readings(reconciliation, case)],
        columns=["reading", "lower", "upper", "evidence"],
    )
    return Explanation(
        figure,
        " and ".join(sorted(figure.newsrooms)),
        case.implied_lower,
        case.implied_upper,
        figure_table([printed[i] for i in case.conflict.figures]),
        readings,
    )


def figure_table(figures: list[Printed]) -> pd.DataFrame:
    """Distinct figures for reading, one row each."""
    return pd.DataFrame(
        {
            "figure_id": figure.name,
            "destination": destination_name(figure.destination),
            "period": period_name(figure),
            "printed": _number(figure.value),
            "unit": WORDS[figure.measure],
            "newsrooms": ", ".join(sorted(figure.newsrooms)),
        }
        for figure in figures
    )


def period_name(figure: Printed) -> str:
    """The period of a figure: `May 2025` or `January–May 2025`."""
    first, last = (pd.Period(ordinal=month, freq="M") for month in (figure.start, figure.end))
    return f"{last:%B %Y}" if first == last else f"{first:%B}–{last:%B %Y}"


def _doubted(reconciliation: Reconciliation, figure_id: str) -> Doubted:
    for case in reconciliation.doubted:
        if figure_id in reconciliation.system.printed[case.index].figure_ids:
            return case
    raise ValueError(f"{figure_id}: not among the doubted figures")


def _readings(reconciliation: Reconciliation, case: Doubted) -> Iterator[dict[str, object]]:
    figure = reconciliation.system.printed[case.index]
    kept = {i: level for i, level in reconciliation.doubt.kept.items() if i != case.index}
    programme = Programme(reconciliation.system.only(kept))
    for reading, other in _other_quantities(figure):
        if _known(reconciliation.system.cells, other):
            lower, upper = implied(programme, reconciliation.system, kept, other)
            yield from _fitting(figure, reading, lower, upper, "the kept figures")
    yield from _other_series(reconciliation, figure)
    for what, value in slips(figure.value):
        meant, reading = replace(figure, value=value), f"{what}, {_number(value)} was meant"
        yield from _fitting(
            meant, reading, case.implied_lower, case.implied_upper, "the kept figures"
        )


def _other_quantities(figure: Printed) -> Iterator[tuple[str, Printed]]:
    for years in (-1, 1):
        other = replace(figure, start=figure.start + 12 * years, end=figure.end + 12 * years)
        yield f"the figure of {period_name(other)}", other
    if figure.start != figure.end:
        other = replace(figure, start=figure.end)
        yield f"the figure of {period_name(other)} alone", other
    if figure.measure in OTHER_COMPARISON:
        other = replace(figure, measure=OTHER_COMPARISON[figure.measure])
        yield f"the change {WORDS[other.measure].removeprefix('% ')}", other


def _other_series(reconciliation: Reconciliation, figure: Printed) -> Iterator[dict[str, object]]:
    for series in reconciliation.ledger["series"].unique():
        others = distinct_figures(reconciliation.ledger, reconciliation.sources, series)
        if figure in others:
            continue
        alike = [other for other in others if other.destination == figure.destination]
        yield from _stated_alike(series, alike, figure)
        yield from _computed_alike(series, alike, figure)


def _stated_alike(
    series: str, others: list[Printed], figure: Printed
) -> Iterator[dict[str, object]]:
    for other in others:
        if (other.start, other.end, other.measure) == (figure.start, figure.end, figure.measure):
            truth = other.truth("kept")
            reading = f"the series {series}"
            yield from _fitting(figure, reading, truth.lower, truth.upper, other.name)


def _computed_alike(
    series: str, others: list[Printed], figure: Printed
) -> Iterator[dict[str, object]]:
    """The change that two printed tonnages of another series imply."""
    if figure.base is None:
        return
    tonnes = {(o.start, o.end): o for o in others if o.measure == "tonnes"}
    now = tonnes.get((figure.start, figure.end))
    before = tonnes.get((figure.base.start, figure.base.stop - 1))
    if now and before:
        ends = now.truth("kept"), before.truth("kept")
        lower = 100 * (ends[0].lower / ends[1].upper - 1)
        upper = 100 * (ends[0].upper / ends[1].lower - 1)
        evidence = f"{now.name} and {before.name}"
        yield from _fitting(figure, f"the series {series}", lower, upper, evidence)


def _fitting(
    figure: Printed, reading: str, lower: float, upper: float, evidence: str
) -> Iterator[dict[str, object]]:
    truth = figure.truth("kept")
    sharp = upper - lower <= SHARP * max(abs(float(figure.value)), 1.0)
    if sharp and truth.lower <= upper and lower <= truth.upper:
        yield {
            "reading": reading,
            "lower": lower,
            "upper": upper,
            "evidence": evidence,
        }


def _known(cells: Cells, figure: Printed) -> bool:
    return all(cell in cells.column for cell in cells_of([figure]).names)


def _number(value: str) -> str:
    whole, point, decimals = value.partition(".")
    return f"{int(whole):,}{point}{decimals}" if whole not in ("-0",) else value


def _span(lower: float, upper: float) -> str:
    if np.isnan(lower) or np.isnan(upper):
        return "no narrower range than anything"
    digits = 2 if max(abs(lower), abs(upper)) < 100 else 0
    low, high = f"{lower:,.{digits}f}", f"{upper:,.{digits}f}"
    return low if low == high else f"{low} to {high}"


def doubted_table(reconciliation: Reconciliation) -> pd.DataFrame:
    """Every distinct doubted figure for reading: printed, implied, and how many contradict it."""
    printed = reconciliation.system.printed
    table = figure_table([printed[case.index] for case in reconciliation.doubted])
    return table.assign(
        verdict=[case.verdict for case in reconciliation.doubted],
        implied=[_span(case.implied_lower, case.implied_upper) for case in reconciliation.doubted],
        contradicted_by=[len(case.conflict.figures) for case in reconciliation.doubted],
    )
