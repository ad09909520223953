"""The data as they came in: what each vintage changed, and what it would have answered.

A vintage is what was known at the end of a month in which something came out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from claims import Evidence, check_claims
from contracts import TableError
from effects import EffectError, average_effect
from effects.regimes import Policy
from ledger import Reconciliation, known_figures
from ledger.series import monthly_series
from ledger.vintages import KnownPast, code_of
from tradedata.customs.vintages import on_record
from tradedata.destinations import destination_name
from words import interval, months, percent

from analysis.answer import fit_change, window_terms
from analysis.study import ROOT, Cleaning, Study
from analysis.tables import RealTime
from analysis.vintages import reconcile_known

ESTIMATES = ["estimate", "lower", "upper", "level", "p_value"]
METHOD = (
    *("libs/ledger", "libs/tradedata", "libs/contracts", "analysis/vintages.py"),
    "requirements.lock",
)
"""What decides a vintage's series beside its figures, and the versions of the libraries used."""
FOLDER = "vintages"
"""Where the series of past days are kept, beside the tables they are made from."""
MOST_DRAWN = 3
"""Destinations that one figure can tell apart."""


class History:
    """What was known on past days, and which of them first answered a question.

    `figures`, `sources` and `products` keep the contracts of that name.
    """

    def __init__(
        self,
        figures: pd.DataFrame,
        sources: pd.DataFrame,
        cleaning: Cleaning,
        products: pd.DataFrame | None = None,
    ) -> None:
        def make(day: str) -> Reconciliation:
            dated = cleaning.model_copy(update={"as_of": day})
            return reconcile_known(figures, sources, dated, products)

        folders = {"raw_dir", "processed_dir", "reports_dir", "as_of"}
        linked = "" if products is None else products.to_csv(index=False)
        self.past = KnownPast(
            figures,
            sources,
            on_record(cleaning.raw),
            cleaning.processed / FOLDER,
            make,
            [*code_of(ROOT, METHOD), cleaning.model_dump_json(exclude=folders), linked],
        )
        self.days = self.past.days(cleaning.series)
        self.doubted = self.past.doubted

    def vintages(
        self, exports: pd.DataFrame, most: int, studies: Sequence[Study], policy: Policy
    ) -> dict[pd.Timestamp, pd.DataFrame]:
        """The table Exports by day, of the last `most` vintages; the last is `exports` itself.

        Older ones are here where they are the first to answer one of the `studies`, with `policy`
        as catalogued. Series that this history has not used are removed.
        """
        *earlier, last = self.days
        split = max(len(earlier) + 1 - most, 0)
        known, waiting = {}, list(studies)
        for day in earlier[:split]:
            asked = [study for study in waiting if study.end < day]
            if not asked:
                continue
            table = self.past.exports(day)
            told = [one for one in asked if _ask(one, table, policy)["verdict"] != "not told"]
            if told:
                known[day] = table
            waiting = [study for study in waiting if study not in told]
        known |= {day: self.past.exports(day) for day in earlier[split:]}
        self.past.forget_unused()
        return {pd.Timestamp(day): table for day, table in {**known, last: exports}.items()}


def verdicts_then(
    claims: pd.DataFrame,
    exports: pd.DataFrame,
    day: pd.Timestamp,
    sources: pd.DataFrame,
    evidence: Evidence,
) -> pd.Series:
    """The verdicts on claims, by claim, from the `exports` and the figures known on `day`."""
    known = known_figures(evidence.figures, sources, f"{day:%Y-%m-%d}")
    then = replace(evidence, exports=exports, figures=known)
    return check_claims(claims, then).set_index("claim_id")["verdict"]


def ask_vintages(
    vintages: Mapping[pd.Timestamp, pd.DataFrame], policy: Policy, studies: Iterable[Study]
) -> pd.DataFrame:
    """Every study's headline question asked of every vintage (tables Exports by day).

    The columns of RealTime and `question`: exports to the world in April to May 2025.
    """
    about = {"study", "destination", "headline", "start", "end"}
    rows = [
        {
            "vintage": day,
            **study.model_dump(include=about),
            **_ask(study, exports, policy),
            "question": _question(study),
        }
        for study in studies
        for day, exports in vintages.items()
    ]
    return pd.DataFrame(rows, columns=[*RealTime.columns, "question"])


def _question(study: Study) -> str:
    kind = "change of exports" if study.headline == "swing" else "exports"
    window = months(*(pd.Period(end, freq="M") for end in (study.start, study.end)))
    return f"{kind} to {destination_name(study.destination)} in {window}"


def _ask(study: Study, exports: pd.DataFrame, policy: Policy) -> dict[str, Any]:
    try:
        row = _estimate(study, exports, policy)
    except (EffectError, TableError) as reason:
        return dict.fromkeys(ESTIMATES, np.nan) | {"verdict": "not told", "reason": str(reason)}
    side = {(True, False): "above", (False, True): "below"}
    verdict = side.get((row["lower"] > 0, row["upper"] < 0), "no larger than usual")
    return {name: row[name] for name in ESTIMATES} | {"verdict": verdict, "reason": ""}


def _estimate(study: Study, exports: pd.DataFrame, policy: Policy) -> pd.Series:
    series = monthly_series(exports, study.destination, study.value)
    window = pd.period_range(study.start, study.end, freq="M")
    if series.reindex(window).isna().any():
        raise EffectError(f"not every month from {study.start} to {study.end} is observed")
    if study.headline == "swing":
        return fit_change(study, series, policy).table.iloc[0]
    terms = window_terms(study, series, policy)
    quiet = policy.quiet_end()
    return average_effect(series, study.start, study.end, quiet_end=quiet, **terms).table.iloc[0]


def answers_given(real_time: pd.DataFrame) -> pd.DataFrame:
    """The rows of vintages that could tell, with the verdict `before` of each study, or nothing."""
    told = real_time[real_time["verdict"] != "not told"]
    return told.assign(before=told.groupby("study")["verdict"].shift().fillna(""))


def compare_conclusions(real_time: pd.DataFrame) -> pd.DataFrame:
    """Each question under the last two vintages, and whether its answer moved.

    An answer has moved when its verdict is another, or when one estimate lies outside the other's
    interval. Columns study, question, before, now (estimates with intervals), outcome; no row
    where there are not two vintages.
    """
    columns = ["study", "question", "before", "now", "outcome"]
    days = sorted(real_time["vintage"].unique())[-2:]
    if len(days) < 2:
        return pd.DataFrame(columns=columns)
    old, now = (real_time[real_time["vintage"] == day].set_index("study") for day in days)
    stays = now["estimate"].between(old["lower"], old["upper"])
    stays &= old["estimate"].between(now["lower"], now["upper"])
    stays = (old["verdict"] == now["verdict"]) & (stays | (now["verdict"] == "not told"))
    said = {"before": old.apply(_answer, axis=1), "now": now.apply(_answer, axis=1)}
    outcome = np.where(stays, "stands", "moved")
    compared: pd.DataFrame = now.assign(**said, outcome=outcome).reset_index()[columns]
    return compared


def _answer(row: pd.Series) -> str:
    """What a row of RealTime says: −61 % (−70 to −50 %), below."""
    if row["verdict"] == "not told":
        return "not told"
    ends = interval(row["lower"], row["upper"], unit="%")
    return f"{percent(row['estimate'])} ({ends}), {row['verdict']}"


def out_of_reach(revisions: pd.DataFrame, real_time: pd.DataFrame) -> dict[str, Any]:
    """What added months missed that come after every window asked about; nothing if one does not.

    first, last: of the months added; end: of the last window; earlier: how many months up to then
    changed, of the destinations asked about. The tables keep the contracts of their names.
    """
    asked = revisions[revisions["destination"].isin(real_time["destination"])]
    index = pd.PeriodIndex(asked["month"], freq="M")
    added = index[asked["change"] == "added"]
    if added.empty or added.min() <= (end := pd.Period(real_time["end"].max(), freq="M")):
        return {}
    earlier = int((index <= end).sum())
    return {"first": added.min(), "last": added.max(), "end": end, "earlier": earlier}


def drawn_together(real_time: pd.DataFrame) -> pd.DataFrame:
    """The rows of the window asked about for most destinations, one study for each of them.

    Empty where no vintage tells such an effect; at most MOST_DRAWN destinations.
    """
    asked = real_time[real_time["headline"] == "counterfactual"]
    told = asked.dropna(subset="estimate")
    if told.empty:
        return told
    counts = told.groupby(["start", "end"])["destination"].nunique()
    start, end = counts.index[int(counts.to_numpy().argmax())]
    own = told[(told["start"] == start) & (told["end"] == end)]
    first = own.drop_duplicates("destination")["study"].iloc[:MOST_DRAWN]
    return asked[asked["study"].isin(first)]
