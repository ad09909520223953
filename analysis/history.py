"""The data as they came in: what each vintage changed, and what it would have answered.

A vintage is what was known at the end of a month in which something came out.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

import pandas as pd
from contracts import TableError
from effects import EffectError
from effects.realtime import Asked, Found
from effects.regimes import Policy
from ledger import Reconciliation
from ledger.series import monthly_series
from ledger.vintages import KnownPast, code_of
from tradedata.customs.vintages import on_record
from tradedata.destinations import destination_name
from words import month_span

from analysis.answer import fit_average, fit_change
from analysis.study import ROOT, Cleaning, Study
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

    def make(day: str, earlier: Reconciliation | None) -> Reconciliation:
        dated = cleaning.model_copy(update={"as_of": day})
        return reconcile_known(figures, sources, dated, products, earlier)

    linked = "" if products is None else products.to_csv(index=False)
    asked = cleaning.model_dump_json(exclude={*cleaning.not_asked, "as_of"})
    downloads, folder = on_record(cleaning.raw), cleaning.processed / FOLDER
    method = [*code_of(ROOT, METHOD), asked, linked]
    return KnownPast(cleaning.series, figures, sources, downloads, folder, make, method)


def questions(studies: Iterable[Study], policy: Policy) -> list[Asked]:
    """The studies' headline questions of a table Exports, with `policy` as catalogued."""
    about = {"study", "destination", "headline", "start", "end"}
    return [
        Asked(study.model_dump(include=about), _question(study), partial(_estimate, study, policy))
        for study in studies
    ]


def _question(study: Study) -> str:
    kind = "change of exports" if study.headline == "swing" else "exports"
    window = month_span(study.start, study.end)
    return f"{kind} to {destination_name(study.destination)} in {window}"


def _estimate(study: Study, policy: Policy, exports: pd.DataFrame) -> Found:
    try:
        series = monthly_series(exports, study.destination, study.value)
    except TableError as reason:
        raise EffectError(str(reason)) from None
    window = pd.period_range(study.start, study.end, freq="M")
    if series.reindex(window).isna().any():
        raise EffectError(f"not every month from {study.start} to {study.end} is observed")
    fit = fit_change if study.headline == "swing" else fit_average
    return fit(study, series, policy)
