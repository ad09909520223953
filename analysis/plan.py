"""The pre-specified tests of docs/method.md, read together, and destinations as a family."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
from contracts import TableError
from effects import EffectError
from effects.families import Family, common_shifts, holm, null_innovations, step_down
from effects.regimes import Policy
from ledger.series import monthly_series, observed_countries
from tradedata.destinations import destination_name
from words import month_span

from analysis.answer import fit_change, fit_effect
from analysis.regressors import series_regressors
from analysis.study import Contrast, Study, planned_studies

BESIDE = {
    "p_value_by_rank": "placebo dates",
    "p_value_by_permutation": "conformal permutation",
}
"""The columns of an effect's other p-values and the estimators they are of; a swing has none."""


def planned_family(exports: pd.DataFrame, policy: Policy, level: float) -> Family:
    """The planned questions by Holm's method.

    Beside the p-values that are adjusted stand those of the rank among dates and the permutation;
    that of a swing is a rank itself. Effects over windows come first, then changes of single
    months. EffectError where one of them cannot be told, since the family is then another.
    """
    found = {
        _test_name(study): _p_values(study, exports, policy, level)
        for study in sorted(planned_studies(), key=lambda one: one.headline)
    }
    table = pd.DataFrame(found).T
    family = holm(table["p_value"], level)
    others = table.drop(columns="p_value").reset_index(drop=True)
    return replace(family, table=family.table.join(others))


def _test_name(study: Study) -> str:
    where = destination_name(study.destination)
    if study.headline == "swing":
        return f"{where}, change of {month_span(study.swing_month, study.swing_month)}"
    return f"{where}, {month_span(study.start, study.end)}"


def _p_values(
    study: Study, exports: pd.DataFrame, policy: Policy, level: float
) -> dict[str, float]:
    series = monthly_series(exports, study.destination)
    fit = fit_change if study.headline == "swing" else fit_effect
    found = fit(study.model_copy(update={"level": level}), series, policy).table
    tests = found.drop_duplicates("estimator").set_index("estimator")["p_value"]
    asked = {"p_value": study.headline, **BESIDE}
    return {name: float(tests[one]) for name, one in asked.items() if one in tests}


def destination_family(
    exports: pd.DataFrame, policy: Policy, asked: Contrast
) -> tuple[Family, dict[str, str]]:
    """The window's effect on every destination that can be told, by common shifts; and the rest.

    The second part says of each other destination why it cannot.
    """
    told, refused = {}, {}
    for destination in [*observed_countries(exports), asked.rest]:
        try:
            series = monthly_series(exports, destination)
            told[destination_name(destination)] = null_innovations(
                series,
                asked.start,
                asked.end,
                baseline_end=asked.baseline_end,
                regressors=series_regressors(series, policy, asked.baseline_end),
            )
        except (EffectError, TableError) as reason:
            refused[destination_name(destination)] = str(reason)
    if not told:
        raise EffectError("no destination has a model of its own")
    return step_down(common_shifts(pd.DataFrame(told), asked.start), asked.level), refused
