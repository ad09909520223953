"""Forecasts as they were issued: one file each, never changed.

A file is named by destination, day of issue and the first digits of its content's SHA-256, so a
changed file gives itself away. What a later vintage of the data says is a new file.
"""

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path

import pandas as pd
from contracts import TableError, read_table, validate

from analysis.forecast.outlook import Outlook
from analysis.forecast.scores import QUANTILES
from analysis.tables import IssuedForecasts

DIGITS = 12


def vintage_of(series: pd.Series) -> str:
    """First digits of the SHA-256 of a series' observed months and tonnes, a line each."""
    observed = series.dropna()
    lines = [f"{month},{tonnes:.3f}\n" for month, tonnes in observed.items()]
    return hashlib.sha256("".join(lines).encode()).hexdigest()[:DIGITS]


def issue_rows(found: Outlook, series: pd.Series, issued: date) -> pd.DataFrame:
    """What a forecast file holds: one row a month."""
    months = pd.PeriodIndex(found.table["period"]).to_timestamp()
    return pd.DataFrame(
        {
            "destination": str(series.name),
            "issued": pd.Timestamp(issued),
            "vintage": vintage_of(series),
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
    text = checked.to_csv(index=False, date_format="%Y-%m-%d", lineterminator="\n")
    path = folder / f"{destination}-{checked['issued'].iloc[0]:%Y-%m-%d}-{_digits(text)}.csv"
    folder.mkdir(parents=True, exist_ok=True)
    with path.open("x", encoding="utf-8", newline="") as new:
        new.write(text)
    return path


def read_issued(folder: Path) -> pd.DataFrame:
    """All forecasts filed in `folder`, the earliest first; a changed file is refused by name."""
    paths = sorted(folder.glob("*.csv"))
    for path in paths:
        digits = _digits(path.read_text(encoding="utf-8"))
        if not path.stem.endswith(f"-{digits}"):
            raise TableError(
                f"{path.name}: its content was changed after it was issued (it begins with "
                f"{digits}, its name says otherwise); restore the file, a forecast is never edited"
            )
    columns = list(IssuedForecasts.to_schema().columns)
    parts = [read_table(path, IssuedForecasts) for path in paths]
    rows = pd.concat(parts) if parts else pd.DataFrame(columns=columns)
    return rows.sort_values(["issued", "destination", "month"], ignore_index=True)


def _digits(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:DIGITS]
