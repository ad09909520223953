"""How a table stands in an article."""

from __future__ import annotations

import pandas as pd
from IPython.display import HTML


def show_table(table: pd.DataFrame, digits: int = 0) -> HTML:
    """A table without its index, every cell in full and every tag in it as text.

    Numbers that are not whole by type have `digits` decimals and thousands separators; what is
    missing is a dash.
    """
    numbers = table.select_dtypes("float")
    texts = {str(name): [_number(value, digits) for value in numbers[name]] for name in numbers}
    with pd.option_context("display.max_colwidth", None, "display.max_rows", None):
        html = table.assign(**texts).to_html(index=False, escape=True, border=0, na_rep="–")
    return HTML(html)  # type: ignore[no-untyped-call]


def _number(value: float, digits: int) -> str:
    return "–" if pd.isna(value) else f"{value:,.{digits}f}".replace("-", "−")
