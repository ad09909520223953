"""Customs figures as tests write them down."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
from contracts import validate
from tradedata.tables import OfficialExports


def official(cells: Mapping[tuple[str, str], float]) -> pd.DataFrame:
    """The table OfficialExports of tonnes by destination and month."""
    rows = [
        (destination, pd.Timestamp(month), tonnes, destination, "a.csv", pd.NaT)
        for (destination, month), tonnes in cells.items()
    ]
    columns = list(OfficialExports.columns)
    return validate(pd.DataFrame(rows, columns=columns), OfficialExports, "official")
