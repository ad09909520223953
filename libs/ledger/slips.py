"""Slips of the pen: what may have been meant by a printed number."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

FACTORS = (
    Decimal("0.001"),
    Decimal("0.01"),
    Decimal("0.1"),
    Decimal(10),
    Decimal(100),
    Decimal(1000),
)


def slips(value: str) -> Iterator[tuple[str, str]]:
    """The readings of `value` that one slip would explain: what happened, and what was meant."""
    yield from swapped(value)
    for factor in FACTORS:
        times = 1 / factor if factor < 1 else factor
        what = "too large" if factor < 1 else "too small"
        yield f"{times:,.0f} times {what}", f"{(Decimal(value) * factor).normalize():f}"
    if Decimal(value) != 0:
        yield "the sign", value.removeprefix("-") if value.startswith("-") else f"-{value}"


def swapped(value: str) -> Iterator[tuple[str, str]]:
    """`value` with two neighbouring digits exchanged."""
    for at in range(len(value) - 1):
        left, right = value[at], value[at + 1]
        if left.isdigit() and right.isdigit() and left != right:
            yield "two digits swapped", value[:at] + right + left + value[at + 2 :]
