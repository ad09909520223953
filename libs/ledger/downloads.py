"""What a new customs download says of the figures that newsrooms printed."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd
from tradedata.customs.adding import Addition, shortened

from ledger.explain import compare_figures

ENOUGH_FIGURES = 5
"""With so many printed figures compared and most of them contradicted, the file is suspect."""
FEW_FIGURES = 3
"""So is it with so many, if all of them are contradicted."""


def describe_settled(
    addition: Addition, figures: pd.DataFrame, sources: pd.DataFrame, series: str
) -> Iterator[str]:
    """The figures of `series` that a download is the first to settle, or settles anew, in lines.

    `figures` and `sources` keep the contracts Figures and Sources.
    """
    then, now = (
        compare_figures(figures, sources, official, series).set_index(["figure_ids", "customs"])
        for official in (addition.before, addition.after)
    )
    compared = now[~now.index.isin(then.index)].reset_index()
    wrong = compared[compared["verdict"] == "contradicted"]
    if len(compared):
        yield (
            f"settles {len(compared)} published figures and contradicts {len(wrong)}"
            + (" (period destination measure: printed, customs):" if len(wrong) else "")
        )
    yield from shortened(
        f"  {row.period} {row.destination} {row.measure}: {row.printed}, {row.customs:,.4g} "
        f"({row.figure_ids})"
        for row in wrong.itertuples()
    )
    most_wrong = len(compared) >= ENOUGH_FIGURES and 2 * len(wrong) > len(compared)
    if most_wrong or len(compared) == len(wrong) >= FEW_FIGURES:
        yield (
            "CAUTION: most published figures disagree with this file; are these imports, or was "
            "the query limited to a trade mode or province? If so, delete the kept file and record"
        )
