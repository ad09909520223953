"""The pre-specified tests of docs/method.md, read together, and destinations as a family."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
from effects import EffectError, average_effect, swing
from effects.families import (
    Family,
    common_shifts,
    holm,
    null_innovations,
    step_down,
)
from effects.spans import month_span
from tradedata.destinations import destination_name

from analysis.events import policy_regimes, quiet_end
from analysis.new_year import new_year_regressors
from analysis.regressors import counterfactual_regressors
from analysis.series import monthly_series, observed_countries
from analysis.study import Contrast, Study

PLANNED = (
    ("WLD", "2025-04", "2025-05", "2024-12"),
    ("USA", "2025-04", "2025-05", "2024-12"),
    ("GRP_WLD-USA", "2025-04", "2025-05", "2024-12"),
    ("WLD", "2025-10", "2025-11", "2025-09"),
)
"""Destination, window and end of baseline of the tests by `counterfactual`."""
USUAL = 68
"""Months of a complete panel from 2020 on, for comparison."""
PLANNED_SWING = ("WLD", "2025-09")


def standing(study: Study) -> str:
    """Whether the plan of analysis names what a study asks, in a sentence."""
    window = (study.destination, study.start, study.end, study.baseline_end)
    swing_asked = (study.destination, study.swing_month) == PLANNED_SWING
    named = swing_asked if study.headline == "swing" else window in PLANNED
    if named and study.value == "tonnes" and not study.as_of:
        return (
            "The headline is one of the five tests that the plan of analysis names; everything "
            "else on this page is exploratory."
        )
    return "The plan of analysis does not name this question: all of this page is exploratory."


def planned_family(exports: pd.DataFrame, events: pd.DataFrame, level: float) -> Family:
    """The five pre-specified tests by Holm's method."""
    policy = policy_regimes(events)
    p_values = {}
    for destination, start, end, baseline_end in PLANNED:
        series = monthly_series(exports, destination)
        months = pd.PeriodIndex(series.index)
        result = average_effect(
            series,
            start,
            end,
            baseline_end=baseline_end,
            quiet_end=quiet_end(policy),
            regressors=counterfactual_regressors(months, policy, baseline_end),
            level=level,
        )
        name = f"{destination_name(destination)}, {month_span(start, end)}"
        p_values[name] = result.table["p_value"].iloc[0]
    destination, month = PLANNED_SWING
    series = monthly_series(exports, destination)
    change = swing(
        series,
        month,
        baseline_end=quiet_end(policy),
        regressors=new_year_regressors(pd.PeriodIndex(series.index)),
        level=level,
    )
    name = f"{destination_name(destination)}, change of {month_span(month, month)}"
    p_values[name] = change.table["p_value"].iloc[0]
    return holm(pd.Series(p_values), level)


def destination_family(
    exports: pd.DataFrame, events: pd.DataFrame, asked: Contrast
) -> tuple[Family, dict[str, str]]:
    """The window's effect on every destination that can be told, by common shifts; and the rest.

    The second part says of each other destination why it cannot.
    """
    policy = policy_regimes(events)
    told, refused = {}, {}
    for destination in [*observed_countries(exports), asked.rest]:
        series = monthly_series(exports, destination)
        months = pd.PeriodIndex(series.index)
        try:
            told[destination_name(destination)] = null_innovations(
                series,
                asked.start,
                asked.end,
                baseline_end=asked.baseline_end,
                regressors=counterfactual_regressors(months, policy, asked.baseline_end),
            )
        except EffectError as reason:
            refused[destination_name(destination)] = str(reason)
    return step_down(common_shifts(pd.DataFrame(told), asked.start), asked.level), refused


def floors(own: Family, refused: Mapping[str, str], level: float) -> str:
    """What common shifts can show at best, and which destinations have no model."""
    shifts = round(1 / own.floor)
    most, usual = (int((1 - level) * count + 1e-9) for count in (shifts, USUAL))
    return (
        f"A permutation over {shifts} shifts gives no p-value below {own.floor:.3f}, and Holm's "
        f"method multiplies the least by the number of tests: of {most + 1} such tests or more "
        f"none could hold (with {USUAL} months, of {usual + 1}). That is why shifts are taken "
        f"together. Without a model of their own: {', '.join(refused) or 'none'}."
    )


def family_rows(families: Mapping[str, Family]) -> pd.DataFrame:
    """Families in the columns of families.csv."""
    columns = ["test", "p_value", "adjusted_p_value"]
    rows = [
        family.table[columns].assign(family=name, floor=family.floor)
        for name, family in families.items()
    ]
    return pd.concat(rows, ignore_index=True)[["family", *columns, "floor"]]
