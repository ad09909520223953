"""The data as they came in: what each vintage changed, and what it would have answered.

A vintage is what was known at the end of a month in which something came out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import pandas as pd
from claims import Evidence, check_claims
from contracts import TableError
from effects import EffectError, average_effect
from effects.realtime import answer_row
from effects.regimes import Policy
from ledger import Reconciliation, known_figures
from ledger.series import monthly_series
from ledger.vintages import KnownPast, Question, code_of
from tradedata.customs.vintages import on_record
from tradedata.destinations import destination_name
from words import months

from analysis.answer import fit_change, window_terms
from analysis.study import ROOT, Cleaning, Study
from analysis.tables import RealTime
from analysis.vintages import reconcile_known

METHOD = (
    *("libs/ledger", "libs/tradedata", "libs/contracts", "analysis/vintages.py"),
    "requirements.lock",
)
"""What decides a vintage's series beside its figures, and the versions of the libraries used."""
FOLDER = "vintages"
"""Where the series of past days are kept, beside the tables they are made from."""


def load_past(
    figures: pd.DataFrame,
    sources: pd.DataFrame,
    cleaning: Cleaning,
    products: pd.DataFrame | None = None,
) -> KnownPast:
    """What was known on past days; `figures`, `sources` and `products` keep these contracts."""

    def make(day: str) -> Reconciliation:
        dated = cleaning.model_copy(update={"as_of": day})
        return reconcile_known(figures, sources, dated, products)

    linked = "" if products is None else products.to_csv(index=False)
    asked = cleaning.model_dump_json(exclude={*cleaning.not_asked, "as_of"})
    return KnownPast(
        cleaning.series,
        figures,
        sources,
        on_record(cleaning.raw),
        cleaning.processed / FOLDER,
        make,
        [*code_of(ROOT, METHOD), asked, linked],
    )


def questions(studies: Iterable[Study], policy: Policy) -> list[Question]:
    """The studies' headline questions, with `policy` as catalogued, as a past is asked them."""
    return [Question(study.end, partial(_is_told, study, policy)) for study in studies]


def _is_told(study: Study, policy: Policy, exports: pd.DataFrame) -> bool:
    return not _ask(study, exports, policy)["reason"]


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
    return answer_row(lambda: _estimate(study, exports, policy))


def _estimate(study: Study, exports: pd.DataFrame, policy: Policy) -> pd.Series:
    try:
        series = monthly_series(exports, study.destination, study.value)
    except TableError as reason:
        raise EffectError(str(reason)) from None
    window = pd.period_range(study.start, study.end, freq="M")
    if series.reindex(window).isna().any():
        raise EffectError(f"not every month from {study.start} to {study.end} is observed")
    if study.headline == "swing":
        return fit_change(study, series, policy).table.iloc[0]
    terms = window_terms(study, series, policy)
    quiet = policy.quiet_end()
    return average_effect(series, study.start, study.end, quiet_end=quiet, **terms).table.iloc[0]
