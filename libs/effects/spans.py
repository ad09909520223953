"""Periods as a reader says them: April 2025, April to May 2025, October 2025 to March 2026."""

from __future__ import annotations

import pandas as pd


def period_name(period: pd.Period) -> str:
    """'April 2025' of a month; of other periods what pandas prints."""
    return f"{period:%B %Y}" if period.freqstr == "M" else str(period)


def span_name(start: pd.Period, end: pd.Period) -> str:
    """One period, or the first and the last; the year once where they share it."""
    if start == end:
        return period_name(start)
    if start.freqstr == "M" and start.year == end.year:
        return f"{start:%B} to {end:%B %Y}"
    return f"{period_name(start)} to {period_name(end)}"


def during(start: pd.Period, end: pd.Period) -> str:
    """How a sentence about a window begins: In April 2025, From April to May 2025."""
    return f"{'In' if start == end else 'From'} {span_name(start, end)}"


def month_span(start: str, end: str) -> str:
    """`span_name` of months written as 2025-04."""
    return span_name(pd.Period(start, freq="M"), pd.Period(end, freq="M"))
