"""The next months of magnet exports: the models, the forecasts on file, `pipeline forecast`.

A forecast is filed once, named by destination, day of issue and the first digits of its content's
SHA-256, so that a changed file gives itself away. What a later vintage of the data says is a new
file.
"""

from __future__ import annotations

import csv
import hashlib
import re
import sys
from collections.abc import Mapping
from datetime import date, timedelta
from io import StringIO
from itertools import pairwise, zip_longest
from pathlib import Path

import numpy as np
import pandas as pd
from contracts import ParameterError, Parser, TableError, check, read_table, validate
from effects import EffectError
from effects.forecasts import QUANTILES, Model, Outlook, local_level, outlook, seasonal_naive
from effects.forecasts import weighted_interval_score as weighted_score
from ledger.reconciliation import RELEASE_DAY
from ledger.series import monthly_series

from analysis.events import Regime, load_regimes, policy_regimes
from analysis.new_year import new_year_regressors
from analysis.regressors import counterfactual_regressors
from analysis.study import ROOT, Folders, Forecasting
from analysis.tables import Events, Exports, Forecasts, IssuedForecasts

DIGITS = 12
"""Digits of a digest in a file's name, and in the vintage it was made from."""
CLOCK = timedelta(days=730)
"""How far a machine's clock may be behind before a day of issue counts as not yet come."""
NUMBER = (r"(?=.*[1-9])[0-9]{1,9}(\.[0-9]{1,9})?", "a number above 0")
DAY = (r"[0-9]{4}-[0-9]{2}-[0-9]{2}", "a day like 2025-04-20")
FIRST = (r"[0-9]{4}-[0-9]{2}-01", "the first day of a month, like 2025-04-01")
FORMS: Mapping[str, tuple[str, str]] = {
    "destination": (r"[A-Z0-9_+-]+", "a destination of the exports table"),
    "issued": DAY,
    "vintage": (r"[0-9a-f]{12}", "12 digits of a SHA-256"),
    "last_observed": FIRST,
    "month": FIRST,
    "horizon": (r"[1-9][0-9]?", "a whole number of months from 1 on"),
    "model": (r"\S.*", "the name of a model"),
    **dict.fromkeys(QUANTILES, NUMBER),
}
"""What the text of each column of a forecast file looks like, and what that is called."""
RISING = ("lower_95", "lower_80", "median", "upper_80", "upper_95")


def candidates(policy: tuple[Regime, ...]) -> dict[str, Model]:
    """Same month a year before, the rival; level, season and New Year; with regimes; with a drift.

    At every origin only the regimes begun by then are known, and the last of them goes on.
    """

    def with_policy(months: pd.PeriodIndex, origin: pd.Period) -> pd.DataFrame:
        return counterfactual_regressors(months, policy, str(origin))

    return {
        "same month a year before": seasonal_naive,
        "level and season": local_level(lambda months, _: new_year_regressors(months)),
        "level, season and regimes": local_level(with_policy),
        "level, season, regimes and drift": local_level(with_policy, drift=True),
    }


def load_world(asked: Folders) -> pd.Series:
    """Tonnes a month to the world, as the tables of `asked` have them."""
    return monthly_series(read_table(asked.processed / "exports.parquet", Exports), "WLD")


def forecast_world(asked: Forecasting, series: pd.Series) -> Outlook:
    """The next months of `series`; EffectError where they cannot be told."""
    events = read_table(asked.processed / "events.parquet", Events)
    return outlook(series, candidates(policy_regimes(events, load_regimes(asked.raw))), asked.ahead)


def issue_rows(found: Outlook, series: pd.Series, issued: date) -> pd.DataFrame:
    """What a forecast file holds: one row a month."""
    months = pd.PeriodIndex(found.table["period"]).to_timestamp()
    return pd.DataFrame(
        {
            "destination": str(series.name),
            "issued": pd.Timestamp(issued),
            "vintage": _vintage_of(series),
            "last_observed": found.origin.to_timestamp(),
            "month": months,
            "horizon": found.table["horizon"],
            "model": found.model,
            **{name: found.table[name].round(1) for name in QUANTILES},
        }
    )


def _vintage_of(series: pd.Series) -> str:
    """First digits of the SHA-256 of a series' observed months and tonnes, a line each."""
    observed = series.dropna().items()
    return _digits("".join(f"{month},{tonnes:.3f}\n" for month, tonnes in observed))


def _digits(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:DIGITS]


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
    text = checked.to_csv(index=False, date_format="%Y-%m-%d", lineterminator="\n")
    path = folder / f"{destination}-{checked['issued'].iloc[0]:%Y-%m-%d}-{_digits(text)}.csv"
    folder.mkdir(parents=True, exist_ok=True)
    with path.open("x", encoding="utf-8", newline="") as new:
        new.write(text)
    return path


def read_issued(folder: Path) -> pd.DataFrame:
    """All forecasts filed in `folder`, the earliest first.

    TableError, one line with file, line, field and value, for a file that was changed after it
    was issued, that is malformed, or that holds a forecast which another holds already.
    """
    held: dict[tuple[str, str], Path] = {}
    parts: list[pd.DataFrame] = []
    for path in sorted(folder.glob("*.csv")):
        rows = _read_forecast(path)
        first = rows.iloc[0]
        other = held.setdefault((first["destination"], first["vintage"]), path)
        if other != path:
            raise _refusal(path, 2, "vintage", first["vintage"], f"a file, {other.name} has it")
        parts.append(rows)
    whole = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(FORMS))
    rows = validate(whole, IssuedForecasts, str(folder))
    return rows.sort_values(["issued", "destination", "month"], ignore_index=True)


def _refusal(path: Path, line: int, field: str, found: str, needs: str) -> TableError:
    return TableError(f"{path.name}: line {line}, column {field}: found {found!r}, needs {needs}")


def _read_forecast(path: Path) -> pd.DataFrame:
    """The cells of one forecast file as text, indexed by line."""
    text = _text_of(path)
    header, *cells = list(csv.reader(StringIO(text))) or [[]]
    for found, name in zip_longest(header, FORMS, fillvalue=""):
        if found != name:
            needs = f"the column {name}" if name else "no more columns"
            raise _refusal(path, 1, name or found, found, needs)
    if not cells:
        raise _refusal(path, 2, "destination", "", "a month that is forecast")
    for line, row in enumerate(cells, start=2):
        if len(row) != len(FORMS):
            raise _refusal(path, line, "destination", ",".join(row), f"{len(FORMS)} fields")
        _check_cells(path, line, dict(zip(FORMS, row, strict=True)))
    rows = pd.DataFrame(cells, columns=list(FORMS), index=range(2, len(cells) + 2))
    _check_whole(path, rows)
    return rows


def _text_of(path: Path) -> str:
    content = path.read_bytes()
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        found = content[error.start : error.end].hex(" ")
        raise TableError(f"{path.name}: line {line}: found byte {found}, needs UTF-8") from None
    if not path.stem.endswith(f"-{_digits(text)}"):
        raise TableError(
            f"{path.name}: its content was changed after it was issued (it begins with "
            f"{_digits(text)}, its name says otherwise); restore the file, a forecast is never "
            "edited"
        )
    return text


def _check_cells(path: Path, line: int, row: dict[str, str]) -> None:
    """Refuse the first cell of a row that is not of its form or does not fit the others."""
    for field, (form, needs) in FORMS.items():
        is_day = form in (DAY[0], FIRST[0])
        if not re.fullmatch(form, row[field]) or (is_day and not _is_day(row[field])):
            raise _refusal(path, line, field, row[field], needs)
    if date.fromisoformat(row["issued"]) > date.today() + CLOCK:
        raise _refusal(path, line, "issued", row["issued"], "a day that has come")
    last, month = (pd.Period(row[name][:7], freq="M") for name in ("last_observed", "month"))
    if month.ordinal - last.ordinal != int(row["horizon"]):
        raise _refusal(path, line, "horizon", row["horizon"], f"the months from {last} to {month}")
    for lower, upper in pairwise(RISING):
        if float(row[lower]) > float(row[upper]):
            raise _refusal(path, line, upper, row[upper], f"no less than {lower}, {row[lower]}")


def _is_day(text: str) -> bool:
    return not pd.isna(pd.to_datetime(text, errors="coerce", format="%Y-%m-%d"))


def _check_whole(path: Path, rows: pd.DataFrame) -> None:
    """Refuse a row that is of another forecast than the first, or of a month told before."""
    for field in ("destination", "issued", "vintage", "last_observed", "model"):
        other = rows[rows[field] != rows[field].iloc[0]]
        if len(other):
            needs = f"{rows[field].iloc[0]!r} as in the first row"
            raise _refusal(path, int(other.index[0]), field, other[field].iloc[0], needs)
    twice = rows[rows["month"].duplicated()]
    if len(twice):
        raise _refusal(path, int(twice.index[0]), "month", twice["month"].iloc[0], "another month")


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
        ahead = issue_rows(found, series, date.today()).assign(kind="next")
        ahead["issued"] = pd.NaT
        parts += [_scored(ahead, series), _rolling_table(found, series)]
    return pd.concat([part for part in parts if len(part)] or [scored], ignore_index=True)


def _rolling_table(found: Outlook, series: pd.Series) -> pd.DataFrame:
    known = found.rolling.dropna(subset="outcome")
    frame = known.assign(
        kind="rolling origin",
        destination=str(series.name),
        issued=pd.Series(pd.NaT, index=known.index),
        last_observed=pd.PeriodIndex(known["origin"]).to_timestamp(),
        month=pd.PeriodIndex(known["period"]).to_timestamp(),
    )
    return _scored(frame, series)


def _scored(frame: pd.DataFrame, series: pd.Series) -> pd.DataFrame:
    months = pd.PeriodIndex(frame["month"], freq="M")
    outcome = pd.Series(series.reindex(months).to_numpy(), index=frame.index)
    known = frame.assign(outcome=outcome, score=weighted_score(frame, outcome.to_numpy()))
    return known[list(Forecasts.to_schema().columns)]


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
        print(file_forecast(asked, date.today()))
    except (TableError, EffectError, ParameterError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def file_forecast(asked: Forecasting, today: date) -> str:
    """Forecast the series as its tables now have it, file that, and say so."""
    series = load_world(asked)
    found = forecast_world(asked, series)
    path = issue(issue_rows(found, series, today), asked.issued)
    where = path.relative_to(ROOT) if path.is_relative_to(ROOT) else path
    first = found.table.iloc[0]
    return (
        f"Exports to the world in {first['period']:%B %Y}: {first['median']:,.0f} tonnes (95 % "
        f"interval {first['lower_95']:,.0f} to {first['upper_95']:,.0f})\n"
        f"Issued as {where}; commit it, and never change it"
    )


if __name__ == "__main__":
    sys.exit(main())
