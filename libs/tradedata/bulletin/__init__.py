"""Customs' monthly bulletin, its table of major commodities: printed, added to, read."""

from tradedata.bulletin.series import (
    difference_changes,
    difference_quantities,
    load_bulletin,
    unit_values,
    year_changes,
)

__all__ = [
    "difference_changes",
    "difference_quantities",
    "load_bulletin",
    "unit_values",
    "year_changes",
]
