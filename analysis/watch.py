"""What to watch: which change of the next month would count as unusual, said beforehand.

`python -m pipeline watch` prints the table from the series as it is.
"""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd
from contracts import Parser, TableError, check, read_table
from effects import EffectError, swing
from ledger.series import monthly_series
from ledger.tables import Exports
from tradedata.destinations import destination_name
from words import signed

from analysis.events import load_catalogue
from analysis.regressors import new_year_regressors
from analysis.study import Forecasting
from analysis.tables import Watch


def watch_table(asked: Forecasting, level: float = 0.95) -> pd.DataFrame:
    """A row each destination with enough calm changes: a table Watch, the largest flow first."""
    exports = read_table(asked.processed / "exports.parquet", Exports)
    quiet = load_catalogue(asked)[1].quiet_end()
    rows = []
    for code in exports.loc[exports["tonnes"].notna(), "destination"].unique():
        try:
            rows.append(_row(monthly_series(exports, code), quiet, level))
        except EffectError:
            continue
    table = pd.DataFrame(rows, columns=list(Watch.to_schema().columns))
    table = table.dropna(subset="lower")
    return table.sort_values("tonnes", ascending=False, ignore_index=True)


def _row(series: pd.Series, quiet: pd.Period, level: float) -> dict[str, object]:
    """The bounds of the next month: an unchanged one is put in, to see what it would be judged by.

    How earlier months did against the same bounds counts those after the calm ones.
    """
    last = pd.Period(series.index[-1])
    tonnes = float(series.iloc[-1])
    longer = pd.concat([series, pd.Series({last + 1: tonnes})])
    longer = longer.set_axis(pd.PeriodIndex(longer.index, freq="M"), axis="index")
    test = swing(
        longer,
        last + 1,
        baseline_end=quiet,
        regressors=new_year_regressors(pd.PeriodIndex(longer.index)),
        level=level,
    )
    unexpected = np.log1p(test.table.loc[0, ["estimate", "lower", "upper"]].astype(float) / 100)
    usual = np.exp(-unexpected["estimate"])
    reach = np.exp(unexpected["upper"] - unexpected["estimate"])
    later = test.swings[(test.swings.index > quiet) & (test.swings.index <= last)]
    return {
        "destination": str(series.name),
        "last_month": last.to_timestamp(),
        "tonnes": tonnes,
        "month": (last + 1).to_timestamp(),
        "expected": tonnes * usual,
        "lower": tonnes * usual / reach,
        "upper": tonnes * usual * reach,
        "lower_pct": 100 * (usual / reach - 1),
        "upper_pct": 100 * (usual * reach - 1),
        "calm": int(test.table["n_pre"].iloc[0]),
        "since": len(later),
        "outside": int(later["unusual"].sum()),
    }


def shown(table: pd.DataFrame) -> pd.DataFrame:
    """The table Watch as readers see it."""
    return pd.DataFrame(
        {
            "exports to": table["destination"].map(destination_name),
            "next month": table["month"].dt.strftime("%B %Y"),
            "usual, tonnes": [
                f"{lower:,.0f} to {upper:,.0f}"
                for lower, upper in zip(table["lower"], table["upper"], strict=True)
            ],
            "usual change": [
                f"{signed(lower)} to {signed(upper)} %"
                for lower, upper in zip(table["lower_pct"], table["upper_pct"], strict=True)
            ],
            "last known, tonnes": table["tonnes"].round(),
            "changes since outside": [
                f"{out} of {since}"
                for out, since in zip(table["outside"], table["since"], strict=True)
            ],
        }
    )


def main(arguments: list[str] | None = None) -> int:
    """Print the table; the exit status is 1 if the tables it needs are not there."""
    parser = Parser(prog="python -m pipeline watch", description="what would be unusual next month")
    default = Forecasting()
    parser.add_argument("--raw-dir", default=default.raw_dir)
    parser.add_argument("--processed-dir", default=default.processed_dir)
    try:
        table = watch_table(check(Forecasting, vars(parser.parse_args(arguments)), "watch"))
    except TableError as error:
        print(error, file=sys.stderr)
        return 1
    told = shown(table).to_string(index=False, float_format="{:,.0f}".format)
    print(told if len(table) else "No destination has enough calm months to say what is usual.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
