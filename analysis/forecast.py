"""The next months of magnet exports: the models, the forecasts on file, `pipeline forecast`.

A forecast is filed once, named by destination, day of issue and the first digits of its content's
SHA-256, so that a changed file gives itself away. What a later vintage of the data says is a new
file.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
from contracts import ParameterError, Parser, TableError, check, read_table, validate
from contracts.issued import digest, issue_table, read_issued_tables
from effects import EffectError
from effects.forecasts import QUANTILES, Model, Outlook, local_level, outlook, seasonal_naive
from effects.forecasts import weighted_interval_score as weighted_score
from effects.regimes import Policy
from ledger.reconciliation import RELEASE_DAY
from ledger.series import monthly_series
from ledger.tables import Exports

from analysis.events import load_catalogue
from analysis.regressors import counterfactual_regressors, new_year_regressors
from analysis.study import ROOT, Folders, Forecasting
from analysis.tables import Forecasts, IssuedForecasts

CLOCK = timedelta(days=730)
"""How far a machine's clock may be behind before a day of issue counts as not yet come."""
DAYS = ("issued", "last_observed", "month")
SAME = ("destination", "issued", "vintage", "last_observed", "model")
"""What all rows of a file have in common."""
NEVER = pd.Timestamp("NaT")
RISING = ("lower_95", "lower_80", "median", "upper_80", "upper_95")


def candidates(policy: Policy) -> dict[str, Model]:
    """Same month a year before, the rival; level, season and New Year; with regimes; with a drift.

    At every origin only the regimes begun by then are known, and the last of them goes on.
    """

    def regressors(months: pd.PeriodIndex, origin: pd.Period) -> pd.DataFrame:
        return counterfactual_regressors(months, policy, str(origin))

    return {
        "same month a year before": seasonal_naive,
        "level and season": local_level(lambda months, _: new_year_regressors(months)),
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
    months = pd.PeriodIndex(found.table["period"]).to_timestamp()
    observed = [f"{month},{tonnes:.3f}\n" for month, tonnes in series.dropna().items()]
    return pd.DataFrame(
        {
            "destination": str(series.name),
            "issued": pd.Timestamp(issued),
            "vintage": digest("".join(observed).encode()),
            "last_observed": found.origin.to_timestamp(),
            "month": months,
            "horizon": found.table["horizon"],
            "model": found.model,
            **{name: found.table[name].round(1) for name in QUANTILES},
        }
    )


def issue(rows: pd.DataFrame, folder: Path) -> Path:
    """File a forecast; TableError where one of the same destination and vintage is there."""
    checked = validate(rows, IssuedForecasts, "forecast")
    destination, vintage = checked["destination"].iloc[0], checked["vintage"].iloc[0]
    earlier = read_issued(folder)
    same = earlier[(earlier["destination"] == destination) & (earlier["vintage"] == vintage)]
    if len(same):
        raise TableError(
            f"a forecast of {destination} from the same data was issued on "
            f"{same['issued'].iloc[0]:%Y-%m-%d}; it stands, and new data will make a new one"
        )
    return issue_table(checked, folder, f"{destination}-{checked['issued'].iloc[0]:%Y-%m-%d}")


def read_issued(folder: Path) -> pd.DataFrame:
    """All forecasts filed in `folder`, the earliest first; TableError for one that is not right."""
    whole = read_issued_tables(folder, IssuedForecasts, ("destination", "vintage"), _requirements)
    return whole.sort_values(["issued", "destination", "month"], ignore_index=True)


def _requirements(rows: pd.DataFrame) -> Iterator[tuple[str, pd.Series, str]]:
    """Column, whether each of its cells fits the others, and what it needs."""
    for name in ("last_observed", "month"):
        yield name, rows[name].dt.is_month_start, "the first day of a month"
    yield "issued", rows["issued"] <= pd.Timestamp(date.today() + CLOCK), "a day that has come"
    last, month = (rows[name].dt.year * 12 + rows[name].dt.month for name in DAYS[1:])
    yield "horizon", rows["horizon"] == month - last, "the months from last_observed to month"
    for lower, upper in pairwise(RISING):
        yield upper, rows[upper] >= rows[lower], f"no less than {lower}"
    for name in SAME:
        yield name, rows[name] == rows[name].iloc[0], f"{rows[name].iloc[0]} as in the first row"


def score_issued(issued: pd.DataFrame, series: pd.Series) -> pd.DataFrame:
    """Issued forecasts of the series' destination in the columns of Forecasts.

    A forecast issued after its month's release was late, whether or not the data knew of it.
    """
    own = issued[issued["destination"] == series.name].reset_index(drop=True)
    release = own["month"] + pd.DateOffset(months=1, days=RELEASE_DAY - 1)
    kind = np.where(own["issued"] >= release, "issued late", "issued")
    return _scored(own.assign(kind=kind), series)


def forecasts_table(found: Outlook | None, scored: pd.DataFrame, series: pd.Series) -> pd.DataFrame:
    """All forecasts of one series: those issued (`score_issued`), the next, earlier origins'."""
    parts = [scored]
    if found is not None:
        ahead = issue_rows(found, series, date.today()).assign(kind="next", issued=NEVER)
        known = found.rolling.dropna(subset="outcome")
        earlier = known.assign(
            kind="rolling origin",
            destination=str(series.name),
            issued=NEVER,
            last_observed=pd.PeriodIndex(known["origin"]).to_timestamp(),
            month=pd.PeriodIndex(known["period"]).to_timestamp(),
        )
        parts += [_scored(ahead, series), _scored(earlier, series)]
    return pd.concat([part for part in parts if len(part)] or [scored], ignore_index=True)


def _scored(frame: pd.DataFrame, series: pd.Series) -> pd.DataFrame:
    months = pd.PeriodIndex(frame["month"], freq="M")
    outcome = pd.Series(series.reindex(months).to_numpy(), index=frame.index)
    known = frame.assign(outcome=outcome, score=weighted_score(frame, outcome.to_numpy()))
    return known[list(Forecasts.columns)]


def months_not_held(origin: pd.Period, scored: pd.DataFrame) -> list[pd.Period]:
    """Months after `origin` that customs had published by the last day of issue."""
    if scored.empty:
        return []
    released = scored["issued"].max() - pd.DateOffset(days=RELEASE_DAY - 1)
    return list(pd.period_range(origin + 1, released.to_period("M") - 1, freq="M"))


def main(arguments: list[str] | None = None) -> int:
    """Issue one forecast and say what it is; the exit status is 1 if it cannot be made."""
    default = Forecasting()
    parser = Parser(prog="python -m pipeline forecast", description=__doc__)
    parser.add_argument("--ahead", type=int, default=default.ahead, help="months to forecast")
    parser.add_argument("--processed-dir", default=default.processed_dir)
    parser.add_argument("--forecasts-dir", default=default.forecasts_dir)
    try:
        asked = check(Forecasting, vars(parser.parse_args(arguments)), "forecast")
        series = load_world(asked)
        found = forecast_world(asked, series)
        path = issue(issue_rows(found, series, date.today()), asked.issued)
    except (TableError, EffectError, ParameterError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    where = path.relative_to(ROOT) if path.is_relative_to(ROOT) else path
    first = found.table.iloc[0]
    print(
        f"Exports to the world in {first['period']:%B %Y}: {first['median']:,.0f} tonnes (95 % "
        f"interval {first['lower_95']:,.0f} to {first['upper_95']:,.0f})\n"
        f"Issued as {where}; commit it, and never change it"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
