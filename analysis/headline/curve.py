"""The variants of one model together: their specification curve, and one test of all."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
from effects import (
    EffectError,
    EffectResult,
    common_shifts,
    null_innovations,
    specification_curve,
)
from effects.results import effect_table

from analysis.headline.sensitivity import Variant
from analysis.specifications import ESTIMANDS, Specifications
from analysis.study import Study

ONE_THING_EACH = (
    "Every variant changes one thing and is fitted to nearly the same months, so they are not "
    "independent: how many intervals leave out zero is a count, and the test of all together is "
    "in the text."
)


def variant_curve(table: pd.DataFrame) -> Specifications:
    """The variants that could be estimated, sorted, over what was changed. `table`: Sensitivity."""
    told = table.dropna(subset="estimate").sort_values(["estimate", "variant"], ignore_index=True)
    aspects = tuple(dict.fromkeys(table["aspect"]))
    changed = {aspect: told["variant"].where(told["aspect"] == aspect) for aspect in aspects}
    return Specifications(
        "variants",
        ESTIMANDS["counterfactual"],
        "%",
        told[["variant", "estimate", "lower", "upper", "p_value"]].assign(**changed),
        tuple(aspect for aspect in aspects if changed[aspect].notna().any()),
        tuple(table.loc[table["estimate"].isna(), "variant"]),
        "variant",
        ONE_THING_EACH,
    )


def joint_test(study: Study, tried: Sequence[Variant], table: pd.DataFrame) -> EffectResult:
    """One test of all variants that `table` tells; no row where there can be none.

    The estimate is the median t of the variants, the p-value that of its common shifts.
    """
    told = set(table.loc[table["reason"] == "", "variant"])
    try:
        innovations = {
            variant.name: variant.put_to(null_innovations, study)
            for variant in tried
            if variant.name in told
        }
        shifts = common_shifts(pd.DataFrame(innovations), study.start)
        found = specification_curve(shifts, study.level)
    except EffectError as reason:
        text = f"All variants cannot be tested together: {reason}."
        return EffectResult(effect_table([]), text)
    median = found.table.iloc[0]
    row = {
        "estimator": "common shifts",
        "estimand": "median t of all variants",
        "start": study.start,
        "end": study.end,
        "estimate": median["observed"],
        "p_value": median["p_value"],
        "unit": "t",
        "n_pre": table["n_pre"].iloc[0],
        "n_post": table["n_post"].iloc[0],
    }
    return EffectResult(effect_table([row]), found.sentence)
