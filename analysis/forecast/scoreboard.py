"""Forecasts beside what came, and how they did."""

from __future__ import annotations

import numpy as np
import pandas as pd
from effects.spans import period_name, span_name

from analysis.forecast.outlook import Outlook
from analysis.forecast.scores import weighted_interval_score
from analysis.tables import Forecasts

RELEASE_DAY = 20
"""Day of the next month on which customs publish exports by product and country."""
SHARED = ["month", "horizon", "model", "median", "lower_80", "upper_80", "lower_95", "upper_95"]


def score_issued(issued: pd.DataFrame, series: pd.Series) -> pd.DataFrame:
    """Issued forecasts of the series' destination in the columns of Forecasts.

    A forecast issued after its month's release was late, whether or not the data knew of it.
    """
    own = issued[issued["destination"] == series.name].reset_index(drop=True)
    release = own["month"] + pd.DateOffset(months=1, days=RELEASE_DAY - 1)
    kind = np.where(own["issued"] >= release, "issued late", "issued")
    return _scored(own.assign(kind=kind), series)


def rolling_table(found: Outlook, series: pd.Series) -> pd.DataFrame:
    """The forecasts from earlier origins whose outcome is known, in the columns of Forecasts."""
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
    known = frame.assign(outcome=outcome, score=weighted_interval_score(frame, outcome.to_numpy()))
    return known[list(Forecasts.to_schema().columns)]


def forecasts_table(found: Outlook, issued: pd.DataFrame, series: pd.Series) -> pd.DataFrame:
    """All forecasts of one series, those issued first."""
    parts = [score_issued(issued, series), rolling_table(found, series)]
    return pd.concat([part for part in parts if len(part)], ignore_index=True)


def ledger_end(origin: pd.Period, scored: pd.DataFrame) -> str:
    """The last month observed, and which later ones customs had published at the last issue."""
    told = f"The ledger ends in {period_name(origin)}"
    if scored.empty:
        return f"{told}."
    day = scored["issued"].max()
    published = (day - pd.DateOffset(days=RELEASE_DAY - 1)).to_period("M") - 1
    if published <= origin:
        return f"{told}."
    return (
        f"{told}; the later months that customs had published by {day:%-d %B %Y} "
        f"({span_name(origin + 1, published)}) are not in it."
    )


def describe_issued(scored: pd.DataFrame) -> str:
    """What is on file, what has come of it, and how it did."""
    if scored.empty:
        return "No forecast of this series has been issued yet."
    known = scored.dropna(subset="outcome")
    late = (scored["kind"] == "issued late").sum()
    text = (
        f"Forecasts of {len(scored)} months are on file, the last issued on "
        f"{scored['issued'].max():%-d %B %Y}; {len(known) or 'none'} of the months "
        f"{'is' if len(known) < 2 else 'are'} in the ledger by now."
    )
    if late:
        text += (
            f" {late} were issued after customs had published the month, which the data then did "
            "not hold: they show how the ledger works and prove nothing."
        )
    return text + _record(known[known["kind"] == "issued"])


def _record(known: pd.DataFrame) -> str:
    if known.empty:
        return " None that was issued in time has an outcome yet."
    inside = known["outcome"].between(known["lower_95"], known["upper_95"]).sum()
    return (
        f" Of those issued in time {inside} of {len(known)} lay within their 95 % interval; their "
        f"mean score is {known['score'].mean():.1f}."
    )


def misses(found: Outlook) -> str:
    """The months that the chosen model's 95 % intervals left out, one month ahead."""
    shared = found.board["cases"].iloc[0]
    own = found.rolling[(found.rolling["model"] == found.model) & (found.rolling["horizon"] == 1)]
    known = own.dropna(subset="outcome")
    out = known[~known["inside_95"].astype(bool)]
    names = ", ".join(period_name(period) for period in out["period"])
    return (
        f"One month ahead, {len(out)} of the {len(known)} months that this model could forecast "
        f"({shared} of them every model could) lay outside its 95 % interval"
        f"{f': {names}' if names else ''}. Its intervals take policy as it is: they do not hold "
        "the next change of it."
    )


def beyond(found: Outlook) -> str:
    """How the chosen model compares with the rival at each horizon, and what the rival says."""
    own = found.board[found.board["model"] == found.model]
    parts = [
        f"{row.horizon} ahead {row.against_rival:.2f} (of {row.cases})" for row in own.itertuples()
    ]
    worse = own.loc[own["against_rival"] > 1, "horizon"]
    return (
        f"Its score as a multiple of that of the {found.rival}, months {'; '.join(parts)}. Above 1 "
        f"it did worse.{_said_by_rival(found, worse)}"
    )


def _said_by_rival(found: Outlook, horizons: pd.Series) -> str:
    """What the rival says of the months forecast at horizons at which it has done better."""
    coming = found.table[found.table["horizon"].isin(horizons)]
    rows = found.rolling[
        (found.rolling["model"] == found.rival) & (found.rolling["origin"] == found.origin)
    ].set_index("horizon")
    said = [
        f"{rows['median'].xs(horizon):,.0f} for {period_name(period)}"
        for horizon, period in zip(coming["horizon"], coming["period"], strict=True)
        if horizon in rows.index
    ]
    return f" There the {found.rival} would say, in tonnes, {' and '.join(said)}." if said else ""


def forecast_answers(found: Outlook, scored: pd.DataFrame) -> dict[str, str]:
    """What the front page says of the next months, by question."""
    return {
        "What comes next?": f"{ledger_end(found.origin, scored)} {found.sentence}",
        "How did earlier forecasts do?": f"{misses(found)} {describe_issued(scored)}",
    }
