"""What to watch: which change of the next month would count as unusual, said beforehand.

`python -m pipeline watch` prints the table from the series as it is.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Any

import pandas as pd
from contracts import read_table
from contracts.parameters import run
from effects import EffectError
from effects.swing import next_change
from ledger.series import monthly_series
from ledger.tables import Exports
from tradedata.destinations import destination_name
from words import interval, month, signed

from analysis.events import load_catalogue
from analysis.regressors import calm_regressors
from analysis.study import Forecasting
from analysis.tables import Watch


def watch_table(asked: Forecasting, level: float = 0.95) -> pd.DataFrame:
    """A row each destination with enough calm changes: a table Watch, the largest flow first."""
    exports = read_table(asked.processed / "exports.parquet", Exports)
    quiet = load_catalogue(asked)[1].quiet_end()
    rows = []
    for code in exports.loc[exports["tonnes"].notna(), "destination"].unique():
        try:
            series = monthly_series(exports, code)
            last = pd.Period(series.index[-1])
            longer = series.reindex(pd.period_range(series.index[0], last + 1))
            calm = calm_regressors(longer, quiet)
            found = next_change(series, quiet, regressors=calm, level=level)
            months = {"last_month": last.to_timestamp(), "month": (last + 1).to_timestamp()}
            rows.append({"destination": code, **months, **found})
        except EffectError:
            continue
    table = pd.DataFrame(rows, columns=list(Watch.columns))
    table = table.dropna(subset="lower")
    return table.sort_values("tonnes", ascending=False, ignore_index=True)


def shown(table: pd.DataFrame) -> pd.DataFrame:
    """The table Watch as readers see it."""
    told: Iterable[Any] = table.itertuples()
    rows = [
        {
            "exports to": destination_name(row.destination),
            "next month": month(row.month),
            "usual, tonnes": interval(row.lower, row.upper),
            "usual change": f"{signed(row.lower_pct)} to {signed(row.upper_pct)} %",
            "last known, tonnes": float(round(row.tonnes)),
            "changes since outside": f"{row.outside} of {row.since}",
        }
        for row in told
    ]
    return pd.DataFrame(rows)


def main(arguments: list[str] | None = None) -> int:
    """Print the table; the exit status is 1 if the tables it needs are not there."""
    options = Forecasting, ("raw_dir", "processed_dir")
    return run("watch", "what would be unusual next month", options, _told, arguments)


def _told(asked: Forecasting) -> str:
    table = shown(watch_table(asked))
    if table.empty:
        return "No destination has enough calm months to say what is usual."
    return table.to_string(index=False, float_format="{:,.0f}".format)


if __name__ == "__main__":
    sys.exit(main())
