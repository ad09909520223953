"""What every estimator returns: a table, a sentence made from it, and its refusals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape

import numpy as np
import pandas as pd

COLUMNS = (
    "estimator",
    "estimand",
    "start",
    "end",
    "estimate",
    "lower",
    "upper",
    "level",
    "p_value",
    "unit",
    "n_pre",
    "n_post",
)
"""The columns of effects.csv that an estimator knows; the study adds its own three."""
NUMBERS, COUNTS = ("estimate", "lower", "upper", "level", "p_value"), ("n_pre", "n_post")


class EffectError(ValueError):
    """A question the data cannot answer; the message says what is needed."""


@dataclass(frozen=True)
class EffectResult:
    """An estimate: `table` has one row an estimand, `sentence` is made from its numbers.

    cautions: what was found to be trouble for this estimate, a sentence each; none for most.
    """

    table: pd.DataFrame
    sentence: str
    cautions: tuple[str, ...] = field(kw_only=True, default=())

    def _repr_html_(self) -> str:
        return as_html(self.table, self.sentence)


def as_html(table: pd.DataFrame, sentence: str) -> str:
    """What a notebook shows of a result: its sentence over its table, all text escaped."""
    shown = table.to_html(index=False, border=0, na_rep="–", float_format="{:,.4g}".format)
    return f"<p>{escape(sentence)}</p>{shown}"


def effect_table(rows: Sequence[Mapping[str, object]]) -> pd.DataFrame:
    """Rows of estimates as a table; what a row leaves out is missing."""
    kinds = dict.fromkeys(NUMBERS, "float64") | dict.fromkeys(COUNTS, "int64")
    columns = {
        name: pd.Series([row.get(name, np.nan) for row in rows], dtype=kinds.get(name))
        for name in COLUMNS
    }
    return pd.DataFrame(columns)


def effect_row(
    estimator: str,
    estimand: str,
    window: tuple[object, object],
    ends: Iterable[float],
    counts: tuple[int, int],
    unit: str = "%",
    **more: float,
) -> dict[str, object]:
    """One row of estimates.

    window: start, end; ends: estimate, lower, upper; counts: n_pre, n_post; more: level, p_value.
    """
    names = ("estimate", "lower", "upper", "start", "end", "n_pre", "n_post")
    numbers = dict(zip(names, (*ends, *map(str, window), *counts), strict=True))
    return {"estimator": estimator, "estimand": estimand, "unit": unit, **numbers, **more}


def percent_of(level: float) -> str:
    """A level as printed before a percent sign: 95, or 99.5, but for the noise of floats."""
    return f"{100 * level:.10g}"


def alpha(level: float) -> float:
    """The largest p-value that rejects at `level`, but for the noise of floats."""
    return 1 - level + 1e-12


def can_reject(floor: float, level: float) -> bool:
    """Whether a test whose p-value cannot be less than `floor` can reject anything at `level`."""
    return floor <= alpha(level)


def probability(p: float) -> str:
    """A p-value as printed: three decimals, never zero."""
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}"
