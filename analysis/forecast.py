"""The next months of magnet exports: the models, the forecasts on file, `pipeline forecast`.

A forecast is filed once, named by destination, day of issue and the first digits of its content's
SHA-256, so that a changed file gives itself away. What a later vintage of the data says is a new
file.
"""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

import pandas as pd
from contracts import TableError, read_table, validate
from contracts.issued import digest, issue_table, read_issued_tables
from contracts.parameters import run
from effects import EffectError
from effects.events import with_policy
from effects.forecasts import (
    Model,
    Outlook,
    issued_needs,
    local_level,
    outlook,
    seasonal_naive,
    with_outcomes,
)
from effects.regimes import Policy
from ledger.reconciliation import RELEASE_DAY
from ledger.series import monthly_series
from ledger.tables import Exports

from analysis.events import load_catalogue
from analysis.regressors import new_year_regressors
from analysis.study import ROOT, Folders, Forecasting
from analysis.tables import Forecasts, IssuedForecasts

RELEASE = pd.DateOffset(months=1, days=RELEASE_DAY - 1)
"""From a month's first day to the day on which customs publish it."""
NEVER = pd.Timestamp("NaT")


def candidates(policy: Policy) -> dict[str, Model]:
    """Same month a year before, the rival; level, season and New Year; with regimes; with a drift.

    At every origin only the regimes begun by then are known, and the last of them goes on.
    """

    def calendar(months: pd.PeriodIndex, _: pd.Period) -> pd.DataFrame:
        return new_year_regressors(months)

    def regressors(months: pd.PeriodIndex, origin: pd.Period) -> pd.DataFrame:
        return with_policy(new_year_regressors(months), policy, str(origin))

    return {
        "same month a year before": seasonal_naive,
        "level and season": local_level(calendar),
        "level, season and regimes": local_level(regressors),
        "level, season, regimes and drift": local_level(regressors, drift=True),
    }


def load_world(asked: Folders) -> pd.Series:
    """Tonnes a month to the world, as the tables of `asked` have them."""
    return monthly_series(read_table(asked.processed / "exports.parquet", Exports), "WLD")


def forecast_world(asked: Forecasting, series: pd.Series) -> Outlook:
    """The next months of `series`; EffectError where they cannot be told."""
    _, policy = load_catalogue(asked)
    return outlook(series, candidates(policy), asked.ahead)


def issue_rows(found: Outlook, series: pd.Series, issued: date) -> pd.DataFrame:
    """What a forecast file holds: one row a month."""
    observed = [f"{month},{tonnes:.3f}\n" for month, tonnes in series.dropna().items()]
    rows = found.forecasts(str(series.name)).query("kind == 'next'")
    vintage = digest("".join(observed).encode())
    return rows.assign(issued=pd.Timestamp(issued), vintage=vintage)[[*IssuedForecasts.columns]]


def issue(rows: pd.DataFrame, folder: Path) -> Path:
    """File a forecast; TableError where one of the same destination and vintage is there."""
    checked = validate(rows, IssuedForecasts, "forecast")
    destination, vintage, issued = checked[["destination", "vintage", "issued"]].iloc[0]
    earlier = read_issued(folder)
    same = earlier[(earlier["destination"] == destination) & (earlier["vintage"] == vintage)]
    if len(same):
        raise TableError(
            f"a forecast of {destination} from the same data was issued on "
            f"{same['issued'].iloc[0]:%Y-%m-%d}; it stands, and new data will make a new one"
        )
    return issue_table(checked, folder, f"{destination}-{issued:%Y-%m-%d}")


def read_issued(folder: Path) -> pd.DataFrame:
    """All forecasts filed in `folder`, the earliest first; TableError for one that is not right."""
    whole = read_issued_tables(folder, IssuedForecasts, ("destination", "vintage"), issued_needs)
    return whole.sort_values(["issued", "destination", "month"], ignore_index=True)


def forecasts_table(found: Outlook | None, scored: pd.DataFrame, series: pd.Series) -> pd.DataFrame:
    """All forecasts of one series as Forecasts: those issued, the next, earlier origins'."""
    made = [found.forecasts(str(series.name)).assign(issued=NEVER)] if found else []
    return Forecasts.stacked(scored, *(with_outcomes(rows, series) for rows in made))


def main(arguments: list[str] | None = None) -> int:
    """Issue one forecast and say what it is; the exit status is 1 if it cannot be made."""
    options = Forecasting, ("ahead", "processed_dir", "forecasts_dir")
    return run("forecast", str(__doc__), options, _issue_next, arguments, (EffectError,))


def _issue_next(asked: Forecasting) -> str:
    series = load_world(asked)
    found = forecast_world(asked, series)
    path = issue(issue_rows(found, series, date.today()), asked.issued)
    where = path.relative_to(ROOT) if path.is_relative_to(ROOT) else path
    first = found.table.iloc[0]
    return (
        f"Exports to the world in {first['period']:%B %Y}: {first['median']:,.0f} tonnes (95 % "
        f"interval {first['lower_95']:,.0f} to {first['upper_95']:,.0f})\n"
        f"Issued as {where}; commit it, and never change it"
    )


if __name__ == "__main__":
    sys.exit(main())
