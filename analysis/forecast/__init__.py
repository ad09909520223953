"""The next months of a series, with intervals, and the record of how such forecasts did."""

from analysis.forecast.candidates import candidates
from analysis.forecast.ledger import issue, issue_rows, read_issued
from analysis.forecast.outlook import Outlook, outlook
from analysis.forecast.scoreboard import (
    beyond,
    describe_issued,
    forecast_answers,
    forecasts_table,
    ledger_end,
    misses,
    score_issued,
)

__all__ = [
    "Outlook",
    "beyond",
    "candidates",
    "describe_issued",
    "forecast_answers",
    "forecasts_table",
    "issue",
    "issue_rows",
    "ledger_end",
    "misses",
    "outlook",
    "read_issued",
    "score_issued",
]
