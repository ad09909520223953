"""What a family of estimators brings to be calibrated."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd


@dataclass(frozen=True)
class Part:
    """One family of estimators: its cases, how they are simulated and the page made of the rates.

    rates: rows of the table for one case, each with `rejected` (a share) and `draws` (of how
    many series) beside what names it; a function of a module, so that it can be sent to other
    processes. page: the whole page from the table (a column `monte_carlo_error` is added) and the
    words for when it was made.
    """

    name: str
    cases: Sequence[Any]
    rates: Callable[[Any], list[dict[str, Any]]]
    page: Callable[[pd.DataFrame, str], str]
    stem: str


def markdown(heads: list[str], rows: list[tuple[str, ...]]) -> str:
    """A table in Markdown."""
    lines = ["| " + " | ".join(heads) + " |", "|" + " --- |" * len(heads)]
    return "\n".join([*lines, *("| " + " | ".join(row) + " |" for row in rows)])


def percents(wide: pd.DataFrame, heads: list[str] | None = None) -> str:
    """A table of shares in percent, a row each of the index; heads: by default its own names."""
    keys = [key if isinstance(key, tuple) else (key,) for key in wide.index]
    rows = [
        (*map(str, key), *(f"{100 * rate:.1f}" for rate in row))
        for key, row in zip(keys, wide.to_numpy(), strict=True)
    ]
    names = ["series" if name == "pattern" else str(name) for name in wide.index.names]
    return markdown([*names, *(heads or map(str, wide.columns))], rows)


def by_noise(
    rates: pd.DataFrame, index: list[str], noises: Sequence[str], values: str = "rejected"
) -> str:
    """`percents` of `values` by `index` and kind of noise."""
    return percents(rates.pivot(index=index, columns="noise", values=values)[list(noises)])
