"""How a table stands in an article."""

from __future__ import annotations

import pandas as pd
from IPython.display import HTML

DECIMALS = {"p_value": 3, "adjusted_p_value": 3, "level": 2}
"""Columns that have decimals of their own."""


def show_table(table: pd.DataFrame, digits: int = 0) -> HTML:
    """A table without its index, every cell in full and every tag in it as text.

    Numbers that are not whole by type have `digits` decimals (p-values and levels their own) and
    thousands separators; what is missing is a dash.
    """
    numbers = table.select_dtypes("float")
    texts = {str(name): _texts(column, digits) for name, column in numbers.items()}
    with pd.option_context("display.max_colwidth", None, "display.max_rows", None):
        html = table.assign(**texts).to_html(index=False, escape=True, border=0, na_rep="–")
    return HTML(html)  # type: ignore[no-untyped-call]


def _texts(column: pd.Series, digits: int) -> list[str]:
    own = DECIMALS.get(str(column.name), digits)
    return [_text(value, own, str(column.name).endswith("p_value")) for value in column]


def _text(value: float, digits: int, is_probability: bool) -> str:
    if pd.isna(value):
        return "–"
    if is_probability and value < 0.001:
        return "< 0.001"
    return f"{value:,.{digits}f}".replace("-", "−")
