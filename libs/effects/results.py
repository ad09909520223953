"""What every estimator returns: a table, a sentence made from it, and its refusals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape

import numpy as np
import pandas as pd
from scipy import special
from words import number, percent

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


ASKED = 10.0
"""Percent: the smallest change that is worth seeing."""
FAR, UNUSUAL, USUAL, UNTOLD = LABELS = (
    "far beyond usual",
    "unusual",
    "within the usual range",
    "cannot be told",
)
"""What an answer is called; docs/glossary.md says it in words."""


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


@dataclass(frozen=True)
class JudgedEffect(EffectResult):
    """An estimate whose first row is a test of no effect in percent, and what it could not see.

    minimum_detectable: the true effect, negative, that the test finds with 80 % power. interval90:
    the 90 % interval. Both in the table's unit, missing where they cannot be told.
    """

    minimum_detectable: float
    interval90: tuple[float, float]

    @property
    def is_clear(self) -> bool:
        """Whether the test rejects at the level of the table."""
        return is_clear(self.table.iloc[0])

    @property
    def label(self) -> str:
        """What the answer is called."""
        return label(self.table.iloc[0], self.minimum_detectable)

    @property
    def could_have_missed(self) -> str:
        """What an estimate no larger than usual could have missed; empty for a clear one."""
        row = self.table.iloc[0]
        if self.is_clear:
            return ""
        if pd.isna(row["lower"]):
            return "Among so few months no change, however large, could have been called unusual."
        text = (
            "That is no larger than usual, which does not mean that nothing happened: a departure "
            f"of anything from {percent(row['lower'])} to {percent(row['upper'])} fits the data."
        )
        if pd.notna(self.minimum_detectable):
            missed = number(abs(self.minimum_detectable))
            text += f" A fall of less than {missed} % would be missed more than one time in five."
        return text


def is_clear(row: pd.Series) -> bool:
    """Whether the test of a row of effects.csv rejects at its level."""
    return bool(row["p_value"] <= alpha(row["level"]))


def label(row: pd.Series, minimum_detectable: float) -> str:
    """What an answer is called, by its interval and by what it could have missed.

    row: of effects.csv, in percent. Clear of zero it is far beyond usual where even its nearest end
    is farther from zero, in logs, than the minimum detectable effect; else unusual. With zero in
    the interval it cannot be told where that effect is larger than `ASKED`; else it is within the
    usual range.
    """
    seen = _length(minimum_detectable)
    if is_clear(row):
        nearest = min(_length(row["lower"]), _length(row["upper"]))
        return FAR if nearest > seen else UNUSUAL
    return USUAL if seen <= _length(-ASKED) else UNTOLD


def missed(minimum_detectable: float) -> str:
    """What an answer could have missed, in a clause; empty where that cannot be told."""
    if not np.isfinite(minimum_detectable):
        return ""
    return f"a fall of less than {number(abs(minimum_detectable))} % could have been missed"


def _length(change: float) -> float:
    """How far a change in percent is from none, in logs."""
    return abs(float(np.log1p(max(change / 100, -0.9999))))


def as_html(table: pd.DataFrame, sentence: str) -> str:
    """What a notebook shows of a result: its sentence over its table, all text escaped."""
    shown = table.to_html(index=False, border=0, na_rep="–", float_format="{:,.4g}".format)
    return f"<p>{escape(sentence)}</p>{shown}"


def effect_table(rows: Sequence[Mapping[str, object]]) -> pd.DataFrame:
    """Rows of estimates as a table; what a row leaves out is missing."""
    kinds = dict.fromkeys(NUMBERS, "float64") | dict.fromkeys(COUNTS, "int64")
    columns = {name: [row.get(name, np.nan) for row in rows] for name in COLUMNS}
    numbers = {name: np.array(columns[name], dtype=kind) for name, kind in kinds.items()}
    return pd.DataFrame(columns | numbers)


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


def t_reach(level: float, free: float) -> float:
    """How many standard errors an interval at `level` reaches to either side, by Student's t."""
    return float(special.stdtrit(free, (1 + level) / 2))


def t_p_value(t: float, free: float) -> float:
    """The two-sided p-value of an estimate over its standard error, by Student's t."""
    return float(2 * special.stdtr(free, -abs(t)))


def t_test(estimate: float, error: float, free: float, level: float) -> tuple[float, float, float]:
    """p-value of no effect and interval of an estimate with its standard error, by Student's t."""
    half = t_reach(level, free) * error
    return t_p_value(estimate / error, free), estimate - half, estimate + half


def can_reject(floor: float, level: float) -> bool:
    """Whether a test whose p-value cannot be less than `floor` can reject anything at `level`."""
    return floor <= alpha(level)


def probability(p: float) -> str:
    """A p-value as printed: three decimals, never zero."""
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}"
