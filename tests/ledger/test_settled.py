"""A ledger with its verdicts, asked again: sums of months, totals, bounds by fewer figures."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from ledger.settled import Ledger, make_ledger


def ledger_of(*printed: tuple[str, str, str, str]) -> Ledger:
    """A ledger of world tonnes: first month, last month, value, newsroom of each figure."""
    common = {"series": "magnets_85051110", "destination": "WLD", "measure": "tonnes", "unit": "t"}
    common |= {"approximate": False, "note": ""}  # type: ignore[dict-item]
    rows = [
        common
        | {"figure_id": f"f{place}", "value": value, "source_id": newsroom}
        | {"period_start": pd.Timestamp(first), "period_end": pd.Timestamp(last)}
        for place, (first, last, value, newsroom) in enumerate(printed)
    ]
    newsrooms = sorted({newsroom for *_, newsroom in printed})
    pages = pd.DataFrame({"source_id": newsrooms, "newsroom": newsrooms})
    nothing = pd.DataFrame({"figure_id": [], "verdict": []})
    official = pd.DataFrame({"destination": [], "month": [], "tonnes": []})
    pages = pages.assign(publisher="", url="", published="", grade="press")
    return make_ledger(pd.DataFrame(rows), pages, nothing, official, "magnets_85051110")


def test_months_bounded_by_their_sum_move_together() -> None:
    """January is 100 (99.5 to 101), both months 200.0 (199.95 to 200.1).

    Each at its own lower bound they would sum to 198.45; no two months of the ledger do.
    """
    ledger = ledger_of(
        ("2025-01-01", "2025-01-01", "100", "Gazette"),
        ("2025-01-01", "2025-02-01", "200.0", "Gazette"),
    )
    months = pd.period_range("2025-01", "2025-03", freq="M")
    both = ledger.least("WLD", pd.Series(1.0, months))
    assert both.iloc[:2].sum() == pytest.approx(199.95)
    assert np.isnan(both.iloc[2])
    apart = ledger.least("WLD", pd.Series([1.0, -1.0, 1.0], months))
    assert apart.iloc[:2].to_list() == pytest.approx([99.5, 100.6])


def test_bounds_without_a_newsroom_by_hand() -> None:
    """The Gazette alone says 5774.2; the Herald's and the Tribune's 5,774 then bounds the month.

    A printed whole number may be rounded or cut off: 5,773.5 to 5,775.
    """
    first = "2025-04-01"
    ledger = ledger_of(
        (first, first, "5774.2", "Gazette"),
        (first, first, "5774", "Herald"),
        (first, first, "5774", "Tribune"),
    )
    april = [pd.Period("2025-04", freq="M")]
    assert ledger.bounds_without("DEU", april).empty
    table = ledger.bounds_without("WLD", april)
    assert list(table["newsroom"]) == ["Gazette"]
    assert tuple(table.loc[0, ["lower", "upper"]]) == pytest.approx((5773.5, 5775.0))


def test_printed_totals_that_differ_share_their_common_part() -> None:
    """200 tonnes are 199.5 to 201, 200.0 are 199.95 to 200.1; a month alone is no total."""
    ledger = ledger_of(
        ("2025-01-01", "2025-02-01", "200", "Gazette"),
        ("2025-01-01", "2025-02-01", "200.0", "Herald"),
        ("2025-01-01", "2025-01-01", "100", "Herald"),
    )
    (row,) = ledger.totals("WLD").itertuples()
    assert (str(row.start), str(row.end)) == ("2025-01", "2025-02")
    assert (row.lower, row.upper) == pytest.approx((199.95, 200.1))
    assert ledger.totals("USA").empty
